"""Indexing by hand: scan every folder to its end, render what is described, say what came of it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from gallery_app.cli.terminal import Terminal
from gallery_app.domain.model import Asset, Source
from gallery_app.domain.query import MOST_PER_PAGE, AssetQuery
from gallery_app.services.gallery import Gallery
from gallery_app.services.ingest import Tally

POLL_S = 0.1
# Longer than any one file may take: what did not end in that time is not going to.
PATIENCE_S = 30.0
# Where a source is known to be away, its originals cannot be had however long one waits.
SHORT_PATIENCE_S = 3.0


@dataclass(slots=True)
class Outcome:
    """What an indexing did, in pictures; `troubles` are reasons why it is not complete."""

    found: int = 0
    described: int = 0
    rendered: int = 0
    unchanged: int = 0
    moved: int = 0
    gone: int = 0
    seconds: float = 0.0
    failures: list[tuple[str, str]] = field(default_factory=list)  # path, reason
    skipped: list[tuple[str, str]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def add(self, tally: Tally) -> None:
        """Count in one source's scan."""
        self.found += tally.described + tally.unchanged
        self.described += tally.described
        self.unchanged += tally.unchanged
        self.moved += tally.moved
        self.gone += tally.gone

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints."""
        names = ("found", "described", "rendered", "unchanged", "moved", "gone")
        return {
            **{name: getattr(self, name) for name in names},
            "failed": len(self.failures),
            "seconds": round(self.seconds, 2),
            "failures": [{"path": p, "reason": r} for p, r in self.failures],
            "skipped": [{"path": p, "reason": r} for p, r in self.skipped],
        }

    def sentence(self) -> str:
        """The same for a person."""
        return (
            f"{self.found:,} pictures: {self.described:,} described, {self.rendered:,} rendered, "
            f"{self.unchanged:,} unchanged, {self.moved:,} moved, {self.gone:,} gone, "
            f"{len(self.failures):,} failed, in {self.seconds:.1f} s."
        )


class Indexing:
    """One run over all folders of a gallery whose background has not been started."""

    def __init__(self, gallery: Gallery, terminal: Terminal) -> None:
        self._gallery = gallery
        self._terminal = terminal
        self._outcome = Outcome()

    def run(self, *, describe_only: bool) -> Outcome:
        """Scan, then render unless told not to; returns when nothing is left to do."""
        began = time.monotonic()
        folders = [s for s in self._gallery.sources.list() if s.kind == "folder"]
        for source in folders:
            self._scan(source)
        if not describe_only:
            self._render()
        self._outcome.rendered = self._gallery.status.progress().rendered
        self._list_failures({s.id: s.address for s in folders})
        self._outcome.seconds = time.monotonic() - began
        self._terminal.clear()
        return self._outcome

    def _scan(self, source: Source) -> None:
        job = self._gallery.sources.scan(source.id)
        done: Future[Tally] = Future()

        def work() -> None:
            try:
                done.set_result(self._gallery.background.run_scan(job))
            except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
                done.set_exception(error)

        threading.Thread(target=work, name="gallery-index", daemon=True).start()
        while not done.done():
            progress = self._gallery.status.progress()
            self._terminal.progress(
                progress.described / max(1, progress.found),
                f"{source.name}: {progress.described:,} of {progress.found:,} described, "
                f"{progress.per_second:,.0f}/s",
            )
            _wait()
        tally = done.result()
        self._outcome.add(tally)
        after = self._gallery.sources.get(source.id)
        if after.state in {"offline", "attention"}:
            self._outcome.troubles.append(f"{source.address}: {after.error or after.state}")
        self._outcome.skipped += [(f"{source.address}/{key}", why) for key, why in tally.problems]

    def _render(self) -> None:
        status = self._gallery.status
        total = status.progress().remaining
        if total == 0:
            return
        self._gallery.background.start()
        patience_s = SHORT_PATIENCE_S if self._outcome.troubles else PATIENCE_S
        left, moved_at = total, time.monotonic()
        while left:
            _wait()
            progress = status.progress()
            self._terminal.progress(
                1 - progress.remaining / total,
                f"{progress.rendered:,} of {total:,} rendered, {progress.per_second:,.0f}/s",
            )
            if progress.remaining < left:
                moved_at = time.monotonic()
            left = progress.remaining
            if left and time.monotonic() - moved_at > patience_s:
                why = progress.paused_for or "their originals cannot be had or do not end"
                self._outcome.troubles.append(f"{left:,} pictures were not rendered: {why}")
                return

    def _list_failures(self, roots: dict[int, str]) -> None:
        query = replace(AssetQuery.from_params({"is": ["unreadable"]}), limit=MOST_PER_PAGE)
        while True:
            page = self._gallery.browse.page(query)
            for asset in page.items:
                reason = asset.problem.sentence if asset.problem else "It cannot be shown."
                self._outcome.failures.append((_place(asset, roots), reason))
            if page.next_cursor is None:
                break
            query = replace(query, cursor=page.next_cursor)
        failed = {path for path, _ in self._outcome.failures}
        self._outcome.skipped = [s for s in self._outcome.skipped if s[0] not in failed]


def _place(asset: Asset, roots: dict[int, str]) -> str:
    for occurrence in asset.occurrences:
        if occurrence.gone_at is None and occurrence.source_id in roots:
            return str(Path(roots[occurrence.source_id]) / occurrence.key)
    return asset.filename


def _wait() -> None:
    threading.Event().wait(POLL_S)
