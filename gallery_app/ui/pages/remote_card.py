"""The card of one remote source: how it is, what is still to come, and what may be done.

Built once; `tell` changes its words in place. What it cannot know from the source itself (what
may still be asked of the remote) comes with the view.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gallery_app.domain.model import Source
from gallery_app.services.values import RemoteView
from gallery_app.ui import words
from gallery_app.ui.elements import Button, Text, attributes, box, link, note

ICONS = {"immich": "album", "freshdesk": "ticket", "products": "product"}

MINUTE_S = 60

FACTS = {"version": "Version {}", "plan": "{} plan", "agent": "As {}"}

# word, icon, kind of badge
STATES: dict[str, tuple[str, str, str]] = {
    "fresh": ("Up to date", "check", "ok"),
    "syncing": ("Syncing", "refresh", "busy"),
    "fetching": ("Fetching pictures", "refresh", "busy"),
    "waiting": ("Waiting", "clock", ""),
    "paused": ("Paused", "pause", ""),
    "offline": ("Not reachable", "offline", "warn"),
    "stuck": ("No pictures come", "warn", "warn"),
    "attention": ("Needs attention", "warn", "bad"),
}


TROUBLED = frozenset({"offline", "stuck", "attention"})

Act = Callable[[Source], Awaitable[None]]


@dataclass(frozen=True)
class Acts:
    """What the buttons of a card do."""

    sync: Act
    pause: Act
    edit: Act
    test: Act
    hook: Act
    remove: Act
    retry: Act
    lost: Act  # asks whether much that is missing is really gone


def state_of(source: Source, view: RemoteView | None, now: datetime) -> str:
    """The key of STATES that says best how the source is; what needs a person comes first."""
    if source.state == "attention":
        return "attention"
    if source.paused:
        return "paused"
    if source.state == "scanning":
        return "syncing"
    resting = source.resume_at is not None and source.resume_at > now
    if source.state == "offline" or (resting and source.failures):
        return "offline"
    rest = None if view is None else view.resting
    if rest is not None and rest.failures:
        return "stuck"
    if resting or rest is not None or (source.last_scan_at is None and source.kind != "products"):
        return "waiting"
    return "fetching" if source.waiting else "fresh"


class RemoteCard:
    """Builds itself where it is made, about thirty elements."""

    def __init__(self, source: Source, acts: Acts) -> None:
        self._source = source
        with box("card source", tag="article") as card:
            self._card = card
            with box("row"):
                icon = ICONS.get(source.kind, "source")
                self._name = Text("h2", source.name, f"source-name i i-{icon} row")
                self._state = Text("span", "", "badge i")
                self._build_first(acts)
            self._build_address()
            with box("facts"):
                self._held = Text("span", "", "number")
                self._when = Text("span")
                self._budget = Text("span", "", "number")
                self._facts = Text("span")
            self._build_progress()
            self._refused = box("row source-refused")
            with self._refused:
                self._refused_text = Text("span", "", "number")
                Button("Try again", lambda: acts.retry(self._source), icon="refresh", kind="bare")
            self._error = note("", icon="warn", kind="warn")
            self._note = note("")
            self._build_acts(acts)

    def _build_first(self, acts: Acts) -> None:
        """The one thing to do now, where the eye looks first."""
        with box("row row-end"):
            self._gone = Button("They are gone", lambda: acts.lost(self._source), kind="bad")
            self._sync = Button("Sync now", lambda: acts.sync(self._source), icon="refresh")

    def _build_address(self) -> None:
        address = self._source.address
        if address.startswith(("http://", "https://")):
            out = link(address, address, "mono quiet source-address")
            attributes(out, target="_blank", rel="noopener noreferrer")
        elif address:
            Text("p", address, "mono quiet")

    def _build_progress(self) -> None:
        with box("source-progress") as self._progress:
            self._bar = Text("progress", "", "bar")
            attributes(self._bar, max="1", value="0")
            self._waiting = Text("span", "", "quiet number")

    def _build_acts(self, acts: Acts) -> None:
        with box("source-acts"):
            self._pause = Button("Pause", lambda: acts.pause(self._source), kind="bare")
            Button("Edit", lambda: acts.edit(self._source), icon="edit", kind="bare")
            Button("Test", lambda: acts.test(self._source), icon="plug", kind="bare")
            if self._source.kind == "freshdesk":
                Button("Webhook", lambda: acts.hook(self._source), icon="link", kind="bare")
            Button("Remove", lambda: acts.remove(self._source), icon="trash", kind="bare")

    # --- words -----------------------------------------------------------------------------

    def tell(self, source: Source, view: RemoteView | None, now: datetime) -> None:
        """Show how it is now."""
        self._source = source
        state = state_of(source, view, now)
        attributes(self._card, aria_label=source.name)
        self._name.say(source.name)
        word, icon, kind = STATES[state]
        if state == "fresh" and source.kind == "products":
            word = "Ready"
        self._state.say(word)
        self._state.classes(replace=f"badge i i-{icon} {f'badge-{kind}' if kind else ''}")
        self._held.say(words.count_of(source.assets, "picture"))
        self._when.say("" if source.kind == "products" else times(source, state, now))
        self._budget.say(budget(source, view))
        self._facts.say(facts(source))
        for text in (self._when, self._budget, self._facts):
            text.set_visibility(bool(text.text))
        self._tell_progress(source)
        self._refused.set_visibility(source.refused > 0)
        self._refused_text.say(f"{words.count_of(source.refused, 'picture')} could not be fetched")
        said = troubles(source, view, now)
        bad = state in TROUBLED  # what is said of a source that works is a remark
        for place, words_ in (
            (self._error, said if bad else ""),
            (self._note, "" if bad else said),
        ):
            place.say(words_)
            place.set_visibility(bool(words_))
        self._tell_acts(source, state, asks=view is not None and view.asks_belief)

    def _tell_progress(self, source: Source) -> None:
        attributes(self._bar, aria_label=f"Pictures fetched from {source.name}")
        waiting = source.waiting > 0
        self._progress.set_visibility(waiting)
        if waiting:
            known = source.held + source.refused + source.waiting
            attributes(self._bar, value=f"{(known - source.waiting) / known:.3f}")
            self._waiting.say(f"{source.waiting:,} of {known:,} still to fetch")

    def _tell_acts(self, source: Source, state: str, *, asks: bool) -> None:
        self._gone.set_visibility(asks)
        self._sync.set_visibility(source.kind != "products" or state in TROUBLED)
        self._sync.say("Retry now" if state in TROUBLED else "Sync now")
        self._sync.props(add="disabled") if state == "syncing" else self._sync.props(
            remove="disabled"
        )
        self._pause.say("Resume" if source.paused else "Pause")
        icon = "play" if source.paused else "pause"
        self._pause.classes(replace=f"button button-bare i i-s i-{icon}")


def times(source: Source, state: str, now: datetime) -> str:
    """When it was synced and when it will be: "Synced 2 minutes ago, next in 8 minutes"."""
    if source.last_scan_at is None:
        return "Syncing for the first time" if state == "syncing" else "Not synced yet"
    text = f"Synced {words.ago(source.last_scan_at, now)}"
    due = source.next_sync_at
    if state in {"paused", "offline", "attention", "syncing", "waiting"} or due is None:
        return text
    return f"{text}, next {words.until(due, now) if due > now else 'any moment'}"


def facts(source: Source) -> str:
    """What the remote tells of itself, as far as people ask for it: "Version 3.1.0"."""
    return ", ".join(
        say.format(source.facts[name]) for name, say in FACTS.items() if source.facts.get(name)
    )


def budget(source: Source, view: RemoteView | None) -> str:
    """What may still be asked: "120 of 200 requests a minute left, we use at most 60 %"."""
    if view is None or view.budget is None or source.paused:
        return ""
    limit, remaining, ours, window_s = view.budget
    window = "a minute" if window_s == MINUTE_S else "an hour"
    if limit is None or remaining is None:
        return f"At most {ours:,} requests {window}" if ours else ""
    share = f", we use at most {round(100 * ours / limit)} %" if ours and limit else ""
    return f"{remaining:,} of {limit:,} requests {window} left{share}"


def troubles(source: Source, view: RemoteView | None, now: datetime) -> str:
    """The last error with its remedy, and when it is tried again by itself."""
    parts = [source.error] if source.error else []
    rest = None if view is None else view.resting
    if source.paused:
        pass
    elif source.resume_at is not None and source.resume_at > now:
        parts.append(_again(source.resume_at - now, source.failures))
    elif rest is not None and source.state in {"online", "scanning"}:
        parts.append(f"Pictures do not come: {rest.error}")
        parts.append(_again(rest.until - now, rest.failures))
    return " ".join(parts)


def _again(left: timedelta, failures: int) -> str:
    wait = words.span(max(1.0, left.total_seconds()))
    if not failures:
        return f"Next try in {wait}."
    return f"Resting for {wait} after {words.count_of(failures, 'failure')} in a row."
