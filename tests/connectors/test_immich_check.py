"""The connection test: every way it can be wrong, in words that say what to do."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gallery_app.connectors.immich import KIND, Immich
from gallery_app.domain.errors import Upstream
from gallery_app.domain.remote import Finding, Findings, RemoteConfig
from gallery_app.testing.faults import Faults
from gallery_app.testing.immich import READ_ONLY, FakeImmich
from gallery_app.testing.server import Served
from tests.connectors.immich_book import Clock, connected, house

OLD = "1.120.0"  # does not tell what a key may do


def finding(findings: Findings, words: str) -> Finding:
    return next(item for item in findings.items if words in item.what)


def checked_at(url: str) -> Findings:
    connector = Immich(RemoteConfig(KIND.address_of(url), "some-key-0000"), Clock().tools())
    try:
        return connector.check()
    finally:
        connector.close()


class TestAGoodConnection:
    @pytest.mark.parametrize("version", ["1.120.0", "1.138.0", "2.7.0", "3.1.0", "3.2.2"])
    def test_says_so_of_every_part(self, version: str) -> None:
        with house(version, assets=2) as (_, connector, _clock):
            findings = connector.check()

            assert findings.ok
            assert all(item.ok for item in findings.items)
            assert findings.facts["version"] == version
            assert findings.facts["smart_search"] == "1"
            assert findings.facts["can_upload"] == "1"

    def test_with_a_key_that_only_reads_can_do_all_but_send(self) -> None:
        with house(permissions=READ_ONLY) as (_, connector, _clock):
            findings = connector.check()

            assert findings.ok
            assert not finding(findings, "asset.upload").ok
            assert findings.facts["can_upload"] == "0"

    def test_to_an_empty_library_is_good_too(self) -> None:
        with house(OLD, assets=0, albums=0, tags=0, people=0) as (_, connector, _clock):
            assert connector.check().ok

    def test_without_machine_learning_misses_only_the_search(self) -> None:
        with house(smart=False) as (_, connector, _clock):
            findings = connector.check()

            assert findings.ok
            assert not finding(findings, "Smart search").ok
            assert findings.facts["smart_search"] == "0"


class TestAKey:
    @pytest.mark.parametrize("version", [OLD, "2.7.0", "3.1.0"])
    def test_that_is_wrong_is_told_from_one_that_may_little(self, version: str) -> None:
        with house(version, permissions=("album.read",)) as (fake, connector, clock):
            scoped = connector.check()
            wrong_one = connected(fake, clock, key="wrong-key-1234")
            wrong = wrong_one.check()
            wrong_one.close()

            assert finding(scoped, "Key").ok
            assert not scoped.ok
            assert not finding(wrong, "Key").ok
            assert "does not know this key" in finding(wrong, "Key").detail
            assert "wrong-key-1234" not in repr(wrong)

    def test_that_may_not_read_about_itself_is_no_wrong_one(self) -> None:
        faults = Faults()
        with house(assets=1, faults=faults) as (_, connector, _clock):
            faults.plan("/api-keys/me", "403")

            assert connector.check().ok

    @pytest.mark.parametrize("version", [OLD, "3.1.0"])
    @pytest.mark.parametrize("missing", READ_ONLY)
    def test_that_lacks_a_permission_is_told_which_and_what_will_not_work(
        self, version: str, missing: str
    ) -> None:
        granted = tuple(permission for permission in READ_ONLY if permission != missing)
        with house(version, permissions=granted) as (_, connector, _clock):
            findings = connector.check()

            found = finding(findings, missing)
            others = [item for item in findings.items if item.what != found.what]
            assert not found.ok
            assert missing in found.detail
            assert missing in found.remedy
            assert all(item.ok for item in others if "asset.upload" not in item.what)
            assert findings.ok is (missing not in {"asset.read", "asset.view"})


class TestAnAddress:
    def test_where_nothing_listens_is_told_in_plain_words(self) -> None:
        with FakeImmich(assets=0) as fake:
            url = fake.url

        findings = checked_at(url)

        assert not findings.ok
        assert "Nothing answers" in finding(findings, "Address").detail

    @pytest.mark.parametrize("kind", ["page", "json", "other json", "redirect"])
    def test_of_something_else_is_no_immich(self, kind: str) -> None:
        async def answer(request: Request) -> Response:
            if kind == "page":
                return HTMLResponse("<title>Router</title>")
            if kind == "redirect":
                return RedirectResponse(f"https://elsewhere.example{request.url.path}")
            return JSONResponse([1] if kind == "json" else {"res": "pang"})

        with Served(Starlette(routes=[Route("/{path:path}", answer)])) as other:
            findings = checked_at(other.url)

        assert not findings.ok
        assert [item.ok for item in findings.items] == [False]

    def test_of_a_server_in_maintenance_is_not_called_wrong(self) -> None:
        faults = Faults(share=1.0, kinds=("503",))
        with house(assets=0, faults=faults) as (_, connector, _clock):
            faults.plan("", *["503"] * 20)
            findings = connector.check()

            assert not findings.ok
            assert "503" in finding(findings, "Address").detail

    @pytest.mark.parametrize("tail", ["", "/", "/api", "/api/", "/photos"])
    def test_may_be_copied_with_whatever_hangs_on(self, tail: str) -> None:
        clock = Clock()
        with FakeImmich(assets=1, clock=clock) as fake:
            config = RemoteConfig(KIND.address_of(fake.url + tail), fake.key)
            connector = KIND.open(config, clock.tools())

            assert connector.check().ok
            connector.close()


class TestAVersion:
    def test_that_is_too_old_cannot_work(self) -> None:
        with house("1.117.0", assets=0) as (_, connector, _clock):
            findings = connector.check()

            assert not findings.ok
            assert "1.118" in finding(findings, "Version").remedy

    def test_that_is_newer_than_this_program_may_work(self) -> None:
        with house("4.0.0", assets=1) as (_, connector, _clock):
            findings = connector.check()

            assert findings.ok
            assert not finding(findings, "Version").ok


def test_the_form_asks_for_an_address_and_a_key() -> None:
    fields = {field.name: field for field in KIND.fields}

    assert KIND.kind == "immich"
    assert not KIND.copies
    assert fields["address"].required
    assert fields["key"].kind == "secret"
    assert fields["mirror"].default == "0"
    for scope in (*READ_ONLY, "asset.upload"):
        assert scope in fields["key"].help
        assert scope not in KIND.guide, "told once"


class TestSomebodyWaits:
    """At a button or in front of a frame: a server that is away is named within seconds."""

    @pytest.mark.parametrize("act", ["check", "search"])
    def test_and_hears_soon_that_nothing_answers(self, act: str) -> None:
        with house() as (fake, connector, clock):
            connector.search("a walk", limit=5)
            fake.close()
            began_s = clock.at

            if act == "check":
                assert not connector.check().ok
            else:
                with pytest.raises(Upstream):
                    connector.search("a beach", limit=5)

            assert clock.at - began_s <= 4
