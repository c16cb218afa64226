"""What the user says of pictures, and taking many of them away as one zip."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import replace

import pytest

from gallery_app.catalog.values import Changes
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import BadInput, NotFound
from gallery_app.domain.query import AssetQuery
from gallery_app.services.downloads import Names, name_of
from tests.pictures import make_picture
from tests.services.house import House


@pytest.fixture
def uids(house: House) -> list[str]:
    """Three pictures, by name."""
    for name in ("a", "b", "c"):
        house.put(f"{name}/photo.jpg", make_picture(f"60x40 jpeg, noise seed {ord(name)}"))
    house.scan()
    house.render_all()
    return [a.uid for a in sorted(house.all(), key=lambda a: a.occurrences[0].key)]


class TestAnEdit:
    def test_changes_only_what_it_names(self, house: House, uids: list[str]) -> None:
        house.curation.edit(uids[0], Changes(title="Sea", rating=4))

        asset = house.curation.edit(uids[0], Changes(caption="Evening"))

        assert (asset.title, asset.caption, asset.rating) == ("Sea", "Evening", 4)

    def test_is_found_by_search_at_once(self, house: House, uids: list[str]) -> None:
        house.curation.edit(uids[1], Changes(title="Überlingen", set_tags=("Lake",)))

        for text in ("uberl", "lake"):
            query = AssetQuery.from_params({"q": [text]})
            assert [a.uid for a in house.browse.page(query).items] == [uids[1]]

    @pytest.mark.parametrize(
        "changes",
        [
            Changes(title="x" * 10_001),
            Changes(rating=6),
            Changes(set_tags=(" ",)),
            Changes(add_tags=("x" * 101,)),
            Changes(set_tags=tuple(str(n) for n in range(201))),
        ],
        ids=["long title", "six stars", "blank tag", "long tag", "too many tags"],
    )
    def test_nonsense_is_refused(self, house: House, uids: list[str], changes: Changes) -> None:
        with pytest.raises(BadInput):
            house.curation.edit(uids[0], changes)

    def test_of_the_unknown_is_not_found(self, house: House) -> None:
        with pytest.raises(NotFound):
            house.curation.edit("0" * 26, Changes())
        with pytest.raises(NotFound):
            house.curation.trash("0" * 26)


class TestABatch:
    def test_does_what_it_can_and_names_the_rest(self, house: House, uids: list[str]) -> None:
        result = house.curation.batch([*uids, "0" * 26], "favourite")

        assert result.done == tuple(uids)
        assert [uid for uid, _ in result.failed] == ["0" * 26]
        assert all(a.favourite for a in house.all())

    def test_tags_and_untags(self, house: House, uids: list[str]) -> None:
        house.curation.batch(uids, "tag", ["Sea", "Sun"])
        house.curation.batch(uids[:1], "untag", ["sea"])

        assert house.browse.get(uids[0]).tags == ("Sun",)
        assert house.browse.get(uids[1]).tags == ("Sea", "Sun")

    def test_the_trash_and_back(self, house: House, uids: list[str]) -> None:
        house.curation.batch(uids[:2], "trash")
        trash = house.browse.page(AssetQuery(trashed=True))

        assert {a.uid for a in trash.items} == set(uids[:2])
        assert {a.uid for a in house.all()} == {uids[2]}
        assert house.curation.restore(uids[0]).live
        assert not house.curation.trash(uids[2]).live

    @pytest.mark.parametrize(("action", "tags"), [("explode", ()), ("tag", ()), ("untag", ())])
    def test_nonsense_is_refused(
        self, house: House, uids: list[str], action: str, tags: tuple[str, ...]
    ) -> None:
        with pytest.raises(BadInput):
            house.curation.batch(uids, action, tags)


class TestAZip:
    def test_holds_every_original_under_a_name_of_its_own(
        self, house: House, uids: list[str]
    ) -> None:
        token = house.downloads.prepare(uids, name="summer")

        data = b"".join(house.downloads.stream(token))

        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            assert archive.namelist() == ["photo.jpg", "photo (2).jpg", "photo (3).jpg"]
            assert archive.read("photo.jpg") == (house.pictures / "a/photo.jpg").read_bytes()
        assert house.downloads.name(token) == "summer.zip"

    def test_names_what_could_not_be_read(self, house: House, uids: list[str]) -> None:
        (house.pictures / "b/photo.jpg").unlink()

        data = b"".join(house.downloads.stream(house.downloads.prepare(uids)))

        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert b"photo.jpg" in archive.read("MISSING.txt")
            assert len(archive.namelist()) == 3

    def test_names_a_ticket_s_pictures_after_it_and_by_what_they_are(self, house: House) -> None:
        house.put("inline-80012", make_picture("60x40 jpeg"))
        house.scan()
        plain = house.only()
        told: tuple[EntityRef, ...] = (
            EntityRef("product", "04006381333931"),
            EntityRef("ticket", "1001", "Cracked"),
        )

        assert name_of(plain) == "inline-80012.jpg"
        assert name_of(replace(plain, entities=told)) == "ticket 1001 inline-80012.jpg"
        told += tuple(EntityRef("ticket", number) for number in ("1001", "2002"))
        assert name_of(replace(plain, entities=told)) == "ticket 1001, 2002 inline-80012.jpg"
        told += tuple(EntityRef("ticket", number) for number in ("3003", "4004"))
        assert name_of(replace(plain, entities=told)).startswith("ticket 1001, 2002, 3003 and more")

    def test_waits_ten_minutes_and_no_longer(self, house: House, uids: list[str]) -> None:
        token = house.downloads.prepare(uids)
        house.clock.pass_(minutes=9)
        assert house.downloads.name(token)
        house.clock.pass_(minutes=2)

        with pytest.raises(NotFound):
            house.downloads.stream(token)

    def test_of_nothing_or_the_unknown_is_refused(self, house: House) -> None:
        with pytest.raises(BadInput):
            house.downloads.prepare([])
        with pytest.raises(NotFound):
            house.downloads.prepare(["0" * 26])


def test_progress_counts_what_is_left(house: House) -> None:
    house.put("x.jpg", make_picture("60x40 jpeg"))
    house.scan()
    waiting = house.status.progress()
    house.render_all()
    done = house.status.progress()

    assert (waiting.found, waiting.described, waiting.remaining) == (1, 1, 1)
    assert (done.rendered, done.remaining, done.scanning) == (1, 0, False)
    assert house.status.total() == 1


def test_naming_many_files_that_are_called_the_same_takes_no_longer_for_each() -> None:
    taken = Names()
    begun = time.process_time()

    given = [taken.unique("IMG_0001.JPG") for _ in range(20_000)]
    other = taken.unique("img_0001 (7).jpg")

    assert len({name.casefold() for name in given}) == 20_000
    assert given[:2] == ["IMG_0001.JPG", "IMG_0001 (2).JPG"]
    assert other == "img_0001 (7) (2).jpg"
    assert time.process_time() - begun < 5  # 0.05 s here; 60 s when each tries all before it
