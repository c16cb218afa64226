"""The dialogs that connect a remote, change it, test it, remove it and tell its webhook.

The form is made of the kind's own fields, so a new kind needs no code here. A key that is kept
is never shown again: it is said to be there, and can be replaced.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from urllib.parse import urlsplit

from nicegui import run, ui

from gallery_app.domain.errors import GalleryError
from gallery_app.domain.hosts import is_this_machine
from gallery_app.domain.model import Source
from gallery_app.domain.remote import Findings
from gallery_app.services.few import Few
from gallery_app.services.remotes import RemoteBook
from gallery_app.services.values import RemoteKind, RemoteView
from gallery_app.ui import words
from gallery_app.ui.components.frame import Frame
from gallery_app.ui.elements import Button, Text, attributes, box, modal, note
from gallery_app.ui.forms import Asked, Form, Send, Values, field
from gallery_app.ui.pages.findings import tell_failure, tell_findings, tell_testing

# A test of a remote that hangs takes minutes, and all pages of all visitors share one pool of few
# threads (NiceGUI's, five on one core): so many may be held up.
TESTING = Few(2)

# What removing means, by kind: (keeping, dropping). `{n}` is "1,234 pictures".
KEEP = {
    "immich": "Pictures that were copied stay. Those that lie on the Immich server alone "
    "cannot be shown without it and leave the gallery.",
    "freshdesk": "{n} stay in the gallery, with the tickets and articles they came from.",
    "products": "{n} stay in the gallery, with the products they show.",
}
DROP = {
    "immich": "{n} leave the gallery. Nothing is changed on the Immich server.",
    "freshdesk": "{n} leave the gallery; copies go to the trash. Nothing is changed in Freshdesk.",
    "products": "{n} leave the gallery; copies go to the trash.",
}


class Connect:
    """Opens the dialogs; each is gone when it closes."""

    def __init__(
        self, remotes: RemoteBook, frame: Frame, changed: Callable[[], Awaitable[None]]
    ) -> None:
        self._remotes = remotes
        self._frame = frame
        self._changed = changed

    async def new(self, kind: RemoteKind) -> None:
        """Ask for what connects a remote of this kind."""
        await _RemoteDialog(self._remotes, self._frame, self._changed, kind, None).show()

    async def edit(self, view: RemoteView) -> None:
        """Change the name, the key or the options of one that is connected."""
        dialog = _RemoteDialog(self._remotes, self._frame, self._changed, view.kind, view)
        await dialog.show()

    async def test(self, source: Source) -> None:
        """Test the connection as it is kept, and tell what works."""
        title = f"Test of {source.name}"
        with modal(title) as dialog, box("dialog dialog-wide"):
            Text("h2", title)
            found = box("findings")
            attributes(found, aria_live="polite")
            with box("row"):
                Button("Close", dialog.close, kind="main")
        dialog.open()
        tell_testing(found)
        await _tell_test(found, partial(self._remotes.test_saved, source.id))

    async def hook(self, view: RemoteView) -> None:
        """What to paste into Freshdesk so that new pictures come within seconds."""
        with modal("Webhook") as dialog, box("dialog dialog-wide"):
            Text("h2", "New pictures within seconds")
            _tell_hook(self._frame, view)
            with box("row"):
                Button("Close", dialog.close, kind="main")
        await dialog

    async def remove(self, source: Source) -> bool | None:
        """Ask what becomes of the pictures; True: keep, False: drop, None: nothing happens."""
        number = words.count_of(source.assets, "picture")
        with modal(f"Remove {source.name}") as dialog, box("dialog"):
            Text("h2", f"Remove {source.name}?")
            for keep, title, text in (
                (True, "Keep its pictures", KEEP.get(source.kind, "{n} stay.")),
                (False, "Remove its pictures too", DROP.get(source.kind, "{n} leave.")),
            ):
                with box("choice" if keep else "choice choice-bad", tag="button") as button:
                    attributes(button, type="button")
                    Text("span", title, "choice-title")
                    Text("span", text.format(n=number), "quiet")
                button.on("click", lambda keep=keep: dialog.submit(keep), args=[])
            Text("p", "You can undo this at once, or connect it again later.", "quiet")
            with box("row"):
                Button("Cancel", lambda: dialog.submit(None), kind="line")
        answer = await dialog
        return answer if isinstance(answer, bool) else None


class _RemoteDialog:
    """One open form, of a new remote (`source` None) or of one that is kept."""

    def __init__(
        self,
        remotes: RemoteBook,
        frame: Frame,
        changed: Callable[[], Awaitable[None]],
        kind: RemoteKind,
        view: RemoteView | None,
    ) -> None:
        self._remotes = remotes
        self._frame = frame
        self._changed = changed
        self._kind = kind
        self._view = view
        self._source = source = None if view is None else view.source
        self._busy = False
        title = f"Connect {kind.title}" if source is None else f"Edit {source.name}"
        with (
            modal(title).props("no-backdrop-dismiss") as self._dialog,
            box("dialog dialog-wide") as inside,
        ):
            self._inside = inside
            Text("h2", title)
            if kind.guide and source is None:
                Text("p", kind.guide, "quiet")
            with Form(self._sent) as self._form:
                self._fields()
                self._form.lead()
                self._found = box("findings")
                attributes(self._found, aria_live="polite")
                with box("row"):
                    Button("Cancel", self._dialog.close, kind="bare")
                    self._test = Send("Test", value="test", icon="plug", kind="line")
                    self._save = Send("Connect" if source is None else "Save", value="save")

    async def show(self) -> None:
        """Open it and come back when it is closed."""
        await self._dialog

    def _fields(self) -> None:
        if self._source is not None:
            field(self._form, Asked("name", "Name", required=True), self._source.name)
        fields = _asked(self._kind)
        for asked in (one for one, folded in fields if not folded):
            if asked.name == "address" and self._source is not None:
                with box("form-field"):
                    Text("span", asked.label, "form-label")
                    Text("p", self._source.address, "mono quiet")
            else:
                self._field(asked)
        more = [one for one, folded in fields if folded]
        if more:
            with box("form-more", tag="details"):
                Text("summary", "More options", "i i-s i-chevron")
                for asked in more:
                    self._field(asked)

    def _field(self, asked: Asked) -> None:
        view = self._view
        if view is None:
            field(self._form, asked)
        elif asked.name in view.secrets_set or (asked.name == "key" and view.has_key):
            self._kept(asked)
        else:
            field(self._form, asked, view.options.get(asked.name))

    def _kept(self, asked: Asked) -> None:
        """Says that a secret is kept; "Replace" makes room for another one."""
        with box("form-field") as place:
            Text("span", asked.label, "form-label")
            with box("row form-kept"):
                Text(
                    "span",
                    "Saved" if asked.name != "key" else "Key saved",
                    "badge badge-ok i i-check",
                )
                Button("Replace", lambda: self._replace(place, asked), kind="bare")

    def _replace(self, place: ui.element, asked: Asked) -> None:
        place.clear()
        with place:
            field(self._form, asked).run_method("focus")

    # --- acts ------------------------------------------------------------------------------

    async def _sent(self, values: Values, act: str) -> None:
        if self._busy or self._form.is_deleted:
            return
        missing = {
            f.name: "This is needed."
            for f in self._kind.fields
            if f.required and f.name in values and not values[f.name].strip()
        }
        self._form.complain(missing)
        if missing:
            return
        self._busy = True
        for button in (self._test, self._save):
            button.rest()
        try:
            await (self._try(values) if act == "test" else self._keep(values))
        except GalleryError as error:
            if not self._form.is_deleted:
                tell_failure(self._found, error.public)
        finally:
            self._busy = False
            if not self._form.is_deleted:
                for button in (self._test, self._save):
                    button.wake()

    async def _try(self, values: Values) -> None:
        tell_testing(self._found)
        key, options = values.get("key", ""), self._options(values)
        if self._source is None:
            address = values.get("address", "")
            test = partial(self._remotes.test, self._kind.kind, address, key, options)
        elif key or self._differs(values):
            test = partial(self._remotes.test_changed, self._source.id, key, options)
        else:
            test = partial(self._remotes.test_saved, self._source.id)
        await _tell_test(self._found, test)

    def _differs(self, values: Values) -> bool:
        """Whether an option is to be another one than the saved one."""
        saved = self._view.options if self._view is not None else {}
        return any(saved.get(name, "") != value for name, value in self._options(values).items())

    async def _keep(self, values: Values) -> None:
        if self._source is not None:
            await run.io_bound(
                self._remotes.change,
                self._source.id,
                name=values.get("name", "").strip() or None,
                key=values.get("key", "").strip() or None,
                options=self._options(values),
            )
            self._dialog.close()
            self._frame.toast(f"{self._source.name} was changed.")
            await self._changed()
            return
        source = await run.io_bound(
            self._remotes.add,
            self._kind.kind,
            values.get("name", ""),
            values.get("address", ""),
            values.get("key", "").strip(),
            self._options(values),
        )
        if source is None:
            return
        self._frame.toast(f"{source.name} is connected.")
        await self._changed()
        view = await run.io_bound(self._remotes.view, source.id)
        if view is not None and view.hook_url and not self._dialog.is_deleted:
            self._tell_next(view)
        else:
            self._dialog.close()

    def _options(self, values: Values) -> Mapping[str, str]:
        """Every option by name; a flag that was not sent is off."""
        names = {f.name: f for f in self._kind.fields if f.name not in {"address", "key"}}
        return {
            name: values.get(name, "0" if asked.kind == "flag" else asked.default).strip()
            for name, asked in names.items()
        }

    def _tell_next(self, view: RemoteView) -> None:
        """The form is done; what remains is to be done in the other program."""
        self._inside.clear()
        with self._inside:
            Text("h2", f"{view.source.name} is connected")
            Text("p", "Its pictures appear as they are fetched. One more step is worth it:")
            _tell_hook(self._frame, view)
            with box("row"):
                Button("Done", self._dialog.close, kind="main")


async def _tell_test(place: ui.element, test: Callable[[], Findings]) -> None:
    """Test and say in `place` what was found, unless its dialog was closed meanwhile."""
    try:
        findings = await _tested(test)
    except GalleryError as error:
        if not place.is_deleted:
            tell_failure(place, error.public)
        return
    if findings is not None and not place.is_deleted:
        tell_findings(place, findings)


async def _tested(test: Callable[[], Findings]) -> Findings | None:
    """What a test finds, in a thread; None when the program ends meanwhile.

    Raises:
        Busy: enough are being tested.
    """

    def in_turn() -> Findings:
        with TESTING.one():
            return test()

    return await run.io_bound(in_turn)


def _asked(kind: RemoteKind) -> list[tuple[Asked, bool]]:
    """The fields of a kind's form, each with whether it is folded away."""
    return [
        (Asked(f.name, f.label, f.help, f.kind, f.default, f.choices, f.required), f.advanced)
        for f in kind.fields
    ]


def _tell_hook(frame: Frame, view: RemoteView) -> None:
    """Address and token of the webhook, each to copy, and where they go."""
    Text(
        "p",
        "In Freshdesk, open Admin, Automations, Ticket updates (and Ticket creation), make a "
        "rule with the action “Trigger webhook”: method POST, encoding JSON, and this:",
        "quiet",
    )
    rows = [("Address", view.hook_url or "")]
    if view.hook_token:
        rows.append(("Header X-Gallery-Token", view.hook_token))
    rows.append(("Content", '{"ticket_id": "{{ticket.id}}"}'))
    for label, text in rows:
        with box("form-field"):
            Text("span", label, "form-label")
            with box("copy-line"):
                Text("code", text, "mono")
                said = f"{label} copied."
                Button("Copy", lambda t=text, s=said: frame.copy(t, s), icon="copy", kind="line")
    if is_this_machine(urlsplit(view.hook_url or "").hostname or ""):
        note(
            "Freshdesk cannot reach this computer under this address. Set GALLERY_PUBLIC_URL to "
            "the one under which it can.",
            icon="warn",
            kind="warn",
        )
    Text("p", "Whoever has the token can only ask for a look at a ticket, nothing more.", "quiet")
