"""The house rules that a machine can check: floors, style, types, length, and the README."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gallery_app.api.deps import FILTERS
from gallery_app.cli import COMMANDS
from gallery_app.connectors import CONNECTORS
from gallery_app.domain import errors
from gallery_app.domain.query import KEYS
from gallery_app.domain.renditions import RENDITIONS
from gallery_app.services.failures import FETCH
from gallery_app.services.products import KIND as PRODUCT
from gallery_app.services.pushing import KIND as PUSH
from gallery_app.services.sync_requests import KIND as SYNC
from tests.readme import openapi

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 400


def _python_files() -> list[Path]:
    folders = (ROOT / "gallery_app", ROOT / "tests")
    return [ROOT / "run.py", *(path for folder in folders for path in sorted(folder.rglob("*.py")))]


def _browser_files() -> list[Path]:
    """Ours only: what is vendored stays as its authors wrote it."""
    folders = (ROOT / "gallery_app", ROOT / "tests")
    found = [
        p for folder in folders for kind in ("*.js", "*.mjs", "*.css") for p in folder.rglob(kind)
    ]
    return sorted(p for p in found if "vendor" not in p.parts)


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["importlinter.cli", "lint_imports"],
    ],
    ids=["ruff finds nothing", "ruff would format nothing", "mypy is content", "floors hold"],
)
def test_the_rules_of_the_house(command: list[str]) -> None:
    if command[0] == "importlinter.cli":
        code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
        words = [sys.executable, "-c", code]
    else:
        words = [sys.executable, "-m", *command]

    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_thirteen_contracts_or_more() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    names = [contract["name"] for contract in declared["tool"]["importlinter"]["contracts"]]

    assert len(names) == len(set(names)) >= 13


def test_no_file_is_longer_than_a_room_should_be() -> None:
    files = [*_python_files(), *_browser_files()]

    assert len(_browser_files()) > 80  # that they are looked at
    assert {str(p.relative_to(ROOT)): n for p in files if (n := _lines(p)) > LONGEST_FILE} == {}


def test_every_file_says_what_lives_in_it() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in _python_files()
        if path.name != "__init__.py"
        and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]

    assert silent == []


# --- the README ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def _error_codes() -> Iterator[str]:
    kinds = [errors.GalleryError]
    while kinds:
        kind = kinds.pop()
        kinds.extend(kind.__subclasses__())
        if kind.__module__ == errors.__name__:
            yield kind.code


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_names_every_command(readme: str, command: str) -> None:
    assert re.search(rf"`gallery \[?{command}\b", readme)


@pytest.mark.parametrize("name", [*RENDITIONS, "original"])
def test_the_readme_names_every_rendition(readme: str, name: str) -> None:
    assert f"`{name}`" in readme


@pytest.mark.parametrize("code", sorted(set(_error_codes())))
def test_the_readme_names_every_error(readme: str, code: str) -> None:
    assert f"`{code}`" in readme


@pytest.mark.parametrize("kind", ["scan", "render", FETCH, PRODUCT, PUSH, SYNC])
def test_the_readme_names_every_kind_of_job(readme: str, kind: str) -> None:
    assert f"`{kind}`" in readme


def test_the_readme_names_every_key_of_the_search_box(readme: str) -> None:
    said = readme.partition("Keys are ")[2].partition("Every view")[0]

    assert sorted(re.findall(r"`(\w+)`", said)) == sorted(KEYS)


def test_the_readme_names_every_filter(readme: str) -> None:
    said = readme.partition("take the same filters as the screen's address:")[2].partition(
        "; pages"
    )[0]

    assert sorted(re.findall(r"`(\w+)`", said)) == sorted(FILTERS)


def test_the_readme_names_every_route(readme: str) -> None:
    missing = [p for p in openapi()["paths"] if p.removeprefix("/api/v1") not in readme]

    assert missing == []


@pytest.mark.parametrize("kind", CONNECTORS)
def test_the_readme_names_every_option_of_a_connector(readme: str, kind: str) -> None:
    options = [f.name for f in CONNECTORS[kind].fields if f.name not in {"address", "key"}]

    assert [name for name in options if f"`{name}`" not in readme] == []


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_every_file_that_is_named_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[a-z0-9_]+/)+[a-z0-9_]+\.(?:py|sql|mjs))`", text))

    assert named
    lost = [n for n in named if not ((ROOT / n).exists() or (ROOT / "gallery_app" / n).exists())]
    assert lost == []
