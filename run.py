#!/usr/bin/env python3
"""Starts the gallery with nothing but Python 3.11: `python3 run.py FOLDER...`, `run.py test`.

On first use it makes `.venv` beside itself and installs the package into it, saying so in one
line; then it hands over to `gallery_app.cli`. Standard library only, and nothing newer than
Python 3.7 is needed to say that Python is too old. Start reading at `main`.
"""
# ruff: noqa: S603, S606 - it starts only Python and pip, with arguments written here

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
WINDOWS = os.name == "nt"
STAMP = "gallery-installed"  # what was installed, written when all of it was
UNFINISHED = "gallery-unfinished"  # there from the first step to the last


class CannotStart(Exception):
    """The sentence to say before leaving with exit code 1."""


def main(arguments: list[str], here: Path) -> int:
    """Install what is missing, then become the gallery; returns only when that cannot be.

    Args:
        arguments: those of `gallery`; `test` installs the test extra as well.
        here: the folder that holds `pyproject.toml` and gets `.venv`.
    """
    venv = here / ".venv"
    extra = "test" if arguments[:1] == ["test"] else ""
    try:
        require_python(sys.version_info[:2])
        if not is_installed(venv, stamp_of(here), extra):
            install(here, venv, extra)
    except CannotStart as error:
        say(str(error))
    except KeyboardInterrupt:
        say("Interrupted. The next start begins the installation again.")
    else:
        return hand_over([str(python_of(venv)), "-m", "gallery_app.cli", *arguments])
    return 1


def require_python(version: tuple[int, ...]) -> None:
    """Return only for a version that the gallery runs on.

    Raises:
        CannotStart: it is too old.
    """
    if version < OLDEST:
        found, needed = (".".join(map(str, v)) for v in (version, OLDEST))
        raise CannotStart(f"The gallery needs Python {needed} or newer; this is {found}.")


def python_of(venv: Path) -> Path:
    """The interpreter of a virtual environment."""
    return venv / "Scripts" / "python.exe" if WINDOWS else venv / "bin" / "python"


def stamp_of(here: Path) -> str:
    """A line that changes when the package must be installed again."""
    try:
        declared = hashlib.sha256((here / "pyproject.toml").read_bytes()).hexdigest()
    except OSError as error:
        raise CannotStart(f"{here} holds no pyproject.toml: run.py stays in its folder.") from error
    return f"{sys.version_info[0]}.{sys.version_info[1]} {sys.platform} {declared} {here}"


def is_installed(venv: Path, stamp: str, extra: str) -> bool:
    """Whether `venv` holds exactly what `stamp` says, with the extra if one is asked for."""
    try:
        lines = (venv / STAMP).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return False
    return lines[:1] == [stamp] and (not extra or extra in lines[1:]) and python_of(venv).exists()


def install(here: Path, venv: Path, extra: str) -> None:
    """The package and all it needs are in `venv`; one that is broken is made anew.

    Raises:
        CannotStart: Python lacks venv or pip, or pip failed; says what to do.
    """
    began = time.monotonic()
    if not is_sound(venv):
        make(venv)
    (venv / UNFINISHED).touch()
    if (venv / STAMP).exists():
        (venv / STAMP).unlink()
    run_pip(venv, here, f"{here}[{extra}]" if extra else str(here))
    (venv / STAMP).write_text(f"{stamp_of(here)}\n{extra}\n", encoding="utf-8")
    (venv / UNFINISHED).unlink()
    say(f"Installed in {time.monotonic() - began:.0f} s.")


def is_sound(venv: Path) -> bool:
    """Whether `venv` was not left half-made and has a working pip of this Python version."""
    if (venv / UNFINISHED).exists():
        return False
    code = "import sys, pip; print(*sys.version_info[:2])"
    command = [str(python_of(venv)), "-c", code]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return found.stdout.split() == [str(part) for part in sys.version_info[:2]]


def make(venv: Path) -> None:
    """A fresh, empty virtual environment stands at `venv`.

    Raises:
        CannotStart: this Python cannot make one here.
    """
    if venv.is_symlink() or venv.is_file():
        raise CannotStart(f"{venv} is not a folder; move it away and start again.")
    say(f"Making a virtual environment in {venv} ...")
    try:
        shutil.rmtree(str(venv), ignore_errors=True)
        venv.mkdir(parents=True, exist_ok=True)
        (venv / UNFINISHED).touch()
        subprocess.run([sys.executable, "-m", "venv", str(venv)], capture_output=True, check=True)
    except OSError as error:
        raise CannotStart(f"{venv} cannot be made: {error.strerror}.") from error
    except subprocess.CalledProcessError as error:
        raise CannotStart(
            "This Python cannot make a virtual environment with pip. "
            "On Debian and Ubuntu: sudo apt install python3-venv python3-pip"
        ) from error


def run_pip(venv: Path, here: Path, target: str) -> None:
    """`target` is installed in `venv`; a line at the foot counts pip's steps meanwhile.

    Raises:
        CannotStart: pip failed; its last lines are shown first.
    """
    say("Installing the gallery and what it needs (once; takes about a minute) ...")
    command = [str(python_of(venv)), "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", "--editable", target]
    last: list[str] = []
    steps = 0
    with subprocess.Popen(
        command, cwd=str(here), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", errors="replace",
    ) as pip:  # fmt: skip
        for line in pip.stdout or ():
            last = [*last[-14:], line.rstrip()]
            step = step_of(line)
            if step:
                steps += 1
                show(f"  {steps:3}  {step}")
    show("")
    if pip.returncode != 0:
        say("\n".join(last))
        raise CannotStart("Installing failed; pip's last lines are above. Then start again.")


def step_of(line: str) -> str:
    """What a line of pip's says in a few words; "" when it is no step."""
    words = line.split()
    if words[:1] == ["Collecting"]:
        return f"finding {words[-1] if len(words) == 2 else words[1]}"
    if words[:1] == ["Downloading"] and len(words) > 1:
        return f"fetching {words[1].rpartition('/')[2]}"
    if words[:2] == ["Installing", "collected"]:
        return f"installing {line.count(',') + 1} packages"
    return ""


def show(text: str) -> None:
    """The line at the foot of a terminal reads `text`; nothing where there is no terminal."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" + text[: shutil.get_terminal_size().columns - 1])
        sys.stderr.flush()


def say(sentence: str) -> None:
    """A line on standard error."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def hand_over(command: list[str]) -> int:
    """Become `command`; where a process cannot be replaced, its exit code."""
    if not WINDOWS:
        os.execv(command[0], command)
    return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).resolve().parent))
