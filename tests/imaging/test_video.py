"""Videos: a poster frame, upright, and the container's own facts."""

from __future__ import annotations

import io
from pathlib import Path

import av
import pytest
from PIL import Image

from gallery_app.domain.errors import Unreadable, UnsupportedType
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Described
from gallery_app.domain.renditions import RENDITIONS
from gallery_app.imaging.describe import describe
from gallery_app.imaging.process import process
from tests.imaging.conftest import Write, corners, near, opened
from tests.pictures import QUADRANTS, quadrants

SMALL = [RENDITIONS["small"]]


def _video(picture: Image.Image, kind: str = "mp4", *, turned: int = 0, **tags: str) -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format=kind) as box:
        box.metadata.update(tags)
        stream = box.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = *picture.size, "yuv420p"
        stream.bit_rate = 4_000_000
        if turned:
            stream.set_display_rotation(-turned)
        for _ in range(10):
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]  # no hints
            box.mux(stream.encode(frame))
        box.mux(stream.encode())
    return target.getvalue()


def _described(path: str) -> Described:
    found = describe(path)
    assert isinstance(found, Described)
    return found


@pytest.mark.parametrize("kind", ["mp4", "mov", "matroska", "avi"])
def test_a_video_has_a_poster_a_size_and_a_duration(write: Write, kind: str) -> None:
    path = write(_video(quadrants((320, 240)), kind), "clip.bin")

    described, processed = _described(path), process(path, SMALL)

    assert (described.media_type, described.size) == ("video", Size(320, 240))
    assert described.problem is None
    assert described.duration_s == pytest.approx(1.0, abs=0.2)
    assert processed.size == Size(320, 240)
    assert near(corners(processed.renditions["small"]), QUADRANTS, 20)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_video_stands_upright(write: Write, degrees: int) -> None:
    upright = quadrants((240, 320))
    stored = upright.rotate(degrees, expand=True)  # counterclockwise, to be turned back
    path = write(_video(stored, turned=degrees), "clip.mp4")

    described, processed = _described(path), process(path, SMALL)

    assert described.size == processed.size == Size(240, 320)
    assert near(corners(processed.renditions["small"]), QUADRANTS, 20)


def test_the_container_s_date_is_utc(write: Write) -> None:
    video = _video(quadrants((64, 48)), creation_time="2016-07-03T12:05:06.000000Z")

    metadata = _described(write(video, "clip.mp4")).metadata

    assert metadata.taken_from == "container"
    assert metadata.offset_minutes == 0
    assert f"{metadata.taken_at:%Y-%m-%d %H:%M:%S}" == "2016-07-03 12:05:06"


def test_the_hash_covers_the_whole_video(write: Write) -> None:
    path = write(_video(quadrants((64, 48))), "clip.mp4")

    assert process(path, SMALL).size_bytes == Path(path).stat().st_size
    assert len(process(path, SMALL).sha256) == 64


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", id="HLS"),
        pytest.param(b"ffconcat version 1.0\nfile /etc/passwd\n", id="ffconcat"),
    ],
)
def test_a_playlist_is_refused_whatever_its_name(write: Write, content: bytes) -> None:
    path = write(content, "clip.mp4")

    assert _described(path).problem is not None
    with pytest.raises(UnsupportedType):
        process(path, SMALL)


def test_a_cut_video_is_described_with_a_problem(write: Write) -> None:
    path = write(_video(quadrants((64, 48)))[:200], "clip.mp4")

    found = _described(path)

    assert found.problem is not None
    with pytest.raises(Unreadable):
        process(path, SMALL)


def test_poster_frames_are_plain_pictures(write: Write) -> None:
    data = process(write(_video(quadrants((64, 48))), "clip.mp4"), SMALL).renditions["small"]

    assert opened(data).size == (64, 48)
