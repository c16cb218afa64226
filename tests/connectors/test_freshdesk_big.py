"""A thousand tickets with three thousand pictures, while a tenth of all answers goes wrong."""

from __future__ import annotations

import random
import time

import pytest

from gallery_app.testing.faults import Faults
from tests.connectors.freshdesk_desk import desk


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_doubled_when_a_tenth_goes_wrong() -> None:
    faults = Faults(seed=5, share=0.1)
    with desk(tickets=1_000, pictures=3_000, faults=faults) as made:
        began = time.perf_counter()
        made.sync()
        took_s = time.perf_counter() - began

        assert set(made.ledger.rows) == made.expected()
        assert len(made.ledger.rows) == made.ledger.seen == 3_000
        assert made.ledger.removed == []
        assert sum(faults.seen.values()) > 150
        print(f"\n{sum(made.fake.counts.values())} requests, {took_s:.1f} s, {dict(faults.seen)}")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11])
def test_broken_off_anywhere_it_goes_on_and_has_the_same(seed: int) -> None:
    dice = random.Random(seed)
    with desk(tickets=300, pictures=900, faults=Faults(seed=seed, share=0.05)) as made:
        while True:
            left = dice.randrange(1, 40)
            ended = True
            for batch in made.connect().changes(made.ledger.cursor):
                left -= 1
                if left == 0:  # killed before this batch was written
                    ended = False
                    break
                made.ledger.write(batch)
            if ended:
                break

        assert set(made.ledger.rows) == made.expected()
        assert len(made.ledger.rows) == 900
        assert made.ledger.seen == 900
        assert made.ledger.removed == []
