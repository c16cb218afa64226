"""The few building blocks of our pages: one element each, so that a page stays small.

Text goes in as text and never as HTML: names of files and folders are hostile. Every button is
a real `<button>` and every way to another place a real `<a href>`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

Handler = Callable[[], None] | Callable[[], Awaitable[None]]
Turn = Callable[[int], None] | Callable[[int], Awaitable[None]]


class Text(TextElement):
    """An element of any tag that holds text alone."""

    def __init__(self, tag: str, text: str = "", classes: str = "") -> None:
        super().__init__(tag=tag, text=text)
        self.classes(classes)

    def say(self, text: str) -> None:
        """Show `text`; nothing is sent when it is shown already."""
        if self.text != text:
            self.set_text(text)


def box(classes: str = "", tag: str = "div") -> ui.element:
    """An element to fill by a `with` block."""
    return ui.element(tag).classes(classes)


def picture(address: str, *, alt: str = "", classes: str = "") -> ui.element:
    """A picture of ours that is not a photo of the grid; `alt` "" when it only decorates."""
    element = ui.element("img").classes(classes)
    attributes(element, src=address, alt=alt, loading="lazy", decoding="async")
    return element


def attributes(element: ui.element, **values: str) -> None:
    """Set HTML attributes, sent only when they change; an underscore stands for a dash."""
    for name, value in values.items():
        key = name.replace("_", "-")
        if element.props.get(key) != value:
            element.props[key] = value


def modal(name: str) -> ui.dialog:
    """A dialog, closed as yet, that is deleted once the browser has hidden it.

    Not before: as it closes, it gives the keyboard back to what opened it. It goes with the
    element around it, so that must not be made anew while the dialog is open.
    """
    with box() as place:  # NiceGUI leaves an element where a dialog is made
        made = ui.dialog()
    attributes(made, aria_label=name)

    def hidden() -> None:
        made.delete()
        place.delete()

    made.on("hide", hidden, args=[])
    return made


class Button(Text):
    """A button with words, and with an icon in front when `icon` is given.

    Args:
        text: the words; say what happens, not "OK".
        on_click: what happens.
        icon: a name of `icons.PATHS`.
        kind: main, line, bad, bare or "" (a quiet one).
    """

    def __init__(self, text: str, on_click: Handler, *, icon: str = "", kind: str = "") -> None:
        super().__init__("button", text, f"button {f'button-{kind}' if kind else ''}")
        if icon:
            self.classes(f"i i-s i-{icon}")
        attributes(self, type="button")
        self.on("click", on_click, args=[])


class IconButton(Text):
    """A button that is an icon alone; `name` is its name for those who cannot see it."""

    def __init__(self, icon: str, name: str, on_click: Handler | None = None) -> None:
        super().__init__("button", "", f"button-icon i i-{icon}")
        attributes(self, type="button", aria_label=name, title=name)
        if on_click is not None:
            self.on("click", on_click, args=[])


def link(text: str, address: str, classes: str = "") -> Text:
    """A way to another place."""
    element = Text("a", text, classes)
    attributes(element, href=address)
    return element


def badge(text: str, *, icon: str, kind: str = "") -> Text:
    """A state in a word, with an icon, so that colour alone never says it."""
    return Text("span", text, f"badge i i-{icon} {f'badge-{kind}' if kind else ''}")


def note(text: str, *, icon: str = "info", kind: str = "") -> Text:
    """A sentence set apart; kind is warn, bad or ""."""
    element = Text("p", text, f"note i i-s i-{icon} {f'note-{kind}' if kind else ''}")
    if kind == "bad":
        attributes(element, role="alert")
    return element


def cell(text: str = "", *, label: str = "", classes: str = "") -> Text:
    """A cell of a table; `label` stands before it where the table is a list of cards."""
    element = Text("td", text, classes)
    if label:
        attributes(element, data_label=label)
    return element


@contextmanager
def table(*titles: str) -> Iterator[None]:
    """A table of data, to fill with rows; a last column of buttons comes by itself."""
    with box("table", tag="table"):
        with box(tag="thead"), box(tag="tr"):
            for title in titles:
                attributes(Text("th", title), scope="col")
            with box(tag="th") as buttons:
                attributes(buttons, scope="col")
                Text("span", "Actions", "unseen")
        with box(tag="tbody"):
            yield


def pager(page: int, pages: int, turn: Turn) -> None:
    """The way through several pages; `page` counts from 0, `turn` is told 1 or -1."""
    if pages < 2:
        return
    with box("pager"):
        back = Button("Previous", partial(turn, -1), kind="line")
        Text("span", f"Page {page + 1:,} of {pages:,}", "quiet number")
        on = Button("Next", partial(turn, 1), kind="line")
    for button, at_end in ((back, page == 0), (on, page >= pages - 1)):
        if at_end:
            button.props(add="disabled")


def empty(address: str, sentence: str) -> None:
    """What stands where nothing is yet: a drawing and how there will be something."""
    with box("empty"):
        picture(address)
        Text("p", sentence, "lead")
