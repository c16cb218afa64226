"""run.py: from nothing but Python to the program, with real venv and pip, without the network.

The project installed here is a tiny one with a build backend of its own, so that pip has
nothing to fetch; `.ci/run` does the same with the real one in a fresh clone.
"""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RUN = Path(__file__).parents[1] / "run.py"

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "gallery-app"
version = "1"
[project.optional-dependencies]
test = []
"""
BACKEND = """
import zipfile

def get_requires_for_build_editable(config_settings=None):
    return []

def build_editable(folder, config_settings=None, metadata_directory=None):
    import os
    name, info = "gallery_app-1-py3-none-any.whl", "gallery_app-1.dist-info"
    files = {
        "gallery_app.pth": os.getcwd(),
        f"{info}/METADATA": "Metadata-Version: 2.1\\nName: gallery-app\\nVersion: 1\\n"
        "Provides-Extra: test\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\n"
        "Tag: py3-none-any\\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\\n" for path in files) + f"{info}/RECORD,,\\n"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
"""
CLI = (
    "import os, sys\nprint('gallery', *sys.argv[1:], 'in', os.getcwd())\nsys.exit(len(sys.argv))\n"
)


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    return runpy.run_path(str(RUN), run_name="run")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was started once."""
    folder = tmp_path_factory.mktemp("a project")
    (folder / "gallery_app").mkdir()
    (folder / "gallery_app" / "__init__.py").touch()
    (folder / "gallery_app" / "cli.py").write_text(CLI)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    shutil.copy(RUN, folder)
    first = _start(folder, "once")
    assert first.returncode == 2, first.stderr
    assert "Making a virtual environment" in first.stderr
    assert re.search(r"Installed in \d+ s\.", first.stderr)
    return folder


def _start(
    folder: Path, *arguments: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "VIRTUAL_ENV"))}
    return subprocess.run(
        [sys.executable, str(folder / "run.py"), *arguments],
        cwd=cwd or folder,
        env={**environ, "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_second_start_hands_over_at_once_from_any_folder(installed: Path, tmp_path: Path) -> None:
    second = _start(installed, "a", "b c", "--d", cwd=tmp_path)

    assert second.stdout == f"gallery a b c --d in {tmp_path}\n"
    assert second.stderr == ""
    assert second.returncode == 4


@pytest.mark.slow
def test_a_second_start_adds_less_than_a_third_of_a_second(installed: Path) -> None:
    def seconds(*command: str) -> float:
        """Of CPU: what else runs here is no part of it."""
        before = os.times()
        subprocess.run(command, cwd=installed, capture_output=True, check=False)
        after = os.times()
        user_s = after.children_user - before.children_user
        return user_s + after.children_system - before.children_system

    direct = (str(installed / ".venv/bin/python"), "-m", "gallery_app.cli")
    through = (sys.executable, str(installed / "run.py"))
    added = [seconds(*through) - seconds(*direct) for _ in range(7)]

    assert min(added) < 0.3, added


@pytest.mark.slow
def test_the_tests_bring_their_extra_once(installed: Path) -> None:
    first = _start(installed, "test", "-q")
    second = _start(installed, "test", "-q")

    assert "Installed" in first.stderr
    assert "virtual environment" not in first.stderr
    assert (second.stdout, second.stderr) == (f"gallery test -q in {installed}\n", "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "anew"),
    [
        (lambda f: (f / "pyproject.toml").write_text(PYPROJECT + "# changed\n"), False),
        (lambda f: (f / ".venv" / "gallery-unfinished").touch(), True),
        (lambda f: (f / ".venv" / "bin" / "python").unlink(), True),
        (lambda f: (f / ".venv" / "gallery-installed").write_bytes(b"\xff"), False),
    ],
    ids=["another declaration", "left half-made", "without its Python", "a damaged stamp"],
)
def test_what_is_not_right_is_installed_again(installed: Path, spoil: Any, *, anew: bool) -> None:
    spoil(installed)
    if anew:
        # What was left half-made has no stamp yet.
        (installed / ".venv" / "gallery-installed").unlink(missing_ok=True)

    done = _start(installed)

    assert done.stdout == f"gallery in {installed}\n"
    assert ("Making a virtual environment" in done.stderr) == anew
    assert not (installed / ".venv" / "gallery-unfinished").exists()


@pytest.mark.slow
def test_a_pip_that_fails_shows_why_and_the_next_start_begins_anew(
    installed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(installed, folder, ignore=shutil.ignore_patterns(".venv"))
    (folder / "backend.py").write_text("raise RuntimeError('no such luck')\n")

    failed = _start(folder)
    (folder / "backend.py").write_text(BACKEND)
    again = _start(folder)

    assert failed.returncode == 1
    assert "no such luck" in failed.stderr
    assert "Installing failed" in failed.stderr.splitlines()[-1]
    assert again.stdout == f"gallery in {folder}\n"


def test_run_py_alone_says_where_it_belongs(tmp_path: Path) -> None:
    shutil.copy(RUN, tmp_path)

    done = _start(tmp_path)

    assert done.returncode == 1
    assert done.stderr == f"{tmp_path} holds no pyproject.toml: run.py stays in its folder.\n"


def test_a_file_in_the_way_of_the_environment_is_not_deleted(tmp_path: Path) -> None:
    shutil.copy(RUN, tmp_path)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / ".venv").write_text("mine")

    done = _start(tmp_path)

    assert done.returncode == 1
    assert "is not a folder" in done.stderr
    assert (tmp_path / ".venv").read_text() == "mine"


def test_an_old_python_is_told_so(run: dict[str, Any]) -> None:
    with pytest.raises(run["CannotStart"], match=r"needs Python 3\.11 or newer; this is 3\.9"):
        run["require_python"]((3, 9))
    run["require_python"]((3, 11))


def test_a_python_without_venv_is_told_what_to_install(
    run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))

    with pytest.raises(run["CannotStart"], match="sudo apt install python3-venv"):
        run["make"](tmp_path / ".venv")


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("Collecting nicegui<4,>=3.18 (from gallery-app==0.1.0)", "finding nicegui<4,>=3.18"),
        ("Collecting hatchling", "finding hatchling"),
        ("  Downloading pillow-13.0.0-cp311.whl (6.6 MB)", "fetching pillow-13.0.0-cp311.whl"),
        ("Installing collected packages: a, b, c", "installing 3 packages"),
        ("     ━━━━━━━━━ 6.6/6.6 MB 12 MB/s", ""),
        ("", ""),
    ],
)
def test_pips_steps_are_told_in_a_few_words(run: dict[str, Any], line: str, step: str) -> None:
    assert run["step_of"](line) == step


def test_run_py_is_short_and_needs_only_the_standard_library() -> None:
    text = RUN.read_text(encoding="utf-8")
    imported = set(re.findall(r"^(?:import|from) (\w+)", text, flags=re.MULTILINE))

    assert text.count("\n") <= 200
    assert imported <= set(sys.stdlib_module_names)
