"""Pictures for screens on the wall: one at a time, exactly as large as the screen.

`new_image` and `latest` serve the brief's frame; a named frame (`/frame/kitchen`) has a query,
a size and an interval of its own, and shows the same picture to whoever asks within one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Uid
from gallery_app.services.browse import Browse
from gallery_app.services.media import Media
from gallery_app.services.smart import SmartSearch
from gallery_app.services.values import Bytes

if TYPE_CHECKING:
    from gallery_app.domain.frames import Frame


@dataclass(frozen=True, slots=True)
class FrameImage:
    """A picture made for a frame; `found_by`: smart, search or any."""

    uid: Uid
    filename: str
    bytes: Bytes
    query: str
    found_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class FrameInfo:
    """The pictures made for frames that are still kept; `names` newest first."""

    count: int
    bytes: int
    names: tuple[str, ...]
    newest: datetime | None


class FrameBook:
    """Makes pictures for frames, and keeps the frames that have a name.

    Pictures for the team only, unreadable ones and videos are never shown on a frame.
    """

    def new_image(
        self, query: str | None = None, *, most: int = 100, wait_s: float = 30.0
    ) -> FrameImage:
        """One picture, other than those shown just before, 3840 x 2160, kept as the latest.

        Args:
            query: what it should show; None: the default query. Asked of the smart search
                first, else read as the search language, else any picture is taken.
            most: it is one of the best so many, 1 to 1000.
            wait_s: for its making.

        Raises:
            BadInput: `most` out of range.
            NotFound: the gallery has no picture to show.
            OutOfSpace: it cannot be kept.
        """
        raise NotImplementedError

    def latest(self) -> Bytes:
        """The bytes of the last `new_image`, also after a restart.

        Raises:
            Conflict: there was none yet; says how to make one. (The face answers 404.)
        """
        raise NotImplementedError

    def info(self) -> FrameInfo:
        """What is kept of the pictures made."""
        raise NotImplementedError

    def list(self) -> list[Frame]:
        """The named frames, by name."""
        raise NotImplementedError

    def get(self, name: str) -> Frame:
        """One named frame.

        Raises:
            NotFound: there is none of that name.
        """
        raise NotImplementedError

    def put(
        self,
        name: str,
        *,
        query: str = "",
        size: Size = Size(3840, 2160),
        interval_s: int = 3600,
        new_key: bool = False,
    ) -> Frame:
        """Make or change a frame; its key stays unless `new_key`.

        Raises:
            BadInput: a name, size or interval that cannot be; a query that cannot be read.
        """
        raise NotImplementedError

    def delete(self, name: str) -> None:
        """Forget a frame.

        Raises:
            NotFound: there is none of that name.
        """
        raise NotImplementedError

    def opens(self, frame: Frame, key: str) -> bool:
        """Whether `key` is the secret part of that frame's address; takes the same time always."""
        raise NotImplementedError

    def picture_for(
        self, frame: Frame, now: datetime | None = None, *, wait_s: float = 20.0
    ) -> tuple[Uid, Bytes]:
        """What the frame shows at that time: the same all through one interval.

        The order is shuffled anew every hour; nothing comes twice before all were shown.

        Raises:
            NotFound: the frame's query finds nothing that can be shown.
            NotReady: it is not made after `wait_s`.
        """
        raise NotImplementedError

    def seconds_left(self, frame: Frame, now: datetime | None = None) -> int:
        """Until the frame shows the next picture, 1 or more."""
        raise NotImplementedError
