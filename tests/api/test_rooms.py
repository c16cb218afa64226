"""Sources, folders, jobs, zips, status and health over HTTP."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

from gallery_app.api.ops import PATIENCE_S
from gallery_app.api.schemas_more import FoldersOut, HealthOut, PathsOut, StatusOut
from gallery_app.api.schemas_sources import JobOut, JobsOut, SourceOut, SourcesOut
from gallery_app.domain.answers import Coming
from gallery_app.domain.model import SourceId
from gallery_app.services.health import HealthChecks
from gallery_app.services.remotes import RemoteBook
from gallery_app.services.sources import SourceBook
from gallery_app.services.values import Check, FetchRest, Health
from tests.api.conftest import House

V1 = "/api/v1"


# --- sources -----------------------------------------------------------------------------------


async def test_a_folder_is_watched_scanned_removed_and_taken_back(
    client: httpx.AsyncClient, folder: Path
) -> None:
    added = await client.post(f"{V1}/sources", json={"path": str(folder)})
    source = added.json()
    number = source["id"]
    sync = await client.post(f"{V1}/sources/{number}/sync")
    removed = await client.delete(f"{V1}/sources/{number}")
    again = await client.delete(f"{V1}/sources/{number}")
    restored = await client.post(f"{V1}/sources/{number}/restore")
    listed = (await client.get(f"{V1}/sources")).json()
    await client.delete(f"{V1}/sources/{number}")

    SourceOut.model_validate(source, strict=True)
    SourcesOut.model_validate(listed, strict=True)
    JobOut.model_validate(sync.json(), strict=True)
    assert (added.status_code, source["kind"], source["address"]) == (201, "folder", str(folder))
    assert (sync.status_code, sync.json()["kind"]) == (202, "scan")
    assert (removed.status_code, removed.content, again.status_code) == (204, b"", 404)
    assert restored.json()["address"] == str(folder)
    assert restored.json()["id"] in {s["id"] for s in listed["items"]}


@pytest.mark.parametrize(
    "path",
    ["relative", "", "   ", "/no/such/folder", "\x00", "~nobody-here/x", "/etc/passwd", "x" * 5000],
    ids=lambda p: ascii(p)[:20],
)
async def test_what_is_no_folder_is_refused(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(f"{V1}/sources", json={"path": path})

    assert answer.status_code in {400, 422}
    assert set(answer.json()) == {"error"}


async def test_a_folder_is_not_watched_twice(client: httpx.AsyncClient, folder: Path) -> None:
    (folder / "below").mkdir()
    number = (await client.post(f"{V1}/sources", json={"path": str(folder)})).json()["id"]

    again = await client.post(f"{V1}/sources", json={"path": str(folder)})
    below = await client.post(f"{V1}/sources", json={"path": str(folder / "below")})
    await client.delete(f"{V1}/sources/{number}")

    assert (again.status_code, below.status_code) == (409, 409)


async def test_the_gallerys_own_data_is_not_watched(
    house: House, client: httpx.AsyncClient
) -> None:
    answer = await client.post(
        f"{V1}/sources", json={"path": house.gallery.about.data_dir + "/originals"}
    )

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/sources/999"), ("POST", "/sources/999/sync"), ("POST", "/sources/999/restore"),
     ("GET", "/folders?source=999"), ("GET", "/jobs/999"), ("POST", "/jobs/999/retry"),
     ("GET", "/downloads/none")],
)  # fmt: skip
async def test_what_is_not_there_is_404(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, V1 + path)

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", str(10**30)])
async def test_a_number_that_cannot_be_is_422(client: httpx.AsyncClient, number: str) -> None:
    for path in (f"/sources/{number}/sync", f"/jobs/{number}/retry"):
        assert (await client.post(V1 + path)).status_code == 422


async def test_a_path_is_completed_as_it_is_typed(client: httpx.AsyncClient, folder: Path) -> None:
    body = (await client.get(f"{V1}/paths", params={"prefix": str(folder)[:-3]})).json()

    PathsOut.model_validate(body, strict=True)
    assert body["paths"] == [str(folder)]


@pytest.mark.parametrize("prefix", ["/no/such", "\x00", "~nobody-here/x", "relative"])
async def test_a_path_that_leads_nowhere_has_no_completion(
    client: httpx.AsyncClient, prefix: str
) -> None:
    answer = await client.get(f"{V1}/paths", params={"prefix": prefix})

    assert answer.status_code == 200
    assert answer.json() == {"paths": []}


async def test_folders_are_listed_a_level_at_a_time(
    client: httpx.AsyncClient, folder: Path
) -> None:
    number = (await client.post(f"{V1}/sources", json={"path": str(folder)})).json()["id"]

    body = (await client.get(f"{V1}/folders", params={"source": number, "path": "/a/"})).json()
    await client.delete(f"{V1}/sources/{number}")

    FoldersOut.model_validate(body, strict=True)
    assert (body["source"], body["path"], body["folders"]) == (number, "a", [])


# --- jobs --------------------------------------------------------------------------------------


async def test_jobs_are_listed_shown_and_given_another_try(
    client: httpx.AsyncClient, folder: Path
) -> None:
    number = (await client.post(f"{V1}/sources", json={"path": str(folder)})).json()["id"]

    listed = (await client.get(f"{V1}/jobs", params={"state": "ready"})).json()
    job = listed["items"][0]
    shown = (await client.get(f"{V1}/jobs/{job['id']}")).json()
    retried = await client.post(f"{V1}/jobs/{job['id']}/retry")
    all_retried = await client.post(f"{V1}/jobs/retry")
    await client.delete(f"{V1}/sources/{number}")

    JobsOut.model_validate(listed, strict=True)
    JobOut.model_validate(shown, strict=True)
    assert shown["id"] == job["id"]
    assert retried.status_code == 409
    assert retried.json()["error"]["code"] == "job_running"
    assert all_retried.json()["count"] >= 0


async def test_jobs_in_a_state_that_is_none_are_422(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{V1}/jobs", params={"state": "lost"})).status_code == 422


# --- zips --------------------------------------------------------------------------------------


async def test_a_zip_has_the_originals_as_they_are(house: House, client: httpx.AsyncClient) -> None:
    import hashlib

    wanted = [house.assets["beach.jpg"], house.assets["city.png"]]
    made = await client.post(
        f"{V1}/downloads", json={"uids": [a.uid for a in wanted], "name": 'la"ke\r\n'}
    )

    answer = await client.get(made.json()["url"])

    assert made.status_code == 201
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="lake.zip"')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        found = {i.filename: hashlib.sha256(archive.read(i)).hexdigest() for i in archive.filelist}
    assert found == {a.filename: a.sha256 for a in wanted}


@pytest.mark.parametrize(
    ("body", "status"),
    [({"uids": []}, 422), ({"uids": ["0" * 26]}, 404), ({}, 422), ({"uids": "x"}, 422)],
    ids=str,
)
async def test_a_zip_of_nothing_is_not_made(
    client: httpx.AsyncClient, body: dict[str, object], status: int
) -> None:
    assert (await client.post(f"{V1}/downloads", json=body)).status_code == status


# --- status and health ---------------------------------------------------------------------------


async def test_the_status_counts_what_is_there(client: httpx.AsyncClient) -> None:
    body = (await client.get(f"{V1}/status")).json()

    StatusOut.model_validate(body, strict=True)
    assert body["total"] >= 4
    assert body["revision"] > 0


async def test_the_status_counts_what_is_on_its_way_and_not_what_rests(
    client: httpx.AsyncClient, stand_in: Callable[[str, type[Any]], Any]
) -> None:
    stand_in("sources", SourceBook).coming.return_value = [
        Coming(SourceId(2), 71, 174),
        Coming(SourceId(3), 9, 9),
        Coming(SourceId(4), 7, 7, "resting"),
        Coming(SourceId(5), 5, 5, "stopped"),
        Coming(SourceId(6), 0, 800),
    ]
    rest = FetchRest("It does not answer.", datetime(2026, 7, 31, tzinfo=timezone.utc), 5)
    stand_in("remotes", RemoteBook).resting = {2: None, 3: rest}.get

    progress = (await client.get(f"{V1}/status")).json()["progress"]

    assert (progress["fetching"], progress["fetched"]) == (71, 174)


async def test_health_names_each_part(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health")

    HealthOut.model_validate(answer.json(), strict=True)
    assert answer.json()["status"] == {200: "ok", 503: "failing"}[answer.status_code]
    assert {"index", "disk"} <= set(answer.json()["checks"])
    assert answer.headers["cache-control"] == "no-store"


async def test_a_required_part_that_fails_is_503(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Health(ok=False, checks=(Check("index", ok=False, required=True, detail="gone"),))
    monkeypatch.setattr(HealthChecks, "ask", lambda _: broken)

    answer = await client.get("/health")

    assert answer.status_code == 503
    assert answer.json()["checks"]["index"]["ok"] is False


async def test_health_answers_within_a_second_whatever_hangs(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    release = threading.Event()
    ended: list[bool] = []

    def hang(_: Any) -> Health:
        ended.append(release.wait(60))
        return Health(ok=True, checks=())

    monkeypatch.setattr(HealthChecks, "ask", hang)

    answer = await client.get("/health")

    assert ended == []
    release.set()
    assert answer.status_code == 503
    assert PATIENCE_S < 1
