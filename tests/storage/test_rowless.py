"""Originals that no row names: a crash's go to the trash, a lost catalog takes none along."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pytest

from gallery_app.app import build
from gallery_app.settings import Settings
from gallery_app.storage.local import MOST_ROWLESS, Originals
from tests.pictures import make_picture

NOW_S = 1_800_000_000.0


@pytest.fixture
def store(tmp_path: Path) -> Originals:
    return Originals(tmp_path / "originals", tmp_path / "incoming", tmp_path / "trash")


def _put(store: Originals, data: bytes, *, age_s: float = 7200) -> str:
    with store.receive() as incoming:
        incoming.write(data)
        key = incoming.commit()
    os.utime(store.path(key), (NOW_S - age_s, NOW_S - age_s))
    return key


def _sweep(store: Originals, *known: str) -> int:
    return store.sweep_rowless(lambda: set(known), older_than_s=3600, now_s=NOW_S)


def test_an_old_original_without_a_row_goes_to_the_trash(store: Originals, tmp_path: Path) -> None:
    known, rowless = _put(store, b"known"), _put(store, b"rowless")

    removed = _sweep(store, known)

    assert removed == 1
    assert list(store.all_keys()) == [known]
    assert (tmp_path / "trash" / rowless[6:]).read_bytes() == b"rowless"


def test_one_that_may_be_on_its_way_to_its_row_stays(store: Originals) -> None:
    known, fresh = _put(store, b"known"), _put(store, b"fresh", age_s=3599)

    assert _sweep(store, known) == 0
    assert set(store.all_keys()) == {known, fresh}


@pytest.mark.parametrize("rowless", [1, MOST_ROWLESS + 1], ids=["empty", "put back from a backup"])
def test_a_catalog_that_was_lost_takes_no_original_with_it(store: Originals, rowless: int) -> None:
    known = [_put(store, b"known")] if rowless > 1 else []
    keys = [_put(store, bytes([number])) for number in range(rowless)]

    assert _sweep(store, *known) == 0
    assert set(store.all_keys()) == {*known, *keys}


def test_an_empty_store_asks_no_catalog(store: Originals) -> None:
    def asked() -> set[str]:
        raise AssertionError

    assert store.sweep_rowless(asked, older_than_s=0, now_s=NOW_S) == 0


def test_a_start_sweeps_half_written_renditions_and_rowless_originals(tmp_path: Path) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path, "workers": 1, "min_free_mb": 0})
    first = build(settings)
    with first.uploads.begin("a.jpg") as upload:
        upload.write(make_picture("64x48 jpeg"))
        uid = upload.finish().asset.uid
    first.close()
    left = tmp_path / "cache" / ".tmp" / "1-1.tmp"
    left.write_bytes(b"half")
    store = Originals(tmp_path / "originals", tmp_path / "incoming", tmp_path / "trash")
    rowless = _put(store, b"rowless")

    second = build(settings, now=lambda: datetime.fromtimestamp(NOW_S, timezone.utc))
    kept = second.media.original_file(uid).path
    second.close()

    assert kept.exists()
    assert not store.exists(rowless)
    assert not left.exists()
