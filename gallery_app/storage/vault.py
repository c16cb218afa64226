"""Keys of remotes, encrypted at rest: what stands in the index is worth nothing without `secrets/`.

AES-256-GCM with a fresh nonce each time; the context (which source, at which address) is bound
in, so a sealed key that is moved to another row opens nothing. A damaged key file is refused
and kept: a new one in its place would make every stored key useless.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gallery_app.domain.errors import GalleryError, Misconfigured
from gallery_app.storage import files
from gallery_app.storage.keys import read_private

_FILE = "vault"
_NAME = f"secrets/{_FILE}"
_FORM = b"\x01"
# Source: NIST SP 800-38D, 8.2: 96 bits; random ones are safe for 2^32 seals under one key.
_NONCE_BYTES = 12
_KEY_BYTES = 32
_LOST = "Restore it from a backup, or enter the keys of all sources again."


class Vault:
    """Seals and opens short secrets with a key that lies in `secrets/vault`."""

    def __init__(self, secrets_dir: Path, random_bytes: Callable[[int], bytes]) -> None:
        """Read the key, if there is one; the first one is made when something is sealed.

        Args:
            secrets_dir: made with mode 0700 when it is not there.
            random_bytes: `secrets.token_bytes` outside of tests.

        Raises:
            Misconfigured: the key file is not whole or not ours.
        """
        self._path = secrets_dir / _FILE
        self._random_bytes = random_bytes
        self._making = threading.Lock()
        self._key = self._read()

    def seal(self, text: str, *, context: str) -> bytes:
        """`text`, encrypted, to be opened with the same `context` alone.

        Raises:
            Misconfigured: the key cannot be written.
        """
        nonce = self._random_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._made()).encrypt(nonce, text.encode(), _bound(context))
        return _FORM + nonce + sealed

    def open(self, blob: bytes, *, context: str) -> str:
        """The text that was sealed in this context.

        Raises:
            Misconfigured: it was sealed with another key or context, or is damaged.
        """
        key = self._key
        if key is None:
            raise Misconfigured(_NAME, f"it is gone. {_LOST}")
        nonce = blob[1 : 1 + _NONCE_BYTES]
        if blob[:1] != _FORM or len(nonce) != _NONCE_BYTES:
            raise Misconfigured(_NAME, "a stored key is damaged. Enter it again.")
        try:
            return AESGCM(key).decrypt(nonce, blob[1 + _NONCE_BYTES :], _bound(context)).decode()
        except (InvalidTag, UnicodeDecodeError) as error:
            raise Misconfigured(_NAME, "it does not open a stored key. Enter it again.") from error

    def _made(self) -> bytes:
        with self._making:
            if self._key is None:
                self._key = self._read() or self._make()
            return self._key

    def _make(self) -> bytes:
        key = self._random_bytes(_KEY_BYTES)
        try:
            files.write_whole(self._path, (key.hex() + "\n").encode("ascii"))
        except GalleryError as error:
            raise Misconfigured(_NAME, "cannot be written") from error
        return key

    def _read(self) -> bytes | None:
        text = read_private(self._path)
        if text is None:
            return None
        if re.fullmatch(r"[0-9a-f]{64}\n?", text) is None:
            raise Misconfigured(_NAME, f"not the key of this gallery. {_LOST}")
        return bytes.fromhex(text.strip())


def _bound(context: str) -> bytes:
    return hashlib.sha256(b"gallery/v1/vault\x00" + context.encode()).digest()
