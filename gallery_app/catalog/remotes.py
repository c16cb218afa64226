"""Remote sources: how they are reached, what they listed, what is still to be fetched.

The rows in state wanted are the queue for bytes: claimed with a lease, newest first. What a
sync writes is done by the Writer's verbs (`listing.py`); entities are counted in `entities.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal

from gallery_app.catalog.columns import Columns
from gallery_app.catalog.database import Database
from gallery_app.catalog.transaction import Transaction
from gallery_app.catalog.values import UNSET, Unset
from gallery_app.domain.answers import EntityCount
from gallery_app.domain.entities import EntityType
from gallery_app.domain.model import AssetId, SourceId
from gallery_app.domain.remote import RemoteRow, RemoteState, RowState, Wanted

EntitySort = Literal["recent", "name", "count"]


class Remotes:
    """What is known of remote sources and of what they list."""

    def __init__(
        self,
        database: Database,
        columns: Columns,
        *,
        change: Callable[[], AbstractContextManager[Transaction]],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._columns = columns
        self._change = change
        self._now = now

    def config(self, source_id: SourceId) -> RemoteState:
        """How the source is reached and where its sync stands.

        Raises:
            NotFound: there never was such a source.
        """
        raise NotImplementedError

    def configure(
        self,
        source_id: SourceId,
        *,
        name: str | Unset = UNSET,
        options: Mapping[str, str] | Unset = UNSET,
        sealed: bytes | Unset | None = UNSET,
        paused: bool | Unset = UNSET,
    ) -> None:
        """Write what a person set; UNSET leaves a field.

        Raises:
            NotFound: there never was such a source.
        """
        raise NotImplementedError

    def set_schedule(
        self,
        source_id: SourceId,
        *,
        next_sync_at: datetime | Unset | None = UNSET,
        walked_at: datetime | Unset | None = UNSET,
        failures: int | Unset = UNSET,
        resume_at: datetime | Unset | None = UNSET,
        facts: Mapping[str, str] | Unset = UNSET,
    ) -> None:
        """Write where the sync stands; UNSET leaves a field. No listing changes by it."""
        raise NotImplementedError

    def counts(self, source_id: SourceId) -> dict[RowState, int]:
        """How many rows are wanted, held, refused and gone; every state is a key."""
        raise NotImplementedError

    def keys(self, source_id: SourceId) -> set[str]:
        """The keys of all rows that are not gone."""
        raise NotImplementedError

    def unlisted_since(self, source_id: SourceId, since: datetime) -> list[str]:
        """Keys not gone that no listing named at or after `since`: what a walk did not meet."""
        raise NotImplementedError

    def known(self, source_id: SourceId, keys: Collection[str]) -> dict[str, RemoteRow]:
        """The rows of these keys, the gone ones too."""
        raise NotImplementedError

    def below(self, source_id: SourceId, parent: str) -> list[str]:
        """The keys not gone that were listed under `parent` or anything below it ("parent/...")."""
        raise NotImplementedError

    def claim(self, source_ids: Sequence[SourceId], limit: int, *, lease_s: float) -> list[Wanted]:
        """Pictures to fetch next, newest at the remote first, leased for `lease_s`.

        Their attempts are raised durably before this returns. Rows postponed or leased to
        somebody are left out.
        """
        raise NotImplementedError

    def postpone(
        self,
        source_id: SourceId,
        key: str,
        *,
        run_after: datetime,
        error: str,
        counted: bool = True,
    ) -> None:
        """The fetch failed for now: wanted again, not before `run_after`.

        Unless `counted` the attempt is taken back: it says nothing of the picture.
        """
        raise NotImplementedError

    def refuse(self, source_id: SourceId, key: str, error: str) -> None:
        """The picture cannot be had, or is none; `error` says why, in a sentence."""
        raise NotImplementedError

    def release(self) -> int:
        """Take back every lease, when no other process can be fetching; how many."""
        raise NotImplementedError

    def retry(self, source_id: SourceId, key: str) -> bool:
        """Want a refused or postponed picture again, as if never tried; False: it is neither."""
        raise NotImplementedError

    def retry_refused(self, source_id: SourceId) -> int:
        """Want all refused and postponed pictures of the source again; how many."""
        raise NotImplementedError

    def row(self, source_id: SourceId, key: str) -> RemoteRow | None:
        """One row, None when the source never listed the key."""
        raise NotImplementedError

    def of_asset(self, asset_id: AssetId) -> list[RemoteRow]:
        """The rows that offer this asset and are not gone, oldest source first."""
        raise NotImplementedError

    def focus_of(self, asset_id: AssetId) -> tuple[float, float] | None:
        """Where the subject is, 0..1 from left and top, as far as a remote says."""
        raise NotImplementedError

    def entities(
        self,
        type: EntityType,  # noqa: A002  # the domain's word
        *,
        text: str = "",
        source: SourceId | None = None,
        limit: int = 50,
        offset: int = 0,
        sort: EntitySort = "recent",
    ) -> tuple[list[EntityCount], int]:
        """Entities that have live assets, and how many there are in all.

        Args:
            type: of which type.
            text: is part of the name, or the beginning of the id.
            source: of this source only.
            limit: at most so many.
            offset: after so many.
            sort: by the newest picture, newest first; by name; by count, most first.
        """
        raise NotImplementedError

    def entity(self, type: EntityType, id: str) -> list[EntityCount]:  # noqa: A002
        """The entity of this id in every source that knows it, also without live assets."""
        raise NotImplementedError
