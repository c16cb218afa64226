"""The pool that reads and decodes in other processes: priorities, time and memory limits.

Each worker is a fresh interpreter running `child.py` at a low priority, owned by one thread of
this process. A file that crashes, hangs or bloats its worker fails alone: the worker is ended,
a new one takes its place, the file has a second try in a fork of its own, and everything else
in the queue goes on. Start with `WorkerPool`.
"""

from __future__ import annotations

import heapq
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from gallery_app.domain.errors import GalleryError, NotReady, Unreadable
from gallery_app.domain.model import Described, NotAPicture, Processed
from gallery_app.domain.renditions import RenditionSpec
from gallery_app.imaging import asking, barcode, wire

CRASHED = wire.CRASHED
TIMED_OUT = "Decoding this file took too long and was stopped."
_LONGEST_START_S = 60.0
_READ_BYTES = 1 << 20
_RETRY_AFTER_S = 5


@dataclass(order=True, slots=True)
class _Task:
    """What a caller asked for; `requests` are answered one after the other by one worker."""

    priority: int
    number: int
    requests: list[dict[str, object]] = field(compare=False)
    settle: Callable[[list[wire.Answer]], None] = field(compare=False)
    fail: Callable[[GalleryError], None] = field(compare=False)
    start: Callable[[], bool] = field(compare=False)
    answers: list[wire.Answer] = field(default_factory=list, compare=False)


class WorkerPool:
    """Processes that describe, process and render originals.

    A task fails with Unreadable when its file is at fault, and with NotReady when the pool is:
    it closes, or no process can be started.

    Args:
        workers: how many processes, 1 or more.
        timeout_s: wall time one file may take.
        memory_bytes: resident memory one worker may have.
        nice: added to the niceness of each worker.
    """

    def __init__(
        self,
        workers: int,
        *,
        timeout_s: float = 20.0,
        memory_bytes: int = 1 << 30,
        nice: int = 10,
    ) -> None:
        self._timeout_s = timeout_s
        self._arguments = [str(nice), str(memory_bytes), str(timeout_s)]
        self._tasks: list[_Task] = []
        self._changed = threading.Condition()
        self._numbers = 0
        self._closed = False
        self._workers: list[_Worker | None] = [None] * workers
        self._threads = [
            threading.Thread(target=self._serve, args=(n,), name=f"imaging-{n}", daemon=True)
            for n in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def describe(
        self, paths: Sequence[str], *, priority: int, trusted: bool
    ) -> Future[list[Described | NotAPicture | GalleryError]]:
        """The description of each path, in order; an error stands for one that has none.

        Args:
            paths: absolute.
            priority: lower goes first.
            trusted: the owner's own folder; otherwise each file is decoded in its own fork.
        """
        requests = [asking.request("describe", path, trusted=trusted) for path in paths]
        future: Future[list[Described | NotAPicture | GalleryError]] = Future()
        self._put(priority, requests, cast("Future[object]", future), list)
        return future

    def process(
        self,
        path: str,
        specs: Sequence[RenditionSpec],
        *,
        priority: int,
        trusted: bool,
        sha1: bool = False,
    ) -> Future[Processed]:
        """Everything kept of an original, as `imaging.process.process`; fails with its errors."""
        request = asking.request("process", path, trusted=trusted, specs=specs, sha1=sha1)
        future: Future[Processed] = Future()
        self._put(priority, [request], cast("Future[object]", future), asking.only)
        return future

    def render(
        self, path: str, specs: Sequence[RenditionSpec], *, priority: int, trusted: bool
    ) -> Future[wire.Rendered]:
        """Renditions of an original, as `imaging.process.render`; fails with its errors."""
        request = asking.request("render", path, trusted=trusted, specs=specs)
        future: Future[wire.Rendered] = Future()
        self._put(priority, [request], cast("Future[object]", future), asking.only)
        return future

    def barcodes(self, path: str, *, trusted: bool, priority: int = 30) -> Future[list[str]]:
        """The article numbers an original shows, as `imaging.barcode.barcodes`.

        Without the extra `barcode` it is an empty list, at once; see `reads_barcodes`.
        """
        future: Future[list[str]] = Future()
        if not self.reads_barcodes():
            future.set_result([])
            return future
        request = asking.request("barcodes", path, trusted=trusted)
        self._put(priority, [request], cast("Future[object]", future), asking.numbers)
        return future

    def reads_barcodes(self) -> bool:
        """Whether the extra `barcode` is installed."""
        return barcode.available()

    def depth(self) -> int:
        """How many tasks wait, not counting those at work."""
        with self._changed:
            return len(self._tasks)

    def alive(self) -> int:
        """How many worker processes run."""
        return sum(worker is not None and worker.runs() for worker in self._workers)

    def pids(self) -> list[int]:
        """The process ids of the workers that run."""
        return [worker.pid for worker in self._workers if worker is not None and worker.runs()]

    def close(self, wait_s: float = 5.0) -> None:
        """Ends the pool: what waits is cancelled, what runs has `wait_s`, then it is ended."""
        with self._changed:
            self._closed = True
            waiting, self._tasks = self._tasks, []
            self._changed.notify_all()
        for task in waiting:
            task.fail(_later())
        until = time.monotonic() + wait_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        for worker in self._workers:
            if worker is not None:
                worker.end()
        for thread in self._threads:
            thread.join(1.0)

    def _put(
        self,
        priority: int,
        requests: list[dict[str, object]],
        future: Future[object],
        shape: Callable[[list[wire.Answer]], object],
    ) -> None:
        def settle(answers: list[wire.Answer]) -> None:
            try:
                value = shape(answers)
            except GalleryError as error:
                fail(error)
            else:
                with suppress(InvalidStateError):
                    future.set_result(value)

        def fail(error: GalleryError) -> None:
            with suppress(InvalidStateError):
                future.set_exception(error)

        with self._changed:
            if self._closed:
                fail(_later())
                return
            self._numbers += 1
            begin = future.set_running_or_notify_cancel
            task = _Task(priority, self._numbers, requests, settle, fail, begin)
            heapq.heappush(self._tasks, task)
            self._changed.notify()

    def _serve(self, slot: int) -> None:
        """The life of one thread: start a worker, feed it tasks, replace it when it is lost."""
        self._replace(slot)
        while (task := self._next()) is not None:
            if task.answers or task.start():
                self._work(slot, task)
        worker = self._workers[slot]
        if worker is not None:
            worker.end()

    def _work(self, slot: int, task: _Task) -> None:
        """Answers the task's requests, until it is done or something more urgent waits."""
        while len(task.answers) < len(task.requests):
            task.answers.append(self._ask(slot, task.requests[len(task.answers)]))
            if self._put_back(task):
                return
        task.settle(task.answers)

    def _put_back(self, task: _Task) -> bool:
        """Queues what is left of a batch again if a more urgent task waits.

        Nobody who looks at a picture waits for a folder to be described.
        """
        with self._changed:
            if len(task.answers) == len(task.requests) or not self._tasks or self._closed:
                return False
            if self._tasks[0].priority >= task.priority:
                return False
            heapq.heappush(self._tasks, task)
            return True

    def _next(self) -> _Task | None:
        with self._changed:
            while not self._tasks and not self._closed:
                self._changed.wait()
            return None if self._closed else heapq.heappop(self._tasks)

    def _ask(self, slot: int, request: dict[str, object]) -> wire.Answer:
        """The answer to one request; a file that lost its worker has a second, fenced try.

        A worker can also be lost to a machine short of memory, or to a file before this one.
        """
        answer = self._try(slot, request)
        if isinstance(answer, Unreadable) and answer.public in {CRASHED, TIMED_OUT}:
            answer = self._try(slot, {**request, "isolated": True})
        return answer

    def _try(self, slot: int, request: dict[str, object]) -> wire.Answer:
        if self._closed:
            return _later()
        worker = self._workers[slot]
        if worker is None or not worker.runs():
            worker = self._replace(slot)
        if worker is None:
            return _later()  # no decoder could be started: no fault of the file
        try:
            return worker.ask(request, self._timeout_s)
        except TimeoutError:
            sentence = TIMED_OUT
        except Exception:  # noqa: BLE001  # hostile bytes wrote the answer; this thread must live
            sentence = CRASHED
        worker.end()
        if self._closed:
            return _later()
        self._replace(slot)
        return Unreadable(sentence)

    def _replace(self, slot: int) -> _Worker | None:
        self._workers[slot] = None
        try:
            self._workers[slot] = _Worker(self._arguments)
        except Exception:  # noqa: BLE001  # whatever it was, the next task tries again
            return None
        return self._workers[slot]


def _later() -> NotReady:
    """What a task hears when the pool, not its file, is at fault."""
    return NotReady(retry_after_s=_RETRY_AFTER_S)


class _Worker:
    """One child process and the two pipes to it.

    Raises:
        OSError, EOFError, TimeoutError: it does not start.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        root = Path(__file__).resolve().parents[2]
        # Whoever decodes hostile bytes has no business with the server's settings and secrets.
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GALLERY_")}
        environment = {**kept, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-m", "gallery_app.imaging.child", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=root,
            env=environment,
            start_new_session=sys.platform != "win32",
        )
        self.pid = self._process.pid
        self._buffer = b""
        self._number = 0  # of the last request; its answer bears it too
        try:
            self._receive(_LONGEST_START_S)
        except BaseException:
            self.end()
            raise

    def runs(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def ask(self, request: dict[str, object], timeout_s: float) -> wire.Answer:
        """The answer to one request.

        Raises:
            TimeoutError: none within `timeout_s`.
            EOFError, OSError: the process ended.
            Exception: the answer is none, or none to this request.
        """
        assert self._process.stdin is not None  # noqa: S101  # a pipe, by Popen's arguments
        self._number += 1
        numbered = {**request, "number": self._number}
        wire.write_frame(cast("BinaryIO", self._process.stdin), numbered, [])
        header, blobs = self._receive(timeout_s)
        if header.pop("number") != self._number:
            raise ValueError("an answer to another request")
        answer = wire.unpack(header, blobs)
        if not asking.answers(request, answer):
            raise ValueError("an answer to another question")
        return answer

    def _receive(self, timeout_s: float) -> tuple[dict[str, object], list[bytes]]:
        until = time.monotonic() + timeout_s
        size, header = wire.lengths(self._take(8, until))
        return wire.parse_frame(self._take(size, until), header)

    def _take(self, count: int, until: float) -> bytes:
        assert self._process.stdout is not None  # noqa: S101  # a pipe, by Popen's arguments
        descriptor = self._process.stdout.fileno()
        parts, have = [self._buffer], len(self._buffer)
        while have < count:
            # Windows cannot wait for a pipe; there the read itself waits.
            if sys.platform != "win32":
                poll = select.poll()  # not select(): descriptors may be over 1,024
                poll.register(descriptor, select.POLLIN)
                if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
                    raise TimeoutError
            part = os.read(descriptor, _READ_BYTES)
            if not part:
                raise EOFError
            parts.append(part)
            have += len(part)
        data = b"".join(parts)
        self._buffer = data[count:]
        return data[:count]

    def end(self) -> None:
        """Ends the process and whatever it forked, and waits for it."""
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            elif self._process.poll() is None:
                # Its own session, so that a fork at work on a file ends with it.
                os.killpg(self._process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
