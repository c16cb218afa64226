"""Making renditions: once, on demand, kept, remade, and never from a failure."""

from __future__ import annotations

import shutil
import threading
from io import BytesIO

import pytest
from PIL import Image

from gallery_app.domain.errors import (
    NotFound,
    NotReady,
    OutOfSpace,
    TooLarge,
    TooManyPixels,
    Unreadable,
    UnsupportedType,
    UpstreamGone,
)
from gallery_app.domain.model import Sha256
from gallery_app.domain.renditions import RENDITIONS
from gallery_app.imaging.process import process
from gallery_app.services.rendering import problem_of
from tests.pictures import make_picture
from tests.services.house import House


def _described(house: House, sentence: str = "900x600 jpeg, noise seed 1") -> str:
    house.put("a.jpg", make_picture(sentence))
    house.scan()
    return house.only().uid


class TestTheFirstRendering:
    def test_finds_out_hash_colour_and_placeholder(self, house: House) -> None:
        _described(house)

        house.render_all()

        asset = house.only()
        assert asset.status == "ready"
        assert asset.sha256
        assert asset.phash is not None
        assert asset.colour is not None
        assert asset.placeholder

    def test_a_viewer_gets_a_picture_that_was_never_rendered(self, house: House) -> None:
        uid = _described(house)

        found = house.media.rendition(uid, "small")

        assert Image.open(BytesIO(found.data)).size == (400, 267)
        assert house.only().status == "ready"

    def test_a_larger_rendition_comes_with_the_first_one(self, house: House) -> None:
        uid = _described(house)

        found = house.media.rendition(uid, "large")

        assert Image.open(BytesIO(found.data)).size == (900, 600)

    def test_many_who_ask_at_once_cause_one_decode(self, house: House) -> None:
        uid = _described(house)
        path = house.pictures / "a.jpg"
        house.pool.held = []
        found: list[bytes] = []
        threads = [
            threading.Thread(target=lambda: found.append(house.media.rendition(uid, "small").data))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        while not house.pool.held:
            threads[0].join(0.01)

        small = RENDITIONS["small"]
        house.pool.held[0].set_result(process(str(path), [small]))
        for thread in threads:
            thread.join(60)

        assert house.pool.processed == 1
        assert len(found) == 8
        assert len(set(found)) == 1

    def test_who_waits_too_long_is_told_to_come_back(self, house: House) -> None:
        uid = _described(house)
        house.pool.held = []

        with pytest.raises(NotReady):
            house.media.rendition(uid, "small", wait_s=0.01)


class TestTheCache:
    def test_a_rendition_is_made_once_and_kept(self, house: House) -> None:
        uid = _described(house)
        house.render_all()
        first = house.media.rendition(uid, "medium")
        again = house.media.rendition(uid, "medium")

        assert first == again
        assert house.pool.rendered == 1
        assert house.media.cached(uid, "medium") == first

    def test_a_torn_file_is_never_served_and_is_made_anew(self, house: House) -> None:
        uid = _described(house)
        house.render_all()
        whole = house.media.rendition(uid, "small")
        (file,) = [p for p in (house.data / "cache").rglob("*") if p.is_file()]
        for torn in (b"", whole.data[:100], bytes(len(whole.data))):
            file.write_bytes(torn)

            assert house.media.rendition(uid, "small").data == whole.data

    def test_the_whole_cache_may_be_deleted(self, house: House) -> None:
        uid = _described(house)
        house.render_all()
        shutil.rmtree(house.data / "cache")

        assert house.media.rendition(uid, "small").data

    def test_nothing_is_cached_from_a_failure(self, house: House) -> None:
        house.put("a.jpg", make_picture("900x600 jpeg")[:300])
        house.scan()
        house.render_all()
        asset = house.only()

        with pytest.raises(Unreadable):
            house.media.rendition(asset.uid, "small")

        assert asset.status == "unreadable"
        assert not any(p.is_file() for p in (house.data / "cache").rglob("*"))

    def test_a_picture_changed_in_place_gets_new_renditions(self, house: House) -> None:
        uid = _described(house)
        house.render_all()
        before = house.media.rendition(uid, "small")
        house.put("a.jpg", make_picture("900x600 jpeg, noise seed 2"), age_s=60)
        house.scan()

        after = house.media.rendition(uid, "small")

        assert after.data != before.data
        assert after.etag != before.etag
        assert after.version != before.version

    def test_a_picture_edited_before_its_scan_is_not_kept_as_the_old_one(
        self, house: House
    ) -> None:
        uid = _described(house)
        house.render_all()
        old = house.only().sha256
        assert old is not None
        house.put("a.jpg", make_picture("900x600 jpeg, noise seed 2"), age_s=60)

        with pytest.raises(NotReady):
            house.media.rendition(uid, "medium")

        assert house.cache.get(RENDITIONS["medium"].key(old)) is None
        house.scan()
        assert house.media.rendition(uid, "medium").data


class TestWhatCannotBeHad:
    def test_the_unknown(self, house: House) -> None:
        uid = _described(house)
        for ask in (("0" * 26, "small"), (uid, "poster")):
            with pytest.raises(NotFound):
                house.media.rendition(*ask)
            assert house.media.cached(*ask) is None
        with pytest.raises(NotFound):
            house.media.original("0" * 26)

    def test_an_original_whose_disk_is_away(self, house: House) -> None:
        uid = _described(house)
        house.pictures.rename(house.root / "away")

        with pytest.raises(UpstreamGone):
            house.media.rendition(uid, "small")
        with pytest.raises(UpstreamGone):
            house.media.original(uid)

    def test_a_cut_off_picture_is_shown_as_far_as_it_goes_and_says_so(self, house: House) -> None:
        data = make_picture("900x600 jpeg, noise seed 1")
        house.put("a.jpg", data[: len(data) * 2 // 3])
        house.scan()
        house.render_all()

        assert house.only().status == "ready"
        assert house.only().truncated

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (UnsupportedType("x"), "unsupported"),
            (TooManyPixels("x"), "too_many_pixels"),
            (TooLarge("x"), "too_large"),
            (Unreadable("x"), "unreadable"),
        ],
    )
    def test_the_reason_is_kept_with_the_asset(self, error: Unreadable, code: str) -> None:
        problem = problem_of(error)

        assert problem is not None
        assert problem.code == code

    @pytest.mark.parametrize("error", [UpstreamGone(), OutOfSpace(), NotReady()])
    def test_what_is_not_the_pictures_fault_is_not_held_against_it(
        self, error: UpstreamGone
    ) -> None:
        assert problem_of(error) is None


class TestFailures:
    def test_a_failed_rendering_is_listed_and_can_be_retried(self, house: House) -> None:
        house.put("a.jpg", make_picture("900x600 jpeg")[:250])
        house.scan()
        house.render_all()
        (job,), total = house.jobs.list("failed")
        assert (job.kind, job.subject, total) == ("render", "a.jpg", 1)
        assert job.error

        house.jobs.retry(job.id)
        closed = house.jobs.list("failed")[1]
        house.render_all()

        assert closed == 0
        assert house.only().status == "unreadable"
        assert house.jobs.list("failed")[1] == 1

    def test_a_mended_file_is_ready_and_no_longer_listed(self, house: House) -> None:
        good = make_picture("900x600 jpeg")
        house.put("a.jpg", good[:250])
        house.scan()
        house.render_all()

        house.put("a.jpg", good, age_s=60)
        house.scan()
        house.render_all()

        assert house.only().status == "ready"
        assert house.jobs.list("failed")[1] == 0

    def test_bytes_that_changed_since_they_were_described_are_not_recorded(
        self, house: House
    ) -> None:
        _described(house)
        house.put("a.jpg", make_picture("900x600 jpeg, noise seed 9"), age_s=30)

        house.render_all()
        before = house.only()
        house.scan()
        house.render_all()

        assert before.sha256 is None
        assert before.status == "described"
        assert house.only().status == "ready"

    def test_all_failures_can_be_retried_at_once(self, house: House) -> None:
        for number in range(3):
            house.put(f"{number}.jpg", make_picture(f"90x60 jpeg, noise seed {number}")[:250])
        house.scan()
        house.render_all()
        listed = house.jobs.list("failed")[1]

        assert house.jobs.retry_all() == listed

    def test_a_picture_begun_three_times_without_an_end_is_left_to_a_last_lonely_try(
        self, house: House
    ) -> None:
        _described(house)
        for _ in range(3):
            (asset_id,) = house.rendering.claim(10)

        assert house.rendering.claim(10) == []
        assert house.rendering.exhausted() == [asset_id]


def test_the_key_of_a_rendition_is_that_of_its_original(house: House) -> None:
    uid = _described(house)
    house.render_all()
    sha = house.only().sha256
    assert sha is not None

    house.media.rendition(uid, "small")

    assert house.cache.get(RENDITIONS["small"].key(Sha256(sha)))
