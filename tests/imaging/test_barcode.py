"""Barcodes on pictures: read at any angle, through noise, and only article numbers."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageDraw

from gallery_app.domain.errors import Unreadable, UpstreamGone
from gallery_app.imaging import barcode
from gallery_app.imaging.barcode import barcodes
from gallery_app.imaging.wire import Barcodes, pack, unpack
from gallery_app.imaging.workers import WorkerPool
from tests.imaging.conftest import Write

zxingcpp = pytest.importorskip("zxingcpp")

STABILO = "4006381333931"
PATIENCE_S = 60


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    """One worker for all tests."""
    workers = WorkerPool(1, nice=0)
    yield workers
    workers.close()


def _code(text: str, kind: str = "EAN13", scale: int = 4) -> Image.Image:
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    return Image.fromarray(np.array(made.to_image(scale=scale))).convert("RGB")


def _photo(
    *codes: Image.Image, angle: float = 0, noise: float = 0, size: tuple[int, int] = (1600, 1200)
) -> bytes:
    """Codes on a coloured table, turned, with a sensor's noise."""
    table = Image.new("RGB", size, (168, 150, 128))
    draw = ImageDraw.Draw(table)
    chance = random.Random(5)
    for _ in range(60):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        draw.line((x, y, x + chance.randrange(-90, 90), y + 40), (120, 96, 80), 3)
    for number, code in enumerate(codes):
        layer = code.convert("RGBA").rotate(angle, Image.Resampling.BICUBIC, expand=True)
        at = (size[0] // 2 - layer.width // 2, 80 + number * (layer.height + 40))
        table.paste(layer, at, layer)
    pixels = np.asarray(table).astype(np.float32)
    pixels += np.random.default_rng(3).normal(0, noise, pixels.shape)
    target = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(target, "JPEG", quality=85)
    return target.getvalue()


@pytest.mark.parametrize("angle", [0, 10, 30, 45, 60, 90, 135, 180, 225, 270, 300])
def test_a_code_is_read_at_any_angle(write: Write, angle: int) -> None:
    assert barcodes(write(_photo(_code(STABILO), angle=angle))) == [STABILO]


@pytest.mark.parametrize("noise", [5, 15, 30])
def test_a_code_is_read_through_noise(write: Write, noise: int) -> None:
    assert barcodes(write(_photo(_code(STABILO), angle=8, noise=noise))) == [STABILO]


def test_bars_on_nothing_are_read_as_on_paper(write: Write) -> None:
    bars = _code(STABILO).convert("L")
    drawing = Image.new("RGBA", bars.size, (0, 0, 0, 0))
    drawing.putalpha(bars.point(lambda light: 255 - light))  # black ink, no paper
    target = io.BytesIO()
    drawing.save(target, "PNG")

    assert barcodes(write(target.getvalue())) == [STABILO]


def test_a_large_photo_is_looked_at_smaller(write: Write) -> None:
    photo = _photo(_code(STABILO, scale=12), size=(5000, 3700))

    assert barcodes(write(photo)) == [STABILO]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("EAN13", "4006381333931", "4006381333931"), ("EAN8", "96385074", "96385074"),
        ("UPCA", "036000291452", "0036000291452"), ("UPCE", "04252614", "0042100005264"),
        ("ITF14", "15400141288763", "15400141288763"),
    ],
)  # fmt: skip
def test_each_kind_comes_as_its_number(write: Write, kind: str, text: str, expected: str) -> None:
    assert barcodes(write(_photo(_code(text, kind)))) == [expected]


def test_two_codes_on_one_picture_are_both_read_and_each_once(write: Write) -> None:
    codes = [_code(text, scale=3) for text in (STABILO, "5449000000996", STABILO)]

    found = barcodes(write(_photo(*codes)))

    assert sorted(found) == [STABILO, "5449000000996"]


@pytest.mark.parametrize("kind", ["QRCode", "Code128", "DataMatrix"])
def test_what_is_no_article_number_is_passed_over(write: Write, kind: str) -> None:
    assert barcodes(write(_photo(_code(STABILO, kind)))) == []


def test_a_picture_without_a_code_has_none(write: Write) -> None:
    assert barcodes(write("1600x1200 jpeg, noise seed 4")) == []


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_turned_picture_and_a_heic_are_read(write: Write, orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    target = io.BytesIO()
    Image.open(io.BytesIO(_photo(_code(STABILO)))).save(target, "JPEG", exif=exif.tobytes())

    assert barcodes(write(target.getvalue())) == [STABILO]


def test_without_the_extra_nothing_is_found_and_nothing_fails(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(barcode, "available", lambda: False)

    assert barcodes(write(_photo(_code(STABILO)))) == []


class TestInTheWorkers:
    @pytest.mark.parametrize("trusted", [True, False], ids=["own", "fenced"])
    def test_the_answer_is_that_of_the_function(
        self, pool: WorkerPool, write: Write, trusted: bool
    ) -> None:
        path = write(_photo(_code(STABILO), angle=30))

        assert pool.barcodes(path, trusted=trusted).result(PATIENCE_S) == [STABILO]

    def test_what_cannot_be_read_fails_as_such(self, pool: WorkerPool, write: Write) -> None:
        broken = write(b"\xff\xd8\xff\xe0" + b"\0" * 400)

        with pytest.raises(Unreadable):
            pool.barcodes(broken, trusted=False).result(PATIENCE_S)
        with pytest.raises(UpstreamGone):
            pool.barcodes(broken + ".gone", trusted=True).result(PATIENCE_S)

    def test_without_the_extra_it_answers_at_once_and_says_so(
        self, pool: WorkerPool, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(barcode, "available", lambda: False)

        future = pool.barcodes(write(b"not even looked at"), trusted=True)

        assert future.done()
        assert future.result() == []
        assert not pool.reads_barcodes()

    @pytest.mark.parametrize("numbers", [["12x"], ["1" * 15], [7], [["1"]]])
    def test_an_answer_that_is_no_number_is_refused(self, numbers: list[object]) -> None:
        header, blobs = pack(Barcodes(()))

        with pytest.raises(ValueError, match="not an article number"):
            unpack({**header, "numbers": numbers}, blobs)
