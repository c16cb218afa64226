"""Signed links as strangers open them."""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

import anyio
import httpx
import pytest

from gallery_app.domain.model import Asset
from gallery_app.services.sharing import Sharing
from gallery_app.services.values import NewLink
from gallery_app.storage.local import Cache
from tests.api.conftest import House

BROWSER = {"accept": "text/html,application/xhtml+xml,image/avif,*/*;q=0.8"}
STRANGER = {"host": "pictures.example", "x-forwarded-for": "203.0.113.7"}


def make(house: House, *assets: Asset, **more: object) -> tuple[NewLink, str]:
    made = house.gallery.sharing.create(
        [asset.uid for asset in assets],
        **{"rendition": "small", "expires_in_s": 3600, **more},  # type: ignore[arg-type]  # as the test says
    )
    return made, urlsplit(made.url).path


async def test_a_link_opens_for_a_stranger_whose_browser_asks_again_each_time(
    house: House, client: httpx.AsyncClient
) -> None:
    _, path = make(house, house.assets["beach.jpg"])
    house.clock.pass_s(600)

    answer = await client.get(path, headers=STRANGER)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]


async def test_every_opening_is_on_record_with_its_bytes(
    house: House, client: httpx.AsyncClient
) -> None:
    made, path = make(house, house.assets["beach.jpg"])

    size = len((await client.get(path, headers=STRANGER)).content)

    (hit,) = house.gallery.sharing.hits(made.link.id)
    assert (hit.bytes, hit.client, hit.rendition) == (size, "203.0.113.7", "small")


async def test_a_head_and_a_304_are_no_views(house: House, client: httpx.AsyncClient) -> None:
    made, path = make(house, house.assets["beach.jpg"], max_views=1)

    head = await client.head(path)
    held = await client.get(path, headers={"if-none-match": head.headers["etag"]})

    assert (head.status_code, held.status_code) == (200, 304)
    assert head.content == b""
    assert int(head.headers["content-length"]) > 0
    assert house.gallery.sharing.get(made.link.id).link.views == 0


async def test_the_parts_of_one_view_count_once(house: House, client: httpx.AsyncClient) -> None:
    made, path = make(house, house.assets["beach.jpg"], rendition="original")

    for part in ("bytes=0-99", "bytes=100-199", "bytes=200-"):
        answer = await client.get(path, headers={"range": part, **STRANGER})
        assert answer.status_code == 206

    assert house.gallery.sharing.get(made.link.id).link.views == 1


async def test_a_part_without_a_beginning_is_a_view_of_its_own(
    house: House, client: httpx.AsyncClient
) -> None:
    made, path = make(house, house.assets["beach.jpg"], rendition="original")

    await client.get(path, headers={"range": "bytes=1-", "x-forwarded-for": "198.51.100.1"})

    assert house.gallery.sharing.get(made.link.id).link.views == 1


async def test_an_original_goes_out_only_by_a_link_that_names_it(
    house: House, client: httpx.AsyncClient
) -> None:
    import hashlib

    asset = house.assets["lake.jpg"]
    _, small = make(house, asset)
    _, original = make(house, asset, rendition="original")

    sent = (await client.get(original, headers=STRANGER)).content
    assert hashlib.sha256(sent).hexdigest() == asset.sha256
    assert b"Exif" not in (await client.get(small, headers=STRANGER)).content


async def test_a_link_of_several_pictures_is_a_page_of_them(
    house: House, client: httpx.AsyncClient
) -> None:
    _, path = make(
        house, house.assets["beach.jpg"], house.assets["city.png"], note="for <b>Anna</b>"
    )

    answer = await client.get(path, headers=STRANGER)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert not {w for w in ("<script", "Anna", "beach", "city") if w in answer.text}
    addresses = [part.partition('"')[0] for part in answer.text.split('src="')[1:]]
    assert len(addresses) == 2
    for address in addresses:
        picture = await client.get(address, headers=STRANGER)
        assert picture.headers["content-type"] == "image/webp"


def changed(token: str) -> list[tuple[str, str]]:
    """The token, spoilt in one way each, by name."""
    head, _, tail = token.partition(".")
    last = "A" if tail[-1] != "A" else "Q"
    return [
        ("a digit of the claims", ("B" if head[0] == "A" else "A") + head[1:] + "." + tail),
        ("the last digit of the signature", f"{head}.{tail[:-1]}{last}"),
        ("no signature", head),
        ("an empty signature", head + "."),
        ("padding", token + "="),
        ("another dot", token + ".x"),
        ("capitals", token.upper()),
        ("escaped", token.replace("A", "%41") if "A" in token else "%41" + token[1:]),
        ("a blank", token + "%20"),
        ("a zero byte", token + "%00"),
        ("cut", token[:-1]),
        ("doubled", token + token),
        ("7 kB of something", "A" * 7000),
    ]


async def test_what_is_not_byte_for_byte_our_token_is_one_and_the_same_404(
    house: House, client: httpx.AsyncClient
) -> None:
    _, path = make(house, house.assets["beach.jpg"])
    token = path.split("/")[2]
    bodies = set()

    for name, spoilt in changed(token):
        answer = await client.get(f"/i/{spoilt}/picture.webp", headers=STRANGER)
        assert answer.status_code == 404, name
        bodies.add(answer.content)

    assert len(bodies) == 1


@pytest.mark.parametrize(
    "form",
    ["/i/{t}", "/i/{t}/", "/i//{t}/a.webp", "/i/{t}/a/b.webp", "/i/%2E/{t}/a", "/i/{t}%2Fa", "/i/"],
)
async def test_only_the_exact_form_of_the_address_opens(
    house: House, client: httpx.AsyncClient, form: str
) -> None:
    _, path = make(house, house.assets["beach.jpg"])

    answer = await client.get(form.format(t=path.split("/")[2]))

    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["picture.webp", "anything", "M%C3%B6we.jpg", "a.b.c"])
async def test_the_name_at_the_end_is_decoration(
    house: House, client: httpx.AsyncClient, name: str
) -> None:
    _, path = make(house, house.assets["beach.jpg"])

    answer = await client.get(f"/i/{path.split('/')[2]}/{name}?utm_source=mail")

    assert answer.status_code == 200


async def test_a_link_opens_strictly_before_its_end_and_then_says_when_it_was(
    house: House, client: httpx.AsyncClient
) -> None:
    made, path = make(house, house.assets["beach.jpg"], expires_in_s=60)
    end = made.link.expires_at

    house.clock.pass_s((end - house.clock.now()).total_seconds() - 1)
    before = await client.get(path)
    house.clock.pass_s(1)
    after = await client.get(path, headers={"accept": "application/json"})

    assert before.status_code == 200
    assert after.status_code == 410
    assert after.json()["error"]["code"] == "link_expired"
    assert after.json()["error"]["at"] == end.isoformat()


async def test_a_withdrawn_link_is_gone_at_once(house: House, client: httpx.AsyncClient) -> None:
    made, path = make(house, house.assets["beach.jpg"])
    assert (await client.get(path)).status_code == 200

    await client.delete(f"/api/v1/links/{made.link.id}")
    answer = await client.get(path)

    assert answer.status_code == 410
    assert answer.json()["error"]["code"] == "link_revoked"


async def test_a_link_opens_as_often_as_it_may(house: House, client: httpx.AsyncClient) -> None:
    made, path = make(house, house.assets["beach.jpg"], max_views=2)

    codes = [(await client.get(path)).status_code for _ in range(4)]

    assert codes == [200, 200, 410, 410]
    assert house.gallery.sharing.get(made.link.id).link.views == 2


async def test_the_last_views_go_to_as_many_as_there_are_however_many_ask_at_once(
    house: House, client: httpx.AsyncClient
) -> None:
    made, path = make(house, house.assets["beach.jpg"], max_views=10)
    codes: list[int] = []

    async def ask() -> None:
        codes.append((await client.get(path)).status_code)

    async with anyio.create_task_group() as tasks:
        for _ in range(60):
            tasks.start_soon(ask)

    assert sorted(codes) == [200] * 10 + [410] * 50
    assert house.gallery.sharing.get(made.link.id).link.views == 10
    served = [h for h in house.gallery.sharing.hits(made.link.id, limit=100) if not h.refused]
    assert len(served) == 10


async def test_nobody_who_asks_after_a_link_was_withdrawn_is_served(
    house: House, client: httpx.AsyncClient
) -> None:
    made, path = make(house, house.assets["beach.jpg"])
    withdrawn = False
    late: list[int] = []

    async def ask() -> None:
        began_late = withdrawn
        status = (await client.get(path)).status_code
        if began_late:
            late.append(status)

    async def withdraw() -> None:
        nonlocal withdrawn
        await client.delete(f"/api/v1/links/{made.link.id}")
        withdrawn = True

    async with anyio.create_task_group() as tasks:
        for number in range(60):
            tasks.start_soon(withdraw if number == 20 else ask)
    for _ in range(3):
        await ask()

    assert late
    assert set(late) == {410}


async def test_a_picture_in_the_trash_is_not_shown(
    house: House, client: httpx.AsyncClient, own_picture: Asset
) -> None:
    _, path = make(house, own_picture)
    house.gallery.curation.trash(own_picture.uid)

    answer = await client.get(path)

    assert answer.status_code == 410


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_a_link_takes_get_and_head_alone(
    house: House, client: httpx.AsyncClient, method: str
) -> None:
    _, path = make(house, house.assets["beach.jpg"])

    answer = await client.request(method, path, headers={"x-http-method-override": "GET"})

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


async def test_a_person_sees_a_page_and_a_program_json(
    house: House, client: httpx.AsyncClient
) -> None:
    made, path = make(house, house.assets["beach.jpg"])
    house.gallery.sharing.revoke(made.link.id)

    page = await client.get(path, headers=BROWSER)
    data = await client.get(path, headers={"accept": "application/json"})

    assert page.status_code == data.status_code == 410
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "withdrawn by the person who made it" in page.text
    assert "<script" not in page.text
    assert data.json()["error"]["code"] == "link_revoked"


async def test_the_page_of_a_forged_link_tells_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get("/i/<script>alert(1)</script>/x", headers=BROWSER)

    assert answer.status_code == 404
    assert "alert" not in answer.text


async def test_whoever_forges_fifty_links_a_minute_has_to_wait(
    house: House, client: httpx.AsyncClient
) -> None:
    _, good = make(house, house.assets["beach.jpg"])
    forger = {"x-forwarded-for": "203.0.113.66"}
    house.clock.pass_s(61)

    codes = [(await client.get(f"/i/forged{n}/x", headers=forger)).status_code for n in range(51)]
    answer = await client.get(good, headers=forger)
    other = await client.get(good, headers={"x-forwarded-for": "203.0.113.67"})

    assert codes == [404] * 50 + [429]
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"
    assert other.status_code == 200

    house.clock.pass_s(60)
    assert (await client.get(good, headers=forger)).status_code == 200


async def test_a_fault_while_views_are_recorded_answers_every_one_of_them(
    house: House, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = make(house, house.assets["beach.jpg"])
    assert (await client.head(path)).status_code == 200
    statuses: list[int] = []

    def fault(*_views: object) -> None:
        raise RuntimeError("a fault")

    async def open_it() -> None:
        statuses.append((await client.get(path)).status_code)

    with monkeypatch.context() as broken:
        broken.setattr(Sharing, "begin", fault)
        with anyio.fail_after(60):
            async with anyio.create_task_group() as visitors:
                for _ in range(3):
                    visitors.start_soon(open_it)

    assert statuses == [500] * 3
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("rendition", "inline"),
    [("thumb", True), ("small", True), ("medium", True), ("large", False), ("screen", False)],
)
async def test_only_small_renditions_are_read_between_other_requests(
    house: House,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    rendition: str,
    inline: bool,
) -> None:
    _, path = make(house, house.assets["beach.jpg"], rendition=rendition)
    assert (await client.get(path)).status_code == 200
    readers: list[int] = []
    read = Cache.get

    def note_reader(cache: Cache, key: str) -> bytes | None:
        readers.append(threading.get_ident())
        return read(cache, key)

    monkeypatch.setattr(Cache, "get", note_reader)

    answer = await client.get(path)

    assert answer.status_code == 200
    assert readers
    assert (readers[0] == threading.get_ident()) is inline
