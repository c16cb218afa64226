"""A process that writes a large change in pieces and stops in the middle, to be struck down there.

It says on its output that it has come to the place, and waits for its end.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from gallery_app.catalog import catalog as room
from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import SourceId
from tests.journeys.processes import plain_env

ROOT = Path(__file__).parents[2]
BETWEEN, WITHIN = "between two pieces", "within a piece"


def main(index: str, source: str, change: str, place: str) -> None:
    """Begin the change of a source in that catalog, and stop at that place of its second piece."""

    def now() -> datetime:
        return datetime.now(timezone.utc)

    def within(kind: str) -> None:
        write, calls = room._PIECES[kind], iter(range(99))

        def piece(*args: object) -> str | None:
            reached = write(*args)  # type: ignore[arg-type]  # as they came
            if next(calls):
                _stop()
            return reached

        room._PIECES[kind] = piece

    rest: Callable[[], None] = _stop if place == BETWEEN else lambda: None
    if place == WITHIN:
        for kind in room._PIECES:
            within(kind)
    catalog = Catalog.open(Path(index), now=now, random_bytes=os.urandom, rest=rest)
    number = SourceId(int(source))
    if change == "rename":
        with catalog.write() as writer:
            writer.name_entities(number, [EntityRef("company", "8", "Mega")])
    elif change == "restore":
        catalog.sources.restore(number)
    else:
        catalog.sources.remove(number, now(), keep=change == "keep")


def _stop() -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    threading.Event().wait()


def strike(index: Path, source: SourceId, change: str, place: str) -> None:
    """Have a process begin the change, and `kill -9` it at the place."""
    command = [sys.executable, "-m", "tests.journeys.struck_pieces", str(index), str(source)]
    with subprocess.Popen(
        [*command, change, place], cwd=ROOT, env=plain_env(), text=True, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "here\n"
        finally:
            process.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
