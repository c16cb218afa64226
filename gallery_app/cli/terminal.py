"""Where the command line writes: results to one stream, everything else to the other."""

from __future__ import annotations

import shutil
from typing import TextIO


class Terminal:
    """`line` is for results (a script may read them), `note` and `progress` are for people."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err
        self._shown = False

    def line(self, text: str = "") -> None:
        """A line of results."""
        self.clear()
        self._out.write(text + "\n")
        self._out.flush()

    def note(self, text: str) -> None:
        """A line for the person at the terminal."""
        self.clear()
        self._err.write(text + "\n")
        self._err.flush()

    def progress(self, share: float, text: str) -> None:
        """A bar at the foot of a terminal; nothing when there is none.

        Args:
            share: 0 to 1, how much is done.
            text: numbers beside the bar.
        """
        if not self._err.isatty():
            return
        full = round(max(0.0, min(1.0, share)) * 24)
        bar = "█" * full + "░" * (24 - full)
        width = shutil.get_terminal_size().columns - 1
        self._err.write("\r\x1b[K" + f"{bar} {text}"[:width])
        self._err.flush()
        self._shown = True

    def clear(self) -> None:
        """The bar is gone."""
        if self._shown:
            self._err.write("\r\x1b[K")
            self._shown = False


def printable(text: str) -> str:
    """The text without characters that would move a terminal's cursor or change its colours."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
