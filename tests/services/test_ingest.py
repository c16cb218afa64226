"""The door for files in folders: no value of one file stops the others, no change is missed."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from gallery_app.catalog.values import Changes, Known
from gallery_app.connectors.base import FileSeen
from gallery_app.domain.model import Described, Source
from gallery_app.imaging.describe import EDGE_BYTES, describe
from gallery_app.services.ingest import HASHED_BYTES, Ingest, Sighting, Tally
from tests.pictures import make_picture
from tests.services.house import House

FAR = 2**63 + 5  # ns: one second into what a signed 64 bit number cannot hold
YEAR_2400_S = 13_570_000_000


def _photo(seed: int) -> bytes:
    return make_picture(f"64x48 jpeg, noise seed {seed}")


def _ingest(house: House, source: Source, known: dict[str, Known], vanished: set[str]) -> Ingest:
    return Ingest(
        house.catalog,
        source.id,
        known=known,
        vanished=vanished,
        now=house.clock,
        local_time=house.door.local_time,
    )


def _sighting(house: House, name: str, seed: int, **changes: object) -> Sighting:
    path = house.put(name, _photo(seed))
    described = describe(str(path))
    assert isinstance(described, Described)
    found = path.stat()
    return Sighting(
        FileSeen(name, found.st_size, found.st_mtime_ns, found.st_ino),
        replace(described, **changes),  # type: ignore[arg-type]  # field names as given
    )


class TestAPoisonedFile:
    def test_a_file_of_the_year_2400_is_shown_and_blocks_nothing(self, house: House) -> None:
        far = house.put("far.jpg", _photo(1))
        house.put("near.jpg", _photo(2))
        os.utime(far, (YEAR_2400_S, YEAR_2400_S))
        if far.stat().st_mtime_ns < 2**63:
            pytest.skip("this file system knows no such time")

        source = house.scan()
        again = house.scanning.scan(source)
        house.render_all()

        assert {a.filename: a.status for a in house.all()} == {
            "far.jpg": "ready", "near.jpg": "ready",
        }  # fmt: skip
        assert again.unchanged == 2

    def test_what_no_row_can_hold_is_said_and_the_others_are_taken(self, house: House) -> None:
        source, tally = house.watch(), Tally()
        sightings = [
            _sighting(house, "a.jpg", 1),
            _sighting(house, "bad.jpg", 2, mtime_ns=FAR),
            _sighting(house, "c.jpg", 3),
        ]

        _ingest(house, source, {}, set()).take(sightings, tally)

        assert {a.filename for a in house.all()} == {"a.jpg", "c.jpg"}
        ((key, sentence),) = tally.problems
        assert (key, sentence[-1]) == ("bad.jpg", ".")
        assert (tally.described, tally.failed) == (2, 1)

    def test_a_move_in_the_same_batch_is_still_a_move(self, house: House) -> None:
        path = house.put("old.jpg", _photo(1))
        source = house.scan()
        uid = house.only().uid
        known = house.catalog.occurrences.known(source.id)
        path.unlink()
        tally = Tally()
        sightings = [
            _sighting(house, "new.jpg", 1),
            _sighting(house, "bad.jpg", 2, mtime_ns=FAR),
        ]

        _ingest(house, source, known, {"old.jpg"}).take(sightings, tally)

        assert (house.only().uid, house.only().filename) == (uid, "new.jpg")
        assert tally.moved == 1


class TestAFileWrittenAgain:
    @pytest.mark.parametrize("twin", [False, True], ids=["alone", "with a copy"])
    def test_a_large_picture_retouched_in_its_middle_is_rendered_again(
        self, house: House, twin: bool
    ) -> None:
        data = make_picture("400x300 bmp, noise seed 1")
        assert len(data) > 2 * HASHED_BYTES
        house.put("a.bmp", data)
        if twin:
            house.put("copy/a.bmp", data)
        house.scan()
        house.render_all()
        before = house.only()
        house.curation.edit(before.uid, Changes(favourite=True))
        middle = len(data) // 2
        house.put("a.bmp", data[:middle] + b"\0" * 30_000 + data[middle + 30_000 :], age_s=60)

        house.scan()
        house.render_all()

        shown = {key: a for a in house.all() for key in [o.key for o in a.occurrences]}
        assert shown["a.bmp"].sha256 != before.sha256
        assert shown["a.bmp"].status == "ready"
        kept = shown["copy/a.bmp" if twin else "a.bmp"]
        assert (kept.uid, kept.favourite) == (before.uid, True)

    def test_a_large_picture_only_touched_stays_one_asset(self, house: House) -> None:
        data = make_picture("400x300 bmp, noise seed 1")
        for name in ("a.bmp", "copy/a.bmp"):
            house.put(name, data)
        house.scan()
        house.render_all()
        before = house.only()
        house.put("a.bmp", data, age_s=60)

        house.scan()
        house.render_all()

        assert (house.only().uid, house.only().sha256) == (before.uid, before.sha256)

    def test_a_large_file_is_one_that_the_quick_hash_leaves_a_middle_of(self) -> None:
        assert HASHED_BYTES == 2 * EDGE_BYTES
