"""A whole Freshdesk account into a gallery, while answers fail and the process is killed.

`python -m tests.bench.freshdesk [--tickets 1000] [--pictures 3000] [--faults 0.1] [--kills 2]`
serves the fake, runs the gallery as a process of its own, kills it with -9 at even shares of the
pictures and starts it again; then compares every key and every byte with what the account holds.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import tempfile
import time
from pathlib import Path

from gallery_app.testing.faults import Faults
from gallery_app.testing.freshdesk import FakeFreshdesk
from tests.contracts.freshdesk_case import article_keys, key_of
from tests.journeys.struck_house import HELD, assets, begin, offered, states, strike
from tests.journeys.whole import until

PATIENCE_S = 3_600.0


def main() -> int:
    """Run it all; 0 when nothing is lost and nothing doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=1_000)
    parser.add_argument("--pictures", type=int, default=3_000)
    parser.add_argument("--faults", type=float, default=0.1)
    parser.add_argument("--kills", type=int, default=2)
    options = parser.parse_args()
    faults = Faults(3, share=options.faults)
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as scratch,
        FakeFreshdesk(
            tickets=options.tickets, pictures=options.pictures, articles=20, faults=faults
        ) as fake,
    ):
        root = Path(scratch)
        wanted = {key_of(p) for p in fake.pictures()} | article_keys(fake)
        for kill in range(options.kills + 1):
            share = len(wanted) * (kill + 1) // (options.kills + 1)
            process = begin(root, fake.url, fake.key, workers=2)
            try:
                until(
                    lambda n=share: states(root).get(HELD, 0) >= n,  # type: ignore[misc]
                    saying=lambda: str(states(root)),
                    patience_s=PATIENCE_S,
                )
            finally:
                strike(process)
            print(f"killed at {states(root)} after {time.monotonic() - began:.0f} s", flush=True)
        found = offered(root)
        lost, more = wanted - found.keys(), found.keys() - wanted
        wrong = [
            key_of(p)
            for p in fake.pictures()
            if found.get(key_of(p)) != hashlib.sha256(p.file.data()).hexdigest()
        ]
        doubled = assets(root) - len(set(found.values()))
        requests = sum(fake.counts.values())
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{options.tickets:,} tickets, {len(wanted):,} pictures, {sum(faults.seen.values()):,} "
        f"answers spoilt {dict(faults.seen)}, {requests:,} requests of the API, "
        f"{spent.ru_utime + spent.ru_stime:.0f} s of CPU (workers not waited for are not in it)"
    )
    print(f"lost {len(lost)}, too many {len(more)}, wrong bytes {len(wrong)}, doubled {doubled}")
    return 1 if lost or more or wrong or doubled else 0


if __name__ == "__main__":
    raise SystemExit(main())
