"""Sources: the folders and remotes the pictures come from, how each is, adding and removing.

Live by one timer that asks the services in a thread; cards are made anew only when a source
came or went, else their words change in place. Remotes have a card of their own
(`remote_card.py`) and their dialogs (`connect.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nicegui import run, ui

from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import Source
from gallery_app.services.values import RemoteKind, RemoteView
from gallery_app.ui import words
from gallery_app.ui.components.chrome import Dialogs
from gallery_app.ui.components.frame import Frame, PathField
from gallery_app.ui.elements import Button, Text, attributes, box, empty, note, pager
from gallery_app.ui.pages.connect import Connect
from gallery_app.ui.pages.remote_card import ICONS, Acts, RemoteCard
from gallery_app.ui.state import Given

EVERY_S = 1.0
MOST_ELEMENTS = 168  # of all cards on one page
WEIGHTS = {"folder": 14, "uploads": 14}  # elements of a card; a remote's has more
REMOTE_WEIGHT = 32

# word, icon, kind of badge
STATES: dict[str, tuple[str, str, str]] = {
    "online": ("Up to date", "check", "ok"),
    "scanning": ("Scanning", "refresh", "busy"),
    "offline": ("Not reachable", "offline", "warn"),
    "attention": ("Needs attention", "warn", "bad"),
}
OFFERS = {
    "immich": ("Immich", "Your photo server: its albums, people and pictures"),
    "freshdesk": ("Freshdesk", "Pictures from tickets, notes and articles"),
    "products": ("Product pictures", "By the number below the barcode"),
}


@dataclass
class _Row:
    """The parts of one folder's card that change."""

    state: Text
    counts: Text
    problems: Text
    scanned: Text
    error: Text
    gone: Text


@dataclass(frozen=True)
class _Seen:
    """What one look at the services told."""

    sources: Sequence[Source]
    views: Mapping[int, RemoteView]


class SourcesPage:
    """Builds itself where it is made."""

    def __init__(self, given: Given, frame: Frame, dialogs: Dialogs) -> None:
        self._given = given
        self._frame = frame
        self._dialogs = dialogs
        self._connect = Connect(given.gallery.remotes, frame, self._refresh)
        self._acts = Acts(
            sync=self._sync,
            pause=self._pause,
            edit=self._edit,
            test=self._test,
            hook=self._hook,
            remove=self._ask_to_remove,
            retry=self._retry,
            lost=self._ask_about_loss,
        )
        self._sources: Sequence[Source] = ()
        self._views: Mapping[int, RemoteView] = {}
        self._rows: dict[int, _Row] = {}
        self._cards: dict[int, RemoteCard] = {}
        self._offers: dict[str, ui.element] = {}
        self._page = 0
        with box("page"):
            with box("page-head"):
                Text("h1", "Sources")
                self._all = Button("Rescan all", self._scan_all, icon="refresh", kind="line")
                self._all.set_visibility(False)
            Text(
                "p",
                "The gallery shows the pictures of these folders and systems and follows every "
                "change in them. It never writes into a folder.",
                "lead",
            )
            with box("card"):
                PathField("Add a folder", on_add=self._add)
                self._build_offers()
            self._list = box("section")
            attributes(self._list, aria_label="Sources")
            self._pager = box()
            self._forms = box()  # dialogs stay when the list is made anew
        self._timer = ui.timer(EVERY_S, self._refresh)

    def _build_offers(self) -> None:
        Text("h2", "Connect", "path-label offers-title")
        with box("offers"):
            for kind in self._given.gallery.remotes.kinds():
                title, text = OFFERS.get(kind.kind, (kind.title, kind.guide))
                with box(f"offer i i-{ICONS.get(kind.kind, 'source')}", tag="button") as button:
                    attributes(button, type="button")
                    Text("span", title, "offer-title")
                    Text("span", text, "quiet")
                button.on("click", lambda kind=kind: self._new(kind), args=[])
                self._offers[kind.kind] = button

    async def _new(self, kind: RemoteKind) -> None:
        with self._forms:
            await self._connect.new(kind)

    # --- looking ---------------------------------------------------------------------------

    def _look(self) -> _Seen:
        gallery = self._given.gallery
        found = sorted(gallery.sources.list(), key=_rank)
        views: dict[int, RemoteView] = {}
        for source in found:
            if source.id in self._cards:
                try:
                    views[source.id] = gallery.remotes.view(source.id)
                except GalleryError:
                    continue  # it was removed this moment; the next look knows
        return _Seen(found, views)

    async def _refresh(self) -> None:
        seen = await run.io_bound(self._look)
        if seen is None or self._list.is_deleted:
            return
        shown = [s.id for s in self._sources]
        self._sources, self._views = seen.sources, seen.views
        if [s.id for s in seen.sources] != shown or not self._list.default_slot.children:
            self._draw()
        self._tell_all()

    def _tell_all(self) -> None:
        now = self._given.now()
        for source in self._sources:
            if source.id in self._rows:
                self._tell(self._rows[source.id], source)
            elif source.id in self._cards:
                self._cards[source.id].tell(source, self._views.get(source.id), now)

    def _draw(self) -> None:
        self._rows.clear()
        self._cards.clear()
        folders = [s for s in self._sources if s.kind == "folder"]
        self._all.set_visibility(len(folders) > 1)
        pages = _pages(self._sources)
        self._page = min(self._page, len(pages) - 1)
        if "products" in self._offers:  # one asks all the databases there are
            connected = any(s.kind == "products" for s in self._sources)
            self._offers["products"].set_visibility(not connected)
        self._list.clear()
        with self._list:
            if all(s.kind == "uploads" for s in self._sources):
                sentence = "No folder is watched yet. Add the one your pictures lie in."
                empty(self._given.urls.asset("empty/folder.svg"), sentence)
            for source in pages[self._page]:
                if source.kind in WEIGHTS:
                    self._rows[source.id] = self._card(source)
                else:
                    self._cards[source.id] = RemoteCard(source, self._acts)
        self._pager.clear()
        with self._pager:
            pager(self._page, len(pages), self._turn)

    def _turn(self, step: int) -> None:
        self._page = max(0, self._page + step)
        self._draw()
        self._tell_all()

    def _card(self, source: Source) -> _Row:
        with box("card source", tag="article"):
            with box("row"):
                Text("h2", source.name, "source-name i i-folder row")
                state = Text("span", "", "badge i")
                with box("row row-end"):
                    gone = Button("They are gone", lambda: self._ask_about_loss(source), kind="bad")
                    if source.kind == "folder":
                        Button("Rescan", lambda: self._scan(source), icon="refresh")
                        Button("Remove", lambda: self._ask_to_remove(source), icon="trash")
            if source.address:
                Text("p", source.address, "mono quiet")
            with box("facts"):
                counts = Text("span", "", "number")
                problems = Text("span", "", "number")
                scanned = Text("span")
            error = note("", icon="warn", kind="warn")
        return _Row(state, counts, problems, scanned, error, gone)

    def _tell(self, row: _Row, source: Source) -> None:
        word, icon, kind = STATES[source.state]
        row.state.say("Ready" if source.kind == "uploads" and source.state == "online" else word)
        row.state.classes(replace=f"badge i i-{icon} badge-{kind}")
        row.counts.say(words.count_of(source.assets, "picture"))
        row.problems.say(f"{source.problems:,} cannot be shown" if source.problems else "")
        row.problems.set_visibility(source.problems > 0)
        row.scanned.say(self._last_scan(source))
        row.error.say(source.error or "")
        row.error.set_visibility(bool(source.error))
        row.gone.set_visibility(source.state == "attention")

    def _last_scan(self, source: Source) -> str:
        if source.kind == "uploads":
            return "What you drop into the browser is kept here"
        if source.last_scan_at is None:
            return (
                "Scanning for the first time" if source.state == "scanning" else "Not scanned yet"
            )
        took = f", took {words.span(source.last_scan_s)}" if source.last_scan_s is not None else ""
        return f"Scanned {words.ago(source.last_scan_at, self._given.now())}{took}"

    # --- acts ------------------------------------------------------------------------------

    async def _do(self, act: Callable[[], object], said: str) -> bool:
        """Do it in a thread and say so, or say why not."""
        try:
            await run.io_bound(act)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
            return False
        self._frame.toast(said)
        await self._refresh()
        return True

    async def _add(self, path: str) -> str:
        try:
            source = await run.io_bound(self._given.gallery.sources.add_folder, path)
        except GalleryError as error:
            return error.public
        if source is not None:
            self._frame.toast(f"{source.name} is being scanned.")
            await self._refresh()
        return ""

    async def _ask_about_loss(self, source: Source) -> None:
        """Ask whether what is missing is really gone; only then it leaves the gallery."""
        folder = source.kind == "folder"
        self._dialogs.ask(
            f"Are the missing {'files' if folder else 'pictures'} of {source.name} really gone?",
            "If a disk or share is only disconnected, connect it and rescan instead. Otherwise "
            "their pictures leave the gallery; they come back when the files do."
            if folder
            else "If the server is being moved or its key sees less than before, mend that and "
            "sync instead. Otherwise they leave the gallery until it has them again.",
            action="They are gone",
            on_yes=lambda: self._scan(source, believe_loss=True),
            danger=True,
        )

    async def _scan(self, source: Source, *, believe_loss: bool = False) -> None:
        gallery = self._given.gallery
        if source.kind == "folder":
            folders = gallery.sources.scan
            said = f"Scanning {source.name}."
            await self._do(lambda: folders(source.id, believe_loss=believe_loss), said)
        else:
            remotes = gallery.remotes.sync_now
            said = f"Syncing {source.name}."
            await self._do(lambda: remotes(source.id, believe_loss=believe_loss), said)

    async def _scan_all(self) -> None:
        await run.io_bound(self._given.gallery.sources.scan_all)
        self._frame.toast("Scanning all folders.")
        await self._refresh()

    async def _ask_to_remove(self, source: Source) -> None:
        """Ask first; a remote's pictures may stay or go."""
        if source.kind != "folder":
            with self._forms:
                keep = await self._connect.remove(source)
            if keep is not None:
                await self._remove(source, keep=keep)
            return
        self._dialogs.ask(
            f"Stop watching {source.name}?",
            f"{words.count_of(source.assets, 'picture')} of it will leave the gallery. The files "
            "on the disk stay exactly as they are, and adding the folder again brings back tags "
            "and titles.",
            action="Remove from gallery",
            on_yes=lambda: self._remove(source),
            danger=True,
        )

    async def _remove(self, source: Source, *, keep: bool | None = None) -> None:
        gallery = self._given.gallery
        try:
            if keep is None:
                await run.io_bound(gallery.sources.remove, source.id)
                said = "Its files are untouched."
            else:
                await run.io_bound(gallery.remotes.remove, source.id, keep=keep)
                said = "Its pictures stay." if keep else "Its pictures went with it."
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
            return
        self._frame.toast(f"{source.name} was removed. {said}", undo=lambda: self._restore(source))
        await self._refresh()

    async def _restore(self, source: Source) -> None:
        gallery = self._given.gallery
        book = gallery.sources if source.kind == "folder" else gallery.remotes
        try:
            await run.io_bound(book.restore, source.id)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
            return
        self._frame.toast(f"{source.name} is back.")
        if not self._list.is_deleted:
            await self._refresh()

    # --- acts of a remote's card -----------------------------------------------------------

    async def _sync(self, source: Source) -> None:
        """Sync now, whatever the schedule says."""
        remotes = self._given.gallery.remotes
        await self._do(lambda: remotes.sync_now(source.id), f"Syncing {source.name}.")

    async def _pause(self, source: Source) -> None:
        """Ask nothing of it any more; or go on."""
        remotes = self._given.gallery.remotes
        said = f"{source.name} goes on." if source.paused else f"{source.name} is paused."
        await self._do(lambda: remotes.change(source.id, paused=not source.paused), said)

    async def _retry(self, source: Source) -> None:
        """Try every picture again that could not be fetched."""
        remotes = self._given.gallery.remotes
        number = words.count_of(source.refused, "picture")
        await self._do(lambda: remotes.retry(source.id), f"{number} tried again.")

    async def _edit(self, source: Source) -> None:
        """Change name, key or options."""
        view = await self._view(source)
        if view is not None:
            with self._forms:
                await self._connect.edit(view)

    async def _test(self, source: Source) -> None:
        """Test the connection and tell what works."""
        with self._forms:
            await self._connect.test(source)

    async def _hook(self, source: Source) -> None:
        """Tell what makes new pictures come within seconds."""
        view = await self._view(source)
        if view is not None:
            with self._forms:
                await self._connect.hook(view)

    async def _view(self, source: Source) -> RemoteView | None:
        """What its dialogs show; None, and said why, when it is not there any more."""
        try:
            view = await run.io_bound(self._given.gallery.remotes.view, source.id)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
            return None
        return None if self._forms.is_deleted else view


def _rank(source: Source) -> int:
    """Folders first, then remotes, the uploads last."""
    return {"folder": 0, "uploads": 2}.get(source.kind, 1)


def _pages(sources: Sequence[Source]) -> list[list[Source]]:
    """The sources in pages of so many elements; at least one page."""
    pages: list[list[Source]] = [[]]
    weight = 0
    for source in sources:
        own = WEIGHTS.get(source.kind, REMOTE_WEIGHT)
        if pages[-1] and weight + own > MOST_ELEMENTS:
            pages.append([])
            weight = 0
        pages[-1].append(source)
        weight += own
    return pages
