"""Pictures for screens on the wall: one at a time, exactly as large as the screen.

`new_image` and `latest` serve the brief's frame; a named frame (`/frame/kitchen`) has a query,
a size and an interval of its own, and shows the same picture to whoever asks within one.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import (
    BadInput,
    Conflict,
    GalleryError,
    NotFound,
    NotReady,
    OutOfSpace,
    Upstream,
)
from gallery_app.domain.frames import Frame
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Uid
from gallery_app.domain.query import AssetQuery
from gallery_app.domain.renditions import UHD, RenditionSpec
from gallery_app.services.browse import Browse
from gallery_app.services.candidates import MOST_CANDIDATES, SMART, Candidates, FoundBy
from gallery_app.services.deadline import Deadline
from gallery_app.services.media import Media
from gallery_app.services.reach import Paused
from gallery_app.services.smart import SmartSearch
from gallery_app.services.subjects import Subjects
from gallery_app.services.values import Bytes
from gallery_app.storage.shelf import Shelf

TRIES = 5  # candidates that cannot be shown are passed over
# Of the time that is left: for finding, and for a remote's picture. The rest is for one that
# lies here.
FOR_SEARCH, FOR_REMOTES = 1 / 3, 2 / 3
SMALLEST_PX, LARGEST_PX = 64, 7680  # each side of a screen
SHORTEST_S, LONGEST_S = 10, 7 * 86_400
LONGEST_QUERY = 500
HOUR_S = 3600
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class FrameImage:
    """A picture made for a frame; `found_by` tells how it was chosen."""

    uid: Uid
    filename: str
    bytes: Bytes
    query: str
    found_by: FoundBy


@dataclass(frozen=True, slots=True)
class FrameInfo:
    """The pictures made for frames that are still kept; `names` newest first."""

    count: int
    bytes: int
    names: tuple[str, ...]
    newest: datetime | None


class FrameBook:
    """Makes pictures for frames, and keeps the frames that have a name.

    Pictures for the team only, unreadable ones and videos are never shown on a frame.
    """

    def __init__(
        self,
        catalog: Catalog,
        browse: Browse,
        media: Media,
        smart: SmartSearch,
        subjects: Subjects,
        shelf: Shelf,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        chance: Callable[[], float],
        random_bytes: Callable[[int], bytes],
        default_query: str = "",
    ) -> None:
        """Prepare.

        Args:
            catalog: frames.
            browse: finds pictures.
            media: makes renditions.
            smart: finds pictures by what they show.
            subjects: knows where in a picture its subject is.
            shelf: keeps what `new_image` made.
            now: UTC clock.
            monotonic: seconds.
            chance: uniform in [0, 1).
            random_bytes: a cryptographic source, for keys.
            default_query: what `new_image` shows when nobody says.
        """
        self._catalog = catalog
        self._browse = browse
        self._media = media
        self._candidates = Candidates(catalog, browse, smart, chance=chance)
        self._subjects = subjects
        self._shelf = shelf
        self._now = now
        self._monotonic = monotonic
        self._chance = chance
        self._random_bytes = random_bytes
        self._default_query = default_query

    # --- one picture after the other -------------------------------------------------------

    def new_image(
        self, query: str | None = None, *, most: int = 100, wait_s: float = 30.0
    ) -> FrameImage:
        """One picture, other than those shown just before, 3840 x 2160, kept as the latest.

        Args:
            query: what it should show; None: the default query. Asked of the smart search
                first, else read as the search language, else any picture is taken.
            most: it is one of the best so many, 1 to MOST_CANDIDATES.
            wait_s: for all of it, the making of another one in its stead included.

        Raises:
            BadInput: `most` out of range, or too long a query.
            NotFound: the gallery has no picture to show.
            OutOfSpace, Conflict: it cannot be kept; the sentence says why.
        """
        if not 1 <= most <= MOST_CANDIDATES:
            raise BadInput(f"A range is a whole number from 1 to {MOST_CANDIDATES}.")
        wanted = (self._default_query if query is None else query).strip()
        if len(wanted) > LONGEST_QUERY:
            raise BadInput(f"A query has at most {LONGEST_QUERY} characters.")
        until = Deadline(wait_s, self._monotonic)
        search_s = until.left_s() * FOR_SEARCH
        candidates, found_by = self._candidates.find(wanted, most, search_s)
        order = self._unseen_first(candidates)
        instead = partial(self._candidates.any, TRIES, here=True)
        uid, made = self._shown(order, instead, UHD, until)
        if uid not in order:
            found_by = "any"
        self._shelf.put(_file(uid), made.data, at=self._now())
        asset = self._browse.get(uid)
        return FrameImage(uid, asset.filename, made, wanted, found_by)

    def latest(self) -> Bytes:
        """The bytes of the last `new_image`, also after a restart.

        Raises:
            Conflict: there was none yet; says how to make one. (The face answers 404.)
        """
        for shelved in self._shelf.list():
            data = self._shelf.get(shelved.name)
            if data is not None:
                digest = hashlib.sha256(data).hexdigest()[:32]
                return Bytes(data, UHD.content_type, f'"frame-{digest}"', 0)
        raise Conflict("No picture was made for a frame yet. Ask /new-image for one first.")

    def info(self) -> FrameInfo:
        """What is kept of the pictures made."""
        kept = self._shelf.list()
        return FrameInfo(
            count=len(kept),
            bytes=sum(shelved.size_bytes for shelved in kept),
            names=tuple(shelved.name for shelved in kept),
            newest=kept[0].at if kept else None,
        )

    def _unseen_first(self, candidates: Sequence[Uid]) -> Sequence[Uid]:
        """The candidates in an order of chance; those shown lately last, the latest last of all."""
        order = list(candidates)
        random.Random(self._chance()).shuffle(order)  # noqa: S311  # a picture, no secret
        seen = {shelved.name: place for place, shelved in enumerate(self._shelf.list())}
        never = len(seen)
        return sorted(order, key=lambda uid: -seen.get(_file(uid), never))

    def _shown(
        self,
        order: Sequence[Uid],
        instead: Callable[[], Sequence[Uid]],
        spec: RenditionSpec,
        until: Deadline,
    ) -> tuple[Uid, Bytes]:
        """As `_first_shown`; of those that lie here where the candidates lie at a late remote."""
        try:
            return self._first_shown(order, spec, until)
        except (Upstream, NotReady, Paused):
            here = instead()
            if not here:
                raise
            return self._first_shown(here, spec, until)

    def _first_shown(
        self, order: Sequence[Uid], spec: RenditionSpec, until: Deadline
    ) -> tuple[Uid, Bytes]:
        """The first of the candidates that can be shown, with its picture.

        Once a remote did not give its original, no other picture that only remotes have is tried.

        Raises:
            NotReady: one that lies here is not made in time; nobody waits for five of them.
        """
        failure: GalleryError = NotFound("picture to show")
        tries, away = 0, False
        for uid in order:
            serving = self._catalog.assets.serving(uid)
            if serving is None or (away and serving.remote):
                continue
            tries += 1
            try:
                around = self._around(uid, spec, until)
                wait_s = until.left_s() * (FOR_REMOTES if serving.remote else 1)
                return uid, self._media.rendition(uid, around, wait_s=wait_s)
            except OutOfSpace:
                raise
            except GalleryError as error:
                if isinstance(error, NotReady) and not serving.remote:
                    raise
                failure = error
                away |= serving.remote
            if tries == TRIES:
                break
        raise failure

    def _around(self, uid: Uid, spec: RenditionSpec, until: Deadline) -> RenditionSpec:
        """The spec with the subject of that picture, where a source knows it."""
        asset_id = self._catalog.assets.ids_of([uid]).get(uid)
        focus = None if asset_id is None else self._subjects.of(asset_id, until)
        return (
            spec if focus is None else replace(spec, focus=(round(focus[0], 2), round(focus[1], 2)))
        )

    # --- frames with a name ----------------------------------------------------------------

    def list(self) -> Sequence[Frame]:
        """The named frames, by name."""
        return self._catalog.frames.list()

    def get(self, name: str) -> Frame:
        """One named frame.

        Raises:
            NotFound: there is none of that name.
        """
        frame = self._catalog.frames.get(name)
        if frame is None:
            raise NotFound("frame")
        return frame

    def put(
        self,
        name: str,
        *,
        query: str = "",
        size: Size = Size(3840, 2160),  # noqa: B008  # a tuple never changes
        interval_s: int = 3600,
        new_key: bool = False,
    ) -> Frame:
        """Make or change a frame; its key stays unless `new_key`.

        Raises:
            BadInput: a name, size or interval that cannot be; a query that cannot be read.
        """
        if _NAME.fullmatch(name) is None:
            raise BadInput("A frame's name has 1 to 40 small letters, digits and hyphens.")
        if not all(SMALLEST_PX <= side <= LARGEST_PX for side in size):
            raise BadInput(f"A screen has {SMALLEST_PX} to {LARGEST_PX:,} pixels on each side.")
        if not SHORTEST_S <= interval_s <= LONGEST_S:
            raise BadInput(f"A picture stays for {SHORTEST_S} to {LONGEST_S} seconds.")
        query = query.strip()
        if len(query) > LONGEST_QUERY:
            raise BadInput(f"A query has at most {LONGEST_QUERY} characters.")
        if not query.startswith(SMART):
            AssetQuery.from_params({"q": [query]})
        before = self._catalog.frames.get(name)
        key = before.key if before is not None and not new_key else self._random_bytes(16).hex()
        made_at = before.created_at if before is not None else self._now()
        frame = Frame(name, query, size, interval_s, key, made_at)
        self._catalog.frames.put(frame)
        return frame

    def delete(self, name: str) -> None:
        """Forget a frame.

        Raises:
            NotFound: there is none of that name.
        """
        if not self._catalog.frames.delete(name):
            raise NotFound("frame")

    def restore(self, frame: Frame) -> None:
        """Undo `delete`: the frame as it was, with the address that screens know.

        Raises:
            Conflict: there is one of that name again.
        """
        if self._catalog.frames.get(frame.name) is not None:
            raise Conflict(f"There is a frame called {frame.name} again.")
        self._catalog.frames.put(frame)

    def opens(self, frame: Frame, key: str) -> bool:
        """Whether `key` is the secret part of that frame's address; takes the same time always."""
        return hmac.compare_digest(frame.key.encode(), key.encode("utf-8", "replace"))

    def picture_for(
        self, frame: Frame, now: datetime | None = None, *, wait_s: float = 20.0
    ) -> tuple[Uid, Bytes]:
        """What the frame shows at that time: the same all through one interval.

        The order is shuffled anew every hour; nothing comes twice in one before all were shown.
        While a server is late that finds what it shows, or has it, others are shown.

        Raises:
            NotFound: the frame's query finds nothing that can be shown.
            NotReady: it is not made after `wait_s`.
        """
        until = Deadline(wait_s, self._monotonic)
        at_s = int((now or self._now()).timestamp())
        found = sorted(self._candidates.of(frame.query, until.left_s() * FOR_SEARCH))
        if not found:
            raise NotFound("picture to show")
        order = _order(found, frame, at_s)

        def instead() -> Sequence[Uid]:
            here = sorted(self._candidates.all(here=True))
            return _order(here, frame, at_s) if here else here

        spec = RenditionSpec(f"frame {frame.name}", frame.size, "subject", UHD.format, UHD.quality)
        return self._shown(order, instead, spec, until)

    def seconds_left(self, frame: Frame, now: datetime | None = None) -> int:
        """Until the frame shows the next picture, 1 or more."""
        at_s = int((now or self._now()).timestamp())
        return frame.interval_s - at_s % frame.interval_s


def _file(uid: Uid) -> str:
    return f"{uid}.jpg"


def _order(uids: Sequence[Uid], frame: Frame, at_s: int) -> list[Uid]:
    """All candidates, the one for this interval first.

    One slot is one interval; a round is the slots of an hour (one, when intervals are longer).
    """
    slot = at_s // frame.interval_s
    per_round = max(1, HOUR_S // frame.interval_s)
    shuffled = list(uids)
    seed = f"{frame.key}:{slot // per_round}"
    random.Random(seed).shuffle(shuffled)  # noqa: S311  # a picture, no secret
    first = slot % per_round % len(shuffled)
    return shuffled[first:] + shuffled[:first]
