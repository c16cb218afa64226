"""What journeys need of the system to begin a program and to strike it down."""

from __future__ import annotations

import os

from tests.journeys.whole import until


def plain_env() -> dict[str, str]:
    """The environment of a program that knows of no test."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "NICEGUI"))}


def ended(group: int) -> None:
    """Return once no process of the group lives: workers notice by themselves that all is over."""
    until(lambda: not _lives(group), saying=lambda: "its workers live on without it")


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
