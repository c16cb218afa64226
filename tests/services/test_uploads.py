"""The door for bytes from outside: what it keeps, what it refuses, and that nothing is left."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from gallery_app.catalog.writer import Writer
from gallery_app.domain.errors import (
    BadDigest,
    BadInput,
    GalleryError,
    Incomplete,
    OutOfSpace,
    TooLarge,
    Unreadable,
    UnsupportedType,
)
from gallery_app.domain.model import Asset, Sha256
from gallery_app.services.values import Received
from tests.pictures import make_picture
from tests.services.house import House

PHOTO = make_picture("320x240 jpeg, taken 2016-07-03 14:05:06, noise seed 5")


def _send(house: House, data: bytes, name: str = "photo.jpg", **options: object) -> Received:
    with house.uploads.begin(name, **options) as upload:  # type: ignore[arg-type]  # by name
        for start in range(0, len(data), 3000):
            upload.write(data[start : start + 3000])
        return upload.finish()


def _full(*_: object, **__: object) -> None:
    raise OutOfSpace


def _left_behind(house: House) -> list[Path]:
    return [p for p in (house.data / "incoming").rglob("*") if p.is_file()]


class TestANewPicture:
    def test_is_stored_by_its_hash_and_ready_when_the_answer_comes(self, house: House) -> None:
        received = _send(house, PHOTO, length=len(PHOTO))

        digest = hashlib.sha256(PHOTO).hexdigest()
        assert received.created
        assert received.asset.sha256 == digest
        assert received.asset.status == "ready"
        (stored,) = [p for p in (house.data / "originals").rglob("*") if p.is_file()]
        assert stored.name == digest
        assert stored.read_bytes() == PHOTO
        assert stored.stat().st_mode & 0o222 == 0
        assert house.media.rendition(received.asset.uid, "small").data

    def test_keeps_its_name_and_its_own_time_where_it_has_no_date(self, house: House) -> None:
        data = make_picture("64x48 png, noise seed 1")

        asset = _send(house, data, "Ünï ☃.png", modified_ms=1_467_554_706_000).asset

        assert asset.filename == "Ünï ☃.png"
        assert asset.taken_at.isoformat() == "2016-07-03T14:05:06"
        assert asset.metadata.taken_from == "file"

    @pytest.mark.parametrize("modified_ms", [9_278_000_000_000, 253_402_300_799_999])
    def test_a_time_too_far_off_to_keep_becomes_the_last_one(
        self, house: House, modified_ms: int
    ) -> None:
        data = make_picture("64x48 png, noise seed 1")

        asset = _send(house, data, "far.png", modified_ms=modified_ms).asset

        assert asset.taken_at.year == 2262

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("a/b/c.jpg", "c.jpg"),
            ("C:\\pictures\\c.jpg", "c.jpg"),
            ("../../etc/passwd.jpg", "passwd.jpg"),
            ("line\r\nbreak.jpg", "linebreak.jpg"),
            ("x" * 300 + ".jpg", "x" * 251 + ".jpg"),
        ],
        ids=["a path", "a windows path", "a traversal", "control characters", "too long"],
    )
    def test_a_name_is_only_a_name(self, house: House, name: str, shown: str) -> None:
        assert _send(house, PHOTO, name).asset.filename == shown


class TestKnownBytes:
    def test_the_same_bytes_again_are_the_same_asset(self, house: House) -> None:
        first = _send(house, PHOTO)

        again = _send(house, PHOTO, "other name.jpg")

        assert not again.created
        assert again.asset.uid == first.asset.uid
        assert len(house.all()) == 1
        assert _left_behind(house) == []

    def test_bytes_known_from_a_folder_are_kept_here_as_well(self, house: House) -> None:
        path = house.put("a.jpg", PHOTO)
        house.scan()
        house.render_all()

        received = _send(house, PHOTO)
        path.unlink()
        house.scan()

        assert not received.created
        assert house.only().uid == received.asset.uid
        assert house.media.original_file(received.asset.uid).path.read_bytes() == PHOTO

    @pytest.mark.parametrize("lost", ["gone", "damaged"])
    def test_a_picture_sent_again_is_whole_again_whatever_became_of_its_file(
        self, house: House, lost: str
    ) -> None:
        asset = _send(house, PHOTO).asset
        path = house.media.original_file(asset.uid).path
        path.chmod(0o600)
        if lost == "gone":
            path.unlink()
        else:
            path.write_bytes(PHOTO[:-9] + b"different")

        again = _send(house, PHOTO)

        assert not again.created
        assert house.media.original_file(asset.uid).path.read_bytes() == PHOTO

    def test_sending_a_trashed_picture_again_brings_it_back(self, house: House) -> None:
        uid = _send(house, PHOTO).asset.uid
        house.curation.batch([uid], "trash")

        again = _send(house, PHOTO)

        assert again.asset.live
        assert house.only().uid == uid

    def test_a_folder_file_that_is_rewritten_meanwhile_is_not_taken_for_the_upload(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.put("a.jpg", PHOTO)
        house.scan()
        house.render_all()
        uid = house.only().uid
        look_up, others = house.catalog.assets.by_sha256, [make_picture("64x48 jpeg")]

        def meanwhile(sha256: Sha256) -> Asset | None:
            known = look_up(sha256)
            while others:
                house.put("a.jpg", others.pop(), age_s=60)
                house.scan()
            return known

        monkeypatch.setattr(house.catalog.assets, "by_sha256", meanwhile)
        received = _send(house, PHOTO)
        house.render_all()

        digest = hashlib.sha256(PHOTO).hexdigest()
        assert received.created
        assert (received.asset.sha256, received.asset.stored) == (digest, True)
        rewritten = house.browse.get(uid)
        assert rewritten.uid != received.asset.uid
        assert (rewritten.stored, rewritten.sha256 == digest) == (False, False)
        assert house.media.original_file(received.asset.uid).path.read_bytes() == PHOTO


class TestARefusal:
    @pytest.mark.parametrize(
        ("data", "options", "error"),
        [
            (b"MZ\x90\x00 this is a program" * 400, {}, UnsupportedType),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, UnsupportedType),
            (b"%PDF-1.7 " * 1000, {}, UnsupportedType),
            (b"", {}, Unreadable),
            (PHOTO[: len(PHOTO) // 2], {}, Unreadable),
            (PHOTO[:1000], {"length": len(PHOTO)}, Incomplete),
            (PHOTO, {"sha256": "0" * 64}, BadDigest),
            (PHOTO, {"sha256": "nonsense"}, BadInput),
            (PHOTO, {"length": 10**9}, TooLarge),
            (PHOTO + bytes(2_000_000), {}, TooLarge),
        ],
        ids=[
            "a program named jpg", "svg", "pdf", "empty", "a cut off picture", "too few bytes",
            "another hash", "no hash", "announced too large", "too large",
        ],
    )  # fmt: skip
    def test_comes_with_its_sentence_and_leaves_nothing(
        self, house: House, data: bytes, options: dict[str, Any], error: type[GalleryError]
    ) -> None:
        with pytest.raises(error) as refused:
            _send(house, data, **options)

        assert refused.value.public.endswith(".")
        assert house.all() == []
        assert _left_behind(house) == []
        assert not any(p.is_file() for p in (house.data / "originals").rglob("*"))

    @pytest.mark.parametrize("name", ["", "/", "..", "\x00\x01"])
    def test_a_name_is_needed(self, house: House, name: str) -> None:
        with pytest.raises(BadInput):
            house.uploads.begin(name)

    def test_an_aborted_upload_leaves_nothing(self, house: House) -> None:
        with house.uploads.begin("a.jpg") as upload:
            upload.write(PHOTO[:5000])

        assert _left_behind(house) == []

    def test_a_full_disk_is_said_before_and_while_writing(self, house: House) -> None:
        house.free = 1_000_100
        with pytest.raises(OutOfSpace):
            house.uploads.begin("a.jpg", length=len(PHOTO))

        with pytest.raises(OutOfSpace):
            _send(house, PHOTO)

        assert _left_behind(house) == []

    def test_a_rendition_that_cannot_be_kept_is_made_again_later(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(house.cache, "put", _full)
            received = _send(house, PHOTO)

        assert received.asset.status == "ready"
        assert house.media.rendition(received.asset.uid, "small").data

    @pytest.mark.parametrize("fails", ["insert_assets", "put_occurrences", "finish_render"])
    def test_a_row_that_cannot_be_written_leaves_no_original(
        self, house: House, monkeypatch: pytest.MonkeyPatch, fails: str
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Writer, fails, _full)
            with pytest.raises(OutOfSpace):
                _send(house, PHOTO)

        assert house.all() == []
        assert list(house.originals.all_keys()) == []
        assert [p.read_bytes() for p in (house.data / "trash").iterdir()] == [PHOTO]

    def test_a_row_that_cannot_be_written_takes_no_earlier_original_with_it(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asset = _send(house, PHOTO).asset

        with monkeypatch.context() as patch:
            patch.setattr(Writer, "put_occurrences", _full)
            with pytest.raises(OutOfSpace):
                _send(house, PHOTO)

        assert house.media.original_file(asset.uid).path.read_bytes() == PHOTO
        assert _left_behind(house) == []

    def test_a_failing_sync_keeps_no_row_and_no_file(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fail)
            with pytest.raises(OutOfSpace):
                _send(house, PHOTO)

        assert house.all() == []
        assert _left_behind(house) == []
