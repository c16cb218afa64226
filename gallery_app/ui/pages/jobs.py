"""Jobs: how far the indexing is, what runs, what waits for another try, what failed and why.

One timer asks the services in a thread and changes words in place; the table of failures is
made anew only when other failures are on its page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import run, ui

from gallery_app.domain.answers import Progress
from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import Job
from gallery_app.services.arrivals import Arrivals, arrivals
from gallery_app.ui import words
from gallery_app.ui.components.frame import Frame
from gallery_app.ui.elements import (
    Button,
    Text,
    attributes,
    badge,
    box,
    cell,
    empty,
    link,
    note,
    pager,
    table,
)
from gallery_app.ui.state import Given

EVERY_S = 1.0
PER_PAGE = 15  # failures; each is about nine elements
MOST_RUNNING = 6
MOST_WAITING = 8  # lines of what waits
LOOKED_AT = 200  # waiting jobs those lines are made of
FEW = 2  # of a kind that wait for their turn: named each; more are counted
KINDS = {
    "scan": "Scan",
    "render": "Render",
    "sync": "Sync",
    "product": "Product",
    "push": "Upload",
    "fetch": "Fetch",
}

FIGURES = (
    ("found", "Found"),
    ("described", "Described"),
    ("rendered", "Rendered"),
    ("fetched", "Fetched"),
    ("failed", "Failed"),
    ("remaining", "Remaining"),
)


@dataclass(frozen=True)
class _Seen:
    """What one look at the services told."""

    progress: Progress
    remotes: Arrivals
    running: Sequence[Job]
    waiting: Sequence[Job]
    waiting_total: int
    failed: Sequence[Job]
    failed_total: int

    def figures(self) -> dict[str, int | None]:
        """What each of FIGURES says; None: nothing that concerns this gallery."""
        progress = self.progress
        local = progress.found or progress.described or progress.rendered or progress.scanning
        folders = bool(local) or self.remotes.held is None
        others = sum(job.kind not in {"render", "scan"} for job in self.running)
        to_come = self.remotes.fetching + self.remotes.resting
        return {
            "found": progress.found if folders else None,
            "described": progress.described if folders else None,
            "rendered": progress.rendered if folders else None,
            "fetched": self.remotes.held,
            "failed": self.failed_total,
            "remaining": progress.remaining + to_come + others + self.waiting_total,
        }


class JobsPage:
    """Builds itself where it is made."""

    def __init__(self, given: Given, frame: Frame) -> None:
        self._given = given
        self._frame = frame
        self._page = 0
        self._drawn: object = None
        self._drawn_at_work: object = None
        with box("page"):
            Text("h1", "Jobs")
            self._build_progress()
            self._running = box("section")
            self._failures = box("section")
        ui.timer(EVERY_S, self._refresh)

    def _build_progress(self) -> None:
        with box("card"):
            with box("row"):
                self._state = Text("h2", "", "row")
                self._speed = Text("span", "", "quiet number row-end")
            self._bar = Text("progress", "", "bar")
            attributes(self._bar, max="1", value="0", aria_label="Share of the work that is done")
            with box("figures", tag="dl"):
                self._figures = {}
                for name, title in FIGURES:
                    with box("figure") as place:
                        Text("dt", title)
                        self._figures[name] = place, Text("dd", "0")
            self._paused = note("", icon="warn", kind="warn")
            self._paused.set_visibility(False)
            self._since = Text(
                "p",
                "Found, described and rendered are counted since the program was started.",
                "quiet",
            )

    def _look(self) -> _Seen:
        gallery = self._given.gallery
        running, _ = gallery.jobs.list("running", limit=MOST_RUNNING)
        ready, more = gallery.jobs.list("ready", limit=LOOKED_AT)
        waiting = [job for job in ready if job.kind != "scan" or job.error]  # `progress` tells
        more -= len(ready) - len(waiting)
        failed, total = gallery.jobs.list("failed", limit=PER_PAGE, offset=self._page * PER_PAGE)
        return _Seen(
            gallery.status.progress(),
            arrivals(gallery.sources, gallery.remotes),
            running, waiting, more, failed, total,
        )  # fmt: skip

    async def _refresh(self) -> None:
        seen = await run.io_bound(self._look)
        if seen is not None and not seen.failed and self._page:
            # the last page was emptied by retries
            self._page = max(0, -(-seen.failed_total // PER_PAGE) - 1)
            seen = await run.io_bound(self._look)
        if seen is None or self._failures.is_deleted:
            return
        self._tell(seen)
        at_work = (
            [(job.id, job.updated_at) for job in seen.running],
            [(job.id, self._fate(job)) for job in seen.waiting],
            seen.waiting_total,
        )
        if at_work != self._drawn_at_work:
            self._drawn_at_work = at_work
            self._draw_at_work(seen)
        failed = (self._page, seen.failed_total, [(job.id, job.attempts) for job in seen.failed])
        if failed != self._drawn:
            self._drawn = failed
            self._draw_failures(seen)

    def _tell(self, seen: _Seen) -> None:
        progress, remotes = seen.progress, seen.remotes
        figures = seen.figures()
        for name, (place, figure) in self._figures.items():
            number = figures[name]
            place.set_visibility(number is not None)
            figure.say(f"{number or 0:,}")
        self._since.set_visibility(figures["found"] is not None)
        busy = progress.scanning or progress.remaining > 0
        at_work = bool(seen.running) or any(job.error is None for job in seen.waiting)
        if progress.paused_for:
            self._state.say("Paused")
        elif progress.scanning:
            self._state.say("Looking for pictures")
        elif busy:
            self._state.say("Preparing pictures")
        elif remotes.fetching:
            self._state.say(f"Fetching {words.count_of(remotes.fetching, 'picture')}")
        elif at_work:
            self._state.say("At work")
        else:
            again = seen.waiting or remotes.resting
            self._state.say("Waiting to try again" if again else "Everything is done")
        speed = f"{progress.per_second:,.0f} a second" if busy and progress.per_second else ""
        if speed and progress.remaining and not progress.scanning:
            speed += f", about {words.span(progress.remaining / progress.per_second)} left"
        self._speed.say(speed)
        done, left = remotes.fetched + remotes.rested, remotes.fetching + remotes.resting
        if busy:
            done, left = progress.described + progress.rendered, progress.remaining
        if left or not at_work:
            attributes(self._bar, value=f"{done / (done + left) if left else 1.0:.3f}")
        else:  # how far it is nobody knows: the bar only moves
            self._bar.props(remove="value")
        self._paused.say(progress.paused_for or "")
        self._paused.set_visibility(bool(progress.paused_for))

    def _draw_at_work(self, seen: _Seen) -> None:
        self._running.clear()
        if not seen.running and not seen.waiting:
            return
        with self._running:
            Text("h2", "Running and waiting")
            for job in seen.running:
                with box("row"):
                    badge(_kind(job), icon="refresh", kind="busy")
                    Text("span", job.subject, "mono")
                    Text("span", _amounts(job.progress), "quiet number")
            lines = _lines(seen.waiting)
            for job, others in lines[:MOST_WAITING]:
                with box("row"):
                    badge(_kind(job), icon="clock")
                    Text("span", job.subject, "mono")
                    if others:
                        Text("span", f"and {others:,} more wait for their turn", "quiet number")
                    else:
                        Text("span", self._fate(job), "quiet")
            told = sum(1 + others for _, others in lines[:MOST_WAITING])
            if seen.waiting_total > told:
                Text("p", f"and {seen.waiting_total - told:,} more", "quiet")

    def _fate(self, job: Job) -> str:
        """When a waiting job runs, and why it has not been done yet."""
        now = self._given.now()
        later = job.run_after is not None and job.run_after > now
        when = words.until(job.run_after, now) if later and job.run_after else "soon"
        return f"Tried again {when}. {job.error}" if job.error else "Waits for its turn"

    def _draw_failures(self, seen: _Seen) -> None:
        self._failures.clear()
        with self._failures:
            with box("section-head"):
                Text("h2", f"Failures ({seen.failed_total:,})" if seen.failed_total else "Failures")
                if seen.failed_total:
                    Button("Retry all", self._retry_all, icon="refresh", kind="line")
            if not seen.failed_total:
                empty(self._given.urls.asset("empty/done.svg"), "Nothing has failed.")
                return
            with table("What", "Reason", "When"):
                for job in seen.failed:
                    self._failure(job)
            pager(self._page, -(-seen.failed_total // PER_PAGE), self._turn)

    def _failure(self, job: Job) -> None:
        with box(tag="tr"):
            with cell(label="What", classes="mono"):
                if job.asset_uid is not None:
                    link(job.subject, self._given.urls.photo(job.asset_uid))
                else:
                    Text("span", _named(job))
            cell(job.error or "No reason was recorded.", label="Reason")
            when = cell(words.ago(job.updated_at, self._given.now()), label="When", classes="tight")
            attributes(when, title=words.moment(job.updated_at))
            with cell(classes="actions"):
                Button("Retry", lambda: self._retry(job), icon="refresh")

    async def _turn(self, step: int) -> None:
        self._page = max(0, self._page + step)
        await self._refresh()

    # --- acts ------------------------------------------------------------------------------

    async def _retry(self, job: Job) -> None:
        try:
            await run.io_bound(self._given.gallery.jobs.retry, job.id)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
        else:
            self._frame.toast("It is tried again.")
        await self._refresh()

    async def _retry_all(self) -> None:
        try:
            number = await run.io_bound(self._given.gallery.jobs.retry_all)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
        else:
            self._frame.toast(f"{words.count_of(number or 0, 'job')} tried again.")
        await self._refresh()


def _lines(waiting: Sequence[Job]) -> list[tuple[Job, int]]:
    """A line for each job, or for one of its kind and how many others wait their turn with it.

    What failed before comes last, each with a line of its own: its reason is worth reading.
    """
    ready = [job for job in waiting if not job.error]
    of_kind = Counter(job.kind for job in ready)
    lines: list[tuple[Job, int]] = []
    counted: set[str] = set()
    for job in ready:
        if of_kind[job.kind] <= FEW:
            lines.append((job, 0))
        elif job.kind not in counted:
            counted.add(job.kind)
            lines.append((job, of_kind[job.kind] - 1))
    return [*lines, *((job, 0) for job in waiting if job.error)]


def _kind(job: Job) -> str:
    return KINDS.get(job.kind, job.kind.capitalize())


def _named(job: Job) -> str:
    """What failed: a file by its name, other work also by what it is."""
    if job.kind in {"render", "fetch"}:
        return job.subject
    return f"{_kind(job)}: {job.subject}"


def _amounts(progress: dict[str, int]) -> str:
    """What a running job has done: "found 1,200, described 800"."""
    return ", ".join(f"{name} {number:,}" for name, number in progress.items() if number)
