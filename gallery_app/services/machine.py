"""How the machine is, as lines of the health report: memory and processor.

Read from where the kernel tells it; where nothing is told (not Linux), the line says so and
finds no fault.
"""

from __future__ import annotations

import os
from pathlib import Path

from gallery_app.services.values import Check

PROC = Path("/proc")
LEAST_FREE_SHARE = 0.05  # of memory; below, the system begins to swap or to end processes
MOST_LOAD = 4.0  # processes waiting per core; source: usual rule of thumb


def memory(proc: Path = PROC) -> Check:
    """How much memory is free, and how much of it is ours."""
    told = _numbers(proc / "meminfo")
    total, free = told.get("MemTotal"), told.get("MemAvailable")
    if not total or free is None:
        return Check("memory", ok=True, required=False, detail="not known on this system")
    ok = free >= LEAST_FREE_SHARE * total
    ours = _numbers(proc / "self" / "status").get("VmRSS", 0)
    return Check(
        "memory",
        ok=ok,
        required=False,
        detail=f"{free / 1e9:.1f} of {total / 1e9:.1f} GB free, {ours / 1e6:,.0f} MB ours",
        remedy="" if ok else "Close other programs, or start with fewer workers.",
    )


def processor(load: float | None = None, cores: int | None = None) -> Check:
    """How many processes wait for how many cores, over the last minute."""
    if load is None:
        try:
            load = os.getloadavg()[0]
        except (OSError, AttributeError):
            return Check("cpu", ok=True, required=False, detail="not known on this system")
    cores = cores or os.cpu_count() or 1
    ok = load <= MOST_LOAD * cores
    return Check(
        "cpu",
        ok=ok,
        required=False,
        detail=f"load {load:.1f} on {cores} {'core' if cores == 1 else 'cores'}",
        remedy="" if ok else "Other programs take the processor; pictures come slower.",
    )


def _numbers(path: Path) -> dict[str, int]:
    """Lines such as `MemTotal: 8123456 kB`, in bytes."""
    found = {}
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return {}
    for line in lines:
        name, _, rest = line.partition(":")
        parts = rest.split()
        if len(parts) == 2 and parts[0].isdigit() and parts[1] == "kB":
            found[name] = int(parts[0]) * 1024
    return found
