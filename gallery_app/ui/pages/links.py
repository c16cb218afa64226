"""Links: every signed link with its state and use; copied, shown as a code, or withdrawn.

A link is made where the pictures are (from the viewer or a selection). Live by one timer; the
table is made anew only when what it shows has changed.
"""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import run, ui

from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import Download
from gallery_app.services.values import LinkView
from gallery_app.ui import words
from gallery_app.ui.components.chrome import Dialogs
from gallery_app.ui.components.frame import Frame
from gallery_app.ui.elements import (
    Button,
    IconButton,
    Text,
    attributes,
    badge,
    box,
    cell,
    empty,
    link,
    modal,
    pager,
    picture,
    table,
)
from gallery_app.ui.state import Given

EVERY_S = 3.0
PER_PAGE = 8  # links; each is about nineteen elements
MOST_THUMBS = 3
MOST_HITS = 20

# word, icon, kind of badge
STATES: dict[str, tuple[str, str, str]] = {
    "active": ("Active", "check", "ok"),
    "expired": ("Expired", "clock", ""),
    "revoked": ("Revoked", "stop", "bad"),
    "spent": ("Used up", "check", "warn"),
}
REFUSALS: dict[str, str] = {
    "link_expired": "refused: expired",
    "link_revoked": "refused: revoked",
    "link_spent": "refused: used up",
    "gone": "refused: not available any more",
}


class LinksPage:
    """Builds itself where it is made."""

    def __init__(self, given: Given, frame: Frame, dialogs: Dialogs) -> None:
        self._given = given
        self._frame = frame
        self._dialogs = dialogs
        self._links: Sequence[LinkView] = ()
        self._page = 0
        self._open: str | None = None  # the link whose hits are shown
        self._hits: Sequence[Download] = ()
        self._drawn: object = None
        with box("page"):
            with box("page-head"):
                Text("h1", "Links")
                self._all = Button("Revoke all", self._ask_to_revoke_all, icon="stop", kind="bad")
                self._all.set_visibility(False)
            Text(
                "p",
                "Whoever has a link sees its pictures until it expires or you revoke it. "
                "Make one from the viewer or for a selection.",
                "lead",
            )
            self._list = box("section")
            self._codes = box()  # dialogs stay when the list is made anew
        ui.timer(EVERY_S, self._refresh)

    async def _refresh(self) -> None:
        found = await run.io_bound(self._given.gallery.sharing.list)
        if found is None or self._list.is_deleted:
            return
        self._links = found
        pages = max(1, -(-len(found) // PER_PAGE))
        self._page = min(self._page, pages - 1)
        shown = found[self._page * PER_PAGE : (self._page + 1) * PER_PAGE]
        if self._open is not None and any(view.link.id == self._open for view in shown):
            hits = await run.io_bound(self._look_up_hits, self._open)
            if self._list.is_deleted:
                return
            self._hits = hits or ()
        state = (self._page, len(found), [(v.link, v.state) for v in shown], self._open, self._hits)
        if state != self._drawn:
            self._drawn = state
            self._draw(shown, pages)

    def _look_up_hits(self, link_id: str) -> Sequence[Download]:
        return self._given.gallery.sharing.hits(link_id, limit=MOST_HITS)

    def _draw(self, shown: Sequence[LinkView], pages: int) -> None:
        self._all.set_visibility(any(view.state == "active" for view in self._links))
        self._list.clear()
        with self._list:
            if not self._links:
                empty(self._given.urls.asset("empty/link.svg"), "No link has been made yet.")
                return
            with table("Pictures", "Details", "Expires", "State", "Opened"):
                for view in shown:
                    self._row(view)
                    if view.link.id == self._open:
                        self._history()
            pager(self._page, pages, self._turn)

    def _row(self, view: LinkView) -> None:
        now = self._given.now()
        grant = view.link
        with box(tag="tr"):
            with box(tag="td"), box("thumbs"):
                for uid, _ in view.assets[:MOST_THUMBS]:
                    picture(self._given.urls.rendition(uid), classes="thumb")
            with box(tag="td"):
                self._what(view)
            expires = cell(words.until(grant.expires_at, now), label="Expires", classes="tight")
            attributes(expires, title=words.moment(grant.expires_at))
            word, icon, kind = STATES[view.state]
            with cell(label="State"):
                badge(word, icon=icon, kind=kind)
            cell(_opened(view, self._given), label="Opened", classes="number")
            with cell(classes="actions"):
                self._actions(view)

    def _what(self, view: LinkView) -> None:
        first = view.assets[0] if view.assets else None
        if first is None:
            Text("div", "Pictures that are gone")
        elif view.asset_count == 1:
            link(first[1], self._given.urls.photo(first[0]))
        else:
            Text("div", words.count_of(view.asset_count, "picture"))
        size = "Original file" if view.link.rendition == "original" else view.link.rendition
        made = f"{size.capitalize()}, made {words.ago(view.link.created_at, self._given.now())}"
        attributes(Text("div", made, "quiet"), title=words.moment(view.link.created_at))
        if view.link.note:
            Text("div", view.link.note, "quiet")

    def _actions(self, view: LinkView) -> None:
        link_id = view.link.id
        if view.state == "active":
            IconButton("copy", "Copy link", lambda: self._frame.copy(view.url, "Link copied."))
            IconButton("qr", "Show QR code", lambda: self._show_code(view))
        opened = self._open == link_id
        history = IconButton("clock", "History", lambda: self._toggle(link_id))
        attributes(history, aria_expanded="true" if opened else "false")
        if view.state == "active":
            IconButton("stop", "Revoke", lambda: self._ask_to_revoke(view))

    def _history(self) -> None:
        with box(tag="tr"), box("hits", tag="td") as inside:
            inside.props("colspan=6")
            if not self._hits:
                Text("p", "Nobody has opened this link yet.", "quiet")
                return
            with box(tag="ul"):
                for hit in self._hits:
                    what = REFUSALS.get(hit.refused, "refused") if hit.refused else hit.rendition
                    size = f", {words.size_of(hit.bytes)}" if hit.bytes else ""
                    text = f"{words.moment(hit.at)}: {what}{size}, from {hit.client}"
                    Text("li", text, "quiet number")

    def _show_code(self, view: LinkView) -> None:
        with self._codes, modal("QR code") as dialog, box("dialog"):
            Text("h2", "Scan to open")
            picture(self._given.urls.qr(view.link.id), alt="QR code", classes="dialog-code")
            Text("p", view.url, "mono quiet")
            with box("row"):
                Button("Copy link", lambda: self._frame.copy(view.url, "Link copied."), kind="line")
                Button("Close", dialog.close, kind="main")
        dialog.open()

    # --- acts ------------------------------------------------------------------------------

    async def _turn(self, step: int) -> None:
        self._page = max(0, self._page + step)
        await self._refresh()

    async def _toggle(self, link_id: str) -> None:
        self._open = None if self._open == link_id else link_id
        self._hits = ()
        await self._refresh()

    def _ask_to_revoke(self, view: LinkView) -> None:
        self._dialogs.ask(
            "Revoke this link?",
            "It stops working at once for everyone who has it. This cannot be undone; you can "
            "always make a new one.",
            action="Revoke",
            on_yes=lambda: self._revoke(view),
            danger=True,
        )

    async def _revoke(self, view: LinkView) -> None:
        try:
            await run.io_bound(self._given.gallery.sharing.revoke, view.link.id)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
        else:
            self._frame.toast("The link was revoked.")
        await self._refresh()

    def _ask_to_revoke_all(self) -> None:
        active = sum(view.state == "active" for view in self._links)
        self._dialogs.ask(
            f"Revoke {words.count_of(active, 'link')}?",
            "Every link that works now stops working at once. This cannot be undone.",
            action="Revoke all",
            on_yes=self._revoke_all,
            danger=True,
        )

    async def _revoke_all(self) -> None:
        number = await run.io_bound(self._given.gallery.sharing.revoke_all)
        verb = "was" if number == 1 else "were"
        self._frame.toast(f"{words.count_of(number or 0, 'link')} {verb} revoked.")
        await self._refresh()


def _opened(view: LinkView, given: Given) -> str:
    """How often, and when last: "3 times, 2 hours ago"."""
    grant = view.link
    if not grant.views:
        return "Never"
    often = words.count_of(grant.views, "time")
    if grant.max_views is not None:
        often = f"{grant.views:,} of {words.count_of(grant.max_views, 'time')}"
    last = f", {words.ago(grant.last_used_at, given.now())}" if grant.last_used_at else ""
    return often + last
