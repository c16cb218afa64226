"""What a test of a remote found, in the place that a dialog gives it."""

from __future__ import annotations

from nicegui import ui

from gallery_app.domain.remote import Findings
from gallery_app.ui.elements import Text, attributes, box, note


def tell_testing(place: ui.element) -> None:
    """Say that the answer is on its way."""
    place.clear()
    with place:
        Text("p", "Testing the connection…", "quiet")
        attributes(Text("progress", "", "bar"), aria_label="Testing the connection")
    _bring(place)


def tell_failure(place: ui.element, sentence: str) -> None:
    """Say why there is no answer."""
    place.clear()
    with place:
        note(sentence, icon="warn", kind="bad")
    _bring(place)


def _bring(place: ui.element) -> None:
    """Scroll a long dialog to what was just said."""
    place.run_method("scrollIntoView", {"block": "end"})


def tell_findings(place: ui.element, findings: Findings) -> None:
    """Say whether it works, what does, and what is missing with its remedy."""
    place.clear()
    with place:
        good = all(item.ok for item in findings.items)
        if findings.ok:
            done = "Everything works." if good else "It works; something is missing."
        else:
            done = "It does not work yet."
        Text("p", done, "findings-verdict")
        with box("findings-list", tag="ul"):
            for item in findings.items:
                kind = "ok" if item.ok else "bad" if item.required else "warn"
                icon = "check" if item.ok else "bad" if item.required else "warn"
                with box(f"finding finding-{kind} i i-s i-{icon}", tag="li"):
                    if not item.ok:
                        Text("span", "Missing: ", "unseen")
                    Text("b", item.what)
                    Text("span", item.detail)
                    if item.remedy and not item.ok:
                        Text("span", item.remedy, "finding-remedy")
    _bring(place)
