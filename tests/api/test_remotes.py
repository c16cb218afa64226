"""Remotes over HTTP: connected, tested, changed, synced, removed; no key ever comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest

from gallery_app.api.schemas_sources import FindingsOut, JobOut, KindsOut, SourceOut, SourcesOut
from gallery_app.connectors.base import Field
from gallery_app.domain.errors import BadInput, Conflict, NotFound, UpstreamRefused
from gallery_app.domain.model import Job, JobId, Source, SourceId
from gallery_app.domain.remote import Budget, Finding, Findings
from gallery_app.services.pushing import Pushing
from gallery_app.services.remotes import RemoteBook
from gallery_app.services.sources import SourceBook
from gallery_app.services.values import FetchRest, RemoteKind, RemoteView
from tests.api.conftest import House

V1 = "/api/v1"
NOON = datetime(2026, 7, 31, 12, 0, tzinfo=timezone.utc)
SECRET = "k3y-that-nobody-may-read"
TOKEN = "t0ken-of-the-webhook"
KIND = RemoteKind(
    "freshdesk", "Freshdesk",
    (Field("address", "Account", required=True), Field("key", "Key", kind="secret")),
    copies=True, guide="Make an agent who sees all tickets.",
)  # fmt: skip
ACME = Source(
    SourceId(3), "freshdesk", "Acme", "https://acme.freshdesk.com", "online", NOON,
    waiting=12, held=40, refused=1, next_sync_at=NOON, facts={"plan": "Pro"},
)  # fmt: skip
FOLDER = Source(SourceId(1), "folder", "Pictures", "/p", "online", NOON)
VIEW = RemoteView(
    ACME, KIND, options={"private_notes": "1"}, has_key=True, budget=Budget(400, 312, 240),
    hook_url="http://127.0.0.1:8080/hooks/freshdesk/3", hook_token=TOKEN,
    progress={"tickets": 120},
)  # fmt: skip
FINDINGS = Findings(
    (Finding("Key", ok=True, detail="It is anna's."), Finding("Scope", ok=False, detail="Group.",
     remedy="Give her global access.", required=False)), {"plan": "Pro"},
)  # fmt: skip
SYNC = Job(JobId(9), "sync", "sync:3", "Acme", "ready", 0, NOON, NOON)


@pytest.fixture
def remotes(stand_in: Callable[[str, type[Any]], Any], house: House) -> Any:
    def get(number: int) -> Source:
        found = {3: ACME, 1: FOLDER}.get(number)
        if found is None:
            raise NotFound("source")
        return found

    sources = stand_in("sources", SourceBook)
    sources.list.return_value = [FOLDER, ACME]
    sources.get.side_effect = get
    double = stand_in("remotes", RemoteBook)
    double.view.return_value = VIEW
    double.add.return_value = double.change.return_value = double.restore.return_value = ACME
    double.sync_now.return_value = SYNC
    sources.scan.return_value = SYNC
    return double


async def test_a_remote_is_connected_and_its_key_never_comes_back(
    client: httpx.AsyncClient, remotes: Any
) -> None:
    answer = await client.post(
        f"{V1}/sources",
        json={
            "kind": "freshdesk", "address": "acme", "key": SECRET, "name": "Acme",
            "options": {"private_notes": "1"},
        },
    )  # fmt: skip

    body = answer.json()
    SourceOut.model_validate(body, strict=True)
    assert answer.status_code == 201
    assert body["has_key"] is True
    assert SECRET not in answer.text
    remotes.add.assert_called_once_with("freshdesk", "Acme", "acme", SECRET, {"private_notes": "1"})


async def test_sources_tell_how_far_they_are_and_what_they_may_ask(
    client: httpx.AsyncClient, remotes: Any
) -> None:
    listed = (await client.get(f"{V1}/sources")).json()
    shown = (await client.get(f"{V1}/sources/3")).json()

    SourcesOut.model_validate(listed, strict=True)
    SourceOut.model_validate(shown, strict=True)
    folder, acme = listed["items"]
    assert (folder["budget"], folder["hook"], folder["has_key"]) == (None, None, False)
    assert (acme["waiting"], acme["held"], acme["refused"]) == (12, 40, 1)
    assert acme["budget"] == {"limit": 400, "remaining": 312, "ours": 240, "window_s": 60}
    assert acme["progress"] == {"tickets": 120}
    # The token of the webhook is shown where one source is shown, and hinted at elsewhere.
    assert acme["hook"]["token"] is None
    assert acme["hook"]["token_hint"] == "t0ke…"
    assert shown["hook"]["token"] == TOKEN
    assert shown["hook"]["header"] == "X-Gallery-Token"


async def test_a_source_whose_pictures_do_not_come_says_why_and_until_when(
    client: httpx.AsyncClient, remotes: Any
) -> None:
    remotes.view.return_value = replace(VIEW, resting=FetchRest("No answer came.", NOON, 5))

    shown = (await client.get(f"{V1}/sources/3")).json()

    SourceOut.model_validate(shown, strict=True)
    assert shown["resting"] == {
        "error": "No answer came.", "until": NOON.isoformat(), "failures": 5,
    }  # fmt: skip


async def test_a_source_that_goes_this_moment_leaves_the_others_listed(
    client: httpx.AsyncClient, remotes: Any
) -> None:
    remotes.view.side_effect = NotFound("source")

    listed = await client.get(f"{V1}/sources")

    assert listed.status_code == 200
    assert [item["kind"] for item in listed.json()["items"]] == ["folder"]


async def test_what_can_be_connected_comes_with_its_form(
    client: httpx.AsyncClient, remotes: Any
) -> None:
    remotes.kinds.return_value = [KIND]

    body = (await client.get(f"{V1}/sources/kinds")).json()

    KindsOut.model_validate(body, strict=True)
    assert body["items"][0]["kind"] == "freshdesk"
    assert [f["kind"] for f in body["items"][0]["fields"]] == ["text", "secret"]


async def test_a_remote_is_tried_out_before_and_after_it_is_connected(
    client: httpx.AsyncClient, remotes: Any
) -> None:
    remotes.test.return_value = remotes.test_saved.return_value = FINDINGS

    tried = await client.post(
        f"{V1}/sources/test", json={"kind": "freshdesk", "address": "acme", "key": SECRET}
    )
    saved = await client.post(f"{V1}/sources/3/test")

    FindingsOut.model_validate(tried.json(), strict=True)
    assert tried.json() == saved.json()
    assert tried.json()["ok"] is True
    assert tried.json()["items"][1]["remedy"] == "Give her global access."
    assert SECRET not in tried.text
    remotes.test.assert_called_once_with("freshdesk", "acme", SECRET, {})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"paused": True}, {"paused": True}),
        ({"name": "Acme Ltd"}, {"name": "Acme Ltd"}),
        ({"key": SECRET}, {"key": SECRET}),
        ({"options": {"languages": "de"}}, {"options": {"languages": "de"}}),
    ],
    ids=["paused", "name", "key", "options"],
)
async def test_only_what_is_said_is_changed(
    client: httpx.AsyncClient, remotes: Any, body: dict[str, Any], said: dict[str, Any]
) -> None:
    answer = await client.patch(f"{V1}/sources/3", json=body)

    nothing: dict[str, Any] = {"name": None, "key": None, "options": None, "paused": None}
    assert answer.status_code == 200
    assert SECRET not in answer.text
    remotes.change.assert_called_once_with(3, **{**nothing, **said})


async def test_a_remote_is_synced_retried_removed_and_taken_back(
    client: httpx.AsyncClient, remotes: Any
) -> None:
    remotes.retry.return_value = 4

    synced = await client.post(f"{V1}/sources/3/sync?walk=1")
    retried = await client.post(f"{V1}/sources/3/retry")
    kept = await client.delete(f"{V1}/sources/3?keep=1")
    dropped = await client.delete(f"{V1}/sources/3")
    restored = await client.post(f"{V1}/sources/3/restore")

    JobOut.model_validate(synced.json(), strict=True)
    assert (synced.status_code, synced.json()["kind"]) == (202, "sync")
    assert retried.json() == {"count": 4}
    assert (kept.status_code, dropped.status_code, restored.status_code) == (204, 204, 200)
    remotes.sync_now.assert_called_once_with(3, walk=True, believe_loss=False)
    assert [c.kwargs for c in remotes.remove.call_args_list] == [{"keep": True}, {"keep": False}]


async def test_a_folder_is_scanned_and_removed_as_a_folder(
    house: House, client: httpx.AsyncClient, remotes: Any
) -> None:
    remotes.restore.side_effect = NotFound("source")
    house.gallery.sources.restore.return_value = FOLDER  # type: ignore[attr-defined]  # a double

    await client.post(f"{V1}/sources/1/sync")
    await client.delete(f"{V1}/sources/1")
    restored = await client.post(f"{V1}/sources/1/restore")

    remotes.sync_now.assert_not_called()
    remotes.remove.assert_not_called()
    assert restored.json()["kind"] == "folder"


async def test_pictures_are_handed_to_a_remote(
    house: House, client: httpx.AsyncClient, remotes: Any,
    stand_in: Callable[[str, type[Any]], Any],
) -> None:  # fmt: skip
    pushing = stand_in("pushing", Pushing)
    pushing.push.return_value = Job(JobId(8), "push", "p", "2 pictures", "ready", 0, NOON, NOON)
    uids = [house.assets["beach.jpg"].uid, house.assets["lake.jpg"].uid]

    answer = await client.post(f"{V1}/sources/2/push", json={"assets": uids})
    nonsense = await client.post(f"{V1}/sources/2/push", json={"assets": ["x"]})
    none = await client.post(f"{V1}/sources/2/push", json={"assets": []})

    assert (answer.status_code, answer.json()["kind"]) == (202, "push")
    assert (nonsense.status_code, none.status_code) == (404, 422)
    pushing.push.assert_called_once_with(uids, 2)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadInput("Account is missing."), 400),
        (Conflict("This is connected already, as Acme."), 409),
        (UpstreamRefused(source="Acme", reason="Acme refuses the key."), 502),
    ],
    ids=["a bad form", "connected already", "refused"],
)
async def test_what_cannot_be_connected_says_why(
    client: httpx.AsyncClient, remotes: Any, error: Exception, status: int
) -> None:
    remotes.add.side_effect = error

    answer = await client.post(
        f"{V1}/sources", json={"kind": "freshdesk", "address": "acme", "key": SECRET}
    )

    assert (answer.status_code, answer.json()["error"]["message"]) == (status, str(error))
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {}, {"path": "/p", "kind": "immich"}, {"kind": "immich", "key": 5, "address": SECRET},
        {"kind": "immich", "key": SECRET, "options": {"a": 1}},
        {"kind": "immich", "key": SECRET, "wrong": 1}, {"kind": "immich", "key": SECRET * 1000},
    ],
    ids=["nothing", "both", "a number", "an option", "a field", "too long"],
)  # fmt: skip
async def test_a_form_of_another_kind_is_422_and_repeats_no_secret(
    client: httpx.AsyncClient, remotes: Any, body: dict[str, object]
) -> None:
    answer = await client.post(f"{V1}/sources", json=body)

    assert answer.status_code == 422
    assert SECRET not in answer.text
    remotes.add.assert_not_called()
