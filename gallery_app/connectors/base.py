"""What every connector answers with, and the protocols connectors keep.

A remote connector keeps `Connector`; what only some can do (previews, search, taking uploads,
looking up one article number) are protocols of their own, asked for with `isinstance`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from gallery_app.domain.ean import Ean
from gallery_app.domain.geometry import Box
from gallery_app.domain.remote import Budget, Findings, Listing, RemoteConfig, RemoteStream


class FileSeen(NamedTuple):
    """One file as a walk meets it: nothing is opened, only its folder's entry is read.

    `key` is the path from the root with `/`. For a contained link the other three are those
    of the file it leads to. A plain tuple underneath: a walk makes one for each file.
    """

    key: str
    size_bytes: int
    mtime_ns: int
    inode: int


class RootIdentity(NamedTuple):
    """What tells a root from another one put in its place: file system and inode."""

    device: int
    inode: int


# --- remotes -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tools:
    """What a connector is handed instead of taking it: time, chance and the wish to stop.

    `wait` rests for so many seconds and answers True when the program is stopping, or the line to
    the remote is hung up; `chance` is uniform in [0, 1).
    """

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    wait: Callable[[float], bool]
    chance: Callable[[], float]
    user_agent: str


@runtime_checkable
class Connector(Protocol):
    """One configured remote; its methods may be called from several threads at once."""

    def check(self) -> Findings:
        """What works and what is missing, in plain words; never raises for what it finds."""

    def changes(self, cursor: str, *, walk: bool = False) -> Iterator[Listing]:
        """What is new since `cursor` ("" from the start), in batches.

        Args:
            cursor: of the last batch that was written.
            walk: also look at everything that is not told of by itself (the nightly walk).

        Raises:
            UpstreamRefused: the key is not accepted any more.
            UpstreamThrottled: the remote asks for more patience than a run has.
            Upstream, UpstreamTimeout: it does not answer as it should; the cursor of the last
                batch is where the next run goes on.
        """

    def open(
        self, key: str, *, start: int | None = None, end: int | None = None
    ) -> AbstractContextManager[RemoteStream]:
        """The bytes of an original as they come; `start` to `end` (inclusive) of them if given.

        Raises:
            UpstreamGone: the remote has it no more.
            Unreadable: it can never be had: behind a login, at an address that we do not ask.
            TooLarge: more is announced or comes than any original may have.
            UpstreamRefused, UpstreamThrottled, UpstreamTimeout, Upstream: as in `changes`.
        """

    def budget(self) -> Budget:
        """How much may be asked, as far as it is known."""

    def close(self) -> None:
        """Give back connections."""


@runtime_checkable
class HasPreviews(Protocol):
    """A remote that makes renditions of its own, so that originals need not be fetched."""

    def preview(self, key: str) -> AbstractContextManager[RemoteStream]:
        """A rendition of about 1,440 px.

        Raises:
            UpstreamGone: there is none (yet), or no such picture.
        """


@runtime_checkable
class HasFaces(Protocol):
    """A remote that knows where faces are, beyond what its lists say."""

    def faces(self, key: str) -> tuple[Box, ...]:
        """The faces in one picture, asked for now; none where the key may not know them.

        Raises:
            UpstreamGone: there is no such picture.
            UpstreamRefused, UpstreamThrottled, UpstreamTimeout, Upstream: as `Connector.changes`,
                within seconds, because somebody waits for a crop.
        """


@runtime_checkable
class HasSearch(Protocol):
    """A remote that finds pictures by what they show."""

    def can_search(self) -> bool:
        """Whether the server has it switched on; asked once an hour at most."""

    def search(self, text: str, *, limit: int) -> list[str]:
        """Keys, best first."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A picture to hand to a remote: where its bytes lie and what is said of it."""

    path: Path
    filename: str
    sha1: str
    size_bytes: int
    taken_at: datetime  # aware
    modified_at: datetime  # aware
    favourite: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What a remote made of an offer: the key it has there, and whether it was there before.

    `trashed`: it was, and lies in the remote's trash, from where it goes for good by itself.
    """

    key: str
    created: bool
    trashed: bool = False


@runtime_checkable
class TakesUploads(Protocol):
    """A remote that takes pictures of ours."""

    def known(self, sha1s: Sequence[str]) -> dict[str, Taken]:
        """Those it has already, in its trash or not, by SHA-1."""

    def upload(self, offer: Offer) -> Taken:
        """Hand over one picture; known bytes are not sent twice."""


@runtime_checkable
class LooksUp(Protocol):
    """A remote that is asked for one article number at a time."""

    def look_up(self, ean: Ean) -> Listing:
        """All its pictures of that product, best first; an empty listing when it has none."""


@runtime_checkable
class HasHints(Protocol):
    """A remote that can be asked for what lies below one parent alone, outside of a sync."""

    def read(self, parent: str) -> Iterator[Listing]:
        """What lies below `parent` ("ticket/4711") now; the cursors of these are "": keep yours.

        Raises:
            BadInput: there can be no such parent.
            As `Connector.changes`.
        """


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form that connects a remote."""

    name: str  # "address", "key", or an option's name
    label: str
    help: str = ""
    kind: str = "text"  # text, secret, choice, flag
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()  # value, words
    required: bool = False
    advanced: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of remote: what connects it, and how it is opened.

    `copies`: originals are copied into our store, because the remote may delete them.
    `address_of` puts what a person typed into the one form that is kept.
    """

    kind: str
    title: str
    fields: tuple[Field, ...]
    address_of: Callable[[str], str]  # raises BadInput
    open: Callable[[RemoteConfig, Tools], Connector]
    copies: bool = True
    every_s: float = 600.0  # between two syncs
    walk_every_s: float = 86_400.0
    guide: str = ""  # what its administrator must set up, a sentence or two
