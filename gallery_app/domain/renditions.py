"""The renditions the gallery makes, and the key each one is stored under.

A changed quality or size changes the fingerprint, so old files simply age out of the cache:
nothing is parsed back from a name and nothing is migrated.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Sha256

Format = Literal["webp", "jpeg"]
Fit = Literal["cover", "contain", "subject"]
LONGEST_SIDE = 65_500  # px, the most a JPEG can have
CONTENT_TYPES: dict[str, str] = {"webp": "image/webp", "jpeg": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class RenditionSpec:
    """How one named rendition is made from an original.

    `box` in px; `quality` 1 to 100; `effort` is WebP's method, 0 to 6; `recipe` is raised by
    hand when the code that makes renditions changes what it makes. Fit `contain` and `cover`
    never enlarge; `subject` has exactly the size of the box, and its crop keeps what the picture
    is about: the place `focus` (0 to 1 from left and top), or what draws the eye without one.
    """

    name: str
    box: Size
    fit: Fit
    format: Format
    quality: int
    effort: int = 2
    recipe: int = 1
    focus: tuple[float, float] | None = None

    @property
    def content_type(self) -> str:
        """The media type it is served as."""
        return CONTENT_TYPES[self.format]

    # Eight hex digits that change whenever the bytes of this rendition would.
    fingerprint: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text = (
            f"{self.name}|{self.box.width}x{self.box.height}|{self.fit}|{self.format}"
            f"|{self.quality}|{self.effort}|{self.recipe}"
        )
        if self.focus is not None:
            text += "|{:.3f},{:.3f}".format(*self.focus)
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        object.__setattr__(self, "fingerprint", digest)  # frozen: set once, here

    def key(self, sha256: Sha256) -> str:
        """Where the rendition of that original lies in the cache: fingerprint/ab/sha256."""
        return f"{self.fingerprint}/{sha256[:2]}/{sha256}"


# Source: brief S2 (thumb, small, medium, large; 80/85/85/90) and S4 (screen). The grid's
# `small` is WebP q78 method 2: at equal SSIM to JPEG q80 it has 0.70 of its bytes
# (design/pipeline.md, section 2).
RENDITIONS: dict[str, RenditionSpec] = {
    spec.name: spec
    for spec in (
        RenditionSpec("thumb", Size(150, 150), "cover", "webp", 80),
        RenditionSpec("small", Size(400, 400), "contain", "webp", 78),
        RenditionSpec("medium", Size(800, 800), "contain", "webp", 80),
        RenditionSpec("large", Size(1600, 1600), "contain", "jpeg", 85),
        RenditionSpec("screen", Size(3840, 2160), "cover", "jpeg", 90),
        # Every pixel of an original that browsers cannot show themselves (HEIC, TIFF).
        RenditionSpec("full", Size(LONGEST_SIDE, LONGEST_SIDE), "contain", "jpeg", 90),
    )
}
# What a frame on the wall shows. Not a rendition people choose: those of RENDITIONS never enlarge.
# Source: brief S4, "cropping and resizing ensuring compatibility with 4K resolution".
UHD = RenditionSpec("uhd", Size(3840, 2160), "subject", "jpeg", 90)
# Made with the first decode of every asset; all others on first request.
EAGER: tuple[str, ...] = ("small",)


def is_whole(spec: RenditionSpec, data: bytes) -> bool:
    """Whether `data` is a complete file of the spec's format, as far as its frame tells.

    A cache file may be cut or zeroed by a power loss, because the cache is not synced; this
    keeps a torn one from ever being served.

    Source: RIFF container length (WebP), EOI marker (JPEG, ITU-T T.81 B.2.1).
    """
    if spec.format == "webp":
        return (
            len(data) > 12
            and data[:4] == b"RIFF"
            and data[8:12] == b"WEBP"
            and int.from_bytes(data[4:8], "little") + 8 == len(data)
        )
    return len(data) > 4 and data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9"
