"""One metadata out of EXIF, XMP, IPTC and texts: who is believed."""

from __future__ import annotations

from datetime import datetime

import pytest

from gallery_app.imaging.iptc import PHOTOSHOP_PREFIX, read_photoshop
from gallery_app.imaging.metadata import Found, merge
from gallery_app.imaging.text import LONGEST_FIELD, clean
from gallery_app.imaging.xmp import read_xmp
from tests.picture_blocks import exif_block, xmp_packet

SUMMER = datetime(2016, 7, 3, 14, 5, 6)  # noqa: DTZ001  # wall time


def _iptc(*datasets: tuple[int, str]) -> bytes:
    body = b""
    for number, value in datasets:
        raw = value.encode()
        body += b"\x1c\x02" + bytes([number]) + len(raw).to_bytes(2, "big") + raw
    block = b"8BIM\x04\x04\0\0" + len(body).to_bytes(4, "big") + body
    return PHOTOSHOP_PREFIX + b"8BIM\x03\xed\0\0\0\0\0\x02ab" + block


def _xmp(attributes: str = "", inner: str = "") -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" {attributes}>{inner}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def test_a_full_file_gives_everything() -> None:
    exif = exif_block(
        orientation=6, taken=SUMMER, offset="+02:00", make="NIKON CORPORATION", model="NIKON D750",
        gps=(48.2, 11.6),
    )  # fmt: skip
    packet = xmp_packet("A title", "A caption", ["sea", "sky"], 4)

    metadata, _ = merge(Found(exif=exif, xmp=packet))

    assert (metadata.taken_at, metadata.offset_minutes) == (SUMMER, 120)
    assert (metadata.taken_from, metadata.taken_field) == ("exif", "ExifIFD:DateTimeOriginal")
    assert metadata.camera == "NIKON D750"
    assert metadata.gps == pytest.approx((48.2, 11.6))
    assert (metadata.title, metadata.caption, metadata.rating) == ("A title", "A caption", 4)
    assert metadata.keywords == ("sea", "sky")
    assert metadata.orientation == 6


@pytest.mark.parametrize(
    ("found", "source"),
    [
        pytest.param(Found(xmp=_xmp('exif:DateTimeOriginal="2016-07-03T14:05:06"'),
                           iptc={55: ["20200101"]}), "xmp", id="XMP before IPTC"),
        pytest.param(Found(iptc={55: ["20160703"], 60: ["140506"]},
                           texts={"Creation Time": "2020:01:01 00:00:00"}), "iptc",
                     id="IPTC before PNG text"),
        pytest.param(Found(texts={"Creation Time": "2016:07:03 14:05:06"}), "png", id="PNG text"),
        pytest.param(Found(texts={"creation_time": "2016-07-03T14:05:06.000000Z"}), "container",
                     id="video container"),
    ],
)  # fmt: skip
def test_the_best_date_wins_and_says_where_it_is_from(found: Found, source: str) -> None:
    metadata, _ = merge(found, name="IMG_20110101_000000.jpg")

    assert (metadata.taken_at, metadata.taken_from) == (SUMMER, source)


def test_a_name_serves_when_nothing_else_has_a_date() -> None:
    metadata, _ = merge(Found(), name="IMG_20160703_140506.jpg")

    assert (metadata.taken_at, metadata.taken_from) == (SUMMER, "name")


def test_nothing_gives_nothing() -> None:
    metadata, thumbnail = merge(Found(), name="IMG_0001.JPG")

    assert (metadata.taken_at, metadata.taken_from, metadata.gps, thumbnail) == (
        None, None, None, b"",
    )  # fmt: skip
    assert metadata.orientation == 1


def test_iptc_words_are_read_behind_other_photoshop_resources() -> None:
    datasets = read_photoshop(_iptc((120, "Caption"), (25, "one"), (25, "two"), (90, "Munich")))

    metadata, _ = merge(Found(iptc=datasets))

    assert (metadata.caption, metadata.keywords, metadata.place) == (
        "Caption", ("one", "two"), "Munich",
    )  # fmt: skip


def test_an_xmp_position_counts_when_exif_has_none() -> None:
    packet = _xmp('exif:GPSLatitude="48,8.246N" exif:GPSLongitude="11,34.53W"')

    metadata, _ = merge(Found(xmp=packet))

    assert metadata.gps == pytest.approx((48.137433, -11.5755), abs=1e-5)


@pytest.mark.parametrize("rating", ["-1", "7", "nan", "inf", "many"])
def test_a_rating_outside_the_stars_is_none(rating: str) -> None:
    assert merge(Found(xmp=_xmp(f'xmp:Rating="{rating}"')))[0].rating is None


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + _xmp('xmp:Rating="5"'), id="entity"),
        pytest.param(b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x">' + _xmp(), id="remote DTD"),
        pytest.param(_xmp()[:-20], id="cut"),
        pytest.param(b"\xff\xfe\0\0", id="junk"),
        pytest.param(_xmp(inner="<dc:title>x</dc:title>") + b" " * (1 << 20), id="too large"),
        pytest.param(b"<a>" * 9000, id="very deep"),
    ],
)
def test_a_hostile_packet_gives_nothing_or_little(packet: bytes) -> None:
    found = read_xmp(packet)

    assert set(found) <= {"xmp:Rating"}


def test_an_entity_is_never_expanded() -> None:
    packet = b'<!DOCTYPE x [<!ENTITY a "secret">]><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    packet += b"<a>&a;</a></x:xmpmeta>"

    assert "secret" not in str(read_xmp(packet))


def test_the_default_language_stands_first() -> None:
    inner = (
        '<dc:title><rdf:Alt><rdf:li xml:lang="de">Meer</rdf:li>'
        '<rdf:li xml:lang="x-default">Sea</rdf:li></rdf:Alt></dc:title>'
    )

    assert read_xmp(_xmp(inner=inner))["dc:title"][0] == "Sea"


def test_text_is_cleaned_and_capped() -> None:
    assert clean(b"  a\x1b[31mb\x07\0rest") == "a[31mb"
    assert clean("Zoë".encode("latin-1")) == "Zoë"
    assert len(clean(b"x" * 200_000)) == LONGEST_FIELD
    assert len(clean(("ä" * 100_000).encode())) <= LONGEST_FIELD
