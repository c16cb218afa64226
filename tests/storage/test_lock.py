"""One data folder, one process; a killed holder leaves nothing stale."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gallery_app.domain.errors import StoreInUse
from gallery_app.storage.lock import StoreLock

_HOLDER = """
import sys, time
from pathlib import Path
from gallery_app.storage.lock import StoreLock
StoreLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_holder_is_told_who_holds_it(tmp_path: Path) -> None:
    StoreLock(tmp_path).acquire()

    with pytest.raises(StoreInUse, match=f"process {os.getpid()} on {socket.gethostname()}"):
        StoreLock(tmp_path).acquire()


def test_a_released_folder_can_be_taken_again(tmp_path: Path) -> None:
    first = StoreLock(tmp_path)
    first.acquire()
    first.acquire()
    first.release()
    first.release()

    StoreLock(tmp_path).acquire()


def test_the_lock_makes_its_folder(tmp_path: Path) -> None:
    StoreLock(tmp_path / "new" / "data").acquire()

    assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700


def test_another_process_is_named_and_its_kill_frees_the_folder(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreInUse, match=f"process {holder.pid} "):
            StoreLock(tmp_path).acquire()
        holder.send_signal(signal.SIGKILL)

    StoreLock(tmp_path).acquire()


@pytest.mark.parametrize("text", [b"", b"garbage\xff", b"12"], ids=["empty", "garbage", "no host"])
def test_a_lock_file_without_a_name_is_still_a_lock(tmp_path: Path, text: bytes) -> None:
    StoreLock(tmp_path).acquire()
    (tmp_path / "gallery.lock").write_bytes(text)

    with pytest.raises(StoreInUse, match="another process"):
        StoreLock(tmp_path).acquire()
