"""What works with an Immich and what is missing, in plain words. Nothing here raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gallery_app.connectors.faults import answer_of
from gallery_app.connectors.immich.api import NAME, NEWEST, OLDEST, Api, permission_lacking
from gallery_app.connectors.immich.models import Version, page_of, permissions_of
from gallery_app.connectors.immich.requests import Position, Search
from gallery_app.domain.errors import GalleryError, NotAllowed, Upstream
from gallery_app.domain.remote import Finding, Findings


@dataclass(frozen=True, slots=True)
class _Permission:
    name: str
    what: str
    without: str
    required: bool = False


_PERMISSIONS = (
    _Permission("asset.read", "Pictures", "Nothing can be listed.", required=True),
    _Permission("asset.view", "Previews", "No picture can be shown.", required=True),
    _Permission("asset.download", "Originals", "Originals and large sizes cannot be opened."),
    _Permission("album.read", "Albums", "Albums will not appear."),
    _Permission("tag.read", "Tags", "Tags will not appear."),
    _Permission("person.read", "People", "People's names may not appear."),
    _Permission("face.read", "Faces", "Crops do not know where faces are."),
)
_UPLOAD = _Permission(
    "asset.upload", "Sending pictures to Immich", "Pictures of the gallery cannot be sent there."
)
SCOPES = (
    f"{', '.join(one.name for one in _PERMISSIONS[:-1])} and {_PERMISSIONS[-1].name}; "
    f"{_UPLOAD.name} too if the gallery may send pictures to Immich"
)
_NEW_KEY = "Make a key in Immich under Account settings > API keys and paste it here."


def check(api: Api) -> Findings:
    """The findings of a connection test, the facts worth keeping among them."""
    items: list[Finding] = []
    facts: dict[str, str] = {}
    try:
        _all(api, items, facts)
    except GalleryError as error:
        items.append(_failed("Connection", error))
    return Findings(tuple(items), facts)


def _all(api: Api, items: list[Finding], facts: dict[str, str]) -> None:
    api.refresh()
    if not _reached(api, items):
        return
    version = api.version()
    facts["version"] = str(version)
    items.append(_version(version))
    if version < OLDEST:
        return
    told = _key(api, items)
    if told is None:
        return
    name, granted = told
    if name:
        facts["key"] = name
    may = _granted_by(granted) if granted is not None else _tried(api)
    items.extend(_permission(permission, may(permission.name)) for permission in _PERMISSIONS)
    # An older server does not tell what a key may do, and an upload is nothing to try.
    can_upload = granted is None or may(_UPLOAD.name) is True
    facts["can_upload"] = "1" if can_upload else "0"
    items.append(_permission(_UPLOAD, can_upload))
    smart = api.smart_search()
    facts["smart_search"] = "1" if smart else "0"
    items.append(_smart(smart))


def _reached(api: Api, items: list[Finding]) -> bool:
    try:
        found = api.ping()
    except GalleryError as error:
        items.append(_failed("Address", error))
        return False
    if found:
        items.append(Finding("Address", ok=True, detail=f"Immich answers at {api.base}."))
    else:
        items.append(
            Finding(
                "Address",
                ok=False,
                detail=f"Something answers at {api.base}, but it is not Immich.",
                remedy="Give the address you open Immich with in a browser.",
            )
        )
    return found


def _version(version: Version) -> Finding:
    what = "Version"
    if version < OLDEST:
        return Finding(
            what,
            ok=False,
            detail=f"This is Immich {version}, which is too old.",
            remedy=f"Update Immich to {OLDEST.major}.{OLDEST.minor} or newer.",
        )
    if version.major > NEWEST:
        return Finding(
            what,
            ok=False,
            detail=f"This is Immich {version}, newer than any this was made for; it may work.",
            remedy="Update the gallery if something is missing.",
            required=False,
        )
    return Finding(what, ok=True, detail=f"Immich {version}.")


def _key(api: Api, items: list[Finding]) -> tuple[str, frozenset[str] | None] | None:
    """Name and permissions of the key; permissions None: the server does not tell them.

    Older servers have no `/api-keys/me`; there `/users/me` tells a wrong key (401) from a good
    one that may not read that (403).
    """
    told: tuple[str, frozenset[str]] | None = None
    try:
        told = permissions_of(api.get("/api-keys/me").json())
    except Upstream as error:
        status = _status(error)
        if status == 401:
            items.append(_wrong_key())
            return None
        if status not in {400, 403, 404}:
            items.append(_failed("Key", error))
            return None
    if told is not None:
        name, granted = told
        named = f" (“{name}”)" if name else ""
        items.append(Finding("Key", ok=True, detail=f"The key is accepted{named}."))
        return name, granted
    try:
        api.get("/users/me")
    except Upstream as error:
        if _status(error) == 401:
            items.append(_wrong_key())
            return None
        if _status(error) != 403:
            items.append(_failed("Key", error))
            return None
    items.append(Finding("Key", ok=True, detail="The key is accepted."))
    return "", None


def _wrong_key() -> Finding:
    return Finding("Key", ok=False, detail="Immich does not know this key.", remedy=_NEW_KEY)


def _granted_by(granted: frozenset[str]) -> Callable[[str], bool | None]:
    return lambda name: "all" in granted or name in granted


def _tried(api: Api) -> Callable[[str], bool | None]:
    """Finds out by asking for one thing of each kind; None: there was nothing to ask for."""
    first: list[str] = []

    def listed() -> None:
        body = api.builder().body(Search(size=1, details=False), Position())
        first.extend(a.id for a in page_of(api.post("/search/metadata", body).json()).assets)

    def part_of(route: str) -> None:
        if first:
            path = api.path(f"/assets/{first[0]}/{route}")
            with api.http.stream(path, cap_bytes=1 << 40, deadline_s=30.0):
                pass

    asked: dict[str, Callable[[], object]] = {
        "asset.read": listed,
        "asset.view": lambda: part_of("thumbnail"),
        "asset.download": lambda: part_of("original"),
        "album.read": lambda: api.get("/albums"),
        "tag.read": lambda: api.get("/tags"),
        "person.read": lambda: api.get("/people?size=1"),
        "face.read": lambda: [api.faces(key) for key in first],
    }

    def may(name: str) -> bool | None:
        try:
            asked[name]()
        except ValueError:
            return None
        except Upstream as error:
            return False if permission_lacking(error) is not None else None
        return True if first or not name.startswith(("asset.", "face.")) else None

    return may


def _permission(permission: _Permission, granted: bool | None) -> Finding:  # noqa: FBT001 - a value
    what = f"{permission.what} ({permission.name})"
    if granted is None:
        return Finding(what, ok=True, detail="Could not be tried yet.", required=False)
    if granted:
        return Finding(what, ok=True, detail="Allowed.", required=permission.required)
    return Finding(
        what,
        ok=False,
        detail=f"The key lacks {permission.name}. {permission.without}",
        remedy=f"Add {permission.name} to the key in Immich.",
        required=permission.required,
    )


def _smart(on: bool) -> Finding:  # noqa: FBT001 - a value
    if on:
        return Finding("Smart search", ok=True, detail="On.", required=False)
    return Finding(
        "Smart search",
        ok=False,
        detail="Immich's machine learning is off; pictures cannot be found by what they show.",
        remedy="Switch it on in Immich's administration if you want it.",
        required=False,
    )


def _failed(what: str, error: GalleryError) -> Finding:
    if isinstance(error, NotAllowed):
        detail = f"{NAME} may not be reached at this address."
    else:
        detail = error.public
    return Finding(what, ok=False, detail=detail, remedy="Check the address and try again.")


def _status(error: Upstream) -> int | None:
    answer = answer_of(error)
    return None if answer is None else answer.status
