"""Jobs: how far the indexing is, what is scanned right now, and what failed and why.

One timer asks the services in a thread and changes words in place; the table of failures is
made anew only when other failures are on its page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import run, ui

from gallery_app.domain.answers import Progress
from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import Job
from gallery_app.ui import words
from gallery_app.ui.components.frame import Frame
from gallery_app.ui.elements import (
    Button,
    Text,
    attributes,
    badge,
    box,
    cell,
    link,
    note,
    picture,
    table_head,
)
from gallery_app.ui.state import Given

EVERY_S = 1.0
PER_PAGE = 15  # failures; each is about nine elements
MOST_RUNNING = 6

FIGURES = (
    ("found", "Found"),
    ("described", "Described"),
    ("rendered", "Rendered"),
    ("failed", "Failed"),
    ("remaining", "Remaining"),
)


@dataclass(frozen=True)
class _Seen:
    """What one look at the services told."""

    progress: Progress
    running: Sequence[Job]
    failed: Sequence[Job]
    failed_total: int


class JobsPage:
    """Builds itself where it is made."""

    def __init__(self, given: Given, frame: Frame) -> None:
        self._given = given
        self._frame = frame
        self._page = 0
        self._drawn: object = None
        self._drawn_running: object = None
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
                    with box("figure"):
                        Text("dt", title)
                        self._figures[name] = Text("dd", "0")
            self._paused = note("", icon="warn", kind="warn")
            self._paused.set_visibility(False)
            Text(
                "p",
                "Found, described and rendered are counted since the program was started.",
                "quiet",
            )

    def _look(self) -> _Seen:
        gallery = self._given.gallery
        running, _ = gallery.jobs.list("running", limit=MOST_RUNNING)
        failed, total = gallery.jobs.list("failed", limit=PER_PAGE, offset=self._page * PER_PAGE)
        return _Seen(gallery.status.progress(), running, failed, total)

    async def _refresh(self) -> None:
        seen = await run.io_bound(self._look)
        if seen is not None and not seen.failed and self._page:
            # the last page was emptied by retries
            self._page = max(0, -(-seen.failed_total // PER_PAGE) - 1)
            seen = await run.io_bound(self._look)
        if seen is None:
            return
        self._tell(seen.progress)
        running = [(job.id, job.updated_at) for job in seen.running]
        if running != self._drawn_running:
            self._drawn_running = running
            self._draw_running(seen.running)
        failed = (self._page, seen.failed_total, [(job.id, job.attempts) for job in seen.failed])
        if failed != self._drawn:
            self._drawn = failed
            self._draw_failures(seen)

    def _tell(self, progress: Progress) -> None:
        for name, figure in self._figures.items():
            figure.say(f"{getattr(progress, name):,}")
        busy = progress.scanning or progress.remaining > 0
        if progress.paused_for:
            self._state.say("Paused")
        elif progress.scanning:
            self._state.say("Looking for pictures")
        else:
            self._state.say("Preparing pictures" if busy else "Everything is done")
        speed = f"{progress.per_second:,.0f} a second" if busy and progress.per_second else ""
        if speed and progress.remaining and not progress.scanning:
            speed += f", about {words.span(progress.remaining / progress.per_second)} left"
        self._speed.say(speed)
        done = progress.described + progress.rendered
        share = done / (done + progress.remaining) if done + progress.remaining else 1.0
        value = f"{share if busy else 1.0:.3f}"
        attributes(self._bar, value=value)
        self._paused.say(progress.paused_for or "")
        self._paused.set_visibility(bool(progress.paused_for))

    def _draw_running(self, jobs: Sequence[Job]) -> None:
        self._running.clear()
        if not jobs:
            return
        with self._running:
            Text("h2", "Running")
            for job in jobs:
                with box("row"):
                    badge("Scan" if job.kind == "scan" else "Render", icon="refresh", kind="busy")
                    Text("span", job.subject, "mono")
                    Text("span", _amounts(job.progress), "quiet number")

    def _draw_failures(self, seen: _Seen) -> None:
        self._failures.clear()
        with self._failures:
            with box("section-head"):
                Text("h2", f"Failures ({seen.failed_total:,})" if seen.failed_total else "Failures")
                if seen.failed_total:
                    Button("Retry all", self._retry_all, icon="refresh", kind="line")
            if not seen.failed_total:
                with box("empty"):
                    picture(self._given.urls.asset("empty/done.svg"))
                    Text("p", "Nothing has failed.", "lead")
                return
            with box("table", tag="table"):
                table_head("File", "Reason", "When")
                with box(tag="tbody"):
                    for job in seen.failed:
                        self._failure(job)
            self._draw_pager(seen.failed_total)

    def _failure(self, job: Job) -> None:
        with box(tag="tr"):
            with cell(label="File", classes="mono"):
                if job.asset_uid is not None:
                    link(job.subject, self._given.urls.photo(job.asset_uid))
                else:
                    Text("span", job.subject)
            cell(job.error or "No reason was recorded.", label="Reason")
            when = cell(words.ago(job.updated_at, self._given.now()), label="When", classes="tight")
            attributes(when, title=words.moment(job.updated_at))
            with cell(classes="actions"):
                Button("Retry", lambda: self._retry(job), icon="refresh")

    def _draw_pager(self, total: int) -> None:
        pages = -(-total // PER_PAGE)
        if pages < 2:
            return
        with box("pager"):
            back = Button("Previous", lambda: self._turn(-1), kind="line")
            back.props(add="disabled" if self._page == 0 else "")
            Text("span", f"Page {self._page + 1} of {pages:,}", "quiet number")
            on = Button("Next", lambda: self._turn(1), kind="line")
            on.props(add="disabled" if self._page >= pages - 1 else "")

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


def _amounts(progress: dict[str, int]) -> str:
    """What a running job has done: "found 1,200, described 800"."""
    return ", ".join(f"{name} {number:,}" for name, number in progress.items() if number)
