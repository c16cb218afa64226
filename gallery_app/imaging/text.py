"""Text out of foreign bytes: decoded, without control characters, capped in length.

Every string of the metadata readers passes through here, so a field can neither carry NULs and
escape sequences into a log or a header, nor grow beyond 64 KiB.
"""

from __future__ import annotations

import re

LONGEST_FIELD = 64 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


def clean(raw: bytes) -> str:
    """Readable text of a field up to its first NUL: UTF-8, else Latin-1; stripped and capped.

    What stands behind the NUL is the rest of a camera's buffer, not text.
    """
    end = raw.lstrip(b"\0").split(b"\0", 1)[0]
    cut = len(end) > LONGEST_FIELD
    try:
        text = end[:LONGEST_FIELD].decode("utf-8", "ignore" if cut else "strict")
    except UnicodeDecodeError:
        text = end[:LONGEST_FIELD].decode("latin-1")
    return clean_text(text)


def clean_text(text: str) -> str:
    """`text` without control characters (line breaks and tabs stay), stripped and capped."""
    if not text.isprintable():
        text = _CONTROL.sub("", text[: 2 * LONGEST_FIELD])
    return text[:LONGEST_FIELD].strip()
