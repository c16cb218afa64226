"""Look-alikes: a copy saved anew is near, a stranger is none."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from gallery_app.domain.errors import BadInput, NotFound
from gallery_app.services.similar import NEAR, Similar
from tests.pictures import make_picture
from tests.services.house import House


@pytest.fixture
def similar(house: House) -> Similar:
    return Similar(house.catalog, house.browse)


def _fill(house: House) -> dict[str, str]:
    original = make_picture("640x480 jpeg, seed 7")
    house.put("original.jpg", original)
    for name, scale, quality in (("smaller.jpg", 0.5, 80), ("rough.jpg", 1.0, 30)):
        picture = Image.open(io.BytesIO(original))
        size = (round(picture.width * scale), round(picture.height * scale))
        target = io.BytesIO()
        picture.resize(size).save(target, "JPEG", quality=quality)
        house.put(name, target.getvalue())
    house.put("stranger.jpg", make_picture("640x480 jpeg, noise seed 99"))
    house.scan()
    house.render_all()
    return {asset.filename: asset.uid for asset in house.all()}


def test_a_resized_and_a_recompressed_copy_are_near(house: House, similar: Similar) -> None:
    uids = _fill(house)

    found = similar.of(uids["original.jpg"])

    assert {twin.asset.filename for twin in found} == {"smaller.jpg", "rough.jpg"}
    assert all(twin.band == "near" and twin.distance <= NEAR for twin in found)
    assert [twin.distance for twin in found] == sorted(twin.distance for twin in found)


def test_a_trashed_copy_is_none(house: House, similar: Similar) -> None:
    uids = _fill(house)
    house.curation.trash(uids["rough.jpg"])

    assert [t.asset.filename for t in similar.of(uids["original.jpg"])] == ["smaller.jpg"]


def test_before_it_was_rendered_there_are_none(house: House, similar: Similar) -> None:
    house.put("a.jpg", make_picture("640x480 jpeg, seed 7"))
    house.scan()

    assert similar.of(house.only().uid) == []


def test_the_threshold_is_adjustable_within_reason(house: House, similar: Similar) -> None:
    uids = _fill(house)

    assert all(twin.distance == 0 for twin in similar.of(uids["original.jpg"], within=0))
    for within in (-1, 21):
        with pytest.raises(BadInput):
            similar.of(uids["original.jpg"], within=within)
    with pytest.raises(BadInput):
        similar.of(uids["original.jpg"], limit=0)
    with pytest.raises(NotFound):
        similar.of("0" * 26)
