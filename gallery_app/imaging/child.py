"""A worker: reads requests from its standard input, answers on its standard output.

Started by `workers.py` as `python -m gallery_app.imaging.child`, so nothing of the server is in
its memory, and none of its file handles. It lowers its own priority and limits its own memory;
files that are not the owner's are decoded in a forked child each, so that nothing one file does
to the decoder is seen by the next. Ends when its input ends.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast

from PIL import Image

from gallery_app.domain.errors import GalleryError, Unreadable
from gallery_app.domain.policy import PIXEL_LIMITS
from gallery_app.imaging import barcode, process, wire
from gallery_app.imaging.describe import describe
from gallery_app.imaging.faults import NO_MEMORY, translated

if sys.platform != "win32":
    import resource

_GRACE_S = 5
_BLOCKS_KEPT = 16


def main(arguments: list[str]) -> None:
    """Serves until standard input ends: arguments are nice value, memory bytes, timeout s."""
    nice, memory_bytes, timeout_s = int(arguments[0]), int(arguments[1]), float(arguments[2])
    requests, answers = _private_streams()
    if sys.platform != "win32":
        os.nice(nice)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    _warm_up()
    gc.freeze()  # a fork shares these objects as long as nothing counts through them
    _limit_memory(memory_bytes)
    wire.write_frame(answers, {"kind": "ready"}, [])
    while (frame := wire.read_frame(requests)) is not None:
        request = frame[0]
        with _alarm(timeout_s):
            if request["isolated"]:
                answer = _isolated(request, not_for_it=(requests, answers))
            else:
                answer = _answer(request)
        header, blobs = wire.pack(answer)
        wire.write_frame(answers, {**header, "number": request["number"]}, blobs)


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes under numbers of their own; libraries that print reach stderr instead."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return requests, answers


def _warm_up() -> None:
    """Loads the decoders, so that forked children have them, and keeps freed blocks.

    Blocks are an allocator's setting, not a decoder's: a full decode costs a third less when
    Pillow may keep some of them (design/pipeline.md, section 1).
    """
    Image.preinit()
    barcode.warm_up()
    with suppress(ImportError):
        from PIL import AvifImagePlugin, TiffImagePlugin, WebPImagePlugin

        del AvifImagePlugin, TiffImagePlugin, WebPImagePlugin
    # Every header is checked against the policy before a pixel is made (`decode.check_limits`);
    # Pillow's own limit would refuse JPEGs of 180 MP, which decode at 1/8 in little memory.
    Image.MAX_IMAGE_PIXELS = max(PIXEL_LIMITS.values())
    core = Image.core  # type: ignore[attr-defined]  # Pillow's C module, without hints
    core.set_blocks_max(_BLOCKS_KEPT)


def _limit_memory(memory_bytes: int) -> None:
    """Caps the address space so that the resident size stays below `memory_bytes`."""
    if sys.platform == "linux" and memory_bytes:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  # a pseudo file
            total, resident = (int(number) for number in file.read().split()[:2])
        mapped_only = (total - resident) * os.sysconf("SC_PAGE_SIZE")
        limit = memory_bytes + mapped_only
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


@contextmanager
def _alarm(timeout_s: float) -> Iterator[None]:
    """Ends this process by itself should its parent be gone when a file never ends."""
    if sys.platform == "win32":
        yield
        return
    signal.alarm(int(timeout_s) + _GRACE_S)
    yield
    signal.alarm(0)


def _answer(request: Mapping[str, object]) -> wire.Answer:
    """The result of one request, or the domain error it ended with."""
    path = str(request["path"])
    # Outside the border below: a request that cannot be read is no fault of a file.
    given = cast("list[dict[str, object]]", request["specs"])
    specs = [wire.spec_from(fields) for fields in given]
    try:
        with translated():
            if request["do"] == "describe":
                return describe(path)
            if request["do"] == "render":
                return process.render(path, specs)
            if request["do"] == "barcodes":
                return wire.Barcodes(tuple(barcode.barcodes(path)))
            return process.process(path, specs, sha1=bool(request["sha1"]))
    except GalleryError as error:
        return error


def _isolated(request: Mapping[str, object], *, not_for_it: Sequence[BinaryIO]) -> wire.Answer:
    """`_answer` in a forked child with limits of its own; the fork ends with the file.

    The child closes `not_for_it`: who takes over its decoder could otherwise answer for other
    files, or swallow what is asked about them.
    """
    if sys.platform == "win32":
        return _answer(request)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            for descriptor in (reader, *(pipe.fileno() for pipe in not_for_it)):
                os.close(descriptor)
            _fence()
            with os.fdopen(writer, "wb") as stream:
                wire.write_frame(stream, *wire.pack(_answer(request)))
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as stream:
            frame = wire.read_frame(stream)
            answer = wire.unpack(*frame) if frame else None
    except (ValueError, TypeError, KeyError):
        answer = None
    except MemoryError:
        answer = Unreadable(NO_MEMORY)
    os.waitpid(child, 0)
    return answer if answer is not None else Unreadable(wire.CRASHED)


def _fence() -> None:
    """Limits for one strange file: 20 s of CPU, 64 files, no core dump, no file over 64 MiB."""
    if sys.platform != "win32":
        for limit, value in (
            (resource.RLIMIT_CPU, 20),
            (resource.RLIMIT_NOFILE, 64),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 64 << 20),
        ):
            with suppress(ValueError, OSError):
                resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    main(sys.argv[1:])
