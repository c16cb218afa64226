"""Sealed keys: opened in their own context alone, and never by accident another way."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gallery_app.domain.errors import Misconfigured
from gallery_app.storage.vault import Vault

SECRET = "ak_live_0123456789"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "secrets"


@pytest.fixture
def vault(folder: Path) -> Vault:
    return Vault(folder, os.urandom)


def test_what_was_sealed_is_opened_again(vault: Vault) -> None:
    assert vault.open(vault.seal(SECRET, context="1"), context="1") == SECRET


def test_it_is_opened_after_a_restart(vault: Vault, folder: Path) -> None:
    sealed = vault.seal(SECRET, context="1")

    assert Vault(folder, os.urandom).open(sealed, context="1") == SECRET


def test_a_sealed_key_of_another_row_opens_nothing(vault: Vault) -> None:
    sealed = vault.seal(SECRET, context="1:immich:https://good.example")

    with pytest.raises(Misconfigured):
        vault.open(sealed, context="1:immich:https://evil.example")


@pytest.mark.parametrize("at", [0, 1, 12, 13, -1])
def test_a_changed_byte_opens_nothing(vault: Vault, at: int) -> None:
    sealed = bytearray(vault.seal(SECRET, context="1"))
    sealed[at] ^= 1

    with pytest.raises(Misconfigured):
        vault.open(bytes(sealed), context="1")


def test_a_stump_opens_nothing(vault: Vault) -> None:
    vault.seal(SECRET, context="1")

    with pytest.raises(Misconfigured):
        vault.open(b"\x01abc", context="1")


def test_the_same_secret_looks_different_each_time(vault: Vault) -> None:
    assert vault.seal(SECRET, context="1") != vault.seal(SECRET, context="1")


def test_nothing_of_the_secret_shows(vault: Vault) -> None:
    assert SECRET.encode() not in vault.seal(SECRET, context="1")


def test_the_key_is_readable_by_its_owner_alone(vault: Vault, folder: Path) -> None:
    vault.seal(SECRET, context="1")

    assert stat.S_IMODE((folder / "vault").stat().st_mode) == 0o600


def test_no_key_is_made_before_something_is_sealed(vault: Vault, folder: Path) -> None:
    assert vault is not None
    assert not (folder / "vault").exists()


@pytest.mark.parametrize("content", ["", "abc", "z" * 64, "0" * 63], ids=repr)
def test_a_damaged_key_file_is_refused_and_kept(folder: Path, content: str) -> None:
    folder.mkdir()
    (folder / "vault").write_text(content)

    with pytest.raises(Misconfigured) as refused:
        Vault(folder, os.urandom)

    assert "secrets/vault" in str(refused.value)
    assert (folder / "vault").read_text() == content


def test_a_lost_key_file_is_said_and_not_replaced(vault: Vault, folder: Path) -> None:
    sealed = vault.seal(SECRET, context="1")
    (folder / "vault").unlink()
    again = Vault(folder, os.urandom)

    with pytest.raises(Misconfigured, match="gone"):
        again.open(sealed, context="1")

    assert not (folder / "vault").exists()
