"""The commands: each takes the options, the settings and the terminal and gives an exit code.

Only `serve` loads the screen; the others open the store, do one thing and close it.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import logging
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from types import FrameType

from gallery_app.app import build, held
from gallery_app.app import serve as serve_until_told
from gallery_app.cli.indexing import Indexing
from gallery_app.cli.ports import who_listens
from gallery_app.cli.terminal import Terminal, printable
from gallery_app.domain.errors import Conflict, Misconfigured
from gallery_app.domain.model import Asset
from gallery_app.domain.query import MOST_PER_PAGE, AssetQuery
from gallery_app.services.gallery import Gallery
from gallery_app.settings import Settings
from gallery_app.storage.keys import load_keyring, revoke, rotate

_SHOWN_FAILURES = 20
SPREAD = ("--numprocesses=auto", "--maxprocesses=4", "--dist=loadgroup")  # see tests/conftest.py


def serve(_options: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    """Watch the folders and answer in the browser until told to stop."""
    _stop_on_signals()
    try:
        return serve_until_told(
            settings, announce=lambda address: terminal.line(f"Gallery at {address} (Ctrl-C ends)")
        )
    except KeyboardInterrupt:
        terminal.note("Stopped; nothing was lost.")
        return 0
    except Misconfigured as error:
        holder = who_listens(settings.port) if error.setting == "port" else None
        if holder is None:
            raise
        terminal.note(
            f"port: {settings.port} is taken by {holder}. "
            f"End that one, or choose another: --port {settings.port + 1}"
        )
        return 1


def index(options: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    """Describe and render everything, then end."""
    _stop_on_signals()
    # Nobody copies files into a folder while it is indexed by hand: none is left for later.
    with opened(settings.model_copy(update={"quiet_s": 0.0})) as gallery:
        _add_folders(gallery, settings)
        outcome = Indexing(gallery, terminal).run(describe_only=options.describe_only)
    if options.json:
        terminal.line(json.dumps(outcome.as_json(), ensure_ascii=False))
    else:
        terminal.line(outcome.sentence())
        for path, reason in outcome.failures[:_SHOWN_FAILURES]:
            terminal.note(f"  {printable(path)}: {reason}")
        if len(outcome.failures) > _SHOWN_FAILURES:
            terminal.note(
                f"  and {len(outcome.failures) - _SHOWN_FAILURES} more (--json lists all)"
            )
    for trouble in outcome.troubles:
        terminal.note(trouble)
    return 1 if outcome.troubles else 0


def show(options: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    """Print the pictures that match a search, newest first."""
    text = " ".join(options.query)
    query = replace(AssetQuery.from_params({"q": [text]}), limit=MOST_PER_PAGE)
    with opened(settings) as gallery:
        if options.json:
            from gallery_app.api.answers import dumps
            from gallery_app.api.shapes import asset_shape

            before = "["
            for asset in _all(gallery, query):
                terminal.line(before + dumps(asset_shape(asset)).decode("utf-8"))
                before = ","
            terminal.line("]" if before == "," else "[]")
        else:
            for asset in _all(gallery, query):
                terminal.line(_row(asset))
    return 0


def link(options: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    """Print a signed link to a picture."""
    with opened(settings) as gallery:
        made = gallery.sharing.create(
            [options.uid], rendition=options.rendition, expires_in_s=options.expires
        )
    terminal.line(made.url)
    for warning in made.warnings:
        terminal.note(warning)
    return 0


def keys(options: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    """List the keys that sign links, after the change that was asked for.

    The data folder need not be free: a gallery that runs takes the new keys within a second.
    """
    folder = settings.data_dir / "secrets"
    ring = load_keyring(folder)
    now = datetime.now(timezone.utc)
    if ring is None:
        terminal.note(f"There are no keys in {folder}; the gallery makes them when it first runs.")
        return 1
    if options.rotate:
        ring = rotate(folder, now=lambda: now, random_bytes=secrets.token_bytes)
        terminal.note("New links are signed with the new key; those sent so far still open.")
    elif options.revoke is not None:
        ring = revoke(folder, options.revoke, now=lambda: now, random_bytes=secrets.token_bytes)
        terminal.note(f"Links that were signed with {options.revoke} no longer open.")
    for key in ring.keys:
        days = (now - key.created_at).days
        age = f"{days:,} days ago" if days > 1 else ("yesterday" if days == 1 else "today")
        terminal.line(f"{key.kid}  {key.state:<7}  made {key.created_at:%Y-%m-%d} ({age})")
    return 0


def doctor(options: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    """Check every part; a line each, with the remedy where something is wrong."""
    from gallery_app.cli.doctor import examine

    checks = []
    for check in examine(settings):
        checks.append(check)
        if not options.json:
            mark = "ok  " if check.ok else ("FAIL" if check.required else "note")
            remedy = f" — {check.remedy}" if check.remedy and not check.ok else ""
            terminal.line(f"{mark}  {check.name:<12} {check.detail}{remedy}")
    if options.json:
        keys = ("name", "ok", "required", "detail", "remedy")
        terminal.line(json.dumps([{k: getattr(c, k) for k in keys} for c in checks]))
    return 0 if all(check.ok for check in checks if check.required) else 1


def test(arguments: Sequence[str], terminal: Terminal) -> int:
    """Run the tests on all cores; the arguments are pytest's (`-n 0`: one after the other)."""
    root = Path(__file__).parents[2]
    if not (root / "tests").is_dir():
        terminal.note("The tests are not installed; run `python3 run.py test` in a checkout.")
        return 1
    if importlib.util.find_spec("pytest") is None:
        terminal.note("pytest is not installed; run `python3 run.py test` instead.")
        return 1
    spread = SPREAD if importlib.util.find_spec("xdist") else ()
    command = [sys.executable, "-m", "pytest", *spread, *arguments]
    code = subprocess.call(command, cwd=root)  # noqa: S603 - pytest, asked for by the person
    return {0: 0, 4: 2}.get(code, 1)  # 4 is pytest's wrong usage


def set_up_logging(settings: Settings) -> None:
    """Log to standard error, as much as the settings say."""
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )


# --- shared --------------------------------------------------------------------------------


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Gallery]:
    """The gallery over the data folder, held by us alone and closed at the end."""
    with held(settings):
        gallery = build(settings)
        try:
            yield gallery
        finally:
            gallery.close()


def _add_folders(gallery: Gallery, settings: Settings) -> None:
    for folder in settings.folders:
        path = folder.expanduser().absolute()
        try:
            gallery.sources.add_folder(str(path))
        except Conflict:
            roots = [Path(s.address) for s in gallery.sources.list() if s.kind == "folder"]
            if not any(path.resolve().is_relative_to(root) for root in roots):
                raise


def _all(gallery: Gallery, query: AssetQuery) -> Iterator[Asset]:
    while True:
        page = gallery.browse.page(query)
        yield from page.items
        if page.next_cursor is None:
            return
        query = replace(query, cursor=page.next_cursor)


def _row(asset: Asset) -> str:
    size = f"{asset.size.width}x{asset.size.height}"
    name = printable(asset.filename)
    return f"{asset.uid}  {asset.taken_at:%Y-%m-%d %H:%M}  {size:>11}  {asset.media_type:<5} {name}"


def _stop_on_signals() -> None:
    """A polite end (SIGTERM, a closed terminal) is as good as Ctrl-C."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Under nohup the terminal may close: an ignored signal stays ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)
