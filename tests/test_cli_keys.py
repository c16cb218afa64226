"""`gallery keys`: listing, rotating and revoking, also beside a gallery that runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gallery_app.storage.lock import StoreLock
from tests.test_cli import _gallery


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


def _keys(tmp_path: Path, *arguments: str) -> list[tuple[str, str]]:
    answer = _gallery(tmp_path, "keys", *arguments)
    assert answer.code == 0, answer.err
    return [(line.split()[0], line.split()[1]) for line in answer.out.splitlines()]


def test_keys_of_a_gallery_that_never_ran_are_not_made_by_looking(tmp_path: Path) -> None:
    for words in ([], ["--rotate"], ["--revoke", "abcd"]):
        answer = _gallery(tmp_path, "keys", *words)

        assert (answer.code, answer.out) == (1, "")
        assert "no keys" in answer.err
    assert not (tmp_path / "data").exists()


def test_keys_are_listed_with_state_and_age_and_without_their_secret(
    tmp_path: Path, pictures: Path
) -> None:
    _gallery(tmp_path, "index", str(pictures), "--describe-only")

    answer = _gallery(tmp_path, "keys")

    content = (tmp_path / "data" / "secrets" / "keys.json").read_text()
    assert re.fullmatch(r"[a-z2-7]{4}  active   made 20\d\d-\d\d-\d\d \(today\)\n", answer.out)
    assert json.loads(content)["keys"][0]["secret"] not in answer.out


def test_keys_are_rotated_and_revoked_while_the_gallery_runs(
    tmp_path: Path, pictures: Path
) -> None:
    _gallery(tmp_path, "index", str(pictures), "--describe-only")
    ((first, _),) = _keys(tmp_path)

    running = StoreLock(tmp_path / "data")
    running.acquire()
    try:
        rotated = _keys(tmp_path, "--rotate")
        revoked = _keys(tmp_path, "--revoke", first)
    finally:
        running.release()

    assert [state for _, state in rotated] == ["retired", "active"]
    assert revoked == [(first, "revoked"), rotated[1]]


def test_keys_says_what_a_revocation_means_and_which_key_there_is_not(
    tmp_path: Path, pictures: Path
) -> None:
    _gallery(tmp_path, "index", str(pictures), "--describe-only")
    ((first, _),) = _keys(tmp_path)

    said = _gallery(tmp_path, "keys", "--revoke", first).err
    wrong = _gallery(tmp_path, "keys", "--revoke", "none")

    assert "no longer open" in said
    assert wrong.code == 1
    assert "There is no key none." in wrong.err
    assert _gallery(tmp_path, "keys", "--rotate", "--revoke", first).code == 2
