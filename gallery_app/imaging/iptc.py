"""IPTC-IIM: the older captions and keywords, inside Photoshop's resource blocks.

`read_photoshop()` takes the body of a JPEG's APP13, `read_iim()` bare datasets (TIFF).
Source: IPTC-NAA Information Interchange Model 4.2; Adobe Photoshop file formats (8BIM 0x0404).
"""

from __future__ import annotations

from gallery_app.imaging.text import clean

Datasets = dict[int, list[str]]  # number in record 2 -> values

TITLE, KEYWORDS, DATE, TIME, BYLINE, CITY = 5, 25, 55, 60, 80, 90
SUBLOCATION, STATE, COUNTRY, HEADLINE, COPYRIGHT, CAPTION = 92, 95, 101, 105, 116, 120
_WANTED = {TITLE, KEYWORDS, DATE, TIME, BYLINE, CITY, SUBLOCATION, STATE, COUNTRY, HEADLINE,
           COPYRIGHT, CAPTION}  # fmt: skip
_IPTC_RESOURCE = 0x0404
_MOST_DATASETS = 1000
PHOTOSHOP_PREFIX = b"Photoshop 3.0\0"


def read_photoshop(block: bytes) -> Datasets:
    """The datasets in a run of 8BIM resources; {} when there are none."""
    at = len(PHOTOSHOP_PREFIX) if block.startswith(PHOTOSHOP_PREFIX) else 0
    while block[at : at + 4] == b"8BIM" and at + 12 <= len(block):
        kind = int.from_bytes(block[at + 4 : at + 6], "big")
        name = block[at + 6] + 1
        at += 6 + name + name % 2
        size = int.from_bytes(block[at : at + 4], "big")
        at += 4
        if kind == _IPTC_RESOURCE:
            return read_iim(block[at : at + size])
        at += size + size % 2
    return {}


def read_iim(block: bytes) -> Datasets:
    """The wanted datasets of record 2."""
    found: Datasets = {}
    at = 0
    for _ in range(_MOST_DATASETS):
        if block[at : at + 1] != b"\x1c" or at + 5 > len(block):
            break
        record, number = block[at + 1], block[at + 2]
        size = int.from_bytes(block[at + 3 : at + 5], "big")
        if size & 0x8000:  # extended length: nothing we keep needs it
            break
        value = block[at + 5 : at + 5 + size]
        at += 5 + size
        if record == 2 and number in _WANTED:
            text = clean(value)
            if text:
                found.setdefault(number, []).append(text)
    return found
