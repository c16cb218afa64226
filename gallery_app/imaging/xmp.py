"""XMP packets: the properties the gallery keeps, by namespace and name.

Parsed with defusedxml, so no entity is expanded and nothing is fetched; a packet over a
megabyte, or a broken one, gives nothing. Source: XMP part 1 (RDF forms), MWG guidelines.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError

from gallery_app.imaging.text import clean_text

Properties = dict[str, list[str]]  # "dc:title" -> values

LARGEST_PACKET = 1 << 20
_MOST_VALUES = 1000
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto",
    "http://ns.microsoft.com/photo/1.0": "MicrosoftPhoto",
    "http://ns.google.com/photos/1.0/panorama/": "GPano",
}
_BODY = re.compile(rb"<(?:\w+:)?(xmpmeta|xapmeta|RDF)\b.*</(?:\w+:)?\1\s*>", re.DOTALL)


def read_xmp(packet: bytes) -> Properties:
    """The known properties of a packet; {} when it is broken, too large or has a DOCTYPE."""
    if not packet or len(packet) > LARGEST_PACKET:
        return {}
    # Imported here: nine of ten photos have no XMP, and a start should not pay for it.
    from defusedxml.ElementTree import fromstring

    if packet[:2] not in {b"\xfe\xff", b"\xff\xfe"}:
        body = _BODY.search(packet)
        packet = body.group() if body else packet.strip(b"\0 \r\n\t")
    try:
        root = fromstring(packet, forbid_dtd=True)
    except (ParseError, ValueError, LookupError):
        return {}
    found: Properties = {}
    for description in root.iter(f"{_RDF}Description"):
        for name, value in description.attrib.items():
            _keep(found, name, [value])
        for child in description:
            _keep(found, child.tag, _values(child))
    return found


def _values(element: Element) -> list[str]:
    """The texts of a property: plain, or the items of its rdf:Bag, Seq or Alt."""
    items = [item for item in element.iter(f"{_RDF}li") if item.text]
    if not items:
        return [element.text or element.get(f"{_RDF}resource") or ""]
    # Of alternatives in several languages the default one stands first.
    items.sort(key=lambda item: item.get(_LANGUAGE, "x-default") != "x-default")
    return [item.text or "" for item in items[:_MOST_VALUES]]


def _keep(found: Properties, name: str, values: list[str]) -> None:
    space, _, local = name.removeprefix("{").partition("}")
    prefix = _PREFIXES.get(space)
    if prefix is None or f"{prefix}:{local}" in found:
        return
    texts = [text for text in map(clean_text, values) if text]
    if texts:
        found[f"{prefix}:{local}"] = texts
