"""Which names in a folder are nobody's pictures: systems' own folders and unfinished files."""

from __future__ import annotations

# What a NAS, Windows, macOS or a repaired disk puts beside pictures; compared casefolded.
_FOLDERS = frozenset(
    name.casefold()
    for name in (
        "@eaDir", "#recycle", "#snapshot", "$RECYCLE.BIN", "System Volume Information",
        "lost+found", "__MACOSX",
    )
)  # fmt: skip
_FILES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})
# Names a program writes under before it renames: the finished file comes later.
_UNFINISHED = (".part", ".partial", ".crdownload", ".tmp", ".download", ".opdownload")


def is_ignored_folder(name: str) -> bool:
    """Whether a folder of this name is passed over with all it holds."""
    return name[0] == "." or name.casefold() in _FOLDERS


def is_ignored_file(name: str) -> bool:
    """Whether a file of this name is passed over."""
    if name[0] == "." or name.startswith("~$"):
        return True
    folded = name.casefold()
    return folded.endswith(_UNFINISHED) or folded in _FILES
