"""Journey 2: bytes that come from outside, and what is left when they are refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx
import pytest

from gallery_app.api import uploads
from tests.journeys.whole import Whole, until
from tests.pictures import make_picture

LAKE = make_picture("640x480 jpeg, seed 3, taken 2018-05-06 07:08:09")
SHA256 = hashlib.sha256(LAKE).hexdigest()


async def put(http: httpx.AsyncClient, name: str, data: bytes, **headers: str) -> httpx.Response:
    return await http.put(f"/api/v1/uploads/{name}", content=data, headers=headers)


def left_behind(whole: Whole) -> list[str]:
    """Files in the store that are not a finished original."""
    places = (whole.data / "incoming", whole.data / "originals")
    return [p.name for place in places for p in place.rglob("*") if p.is_file()]


class TestAnUpload:
    async def test_is_a_tile_and_its_bytes_are_kept_as_they_came(self, whole: Whole) -> None:
        async with whole.http() as http:
            answer = await put(http, "lake.jpg", LAKE, **{"x-sha256": SHA256})
            asset = answer.json()
            original = await http.get(asset["full_url"])
            small = await http.get(asset["thumbnail_url"])
            timeline = (await http.get("/api/v1/timeline")).json()

        assert answer.status_code == 201, answer.text
        assert (asset["status"], asset["sha256"], asset["type"]) == ("ready", SHA256, "jpeg")
        assert original.content == LAKE
        assert small.headers["content-type"] == "image/webp"
        assert timeline["keys"] == ["2018-05"]
        assert left_behind(whole) == [SHA256]

    async def test_again_is_here_already(self, whole: Whole) -> None:
        async with whole.http() as http:
            first = await put(http, "lake.jpg", LAKE)
            again = await put(http, "other name.jpg", LAKE)

        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json()["id"] == first.json()["id"]
        assert len(whole.all()) == 1

    async def test_of_what_lies_in_a_folder_is_that_picture_and_outlives_the_file(
        self, whole: Whole
    ) -> None:
        path = whole.put("lake.jpg", LAKE)
        whole.watch()
        (there,) = whole.ready(1)

        async with whole.http() as http:
            answer = await put(http, "upload.jpg", LAKE)
            path.unlink()
            until(lambda: all(o.gone_at or o.key != "lake.jpg" for o in whole.all()[0].occurrences))
            original = await http.get(f"/api/v1/assets/{there.uid}/original")

        assert answer.status_code == 200
        assert answer.json()["id"] == there.uid
        assert original.content == LAKE

    async def test_of_something_in_the_trash_brings_it_back(self, whole: Whole) -> None:
        async with whole.http() as http:
            first = await put(http, "lake.jpg", LAKE)
            await http.delete(f"/api/v1/assets/{first.json()['id']}")
            again = await put(http, "lake.jpg", LAKE)

        assert again.status_code == 200
        assert [a.uid for a in whole.all()] == [first.json()["id"]]

    async def test_takes_its_date_from_the_sender_when_the_file_has_none(
        self, whole: Whole
    ) -> None:
        plain = make_picture("64x48 png")

        async with whole.http() as http:
            answer = await put(http, "plain.png", plain, **{"x-last-modified": "1469966602000"})

        assert answer.json()["taken_at"].startswith("2016-07-31")
        assert answer.json()["metadata"]["taken_from"] == "file"

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            pytest.param("..%2F..%2Fetc%2Fpasswd.jpg", "passwd.jpg", id="a path upwards"),
            pytest.param("C:%5CUsers%5Canna%5Clake.jpg", "lake.jpg", id="a Windows path"),
            pytest.param("%3Cimg%20src=x%3E.jpg", "<img src=x>.jpg", id="markup"),
            pytest.param("Z%C3%BCrich%20%E6%B9%96.jpg", "Zürich 湖.jpg", id="other scripts"),
            pytest.param("a%09%7Fb.jpg", "ab.jpg", id="control characters"),
            pytest.param(".jpg", ".jpg", id="only an extension"),
        ],
    )
    async def test_keeps_its_name_for_showing_only(
        self, common: Whole, name: str, shown: str
    ) -> None:
        data = make_picture(f"16x16 png, noise seed {len(name)}, title {shown}")

        async with common.http() as http:
            answer = await put(http, name, data)

        assert answer.status_code == 201, answer.text
        assert answer.json()["filename"] == shown
        assert all(len(name) == 64 for name in left_behind(common)), "a name of the sender's"


class TestARefusal:
    @pytest.fixture(autouse=True)
    def _do_not_linger(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # No sender is in the middle of a body here: httpx hands it over whole.
        monkeypatch.setattr(uploads, "LINGER_S", 0.01)

    @pytest.mark.parametrize(
        ("data", "headers", "status", "code"),
        [
            pytest.param(b"", {}, 422, "unreadable", id="nothing at all"),
            pytest.param(b"just words " * 900, {}, 415, "unsupported_type", id="no picture"),
            pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, 415,
                         "unsupported_type", id="a drawing that can run"),
            pytest.param(b"MZ" + bytes(9000), {}, 415, "unsupported_type", id="a program"),
            pytest.param(LAKE[: len(LAKE) // 2], {}, 422, "unreadable", id="half a picture"),
            pytest.param(LAKE[:300], {}, 422, "unreadable", id="only a head"),
            pytest.param(LAKE, {"x-sha256": "0" * 64}, 422, "bad_digest", id="another hash"),
            pytest.param(LAKE, {"x-sha256": "xyz"}, 400, "bad_input", id="no hash"),
            pytest.param(LAKE, {"x-last-modified": "soon"}, 400, "bad_input", id="no time"),
        ],
    )  # fmt: skip
    async def test_is_a_sentence_and_leaves_nothing(
        self, common: Whole, data: bytes, headers: dict[str, str], status: int, code: str
    ) -> None:
        before = common.all(), left_behind(common)

        async with common.http() as http:
            answer = await put(http, "x.jpg", data, **headers)
            error = answer.json()["error"]

        assert (answer.status_code, error["code"]) == (status, code), answer.text
        assert error["message"].endswith(".")
        assert str(common.data) not in answer.text
        assert (common.all(), left_behind(common)) == before

    async def test_of_too_many_bytes_comes_before_they_are_read(self, tmp_path: Path) -> None:
        whole = Whole(tmp_path, image_limit_mb=1)
        try:
            async with whole.http() as http:
                answer = await put(http, "x.jpg", LAKE + bytes(1_500_000))
                error = answer.json()["error"]
        finally:
            whole.close()

        assert (answer.status_code, error["limit_bytes"]) == (413, 1_000_000)
        assert left_behind(whole) == []
