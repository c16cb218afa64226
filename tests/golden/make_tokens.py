"""Writes tokens.json: signed tokens computed without a line of gallery_app.

The layout is written down here a second time, from the format's description, so that a change
of the program's format cannot pass unseen: links that people hold would stop to open.
Run `python tests/golden/make_tokens.py` only together with a new token version.
"""

import base64
import hashlib
import hmac
import json
from itertools import product
from pathlib import Path

SECRETS = {
    "k001": hashlib.sha256(b"golden one").digest(),
    "Zz9-": hashlib.sha256(b"golden two").digest(),
}
LINKS = (bytes(range(10)), b"\xff" * 10)
ASSETS = (bytes(16), bytes(range(240, 256)))
GRANTS = (("thumb", 1), ("small", 1_800_000_000), ("original", 4_102_444_799))


def text(raw: bytes) -> str:
    return base64.b64encode(raw).decode().replace("+", "-").replace("/", "_").rstrip("=")


def token(kid: str, purpose: str, link: bytes, asset: bytes, rendition: str, expires: int) -> str:
    payload = bytes([1, {"link": 1, "upload": 2}[purpose]]) + kid.encode() + link + asset
    payload += expires.to_bytes(8, "big") + bytes([len(rendition)]) + rendition.encode()
    key = hmac.new(SECRETS[kid], b"gallery/v1/" + purpose.encode() + b"\1", "sha256").digest()
    return text(payload) + "." + text(hmac.new(key, payload, "sha256").digest())


def main() -> None:
    cases = [
        {
            "kid": kid, "purpose": purpose, "link": link.hex(), "asset": asset.hex(),
            "rendition": rendition, "expires_at": expires,
            "token": token(kid, purpose, link, asset, rendition, expires),
        }
        for kid, purpose, link, asset, (rendition, expires) in product(
            SECRETS, ("link", "upload"), LINKS, ASSETS, GRANTS
        )
    ]  # fmt: skip
    keys = {kid: secret.hex() for kid, secret in SECRETS.items()}
    target = Path(__file__).with_name("tokens.json")
    target.write_text(json.dumps({"keys": keys, "tokens": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
