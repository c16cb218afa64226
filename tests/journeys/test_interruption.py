"""A house that is struck down in the middle of its work: nothing is lost, nothing doubled."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.journeys.processes import ended, plain_env
from tests.journeys.whole import PATIENCE_S, snapshot, until
from tests.pictures import make_folder

COUNT = 90
ROOT = Path(__file__).parents[2]


def begin(folder: Path, data: Path) -> subprocess.Popen[str]:
    """`gallery index` over the folder, as a process group of its own."""
    command = [sys.executable, "-m", "gallery_app.cli", "index", str(folder)]
    return subprocess.Popen(
        [*command, "--data", str(data), "--json"],
        cwd=ROOT, env=plain_env(), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finish(folder: Path, data: Path) -> dict[str, object]:
    """What `gallery index` says at its end."""
    process = begin(folder, data)
    out, err = process.communicate(timeout=2 * PATIENCE_S)
    assert process.returncode == 0, err
    report: dict[str, object] = json.loads(out)
    return report


def listing(data: Path) -> list[dict[str, object]]:
    """What `gallery list` knows."""
    command = [sys.executable, "-m", "gallery_app.cli", "list", "--data", str(data), "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=plain_env(), text=True, capture_output=True, check=False,
        timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    items: list[dict[str, object]] = found["items"] if isinstance(found, dict) else found
    return items


def rows(data: Path, status: int | None = None) -> int:
    """Assets in that state (None: in any), as the index on disk has them."""
    index = data / "gallery.db"
    if not index.exists():
        return 0
    where = "" if status is None else f"where status = {status:d}"
    with closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True, timeout=5)) as connection:
        try:
            found = connection.execute(f"select count(*) from asset {where}").fetchone()
        except sqlite3.OperationalError:
            return 0  # its tables are not made yet
    return int(found[0])


def strike(process: subprocess.Popen[str]) -> None:
    """kill -9 for the process alone; its workers have to notice by themselves."""
    group = process.pid
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    ended(group)


def _await(process: subprocess.Popen[str], moment: Callable[[Path], bool], data: Path) -> None:
    """Returns at that moment, or when the process has ended before it."""
    until(lambda: moment(data) or process.poll() is not None)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of pictures, watched for change until the module ends."""
    folder = tmp_path_factory.mktemp("library")
    make_folder(folder, COUNT, seed=9)
    before = snapshot(folder)
    yield folder
    assert snapshot(folder) == before, "an original was touched"


READY = 1
MOMENTS: dict[str, Callable[[Path], bool]] = {
    "when the index has just been made": lambda data: (data / "gallery.db").exists(),
    "at the first described pictures": lambda data: rows(data) > 0,
    "when all are described": lambda data: rows(data) == COUNT,
    "at the first renditions": lambda data: rows(data, READY) > 0,
    "half-way through the renditions": lambda data: rows(data, READY) > COUNT // 2,
}


@pytest.mark.slow
class TestKilledInTheMiddle:
    @pytest.mark.parametrize("moment", MOMENTS)
    def test_a_second_start_completes_what_the_first_began(
        self, library: Path, tmp_path: Path, moment: str
    ) -> None:
        data = tmp_path / "data"
        first = begin(library, data)
        _await(first, MOMENTS[moment], data)
        strike(first)
        uids = {str(item["id"]) for item in listing(data)}

        report = finish(library, data)
        found = listing(data)

        names = sorted(path.name for path in library.rglob("*") if path.is_file())
        assert sorted(str(item["filename"]) for item in found) == names, "lost or doubled"
        assert {item["status"] for item in found} == {"ready"}
        assert uids <= {str(item["id"]) for item in found}, "an id that was shown is gone"
        assert report["failed"] == 0
        assert sum(1 for p in (data / "cache").rglob("*") if p.is_file()) >= COUNT

    def test_struck_again_and_again_it_still_comes_to_its_end(
        self, library: Path, tmp_path: Path
    ) -> None:
        data = tmp_path / "data"
        for step in range(1, 5):
            process = begin(library, data)
            _await(process, lambda at: rows(at, READY) >= step * COUNT // 6, data)  # noqa: B023  # called at once
            strike(process)

        finish(library, data)

        assert rows(data) == rows(data, READY) == COUNT
        assert {item["status"] for item in listing(data)} == {"ready"}

    def test_a_second_look_at_the_same_folder_does_nothing(
        self, library: Path, tmp_path: Path
    ) -> None:
        data = tmp_path / "data"
        first = finish(library, data)

        again = finish(library, data)

        assert first["found"] == COUNT
        assert (again["unchanged"], again["described"], again["rendered"]) == (COUNT, 0, 0)
