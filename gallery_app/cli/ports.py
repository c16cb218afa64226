"""Who listens on a port, as far as the system tells."""

from __future__ import annotations

from pathlib import Path

_LISTENING = "0A"  # Source: linux/include/net/tcp_states.h, TCP_LISTEN


def who_listens(port: int, proc: Path = Path("/proc")) -> str | None:
    """The program that listens on a TCP port: `python3 (process 4711)`; None if unknown.

    Args:
        port: the local port.
        proc: the process file system; others' processes may not tell their sockets.
    """
    inodes = _inodes(port, proc)
    if not inodes:
        return None
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in proc.glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in wanted for link in (process / "fd").iterdir()):
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                return f"{name} (process {process.name})"
        except OSError:
            continue  # ended meanwhile, or another user's
    return None


def _inodes(port: int, proc: Path) -> set[str]:
    found = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text(encoding="ascii").splitlines()[1:]
        except (OSError, UnicodeDecodeError):
            continue
        for line in lines:
            parts = line.split()
            if len(parts) < 10 or parts[3] != _LISTENING:
                continue
            if int(parts[1].rpartition(":")[2], 16) == port:
                found.add(parts[9])
    return found
