"""The pictures that a message's HTML shows: its `<img>` tags, read in one pass.

Written for hostile text: time grows with its length alone, however broken it is.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

MOST_TAGS = 2000  # of one message
MOST_ATTRIBUTES = 60
_TAG = re.compile(r"<img(?=[\s/])", re.IGNORECASE)
_NAME = re.compile(r"[\s/]*([^\s=>/\"']+)\s*(=?)\s*")
_BARE = re.compile(r"[^\s>]*")
_PX = re.compile(r"(?:^|[;\s])(width|height)\s*:\s*(\d+(?:\.\d+)?)px", re.IGNORECASE)
_DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+=[^;,]*)*)(;base64)?,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Img:
    """One `<img>`: where it comes from, Freshdesk's number for it, and its size if told."""

    src: str
    data_id: int | None = None
    width: int | None = None  # px
    height: int | None = None  # px
    alt: str = ""

    def smaller_than(self, px: int) -> bool:
        """Whether both sides are told and are smaller: a tracking pixel, a line, a bullet."""
        return (
            self.width is not None and self.height is not None and max(self.width, self.height) < px
        )


def images_in(text: str) -> Iterator[Img]:
    """The pictures of a body, in order."""
    at = 0
    for _ in range(MOST_TAGS):
        tag = _TAG.search(text, at)
        if tag is None:
            return
        attributes, at = _attributes(text, tag.end())
        if attributes.get("src"):
            yield _img(attributes)


def _attributes(text: str, at: int) -> tuple[dict[str, str], int]:
    """The attributes of a tag, and where it ends."""
    found: dict[str, str] = {}
    for _ in range(MOST_ATTRIBUTES):
        name = _NAME.match(text, at)
        if name is None:
            break
        at, value = name.end(), ""
        if name[2]:
            quote = text[at : at + 1]
            if quote and quote in "\"'":
                end = text.find(quote, at + 1)
                if end < 0:  # the rest of the text is inside of it
                    return found, len(text)
                value, at = text[at + 1 : end], end + 1
            else:
                bare = _BARE.match(text, at)
                value, at = (bare[0], bare.end()) if bare else ("", at)
        found.setdefault(name[1].lower(), value)
    return found, at


def _img(attributes: dict[str, str]) -> Img:
    number = attributes.get("data-id", "")
    styled = {name.lower(): px for name, px in _PX.findall(attributes.get("style", ""))}
    return Img(
        src=html.unescape(attributes["src"]).strip(),
        data_id=int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None,
        width=_px(attributes.get("width") or styled.get("width", "")),
        height=_px(attributes.get("height") or styled.get("height", "")),
        alt=html.unescape(attributes.get("alt", ""))[:200],
    )


def _px(text: str) -> int | None:
    try:
        return int(float(text.strip().removesuffix("px")))
    except (ValueError, OverflowError):
        return None


def data_of(src: str) -> tuple[str, bytes] | None:
    """Type and bytes of a `data:` address; None when it is none, or is broken."""
    head = _DATA.match(src)
    if head is None:
        return None
    body = src[head.end() :]
    if not head[3]:
        return (head[1] or "text/plain").lower(), unquote_to_bytes(body)
    try:
        packed = re.sub(r"\s+", "", body).rstrip("=")
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return (head[1] or "text/plain").lower(), data


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or GIF from its first bytes; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data.startswith((b"GIF87a", b"GIF89a")) and len(data) >= 10:
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    return None


def plain(text: str) -> str:
    """The words of a body, without its tags."""
    return html.unescape(re.sub(r"<[^<>]{0,4000}>", " ", text))
