"""What the card of a connected remote shows, put together from what is known. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gallery_app.connectors.base import Connector, HasSearch, Kind, TakesUploads
from gallery_app.domain.model import Job, Source
from gallery_app.domain.remote import RemoteState
from gallery_app.services.facts import ASKS_BELIEF, CAN_SEARCH, COUNTS, numbers, public
from gallery_app.services.forms import defaults
from gallery_app.services.values import FetchRest, RemoteKind, RemoteView


def plain_kind(kind: Kind) -> RemoteKind:
    """A kind without its code."""
    return RemoteKind(kind.kind, kind.title, kind.fields, kind.copies, kind.guide)


def view_of(
    source: Source,
    kind: Kind,
    state: RemoteState,
    connector: Connector | None,
    *,
    secrets: Mapping[str, str],
    hook_url: str | None,
    hook_token: str | None,
    job: Job | None,
    resting: FetchRest | None,
) -> RemoteView:
    """The view of a source; of its secrets it tells only which there are."""
    return RemoteView(
        source=replace(source, facts=public(source.facts)),
        kind=plain_kind(kind),
        options={**defaults(kind), **state.options},
        has_key=bool(secrets.get("key")),
        secrets_set=tuple(sorted(name for name in secrets if name != "key")),
        budget=None if connector is None else connector.budget(),
        can_search=isinstance(connector, HasSearch) and state.facts.get(CAN_SEARCH) == "1",
        can_upload=isinstance(connector, TakesUploads),
        hook_url=hook_url,
        hook_token=hook_token,
        job=job,
        progress=numbers(state.facts.get(COUNTS)),
        resting=resting,
        asks_belief=ASKS_BELIEF in state.facts,
    )
