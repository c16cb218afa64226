"""The 1,507 files of ../shared/corpora, as the issue counts them."""

from __future__ import annotations

import json

import pytest

from gallery_app.domain.model import Processed
from tests.bench.corpus import CORPORA, Report, run, truth

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not CORPORA.exists(), reason="../shared/corpora is not on this machine"),
]


@pytest.fixture(scope="module")
def report() -> Report:
    manifest = json.loads((CORPORA / "manifest.json").read_text(encoding="utf-8"))
    return run([e for e in manifest["files"] if e["expect"] != "sidecar"], CORPORA)


def test_what_must_decode_comes_out_right(report: Report) -> None:
    wrong = [(o.entry["file"], o.wrong) for o in report.of("decode") if o.wrong]

    assert report.right("decode") >= 0.995 * len(report.of("decode")), wrong
    assert len(report.of("decode")) == 720


@pytest.mark.parametrize("expectation", ["refuse", "either", "store"])
def test_what_may_not_decode_ends_well(report: Report, expectation: str) -> None:
    wrong = [(o.entry["file"], o.wrong) for o in report.of(expectation) if o.wrong]

    assert report.right(expectation) == len(report.of(expectation)), wrong


def test_no_file_ends_a_worker_takes_over_20_s_or_a_gigabyte(report: Report) -> None:
    assert report.crashes == []
    assert max(outcome.seconds for outcome in report.outcomes) < 20
    assert report.peak_bytes < 1 << 30


@pytest.mark.parametrize(
    ("field", "share"),
    [("taken", 0.99), ("orientation", 0.99), ("position", 0.99), ("make", 0.98), ("model", 0.98)],
)
def test_metadata_agrees_with_exiftool(report: Report, field: str, share: float) -> None:
    agree, total, misses = truth(report)[field]

    assert agree >= share * total, misses


def test_markers_of_private_text_are_in_no_rendition(report: Report) -> None:
    marked = [o for o in report.outcomes if o.entry.get("marker")]
    shown = [o for o in marked if isinstance(o.processed, Processed)]

    assert len(shown) >= 12
    for outcome in shown:
        assert isinstance(outcome.processed, Processed)
        assert outcome.entry["marker"].encode() not in outcome.processed.renditions["small"]
