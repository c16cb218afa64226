"""Signed links: made, listed, opened and withdrawn, with every hit on record.

A link is a row; its address carries a signed token that names the row, the asset, the rendition
and the expiry. Opening one is: token, then row, then policy, then bytes; the audit row is
committed before the first byte leaves, and refusals of known links are rows too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.values import Serving
from gallery_app.domain.errors import (
    BadInput,
    GalleryError,
    Gone,
    LinkExpired,
    LinkRevoked,
    LinkSpent,
    LinkTampered,
    NotFound,
)
from gallery_app.domain.model import (
    Actor,
    Download,
    ShareLink,
    Uid,
    uid_from_bytes,
)
from gallery_app.domain.policy import LONGEST_LINK, SHORTEST_LINK, Subject, may
from gallery_app.domain.renditions import RENDITIONS
from gallery_app.domain.tokens import NO_ASSET, Keyring
from gallery_app.services.addresses import ORIGINAL, Addresses, link_id_of, preview_of
from gallery_app.services.link_warnings import warnings_of
from gallery_app.services.media import Media
from gallery_app.services.values import (
    Bytes,
    File,
    LinkPage,
    LinkView,
    NewLink,
    Opened,
    PageItem,
    Streamed,
)

MOST_PICTURES = 2000  # of one link: its page lists them all
LONGEST_NOTE = 500
PAGE_LASTS = timedelta(minutes=10)  # how long the pictures of the last permitted page load
SHOWN_IN_LIST = 12
_DAWN = datetime(1, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Grant:
    """A token that checked out: the link, and the picture it is for (None: the link's page)."""

    link: ShareLink
    uid: Uid | None
    picture: Serving | None
    rendition: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class View:
    """A grant with what it leads to, about to leave for `client`."""

    grant: Grant
    content: Bytes | File | Streamed | LinkPage
    client: str


class Sharing:
    """Makes and opens signed links."""

    def __init__(
        self,
        catalog: Catalog,
        media: Media,
        *,
        keyring: Callable[[], Keyring],
        base_url: Callable[[], str],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        draw_qr: Callable[[str], str],
    ) -> None:
        """Wire the service.

        Args:
            catalog: where links and hits are rows.
            media: where the bytes come from.
            keyring: the keys as they are now (they can be rotated while running).
            base_url: scheme and host that links begin with, without a trailing slash.
            now: UTC clock.
            random_bytes: a cryptographic source.
            draw_qr: text to an SVG document.
        """
        self._draw_qr = draw_qr
        self._catalog = catalog
        self._media = media
        self._keyring = keyring
        self._addresses = Addresses(keyring, base_url)
        self._now = now
        self._random_bytes = random_bytes

    # --- making and listing ----------------------------------------------------------------

    def create(
        self,
        uids: Sequence[str],
        *,
        rendition: str = "large",
        expires_in_s: int = 7 * 86400,
        note: str = "",
        max_views: int | None = None,
    ) -> NewLink:
        """A link for these pictures, in this rendition, for this long.

        Raises:
            BadInput: no picture, too many, an unknown rendition, a lifetime outside one
                minute to 366 days, or a view limit below 1.
            NotFound: one of the pictures does not exist.
        """
        unique = list(dict.fromkeys(uids))
        self._check(unique, rendition, note, max_views)
        if not SHORTEST_LINK.total_seconds() <= expires_in_s <= LONGEST_LINK.total_seconds():
            raise BadInput("A link lives from one minute to 366 days.")
        found = self._catalog.assets.ids_of(unique)
        if len(found) < len(unique):
            raise NotFound("picture")
        created_at = self._now()
        link = ShareLink(
            id=link_id_of(self._random_bytes(10)),
            assets=tuple(found[uid] for uid in unique),
            rendition=rendition,
            created_at=created_at,
            expires_at=(created_at + timedelta(seconds=expires_in_s)).replace(microsecond=0),
            note=note.strip(),
            max_views=max_views,
        )
        self._catalog.links.insert(link)
        self._media.prepare(link.assets, rendition)
        return NewLink(link, self._url(link), self._warnings(link))

    def list(self) -> Sequence[LinkView]:
        """All links, newest first."""
        return [self._view(link) for link in self._catalog.links.list()]

    def get(self, link_id: str) -> LinkView:
        """One link.

        Raises:
            NotFound: no link has this id.
        """
        return self._view(self._require(link_id))

    def warnings(self, link_id: str) -> tuple[str, ...]:
        """What the owner should know about a link before sending it."""
        return self._warnings(self._require(link_id))

    def revoke(self, link_id: str) -> None:
        """Withdraw a link: no request that starts after this returns is served.

        Raises:
            NotFound: no link has this id.
        """
        link = self._require(link_id)
        if link.revoked_at is None:
            self._catalog.links.revoke(link.id, self._now())

    def revoke_all(self) -> int:
        """Withdraw every link that still works; how many there were."""
        return self._catalog.links.revoke_all(self._now())

    def hits(self, link_id: str, *, limit: int = 100) -> Sequence[Download]:
        """The latest openings and refusals of a link, newest first.

        Raises:
            NotFound: no link has this id.
        """
        return self._catalog.links.hits(self._require(link_id).id, limit)

    def qr_svg(self, link_id: str) -> str:
        """The link's address as a QR code, an SVG document.

        Raises:
            NotFound: no link has this id.
        """
        return self._draw_qr(self._url(self._require(link_id)))

    # --- opening ---------------------------------------------------------------------------

    def open(self, token: str, *, client: str, view: bool = True) -> Opened:
        """What a token leads to, with the hit on record before this returns.

        Args:
            token: from the address, as it came.
            client: who asks, for the record (an address).
            view: False for a further part of a view that was counted already.

        Raises:
            LinkTampered: not a token of ours, or for something that is not to be had.
            LinkExpired, LinkRevoked, LinkSpent: it was good once.
            NotReady, Unreadable, UpstreamGone, Paused: the picture cannot be had now.
        """
        try:
            grant = self.check(token)
            content = self.ready(grant) or self.content(grant)
            if view:
                (refusal,) = self.begin([View(grant, content, client)])
                if refusal is not None:
                    raise refusal
        except GalleryError as error:
            self.note_refusal(token, error, client=client)
            raise
        return Opened(content, grant.expires_at)

    def check(self, token: str) -> Grant:
        """What a token grants now; writes nothing and is quick enough for an event loop.

        Raises:
            LinkTampered: not a token of ours.
            LinkExpired, LinkRevoked, LinkSpent: it was good once.
            Gone: the picture is in the trash or missing.
        """
        now = self._now()
        claims = self._keyring().verify(token, purpose="link", now=now)
        link = self._catalog.links.recent(link_id_of(claims.link))
        if link is None or claims.rendition not in {link.rendition, preview_of(link)}:
            raise LinkTampered
        on_a_page = claims.asset != NO_ASSET and len(link.assets) > 1
        self._require_active(link, now, on_a_page=on_a_page)
        if claims.asset == NO_ASSET:
            return Grant(link, None, None, link.rendition, claims.expires_at)
        uid = uid_from_bytes(claims.asset)
        picture = self._catalog.assets.serving(uid)
        if picture is None:
            raise Gone
        subject = Subject(picture.id, not picture.trashed and picture.status != "missing")
        if not may(Actor("link", link.id), "view", subject, link):
            raise Gone
        return Grant(link, uid, picture, claims.rendition, claims.expires_at)

    def ready(self, grant: Grant) -> Bytes | None:
        """The rendition when it lies in the cache; else None, and `content` has to make it."""
        if grant.picture is None or grant.rendition == ORIGINAL:
            return None
        return self._media.ready(grant.picture, grant.rendition)

    def content(self, grant: Grant) -> Bytes | File | Streamed | LinkPage:
        """The bytes, the file or the page of a grant; may take as long as a decode.

        Raises:
            NotReady, Unreadable, UpstreamGone, Paused: the picture cannot be had now.
        """
        if grant.picture is None or grant.uid is None:
            return self._page(grant.link)
        if grant.rendition == ORIGINAL:
            return self._media.original_of(grant.picture.id)
        return self._media.rendition(grant.uid, grant.rendition)

    def begin(self, views: Sequence[View]) -> Sequence[GalleryError | None]:
        """Put views on record, all in one transaction; committed when this returns.

        Returns:
            For each view None, or why it may not be served after all: withdrawn in this very
            moment, or its last view gone to another.
        """
        now = self._now()
        hits = [_hit(view, now) for view in views]
        # The pictures of a page belong to the view that the page was.
        counts = [v.grant.picture is None or len(v.grant.link.assets) == 1 for v in views]
        recorded = self._catalog.links.begin_views(hits, counts)
        answers: list[GalleryError | None] = []
        for view, counted in zip(views, recorded, strict=True):
            answers.append(None if counted else self._why_not(view.grant.link, now))
        return answers

    def note_refusal(self, token: str, error: GalleryError, *, client: str) -> None:
        """Put on record that a known link was refused, and remember one seen expired."""
        try:
            # Before all time nothing is expired: who signed it is all that is asked here.
            claims = self._keyring().verify(token, purpose="link", now=_DAWN)
        except LinkTampered:
            return  # nobody's link: the face that was asked counts these
        link = self._catalog.links.get(link_id_of(claims.link))
        if link is None:
            return
        if isinstance(error, LinkExpired) and not link.expiry_seen:
            self._catalog.links.mark_expired(link.id)
        self._catalog.links.refuse(
            Download(self._now(), link.id, None, claims.rendition, 0, client, refused=error.code)
        )

    def _require_active(self, link: ShareLink, now: datetime, *, on_a_page: bool) -> None:
        """Raise unless the link opens now; a page's pictures do so for a while after its last."""
        if on_a_page and link.max_views is not None:
            link = self._catalog.links.get(link.id) or link  # counts as they are, not as read once
        match link.state(now):
            case "revoked":
                raise LinkRevoked
            case "expired":
                raise LinkExpired(at=link.expires_at)
            case "spent":
                opened_at = self._catalog.links.page_opened_at(link.id) if on_a_page else None
                if opened_at is None or now - opened_at > PAGE_LASTS:
                    raise LinkSpent(limit=link.max_views or 0)
            case "active":
                pass

    def _why_not(self, link: ShareLink, now: datetime) -> GalleryError:
        fresh = self._catalog.links.get(link.id)
        if fresh is None:
            return LinkTampered()
        try:
            self._require_active(fresh, now, on_a_page=False)
        except Gone as error:
            return error
        return LinkSpent(limit=fresh.max_views or 0)

    # --- addresses -------------------------------------------------------------------------

    def _url(self, link: ShareLink) -> str:
        if len(link.assets) != 1:
            return self._addresses.url(link, None)
        asset = self._catalog.assets.by_id(link.assets[0])
        return self._addresses.url(link, asset.uid if asset is not None else None)

    def _page(self, link: ShareLink) -> LinkPage:
        items: list[PageItem] = []
        for asset in self._catalog.assets.many(link.assets):
            if asset.live:
                items.append(
                    PageItem(
                        url=self._addresses.path(link, asset.uid),
                        preview_url=self._addresses.path(link, asset.uid, preview_of(link)),
                        width=asset.size.width,
                        height=asset.size.height,
                        number=len(items) + 1,
                    )
                )
        return LinkPage(link, tuple(items))

    # --- checks ----------------------------------------------------------------------------

    def _check(self, uids: Sequence[str], rendition: str, note: str, max_views: int | None) -> None:
        if not uids:
            raise BadInput("Choose at least one picture.")
        if len(uids) > MOST_PICTURES:
            raise BadInput(f"One link can hold {MOST_PICTURES:,} pictures; choose fewer.")
        if rendition not in RENDITIONS and rendition != ORIGINAL:
            names = ", ".join([*RENDITIONS, ORIGINAL])
            raise BadInput(f"There is no rendition “{rendition}”; use one of {names}.")
        if len(note) > LONGEST_NOTE:
            raise BadInput(f"A note may have {LONGEST_NOTE} characters.")
        if max_views is not None and max_views < 1:
            raise BadInput("A view limit is at least 1.")

    def _require(self, link_id: str) -> ShareLink:
        link = self._catalog.links.get(link_id)
        if link is None:
            raise NotFound("link")
        return link

    def _view(self, link: ShareLink) -> LinkView:
        shown = self._catalog.assets.many(link.assets[:SHOWN_IN_LIST])
        return LinkView(
            link=link,
            url=self._url(link),
            state=link.state(self._now()),
            assets=tuple((asset.uid, asset.filename) for asset in shown),
            asset_count=len(link.assets),
        )

    def _warnings(self, link: ShareLink) -> tuple[str, ...]:
        assets = self._catalog.assets.many(link.assets)
        return warnings_of(link, assets, host=self._addresses.host)


def _hit(view: View, now: datetime) -> Download:
    match view.content:
        case Bytes():
            size = len(view.content.data)
        case File() | Streamed():
            size = view.content.size_bytes or 0
        case LinkPage():
            size = 0
    picture = view.grant.picture
    return Download(
        at=now,
        link_id=view.grant.link.id,
        asset_id=picture.id if picture is not None else None,
        rendition=view.grant.rendition if picture is not None else "page",
        bytes=size,
        client=view.client,
    )
