"""A whole gallery as a process of its own, to be struck down with `kill -9`.

It connects one Freshdesk (when none is connected yet) and runs until it is killed. Its clock runs
twenty times as fast and its connector hardly waits, so that retries come within seconds.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from gallery_app.connectors import CONNECTORS
from gallery_app.connectors.base import Connector, Kind, Tools
from gallery_app.domain.remote import RemoteConfig
from tests.journeys.processes import ended, plain_env
from tests.journeys.whole import PATIENCE_S, Clock, Whole

ROOT = Path(__file__).parents[2]
FASTER = 20
MOST_WAIT_S = 0.02
HELD = 1


class Fast(Clock):
    """UTC time that runs faster, from now on."""

    def __call__(self) -> datetime:
        began = self.at.timestamp()
        at = datetime.fromtimestamp(began + (time.time() - began) * FASTER, timezone.utc)
        return at - timedelta(microseconds=at.microsecond % 1000)


def hasty(kind: Kind) -> Kind:
    """The same kind, whose connector waits a moment where it would wait for seconds."""

    def opened(config: RemoteConfig, tools: Tools) -> Connector:
        wait = tools.wait
        return kind.open(config, replace(tools, wait=lambda s: wait(min(s, MOST_WAIT_S))))

    return replace(kind, open=opened)


def main(root: str, url: str, key: str, workers: str) -> None:
    """Run the gallery of `root` until the process ends."""
    connectors = {name: hasty(kind) for name, kind in CONNECTORS.items()}
    whole = Whole(Path(root), clock=Fast(), connectors=connectors, workers=int(workers))
    whole.gallery.remotes.ensure("freshdesk", "Desk", url, key, {})
    threading.Event().wait()


def begin(root: Path, url: str, key: str, *, workers: int = 1) -> subprocess.Popen[bytes]:
    """The gallery of `root` as a process group of its own."""
    command = [sys.executable, "-m", "tests.journeys.struck_house", str(root), url, key]
    return subprocess.Popen(
        [*command, str(workers)], cwd=ROOT, env=plain_env(), start_new_session=True
    )


def strike(process: subprocess.Popen[bytes]) -> None:
    """kill -9 for the process alone; its workers have to notice by themselves."""
    process.kill()
    process.wait(PATIENCE_S)
    ended(process.pid)


def states(root: Path) -> dict[int, int]:
    """How many pictures of remotes are in each state, as the index on disk has them."""
    index = root / "data" / "gallery.db"
    if not index.exists():
        return {}
    with closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True, timeout=5)) as connection:
        try:
            return dict(
                connection.execute("SELECT state, count(*) FROM remote_image GROUP BY state")
            )
        except sqlite3.OperationalError:
            return {}  # its tables are not made yet


def offered(root: Path) -> dict[str, str]:
    """The SHA-256 behind every key that the desk offers, as the index on disk has it."""
    index = root / "data" / "gallery.db"
    with closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True)) as connection:
        return {
            key: sha256.hex()
            for key, sha256 in connection.execute(
                "SELECT o.key, a.sha256 FROM occurrence o JOIN asset a ON a.id = o.asset_id "
                "JOIN source s ON s.id = o.source_id WHERE s.kind = 'freshdesk' "
                "AND o.gone_at IS NULL"
            )
        }


def assets(root: Path) -> int:
    """How many pictures the index on disk has."""
    index = root / "data" / "gallery.db"
    with closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM asset").fetchone()[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
