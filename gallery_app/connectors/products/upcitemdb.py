"""UPCitemdb: pictures that shops once showed. Nobody granted a licence for them.

A picture is somewhere on the web, often gone or without encryption; its name is its address,
quoted. Whatever lies there is fetched like anything a stranger names: from public addresses
alone, without telling who we are.

Source: upcitemdb.com/wp/docs (lookup, errors, rate headers).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from urllib.parse import quote, unquote, urlsplit

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
from gallery_app.connectors.products.options import ADDRESSES, Options
from gallery_app.connectors.rate import Rate
from gallery_app.connectors.sockets import Resolver, resolve
from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import Attribution, EntityRef
from gallery_app.domain.errors import (
    GalleryError,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
)
from gallery_app.domain.remote import Finding, RemoteImage, RemoteStream

NAME = "UPCitemdb"
READS_PER_MINUTE = 6
DAY_S = 86_400.0
MOST_PICTURES = 8
LONGEST_ADDRESS = 1000
_MISSES = frozenset({"NOT_FOUND", "INVALID_UPC"})
_KNOWN = "0885909950805"


class UpcItemDb:
    """A hundred look-ups a day without a key; more with one."""

    name = NAME
    segments: tuple[str, ...] = ("upcitemdb",)

    def __init__(self, options: Options, tools: Tools, *, resolver: Resolver = resolve) -> None:
        self._tools = tools
        self._rate = Rate(fixed=READS_PER_MINUTE)
        key = options.upcitemdb_key
        pins = Pins(allow=options.allow)
        self._asked = Polite(
            options.addresses["upcitemdb"] + ("/prod/v1" if key else "/prod/trial"),
            tools=tools,
            name=NAME,
            pins=pins,
            headers={"user_key": key, "key_type": "3scale"} if key else {},
            rate=self._rate,
            secrets=(key,) if key else (),
            concurrent=1,
            body_cap=ANSWER_CAP,
            tries=1,  # a job asks again, later and later
            resolver=resolver,
        )
        # Strangers name the addresses: of the own networks, only the mirror one typed itself.
        base = options.addresses["upcitemdb"]
        typed = () if base == ADDRESSES["upcitemdb"] else (place_of(base),)
        self._pictures = Pictures(
            tools, Pins(typed=typed), lambda _host: True, NAME, concurrent=2, resolver=resolver
        )

    def suits(self, ean: Ean) -> bool:
        """Anything."""
        return True

    def look_up(self, ean: Ean) -> Found:
        """The pictures that shops showed, encrypted addresses first."""
        answer = self._read(code_of(ean))
        body = fields_of(answer.json())
        code = plain(body.get("code"))
        items = body.get("items")
        if code in _MISSES or (code == "OK" and not items):
            return Found()
        if code != "OK" or answer.status != 200:
            raise Upstream(NAME, f"{NAME} answered {code[:40] or answer.status}.")
        item = fields_of(items[0]) if isinstance(items, list) and items else {}
        return _found(ean, item)

    def _read(self, code: str) -> Answer:
        try:
            answer = self._asked.get("lookup", params={"upc": code}, expect=(200, 400, 404))
        except UpstreamThrottled as error:
            seen = answer_of(error)
            raise self._spent(self._reset_s(seen) if seen else None, error) from error
        if answer.headers.get("x-ratelimit-remaining", "").strip() == "0":
            self._rest(self._reset_s(answer))
        return answer

    def _spent(self, reset_s: float | None, error: UpstreamThrottled) -> UpstreamThrottled:
        wait_s = max(reset_s or 0.0, error.retry_after_s)
        self._rest(wait_s)
        reason = f"The look-ups that {NAME} allows are used up; it is asked again later."
        return UpstreamThrottled(NAME, reason, int(wait_s))

    def _rest(self, seconds: float | None) -> None:
        if seconds is not None and seconds > 0:
            self._rate.rest(seconds, self._tools.monotonic())

    def _reset_s(self, answer: Answer) -> float | None:
        """Seconds until look-ups are counted anew; a day at most."""
        said = answer.headers.get("x-ratelimit-reset", "").strip()
        if not (said.isascii() and said.isdigit()):
            return None
        left = int(said[:12]) - self._tools.now().timestamp()
        return min(DAY_S, max(0.0, left))

    def open(
        self, place: Place, *, headers: Mapping[str, str]
    ) -> AbstractContextManager[RemoteStream]:
        """Whatever lies at the address that a shop once gave."""
        url = unquote(place.name)
        if not _usable(url):
            raise UpstreamGone(NAME)
        return self._pictures.open(url, headers)

    def check(self) -> Finding:
        """Whether it answers; the look-up counts."""
        remedy = "Check the key, or take it out to use the hundred free look-ups a day."
        try:
            answer = self._read(_KNOWN)
            answer.json()
        except GalleryError as error:
            if not isinstance(error, UpstreamRefused):
                remedy = "Try again later; the other databases are asked all the same."
            return Finding(NAME, False, error.public, remedy, required=False)  # noqa: FBT003
        left = plain(answer.headers.get("x-ratelimit-remaining"), 12)
        said = f"It answers; {left} look-ups are left." if left else "It answers."
        return Finding(NAME, True, said, required=False)  # noqa: FBT003

    def close(self) -> None:
        """Give back connections."""
        self._asked.close()
        self._pictures.close()


def _found(ean: Ean, item: Mapping[str, object]) -> Found:
    name = plain(item.get("title"))
    upc = plain(item.get("upc"), 14) or code_of(ean)
    page = f"https://www.upcitemdb.com/upc/{upc}" if upc.isdigit() else None
    entity = EntityRef("product", ean.gtin, name, page)
    listed = item.get("images")
    addresses = [u for u in listed if _usable(u)] if isinstance(listed, list) else []
    addresses = list(dict.fromkeys(addresses))
    addresses.sort(key=lambda url: not url.startswith("https:"))
    images = tuple(_image(ean, url, entity, page) for url in addresses[:MOST_PICTURES])
    return Found(name, page, images, (Place(ean.gtin, "upcitemdb", "x").parent,))


def _image(ean: Ean, url: str, entity: EntityRef, page: str | None) -> RemoteImage:
    parts = urlsplit(url)
    place = Place(ean.gtin, "upcitemdb", quote(url, safe=""))
    last = plain(unquote(parts.path).rpartition("/")[2].replace("\\", ""), 100)
    return RemoteImage(
        key=place.key,
        filename=last or f"{ean.shown}.jpg",
        parent=place.parent,
        page=page,
        entities=(entity,),
        attribution=Attribution(NAME, page, None, parts.hostname),
    )


def _usable(url: object) -> bool:
    if not isinstance(url, str) or not 10 < len(url) <= LONGEST_ADDRESS or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
