"""Describing a file: from its head, and never failing on content."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

import pytest

from gallery_app.domain.errors import UpstreamGone
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Described, NotAPicture
from gallery_app.imaging.describe import describe
from tests.imaging.conftest import Write
from tests.pictures import FORMATS, make_picture


def _described(path: str) -> Described:
    found = describe(path)
    assert isinstance(found, Described)
    return found


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_tells_type_and_size(write: Write, kind: str) -> None:
    found = _described(write(f"120x80 {kind}", "wrong.name.txt"))

    assert (found.media_type, found.size, found.problem) == (kind, Size(120, 80), None)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "avif", "heic"])
def test_the_size_is_that_of_the_upright_picture(write: Write, kind: str) -> None:
    found = _described(write(f"120x80 {kind}, orientation 6"))

    assert found.size == Size(80, 120)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "avif", "heic"])
def test_metadata_is_read_from_every_format_that_carries_it(write: Write, kind: str) -> None:
    found = _described(
        write(f"120x80 {kind}, taken 2016-07-03 14:05:06, offset +02:00, gps 48.2 11.6, "
              "camera Canon EOS 6D, title Sea, keywords a b")
    ).metadata  # fmt: skip

    assert found.taken_at == datetime(2016, 7, 3, 14, 5, 6)  # noqa: DTZ001  # wall time
    assert found.offset_minutes == 120
    assert found.gps == pytest.approx((48.2, 11.6), abs=1e-5)
    assert found.camera == "Canon EOS 6D"
    assert (found.title, found.keywords) == ("Sea", ("a", "b"))


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_animation_is_told(write: Write, kind: str) -> None:
    assert _described(write(f"40x30 {kind}, animated 3")).animated
    assert not _described(write(f"40x30 {kind}")).animated


def test_an_embedded_thumbnail_gives_the_colour(write: Write) -> None:
    with_it = _described(write("640x480 jpeg, quadrants, exif thumbnail"))
    without = _described(write("640x480 jpeg, quadrants"))

    assert with_it.colour is not None
    parts = [with_it.colour >> shift & 255 for shift in (16, 8, 0)]
    assert parts == pytest.approx([125, 118, 85], abs=12)
    assert without.colour is None


def test_the_file_s_own_time_is_not_taken_for_a_date(write: Write) -> None:
    found = _described(write("64x48 jpeg"))

    assert found.metadata.taken_at is None
    assert found.mtime_ns > 0


def test_the_quick_hash_covers_size_and_both_ends(write: Write) -> None:
    data = make_picture("900x700 jpeg, noise seed 1, quality 95")
    assert len(data) > 3 * 65536
    found = _described(write(data))

    expected = hashlib.blake2b(len(data).to_bytes(8, "little"), digest_size=16)
    expected.update(data[:65536] + data[-65536:])
    assert found.quick_hash == expected.hexdigest()
    assert found.size_bytes == len(data)


@pytest.mark.parametrize(
    ("content", "name", "code", "problem"),
    [
        pytest.param(b"", "empty.jpg", "unknown", "unreadable", id="empty"),
        pytest.param(b"not a picture", "notes.jpg", "unknown", "unsupported", id="text as .jpg"),
        pytest.param(b"\xff\xd8\xff\xd9", "short.jpg", "jpeg", "unreadable", id="no frame"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", "svg", "unsupported",
                     id="SVG as .png"),
        pytest.param(b"8BPS\0\x01" + bytes(20), "a.psd", "psd", "unsupported", id="Photoshop"),
        pytest.param(b"BM" + bytes(12) + b"\x28\0\0\0\0\0\2\0\0\0\2\0" + bytes(30), "huge.bmp",
                     "bmp", "too_many_pixels", id="131,072 square"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_says_why(
    write: Write, content: bytes, name: str, code: str, problem: str
) -> None:
    found = _described(write(content, name))

    assert found.media_type == code
    assert found.problem is not None
    assert found.problem.code == problem
    assert found.problem.sentence.endswith(".")


def test_a_file_that_neither_is_nor_claims_to_be_a_picture_is_none(write: Write) -> None:
    assert isinstance(describe(write(b"hello", "notes.txt")), NotAPicture)


def test_a_picture_is_one_whatever_its_name(write: Write) -> None:
    assert _described(write("32x24 png", "notes.txt")).media_type == "png"


def test_a_missing_file_is_gone(tmp_path: Path) -> None:
    with pytest.raises(UpstreamGone):
        describe(str(tmp_path / "nothing.jpg"))


def test_nothing_but_a_regular_file_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "real.jpg").write_bytes(make_picture("32x24 jpeg"))
    (tmp_path / "link.jpg").symlink_to(tmp_path / "real.jpg")
    (tmp_path / "folder.jpg").mkdir()

    for name in ("pipe.jpg", "link.jpg", "folder.jpg"):
        found = _described(str(tmp_path / name))
        assert found.problem is not None
        assert found.problem.code == "unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_denied(tmp_path: Path) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(make_picture("32x24 jpeg"))
    path.chmod(0)

    found = _described(str(path))

    assert found.problem is not None
    assert found.problem.code == "denied"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_cut_anywhere_is_still_described(write: Write, kind: str) -> None:
    data = make_picture(f"120x80 {kind}, orientation 6, title x, camera Canon EOS 6D")

    for end in range(16, len(data), max(1, len(data) // 40)):
        assert isinstance(describe(write(data[:end])), Described)


def test_cameras_before_exif_wrote_their_date_into_picture_info(write: Write) -> None:
    info = b"OLYMPUS OPTICAL CO.,LTD.\0[picture info] TimeDate=909698819 Shutter=1/30"
    data = make_picture("64x48 jpeg")
    segment = b"\xff\xec" + (len(info) + 2).to_bytes(2, "big") + info

    metadata = _described(write(data[:2] + segment + data[2:])).metadata

    assert metadata.taken_at == datetime(1998, 10, 29, 22, 6, 59)  # noqa: DTZ001  # wall time
    assert metadata.taken_field == "APP12:TimeDate"
