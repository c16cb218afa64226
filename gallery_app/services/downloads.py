"""Many originals as one zip, streamed: nothing is collected in memory or on disk first."""

from __future__ import annotations

import io
import logging
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import BadInput, GalleryError, NotFound
from gallery_app.domain.media import full_name
from gallery_app.domain.model import Asset, AssetId
from gallery_app.services.media import Media

if TYPE_CHECKING:
    from typing_extensions import Buffer

_log = logging.getLogger(__name__)

KEPT_S = 600.0  # how long a prepared download waits to be fetched
MOST_TICKETS = 3  # in a name inside a zip
MOST_PREPARED = 100
PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """A download that was asked for and waits to be fetched."""

    name: str
    assets: tuple[AssetId, ...]
    until_s: float


class Downloads:
    """Prepares and streams zips of originals."""

    def __init__(
        self,
        catalog: Catalog,
        media: Media,
        *,
        monotonic: Callable[[], float],
        new_token: Callable[[], str],
    ) -> None:
        self._catalog = catalog
        self._media = media
        self._monotonic = monotonic
        self._new_token = new_token
        self._lock = threading.Lock()
        self._prepared: dict[str, Prepared] = {}

    def prepare(self, uids: Sequence[str], *, name: str = "pictures") -> str:
        """The id under which these originals can be fetched as one zip for ten minutes.

        Raises:
            BadInput: no picture named.
            NotFound: one of them does not exist.
        """
        if not uids:
            raise BadInput("Choose at least one picture.")
        found = self._catalog.assets.ids_of(uids)
        if len(found) < len(set(uids)):
            raise NotFound("picture")
        token = self._new_token()
        now = self._monotonic()
        with self._lock:
            fresh = {k: p for k, p in self._prepared.items() if p.until_s > now}
            self._prepared = dict(list(fresh.items())[-MOST_PREPARED + 1 :])
            ids = tuple(dict.fromkeys(found[uid] for uid in uids))
            self._prepared[token] = Prepared(name, ids, now + KEPT_S)
        return token

    def name(self, token: str) -> str:
        """The file name of a prepared zip.

        Raises:
            NotFound: it was never prepared, or waited too long.
        """
        return f"{self._get(token).name}.zip"

    def stream(self, token: str) -> Iterator[bytes]:
        """The zip, piece by piece; what cannot be had is named in a list inside it.

        Raises:
            NotFound: it was never prepared, or waited too long.
        """
        return self._pieces(self._get(token))

    def _get(self, token: str) -> Prepared:
        with self._lock:
            prepared = self._prepared.get(token)
        if prepared is None or prepared.until_s <= self._monotonic():
            raise NotFound("download")
        return prepared

    def _pieces(self, prepared: Prepared) -> Iterator[bytes]:
        sink = _Sink()
        missing: list[str] = []
        names = Names()
        # Pictures are compressed already: storing them costs no time and no size.
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            for start in range(0, len(prepared.assets), 200):
                for asset in self._catalog.assets.many(prepared.assets[start : start + 200]):
                    yield from self._add(archive, sink, asset, names, missing)
            if missing:
                text = "These originals could not be read:\r\n" + "\r\n".join(missing) + "\r\n"
                archive.writestr("MISSING.txt", text)
        yield sink.take()

    def _add(
        self,
        archive: zipfile.ZipFile,
        sink: _Sink,
        asset: Asset,
        names: Names,
        missing: list[str],
    ) -> Iterator[bytes]:
        try:
            file = self._media.original_file(asset.uid)
            source = file.path.open("rb")
        except (GalleryError, OSError) as error:
            _log.info("not in the zip: %s (%s)", asset.uid, type(error).__name__)
            missing.append(asset.filename)
            return
        taken = asset.taken_at
        year = max(1980, min(2107, taken.year))  # all a zip's date can say
        date = (year, taken.month, taken.day, taken.hour, taken.minute, taken.second)
        entry = zipfile.ZipInfo(names.unique(name_of(asset)), date_time=date)
        entry.external_attr = 0o644 << 16
        with source, archive.open(entry, "w", force_zip64=True) as target:
            while piece := source.read(PIECE_BYTES):
                target.write(piece)
                yield sink.take()
        yield sink.take()


class _Sink(io.RawIOBase):
    """A file that cannot seek and hands over what was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """It takes bytes."""
        return True

    def write(self, data: Buffer) -> int:
        """Keep the bytes until they are taken."""
        part = bytes(data)
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        """What was written since the last time."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def name_of(asset: Asset) -> str:
    """What a picture is called in a zip: after its ticket or tickets, when it is of any."""
    name = full_name(asset.filename, asset.media_type)
    tickets = list(dict.fromkeys(e.id for e in asset.entities if e.type == "ticket"))
    if not tickets:
        return name
    more = " and more" if len(tickets) > MOST_TICKETS else ""
    return f"ticket {', '.join(tickets[:MOST_TICKETS])}{more} {name}"


class Names:
    """Gives each file of a zip a name of its own, however many are called the same."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}  # the last number that was tried for a name

    def unique(self, filename: str) -> str:
        """A name inside the zip: no folders, no control characters, none given twice."""
        flat = filename.replace("/", "_").replace("\\", "_")
        clean = "".join(c for c in flat if c.isprintable()).lstrip(".") or "picture"
        stem, dot, end = clean.rpartition(".")
        if not dot:
            stem, end = clean, ""
        candidate, wanted = clean, clean.casefold()
        number = self._last.get(wanted, 1)
        while candidate.casefold() in self._last:
            number += 1
            candidate = f"{stem} ({number}){dot}{end}"
        self._last[wanted] = number
        self._last.setdefault(candidate.casefold(), 1)
        return candidate
