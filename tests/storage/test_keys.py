"""Keys: made once, private, rotated without killing links, never silently made anew."""

from __future__ import annotations

import errno
import json
import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from gallery_app.domain.errors import BadInput, LinkTampered, Misconfigured
from gallery_app.domain.tokens import NO_ASSET, Claims, Keyring
from gallery_app.storage import keys as keys_file
from gallery_app.storage.keys import (
    KeysInUse,
    load_keyring,
    load_or_create_keyring,
    load_or_create_secret,
    revoke,
    rotate,
)

NOW = datetime(2026, 5, 4, 12, tzinfo=timezone.utc)
CLAIMS = Claims("link", bytes(10), NO_ASSET, "small", NOW + timedelta(hours=1))


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    return tmp_path / "secrets"


def _chance(seed: int = 1) -> Callable[[int], bytes]:
    return random.Random(seed).randbytes


def _load(secrets: Path, seed: int = 1) -> Keyring:
    return load_or_create_keyring(secrets, now=lambda: NOW, random_bytes=_chance(seed))


def test_the_keyring_is_made_once_and_stays_the_same(secrets: Path) -> None:
    token = _load(secrets, seed=1).sign(CLAIMS)

    assert _load(secrets, seed=2).verify(token, purpose="link", now=NOW) == CLAIMS


def test_two_galleries_do_not_trust_each_other(tmp_path: Path) -> None:
    token = _load(tmp_path / "one", seed=1).sign(CLAIMS)

    with pytest.raises(LinkTampered):
        _load(tmp_path / "two", seed=2).verify(token, purpose="link", now=NOW)


def test_the_files_are_private(secrets: Path) -> None:
    _load(secrets)
    load_or_create_secret(secrets, "session", _chance())

    assert secrets.stat().st_mode & 0o777 == 0o700
    assert [p.stat().st_mode & 0o777 for p in secrets.iterdir()] == [0o600, 0o600]


def test_rights_of_others_are_taken_away_again(secrets: Path) -> None:
    _load(secrets)
    (secrets / "keys.json").chmod(0o644)
    secrets.chmod(0o755)

    _load(secrets)

    assert (secrets / "keys.json").stat().st_mode & 0o777 == 0o600
    assert secrets.stat().st_mode & 0o777 == 0o700


def test_after_rotation_new_links_use_the_new_key_and_old_ones_still_open(secrets: Path) -> None:
    old = _load(secrets).sign(CLAIMS)

    ring = rotate(secrets, now=lambda: NOW, random_bytes=_chance(2))

    assert ring.sign(CLAIMS) != old
    assert _load(secrets).verify(old, purpose="link", now=NOW) == CLAIMS
    assert [key.state for key in _load(secrets).keys] == ["retired", "active"]


def test_a_source_of_chance_that_repeats_itself_makes_no_key(secrets: Path) -> None:
    with pytest.raises(Misconfigured):
        load_or_create_keyring(secrets, now=lambda: NOW, random_bytes=bytes)
    _load(secrets, seed=1)

    def again(count: int) -> bytes:
        return random.Random(1).randbytes(count)

    with pytest.raises(Misconfigured, match="repeats itself"):
        rotate(secrets, now=lambda: NOW, random_bytes=again)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda _: "", "line 1"),
        (lambda text: text[:-30], "line"),
        (lambda _: "[]", "not a keyring"),
        (lambda _: '{"format": "ssh"}', "not a keyring"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "another version"),
        (lambda text: text.replace('"keys"', '"locks"'), "no list of keys"),
        (lambda text: text.replace('"active"', '"new"'), "key number 1"),
        (lambda text: text.replace('"secret": "', '"secret": "!'), "key number 1"),
        (lambda text: text.replace("2026", "yesterday"), "key number 1"),
        (lambda text: text.replace('"active"', '"retired"'), "no active"),
    ],
    ids=[
        "empty", "cut", "a list", "foreign", "of a later version", "without keys",
        "unknown state", "damaged secret", "damaged date", "without an active key",
    ],
)  # fmt: skip
def test_a_keyring_that_is_not_right_is_refused_and_kept(
    secrets: Path, spoil: Callable[[str], str], sentence: str
) -> None:
    _load(secrets)
    path = secrets / "keys.json"
    spoiled = spoil(path.read_text())
    path.write_text(spoiled)

    with pytest.raises(Misconfigured, match=sentence):
        _load(secrets)

    assert path.read_text() == spoiled


def test_a_keyring_that_is_no_text_or_no_file_is_refused(secrets: Path, tmp_path: Path) -> None:
    _load(secrets)
    path = secrets / "keys.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured, match="text"):
        _load(secrets)

    path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(Misconfigured, match="cannot be read"):
        _load(secrets)


def test_a_keyring_that_cannot_be_written_is_not_used(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(Misconfigured, match="cannot be written"):
        _load(secrets)

    assert not (secrets / "keys.json").exists()


def test_the_file_says_what_it_is(secrets: Path) -> None:
    _load(secrets)

    content = json.loads((secrets / "keys.json").read_text())

    assert (content["format"], content["version"], len(content["keys"])) == ("gallery-keys", 1, 1)


# --- other secrets -------------------------------------------------------------------------


def test_a_secret_is_made_once_and_stays_the_same(secrets: Path) -> None:
    first = load_or_create_secret(secrets, "session", _chance(1))

    assert len(bytes.fromhex(first)) == 32
    assert load_or_create_secret(secrets, "session", _chance(2)) == first
    assert load_or_create_secret(secrets, "other", _chance(2)) != first


@pytest.mark.parametrize("text", ["", "abc", "z" * 64, "a" * 65])
def test_a_damaged_secret_is_refused(secrets: Path, text: str) -> None:
    load_or_create_secret(secrets, "session", _chance())
    (secrets / "session").write_text(text)

    with pytest.raises(Misconfigured, match="secrets/session"):
        load_or_create_secret(secrets, "session", _chance())


@pytest.mark.parametrize("name", ["", "../x", "a/b", "Session", "a.b"])
def test_a_name_that_is_no_name_is_refused(secrets: Path, name: str) -> None:
    with pytest.raises(Misconfigured):
        load_or_create_secret(secrets, name, _chance())


# --- the ring in use -----------------------------------------------------------------------


class Running:
    """A ring in use, with a clock that moves when told and its randomness counted."""

    def __init__(self, secrets: Path) -> None:
        self.seconds = 0.0
        self.ring = KeysInUse(
            secrets, now=lambda: NOW, monotonic=lambda: self.seconds, random_bytes=_chance(1)
        )

    def later(self) -> Keyring:
        self.seconds += 1
        return self.ring()


def test_a_running_program_notices_a_rotation_within_a_second(secrets: Path) -> None:
    running = Running(secrets)
    before = running.ring().sign(CLAIMS)

    rotated = rotate(secrets, now=lambda: NOW, random_bytes=_chance(2))

    assert [key.kid for key in running.later().keys] == [key.kid for key in rotated.keys]
    assert running.ring().verify(before, purpose="link", now=NOW) == CLAIMS


def test_a_running_program_makes_no_new_keys_when_the_file_is_gone_and_says_so_once(
    secrets: Path, caplog: pytest.LogCaptureFixture
) -> None:
    running = Running(secrets)
    before = running.ring().sign(CLAIMS)

    (secrets / "keys.json").unlink()

    for _ in range(3):
        assert running.later().verify(before, purpose="link", now=NOW) == CLAIMS
    assert not (secrets / "keys.json").exists()
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_running_program_keeps_its_keys_when_the_file_is_damaged_and_takes_a_mended_one(
    secrets: Path, caplog: pytest.LogCaptureFixture
) -> None:
    running = Running(secrets)
    before = running.ring().sign(CLAIMS)
    path = secrets / "keys.json"
    whole = path.read_bytes()

    path.write_bytes(whole[:40])
    for _ in range(3):
        assert running.later().verify(before, purpose="link", now=NOW) == CLAIMS
    assert path.read_bytes() == whole[:40]
    assert len(caplog.records) == 1
    path.write_bytes(whole)
    rotated = rotate(secrets, now=lambda: NOW, random_bytes=_chance(2))

    assert len(running.later().keys) == len(rotated.keys) == 2


def test_a_file_replaced_while_it_is_read_is_read_again(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Running(secrets)
    rotate(secrets, now=lambda: NOW, random_bytes=_chance(2))
    read, late = keys_file.read_private, iter([True])

    def replaced_after(path: Path) -> str | None:
        text = read(path)
        if next(late, False):
            rotate(secrets, now=lambda: NOW, random_bytes=_chance(3))
        return text

    monkeypatch.setattr(keys_file, "read_private", replaced_after)

    running.later()

    assert len(running.later().keys) == 3


# --- withdrawing a key ---------------------------------------------------------------------


def test_a_revoked_key_opens_no_link_any_more_and_another_signs(secrets: Path) -> None:
    ring = _load(secrets)
    token = ring.sign(CLAIMS)

    after = revoke(secrets, ring.keys[0].kid, now=lambda: NOW, random_bytes=_chance(2))

    assert [key.state for key in after.keys] == ["revoked", "active"]
    with pytest.raises(LinkTampered):
        _load(secrets).verify(token, purpose="link", now=NOW)
    assert after.verify(after.sign(CLAIMS), purpose="link", now=NOW) == CLAIMS


def test_revoking_a_retired_key_makes_no_new_one(secrets: Path) -> None:
    old = _load(secrets).keys[0].kid
    rotate(secrets, now=lambda: NOW, random_bytes=_chance(2))

    after = revoke(secrets, old, now=lambda: NOW, random_bytes=_chance(3))

    assert [key.state for key in after.keys] == ["revoked", "active"]


def test_a_key_that_is_not_there_cannot_be_revoked(secrets: Path) -> None:
    _load(secrets)

    with pytest.raises(BadInput, match="nope"):
        revoke(secrets, "nope", now=lambda: NOW, random_bytes=_chance(2))


def test_keys_that_were_never_made_are_not_made_by_looking(secrets: Path) -> None:
    assert load_keyring(secrets) is None
    assert not secrets.exists()
