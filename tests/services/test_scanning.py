"""What a scan must do: take what is new, follow what moved, and never believe an absence."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gallery_app.catalog.values import Changes
from gallery_app.domain.errors import NotFound, Upstream
from gallery_app.domain.query import AssetQuery, Term
from gallery_app.services.scanning import BATCH_FILES, FilesLost, Part
from tests.pictures import make_picture
from tests.services.house import House


def _photo(seed: int, extra: str = "") -> bytes:
    return make_picture(f"64x48 jpeg, noise seed {seed} {extra}".strip())


class TestTheFirstScan:
    def test_every_picture_of_the_folder_is_in_the_timeline(self, house: House) -> None:
        for number in range(3):
            house.put(f"2016/07/IMG_{number}.jpg", _photo(number))

        house.scan()

        assert {a.filename for a in house.all()} == {"IMG_0.jpg", "IMG_1.jpg", "IMG_2.jpg"}

    def test_a_described_asset_has_its_date_and_shape_before_it_is_rendered(
        self, house: House
    ) -> None:
        house.put("a.jpg", make_picture("64x48 jpeg, orientation 6, taken 2016-07-03 14:05:06"))

        house.scan()

        asset = house.only()
        assert asset.status == "described"
        assert asset.size == (48, 64)
        assert asset.taken_at.isoformat() == "2016-07-03T14:05:06"

    def test_the_files_own_time_serves_where_there_is_no_date_and_says_so(
        self, house: House
    ) -> None:
        house.put("a.png", make_picture("64x48 png"), age_s=86400)

        house.scan()

        asset = house.only()
        assert asset.metadata.taken_from == "file"
        assert asset.taken_at.isoformat() == "2026-11-19T12:00:00"

    def test_what_is_no_picture_is_looked_at_once_and_not_listed(self, house: House) -> None:
        house.put("notes.txt", b"no picture")

        house.scan()
        looked_at = house.pool.described
        house.scan()

        assert house.all() == []
        assert house.pool.described == looked_at

    def test_what_cannot_be_shown_is_listed_with_its_reason(self, house: House) -> None:
        house.put("broken.jpg", b"\xff\xd8\xff but then nothing of the kind")

        house.scan()

        asset = house.only()
        assert asset.status == "unreadable"
        assert asset.problem is not None
        assert asset.problem.sentence

    def test_a_file_that_is_still_being_written_is_left_until_it_stands_still(
        self, house: House
    ) -> None:
        house.put("growing.jpg", _photo(1), age_s=0.5)
        noted: list[str] = []
        house.scanning.unsettled = lambda _source, key: noted.append(key)

        house.scan()
        house.clock.pass_(seconds=3)
        before = house.all()
        house.scan()

        assert noted == ["growing.jpg"]
        assert before == []
        assert house.only().filename == "growing.jpg"


class TestTheNextScan:
    def test_nothing_is_described_twice(self, house: House) -> None:
        house.put("a.jpg", _photo(1))
        house.scan()
        described = house.pool.described

        source = house.watch()
        tally = house.scanning.scan(source)

        assert house.pool.described == described
        assert tally.unchanged == 1

    def test_a_moved_file_stays_the_same_asset_with_all_that_was_said_of_it(
        self, house: House
    ) -> None:
        path = house.put("a.jpg", _photo(1))
        house.scan()
        before = house.only()
        house.curation.edit(before.uid, Changes(favourite=True, set_tags=("sea",)))
        (house.pictures / "2016").mkdir()
        path.rename(house.pictures / "2016" / "b.jpg")

        house.scan()

        after = house.only()
        assert (after.uid, after.filename, after.favourite, after.tags) == (
            before.uid, "b.jpg", True, ("sea",),
        )  # fmt: skip

    def test_a_file_moved_between_two_dirty_folders_is_a_move(self, house: House) -> None:
        path = house.put("old/a.jpg", _photo(1))
        source = house.scan()
        before = house.only()
        (house.pictures / "new").mkdir()
        path.rename(house.pictures / "new" / "a.jpg")

        house.scanning.scan(source, [Part("new", recursive=False), Part("old", recursive=False)])

        assert house.only().uid == before.uid

    def test_a_picture_changed_in_place_keeps_its_uid_and_its_tags(self, house: House) -> None:
        house.put("a.jpg", _photo(1))
        house.scan()
        house.render_all()
        before = house.only()
        house.curation.batch([before.uid], "tag", ["kept"])
        house.put("a.jpg", _photo(2, ", quadrants"), age_s=100)

        house.scan()

        after = house.only()
        assert after.uid == before.uid
        assert after.tags == ("kept",)
        assert after.sha256 is None
        assert after.status == "described"
        assert after.version != before.version

    def test_a_file_that_was_only_touched_is_not_rendered_again(self, house: House) -> None:
        path = house.put("a.jpg", _photo(1))
        house.scan()
        house.render_all()
        os.utime(path, (1_600_000_000, 1_600_000_000))

        house.scan()

        assert house.only().status == "ready"

    def test_a_deleted_file_leaves_the_timeline_and_comes_back_with_its_tags(
        self, house: House
    ) -> None:
        house.put("b.jpg", _photo(2))
        path = house.put("a.jpg", _photo(1))
        house.scan()
        uid = next(a.uid for a in house.all() if a.filename == "a.jpg")
        house.curation.batch([uid], "tag", ["dear"])
        data = path.read_bytes()
        path.unlink()

        house.scan()
        left = {a.filename for a in house.all()}
        house.put("again.jpg", data)
        house.scan()

        assert left == {"b.jpg"}
        assert house.browse.get(uid).filename == "again.jpg"
        assert house.browse.get(uid).live
        assert house.browse.get(uid).tags == ("dear",)

    def test_two_copies_of_the_same_bytes_become_one_asset_with_two_occurrences(
        self, house: House
    ) -> None:
        house.put("a.jpg", _photo(1))
        house.put("copy/a.jpg", _photo(1))

        house.scan()
        house.render_all()

        assert {o.key for o in house.only().occurrences} == {"a.jpg", "copy/a.jpg"}

    def test_a_folder_can_be_looked_at_alone(self, house: House) -> None:
        source = house.scan()
        house.put("seen/a.jpg", _photo(1))
        house.put("unseen/b.jpg", _photo(2))

        house.scanning.scan(source, [Part("seen")])

        assert house.only().filename == "a.jpg"


class TestWhereToLook:
    def test_overlapping_places_find_each_file_once(self, house: House) -> None:
        source = house.scan()
        house.put("new/deep/a.jpg", _photo(1))

        house.scanning.scan(
            source, [Part("new/deep"), Part("new"), Part("new/deep", recursive=False), Part("new")]
        )

        assert len(house.all()) == 1
        assert house.catalog.assets.counts()["described"] == 1

    def test_a_folder_that_is_gone_takes_no_other_of_a_like_name_with_it(
        self, house: House
    ) -> None:
        house.put("trip/a.jpg", _photo(1))
        house.put("trip 2/b.jpg", _photo(2))
        source = house.scan()
        shutil.rmtree(house.pictures / "trip")

        house.scanning.scan(source, [Part("trip")])

        assert house.only().filename == "b.jpg"


class TestAnAbsence:
    def test_a_root_that_is_not_there_marks_nothing(self, house: House) -> None:
        house.put("a.jpg", _photo(1))
        source = house.scan()
        house.pictures.rename(house.root / "unmounted")

        with pytest.raises(Upstream):
            house.scanning.scan(source)

        assert house.only().filename == "a.jpg"

    def test_an_empty_mount_point_under_many_pictures_is_asked_about(self, house: House) -> None:
        for number in range(60):
            house.put(f"{number}.jpg", _photo(number))
        source = house.scan()
        for path in list(house.pictures.iterdir()):
            path.unlink()

        with pytest.raises(FilesLost) as loss:
            house.scanning.scan(source)

        assert (loss.value.missing, loss.value.known) == (60, 60)
        assert len(house.all()) == 60

    def test_a_large_loss_is_believed_when_a_person_confirms_it(self, house: House) -> None:
        for number in range(60):
            house.put(f"{number}.jpg", _photo(number))
        source = house.scan()
        for path in list(house.pictures.iterdir()):
            path.unlink()

        house.scanning.scan(source, believe_loss=True)

        assert house.all() == []

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
    def test_a_folder_that_may_not_be_read_loses_nothing(self, house: House) -> None:
        house.put("locked/a.jpg", _photo(1))
        source = house.scan()
        locked = house.pictures / "locked"
        locked.chmod(0)

        house.scanning.scan(source)
        locked.chmod(0o700)

        assert house.only().filename == "a.jpg"


class TestTheOwnersFiles:
    def test_no_byte_and_no_time_of_a_watched_file_changes(self, house: House) -> None:
        paths = [house.put(f"{n}/a.jpg", _photo(n)) for n in range(4)]
        before = {p: (p.read_bytes(), p.stat().st_mtime_ns, p.stat().st_mode) for p in paths}

        house.scan()
        house.render_all()
        uids = [a.uid for a in house.all()]
        house.curation.batch(uids, "trash")
        house.curation.batch(uids, "restore")

        assert before == {
            p: (p.read_bytes(), p.stat().st_mtime_ns, p.stat().st_mode) for p in paths
        }


class TestSources:
    def test_removing_a_source_takes_its_pictures_out_and_restoring_brings_them_back(
        self, house: House
    ) -> None:
        house.put("a.jpg", _photo(1))
        source = house.scan()
        uid = house.only().uid
        house.curation.batch([uid], "favourite")

        house.sources.remove(source.id)
        gone = house.all()
        house.sources.restore(source.id)
        house.scan()

        assert gone == []
        assert house.only().uid == uid
        assert house.only().favourite

    def test_nothing_is_written_of_a_source_that_is_removed_while_it_is_scanned(
        self, house: House
    ) -> None:
        for number in range(2 * BATCH_FILES):
            house.put(f"{number}.jpg", _photo(number))
        source = house.watch()

        with pytest.raises(NotFound):
            house.scanning.scan(source, report=lambda _tally: house.sources.remove(source.id))

        assert house.all() == []

    def test_pictures_can_be_asked_for_by_folder(self, house: House) -> None:
        house.put("2016/07/a.jpg", _photo(1))
        house.put("2017/b.jpg", _photo(2))
        source = house.scan()

        query = AssetQuery(terms=(Term("folder", (f"{source.id}/2016",)),))

        assert [a.filename for a in house.browse.page(query).items] == ["a.jpg"]
        assert [f.path for f in house.browse.folders(source.id, "")] == ["2016", "2017"]

    @pytest.mark.parametrize(
        ("make", "sentence"),
        [
            (lambda h: "", "Write the path"),
            (lambda h: "relative/path", "not a full path"),
            (lambda h: str(h.root / "absent"), "There is no folder"),
            (lambda h: str(h.put("a.jpg", b"x")), "is a file"),
            (lambda h: str(h.data), "own data"),
            (lambda h: str(h.root), "own data"),
            (lambda h: "/x\0y", "Write the path"),
        ],
        ids=["empty", "relative", "absent", "a file", "the data folder", "above it", "a NUL"],
    )
    def test_a_folder_that_cannot_be_watched_is_refused_with_a_sentence(
        self, house: House, make: object, sentence: str
    ) -> None:
        path = make(house)  # type: ignore[operator]  # a parametrised lambda

        with pytest.raises(Exception, match=sentence):
            house.sources.add_folder(path)

    def test_a_folder_is_watched_once(self, house: House) -> None:
        house.watch()
        (house.pictures / "inside").mkdir()

        for path in (house.pictures, house.pictures / "inside"):
            with pytest.raises(Exception, match="watched already"):
                house.sources.add_folder(str(path))

    def test_a_half_typed_path_is_completed(self, house: House) -> None:
        for name in ("Photos", "Phone", "Music", ".hidden"):
            (house.root / "home" / name).mkdir(parents=True)

        found = house.sources.complete(f"{house.root}/home/Ph")
        inside = house.sources.complete(f"{house.root}/home/")

        assert [Path(p).name for p in found] == ["Phone", "Photos"]
        assert [Path(p).name for p in inside] == ["Music", "Phone", "Photos"]
        assert house.sources.complete("/absent/nowhere") == []

    def test_the_uploads_cannot_be_removed(self, house: House) -> None:
        uploads = house.catalog.sources.uploads()

        with pytest.raises(Exception, match="own"):
            house.sources.remove(uploads.id)


def test_a_vanished_original_is_said_to_be_missing_not_broken(house: House) -> None:
    house.put("a.jpg", _photo(1))
    house.scan()
    shutil.move(house.pictures, house.root / "away")

    outcomes = house.render_all_once()

    assert house.only().status == "described"
    assert [type(o).__name__ for _, o in outcomes] == ["UpstreamGone"]
