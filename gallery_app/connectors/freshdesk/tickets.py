"""The walk over tickets by the time of their last change: nothing lost, nothing read twice.

Each window is one request, `updated_since` the last second met less one: rows that change
meanwhile move to the end and are met again there, so no page shifts under our feet, and page
300 is never reached. Only where a whole page shares its seconds are pages turned; such a
block is listed until a pass finds nothing new. What the last runs read within the overlap is
known by the cursor and costs nothing.

A ticket that was archived before it was ever listed is in no list: `Freshdesk.read` gets it by its
number.

Source: the list ends at page 300 (airbyte#3858), a moved window mixed with an old page loses
rows (Nango#646).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone

from gallery_app.connectors.freshdesk.api import LANE, Api, Page, only_this
from gallery_app.connectors.freshdesk.cursor import OVERLAP_S, Progress, Thrown
from gallery_app.connectors.freshdesk.fields import NAME, Row, number, second
from gallery_app.connectors.freshdesk.options import BEGINNING
from gallery_app.connectors.freshdesk.reading import Read, Reader
from gallery_app.domain.errors import Upstream, UpstreamRefused
from gallery_app.domain.remote import Listing

LIST_PAGES = 300  # of one ticket list; the next one is refused
_PASSES = 4
_DENSE = 1000  # tickets within the overlap
_SETTLED_S = 600  # nothing appears that much too late
_BATCH = 25
_NEEDED = ("company_id", "requester_id", "deleted", "spam")  # of a row
_CIRCLES = "The ticket list of Freshdesk goes round in circles."


@dataclass(slots=True)
class Window:
    """Tickets of one look at the list: number, second of change, row. `then`: the next look."""

    rows: list[tuple[int, int, Row]] = field(default_factory=list)
    then: int | None = None
    note: str | None = None


@dataclass(slots=True)
class TicketWalk:
    """One run over everything that changed.

    `heard` is told each read, so that its addresses can be used while they are fresh.
    """

    api: Api
    reader: Reader
    progress: Progress
    start: int
    now: Callable[[], datetime]
    heard: Callable[[Read], None]
    counts: dict[str, int] = field(default_factory=dict)
    live: dict[int, int] = field(default_factory=dict)  # met by this run: number -> second

    def run(self) -> Iterator[Listing]:
        """Batches, each with its cursor.

        Raises:
            As `Connector.changes`.
        """
        since: int | None = self.progress.since(self.start)
        while since is not None:
            window = self._window(since)
            yield from self._batches(window)
            if window.then is not None and window.then <= since:
                raise Upstream(NAME, _CIRCLES)
            since = window.then
        self._settle()

    # --- looking ----------------------------------------------------------------------------

    def _window(self, since: int) -> Window:
        window, pages = self._pass(since)
        if pages > 1:
            # Rows that changed while pages were turned shift the others: look again.
            for _ in range(_PASSES):
                again, _ = self._pass(since)
                known = {(ident, at) for ident, at, _ in window.rows}
                new = [row for row in again.rows if row[:2] not in known]
                window.rows += new
                if not new:
                    break
        window.rows.sort(key=lambda row: row[1])
        return window

    def _pass(self, since: int) -> tuple[Window, int]:
        """Pages from `since` until the seconds move on, or the list ends."""
        window = Window()
        page, number_of = self.api.tickets(since), 1
        while True:
            met = [row[:2] for row in window.rows]
            rows = _rows(page)
            if rows and {row[:2] for row in rows} <= set(met):
                raise Upstream(NAME, _CIRCLES)
            window.rows += rows
            self.live = {ident: at for ident, at, _ in rows} or self.live  # the last ones will do
            if page.next is None:
                return window, number_of
            last = max((at for _, at, _ in rows), default=since)
            if last - 1 > since:
                window.then = last - 1
                return window, number_of
            if number_of >= LIST_PAGES:
                return self._beyond(window, last), number_of
            page, number_of = self.api.page(page.next, lane=LANE), number_of + 1

    def _beyond(self, window: Window, last: int) -> Window:
        """More shares a second than a list shows: go on behind it, and say so."""
        inclusive = any(at == last for _, at, _ in _rows(self.api.tickets(last)))
        window.then = last + 1 if inclusive else last
        when = datetime.fromtimestamp(last, timezone.utc)
        window.note = (
            f"More than {LIST_PAGES * 100:,} tickets changed in the same second "
            f"({when:%Y-%m-%d %H:%M:%S} UTC); pictures of some of them may be missing."
        )
        return window

    # --- reading ----------------------------------------------------------------------------

    def _batches(self, window: Window) -> Iterator[Listing]:
        most = _BATCH if len(window.rows) > _DENSE else 1
        batch: list[Read] = []
        for ident, at, row in window.rows:
            if self.progress.known(ident, at):
                continue
            began_s = self.now().timestamp()
            read, note = self._read(ident, row)
            self.progress.read(ident, at, now_s=began_s)
            if read is not None:
                self._count(read)
                batch.append(read)
            if note is not None or len(batch) >= most:
                yield self._listing(batch, note)
                batch = []
        if batch or window.note is not None:
            yield self._listing(batch, window.note)

    def _read(self, ident: int, row: Row) -> tuple[Read | None, str | None]:
        try:
            read = self.reader.ticket(ident, row)
        except UpstreamRefused as error:
            if not only_this(error):
                raise
            return None, f"Ticket {ident} may not be read with this key; it was left out."
        self.heard(read)
        return read, None

    def _listing(self, batch: list[Read], note: str | None) -> Listing:
        kept = [read for read in batch if not read.gone]
        return Listing(
            cursor=self.progress.text(),
            seen=tuple(image for read in kept for image in read.images),
            whole=tuple(read.parent for read in kept),
            gone_parents=tuple(read.parent for read in batch if read.gone),
            entities=tuple(dict.fromkeys(ref for read in kept for ref in read.entities)),
            progress=dict(self.counts),
            note=note,
        )

    def _count(self, read: Read) -> None:
        self.counts["tickets"] = self.counts.get("tickets", 0) + 1
        self.counts["pictures"] = self.counts.get("pictures", 0) + len(read.images)
        for why, count in read.passed_over.items():
            self.counts[why] = self.counts.get(why, 0) + count

    def _settle(self) -> None:
        """After a bulk change: do not list thousands again and again that are long settled."""
        progress = self.progress
        progress.forget()
        old = self.now().timestamp() - progress.at > _SETTLED_S
        if old and len(progress.done) > _DENSE:
            progress.floor = progress.at + 1

    # --- what was thrown away ---------------------------------------------------------------

    def gone(self, *, whole: bool) -> Iterator[Listing]:
        """Tickets in the trash and in the spam, which vanish from the list without a word.

        Args:
            whole: look at all of them, not only at those that changed since the last look.
        """
        for which in ("deleted", "spam"):
            known = self.progress.thrown.setdefault(which, Thrown())
            since = BEGINNING if whole else max(BEGINNING, known.at - OVERLAP_S)
            found = self._thrown(which, since)
            new = known.news(found)
            gone = list(found) if whole else new
            if gone:
                yield Listing(
                    cursor=self.progress.text(),
                    gone_parents=tuple(f"ticket/{ident}" for ident in gone),
                    progress=dict(self.counts),
                )

    def _thrown(self, which: str, since: int) -> dict[int, int]:
        found: dict[int, int] = {}
        page = self.api.tickets(since, which=which)
        for _ in range(LIST_PAGES):
            rows = _rows(page)
            for ident, at, row in rows:
                if row.get(which) is not True and self.live.get(ident) == at:
                    return {}  # the question was not understood: these are live tickets
                if row.get(which) is not False:
                    found[ident] = at
            last = max((at for _, at, _ in rows), default=since)
            following = page.next
            if following is None:
                return found
            if last - 1 > since:
                since = last - 1
                page = self.api.tickets(since, which=which)
            else:
                page = self.api.page(following, lane=LANE)
        return found


def _rows(page: Page) -> list[tuple[int, int, Row]]:
    """Number, second and what is needed of each row; one without the two is no ticket.

    A window may hold 30,000 rows, of which older accounts tell every text.
    """
    told = ((number(row, "id"), second(row, "updated_at"), row) for row in page.rows)
    return [
        (ident, at, {name: row[name] for name in _NEEDED if name in row})
        for ident, at, row in told
        if ident is not None and at
    ]
