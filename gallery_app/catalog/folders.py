"""The folders of a source as on disk, with how many assets of the timeline lie below each."""

from __future__ import annotations

import numpy as np

from gallery_app.catalog.columns import Columns
from gallery_app.domain.answers import FolderEntry


def children(columns: Columns, source_id: int, path: str) -> list[FolderEntry]:
    """The folders directly in `path`, by name; one without any live asset below is left out."""
    direct = _live_per_folder(columns)
    below = path + "/" if path else ""
    counts: dict[str, int] = {}
    inner: dict[str, set[str]] = {}
    for folder_id in np.flatnonzero(columns.folders_of_source(source_id)).tolist():
        folder, count = columns.folder_paths[folder_id], direct[folder_id]
        if not count or not folder.startswith(below) or folder == path:
            continue
        name, _, rest = folder[len(below) :].partition("/")
        counts[name] = counts.get(name, 0) + count
        if rest:
            inner.setdefault(name, set()).add(rest.partition("/")[0])
    return [
        FolderEntry(below + name, name, counts[name], len(inner.get(name, ())))
        for name in sorted(counts, key=lambda name: (name.casefold(), name))
    ]


def _live_per_folder(columns: Columns) -> list[int]:
    shown = columns.shown(trashed=False)
    counts = np.bincount(columns.folder[: columns.size][shown], minlength=len(columns.folder_paths))
    if len(columns.extra_assets):
        extra = columns.extra_folders[shown[columns.extra_assets]]
        counts += np.bincount(extra, minlength=len(columns.folder_paths))
    found: list[int] = counts.tolist()
    return found
