"""The perceptual hash is imagehash's, and means what it says."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gallery_app.domain.renditions import RENDITIONS
from gallery_app.imaging.phash import hamming, phash
from gallery_app.imaging.process import process
from tests.imaging.conftest import Write, opened
from tests.pictures import make_picture, scene


def _of_imagehash(picture: Image.Image) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import imagehash

        return int(str(imagehash.phash(picture)), 16)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("size", [(400, 300), (120, 400), (33, 31)])
def test_the_bits_are_imagehash_s(seed: int, size: tuple[int, int]) -> None:
    picture = scene(size, seed)

    assert phash(picture.convert("L")) == _of_imagehash(picture)


@pytest.mark.parametrize("level", [0, 127, 255])
def test_a_flat_picture_has_a_stable_hash(level: int) -> None:
    flat = {phash(Image.new("L", size, level)) for size in ((32, 32), (400, 300), (7, 900))}

    assert len(flat) == 1


@pytest.mark.parametrize("seed", range(8))
def test_a_photo_and_its_reduction_differ_by_two_bits_at_most(write: Write, seed: int) -> None:
    small = [RENDITIONS["small"]]
    whole = process(write(f"1600x1200 jpeg, seed {seed}"), small)
    little = opened(whole.renditions["small"]).resize((150, 112), Image.Resampling.LANCZOS)
    reduced = phash(little.convert("L"))
    saved_anew = process(write(f"1600x1200 webp, seed {seed}, quality 60"), small)

    assert hamming(whole.phash, reduced) <= 2
    assert hamming(whole.phash, saved_anew.phash) <= 2


def test_strangers_are_far_apart() -> None:
    hashes = [phash(scene((400, 300), seed).convert("L")) for seed in (1, 2, 3)]

    assert min(hamming(a, b) for a in hashes for b in hashes if a != b) > 8


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_the_distance_is_a_metric_of_plain_numbers(a: int, b: int, c: int) -> None:
    assert type(hamming(a, b)) is int
    assert hamming(a, a) == 0
    assert hamming(a, b) == hamming(b, a)
    assert hamming(a, c) <= hamming(a, b) + hamming(b, c)


def test_signed_hashes_as_sqlite_stores_them_compare_alike() -> None:
    one, other = 0xF000_0000_0000_0001, 0x7000_0000_0000_0001

    assert hamming(one - 2**64, other) == hamming(one, other) == 1


def test_the_sentence_s_picture_is_deterministic() -> None:
    assert make_picture("64x48 jpeg, seed 1") == make_picture("64x48 jpeg, seed 1")
