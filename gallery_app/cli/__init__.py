"""The command line: serve (default), index, list, link, keys, doctor, demo, test.

Reads the arguments, then imports what the command needs and no more, so that `gallery --help`
answers at once. Exit codes: 0 done, 1 refused or failed with a sentence, 2 wrong usage. Start
with `run`; each command is a function in `commands.py`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gallery_app import __version__
from gallery_app.cli.terminal import Terminal
from gallery_app.domain.errors import GalleryError

COMMANDS = ("serve", "index", "list", "link", "keys", "doctor", "demo", "test")
# What `demo` can stand in for; its module is loaded when it is asked for.
STAND_INS = ("immich", "freshdesk", "products", "all")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with the process's own arguments, environment and terminal."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Names of files are shown whatever the locale; what it cannot write is escaped.
            stream.reconfigure(errors="backslashreplace")
    return run(
        sys.argv[1:] if arguments is None else arguments,
        environ=os.environ,
        folder=Path.cwd(),
        terminal=Terminal(sys.stdout, sys.stderr),
    )


def run(
    arguments: Sequence[str], *, environ: Mapping[str, str], folder: Path, terminal: Terminal
) -> int:
    """Do what the arguments ask for; the exit code.

    Args:
        arguments: without the program's name.
        environ: where `GALLERY_*` is looked up.
        folder: the current folder.
        terminal: where to write.
    """
    words = with_command(arguments)
    try:
        options = parser().parse_args(words[:1] if words[0] == "test" else words)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2
    try:
        if options.command == "test":
            from gallery_app.cli.commands import test

            return test(words[1:], terminal)
        with _data_folder(options):
            return _run(options, environ, folder, terminal)
    except GalleryError as error:
        terminal.note(error.public)
        return 1
    except KeyboardInterrupt:
        terminal.note("Interrupted; what was done stays.")
        return 1
    except BrokenPipeError:
        # The reader has seen enough (`gallery list | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


@contextlib.contextmanager
def _data_folder(options: argparse.Namespace) -> Iterator[None]:
    """A demo without a data folder gets one that is gone with it; never the person's own."""
    if options.command != "demo" or options.data is not None:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="gallery-demo-") as folder:
        options.data = folder
        yield


def _run(
    options: argparse.Namespace, environ: Mapping[str, str], folder: Path, terminal: Terminal
) -> int:
    from gallery_app.cli import commands
    from gallery_app.settings import load_settings

    given: dict[str, object] = {"data_dir": options.data}
    if options.command in {"serve", "demo"}:
        given |= {
            "host": options.host,
            "port": options.port,
            "open_browser": False if options.no_open else None,
        }
    if options.command == "link":
        given["public_url"] = options.base_url
    settings = load_settings(environ, folder=folder, given=given)
    if options.command in {"serve", "index"}:
        folders = [*settings.folders, *(folder / Path(f).expanduser() for f in options.folders)]
        settings = settings.model_copy(update={"folders": folders})
    commands.set_up_logging(settings)
    if options.command == "demo":
        from gallery_app.cli.demo import demo

        return demo(options, settings, terminal)
    command = getattr(commands, "show" if options.command == "list" else options.command)
    return int(command(options, settings, terminal))


def with_command(arguments: Sequence[str]) -> list[str]:
    """The arguments with `serve` before them when they name no command."""
    words = list(arguments)
    if words and (words[0] in COMMANDS or words[0] in {"-h", "--help", "--version"}):
        return words
    return ["serve", *words]


def parser() -> argparse.ArgumentParser:
    """What can be asked for, and the help."""
    top = argparse.ArgumentParser(
        prog="gallery",
        description="A folder of pictures becomes a gallery in the browser. "
        "`gallery FOLDER...` is short for `gallery serve FOLDER...`.",
    )
    top.add_argument("--version", action="version", version=f"gallery {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", metavar="DIR", help="the data folder (else GALLERY_DATA)")

    serve = commands.add_parser("serve", parents=[shared], help="watch folders and show them")
    serve.add_argument("folders", nargs="*", metavar="FOLDER", help="a folder to watch")
    serve.add_argument("--host", help="address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (8080); 0 takes any")
    serve.add_argument("--no-open", action="store_true", help="do not open the browser")

    index = commands.add_parser("index", parents=[shared], help="describe and render, then end")
    index.add_argument("folders", nargs="*", metavar="FOLDER", help="a folder to watch")
    index.add_argument("--describe-only", action="store_true", help="make no renditions")
    index.add_argument("--json", action="store_true", help="print one JSON object")

    show = commands.add_parser("list", parents=[shared], help="pictures that match a search")
    show.add_argument("query", nargs="*", metavar="QUERY", help="as in the search box")
    show.add_argument("--json", action="store_true", help="print a JSON array")

    link = commands.add_parser("link", parents=[shared], help="print a signed link")
    link.add_argument("uid", metavar="UID", help="the picture, as `list` prints it")
    link.add_argument("--rendition", default="large", help="thumb to screen, or original")
    link.add_argument("--expires", type=lifetime, default="7d", help="30m, 2h, 7d (7d)")
    link.add_argument("--base-url", help="what the link begins with (else GALLERY_PUBLIC_URL)")

    keys = commands.add_parser("keys", parents=[shared], help="list the keys that sign links")
    change = keys.add_mutually_exclusive_group()
    change.add_argument(
        "--rotate", action="store_true", help="sign with a new key; links sent so far still open"
    )
    change.add_argument(
        "--revoke", metavar="KEY", help="end every link that this key signed, for good"
    )

    doctor = commands.add_parser("doctor", parents=[shared], help="check that all parts work")
    doctor.add_argument("--json", action="store_true", help="print a JSON array")

    demo = commands.add_parser("demo", parents=[shared], help="try it with made-up remotes")
    demo.add_argument("kind", nargs="?", choices=STAND_INS, default="all", help="which one (all)")
    demo.add_argument("--port", type=int, default=0, help="port of the gallery; else any")
    demo.add_argument("--no-open", action="store_true", help="do not open the browser")
    demo.set_defaults(host=None)

    commands.add_parser("test", help="run the tests; what follows goes to pytest")
    return top


def lifetime(text: str) -> int:
    """Seconds of a text such as 90s, 30m, 2h, 7d, 2w, or plain seconds."""
    match = re.fullmatch(r"([0-9]{1,9})([smhdw]?)", text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write it like 30m, 2h or 7d")
    return int(match[1]) * _SECONDS[match[2] or "s"]
