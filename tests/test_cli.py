"""The command line as the contract has it: what it prints, and how it ends."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from gallery_app import __version__
from gallery_app.cli import COMMANDS, lifetime, parser, run, with_command
from gallery_app.cli.ports import who_listens
from gallery_app.cli.samples import SAMPLES
from gallery_app.cli.terminal import Terminal, printable
from gallery_app.storage.lock import StoreLock
from tests.pictures import make_picture

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable


class Answer:
    """What a command printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    (folder / "2016").mkdir(parents=True)
    (folder / "beach.jpg").write_bytes(make_picture("160x120 jpeg, taken 2016-07-03 14:05:06"))
    (folder / "2016" / "hills.png").write_bytes(make_picture("90x120 png"))
    (folder / "broken.jpg").write_bytes(b"no picture")
    (folder / "notes.txt").write_bytes(b"no picture either")
    (folder / "out.jpg").symlink_to("/etc/hostname")
    return folder


def _gallery(tmp_path: Path, *arguments: str, environ: dict[str, str] | None = None) -> Answer:
    out, err = io.StringIO(), io.StringIO()
    code = run(
        arguments,
        environ={"GALLERY_DATA": str(tmp_path / "data"), "GALLERY_WORKERS": "1", **(environ or {})},
        folder=tmp_path,
        terminal=Terminal(out, err),
    )
    return Answer(code, out.getvalue(), err.getvalue())


# --- index ---------------------------------------------------------------------------------


def test_index_says_what_it_did_and_what_failed_and_why(tmp_path: Path, pictures: Path) -> None:
    first = _gallery(tmp_path, "index", "pictures", "--json")
    second = _gallery(tmp_path, "index", "--json")

    assert first.code == second.code == 0
    found = json.loads(first.out)
    assert {k: found[k] for k in ("found", "described", "rendered", "unchanged", "failed")} == {
        "found": 3, "described": 3, "rendered": 2, "unchanged": 0, "failed": 1,
    }  # fmt: skip
    assert [f["path"] for f in found["failures"]] == [str(pictures / "broken.jpg")]
    assert found["failures"][0]["reason"]
    assert [s["path"] for s in found["skipped"]] == [str(pictures / "out.jpg")]
    again = json.loads(second.out)
    assert (again["described"], again["unchanged"], again["rendered"]) == (0, 3, 0)


def test_index_tells_a_person_in_a_sentence(tmp_path: Path, pictures: Path) -> None:
    answer = _gallery(tmp_path, "index", str(pictures), "--describe-only")

    assert answer.out.startswith("3 pictures: 3 described, 0 rendered")
    assert f"{pictures}/broken.jpg: " in answer.err


def test_index_sees_what_moved_and_what_went(tmp_path: Path, pictures: Path) -> None:
    _gallery(tmp_path, "index", str(pictures))
    (pictures / "beach.jpg").rename(pictures / "2016" / "strand.jpg")
    (pictures / "2016" / "hills.png").unlink()

    found = json.loads(_gallery(tmp_path, "index", "--json").out)

    assert (found["moved"], found["gone"], found["failed"]) == (1, 1, 1)


def test_index_of_a_folder_that_is_not_there_fails_with_a_sentence(tmp_path: Path) -> None:
    answer = _gallery(tmp_path, "index", "nowhere")

    assert answer.code == 1
    assert answer.out == ""
    assert "There is no folder" in answer.err


def test_index_of_a_disk_that_is_not_connected_fails_and_forgets_nothing(
    tmp_path: Path, pictures: Path
) -> None:
    _gallery(tmp_path, "index", str(pictures), "--describe-only")
    pictures.rename(tmp_path / "unplugged")

    answer = _gallery(tmp_path, "index", "--json")

    assert answer.code == 1
    assert "Is the disk or share connected?" in answer.err
    assert json.loads(answer.out)["gone"] == 0


# --- list, link ----------------------------------------------------------------------------


def test_list_prints_what_matches_newest_first(tmp_path: Path, pictures: Path) -> None:
    _gallery(tmp_path, "index", str(pictures), "--describe-only")

    everything = _gallery(tmp_path, "list").out.splitlines()
    beach = _gallery(tmp_path, "list", "year:2016", "beach")
    nothing = _gallery(tmp_path, "list", "mountain")

    assert len(everything) == 3
    assert everything[-1].endswith("beach.jpg")
    assert re.fullmatch(r"[0-9a-z]{26}  2016-07-03 14:05 +160x120  jpeg  beach\.jpg\n", beach.out)
    assert (nothing.code, nothing.out) == (0, "")


def test_list_as_json_is_an_array_of_the_apis_assets(tmp_path: Path, pictures: Path) -> None:
    _gallery(tmp_path, "index", str(pictures), "--describe-only")

    assets = json.loads(_gallery(tmp_path, "list", "--json").out)

    assert {asset["filename"] for asset in assets} == {"beach.jpg", "hills.png", "broken.jpg"}
    assert all(len(asset["id"]) == 26 for asset in assets)
    assert json.loads(_gallery(tmp_path, "list", "mountain", "--json").out) == []


def test_a_search_that_cannot_be_understood_says_what_can(tmp_path: Path) -> None:
    answer = _gallery(tmp_path, "list", "colour:red")

    assert answer.code == 1
    assert "camera:" in answer.err


def test_link_prints_the_address_alone_and_warns_beside_it(tmp_path: Path, pictures: Path) -> None:
    _gallery(tmp_path, "index", str(pictures), "--describe-only")
    uid = _gallery(tmp_path, "list", "beach").out[:26]

    here = _gallery(tmp_path, "link", uid, "--rendition", "small", "--expires", "2h")
    there = _gallery(tmp_path, "link", uid, "--base-url", "https://photos.example.org/")

    assert re.fullmatch(r"http://127\.0\.0\.1:8080/i/[\w.-]+/[\w.-]+\n", here.out)
    assert "others cannot open it" in here.err
    assert there.out.startswith("https://photos.example.org/i/")
    assert "others cannot" not in there.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["0" * 26], "no such picture"),
        (["x"], "no such picture"),
        (["0" * 26, "--expires", "1s"], "one minute"),
        (["0" * 26, "--rendition", "giant"], "rendition"),
        (["0" * 26, "--base-url", "photos"], "public_url"),
    ],
)
def test_a_link_that_cannot_be_made_says_why(
    tmp_path: Path, words: list[str], sentence: str
) -> None:
    answer = _gallery(tmp_path, "link", *words)

    assert (answer.code, answer.out) == (1, "")
    assert sentence in answer.err


# --- doctor --------------------------------------------------------------------------------


def test_doctor_finds_a_sound_installation_sound(tmp_path: Path, pictures: Path) -> None:
    _gallery(tmp_path, "index", str(pictures), "--describe-only")

    answer = _gallery(tmp_path, "doctor")

    assert answer.code == 0, answer.out
    lines = [line.split()[1] for line in answer.out.splitlines()]
    assert lines[:7] == ["store", "keys", "index", "disk", "memory", "cpu", "folder"]
    assert set(lines[7:]) == {"watching", *SAMPLES}


def test_doctor_names_what_is_wrong_and_the_remedy(tmp_path: Path, pictures: Path) -> None:
    _gallery(tmp_path, "index", str(pictures), "--describe-only")
    pictures.rename(tmp_path / "unplugged")

    answer = _gallery(tmp_path, "doctor", "--json")

    assert answer.code == 1
    wrong = [check for check in json.loads(answer.out) if not check["ok"] and check["required"]]
    assert [check["name"] for check in wrong] == ["folder"]
    assert all(check["remedy"] for check in wrong)


def test_doctor_refuses_damaged_keys_and_keeps_them(tmp_path: Path) -> None:
    _gallery(tmp_path, "list")
    keys = tmp_path / "data" / "secrets" / "keys.json"
    keys.write_text("{")

    answer = _gallery(tmp_path, "doctor")

    assert answer.code == 1
    assert "FAIL  store" in answer.out
    assert "backup" in answer.out
    assert keys.read_text() == "{"


def test_doctor_does_not_mind_a_running_gallery(tmp_path: Path) -> None:
    lock = StoreLock(tmp_path / "data")
    lock.acquire()

    answer = _gallery(tmp_path, "doctor")

    lock.release()
    assert answer.code == 0
    assert f"process {os.getpid()}" in answer.out


# --- one store, one process ----------------------------------------------------------------


@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["index"], ["list"], ["link", "x"]])
def test_a_store_in_use_is_refused_and_the_holder_named(tmp_path: Path, words: list[str]) -> None:
    lock = StoreLock(tmp_path / "data")
    lock.acquire()

    answer = _gallery(tmp_path, *words)

    lock.release()
    assert answer.code == 1
    assert f"in use by process {os.getpid()}" in answer.err


# --- serve ---------------------------------------------------------------------------------


def test_a_taken_port_is_refused_and_its_holder_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        answer = _gallery(tmp_path, "--port", str(port), "--no-open")

        assert who_listens(port) == f"{_own_name()} (process {os.getpid()})"
    assert answer.code == 1
    assert f"port: {port} is taken by {_own_name()} (process {os.getpid()})" in answer.err
    assert f"--port {port + 1}" in answer.err


def test_a_port_nobody_listens_on_has_no_holder(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert who_listens(port) is None
    assert who_listens(port, proc=tmp_path) is None


def test_others_addresses_are_refused_until_accounts_exist(tmp_path: Path) -> None:
    answer = _gallery(tmp_path, "serve", "--host", "0.0.0.0")

    assert answer.code == 1
    assert "ssh -L" in answer.err


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_started_gallery_answers_and_ends_politely(
    tmp_path: Path, pictures: Path, number: signal.Signals
) -> None:
    command = [PYTHON, "-m", "gallery_app.cli", str(pictures), "--port", "0", "--no-open"]
    environ = {**os.environ, "GALLERY_DATA": str(tmp_path / "data"), "GALLERY_WORKERS": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as gallery:
        assert gallery.stdout is not None
        announced = gallery.stdout.readline()
        address = re.fullmatch(r"Gallery at (http://127\.0\.0\.1:\d+) \(Ctrl-C ends\)\n", announced)
        assert address is not None, gallery.communicate(timeout=60)
        with urllib.request.urlopen(f"{address[1]}/health", timeout=60) as answer:
            health = json.load(answer)

        gallery.send_signal(number)
        _, err = gallery.communicate(timeout=60)

    assert health["status"] == "ok"
    assert gallery.returncode == 0, err
    assert err == "Stopped; nothing was lost.\n"


# --- usage ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [["--nope"], ["list", "--nope"], ["link"], ["link", "x", "--expires", "soon"], ["--port", "x"]],
)
def test_wrong_usage_ends_with_two(tmp_path: Path, words: list[str]) -> None:
    assert _gallery(tmp_path, *words).code == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(tmp_path: Path, command: str) -> None:
    assert command in parser().format_help()


def test_the_version_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _gallery(tmp_path, "--version").code == 0
    assert capsys.readouterr().out == f"gallery {__version__}\n"


@pytest.mark.parametrize(
    ("words", "understood"),
    [
        ([], ["serve"]),
        (["/pictures"], ["serve", "/pictures"]),
        (["--port", "1", "x"], ["serve", "--port", "1", "x"]),
        (["list", "x"], ["list", "x"]),
        (["--help"], ["--help"]),
    ],
    ids=["nothing", "a folder", "an option first", "a command", "help"],
)
def test_serve_is_what_is_meant_without_a_command(words: list[str], understood: list[str]) -> None:
    assert with_command(words) == understood


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("30m", 1800), ("2h", 7200), ("7D", 604_800), ("2w", 1_209_600)],
)
def test_a_lifetime_is_read_as_people_write_it(text: str, seconds: int) -> None:
    assert lifetime(text) == seconds


def test_names_from_disk_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2Jb\nc\u202ed é") == "a\ufffd[2Jb\ufffdc\ufffdd é"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_drawn_on_a_terminal_and_cleared_before_a_line() -> None:
    screen = Screen()
    terminal = Terminal(io.StringIO(), screen)

    terminal.progress(0.5, "5 of 10")
    terminal.note("done")

    assert screen.getvalue() == f"\r\x1b[K{'█' * 12}{'░' * 12} 5 of 10\r\x1b[Kdone\n"


def test_the_tests_can_be_run_and_their_outcome_is_the_exit_code(tmp_path: Path) -> None:
    assert _gallery(tmp_path, "test", "--collect-only", "-q", str(ROOT / "tests/storage")).code == 0
    assert _gallery(tmp_path, "test", "--no-such-option").code == 2


@pytest.mark.parametrize("module", ["gallery_app.cli", "gallery_app.cli.commands"])
def test_the_screen_is_not_loaded_for_commands_that_need_none(module: str) -> None:
    code = f"import sys, {module}; print('nicegui' in sys.modules, 'fastapi' in sys.modules)"

    done = subprocess.run(
        [PYTHON, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout == "False False\n"


def _own_name() -> str:
    return Path("/proc/self/comm").read_text(encoding="utf-8").strip()
