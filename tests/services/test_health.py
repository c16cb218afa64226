"""The health report: the machine in words, and each remote as its last sync met it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from gallery_app.domain.model import Source, SourceId
from gallery_app.services import health as health_room
from gallery_app.services.health import HealthChecks
from gallery_app.services.machine import memory, processor
from gallery_app.services.values import FetchRest

NOON = datetime(2026, 7, 31, 12, 0, tzinfo=timezone.utc)
LATER = NOON + timedelta(minutes=5)
PHOTOS = Source(SourceId(2), "immich", "Photos", "http://photos", "online", NOON, last_scan_at=NOON)


def proc(folder: Path, *, free_kb: int) -> Path:
    """A process file system of a machine with 8 GB."""
    (folder / "meminfo").write_text(f"MemTotal: 8000000 kB\nMemAvailable: {free_kb} kB\nX: 1\n")
    (folder / "self").mkdir()
    (folder / "self" / "status").write_text("Name:\tpython3\nVmRSS:\t  210000 kB\n")
    return folder


def test_memory_is_told_in_words(tmp_path: Path) -> None:
    check = memory(proc(tmp_path, free_kb=4_000_000))

    assert check.ok
    assert check.detail == "4.1 of 8.2 GB free, 215 MB ours"


def test_little_memory_is_a_note_with_a_remedy_and_no_failure(tmp_path: Path) -> None:
    check = memory(proc(tmp_path, free_kb=300_000))

    assert (check.ok, check.required) == (False, False)
    assert check.remedy


def test_a_system_that_tells_nothing_finds_no_fault(tmp_path: Path) -> None:
    assert memory(tmp_path / "none").ok
    assert "not known" in memory(tmp_path / "none").detail


@pytest.mark.parametrize(("load", "ok"), [(0.5, True), (8.0, True), (8.1, False)])
def test_the_processor_is_judged_by_its_cores(load: float, ok: bool) -> None:
    check = processor(load, 2)

    assert (check.ok, check.required) == (ok, False)
    assert check.detail == f"load {load} on 2 cores"


def health(tmp_path: Path, sources: Any, rest: FetchRest | None = None) -> HealthChecks:
    """Checks over a catalog with these sources, whose pictures rest so."""
    catalog = Mock()
    catalog.assets.counts.return_value = {"ready": 3}
    catalog.sources.list = sources
    return HealthChecks(
        catalog,
        data_dir=tmp_path,
        min_free_bytes=0,
        alive_workers=lambda: 1,
        wanted_workers=1,
        watch_warning=lambda: None,
        resting=lambda _source_id: rest,
    )


@pytest.mark.parametrize(
    ("change", "ok", "words"),
    [
        ({}, True, "Photos: online, last synced 2026-07-31 12:00 UTC"),
        ({"last_scan_at": None}, True, "not synced yet"),
        ({"paused": True, "state": "offline"}, True, "Photos: paused"),
        ({"state": "attention", "error": "Photos refuses the key."}, False, "refuses the key"),
        ({"state": "attention", "error": "It is away."}, False, "It is away. It was last synced 2"),
        ({"state": "offline"}, False, "Photos: offline"),
        (
            {"resume_at": LATER, "failures": 6, "error": "It is away."},
            False,
            "It is away. It rests until 2026-07-31 12:05 UTC after 6 failures in a row. It was la",
        ),
        ({"resume_at": LATER}, True, "Photos: online. It rests until 2026-07-31 12:05 UTC. It was"),
    ],
    ids=["online", "new", "paused", "refused", "sentence", "offline", "breaker", "patience"],
)
def test_each_remote_has_a_line_of_its_own(
    tmp_path: Path, change: dict[str, Any], ok: bool, words: str
) -> None:
    checks = health(tmp_path, lambda: [replace(PHOTOS, **change)])

    report = checks.ask()
    checks.close()

    lines = {check.name: check for check in report.checks}
    assert {"index", "disk", "memory", "cpu", "immich-2"} <= set(lines)
    assert (lines["immich-2"].ok, lines["immich-2"].required) == (ok, False)
    assert words in lines["immich-2"].detail
    assert bool(lines["immich-2"].remedy) is not ok
    assert report.ok  # a remote that is away is no failure of the program


@pytest.mark.parametrize(
    ("change", "failures", "ok", "words"),
    [
        ({}, 5, False, "until 2026-07-31 12:05 UTC after 5 failures in a row. It was last synced"),
        ({}, 0, True, "Photos: online. Pictures do not come: It is busy. They rest until 2026-07-"),
        ({"resume_at": LATER, "failures": 5}, 5, False, "Photos: online. It rests until"),
        ({"paused": True}, 5, True, "Photos: paused, last synced"),
    ],
    ids=["breaker", "patience", "rests as a whole", "paused"],
)
def test_a_remote_whose_pictures_rest_says_why_and_until_when(
    tmp_path: Path, change: dict[str, Any], failures: int, ok: bool, words: str
) -> None:
    rest = FetchRest("It is busy.", LATER, failures)
    checks = health(tmp_path, lambda: [replace(PHOTOS, **change)], rest)

    report = checks.ask()
    checks.close()

    (line,) = (check for check in report.checks if check.name == "immich-2")
    assert line.ok is ok
    assert words in line.detail
    assert bool(line.remedy) is not ok


def test_what_hangs_is_told_and_the_rest_still_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_room, "PATIENCE_S", 2)  # the rest may be slow on a busy machine
    release = threading.Event()

    def hang() -> list[Source]:
        release.wait(60)
        return []

    checks = health(tmp_path, hang)

    report = checks.ask()
    release.set()
    checks.close()

    lines = {check.name: check for check in report.checks}
    assert lines["disk"].ok
    assert "in time" in lines["index"].detail
    assert not report.ok


def test_while_something_hangs_no_queue_grows_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_room, "PATIENCE_S", 0.05)
    release, begun = threading.Event(), threading.Semaphore(0)

    def hang() -> list[Source]:
        begun.release()
        release.wait(60)
        return []

    checks = health(tmp_path, hang)

    reports = [checks.ask() for _ in range(9)]
    release.set()
    checks._threads.shutdown(wait=True)  # all that was begun or waits runs to its end

    assert not any(report.ok for report in reports)
    assert sum(begun.acquire(blocking=False) for _ in range(27)) <= 8  # there are 8 threads
