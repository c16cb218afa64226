"""Signed tokens: what a link claims, and the keyring that signs and verifies.

A token is `payload.signature`, both base64url without padding: exactly one text is valid for
given claims, so no bit of it can be changed, added or dropped. Keys are separated by purpose;
a ring holds several keys, the newest active one signs, retired ones still verify. No clock and
no randomness here: `now` and new keys are passed in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Literal

from gallery_app.domain.errors import LinkExpired, LinkTampered, Misconfigured

Purpose = Literal["link", "upload"]
_PURPOSES: dict[Purpose, int] = {"link": 1, "upload": 2}
_PURPOSE_NAMES = {number: name for name, number in _PURPOSES.items()}
_VERSION = 1
_HEAD = struct.Struct(">BB4s10s16sQB")  # version, purpose, key id, link, asset, expiry s, len
_SIGNATURE_BYTES = 32
_LONGEST_TOKEN = 160
_MOST_GENUINE = 4096
NO_ASSET = bytes(16)
_KEY_BYTES = 32
# Source: reliability.md B13, no sample keys: 32 random bytes have 30 different values on
# average and fewer than 20 once in 10^9 rings; a repeated word or a row of hex digits has fewer.
_FEWEST_VALUES = 20


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token grants: one rendition of one asset (NO_ASSET: the link's page) until then.

    `link` is 10 bytes, `asset` the 16 bytes of a Uid, `expires_at` UTC whole seconds.
    """

    purpose: Purpose
    link: bytes
    asset: bytes
    rendition: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """One signing key. active: signs and verifies; retired: verifies; revoked: neither."""

    kid: str  # 4 ASCII characters
    secret: bytes
    created_at: datetime
    state: Literal["active", "retired", "revoked"] = "active"


class Keyring:
    """Keys from oldest to newest; the newest active one signs, all but revoked ones verify.

    Raises:
        Misconfigured: no active key, a key id used twice, or a secret that is not 32 bytes
            or has no randomness in it.
    """

    def __init__(self, keys: tuple[Key, ...]) -> None:
        active = [key for key in keys if key.state == "active"]
        if not active:
            raise Misconfigured("keys", "no active signing key")
        if len({key.kid for key in keys}) != len(keys):
            raise Misconfigured("keys", "a key id is used twice")
        for key in keys:
            if len(key.secret) != _KEY_BYTES or len(set(key.secret)) < _FEWEST_VALUES:
                raise Misconfigured("keys", f"key {key.kid} is not 32 random bytes")
            if len(key.kid) != 4 or not key.kid.isascii():
                raise Misconfigured("keys", "a key id is not 4 ASCII characters")
        self.keys = keys
        self._signer = active[-1]
        self._verifiers = {k.kid.encode(): k for k in keys if k.state != "revoked"}
        self._derived: dict[tuple[str, Purpose], bytes] = {}
        # Texts that were proven genuine: one picture of a link is asked for many times.
        self._genuine: dict[tuple[str, Purpose], Claims] = {}

    def sign(self, claims: Claims) -> str:
        """The one token for these claims, signed with the newest active key."""
        key = self._signer
        payload = _pack(claims, key.kid)
        return f"{_encode(payload)}.{_encode(self._mac(key, claims.purpose, payload))}"

    def verify(self, token: str, *, purpose: Purpose, now: datetime) -> Claims:
        """The claims of a token signed here for `purpose`, valid strictly before its expiry.

        Form first, then key id, then a constant-time comparison, then expiry.

        Raises:
            LinkTampered: not byte for byte a token this ring signs for this purpose.
            LinkExpired: genuine, but `now` is not before its expiry.
        """
        claims = self._genuine.get((token, purpose))
        if claims is None:
            claims = self._prove(token, purpose)
            if len(self._genuine) >= _MOST_GENUINE:
                self._genuine.clear()
            self._genuine[(token, purpose)] = claims
        if now >= claims.expires_at:
            raise LinkExpired(at=claims.expires_at)
        return claims

    def _prove(self, token: str, purpose: Purpose) -> Claims:
        payload, signature = _split(token)
        claims, kid = _unpack(payload)
        key = self._verifiers.get(kid)
        if key is None or claims.purpose != purpose:
            raise LinkTampered
        if not hmac.compare_digest(signature, self._mac(key, purpose, payload)):
            raise LinkTampered
        return claims

    def _mac(self, key: Key, purpose: Purpose, payload: bytes) -> bytes:
        derived = self._derived.get((key.kid, purpose))
        if derived is None:
            # Source: RFC 5869 HKDF-Expand with one block; the master is already uniform.
            info = b"gallery/v1/" + purpose.encode() + b"\x01"
            derived = hmac.digest(key.secret, info, hashlib.sha256)
            self._derived[(key.kid, purpose)] = derived
        return hmac.digest(derived, payload, "sha256")


def _pack(claims: Claims, kid: str) -> bytes:
    name = claims.rendition.encode("ascii")
    seconds = int(claims.expires_at.timestamp())
    head = _HEAD.pack(
        _VERSION, _PURPOSES[claims.purpose], kid.encode("ascii"),
        claims.link, claims.asset, seconds, len(name),
    )  # fmt: skip
    return head + name


def _unpack(payload: bytes) -> tuple[Claims, bytes]:
    if len(payload) < _HEAD.size:
        raise LinkTampered
    version, purpose, kid, link, asset, seconds, length = _HEAD.unpack_from(payload)
    name = payload[_HEAD.size :]
    if version != _VERSION or purpose not in _PURPOSE_NAMES or len(name) != length:
        raise LinkTampered
    try:
        rendition = name.decode("ascii")
        expires_at = datetime.fromtimestamp(seconds, timezone.utc)
    except (UnicodeDecodeError, OverflowError, ValueError, OSError) as error:
        raise LinkTampered from error
    return Claims(_PURPOSE_NAMES[purpose], link, asset, rendition, expires_at), kid


def _split(token: str) -> tuple[bytes, bytes]:
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        raise LinkTampered
    head, dot, tail = token.partition(".")
    if not dot:
        raise LinkTampered
    payload, signature = _decode(head), _decode(tail)
    if len(signature) != _SIGNATURE_BYTES:
        raise LinkTampered
    return payload, signature


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise LinkTampered from error
    # Unused trailing bits and padding would make a second text for the same bytes.
    if _encode(raw) != text:
        raise LinkTampered
    return raw
