"""Remotes on real sockets, through connectors, services, workers and threads, to the pictures."""

from __future__ import annotations

import hashlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from gallery_app.connectors import CONNECTORS
from gallery_app.services.values import Streamed
from gallery_app.testing.faults import Faults
from gallery_app.testing.freshdesk import FakeFreshdesk
from gallery_app.testing.immich import FakeImmich
from tests.contracts.freshdesk_case import article_keys, key_of
from tests.journeys.processes import plain_env
from tests.journeys.struck_house import hasty
from tests.journeys.whole import Clock, Whole, until

HASTY = {name: hasty(kind) for name, kind in CONNECTORS.items()}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def _whole(stack: ExitStack, root: Path) -> Whole:
    root.mkdir(exist_ok=True)
    whole = Whole(root, clock=Clock(), connectors=HASTY)
    stack.callback(whole.close)
    return whole


def _desk(stack: ExitStack, **how: object) -> FakeFreshdesk:
    fake = FakeFreshdesk(**how).serve()  # type: ignore[arg-type]  # by name
    stack.callback(fake.close)
    return fake


def _expected(fake: FakeFreshdesk) -> set[str]:
    return {key_of(p) for p in fake.pictures()} | article_keys(fake)


def _all_there(whole: Whole, fake: FakeFreshdesk) -> bool:
    (source,) = whole.gallery.remotes.list()
    whole.clock.go(seconds=30)
    return (
        source.held == len(_expected(fake))
        and source.waiting == 0
        and source.last_scan_at is not None
    )


def _until_all_there(whole: Whole, fake: FakeFreshdesk) -> None:
    until(
        lambda: _all_there(whole, fake),
        saying=lambda: str(whole.gallery.remotes.list()),
        patience_s=180,
    )


def _until_more_is_held(whole: Whole) -> None:
    before = whole.gallery.remotes.list()[0]
    if before.waiting or not before.held:
        until(lambda: whole.gallery.remotes.list()[0].held > before.held)


def _require_each_once(whole: Whole, fake: FakeFreshdesk) -> None:
    """0 lost, 0 doubled: every key has its own bytes, equal bytes are one picture."""
    keys: dict[str, str] = {}
    hashes = []
    for asset in whole.all(per_page="100"):
        data = whole.gallery.media.original_file(asset.uid).path.read_bytes()
        hashes.append(hashlib.sha256(data).hexdigest())
        keys.update({o.key: hashes[-1] for o in asset.occurrences})
    assert len(hashes) == len(set(hashes))
    assert keys.keys() == _expected(fake)
    for picture in fake.pictures():
        assert keys[key_of(picture)] == hashlib.sha256(picture.file.data()).hexdigest()


@pytest.mark.slow
def test_a_desk_that_fails_one_time_in_ten_loses_and_doubles_nothing(
    stack: ExitStack, tmp_path: Path
) -> None:
    fake = _desk(stack, tickets=20, pictures=60, articles=3, faults=Faults(7, share=0.1))
    whole = _whole(stack, tmp_path / "a")

    whole.gallery.remotes.add("freshdesk", "Desk", fake.url, fake.key, {})

    _until_all_there(whole, fake)
    _require_each_once(whole, fake)
    assert sum(fake.faults.seen.values()) > 5


@pytest.mark.slow
def test_stopped_again_and_again_it_comes_to_the_same(stack: ExitStack, tmp_path: Path) -> None:
    fake = _desk(stack, tickets=20, pictures=60)
    (tmp_path / "a").mkdir()
    for number in range(4):
        whole = Whole(tmp_path / "a", clock=Clock(), connectors=HASTY)
        if number == 0:
            whole.gallery.remotes.add("freshdesk", "Desk", fake.url, fake.key, {})
        _until_more_is_held(whole)
        whole.close()
    whole = _whole(stack, tmp_path / "a")

    _until_all_there(whole, fake)
    _require_each_once(whole, fake)


@pytest.mark.slow
def test_killed_at_any_moment_it_comes_to_the_same(stack: ExitStack, tmp_path: Path) -> None:
    fake = _desk(stack, tickets=15, pictures=40)
    data = tmp_path / "a" / "data"
    for least in (1, 12, 25):
        process = _serve(data, fake)
        _until_on_disk(data, least)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    whole = _whole(stack, tmp_path / "a")

    _until_all_there(whole, fake)
    _require_each_once(whole, fake)


def _serve(data: Path, fake: FakeFreshdesk) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "gallery_app.cli", "serve", "--data", str(data), "--port", "0"],
        cwd=Path(__file__).parents[2],
        env={
            **plain_env(),
            "FRESHDESK_DOMAIN": fake.url,
            "FRESHDESK_API_KEY": fake.key,
            "GALLERY_OPEN_BROWSER": "false",
            "GALLERY_WORKERS": "1",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _until_on_disk(data: Path, least: int) -> None:
    until(lambda: _held(data) >= least)


def _held(data: Path) -> int:
    """Pictures that came, as the index on disk has them."""
    if not (data / "gallery.db").exists():
        return 0
    with closing(sqlite3.connect(f"file:{data}/gallery.db?mode=ro", uri=True)) as connection:
        try:
            row = connection.execute("select count(*) from remote_image where state = 1").fetchone()
        except sqlite3.OperationalError:
            return 0  # its tables are not made yet
    return int(row[0])


def test_a_desks_pictures_outlive_it_and_its_links_open(stack: ExitStack, tmp_path: Path) -> None:
    fake = _desk(stack, tickets=3, pictures=4)
    whole = _whole(stack, tmp_path / "a")
    whole.gallery.remotes.add("freshdesk", "Desk", fake.url, fake.key, {})
    _until_all_there(whole, fake)
    link = whole.gallery.sharing.create([whole.all()[0].uid], rendition="large")
    fake.close()

    opened = whole.gallery.sharing.open(link.url.split("/i/")[1].split("/")[0], client="c")

    assert opened.content
    whole.gallery.remotes.sync_now(whole.gallery.remotes.list()[0].id)
    until(lambda: whole.gallery.remotes.list()[0].state == "offline")


def test_an_immich_is_shown_from_here_and_streamed_from_there(
    stack: ExitStack, tmp_path: Path
) -> None:
    fake = FakeImmich(assets=12)
    stack.callback(fake.close)
    whole = _whole(stack, tmp_path / "a")

    source = whole.gallery.remotes.add("immich", "Photos", fake.url, fake.key, {})

    found = whole.ready(len(fake.shown()))
    assert all(asset.remote and asset.sha256 is None for asset in found)
    original = whole.gallery.media.original(found[0].uid)
    assert isinstance(original, Streamed)
    key = found[0].occurrences[0].key
    with original.open(None, None) as stream:
        assert b"".join(stream.chunks) == fake.world.original(fake.world.assets[key])
    assert whole.gallery.media.rendition(found[0].uid, "large").data
    assert whole.gallery.remotes.view(source.id).can_upload


def test_a_picture_of_a_folder_and_of_immich_is_one(stack: ExitStack, tmp_path: Path) -> None:
    fake = FakeImmich(assets=3)
    stack.callback(fake.close)
    whole = _whole(stack, tmp_path / "a")
    twin = fake.shown()[0]
    whole.put("mine.jpg", fake.world.original(twin))
    whole.watch()
    whole.ready(1)

    whole.gallery.remotes.add("immich", "Photos", fake.url, fake.key, {})

    whole.ready(len(fake.shown()))
    assert len(whole.named("mine.jpg").occurrences) == 2


def test_a_wrong_key_is_said_and_a_right_one_mends_it(stack: ExitStack, tmp_path: Path) -> None:
    fake = FakeImmich(assets=2)
    stack.callback(fake.close)
    whole = _whole(stack, tmp_path / "a")
    book = whole.gallery.remotes

    source = book.add("immich", "Photos", fake.url, "wrong-key-123", {})
    until(lambda: book.get(source.id).state == "attention")
    assert "wrong-key-123" not in str(book.view(source.id))

    book.change(source.id, key=fake.key)

    whole.ready(len(fake.shown()))
    until(lambda: book.get(source.id).state == "online")
