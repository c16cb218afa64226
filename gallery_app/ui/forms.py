"""Forms of our pages: real `<form>`s whose fields the browser keeps until they are sent.

A field's text never travels while it is typed and no refresh of the page can take it away: only
`submit` hands all values over, by name. Texts that are known before go in as default values.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from nicegui import ui
from nicegui.events import GenericEventArguments

from gallery_app.ui.elements import Text, attributes, box

Values = Mapping[str, str]
# all values by name, and the value of the button that sent them
OnSubmit = Callable[[Values, str], Awaitable[None]]

_SEND = '(e) => emit(Object.fromEntries(new FormData(e.target)), e.submitter?.value ?? "")'


@dataclass(frozen=True)
class Asked:
    """What a field asks for. `kind` is text, secret, choice or flag; `choices`: value, words."""

    name: str
    label: str
    help: str = ""
    kind: str = "text"
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False


class Form(ui.element):
    """A form; fill it by a `with` block and end it with `Send` buttons."""

    def __init__(self, on_submit: OnSubmit, *, classes: str = "form") -> None:
        super().__init__("form")
        self.classes(classes)
        attributes(self, novalidate="", autocomplete="off")
        self._on_submit = on_submit
        self._fields: dict[str, tuple[ui.element, Text]] = {}
        self.on("submit.prevent", self._sent, js_handler=_SEND)

    async def _sent(self, event: GenericEventArguments) -> None:
        sent = event.args if isinstance(event.args, list) else [event.args, ""]
        values = {str(k): str(v) for k, v in (sent[0] or {}).items()}
        await self._on_submit(values, str(sent[1]) if len(sent) > 1 else "")

    def keep(self, name: str, field: ui.element, complaint: Text) -> None:
        """Remember where complaints about the field `name` are shown."""
        self._fields[name] = (field, complaint)

    def complain(self, complaints: Mapping[str, str]) -> None:
        """Say what is wrong with each field named, and nothing of the others."""
        for name, (field, place) in self._fields.items():
            text = complaints.get(name, "")
            place.say(text)
            attributes(field, aria_invalid="true" if text else "false")
        first = next((f for n, (f, _) in self._fields.items() if complaints.get(n)), None)
        if first is not None:
            first.run_method("focus")

    def lead(self) -> None:
        """Let a dialog that opens with this form begin in its first field."""
        for field, _ in list(self._fields.values())[:1]:
            attributes(field, data_autofocus="")

    def write(self, name: str, text: str) -> None:
        """Put `text` into a text field in place of what stands there."""
        self._fields[name][0].run_method("setRangeText", text, 0, 10_000_000, "end")


class Send(Text):
    """A button that sends its form; `value` tells the buttons of one form apart."""

    def __init__(self, text: str, *, value: str = "", icon: str = "", kind: str = "main") -> None:
        super().__init__("button", text, f"button {f'button-{kind}' if kind else ''}")
        if icon:
            self.classes(f"i i-s i-{icon}")
        attributes(self, type="submit", value=value)

    def rest(self) -> None:
        """Take no press while something is under way."""
        self.props(add="disabled")

    def wake(self) -> None:
        """Take presses again."""
        self.props(remove="disabled")


def field(form: Form, asked: Asked, value: str | None = None) -> ui.element:
    """A labelled field of the kind that is asked for; `value` in place of its default."""
    text = asked.default if value is None else value
    if asked.kind == "flag":
        return _flag(form, asked, on=text in {"1", "true", "yes", "on"})
    with box("form-field"):
        label = Text("label", asked.label, "form-label")
        if asked.kind == "choice":
            made = _choice(asked, text)
        else:
            made = entry(asked.name, text, secret=asked.kind == "secret")
        _tell(form, asked, label, made)
    return made


def entry(name: str, text: str = "", *, secret: bool = False, hint: str = "") -> ui.element:
    """A field of one line, without its label; a secret is never filled in and never kept."""
    made = ui.element("input").classes("field")
    attributes(made, name=name, type="password" if secret else "text", spellcheck="false")
    attributes(made, autocomplete="off", autocapitalize="off", data_1p_ignore="")
    if secret:
        made.classes("mono")
    elif text:
        made.props["defaultValue"] = text
    if hint:
        attributes(made, placeholder=hint)
    return made


def _choice(asked: Asked, text: str) -> ui.element:
    with ui.element("select").classes("field") as made:
        attributes(made, name=asked.name)
        for value, words in asked.choices:
            option = Text("option", words)
            attributes(option, value=value)
            if value == text:
                option.props["defaultSelected"] = True
    return made


def _flag(form: Form, asked: Asked, *, on: bool) -> ui.element:
    with box("form-flag"):
        made = ui.element("input").classes("tick")
        attributes(made, type="checkbox", name=asked.name, value="1")
        if on:
            made.props["defaultChecked"] = True
        _tell(form, asked, Text("label", asked.label, "form-label"), made)
    return made


def _tell(form: Form, asked: Asked, label: Text, made: ui.element) -> None:
    attributes(label, **{"for": made.html_id})
    about = []
    if asked.help:
        about.append(Text("p", asked.help, "form-help").html_id)
    complaint = Text("p", "", "form-complaint")
    attributes(complaint, role="alert")
    about.append(complaint.html_id)
    attributes(made, aria_describedby=" ".join(about))
    if asked.required:
        attributes(made, aria_required="true")
    form.keep(asked.name, made, complaint)
