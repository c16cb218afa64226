"""The pool: order, isolation, and how it outlives what a file does to a worker."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from PIL import Image

from gallery_app.domain.errors import NotReady, TooManyPixels, Unreadable, UpstreamGone
from gallery_app.domain.model import Described, NotAPicture, Sha256
from gallery_app.domain.renditions import RENDITIONS
from gallery_app.imaging import process as in_process
from gallery_app.imaging import wire
from gallery_app.imaging.describe import describe
from gallery_app.imaging.faults import NO_MEMORY
from gallery_app.imaging.wire import Rendered
from gallery_app.imaging.workers import CRASHED, TIMED_OUT, WorkerPool
from tests.imaging.conftest import Write

SMALL = [RENDITIONS["small"]]
PATIENCE_S = 60


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    """One worker for all tests that leave it alive."""
    workers = WorkerPool(1, nice=0)
    yield workers
    workers.close()


@pytest.fixture(scope="module")
def slow_png() -> bytes:
    """64 MP that take a good part of a second to decode and weigh nothing."""
    target = io.BytesIO()
    Image.new("RGB", (8000, 8000), (90, 120, 30)).save(target, "PNG", compress_level=1)
    return target.getvalue()


def _until(true: Callable[[], object]) -> None:
    """Waits for a condition of another process, by looking again, for a minute at most."""
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until
        threading.Event().wait(0.002)


def test_a_worker_s_answers_are_those_of_the_functions(pool: WorkerPool, write: Write) -> None:
    path = write("640x480 jpeg, taken 2016-07-03 14:05:06, gps 48.2 11.6, keywords a b, "
                 "exif thumbnail, orientation 6")  # fmt: skip
    specs = list(RENDITIONS.values())

    described = pool.describe([path], priority=10, trusted=True).result(PATIENCE_S)
    processed = pool.process(path, specs, priority=20, trusted=True, sha1=True).result(PATIENCE_S)
    rendered = pool.render(path, SMALL, priority=0, trusted=True).result(PATIENCE_S)

    assert described == [describe(path)]
    assert processed == in_process.process(path, specs, sha1=True)
    assert rendered == in_process.render(path, SMALL)


def test_a_stranger_s_file_gives_the_same_from_a_fork_of_its_own(
    pool: WorkerPool, write: Write
) -> None:
    path = write("640x480 png, seed 3")

    own = pool.process(path, SMALL, priority=20, trusted=True).result(PATIENCE_S)
    strange = pool.process(path, SMALL, priority=20, trusted=False).result(PATIENCE_S)

    assert own == strange


def test_a_batch_answers_each_path_in_order(pool: WorkerPool, write: Write, tmp_path: Path) -> None:
    good, other = write("64x48 jpeg"), write(b"hello", "notes.txt")
    gone = str(tmp_path / "gone.jpg")

    found = pool.describe([good, gone, other], priority=10, trusted=True).result(PATIENCE_S)

    assert [type(answer) for answer in found] == [Described, UpstreamGone, NotAPicture]


def test_domain_errors_arrive_with_their_data(pool: WorkerPool, write: Write) -> None:
    bomb = b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\0;"

    with pytest.raises(TooManyPixels) as caught:
        pool.process(write(bomb), SMALL, priority=20, trusted=True).result(PATIENCE_S)

    assert caught.value.limit_px == 100_000_000
    assert "65535 x 65535" in caught.value.public


def _note(order: list[int], priority: int, _: Future[Rendered]) -> None:
    order.append(priority)


def test_the_most_urgent_task_goes_first(pool: WorkerPool, write: Write, slow_png: bytes) -> None:
    path, slow = write("64x48 jpeg", "a.jpg"), write(slow_png, "slow.png")
    order: list[int] = []
    futures: list[Future[Rendered]] = []

    pool.render(slow, SMALL, priority=0, trusted=True)
    for priority in (20, 10, 0, 20, 0):
        future = pool.render(path, SMALL, priority=priority, trusted=True)
        future.add_done_callback(partial(_note, order, priority))
        futures.append(future)
    for future in futures:
        future.result(PATIENCE_S)
    _until(lambda: len(order) == 5)

    assert order == [0, 0, 10, 20, 20]


def test_nobody_waits_for_a_long_batch_to_end(pool: WorkerPool, write: Write) -> None:
    path = write("64x48 jpeg", "a.jpg")

    batch = pool.describe([path] * 1500, priority=10, trusted=True)
    pool.render(path, SMALL, priority=0, trusted=True).result(PATIENCE_S)

    assert not batch.done()
    assert batch.result(PATIENCE_S) == [describe(path)] * 1500


def test_a_cancelled_task_is_not_worked_on(pool: WorkerPool, write: Write, slow_png: bytes) -> None:
    slow = write(slow_png, "slow.png")

    first = pool.render(slow, SMALL, priority=0, trusted=True)
    second = pool.render(slow, SMALL, priority=20, trusted=True)

    assert second.cancel()
    first.result(PATIENCE_S)
    _until(lambda: pool.depth() == 0)


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGKILL], ids=lambda how: how.name)
def test_a_crash_fails_its_own_task_only(
    write: Write, slow_png: bytes, how: signal.Signals
) -> None:
    workers = WorkerPool(1, nice=0)
    try:
        path, slow = write("64x48 jpeg", "a.jpg"), write(slow_png, "slow.png")
        workers.render(path, SMALL, priority=0, trusted=True).result(PATIENCE_S)
        before = workers.pids()

        doomed = workers.render(slow, SMALL, priority=0, trusted=True)
        next_one = workers.render(path, SMALL, priority=20, trusted=True)
        _until(lambda: workers.depth() == 1)
        os.kill(before[0], how)
        _until(lambda: workers.pids() not in ([], before))
        os.kill(workers.pids()[0], how)

        with pytest.raises(Unreadable, match=CRASHED):
            doomed.result(PATIENCE_S)
        assert next_one.result(PATIENCE_S)
        assert workers.pids() != before
        assert workers.alive() == 1
    finally:
        workers.close()


@pytest.mark.parametrize(
    "fault",
    [IndexError, RecursionError, AttributeError, MemoryError],
    ids=lambda kind: kind.__name__,
)
def test_an_answer_that_makes_no_sense_fails_its_own_task_only(
    write: Write, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    workers = WorkerPool(1, nice=0)
    try:
        path, sense = write("64x48 jpeg"), wire.unpack

        def nonsense(header: dict[str, object], blobs: list[bytes]) -> wire.Answer:
            raise fault

        monkeypatch.setattr(wire, "unpack", nonsense)
        doomed = workers.render(path, SMALL, priority=0, trusted=True)
        with pytest.raises(Unreadable, match=CRASHED):
            doomed.result(5)
        monkeypatch.setattr(wire, "unpack", sense)

        assert workers.render(path, SMALL, priority=0, trusted=True).result(PATIENCE_S)
        assert workers.alive() == 1
    finally:
        workers.close()


@pytest.mark.parametrize(
    "answer",
    [
        NotAPicture(1, 1),
        wire.Rendered(Sha256("0" * 64), {}),
        wire.Rendered(Sha256("0" * 64), {"large": b"x"}),
    ],
    ids=["another kind of answer", "a rendition too few", "a rendition not asked for"],
)
def test_an_answer_to_another_question_is_none(
    write: Write, monkeypatch: pytest.MonkeyPatch, answer: wire.Answer
) -> None:
    workers = WorkerPool(1, nice=0)
    try:
        monkeypatch.setattr(wire, "unpack", lambda header, blobs: answer)

        with pytest.raises(Unreadable, match=CRASHED):
            workers.render(write("64x48 jpeg"), SMALL, priority=0, trusted=True).result(5)
    finally:
        workers.close()


def test_a_file_whose_worker_was_ended_gets_a_second_try(write: Write, slow_png: bytes) -> None:
    workers = WorkerPool(1, nice=0)
    try:
        path, slow = write("64x48 jpeg", "a.jpg"), write(slow_png, "slow.png")
        workers.render(path, SMALL, priority=0, trusted=True).result(PATIENCE_S)
        (before,) = workers.pids()

        sound = workers.render(slow, SMALL, priority=0, trusted=True)
        later = workers.render(path, SMALL, priority=20, trusted=True)
        _until(lambda: workers.depth() == 1)
        os.kill(before, signal.SIGKILL)  # as a machine short of memory does

        assert sound.result(PATIENCE_S).renditions
        assert later.result(PATIENCE_S)
    finally:
        workers.close()


def test_the_second_try_is_fenced_off(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def ask(_: object, request: dict[str, object], __: float) -> wire.Answer:
        asked.append(request["isolated"])
        raise EOFError

    monkeypatch.setattr("gallery_app.imaging.workers._Worker.ask", ask)
    workers = WorkerPool(1, nice=0)
    try:
        with pytest.raises(Unreadable, match=CRASHED):
            workers.render(write("64x48 jpeg"), SMALL, priority=0, trusted=True).result(PATIENCE_S)
    finally:
        workers.close()

    assert asked == [False, True]


def test_a_decoder_that_does_not_start_is_no_fault_of_the_file(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", _no_process)
    workers = WorkerPool(1, nice=0)
    try:
        with pytest.raises(NotReady):
            workers.render(write("64x48 jpeg"), SMALL, priority=0, trusted=True).result(PATIENCE_S)
    finally:
        workers.close()


def _no_process(*_: object, **__: object) -> None:
    raise OSError(11, "Resource temporarily unavailable")


def test_a_crash_inside_a_stranger_s_fork_leaves_the_worker(
    pool: WorkerPool, write: Write, slow_png: bytes
) -> None:
    slow = write(slow_png, "slow.png")
    pool.render(write("64x48 jpeg", "a.jpg"), SMALL, priority=0, trusted=False).result(PATIENCE_S)
    worker = pool.pids()[0]
    children = Path(f"/proc/{worker}/task/{worker}/children")

    doomed = pool.render(slow, SMALL, priority=0, trusted=False)
    _until(lambda: children.read_text().strip())
    first = children.read_text()
    os.kill(int(first), signal.SIGSEGV)
    _until(lambda: children.read_text().strip() not in ("", first.strip()))
    os.kill(int(children.read_text()), signal.SIGSEGV)

    with pytest.raises(Unreadable, match=CRASHED):
        doomed.result(PATIENCE_S)
    assert pool.pids() == [worker]


@pytest.mark.parametrize("trusted", [True, False], ids=["own file", "stranger's file"])
def test_a_file_that_takes_too_long_is_stopped(
    write: Write, slow_png: bytes, trusted: bool
) -> None:
    workers = WorkerPool(1, nice=0, timeout_s=0.15)
    try:
        path, slow = write("64x48 jpeg", "a.jpg"), write(slow_png, "slow.png")
        doomed = workers.render(slow, SMALL, priority=0, trusted=trusted)
        with pytest.raises(Unreadable, match=TIMED_OUT):
            doomed.result(PATIENCE_S)

        (after,) = workers.describe([path], priority=10, trusted=True).result(PATIENCE_S)
        assert isinstance(after, Described)
    finally:
        workers.close()


@pytest.mark.parametrize("trusted", [True, False], ids=["own file", "stranger's file"])
def test_a_file_that_needs_too_much_memory_is_refused_and_the_worker_lives(
    write: Write, slow_png: bytes, trusted: bool
) -> None:
    workers = WorkerPool(1, nice=0, memory_bytes=120 << 20)
    try:
        path, slow = write("64x48 jpeg", "a.jpg"), write(slow_png, "slow.png")
        with pytest.raises(Unreadable) as caught:
            workers.process(slow, SMALL, priority=0, trusted=trusted).result(PATIENCE_S)

        assert caught.value.public in {NO_MEMORY, CRASHED}
        assert workers.process(path, SMALL, priority=0, trusted=trusted).result(PATIENCE_S)
    finally:
        workers.close()


def test_closing_fails_what_waits_and_ends_the_processes(write: Write, slow_png: bytes) -> None:
    workers = WorkerPool(1, nice=0)
    slow = write(slow_png, "slow.png")
    tasks = [workers.render(slow, SMALL, priority=0, trusted=True) for _ in range(4)]

    workers.close(wait_s=0.0)

    for task in tasks:
        with pytest.raises(NotReady):
            task.result(PATIENCE_S)
    assert workers.alive() == 0
    with pytest.raises(NotReady):
        workers.render(slow, SMALL, priority=0, trusted=True).result(PATIENCE_S)


@pytest.mark.parametrize("shift", [-1, 1, None], ids=["an old one", "one to come", "none"])
def test_an_answer_to_another_request_is_none(
    write: Write, monkeypatch: pytest.MonkeyPatch, shift: int | None
) -> None:
    parse = wire.parse_frame

    def forged(frame: bytes, header_bytes: int) -> tuple[dict[str, object], list[bytes]]:
        header, blobs = parse(frame, header_bytes)
        number = cast("int", header.pop("number", 0))
        return ({**header, "number": number + shift} if shift else header), blobs

    monkeypatch.setattr(wire, "parse_frame", forged)
    workers = WorkerPool(1, nice=0)
    try:
        with pytest.raises(Unreadable, match=CRASHED):
            workers.render(write("64x48 jpeg"), SMALL, priority=0, trusted=True).result(PATIENCE_S)
    finally:
        workers.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="lists open files as Linux does")
def test_a_stranger_s_fork_holds_the_pipe_of_its_own_answer_only() -> None:
    code = (
        "import os; from gallery_app.domain.errors import Unreadable;"
        "from gallery_app.imaging import child;"
        "names = lambda: [os.readlink(f.path) for f in os.scandir('/proc/self/fd')"
        " if os.path.islink(f.path)];"
        "child._answer = lambda request: Unreadable(str(sum('pipe:' in n for n in names())));"
        "child.main(['0', '0', '20'])"
    )
    request = io.BytesIO()
    wire.write_frame(request, {"do": "render", "isolated": True, "number": 7}, [])

    said = subprocess.run(
        [sys.executable, "-c", code],
        input=request.getvalue(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
    )  # fmt: skip

    answers = io.BytesIO(said.stdout)
    wire.read_frame(answers)  # that it is ready
    found = wire.read_frame(answers)
    assert found is not None
    assert found[0]["data"] == {"reason": "1"}
    assert found[0]["number"] == 7


def test_a_worker_holds_nothing_of_the_server() -> None:
    code = (
        "import sys, gallery_app.imaging.child;"
        "print(*sorted({'nicegui', 'fastapi', 'scipy', 'imagehash', 'sqlite3', 'httpx', 'asyncio'}"
        " & set(sys.modules)))"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == ""
