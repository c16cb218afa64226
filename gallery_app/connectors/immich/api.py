"""Immich's answers as values: one method for each question, no decision in between.

Everything goes through `Polite`; what it raises comes out unchanged. An answer that Immich would
never give (a portal's page, another program's JSON) is `Upstream`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from gallery_app.connectors.answer import Answer
from gallery_app.connectors.base import Tools
from gallery_app.connectors.faults import answer_of
from gallery_app.connectors.immich import models
from gallery_app.connectors.immich.models import Album, AssetSeen, NotImmich, Page, Tag, Version
from gallery_app.connectors.immich.requests import Builder, Flat, Position, Search, builder_for
from gallery_app.connectors.pinned import Pins
from gallery_app.connectors.polite import PATIENCE_S, Polite, Query
from gallery_app.domain.dates import http_date
from gallery_app.domain.errors import Upstream, UpstreamGone
from gallery_app.domain.geometry import Box
from gallery_app.domain.remote import RemoteConfig

NAME = "Immich"
OLDEST = Version(1, 118)
NEWEST = 3  # major version that this was made for
_DAY_S = 86_400.0
_HOUR_S = 3_600.0
_SOON_S = 3.0  # for waits between tries while somebody sits in front of the screen
_ELSEWHERE = frozenset({400, 401, 403, 404, 405, 410})
_NOT_IMMICH = "What answers at this address is not Immich."
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class Api:
    """One Immich, asked with one key. Safe to use from several threads."""

    def __init__(self, config: RemoteConfig, tools: Tools) -> None:
        self.base = config.address
        self._tools = tools
        self._root = "/api"
        self.http = Polite(
            config.address,
            tools=tools,
            name=NAME,
            pins=Pins.to(config.address),
            headers={"x-api-key": config.secret} if config.secret else {},
            secrets=(config.secret,),
            concurrent=4,
        )
        self._lock = threading.Lock()
        self._version: tuple[Version, Builder, float] | None = None
        self._features: tuple[bool, float] | None = None
        self._date: datetime | None = None

    # --- the server ------------------------------------------------------------------------

    def ping(self) -> bool:
        """Whether an Immich answers; its API is looked for where the server says it is."""
        if self._pongs(self._root):
            return True
        told = self._told_root()
        if told is None or told == self._root or not self._pongs(told):
            return False
        self._root = told
        return True

    def version(self) -> Version:
        """The server's version, read again once a day.

        Raises:
            Upstream: it tells none.
        """
        return self._known()[0]

    def builder(self) -> Builder:
        """The wording of searches that this server understands."""
        return self._known()[1]

    def refresh(self) -> None:
        """Forget the version, as when the address or the server is new."""
        with self._lock:
            self._version = None
            self._features = None

    def smart_search(self) -> bool:
        """Whether it finds pictures by what they show; asked once an hour at most."""
        with self._lock:
            known = self._features
        now = self._tools.monotonic()
        if known is None or now - known[1] > _HOUR_S:
            body = self.get("/server/features", patience_s=_SOON_S).json()
            on = isinstance(body, dict) and body.get("smartSearch") is True
            known = (on, now)
            with self._lock:
                self._features = known
        return known[0]

    def no_smart_search(self) -> None:
        """It was refused: do not try again for an hour."""
        with self._lock:
            self._features = (False, self._tools.monotonic())

    def now(self) -> datetime:
        """The time by the earlier of two clocks, ours and that of the last answer.

        What is asked "since then" is never too little, whichever of them is wrong.
        """
        ours = self._tools.now()
        with self._lock:
            theirs = self._date
        return ours if theirs is None else min(ours, theirs)

    # --- assets ----------------------------------------------------------------------------

    def page(self, search: Search, at: Position) -> tuple[Page, Position | None]:
        """One page, and where the next one is; None behind the last of a pass.

        A server that does not take the newer wording is asked in the older one from then on.
        """
        version, builder, read_s = self._known()
        try:
            answer = self.post("/search/metadata", builder.body(search, at))
        except Upstream as error:
            refused = answer_of(error)
            if isinstance(builder, Flat) or refused is None or refused.status != 400:
                raise
            if at.cursor is not None:  # the mark may be an old one
                return self.page(search, replace(at, cursor=None, page=1))
            _log.warning("Immich did not take a filter; it is asked in the older way from now on")
            with self._lock:
                self._version = (version, Flat(version), read_s)
            return self.page(search, Position(before=at.before))
        page = self._read(answer, models.page_of)
        return page, builder.after(at, page)

    def asset(self, key: str) -> AssetSeen | None:
        """One asset whole, tags and all; None when there is none of that id."""
        try:
            body = self.get(f"/assets/{key}").json()
        except Upstream as error:
            if is_missing(error):
                return None
            raise
        return models.asset_of(body)

    def faces(self, key: str) -> tuple[Box, ...]:
        """Where the faces of one asset are."""
        answer = self.get("/faces", params={"id": key}, patience_s=_SOON_S)
        return self._read(answer, models.faces_of)

    def smart(self, text: str, *, size: int) -> Page:
        """What shows this, best first."""
        body = self.builder().smart(text, size=size)
        return self._read(self.post("/search/smart", body, patience_s=_SOON_S), models.page_of)

    def albums(self) -> list[Album]:
        """All albums of the key's owner."""
        return self._read(self.get("/albums"), models.albums_of)

    def tags(self) -> list[Tag]:
        """All tags of the key's owner."""
        return self._read(self.get("/tags"), models.tags_of)

    # --- asking ----------------------------------------------------------------------------

    def path(self, below: str) -> str:
        """The whole path of a route below the API's root."""
        return f"{self._root}{below}"

    def get(
        self, below: str, *, params: Query | None = None, patience_s: float = PATIENCE_S
    ) -> Answer:
        """GET a route."""
        path = self.path(below)
        return self._dated(self.http.get(path, params=params, patience_s=patience_s))

    def post(self, below: str, body: object, *, patience_s: float = PATIENCE_S) -> Answer:
        """POST a question (nothing is changed by it, so it may be asked again)."""
        path = self.path(below)
        return self._dated(self.http.post(path, json=body, idempotent=True, patience_s=patience_s))

    # --- how -------------------------------------------------------------------------------

    def _known(self) -> tuple[Version, Builder, float]:
        with self._lock:
            known = self._version
        if known is not None and self._tools.monotonic() - known[2] < _DAY_S:
            return known
        body = self._body(self.path("/server/version"))
        if body is None and self.ping():
            body = self._body(self.path("/server/version"))
        try:
            version = models.version_of(body)
        except NotImmich as error:
            raise Upstream(NAME, _NOT_IMMICH) from error
        known = (version, builder_for(version), self._tools.monotonic())
        with self._lock:
            self._version = known
        return known

    def _told_root(self) -> str | None:
        """Where the server says its API is, if that is at this very server."""
        body = self._body("/.well-known/immich")
        told = body.get("api") if isinstance(body, dict) else None
        endpoint = told.get("endpoint") if isinstance(told, dict) else None
        if not isinstance(endpoint, str):
            return None
        endpoint = endpoint.removeprefix(self.base).rstrip("/")
        plain = endpoint.startswith("/") and not endpoint.startswith("//")
        return endpoint if plain and len(endpoint) < 200 and ".." not in endpoint else None

    def _pongs(self, root: str) -> bool:
        body = self._body(f"{root}/server/ping", patience_s=_SOON_S)
        return isinstance(body, dict) and body.get("res") == "pong"

    def _body(self, path: str, *, patience_s: float = PATIENCE_S) -> object:
        """What a route answers; None when nothing of Immich's is there."""
        try:
            answer = self._dated(self.http.get(path, patience_s=patience_s))
        except Upstream as error:
            refused = answer_of(error)
            if refused is not None and refused.status in _ELSEWHERE:
                return None
            raise
        try:
            return answer.json()
        except Upstream:
            return None

    def _dated(self, answer: Answer) -> Answer:
        if (date := http_date(answer.headers.get("date", ""))) is not None:
            with self._lock:
                self._date = date
        return answer

    def _read(self, answer: Answer, how: Callable[[object], _T]) -> _T:
        try:
            return how(answer.json())
        except NotImmich as error:
            raise Upstream(NAME, _NOT_IMMICH) from error


def is_missing(error: Upstream) -> bool:
    """Whether it means that there is no such asset (404; 400 from version 3 on)."""
    if isinstance(error, UpstreamGone):
        return True
    answer = answer_of(error)
    return answer is not None and answer.status == 400 and "Not found" in answer.text


def permission_lacking(error: Upstream) -> str | None:
    """The permission that a 403 names; "" when it names none; None when it is no 403."""
    answer = answer_of(error)
    if answer is None or answer.status != 403:
        return None
    _, _, named = answer.text.partition("Missing required permission: ")
    return named.strip('"} \n').partition('"')[0][:60]
