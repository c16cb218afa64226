"""What a remote can do that is told by a hook which of its things changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from gallery_app.domain.remote import Listing


@runtime_checkable
class HasHints(Protocol):
    """A remote that can be asked for what lies below one parent alone."""

    def read(self, parent: str) -> Iterator[Listing]:
        """What lies below `parent` ("ticket/4711") now; the cursors of these are not kept.

        Raises:
            As `Connector.changes`.
        """
