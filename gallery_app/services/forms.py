"""What a person typed into a kind's form, checked against the kind's fields. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gallery_app.connectors.base import Field, Kind
from gallery_app.domain.errors import BadInput
from gallery_app.domain.remote import RemoteConfig

LONGEST_NAME, LONGEST_VALUE = 100, 4000  # characters
_OWN = ("address", "key")  # fields that are no options
_FLAGS = {"1": "1", "true": "1", "yes": "1", "on": "1"}
_NO_FLAGS = {"0": "0", "false": "0", "no": "0", "off": "0", "": "0"}


class Options(dict[str, str]):
    """Options whose values do not show in a repr: some are secret."""

    def __repr__(self) -> str:
        return f"Options({', '.join(self)})"


def defaults(kind: Kind) -> dict[str, str]:
    """The value of every option that is not secret, where nothing was said."""
    return {field.name: field.default for field in _options(kind) if field.kind != "secret"}


def name_of(text: str) -> str:
    """A source's name as typed, without what cannot be shown.

    Raises:
        BadInput: it is too long.
    """
    clean = "".join(c for c in text if c.isprintable()).strip()
    if len(clean) > LONGEST_NAME:
        raise BadInput(f"A name has at most {LONGEST_NAME} characters.")
    return clean


def key_of(text: str) -> str:
    """A key as typed, without what a clipboard adds around it.

    Raises:
        BadInput: it holds what no header can carry. The sentence does not repeat it.
    """
    key = text.strip()
    if len(key) > LONGEST_VALUE or not (key.isascii() and key.isprintable()):
        raise BadInput("A key has only plain letters, digits and signs. Copy it once more.")
    return key


def checked(kind: Kind, address: str, key: str, options: Mapping[str, str]) -> dict[str, str]:
    """The options as they are kept.

    Args:
        kind: whose form it is.
        address: already in the kind's form.
        key: as typed.
        options: by field name, as typed.

    Raises:
        BadInput: a required field is empty, a value is none of its choices, or there is no
            such field. No sentence repeats what was typed.
    """
    fields = {field.name: field for field in _options(kind)}
    for name in options:
        if name not in fields:
            raise BadInput(f"{kind.title} has no option “{name[:40]}”.")
    kept = {name: _value(fields[name], str(value)) for name, value in options.items()}
    given = {"address": address, "key": key, **{f.name: f.default for f in _options(kind)}, **kept}
    for field in kind.fields:
        if field.required and not given.get(field.name, "").strip():
            raise BadInput(f"{field.label} is missing.")
    return kept


def changed(
    kind: Kind, address: str, saved: Mapping[str, str], key: str, options: Mapping[str, str]
) -> RemoteConfig:
    """A form that is kept, `saved` with its secrets, and what is to change in it.

    A secret of which nothing is said stays, and so does every option that is left out.

    Raises:
        BadInput: as `checked`.
    """
    before = dict(saved)
    key = key_of(key) or before.pop("key", "")
    before.pop("key", None)
    said = {name: value for name, value in options.items() if value or name not in _hidden(kind)}
    return RemoteConfig(address, key, Options(checked(kind, address, key, {**before, **said})))


def kept_apart(kind: Kind, config: RemoteConfig) -> tuple[dict[str, str], dict[str, str]]:
    """Options that may be shown, and what is sealed: the key and the secret options."""
    hidden = _hidden(kind)
    plain = {name: value for name, value in config.options.items() if name not in hidden}
    secrets = {n: v for n, v in config.options.items() if n in hidden and v}
    if config.secret:
        secrets["key"] = config.secret
    return plain, secrets


def _hidden(kind: Kind) -> set[str]:
    return {field.name for field in _options(kind) if field.kind == "secret"}


def _options(kind: Kind) -> list[Field]:
    return [field for field in kind.fields if field.name not in _OWN]


def _value(field: Field, value: str) -> str:
    if len(value) > LONGEST_VALUE or any(c < " " and c not in "\t\n\r" for c in value):
        raise BadInput(f"{field.label} cannot have this value.")
    if field.kind == "secret":
        return key_of(value)
    if field.kind == "flag":
        flag = {**_FLAGS, **_NO_FLAGS}.get(value.strip().lower())
        if flag is None:
            raise BadInput(f"{field.label} is either on or off.")
        return flag
    if field.kind == "choice" and field.choices and value not in {v for v, _ in field.choices}:
        raise BadInput(f"{field.label} cannot have this value.")
    return value.strip()
