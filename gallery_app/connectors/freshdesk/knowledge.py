"""The walk over the knowledge base: categories, folders, folders in folders, articles.

There is no list of what changed, so the tree is walked and each article is told by a
fingerprint: its times in all languages, its state, and who may see its folder. Only an article
whose fingerprint is new is read. Nothing is called gone by a walk that was refused anywhere, or
that came back empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gallery_app.connectors.freshdesk.api import Api, only_this
from gallery_app.connectors.freshdesk.cursor import Progress, fingerprint
from gallery_app.connectors.freshdesk.fields import Row, number, second
from gallery_app.connectors.freshdesk.reading import Read, Reader, Shelf, shelf_told
from gallery_app.domain.errors import UpstreamGone, UpstreamRefused
from gallery_app.domain.remote import Listing

_MOST_FOLDERS = 20_000
_CLOSED = "The key may not read the knowledge base; its pictures are left as they are."
_EMPTY = "The knowledge base came back empty; nothing was removed."
_SHUT = "The key may not read some folders of the knowledge base; nothing was removed."


@dataclass(slots=True)
class KnowledgeWalk:
    """One walk over all articles."""

    api: Api
    reader: Reader
    progress: Progress
    heard: Callable[[Read], None]
    counts: dict[str, int] = field(default_factory=dict)

    def run(self) -> Iterator[Listing]:
        """Batches, one for each article that is new or changed, and a last one.

        Raises:
            As `Connector.changes`; a refusal of the knowledge base alone is a note.
        """
        try:
            languages = self.reader.languages()
            shelves = list(self._shelves())
        except UpstreamRefused as error:
            if not only_this(error):
                raise
            self.progress.walk_open = False
            yield self._listing(note=_CLOSED)
            return
        self.progress.walk_open = True
        met: set[int] = set()
        shut = False
        for shelf in shelves:
            try:
                articles = list(self._articles(shelf, languages))
            except UpstreamRefused as error:
                if not only_this(error):
                    raise
                shut = True
                continue
            for ident, others, told in articles:
                met.add(ident)
                if self.progress.articles.get(ident) != told:
                    yield self._read(ident, others, shelf, told)
        yield self._last(met, shut=shut)

    def _read(self, ident: int, languages: tuple[str, ...], shelf: Shelf, told: int) -> Listing:
        try:
            read = self.reader.article(ident, languages, shelf)
        except UpstreamRefused as error:
            if not only_this(error):
                raise
            note = f"Article {ident} may not be read with this key; it was left out."
            return self._listing(note=note)
        if read.gone:
            self.progress.set_article(ident, None)
            return self._listing(gone_parents=(read.parent,))
        self.heard(read)
        self.progress.set_article(ident, told)
        self.counts["articles"] = self.counts.get("articles", 0) + 1
        self.counts["pictures"] = self.counts.get("pictures", 0) + len(read.images)
        return self._listing(read)

    def _last(self, met: set[int], *, shut: bool) -> Listing:
        self.progress.walk_open = False
        if shut:
            return self._listing(note=_SHUT)
        lost = sorted(set(self.progress.articles) - met)
        if lost and not met:
            return self._listing(note=_EMPTY)
        for ident in lost:
            self.progress.set_article(ident, None)
        return self._listing(gone_parents=tuple(f"article/{ident}" for ident in lost))

    def _listing(
        self,
        read: Read | None = None,
        *,
        gone_parents: tuple[str, ...] = (),
        note: str | None = None,
    ) -> Listing:
        return Listing(
            cursor=self.progress.text(),
            seen=read.images if read else (),
            whole=(read.parent,) if read else (),
            gone_parents=gone_parents,
            entities=read.entities if read else (),
            progress=dict(self.counts),
            note=note,
        )

    # --- the tree ---------------------------------------------------------------------------

    def _shelves(self) -> Iterator[Shelf]:
        """Every folder, those in folders too; each once."""
        seen: set[int] = set()
        for category in self.api.all("solutions/categories"):
            ident = number(category, "id")
            if ident is not None:
                waiting = self._folders(f"solutions/categories/{ident}/folders")
                while waiting and len(seen) < _MOST_FOLDERS:
                    row = waiting.pop()
                    shelf = shelf_told(row)
                    if shelf.folder not in seen:
                        seen.add(shelf.folder)
                        yield shelf
                        waiting += self._folders(f"solutions/folders/{shelf.folder}/subfolders")

    def _folders(self, path: str) -> list[Row]:
        try:
            return list(self.api.all(path))
        except UpstreamGone:  # an account without folders in folders, or just removed
            return []

    def _articles(
        self, shelf: Shelf, languages: tuple[str, ...]
    ) -> Iterator[tuple[int, tuple[str, ...], int]]:
        """Each article of a folder: number, the languages it has, fingerprint."""
        path = f"solutions/folders/{shelf.folder}/articles"
        told: dict[int, list[tuple[str, int, int]]] = {}
        for language in ("", *languages):
            for row in self._folders(f"{path}/{language}" if language else path):
                ident = number(row, "id")
                if ident is not None:
                    state = (language, second(row, "updated_at"), number(row, "status") or 0)
                    told.setdefault(ident, []).append(state)
        for ident, states in told.items():
            has = tuple(language for language, _, _ in states if language)
            yield ident, has, fingerprint(states, shelf)
