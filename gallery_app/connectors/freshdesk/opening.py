"""The bytes of a picture: a fresh address for it, and the download without our key.

Addresses live for minutes. They are kept while they are fresh, one read of a ticket for all its
pictures; four fifths of the time gone counts as expired. One that is refused all the same is
asked for once more.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qs

from gallery_app.connectors.base import Tools
from gallery_app.connectors.downloads import Downloads
from gallery_app.connectors.faults import answer_of
from gallery_app.connectors.freshdesk.address import parts_of
from gallery_app.connectors.freshdesk.fields import NAME
from gallery_app.connectors.freshdesk.gather import Place
from gallery_app.connectors.freshdesk.reading import Read
from gallery_app.domain.errors import (
    NotAllowed,
    Unreadable,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
)
from gallery_app.domain.remote import RemoteStream

CAP_BYTES = 512 << 20
DEADLINE_S = 900.0
_USED = 0.8  # of an address' life
_LIFE = timedelta(minutes=10)  # of one that tells no end
_MOST_PARENTS = 512
_MOST_DATA = 32 << 20
_LOGIN = "Freshdesk shows this picture only to people who are signed in there."
_ELSEWHERE = "This picture lies at an address that is not Freshdesk's; it is not fetched."


class _Kept(NamedTuple):
    """Where one parent's pictures are, until when, and how many bytes of them lie in it."""

    until: datetime
    places: Mapping[str, Place]
    data: int


class Places:
    """Where pictures are, by parent, while that is fresh. Safe to use from several threads."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._data = 0  # bytes of pictures that lie in what is kept
        self._reading: dict[str, threading.Lock] = {}

    def keep(self, parent: str, places: Mapping[str, Place]) -> None:
        """Remember where a parent's pictures are."""
        until = self._now() + _LIFE
        for place in places.values():
            until = min(until, fresh_until(place.url) or until)
        data = sum(len(place.data) for place in places.values() if place.data)
        with self._lock:
            self._drop(parent)
            if data <= _MOST_DATA // 8:
                self._kept[parent] = _Kept(until, places, data)
                self._data += data
            while len(self._kept) > _MOST_PARENTS or self._data > _MOST_DATA:
                self._drop(next(iter(self._kept)))

    def forget(self, parent: str, key: str, place: Place) -> None:
        """Let go of a parent's addresses: this one does not work.

        Unless it was read anew meanwhile, for another picture whose address did not work either.
        """
        with self._lock:
            kept = self._kept.get(parent)
            if kept is not None and kept.places.get(key) == place:
                self._drop(parent)

    def of(self, parent: str) -> Mapping[str, Place] | None:
        """A parent's pictures; None when they are to be read again."""
        with self._lock:
            kept = self._kept.get(parent)
        return kept.places if kept is not None and self._now() < kept.until else None

    def one_at_a_time(self, parent: str) -> threading.Lock:
        """Held while a parent is read, so that others wait for its answer."""
        with self._lock:
            if len(self._reading) > 4 * _MOST_PARENTS:
                free = [name for name, lock in self._reading.items() if not lock.locked()]
                for name in free:
                    del self._reading[name]
            return self._reading.setdefault(parent, threading.Lock())

    def _drop(self, parent: str) -> None:
        """With the lock held."""
        kept = self._kept.pop(parent, None)
        if kept is not None:
            self._data -= kept.data


class Opener:
    """Opens pictures by key.

    Args:
        places: what is fresh already.
        read: reads one parent; raises UpstreamGone when it is no more.
        near: downloads from Freshdesk's hosts.
        far: downloads from anywhere public, for pictures of other hosts; None: they are refused.
        tools: clock.
    """

    def __init__(
        self,
        places: Places,
        read: Callable[[str], Read],
        near: Downloads,
        far: Downloads | None,
        tools: Tools,
    ) -> None:
        self._places = places
        self._read = read
        self._near = near
        self._far = far
        self._tools = tools

    @contextmanager
    def open(
        self, key: str, *, start: int | None = None, end: int | None = None
    ) -> Iterator[RemoteStream]:
        """As `Connector.open`.

        Raises:
            Unreadable: it cannot be had, ever: behind a login, or at a place we do not ask.
        """
        parent = parent_of(key)
        with ExitStack() as stack:
            place = self._place(parent, key)
            if place.data is not None:
                yield _of_text(place, place.data, start or 0, end)
                return
            try:
                stream = stack.enter_context(self._download(place, start, end))
            except (UpstreamRefused, UpstreamGone):
                self._places.forget(parent, key, place)
                place = self._place(parent, key)
                stream = self._last_try(stack, place, start, end)
            if stream.content_type in {"text/html", "application/xhtml+xml"}:
                raise Unreadable(_LOGIN)
            yield stream

    def _last_try(
        self, stack: ExitStack, place: Place, start: int | None, end: int | None
    ) -> RemoteStream:
        try:
            return stack.enter_context(self._download(place, start, end))
        except UpstreamRefused as error:
            if fresh_until(place.url) is not None or _is_of_the_store(error):
                raise Upstream(NAME, "Freshdesk gave an address that does not work.") from error
            raise Unreadable(_LOGIN) from error

    @contextmanager
    def _download(self, place: Place, start: int | None, end: int | None) -> Iterator[RemoteStream]:
        by = self._far if place.foreign else self._near
        if by is None or not place.url:
            raise Unreadable(_ELSEWHERE)
        headers = {}
        if start is not None or end is not None:
            headers["range"] = f"bytes={start or 0}-{'' if end is None else end}"
        try:
            with by.open(
                place.url,
                cap_bytes=CAP_BYTES,
                deadline_s=DEADLINE_S,
                expect_size=None if headers else place.size_bytes,
                headers=headers,
            ) as stream:
                yield stream
        except NotAllowed as error:
            raise Unreadable(_ELSEWHERE) from error

    def _place(self, parent: str, key: str) -> Place:
        """Where a picture is now.

        Raises:
            UpstreamGone: its parent, or itself in it, is no more.
        """
        with self._places.one_at_a_time(parent):
            places = self._places.of(parent)
            if places is None or key not in places:
                read = self._read(parent)
                self._places.keep(parent, read.places)
                places = read.places
        if key not in places:
            raise UpstreamGone(NAME, "This picture is no longer in Freshdesk.")
        return places[key]


def _is_of_the_store(error: UpstreamRefused) -> bool:
    """Whether the store refused a signature (its time is over), which says nothing of a login.

    Source: Amazon S3 error responses: always XML.
    """
    answer = answer_of(error)
    return answer is not None and answer.content_type in {"application/xml", "text/xml"}


def parent_of(key: str) -> str:
    """The parent that a key names."""
    return key.rpartition("/")[0].rpartition("/")[0]


def fresh_until(url: str) -> datetime | None:
    """Until when a signed address is used; None: it tells no end."""
    parts = parts_of(url)
    query = {} if parts is None else parse_qs(parts.query)
    try:
        signed = datetime.strptime(query["X-Amz-Date"][0] + "+0000", "%Y%m%dT%H%M%SZ%z")
        life = timedelta(seconds=int(query["X-Amz-Expires"][0]))
        return signed + life * _USED
    except (KeyError, ValueError, OverflowError):
        return None


def _of_text(place: Place, data: bytes, start: int, end: int | None) -> RemoteStream:
    part = data[start : len(data) if end is None else end + 1]
    return RemoteStream(iter([part]), place.content_type, len(part), len(data), start)
