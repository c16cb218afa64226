"""Open Food Facts and its sisters for beauty, pet food and everything else.

One read tells which pictures there are; the bytes lie on an image host under a folder made of
the number. A picture's name is what the database calls it with its revision (`front_fr.633`),
or the number of a raw photo (`5`).

Source: openfoodfacts.github.io/openfoodfacts-server/api (v3; rate limits; "How to download
images"); both layouts of `images`, flat and nested, are in use.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from gallery_app.connectors.answer import Answer
from gallery_app.connectors.base import Tools
from gallery_app.connectors.faults import answer_of
from gallery_app.connectors.pinned import Pins, place_of
from gallery_app.connectors.polite import Polite
from gallery_app.connectors.products.found import (
    ANSWER_CAP,
    Found,
    Pictures,
    Place,
    code_of,
    fields_of,
    plain,
)
from gallery_app.connectors.products.options import Options
from gallery_app.connectors.rate import Rate
from gallery_app.connectors.sockets import Resolver, resolve
from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import Attribution, EntityRef
from gallery_app.domain.errors import (
    BadInput,
    GalleryError,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
)
from gallery_app.domain.remote import Finding, RemoteImage, RemoteStream

NAME = "Open Food Facts"
LICENCE = "CC BY-SA 3.0"
READS_PER_MINUTE = 10  # of 15 that are allowed
STORM_S, LONGEST_STORM_S = 60.0, 3600.0
MOST_PICTURES = 12
MOST_RAW = 6
_FIELDS = "code,product_name,brands,product_type,lc,images,image_front_url"
_KINDS = ("front", "packaging", "ingredients", "nutrition")
_SELECTED = re.compile(rf"({'|'.join(_KINDS)})_([a-z]{{2,3}}(?:-[a-z]{{2,4}})?)")
_NAME = re.compile(rf"(?:{_SELECTED.pattern})\.\d{{1,6}}|\d{{1,6}}")
_FRONT_URL = re.compile(r"/(front_[a-z-]{2,7}\.\d{1,6})\.\d+\.jpg$")
_KNOWN = "3017620422003"  # what a test asks for
_ON = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class _Sister:
    segment: str
    title: str
    base: str

    @property
    def pictures(self) -> str:
        """Where its pictures lie: on the host `images.` beside `world.`."""
        return self.base.replace("://world.", "://images.", 1) + "/images/products"


_TITLES = {
    "off": NAME,
    "obf": "Open Beauty Facts",
    "opff": "Open Pet Food Facts",
    "opf": "Open Products Facts",
}
_BY_TYPE = {"food": "off", "beauty": "obf", "petfood": "opff", "product": "opf"}


class OpenFoodFacts:
    """The four databases as one: whichever has the product answers."""

    name = NAME
    segments: tuple[str, ...] = tuple(_TITLES)

    def __init__(self, options: Options, tools: Tools, *, resolver: Resolver = resolve) -> None:
        self._tools = tools
        self._agent = f"{tools.user_agent} ({options.contact})"
        self._sisters = {
            segment: _Sister(segment, title, options.addresses[segment])
            for segment, title in _TITLES.items()
        }
        self._rate = Rate(fixed=READS_PER_MINUTE)
        pins = Pins(allow=options.allow)
        self._asked = {
            segment: Polite(
                sister.base,
                tools=tools,
                name=sister.title,
                pins=pins,
                headers={"user-agent": self._agent},
                rate=self._rate,
                concurrent=1,
                body_cap=ANSWER_CAP,
                tries=1,  # a job asks again, later and later
                resolver=resolver,
            )
            for segment, sister in self._sisters.items()
        }
        hosts = {place_of(sister.pictures)[0] for sister in self._sisters.values()}
        self._pictures = Pictures(tools, pins, hosts.__contains__, NAME, resolver=resolver)
        self._lock = threading.Lock()
        self._storms = 0

    def suits(self, ean: Ean) -> bool:
        """Everything but books."""
        return not is_book(ean)

    def look_up(self, ean: Ean) -> Found:
        """All pictures of a product that people chose; if they chose none, some raw ones."""
        code = code_of(ean)
        segment = "off"
        for _ in range(2):
            answer = self._read(segment, code)
            sister = self._sent_on(answer)
            if sister is None:
                return _found(ean, code, self._sisters[segment], answer)
            segment = sister
        raise Upstream(NAME, f"{NAME} sends us on without an end.")

    def _read(self, segment: str, code: str) -> Answer:
        try:
            answer = self._asked[segment].get(
                f"api/v3/product/{code}",
                params={"product_type": "all", "fields": _FIELDS},
                expect=(200, 404, *_ON),
            )
        except Upstream as error:
            raise self._weathered(error) from error.__cause__
        with self._lock:
            self._storms = 0
        return answer

    def _weathered(self, error: Upstream) -> Upstream:
        """A storm (429, 503) lets everybody rest, longer each time; a ban says so."""
        seen = answer_of(error)
        if isinstance(error, UpstreamRefused):
            return UpstreamRefused(
                NAME, f"{NAME} turns us away. Is the contact right, or did we ask too often?"
            )
        if seen is None or seen.status not in {429, 503}:
            return error
        with self._lock:
            self._storms += 1
            rest_s = min(LONGEST_STORM_S, STORM_S * 2.0 ** (self._storms - 1))
        if isinstance(error, UpstreamThrottled):
            rest_s = max(rest_s, error.retry_after_s)
        self._rate.rest(rest_s, self._tools.monotonic())
        return UpstreamThrottled(
            NAME, f"{NAME} is overloaded; it is asked again later.", int(rest_s)
        )

    def _sent_on(self, answer: Answer) -> str | None:
        """The sister that has the product; None when this answer is the one.

        Raises:
            Upstream: it leads to a host that is none of the family.
        """
        if answer.status in _ON:
            with suppress(BadInput):  # what it names is no address
                place = place_of(answer.location or "")
                for sister in self._sisters.values():
                    if place_of(sister.base) == place:
                        return sister.segment
            raise Upstream(NAME, f"{NAME} sends us on to {answer.redirect_host}.")
        body = fields_of(answer.json())
        result = fields_of(body.get("result"))
        if result.get("id") != "product_found_with_a_different_product_type":
            return None
        errors = body.get("errors")
        first = fields_of(errors[0]) if isinstance(errors, list) and errors else {}
        kind = fields_of(first.get("field")).get("value")
        segment = _BY_TYPE.get(kind) if isinstance(kind, str) else None
        if segment is None:
            raise Upstream(NAME, f"{NAME} has the product in a database we do not know.")
        return segment

    def open(
        self, place: Place, *, headers: Mapping[str, str]
    ) -> AbstractContextManager[RemoteStream]:
        """The full-size picture, one at a time, as the database asks for."""
        if not _NAME.fullmatch(place.name):
            raise UpstreamGone(NAME)
        size = ".full" if "." in place.name else ""
        folder = folder_of(code_of(place.ean))
        url = f"{self._sisters[place.segment].pictures}/{folder}/{place.name}{size}.jpg"
        return self._pictures.open(url, {**headers, "user-agent": self._agent})

    def check(self) -> Finding:
        """Whether a product that everybody has is found."""
        try:
            answer = self._read("off", _KNOWN)
            self._sent_on(answer)
        except GalleryError as error:
            return Finding(NAME, False, error.public, "Try again in some minutes.")  # noqa: FBT003
        return Finding(NAME, True, "It answers; no key is needed.")  # noqa: FBT003

    @property
    def rate(self) -> Rate:
        """The budget that the four share."""
        return self._rate

    def close(self) -> None:
        """Give back connections."""
        self._pictures.close()
        for asked in self._asked.values():
            asked.close()


def is_book(ean: Ean) -> bool:
    """Whether the number is an ISBN."""
    return ean.ean13.startswith(("978", "979")) and not ean.ean13.startswith("9790")


def folder_of(code: str) -> str:
    """The folder of a product's pictures: `3017620422003` -> `301/762/042/2003`."""
    padded = code.zfill(13)
    return "/".join((padded[:3], padded[3:6], padded[6:9], padded[9:]))


# --- reading an answer ------------------------------------------------------------------------


def _found(ean: Ean, code: str, sister: _Sister, answer: Answer) -> Found:
    body = fields_of(answer.json())
    product = fields_of(body.get("product"))
    parents = (Place(ean.gtin, sister.segment, "x").parent,)
    told = product.get("code", body.get("code", code))
    if answer.status == 404 or not product:
        return Found()
    if not _same(str(told), code):
        raise Upstream(NAME, f"{NAME} answered with another product.")
    page = f"{sister.base}/product/{code}"
    name = _title(product)
    entity = EntityRef("product", ean.gtin, name, page)
    images = tuple(
        _image(Place(ean.gtin, sister.segment, picture.name), picture, entity, sister, page)
        for picture in _pictures(product)
    )
    return Found(name, page, images, parents)


def _same(told: str, code: str) -> bool:
    return told.isdigit() and told.lstrip("0") == code.lstrip("0")


def _title(product: Mapping[str, object]) -> str:
    name = plain(product.get("product_name"))
    brands = product.get("brands")
    if isinstance(brands, list):
        brands = next(iter(brands), "")
    brand = plain(brands).partition(",")[0].strip()
    if not name or not brand or brand.casefold() in name.casefold():
        return name or brand
    return f"{brand} {name}"


@dataclass(frozen=True, slots=True)
class _Picture:
    name: str
    version: str
    uploader: str = ""
    uploaded_at: datetime | None = None


def _pictures(product: Mapping[str, object]) -> list[_Picture]:
    """Best first: the front in the product's language, other fronts, other sides, raw photos."""
    images = fields_of(product.get("images"))
    raw = fields_of(images.get("uploaded")) or {k: v for k, v in images.items() if k.isdigit()}
    seen: set[tuple[str, str]] = set()
    found: list[_Picture] = []
    chosen = sorted(_chosen(images), key=lambda c: _place_of(c, plain(product.get("lc"))))
    for kind, language, facts in chosen:
        shot, rev = _digits(facts.get("imgid")), _digits(facts.get("rev"))
        if rev and (kind, shot) not in seen:
            seen.add((kind, shot) if shot else (kind, language))
            found.append(_picture(f"{kind}_{language}.{rev}", rev, fields_of(raw.get(shot))))
    if not found and (told := _FRONT_URL.search(plain(product.get("image_front_url"), 500))):
        found.append(_Picture(told[1], told[1].rpartition(".")[2]))
    if not found:
        newest = sorted((n for n in raw if _digits(n)), key=int, reverse=True)[:MOST_RAW]
        found = [_picture(number, number, fields_of(raw[number])) for number in newest]
    return found[:MOST_PICTURES]


_Chosen = tuple[str, str, Mapping[str, object]]  # kind, language, facts


def _chosen(images: Mapping[str, object]) -> Iterator[_Chosen]:
    """What people chose, from either layout."""
    for kind, languages in fields_of(images.get("selected")).items():
        for language, facts in fields_of(languages).items():
            if _SELECTED.fullmatch(f"{kind}_{language}"):
                yield kind, language, fields_of(facts)
    for name, facts in images.items():
        if told := _SELECTED.fullmatch(name):
            yield told[1], told[2], fields_of(facts)


def _place_of(chosen: _Chosen, language: str) -> tuple[int, bool, bool, str]:
    kind, spoken, _ = chosen
    return _KINDS.index(kind), spoken != language, spoken != "en", spoken


def _picture(name: str, version: str, shot: Mapping[str, object]) -> _Picture:
    return _Picture(name, version, plain(shot.get("uploader"), 100), _time(shot.get("uploaded_t")))


def _image(
    place: Place, picture: _Picture, entity: EntityRef, sister: _Sister, page: str
) -> RemoteImage:
    return RemoteImage(
        key=place.key,
        filename=f"{entity.id.lstrip('0')}_{picture.name.replace('.', '_')}.jpg",
        parent=place.parent,
        content_type="image/jpeg",
        created_at=picture.uploaded_at,
        version=picture.version,
        page=page,
        entities=(entity,),
        attribution=Attribution(sister.title, page, LICENCE, picture.uploader or None),
    )


def _digits(value: object) -> str:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdigit() and len(text) <= 6 else ""


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(str(value)), UTC)
    except (ValueError, OverflowError, OSError):
        return None
