"""Frames: administered by the person at the machine, shown to whoever has the key."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import anyio.from_thread
import anyio.to_thread
import httpx
import pytest

from gallery_app.api.pages import FRAME_CSP, FRAME_SCRIPT, frame_page
from gallery_app.api.schemas_remotes import FrameOut, FramesOut
from gallery_app.domain.errors import NotFound, NotReady
from gallery_app.domain.frames import Frame
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Uid
from gallery_app.services.frames import FrameBook
from gallery_app.services.values import Bytes

V1 = "/api/v1"
NODE = shutil.which("node")
KEY = "k3j9m2p5r8t1v4x7"
KITCHEN = Frame(
    "kitchen", "tag:family", Size(1920, 1080), 900, KEY, datetime(2026, 7, 31, tzinfo=timezone.utc)
)
PICTURE = Bytes(b"\xff\xd8 a picture", "image/jpeg", '"kitchen-1"', 1)
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
STRANGER = {"host": "pictures.example", "x-forwarded-for": "203.0.113.9"}


@pytest.fixture
def frames(stand_in: Callable[[str, type[Any]], Any]) -> Any:
    def get(name: str) -> Frame:
        if name != "kitchen":
            raise NotFound("frame")
        return KITCHEN

    double = stand_in("frames", FrameBook)
    double.get.side_effect = get
    double.opens.side_effect = lambda frame, key: key == frame.key
    double.picture_for.return_value = (Uid("0" * 26), PICTURE)
    double.seconds_left.return_value = 123
    return double


async def test_frames_are_made_listed_shown_and_deleted(
    client: httpx.AsyncClient, frames: Any
) -> None:
    frames.put.return_value = KITCHEN
    frames.list.return_value = [KITCHEN]

    made = await client.put(
        f"{V1}/frames/kitchen",
        json={"query": "tag:family", "width": 1920, "height": 1080, "interval_s": 900},
    )
    listed = (await client.get(f"{V1}/frames")).json()
    shown = (await client.get(f"{V1}/frames/kitchen")).json()
    deleted = await client.delete(f"{V1}/frames/kitchen")

    FramesOut.model_validate(listed, strict=True)
    FrameOut.model_validate(shown, strict=True)
    assert made.json() == shown == listed["items"][0]
    assert shown["url"] == f"/frame/kitchen?key={KEY}"
    assert deleted.status_code == 204
    frames.put.assert_called_once_with(
        "kitchen", query="tag:family", size=Size(1920, 1080), interval_s=900, new_key=False
    )


@pytest.mark.parametrize(
    "body", [{"width": 63}, {"width": 7681}, {"interval_s": 9}, {"height": "1080"}, {"x": 1}]
)
async def test_a_frame_that_cannot_be_is_422(
    client: httpx.AsyncClient, frames: Any, body: dict[str, object]
) -> None:
    assert (await client.put(f"{V1}/frames/kitchen", json=body)).status_code == 422


async def test_a_browser_gets_a_black_page_that_changes_its_picture(
    client: httpx.AsyncClient, frames: Any
) -> None:
    answer = await client.get(f"/frame/kitchen?key={KEY}", headers=BROWSER)
    script = await client.get("/frame/-/show.js")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert 'data-interval="900" data-left="123"' in answer.text
    assert "background: #000" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-eval" not in policy
    # Nothing runs inline: the one script is loaded, as the policy demands.
    assert re.findall(r"<script[^>]*>([^<]*)</script>", answer.text) == [""]
    assert script.headers["content-type"].startswith("text/javascript")
    assert "decode()" in script.text
    assert '<meta http-equiv="refresh" content="123">' in answer.text
    assert f"?key={KEY}&amp;t=123" in answer.text
    assert answer.headers["vary"] == "accept"
    frames.picture_for.assert_not_called()


_SCREEN = """
const { script, page } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const timers = [], asked = [];
let everyMinute;
Date.now = () => 1000000;
globalThis.setTimeout = (act, ms) => timers.push(ms);
globalThis.clearTimeout = (id) => { if (id) timers[id - 1] = null; };
globalThis.setInterval = (act) => { everyMinute = act; };
globalThis.document = { body: { dataset: { interval: "3600", left: "3000" }, append() {} } };
globalThis.location = { href: "http://here/frame/kitchen?key=k" };
globalThis.Image = class {
  classList = { add() {} };
  async decode() {}
  getBoundingClientRect() {}
};
globalThis.fetch = async (url, how) => {
  asked.push([url, how]);
  return { text: async () => page };
};
new Function(script)();
setImmediate(async () => {
  const before = timers.filter(Boolean);
  await everyMinute();
  console.log(JSON.stringify({ before, after: timers.filter(Boolean), asked }));
});
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed")
@pytest.mark.parametrize(
    ("interval_s", "after"), [(10, [7250]), (3600, [3_000_250])], ids=["another", "the same"]
)
def test_a_page_that_is_open_follows_another_interval(interval_s: int, after: list[int]) -> None:
    page = frame_page(replace(KITCHEN, interval_s=interval_s), key=KEY, left_s=7).decode()

    ran = subprocess.run(
        [str(NODE), "-e", _SCREEN],
        input=json.dumps({"script": FRAME_SCRIPT, "page": page}),
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    told = json.loads(ran.stdout)
    assert (told["before"], told["after"]) == ([3_000_250], after)
    ((url, how),) = told["asked"]
    assert url == "http://here/frame/kitchen?key=k"
    assert how["headers"] == {"accept": "text/html"}
    assert "connect-src 'self'" in FRAME_CSP


@pytest.mark.parametrize("accept", ["image/avif,image/webp,*/*;q=0.8", "*/*", ""])
async def test_everything_else_gets_the_picture_for_as_long_as_it_is_shown(
    client: httpx.AsyncClient, frames: Any, accept: str
) -> None:
    answer = await client.get(f"/frame/kitchen?key={KEY}&t=1", headers={"accept": accept})
    again = await client.get(
        f"/frame/kitchen?key={KEY}", headers={"accept": accept, "if-none-match": PICTURE.etag}
    )

    assert (answer.status_code, answer.content) == (200, PICTURE.data)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, max-age=123"
    assert answer.headers["etag"] == PICTURE.etag
    assert (again.status_code, again.content) == (304, b"")


async def test_a_head_has_the_headers_alone(client: httpx.AsyncClient, frames: Any) -> None:
    answer = await client.head(f"/frame/kitchen?key={KEY}")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(PICTURE.data))


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        pytest.param({}, "", 200, id="at the machine"),
        pytest.param({}, "?key=wrong", 404, id="at the machine with a wrong key"),
        pytest.param(STRANGER, f"?key={KEY}", 200, id="a stranger with the key"),
        pytest.param(STRANGER, "", 404, id="a stranger without"),
        pytest.param(STRANGER, "?key=wrong", 404, id="a stranger with a wrong one"),
        pytest.param({"origin": "https://evil.example"}, "", 404, id="a foreign page without"),
        pytest.param(
            {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, "", 404,
            id="embedded by a foreign page",
        ),
    ],
)  # fmt: skip
async def test_the_key_is_the_permission_of_all_but_the_person_at_the_machine(
    client: httpx.AsyncClient, frames: Any, headers: dict[str, str], query: str, status: int
) -> None:
    answer = await client.get(f"/frame/kitchen{query}", headers=headers)

    assert answer.status_code == status


async def test_an_unknown_frame_answers_as_a_wrong_key_does(
    client: httpx.AsyncClient, frames: Any
) -> None:
    unknown = await client.get(f"/frame/cellar?key={KEY}", headers=STRANGER)
    wrong = await client.get("/frame/kitchen?key=wrong", headers=STRANGER)

    assert unknown.status_code == wrong.status_code == 404
    assert unknown.content == wrong.content


async def test_whoever_guesses_keys_has_to_wait(client: httpx.AsyncClient, frames: Any) -> None:
    headers = {"host": "pictures.example", "x-forwarded-for": "198.51.100.1"}
    statuses = [
        (await client.get(f"/frame/kitchen?key={n}", headers=headers)).status_code
        for n in range(52)
    ]

    assert statuses[:50] == [404] * 50
    assert statuses[50:] == [429] * 2


async def test_a_picture_that_is_not_made_yet_says_when_to_ask_again(
    client: httpx.AsyncClient, frames: Any
) -> None:
    frames.picture_for.side_effect = NotReady(5)

    answer = await client.get(f"/frame/kitchen?key={KEY}")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize("address", ["/frame/kitchen", "/new-image"])
async def test_a_screen_that_waits_for_its_picture_takes_no_thread_of_the_pages(
    client: httpx.AsyncClient, frames: Any, address: str
) -> None:
    taken: list[float] = []

    def slow(*_: object, **__: object) -> None:
        pages = anyio.from_thread.run_sync(anyio.to_thread.current_default_thread_limiter)
        taken.append(pages.borrowed_tokens)
        raise NotReady(5)

    frames.picture_for.side_effect = frames.new_image.side_effect = slow

    answer = await client.get(address)

    assert (answer.status_code, taken) == (503, [0])


@pytest.mark.parametrize("path", ["/frame", "/frame/", "/frame/a/b", "/frame/-/other.js"])
async def test_what_is_no_frame_is_no_page_of_the_screen(
    client: httpx.AsyncClient, frames: Any, path: str
) -> None:
    answer = await client.get(path, headers=BROWSER)

    assert answer.status_code == 404
    assert "kitchen" not in answer.text
