"""What `gallery doctor` looks at: store, keys, index, disk, folders, remotes, formats, PyAV.

Each check ends in one line with the remedy. A gallery that runs on the data folder is no
fault: what only its holder can look at is then left out. Remotes are asked, never changed.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from gallery_app.app import build, held
from gallery_app.cli.samples import SAMPLES
from gallery_app.connectors.folder import FolderConnector
from gallery_app.connectors.folder_watch import FolderWatch
from gallery_app.domain.errors import GalleryError, StoreInUse
from gallery_app.domain.model import Source, SourceId
from gallery_app.domain.remote import Findings
from gallery_app.domain.renditions import RENDITIONS, is_whole
from gallery_app.imaging.process import process
from gallery_app.services.gallery import Gallery
from gallery_app.services.values import Check
from gallery_app.settings import GivenRemote, Settings

# What only a running gallery can say of itself.
_RUNNING_ONLY = frozenset({"workers", "watching", "sources"})


def examine(settings: Settings) -> Iterator[Check]:
    """Every check, one after the other."""
    yield from _store(settings)
    for name, data in SAMPLES.items():
        yield _format(name, data)


def _store(settings: Settings) -> Iterator[Check]:
    try:
        with held(settings):
            gallery = build(settings)
            try:
                yield Check("store", ok=True, required=True, detail=str(settings.data_dir))
                yield Check("keys", ok=True, required=True, detail="links can be signed")
                remotes = gallery.remotes.list()
                known = {f"{source.kind}-{source.id}" for source in remotes}
                left_out = _RUNNING_ONLY | known
                yield from (c for c in gallery.health.ask().checks if c.name not in left_out)
                asked = {s.id: gallery.remotes.test_saved(s.id) for s in remotes if not s.paused}
                for source in remotes:
                    yield from _remote(source, asked.get(source.id))
                yield from _given(gallery, settings, asked)
                folders = [s for s in gallery.sources.list() if s.kind == "folder"]
            finally:
                gallery.close()
    except StoreInUse as error:
        yield Check("store", ok=True, required=True, detail=f"a gallery runs on it. {error.public}")
        return
    except GalleryError as error:
        remedy = "Choose another folder with --data, or restore it from a backup."
        yield Check("store", ok=False, required=True, detail=error.public, remedy=remedy)
        return
    for folder in folders:
        yield _folder(folder)
    yield _watching(folders)


def _remote(source: Source, found: Findings | None) -> Iterator[Check]:
    """What a connected remote answered, line by line."""
    if found is None:
        yield Check(source.kind, ok=True, required=False, detail=f"{source.name} is paused")
        return
    yield from _findings(source.kind, source.name, found)


def _given(
    gallery: Gallery, settings: Settings, asked: Mapping[SourceId, Findings]
) -> Iterator[Check]:
    """The remotes as the settings name them, unless that is how they are connected already."""
    for given in settings.given_remotes():
        name = f"{given.name} (from the settings)"
        try:
            source = _connected(gallery, given)
            if source is not None and source.paused:
                continue  # whatever the settings say, it is left alone
            found = gallery.remotes.test(given.kind, given.address, given.key, given.options)
        except GalleryError as error:
            remedy = f"Correct the settings of {given.name}."
            yield Check(given.kind, ok=False, required=True, detail=error.public, remedy=remedy)
            continue
        if source is not None and _said(found) == _said(asked[source.id]):
            continue
        news = _news(gallery, given, source)
        if news:
            yield Check(given.kind, ok=True, required=False, detail=f"{name}: {news}")
        yield from _findings(given.kind, name, found)


def _said(found: Findings) -> object:
    """What a test found, but for numbers: how many look-ups are left changes with each."""
    return dict(found.facts), [(i.what, i.ok, re.sub(r"[\d,]+", "", i.detail)) for i in found.items]


def _news(gallery: Gallery, given: GivenRemote, source: Source | None) -> str:
    """What the next start changes by it; nothing to say where nothing of the kind is there."""
    if source is not None:
        return f"answers otherwise than {source.name} as saved; used from the next start on"
    others = [other.name for other in gallery.remotes.list() if other.kind == given.kind]
    if not others:
        return ""
    return f"is another one than {', '.join(others)}; the next start connects it as well"


def _connected(gallery: Gallery, given: GivenRemote) -> Source | None:
    """The source that the next start takes for it.

    Raises:
        BadInput: its address is none.
    """
    for source in gallery.remotes.list():
        if source.kind == given.kind:
            address = gallery.remotes.kind_of(source).address_of(given.address)
            if source.address == address:
                return source
    return None


def _findings(kind: str, name: str, findings: Findings) -> Iterator[Check]:
    for item in findings.items:
        yield Check(
            kind,
            ok=item.ok,
            required=item.required,
            detail=f"{name}: {item.what}: {item.detail}",
            remedy=item.remedy,
        )


def _folder(source: Source) -> Check:
    try:
        FolderConnector(Path(source.address)).probe()
    except GalleryError as error:
        remedy = "Its pictures stay in the index until it is back."
        detail = f"{source.address}: {error.public}"
        return Check("folder", ok=False, required=True, detail=detail, remedy=remedy)
    return Check("folder", ok=True, required=True, detail=source.address)


def _watching(folders: list[Source]) -> Check:
    watch = FolderWatch(lambda _folder: None)
    try:
        for folder in folders:
            watch.watch(Path(folder.address))
        warning = watch.degraded
    finally:
        watch.close()
    detail = warning or f"changes in {len(folders)} folders are seen at once"
    return Check("watching", ok=warning is None, required=False, detail=detail)


def _format(name: str, data: bytes) -> Check:
    spec = RENDITIONS["thumb"]
    with tempfile.TemporaryDirectory(prefix="gallery-doctor-") as folder:
        path = Path(folder) / "sample"
        path.write_bytes(data)
        try:
            made = process(str(path), [spec]).renditions[spec.name]
        except GalleryError as error:
            remedy = "Install the gallery again: delete .venv and start run.py."
            return Check(name, ok=False, required=True, detail=error.public, remedy=remedy)
    return Check(name, ok=is_whole(spec, made), required=True, detail="is read and shown")
