"""The browser's shared modules (`gallery-core`): HTTP, address, formats, toasts, actions.

`dist/` is served as it is, under the import name `gallery-core`; `register_modules` is the one
way any component of ours registers a directory of ES modules. No picture and no page lives here.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from nicegui.dependencies import register_esm


def register_modules(name: str, dist: Path) -> None:
    """Serves the ES modules in `dist` under the import name `name`, entry `dist/index.js`.

    The address carries a hash of the content: NiceGUI serves modules as immutable for a year
    and names them by a directory's time, which an edit in place or an installed wheel does not
    change, so browsers would keep old code.

    Args:
        name: what JavaScript imports, such as "gallery-core".
        dist: an existing directory with an `index.js`.
    """
    register_esm(name, dist, max_time=float(content_number(dist)))


def content_number(dist: Path) -> int:
    """A number below 2**48 that differs when a file in `dist` has another name or content."""
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(p for p in dist.rglob("*") if p.is_file()):
        digest.update(path.relative_to(dist).as_posix().encode() + b"\0")
        digest.update(hashlib.blake2b(path.read_bytes()).digest())
    return int.from_bytes(digest.digest(), "big")


register_modules("gallery-core", Path(__file__).with_name("dist"))
