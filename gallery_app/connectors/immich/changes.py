"""What is new at an Immich since the last run: the whole list at first, then what changed.

A **walk** lists everything (the first run, and once a night). A **delta** asks for what was
updated and what was trashed since five minutes before the last run began, and looks at the list
of albums: three requests when nothing is new. Albums come as `Listing.members`, because putting
a picture into an album changes nothing of the picture.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gallery_app.connectors.immich import cursor as cursors
from gallery_app.connectors.immich.api import NAME, OLDEST, Api, permission_lacking
from gallery_app.connectors.immich.cursor import Cursor, look_of
from gallery_app.connectors.immich.models import Album, AssetSeen, Version
from gallery_app.connectors.immich.paging import Pages, Sheet
from gallery_app.connectors.immich.pictures import Site, is_picture, is_shown, picture_of
from gallery_app.connectors.immich.requests import Position, Search
from gallery_app.connectors.immich.tagging import Tagging, Tags
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import Upstream
from gallery_app.domain.remote import Listing, RemoteImage

OVERLAP = timedelta(minutes=5)
SLOW = timedelta(hours=1)  # how often the archive is asked for where that takes a pass of its own
_MEMBERS_AT_ONCE = 5_000  # keys in one batch of albums, about
_HIDES = Version(3, 0)  # from here on the server says which videos are part of a live photo
_IN_CIRCLES = "Immich gave the same page again and again; some pictures may be missing."

Steps = Generator[Listing, None, Cursor]


class Changes:
    """One run. Iterate `run` once."""

    def __init__(self, api: Api, site: Site, tagging: Tagging, *, archived: bool = True) -> None:
        self._api = api
        self._site = site
        self._tagging = tagging
        self._archived = archived
        self._pictures = 0
        self._live: set[str] = set()
        self._refused = 0
        self._notes: list[str] = []

    def run(self, cursor: str, *, walk: bool) -> Iterator[Listing]:
        """The batches of this run, the last one with nothing but where the next run goes on.

        Raises:
            Upstream: the server is too old, or does not answer as it should.
        """
        version = self._api.version()
        if version < OLDEST:
            raise Upstream(NAME, f"This is Immich {version}; it must be {OLDEST} or newer.")
        state = cursors.read(cursor)
        if walk or state.since is None:
            yield from self._walk(state, fresh=walk or state.at is None)
        else:
            yield from self._delta(state, state.since)

    # --- everything ------------------------------------------------------------------------

    def _walk(self, state: Cursor, *, fresh: bool) -> Iterator[Listing]:
        """Every picture and every album.

        `fresh`: from the first page, so that in the end it is known what is there no more. A walk
        that goes on where another one broke off cannot know that.
        """
        first = state.since is None
        albums = self._albums()
        began = self._api.now() if fresh or state.until is None else state.until
        tags: Tags | None = None
        for count, tags in self._tagging.whole():  # noqa: B007 - the last one is meant
            if count:
                yield Listing(state.write(), walking=fresh, progress={"tags": count})
        if self._tagging.refused:
            self._notes.append("Tags are left out: the key lacks tag.read.")
        pages = Pages(self._api, Search(), None if fresh else state.at)
        met: set[str] = set()
        for sheet in pages:
            if first and sheet.then is not None:
                state = replace(state, until=began, at=sheet.then)
            elif first:
                state = _from(began)
            seen, gone = self._sorted(sheet, tags)
            late = tuple(key for key in gone if key in met)  # part of a live photo, after all
            met.update(image.key for image in seen)
            yield self._listing(state, seen, late, walking=fresh)
        if not pages.complete:
            self._notes.append(_IN_CIRCLES)
        state = replace(_from(began), albums=state.albums)
        state = yield from self._members(state, albums, every=True, walking=fresh)
        yield Listing(
            state.write(),
            walking=fresh,
            walked=fresh and pages.complete,
            progress={"pictures": self._pictures},
            note=self._note(),
        )

    # --- what changed ----------------------------------------------------------------------

    def _delta(self, state: Cursor, since: datetime) -> Iterator[Listing]:
        albums = self._albums()
        began = state.until or self._api.now()
        turns = self._api.builder().turns(Search())
        slow = turns > 1 and began - (state.slow or since) >= SLOW
        for turn in range(turns if slow else 1):
            if state.at is not None and turn < state.at.turn:
                continue
            after = since if turn == 0 else state.slow or since
            at = state.at if state.at is not None and state.at.turn == turn else Position(turn)
            for sheet in Pages(self._api, _updated(after), at, one_turn=True):
                state = replace(state, until=began if sheet.then else None, at=sheet.then)
                tags = self._tagging.of_changed([a for a in sheet.assets if is_shown(a)], after)
                seen, gone = self._sorted(sheet, tags)
                if seen or gone:
                    yield self._listing(state, seen, gone)
            trashed = Search(trashed_since=after, details=False)
            for sheet in Pages(self._api, trashed, Position(turn), one_turn=True):
                # A server that did not understand the question would list what is not trashed.
                gone = tuple(asset.id for asset in sheet.assets if asset.trashed is not False)
                if gone:
                    yield self._listing(state, (), gone)
        state = Cursor(
            since=began - OVERLAP,
            slow=began - OVERLAP if slow or turns == 1 else state.slow or since,
            albums=state.albums,
        )
        state = yield from self._members(state, albums, every=False)
        yield Listing(state.write(), progress={"pictures": self._pictures}, note=self._note())

    # --- albums ----------------------------------------------------------------------------

    def _albums(self) -> list[Album] | None:
        """All albums, looked at before any picture is.

        What is put into an album later changes the album once more and is met by the next run.
        """
        try:
            return self._api.albums()
        except Upstream as error:
            if permission_lacking(error) is None:
                raise
            self._notes.append("Albums are left out: the key lacks album.read.")
            return None

    def _members(
        self, state: Cursor, albums: list[Album] | None, *, every: bool, walking: bool = False
    ) -> Steps:
        """The pictures of the albums that changed (or of all), and the end of those deleted."""
        if albums is None:
            return state
        looks = dict(state.albums)
        kept = {album.id for album in albums}
        members: list[tuple[EntityRef, tuple[str, ...]]] = [
            (EntityRef("album", key), ()) for key in looks if key not in kept
        ]
        looks = {key: look for key, look in looks.items() if key in kept}
        for album in albums:
            if not every and looks.get(album.id) == look_of(album):
                continue
            pages = Pages(self._api, Search(album=album.id, details=False))
            keys = tuple(pages.ids())
            if not pages.complete:
                continue
            ref = EntityRef("album", album.id, album.name, self._site.album(album.id))
            members.append((ref, keys))
            looks[album.id] = look_of(album)
            if sum(len(keys) for _, keys in members) >= _MEMBERS_AT_ONCE:
                state = replace(state, albums=dict(looks))
                yield Listing(state.write(), members=tuple(members), walking=walking)
                members = []
        state = replace(state, albums=looks)
        if members:
            yield Listing(state.write(), members=tuple(members), walking=walking)
        return state

    # --- pictures --------------------------------------------------------------------------

    def _sorted(
        self, sheet: Sheet, tags: Tags | None
    ) -> tuple[tuple[RemoteImage, ...], tuple[str, ...]]:
        """What of a page is to be shown, and what is not (any more)."""
        seen: list[RemoteImage] = []
        gone: list[str] = []
        self._refused += sheet.ids_refused
        self._live.update(asset.live_video for asset in sheet.assets if asset.live_video)
        for asset in sheet.assets:
            if self._wanted(asset):
                names = None if tags is None else tags.get(asset.id, ())
                seen.append(picture_of(asset, self._site, tags=names))
            else:
                gone.append(asset.id)
        if self._api.version() < _HIDES:
            gone += [asset.live_video for asset in sheet.assets if asset.live_video]
        self._pictures += len(seen)
        return tuple(seen), tuple(gone)

    def _wanted(self, asset: AssetSeen) -> bool:
        if asset.id in self._live or not is_picture(asset) or not is_shown(asset):
            return False
        return self._archived or asset.visibility != "archive"

    def _listing(
        self,
        state: Cursor,
        seen: tuple[RemoteImage, ...],
        gone: Sequence[str],
        *,
        walking: bool = False,
    ) -> Listing:
        progress = {"pictures": self._pictures}
        return Listing(state.write(), seen, tuple(gone), walking=walking, progress=progress)

    def _note(self) -> str | None:
        notes = list(self._notes)
        if self._refused:
            notes.append(f"{self._refused} entries without a proper id were passed over.")
        return " ".join(notes) or None


def _updated(since: datetime) -> Search:
    return Search(updated_since=since, hidden=True)


def _from(began: datetime) -> Cursor:
    return Cursor(since=began - OVERLAP, slow=began - OVERLAP)
