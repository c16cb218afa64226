"""A walk ends whatever it meets, leaves nothing out in silence, and never leaves the root."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.connectors.base import FileSeen
from gallery_app.connectors.folder import MOST_SKIPPED_FILES, FolderConnector
from gallery_app.domain.errors import NotAllowed, Upstream, UpstreamTimeout

HOSTILE = Path(__file__).parents[3] / "shared" / "tools" / "gen_hostile.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


def _fill(root: Path, *keys: str) -> None:
    for key in keys:
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(key.encode())


def _keys(root: Path, prefix: str = "", *, recursive: bool = True) -> list[str]:
    return sorted(f.key for f in FolderConnector(root).walk(prefix, recursive=recursive))


def _errors(root: Path) -> dict[str, str]:
    connector = FolderConnector(root)
    list(connector.walk())
    return dict(connector.errors)


# --- what is found -------------------------------------------------------------------------


def test_every_file_is_met_with_its_size_time_and_inode(root: Path) -> None:
    _fill(root, "a.jpg", "2016/07/b.jpg")
    os.utime(root / "a.jpg", ns=(1, 1_234_567_890_123_456_789))

    seen = {f.key: f for f in FolderConnector(root).walk()}

    found = (root / "a.jpg").stat()
    assert seen["a.jpg"] == FileSeen("a.jpg", 5, 1_234_567_890_123_456_789, found.st_ino)
    assert set(seen) == {"a.jpg", "2016/07/b.jpg"}


def test_a_time_that_no_column_can_hold_becomes_the_last_one(root: Path) -> None:
    _fill(root, "a.jpg")
    (root / "link.jpg").symlink_to("a.jpg")
    os.utime(root / "a.jpg", (13_570_000_000, 13_570_000_000))
    if (root / "a.jpg").stat().st_mtime_ns < 2**63:
        pytest.skip("this file system knows no such time")

    assert {f.mtime_ns for f in FolderConnector(root).walk()} == {2**63 - 1}


def test_folders_of_later_name_come_first(root: Path) -> None:
    _fill(root, "2016/a.jpg", "2024/a.jpg", "2020/a.jpg")

    keys = [f.key for f in FolderConnector(root).walk()]

    assert keys == ["2024/a.jpg", "2020/a.jpg", "2016/a.jpg"]


def test_a_prefix_is_walked_alone_and_only_its_own_files_when_told(root: Path) -> None:
    _fill(root, "a.jpg", "x/b.jpg", "x/y/c.jpg", "xy/d.jpg")

    assert _keys(root, "x") == ["x/b.jpg", "x/y/c.jpg"]
    assert _keys(root, "x", recursive=False) == ["x/b.jpg"]
    assert _keys(root, recursive=False) == ["a.jpg"]


def test_a_prefix_that_is_gone_or_a_file_gives_nothing_and_is_no_error(root: Path) -> None:
    _fill(root, "a.jpg")
    connector = FolderConnector(root)

    assert list(connector.walk("gone")) == list(connector.walk("a.jpg")) == []
    assert (connector.errors, connector.blind) == ([], [])


def test_it_counts_the_folders_it_listed(root: Path) -> None:
    _fill(root, "a/b/c.jpg", ".hidden/d.jpg")
    connector = FolderConnector(root)

    list(connector.walk())

    assert connector.folders == 3


def test_names_that_look_alike_are_different_files(root: Path) -> None:
    _fill(root, "caf\u00e9.jpg", "cafe\u0301.jpg", "CAFE\u0301.jpg", "new\nline.jpg", " .jpg")

    assert len(_keys(root)) == 5


@pytest.mark.parametrize(
    "key",
    [
        ".DS_Store", ".hidden/a.jpg", "a/.git/b.jpg", "@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg",
        "#recycle/a.jpg", "$RECYCLE.BIN/a.jpg", "$Recycle.Bin/a.jpg",
        "System Volume Information/a.jpg", "lost+found/a.jpg", "Thumbs.db", "~$a.jpg",
        "a.jpg.part", "a.jpg.partial", "a.jpg.crdownload", "a.TMP", "._a.jpg",
    ],
)  # fmt: skip
def test_nobodys_pictures_are_passed_over_without_a_word(root: Path, key: str) -> None:
    _fill(root, key, "kept.jpg")

    assert _keys(root) == ["kept.jpg"]
    assert _errors(root) == {}


# --- links ---------------------------------------------------------------------------------


def test_a_link_to_a_file_in_the_root_is_a_file(root: Path) -> None:
    _fill(root, "2016/a.jpg")
    (root / "best.jpg").symlink_to("2016/a.jpg")

    seen = {f.key: f for f in FolderConnector(root).walk()}

    assert seen["best.jpg"][1:] == seen["2016/a.jpg"][1:]
    assert FolderConnector(root).path("best.jpg") == root / "2016/a.jpg"


def test_no_link_leads_out_of_the_root(root: Path, tmp_path: Path) -> None:
    _fill(tmp_path, "secret.jpg", "rooted/secret.jpg")
    (root / "file.jpg").symlink_to(tmp_path / "secret.jpg")
    (root / "folder").symlink_to(tmp_path)
    (root / "sibling.jpg").symlink_to("../rooted/secret.jpg")

    assert _keys(root) == []
    assert _keys(root, "folder") == []
    assert set(_errors(root)) == {"file.jpg", "folder", "sibling.jpg"}
    assert all("out of the folder" in sentence for sentence in _errors(root).values())


def test_links_to_folders_inside_are_not_walked_twice_and_loops_end(root: Path) -> None:
    _fill(root, "x/a.jpg")
    (root / "x" / "up").symlink_to("..")
    (root / "again").symlink_to("x")
    (root / "self").symlink_to("self")
    (root / "nothing.jpg").symlink_to("gone.jpg")

    assert _keys(root) == ["x/a.jpg"]
    errors = _errors(root)
    assert set(errors) == {"x/up", "again", "self", "nothing.jpg"}
    assert "back to itself" in errors["self"]
    assert "to nothing" in errors["nothing.jpg"]


def test_the_root_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    _fill(root, "a.jpg")
    link = tmp_path / "Pictures"
    link.symlink_to(root)

    assert _keys(link) == ["a.jpg"]
    assert FolderConnector(link).path("a.jpg") == root / "a.jpg"


# --- what is no file -----------------------------------------------------------------------


def test_pipes_and_sockets_are_said_and_not_opened(root: Path) -> None:
    os.mkfifo(root / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind(str(root / "socket.jpg"))

    assert _keys(root) == []
    assert {k: s.split(",")[0] for k, s in _errors(root).items()} == {
        "pipe.jpg": "This is a pipe",
        "socket.jpg": "This is a socket",
    }


def test_a_name_that_is_no_text_is_said_in_text(root: Path) -> None:
    (root / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"x")
    (root / os.fsdecode(b"d\xff")).mkdir()
    _fill(root, "good.jpg")

    assert _keys(root) == ["good.jpg"]
    errors = _errors(root)
    assert set(errors) == {"caf\\xe9.jpg", "d\\xff"}
    assert "name of this folder" in errors["d\\xff"]


def test_a_million_oddities_do_not_fill_the_memory(root: Path) -> None:
    for number in range(MOST_SKIPPED_FILES + 5):
        (root / f"{number}").symlink_to("nowhere")

    assert len(_errors(root)) == MOST_SKIPPED_FILES


# --- what cannot be seen -------------------------------------------------------------------


def _failing(number: int, at: Path) -> Callable[[str | Path], object]:
    real = os.scandir

    def scandir(path: str | Path) -> object:
        if Path(path) == at:
            raise OSError(number, os.strerror(number))
        return real(path)

    return scandir


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.EACCES, "may not be read"),
        (errno.EIO, "check its disk"),
        (errno.ENAMETOOLONG, "deep"),
    ],
)
def test_a_folder_that_cannot_be_listed_is_blind_and_the_rest_is_walked(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int, sentence: str
) -> None:
    _fill(root, "a.jpg", "x/b.jpg", "y/c.jpg")
    monkeypatch.setattr(os, "scandir", _failing(number, root / "x"))
    connector = FolderConnector(root)

    keys = [f.key for f in connector.walk()]

    assert keys == ["a.jpg", "y/c.jpg"]
    assert connector.blind == ["x"]
    assert sentence in dict(connector.errors)["x"]


def test_a_folder_that_goes_while_we_walk_is_simply_gone(root: Path) -> None:
    _fill(root, "2024/a.jpg", "2016/b.jpg")
    connector = FolderConnector(root)
    walk = connector.walk()

    next(walk)
    shutil.rmtree(root / "2016")

    assert list(walk) == []
    assert connector.blind == []


def test_a_root_that_goes_while_we_walk_makes_everything_blind(root: Path) -> None:
    _fill(root, "2024/a.jpg", "2016/b.jpg")
    connector = FolderConnector(root)
    walk = connector.walk()

    next(walk)
    shutil.rmtree(root)

    assert list(walk) == []
    assert connector.blind == [""]


def test_a_root_that_is_replaced_while_we_walk_makes_everything_blind(
    root: Path, tmp_path: Path
) -> None:
    _fill(root, "2024/a.jpg", "2016/b.jpg")
    connector = FolderConnector(root)
    walk = connector.walk()

    next(walk)
    root.rename(tmp_path / "elsewhere")
    root.mkdir()

    assert list(walk) == []
    assert connector.blind == [""]


def test_a_root_that_is_not_there_makes_everything_blind(tmp_path: Path) -> None:
    connector = FolderConnector(tmp_path / "nowhere")

    assert list(connector.walk()) == []
    assert connector.blind == [""]


# --- the root ------------------------------------------------------------------------------


def test_the_root_is_known_by_device_and_inode(root: Path) -> None:
    found = root.stat()

    assert FolderConnector(root).probe() == (found.st_dev, found.st_ino)


def test_a_missing_root_says_what_to_do(tmp_path: Path) -> None:
    _fill(tmp_path, "file")

    with pytest.raises(Upstream, match="disk or share connected"):
        FolderConnector(tmp_path / "nowhere").probe()
    with pytest.raises(Upstream, match="no longer a folder"):
        FolderConnector(tmp_path / "file").probe()


@pytest.mark.parametrize(
    ("number", "kind", "sentence"),
    [
        (errno.EACCES, Upstream, "may not be read"),
        (errno.EIO, Upstream, "cannot be read"),
        (errno.ESTALE, Upstream, "not there"),
        (errno.ETIMEDOUT, UpstreamTimeout, "cannot be read"),
    ],
)
def test_a_root_that_cannot_be_listed_says_why(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[Upstream],
    sentence: str,
) -> None:
    monkeypatch.setattr(os, "scandir", _failing(number, root))

    with pytest.raises(kind, match=sentence) as caught:
        FolderConnector(root).probe()

    assert str(root) not in caught.value.public


# --- paths ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["..", "../x", "a/../../x", "/etc/passwd", "a//b", "a/", "./a", "a\0b", "/", "."]
)
def test_a_key_that_no_walk_gives_is_refused(root: Path, key: str) -> None:
    with pytest.raises(NotAllowed):
        FolderConnector(root).path(key)


def test_a_file_swapped_for_a_link_outward_is_refused(root: Path, tmp_path: Path) -> None:
    _fill(tmp_path, "secret.jpg")
    _fill(root, "x/a.jpg")
    connector = FolderConnector(root)
    keys = [f.key for f in connector.walk()]

    shutil.rmtree(root / "x")
    (root / "x").symlink_to(tmp_path)

    with pytest.raises(NotAllowed):
        connector.path(keys[0].replace("a.jpg", "secret.jpg"))


@given(st.text(alphabet=st.sampled_from(list("./\\\0ab~\n")), max_size=40))
def test_no_key_leads_out_of_the_root(key: str) -> None:
    try:
        path = FolderConnector(Path("/nowhere/root")).path(key)
    except NotAllowed:
        return
    assert path.is_relative_to("/nowhere/root")


# --- all at once ---------------------------------------------------------------------------


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Path]:
    if not HOSTILE.exists():
        pytest.skip("../shared/tools is not on this machine")
    folder = tmp_path / "hostile"
    subprocess.run(
        [sys.executable, HOSTILE, "--tree", folder, "--seed", "7"], check=True, capture_output=True
    )
    yield folder
    # Deeper than a path may be: only rm, which goes down step by step, gets rid of it.
    subprocess.run(["rm", "-rf", folder], check=True)


@pytest.mark.corpus
def test_a_hostile_tree_is_walked_to_its_end_and_every_oddity_is_said(hostile: Path) -> None:
    connector = FolderConnector(hostile)

    seen = [f.key for f in connector.walk()]

    assert len(seen) == len(set(seen)) > 0
    assert all(connector.path(key).is_relative_to(hostile) for key in seen)
    assert all(key.encode() for key in seen)
    reasons = " ".join(sentence for _, sentence in connector.errors)
    for reason in ("a pipe", "a socket", "out of the folder", "to nothing", "UTF-8", "too deep"):
        assert reason in reasons
