"""Products: paste the numbers below barcodes, watch what is found, try again what failed.

What is pasted is judged while one types, by the same rules that later ask for it; a number with
one wrong digit is named with the right one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import run, ui
from nicegui.events import GenericEventArguments

from gallery_app.domain.errors import BadInput, GalleryError
from gallery_app.services.codes import MOST_CODES, BadCode, judged
from gallery_app.services.products import Product
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
    pager,
    picture,
    table,
)
from gallery_app.ui.state import Given

EVERY_S = 1.0
LATEST = 200  # products that are looked at for the progress
PER_PAGE = 12  # products; each is about twelve elements
MOST_BAD = 6  # wrong numbers shown at once
MOST_TYPED = 40_000  # characters of the field
JUDGE_S = 0.25

# word, icon, kind of badge
STATES: dict[str, tuple[str, str, str]] = {
    "waiting": ("Asking", "refresh", "busy"),
    "found": ("Found", "check", "ok"),
    "none": ("No pictures", "info", ""),
    "failed": ("Failed", "warn", "bad"),
}
ATTRIBUTION = (
    "Pictures come from Open Food Facts and its sister projects (CC BY-SA 3.0) and other product "
    "databases; each picture's details name its source, licence and page."
)


@dataclass(frozen=True)
class _Seen:
    """What one look at the services told."""

    available: bool
    shown: Sequence[Product]
    latest: Sequence[Product]
    total: int

    def count(self, state: str) -> int:
        """How many of the latest are so."""
        return sum(product.state == state for product in self.latest)


class ProductsPage:
    """Builds itself where it is made."""

    def __init__(self, given: Given, frame: Frame) -> None:
        self._given = given
        self._frame = frame
        self._page = 0
        self._typed = ""
        self._drawn: object = None
        with box("page"):
            Text("h1", "Products")
            self._missing = box("note i i-s i-info")
            with self._missing:
                Text("span", "To look products up, connect product pictures first.")
                link("Go to Sources", given.urls.to("/sources"))
            self._missing.set_visibility(False)
            self._build_field()
            self._progress = box("card products-progress")
            self._build_progress()
            self._list = box("section")
            Text("p", ATTRIBUTION, "quiet")
        ui.timer(EVERY_S, self._refresh)

    # --- pasting ---------------------------------------------------------------------------

    def _build_field(self) -> None:
        with box("card"):
            label = Text("label", "Paste article numbers (EAN, GTIN, UPC)", "path-label")
            self._field = ui.element("textarea").classes("field products-field mono")
            attributes(label, **{"for": self._field.html_id})
            attributes(self._field, rows="5", spellcheck="false", autocomplete="off")
            attributes(self._field, placeholder="4006381333931\n4008400402222, 5449000000996")
            self._field.on(
                "input",
                self._typing,
                throttle=JUDGE_S,
                leading_events=False,
                js_handler=f"(e) => emit(e.target.value.slice(0, {MOST_TYPED}))",
            )
            with box("row"):
                self._start = Button("Look up", self._begin, icon="check", kind="main")
                self._start.props(add="disabled")
                self._said = Text("span", "", "quiet number")
                attributes(self._said, aria_live="polite")
                attributes(self._field, aria_describedby=self._said.html_id)
            self._bad = box("bad-codes", tag="ul")
            attributes(self._bad, aria_label="Numbers that cannot be looked up")
            self._bad.set_visibility(False)

    async def _typing(self, event: GenericEventArguments) -> None:
        args = event.args[0] if isinstance(event.args, list) else event.args
        self._typed = str(args or "")
        await self._judge()

    async def _judge(self) -> None:
        text = self._typed
        try:
            found = await run.io_bound(judged, text) if text.strip() else ([], [])
        except BadInput as error:
            self._tell_judged(0, ())
            self._said.say(error.public)
            return
        if found is None or text != self._typed or self._field.is_deleted:
            return  # more was typed meanwhile, and is judged by itself
        self._tell_judged(len(found[0]), found[1])

    def _tell_judged(self, good: int, invalid: Sequence[BadCode]) -> None:
        parts = [f"{words.count_of(good, 'number')} to look up"] if good else []
        if invalid:
            parts.append(f"{len(invalid):,} not valid")
        self._said.say(", ".join(parts))
        self._start.props(remove="disabled") if good else self._start.props(add="disabled")
        self._start.say(f"Look up {good:,}" if good > 1 else "Look up")
        attributes(self._field, aria_invalid="true" if invalid else "false")
        self._bad.clear()
        self._bad.set_visibility(bool(invalid))
        with self._bad:
            for code in invalid[:MOST_BAD]:
                self._bad_code(code)
            if rest := invalid[MOST_BAD:]:
                with box("bad-code", tag="li"):
                    Text("span", f"and {len(rest):,} more:", "quiet")
                    Text("span", ", ".join(code.text for code in rest), "bad-code-rest mono")

    def _bad_code(self, code: BadCode) -> None:
        with box("bad-code", tag="li"):
            Text("span", code.text, "mono bad-code-text i i-s i-warn")
            # The number stands before it already.
            Text("span", code.reason.removeprefix(f"{code.text} "), "quiet")
            right = mended(code)
            if right:
                Button(f"Use {right}", lambda: self._mend(code.text, right), kind="bare")

    async def _mend(self, wrong: str, right: str) -> None:
        await self._write(replaced(self._typed, wrong, right))

    async def _write(self, text: str) -> None:
        self._typed = text
        self._field.run_method("setRangeText", text, 0, MOST_TYPED * 10, "end")
        await self._judge()

    async def _begin(self) -> None:
        text = self._typed
        if not text.strip():
            return
        self._start.props(add="disabled")
        try:
            pasted = await run.io_bound(self._given.gallery.products.paste, text)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
            await self._judge()
            return
        if pasted is None or self._field.is_deleted:
            return
        if text == self._typed:
            # what was taken leaves the field; what is wrong stays, to be mended
            await self._write("\n".join(code.text for code in pasted.invalid))
        else:
            await self._judge()  # more was typed meanwhile, and stays
        self._frame.toast(f"Looking up {words.count_of(len(pasted.accepted), 'product')}.")
        self._page = 0
        await self._refresh()

    # --- what was found --------------------------------------------------------------------

    def _build_progress(self) -> None:
        with self._progress:
            with box("row"):
                self._state = Text("h2", "")
                self._numbers = Text("span", "", "quiet number row-end")
                self._retry_all = Button(
                    "Retry all failed", self._again_all, icon="refresh", kind="line"
                )
            self._bar = Text("progress", "", "bar")
            attributes(self._bar, max="1", value="0", aria_label="Products that were looked up")
        self._progress.set_visibility(False)

    def _look(self) -> _Seen:
        book = self._given.gallery.products
        latest, total = book.list(per_page=LATEST)
        start = self._page * PER_PAGE
        shown = latest[start : start + PER_PAGE]
        if start + PER_PAGE > LATEST:
            shown, total = book.list(page=self._page + 1, per_page=PER_PAGE)
        return _Seen(book.available(), shown, latest, total)

    async def _refresh(self) -> None:
        seen = await run.io_bound(self._look)
        if seen is not None and not seen.shown and self._page:
            self._page = max(0, -(-seen.total // PER_PAGE) - 1)
            seen = await run.io_bound(self._look)
        if seen is None or self._list.is_deleted:
            return
        self._missing.set_visibility(not seen.available)
        self._tell(seen)
        drawn = (self._page, seen.total, seen.shown)
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw(seen)

    def _tell(self, seen: _Seen) -> None:
        waiting = seen.count("waiting")
        self._progress.set_visibility(seen.total > 0)
        more = "more than " if waiting == LATEST < seen.total else ""
        number = words.count_of(waiting, "product")
        self._state.say(f"Looking up {more}{number}" if waiting else "Done")
        done = (("found", "found"), ("none", "without pictures"), ("failed", "failed"))
        numbers = [(seen.count(state), word) for state, word in done]
        self._numbers.say(", ".join(f"{number:,} {word}" for number, word in numbers if number))
        self._retry_all.set_visibility(seen.count("failed") > 0)
        self._bar.set_visibility(waiting > 0)
        attributes(self._bar, value=f"{1 - waiting / max(1, len(seen.latest)):.3f}")

    def _draw(self, seen: _Seen) -> None:
        self._list.clear()
        with self._list:
            if not seen.total:
                sentence = "Products you look up are listed here, with their pictures."
                empty(self._given.urls.asset("empty/pictures.svg"), sentence)
                return
            with table("Picture", "Product", "State", "Asked"):
                for product in seen.shown:
                    self._row(product)
            pager(self._page, -(-seen.total // PER_PAGE), self._turn)

    def _row(self, product: Product) -> None:
        row = product.row
        name = row.name or row.description
        with box(tag="tr"):
            with box("cover", tag="td"):
                if row.cover is not None:
                    picture(self._given.urls.rendition(row.cover), classes="thumb")
                else:
                    box("thumb thumb-none i i-product", tag="span")
            with cell(label="Product"):
                if row.assets:
                    link(name or row.given, self._given.urls.to("/", {"product": row.gtin}))
                else:
                    Text("div", name or row.given)
                if name:
                    Text("div", row.given, "quiet mono")
            with cell(label="State"):
                self._state_of(product)
            when = cell(words.ago(row.asked_at, self._given.now()), label="Asked", classes="tight")
            attributes(when, title=words.moment(row.asked_at))
            with cell(classes="actions"):
                if product.state in {"failed", "none"}:
                    Button("Retry", lambda: self._again(row.given), icon="refresh")

    def _state_of(self, product: Product) -> None:
        word, icon, kind = STATES[product.state]
        if product.state == "found":
            word = words.count_of(product.row.assets or product.row.found, "picture")
        badge(word, icon=icon, kind=kind)
        if product.error:
            Text("div", product.error, "quiet")

    # --- acts ------------------------------------------------------------------------------

    async def _turn(self, step: int) -> None:
        self._page = max(0, self._page + step)
        await self._refresh()

    async def _again(self, code: str) -> None:
        try:
            await run.io_bound(self._given.gallery.products.retry, code)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
        else:
            self._frame.toast("It is asked again.")
        await self._refresh()

    def _retry_failed(self) -> int:
        """Of as many as are pasted at once, the latest."""
        book = self._given.gallery.products
        pages = range(1, MOST_CODES // LATEST + 1)
        asked = [product for page in pages for product in book.list(page=page, per_page=LATEST)[0]]
        failed = [product.row.gtin for product in asked if product.state == "failed"]
        for gtin in failed:
            book.retry(gtin)
        return len(failed)

    async def _again_all(self) -> None:
        try:
            number = await run.io_bound(self._retry_failed)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
        else:
            self._frame.toast(f"{words.count_of(number or 0, 'product')} asked again.")
        await self._refresh()


def replaced(text: str, wrong: str, right: str) -> str:
    """The text with another number in one's place, wherever that stands by itself."""
    return re.sub(rf"(?<![^\s,;]){re.escape(wrong)}(?![^\s,;])", right, text)


def mended(code: BadCode) -> str:
    """The number with the right check digit; "" when that would not make it whole."""
    digits = "".join(c for c in code.text if c.isdigit())
    return digits[:-1] + code.expected if code.expected and digits else ""
