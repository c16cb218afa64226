"""The keyring that signs links, and other secrets, as files in `secrets/`.

A file that is damaged, foreign or of a later version is refused and kept: new keys in its
place would silently kill every link ever sent. Start with `load_or_create_keyring`.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import logging
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from gallery_app.domain.errors import BadInput, GalleryError, Misconfigured
from gallery_app.domain.tokens import Key, Keyring
from gallery_app.storage import files

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5  # a rotation takes effect within this
_FILE = "keys.json"
_FORMAT = "gallery-keys"
_VERSION = 1
_STATES: dict[str, Literal["active", "retired", "revoked"]] = {
    "active": "active",
    "retired": "retired",
    "revoked": "revoked",
}
_LARGEST_FILE_BYTES = 1 << 20
_SECRET_BYTES = 32
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_TRIES = 64
_KEEP = "It is kept as it is: restore it from a backup; new keys would end every link sent so far."


def load_or_create_keyring(
    secrets_dir: Path,
    *,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
) -> Keyring:
    """The keyring of this gallery; made, with one key, when there is none.

    Args:
        secrets_dir: made with mode 0700 when it is not there.
        now: UTC clock.
        random_bytes: `secrets.token_bytes` outside of tests.

    Raises:
        Misconfigured: the file is not whole, not ours or of a later version.
    """
    found = load_keyring(secrets_dir)
    if found is not None:
        return found
    ring = Keyring((_new_key((), now(), random_bytes),))
    _write(secrets_dir / _FILE, ring)
    return ring


def load_keyring(secrets_dir: Path) -> Keyring | None:
    """The keyring of this gallery; None when there is none yet.

    Raises:
        Misconfigured: the file is not whole, not ours or of a later version.
    """
    text = read_private(secrets_dir / _FILE)
    return None if text is None else _parse(text)


def rotate(
    secrets_dir: Path,
    *,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
) -> Keyring:
    """A ring whose new key signs from now on; the old ones still open the links they signed.

    Raises:
        Misconfigured: the present file is not whole, not ours or of a later version.
    """
    ring = load_or_create_keyring(secrets_dir, now=now, random_bytes=random_bytes)
    retired = tuple(
        replace(key, state="retired") if key.state == "active" else key for key in ring.keys
    )
    rotated = Keyring((*retired, _new_key(retired, now(), random_bytes)))
    _write(secrets_dir / _FILE, rotated)
    return rotated


def revoke(
    secrets_dir: Path,
    kid: str,
    *,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
) -> Keyring:
    """A ring in which one key opens nothing any more; if it was the one that signs, a new one does.

    Raises:
        BadInput: no key has this id.
        Misconfigured: the present file is not whole, not ours or of a later version.
    """
    ring = load_keyring(secrets_dir)
    if ring is None or kid not in {key.kid for key in ring.keys}:
        raise BadInput(f"There is no key {kid}.")
    keys = tuple(replace(key, state="revoked") if key.kid == kid else key for key in ring.keys)
    if all(key.state != "active" for key in keys):
        keys = (*keys, _new_key(keys, now(), random_bytes))
    changed = Keyring(keys)
    _write(secrets_dir / _FILE, changed)
    return changed


def load_or_create_secret(
    secrets_dir: Path, name: str, random_bytes: Callable[[int], bytes]
) -> str:
    """64 hex digits that stay the same for this gallery; made at the first call.

    Args:
        secrets_dir: made with mode 0700 when it is not there.
        name: lower-case letters, digits and `-`; the file's name.
        random_bytes: `secrets.token_bytes` outside of tests.

    Raises:
        Misconfigured: the file does not hold exactly such a secret.
    """
    if _NAME.fullmatch(name) is None:
        raise Misconfigured("secrets", f"{name!r} is no name of a secret")
    path = secrets_dir / name
    text = read_private(path)
    if text is None:
        text = random_bytes(_SECRET_BYTES).hex() + "\n"
        files.write_whole(path, text.encode("ascii"))
    if re.fullmatch(r"[0-9a-f]{64}\n?", text) is None:
        raise Misconfigured(
            f"secrets/{name}", "not a secret of this gallery. Delete it to sign out all"
        )
    return text.strip()


def _new_key(
    others: tuple[Key, ...], created_at: datetime, random_bytes: Callable[[int], bytes]
) -> Key:
    taken = {key.kid for key in others}
    for _ in range(_TRIES):
        kid = base64.b32encode(random_bytes(5))[:4].decode("ascii").lower()
        if kid not in taken:
            return Key(kid, random_bytes(_SECRET_BYTES), created_at)
    raise Misconfigured("keys", "the source of randomness repeats itself")


class KeysInUse:
    """The keyring as its file has it now: a rotation or a revocation needs no restart.

    While the program runs keys are only read. A file that is gone or damaged changes nothing:
    the keys last read stay in use, and the log says so once.
    """

    def __init__(
        self,
        secrets_dir: Path,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """Load the ring, or make the first one.

        Raises:
            Misconfigured: the file is not whole, not ours or of a later version.
        """
        self._folder = secrets_dir
        self._monotonic = monotonic
        stamp = self._stat()
        self._ring = load_or_create_keyring(secrets_dir, now=now, random_bytes=random_bytes)
        self._stamp = stamp or self._stat()
        self._looked_s = monotonic()

    def __call__(self) -> Keyring:
        """The ring; its file is looked at twice a second at most."""
        now_s = self._monotonic()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            # Before reading: a file that is replaced meanwhile has another stamp the next time.
            stamp = self._stat()
            if stamp != self._stamp:
                self._stamp = stamp
                self._read()
        return self._ring

    def _read(self) -> None:
        try:
            found = load_keyring(self._folder)
        except Misconfigured as error:
            _log.error("%s The keys read before stay in use.", error.public)
            return
        if found is None:
            _log.error("The file of the keys is gone; those read before stay in use.")
            return
        self._ring = found

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            found = (self._folder / _FILE).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size


# --- the file ------------------------------------------------------------------------------


def read_private(path: Path) -> str | None:
    """The text of a file that only we may read; None when there is none."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    name = f"{path.parent.name}/{path.name}"
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Misconfigured(name, f"cannot be read: {error.strerror}") from error
    with open(descriptor, "rb") as file:  # noqa: PTH123 - opened by descriptor, not by path
        # Others' rights are taken away; a file system without rights (FAT, a share) says no.
        with contextlib.suppress(OSError):
            if os.name != "nt" and os.fstat(descriptor).st_mode & 0o077:
                os.fchmod(descriptor, files.FILE_MODE)
                path.parent.chmod(files.FOLDER_MODE)
        try:
            return file.read(_LARGEST_FILE_BYTES).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(name, f"cannot be read as text. {_KEEP}") from error


def _parse(text: str) -> Keyring:
    name = f"secrets/{_FILE}"
    try:
        content = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise Misconfigured(name, f"line {line}: not whole or not JSON. {_KEEP}") from error
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise Misconfigured(name, f"line 1: not a keyring of this gallery. {_KEEP}")
    if content.get("version") != _VERSION:
        version = content.get("version")
        raise Misconfigured(name, f"written by another version of the gallery ({version}). {_KEEP}")
    entries = content.get("keys")
    if not isinstance(entries, list):
        raise Misconfigured(name, f"it has no list of keys. {_KEEP}")
    return Keyring(tuple(_parse_key(entry, number) for number, entry in enumerate(entries, 1)))


def _parse_key(entry: object, number: int) -> Key:
    fields = entry if isinstance(entry, dict) else {}
    try:
        created_at = datetime.fromisoformat(str(fields["created_at"]))
        secret = base64.b64decode(str(fields["secret"]), validate=True)
        return Key(str(fields["kid"]), secret, created_at, _STATES[fields["state"]])
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        reason = f"its key number {number} is damaged. {_KEEP}"
        raise Misconfigured(f"secrets/{_FILE}", reason) from error


def _write(path: Path, ring: Keyring) -> None:
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "keys": [
            {
                "kid": key.kid,
                "created_at": key.created_at.isoformat(),
                "state": key.state,
                "secret": base64.b64encode(key.secret).decode("ascii"),
            }
            for key in ring.keys
        ],
    }
    try:
        files.write_whole(path, (json.dumps(content, indent=1) + "\n").encode("ascii"))
    except GalleryError as error:
        raise Misconfigured(f"secrets/{_FILE}", "cannot be written") from error
