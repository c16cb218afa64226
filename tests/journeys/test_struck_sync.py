"""`kill -9` in the middle of a sync: what comes out is what would have come out without it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gallery_app.testing.faults import Faults
from gallery_app.testing.freshdesk import FakeFreshdesk
from tests.contracts.freshdesk_case import article_keys, key_of
from tests.journeys.struck_house import HELD, assets, begin, offered, states, strike
from tests.journeys.whole import until

PICTURES = 24
MOMENTS = {
    "at the first listed pictures": (1, 0),
    "at the first fetched picture": (1, 1),
    "half-way through": (1, PICTURES // 2),
}


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_second_start_loses_nothing_and_doubles_nothing(tmp_path: Path, moment: str) -> None:
    listed, held = MOMENTS[moment]
    with FakeFreshdesk(
        tickets=8, pictures=PICTURES, articles=2, faults=Faults(5, share=0.1)
    ) as fake:
        wanted = {key_of(p) for p in fake.pictures()} | article_keys(fake)
        first = begin(tmp_path, fake.url, fake.key)
        until(
            lambda: (
                sum(states(tmp_path).values()) >= listed and states(tmp_path).get(HELD, 0) >= held
            )
        )
        strike(first)

        second = begin(tmp_path, fake.url, fake.key)
        try:
            until(
                lambda: states(tmp_path) == {HELD: len(wanted)},
                saying=lambda: f"{states(tmp_path)} of {len(wanted)}",
            )
        finally:
            strike(second)

    found = offered(tmp_path)
    assert found.keys() == wanted
    assert assets(tmp_path) == len(set(found.values()))
    for picture in fake.pictures():
        assert found[key_of(picture)] == hashlib.sha256(picture.file.data()).hexdigest()
    originals = [p for p in (tmp_path / "data" / "originals").rglob("*") if p.is_file()]
    assert sorted(p.name for p in originals) == sorted(set(found.values()))
    for path in originals:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
