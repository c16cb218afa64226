"""Journey 1: a photo in a watched folder, from its first second to its return."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import Image

from gallery_app.catalog.values import Changes
from gallery_app.domain.errors import Upstream
from gallery_app.domain.model import Asset
from tests.journeys.whole import Whole, snapshot, until
from tests.pictures import QUADRANTS, make_picture

BEACH = make_picture(
    "640x480 jpeg, quadrants, orientation 6, taken 2016-07-03 14:05:06, camera Canon EOS 6D, "
    "gps 48.13743 11.57549, title At the lake, keywords lake summer"
)
OTHER = make_picture("640x480 jpeg, seed 7, taken 2016-07-03 14:05:06, camera Canon EOS 6D")


def tagged(whole: Whole, asset: Asset) -> Asset:
    """The asset after its owner gave it a tag, a title and a heart."""
    return whole.gallery.curation.edit(
        asset.uid, Changes(title="Mine", set_tags=("family",), favourite=True)
    )


def is_tagged(asset: Asset) -> bool:
    return (asset.title, asset.tags, asset.favourite) == ("Mine", ("family",), True)


class TestItAppears:
    async def test_as_a_tile_on_its_day_in_its_shape_and_colour(self, whole: Whole) -> None:
        whole.put("2016/beach.jpg", BEACH)

        whole.watch()
        (asset,) = whole.ready(1)
        async with whole.http() as http:
            timeline = (await http.get("/api/v1/timeline")).json()
            columns = (await http.get(f"/api/v1/timeline/{timeline['keys'][0]}")).content

        assert (timeline["keys"], timeline["counts"]) == (["2016-07"], [1])
        (count,) = struct.unpack_from("<I", columns)
        (aspect,) = struct.unpack_from("<H", columns, 8 + 16)
        day, flags = columns[8 + 16 + 4], columns[8 + 16 + 5]
        assert count == 1
        assert aspect == pytest.approx(480 / 640 * 4096, abs=2)
        assert day == 3
        assert flags & 4, "the rendition is made"
        assert asset.metadata.camera == "Canon EOS 6D"

    async def test_with_a_rendition_that_stands_upright_and_says_nothing(
        self, whole: Whole
    ) -> None:
        whole.put("beach.jpg", BEACH)
        whole.watch()
        (asset,) = whole.ready(1)

        async with whole.http() as http:
            for name in ("small", "medium", "large", "thumb"):
                answer = await http.get(f"/api/v1/assets/{asset.uid}/renditions/{name}")
                assert answer.status_code == 200, answer.text
                with Image.open(io.BytesIO(answer.content)) as picture:
                    assert not picture.getexif()
                    assert not set(picture.info) & {"exif", "xmp", "comment", "photoshop"}
                    corner = picture.convert("RGB").getpixel((10, 10))
                assert isinstance(corner, tuple)
                assert corner == pytest.approx(QUADRANTS[0], abs=12), name
                for secret in (b"Canon", b"lake", b"GPS"):
                    assert secret not in answer.content

    async def test_and_is_sent_once_only_to_who_has_it(self, whole: Whole) -> None:
        whole.put("beach.jpg", BEACH)
        whole.watch()
        (asset,) = whole.ready(1)

        async with whole.http() as http:
            address = f"/api/v1/assets/{asset.uid}/renditions/small?v={asset.version}"
            first = await http.get(address)
            again = await http.get(address, headers={"if-none-match": first.headers["etag"]})
            whole_file = await http.get(f"/api/v1/assets/{asset.uid}/original")

        assert "immutable" in first.headers["cache-control"]
        assert again.status_code == 304
        assert again.content == b""
        assert whole_file.content == BEACH

    def test_in_every_search_that_fits_it(self, whole: Whole) -> None:
        whole.put("2016/beach.jpg", BEACH)
        whole.put("2017/other.png", make_picture("64x48 png"))
        whole.watch()
        whole.ready(2)

        for wanted in ("bea", "lake", "summer", "canon", "type:jpeg beach", "year:2016", '"beach"'):
            assert [a.filename for a in whole.all(q=wanted)] == ["beach.jpg"], wanted
        assert whole.all(q="-beach type:jpeg") == []


class TestItChanges:
    def test_an_edited_picture_is_seen_anew_and_keeps_what_was_said_of_it(
        self, whole: Whole
    ) -> None:
        whole.put("beach.jpg", BEACH)
        whole.watch()
        (before,) = whole.ready(1)
        tagged(whole, before)
        old = whole.gallery.media.rendition(before.uid, "small").data

        whole.put("beach.jpg", OTHER, age_s=60)
        after = until(lambda: next((a for a in whole.ready(1) if a.sha256 != before.sha256), None))

        assert after.uid == before.uid
        assert is_tagged(after)
        assert after.version > before.version
        assert whole.gallery.media.rendition(after.uid, "small").data != old

    @pytest.mark.parametrize(
        "there",
        [
            pytest.param("2016/holiday.jpg", id="renamed"),
            pytest.param("2017/deep/er/beach.jpg", id="moved"),
            pytest.param("elsewhere.jpg", id="moved and renamed"),
        ],
    )
    def test_a_moved_one_stays_itself(self, whole: Whole, there: str) -> None:
        path = whole.put("2016/beach.jpg", OTHER)
        whole.watch()
        (before,) = whole.ready(1)
        tagged(whole, before)

        target = whole.pictures / there
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
        until(
            lambda: [_places(a) for a in whole.all()] == [{there}], saying=lambda: str(whole.all())
        )
        (after,) = whole.ready(1)

        assert after.uid == before.uid
        assert is_tagged(after)
        assert after.filename == target.name

    def test_a_copy_brings_no_tag_back_that_was_taken_away(self, whole: Whole) -> None:
        whole.put("beach.jpg", BEACH)
        whole.watch()
        tagged(whole, whole.ready(1)[0])

        whole.put("copy/beach2.jpg", BEACH)
        until(lambda: [a for a in whole.all() if len(_places(a)) == 2])

        assert is_tagged(whole.ready(1)[0])

    def test_a_whole_renamed_folder_too(self, whole: Whole) -> None:
        for number in range(12):
            whole.put(f"a/b/{number}.jpg", make_picture(f"64x48 jpeg, seed {number}"))
        whole.watch()
        before = {a.uid for a in whole.ready(12)}

        (whole.pictures / "a").rename(whole.pictures / "z")
        until(lambda: all(_places(a) == {f"z/b/{a.filename}"} for a in whole.all()))

        assert {a.uid for a in whole.ready(12)} == before

    def test_a_copy_is_the_same_picture_in_two_places(self, whole: Whole) -> None:
        whole.put("beach.jpg", BEACH)
        whole.watch()
        whole.ready(1)

        whole.put("copy/beach2.jpg", BEACH)
        until(
            lambda: [a for a in whole.all() if len(_places(a)) == 2],
            saying=lambda: str(whole.all()),
        )

        assert _places(whole.ready(1)[0]) == {"beach.jpg", "copy/beach2.jpg"}


class TestItGoes:
    def test_a_deleted_one_leaves_and_comes_back_as_it_was(self, whole: Whole) -> None:
        path = whole.put("beach.jpg", BEACH)
        whole.watch()
        (before,) = whole.ready(1)
        tagged(whole, before)

        path.unlink()
        until(lambda: not whole.all(), saying=lambda: str(whole.all()))
        whole.put("back/again.jpg", BEACH)
        (after,) = whole.ready(1)

        assert after.uid == before.uid
        assert is_tagged(after)

    def test_one_of_two_places_lost_is_no_loss(self, whole: Whole) -> None:
        path = whole.put("beach.jpg", BEACH)
        whole.put("copy/beach2.jpg", BEACH)
        whole.watch()
        until(
            lambda: [a for a in whole.all() if len(_places(a)) == 2],
            saying=lambda: str(whole.all()),
        )

        path.unlink()
        until(
            lambda: [a for a in whole.all() if len(_places(a)) == 1],
            saying=lambda: str(whole.all()),
        )

        (asset,) = whole.all()
        assert whole.gallery.media.original_file(asset.uid).path.read_bytes() == BEACH

    async def test_into_the_trash_and_back_without_touching_the_file(self, whole: Whole) -> None:
        path = whole.put("beach.jpg", BEACH)
        whole.watch()
        (asset,) = whole.ready(1)

        async with whole.http() as http:
            await http.delete(f"/api/v1/assets/{asset.uid}")
            trashed = (await http.get("/api/v1/assets?trashed=1")).json()
            assert (await http.get("/api/v1/assets")).json()["total"] == 0
            await http.post(f"/api/v1/assets/{asset.uid}/restore")
            restored = (await http.get("/api/v1/assets")).json()

        assert [a["id"] for a in trashed["items"]] == [a["id"] for a in restored["items"]]
        assert path.read_bytes() == BEACH


class TestTheDiskIsAway:
    """Absence is evidence of deletion only while the folder itself is proven present."""

    @pytest.fixture
    def away(self, whole: Whole) -> Path:
        """Three known pictures whose folder was just taken away."""
        for number in range(3):
            whole.put(f"{number}.jpg", make_picture(f"64x48 jpeg, seed {number}"))
        whole.watch()
        whole.ready(3)
        return whole.pictures.rename(whole.pictures.with_name("unplugged"))

    def _scan(self, whole: Whole) -> str:
        """Scan to the end; the state of the source when neither this nor the watch scans."""
        (folder,) = [s for s in whole.gallery.sources.list() if s.kind == "folder"]
        job = whole.gallery.sources.scan(folder.id)
        until(lambda: whole.gallery.jobs.get(job.id).state in {"done", "failed"})

        def rested() -> str | None:
            state = next(s.state for s in whole.gallery.sources.list() if s.id == folder.id)
            return None if state == "scanning" else state

        return until(rested)

    def test_nothing_is_marked_when_the_root_is_gone(self, whole: Whole, away: Path) -> None:
        state = self._scan(whole)

        assert state == "offline"
        assert len(whole.all()) == 3
        assert [whole.gallery.media.rendition(a.uid, "small").data for a in whole.all()]

    def test_nothing_is_marked_when_an_empty_mount_point_is_left(
        self, whole: Whole, away: Path
    ) -> None:
        whole.pictures.mkdir()

        state = self._scan(whole)

        assert state in {"offline", "attention"}
        assert len(whole.all()) == 3

    def test_all_is_as_before_when_the_disk_is_back(self, whole: Whole, away: Path) -> None:
        before = {(a.uid, a.version) for a in whole.all()}
        self._scan(whole)

        away.rename(whole.pictures)

        assert self._scan(whole) == "online"
        assert {(a.uid, a.version) for a in whole.ready(3)} == before

    def test_an_original_that_cannot_be_had_is_answered_with_a_sentence(
        self, whole: Whole, away: Path
    ) -> None:
        with pytest.raises(Upstream, match="disk or share connected"):
            whole.gallery.media.original(whole.all()[0].uid)


class TestTheOriginals:
    async def test_have_the_same_bytes_and_times_after_all_that_can_be_done_to_them(
        self, whole: Whole
    ) -> None:
        for number in range(6):
            whole.put(f"{number % 2}/{number}.jpg", make_picture(f"64x48 jpeg, seed {number}"))
        whole.put("broken.jpg", BEACH[:2000])
        before = snapshot(whole.pictures)
        names = {path.name for path in whole.pictures.rglob("*")}

        source = whole.watch()
        until(lambda: len(whole.all()) == 7 and not whole.gallery.status.progress().remaining)
        assets = whole.all()
        async with whole.http() as http:
            for asset in assets:
                url = f"/api/v1/assets/{asset.uid}"
                body = {"title": "T", "tags": ["x"], "rating": 3, "favourite": True}
                assert (await http.patch(url, json=body)).status_code == 200
                await http.get(f"{url}/renditions/large")
                await http.get(f"{url}/original")
                await http.delete(url)
                await http.post(f"{url}/restore")
            made = await http.post(
                "/api/v1/links",
                json={"assets": [a.uid for a in assets], "rendition": "original"},
            )
            assert made.status_code == 201, made.text
            await http.delete(f"/api/v1/sources/{source}")

        assert snapshot(whole.pictures) == before
        assert {path.name for path in whole.pictures.rglob("*")} == names


def _places(asset: Asset) -> set[str]:
    return {o.key for o in asset.occurrences if o.gone_at is None}
