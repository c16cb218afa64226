"""The book of remotes: connecting, testing, changing, pausing, removing, and the key's silence."""

from __future__ import annotations

import json
import logging

import pytest

from gallery_app.domain.errors import (
    BadInput,
    Conflict,
    NotFound,
    UpstreamRefused,
    UpstreamTimeout,
)
from gallery_app.domain.remote import Findings
from tests.catalog.shelf import keys_of
from tests.services.remote_house import RemoteHouse
from tests.services.remote_world import KEY, FakeConnector, kind

HOUSE = RemoteHouse
THERE = "https://there.example"


class TestConnecting:
    def test_a_new_remote_is_synced_at_once(self, house: RemoteHouse) -> None:
        source = house.connect()

        job = house.catalog.jobs.open(f"sync:{source.id}")
        assert job is not None
        assert job.payload == {"source": source.id}

    def test_it_has_its_kinds_title_when_it_is_given_no_name(self, house: RemoteHouse) -> None:
        assert house.connect().name == "Freshdesk"

    def test_the_connector_gets_the_key_the_address_and_every_option(
        self, house: RemoteHouse
    ) -> None:
        house.connect(mirror="yes", token="t0ken")
        house.sync()

        (config,) = house.desk.configs
        assert config.secret == KEY
        assert config.address == THERE
        assert config.options["mirror"] == "1"
        assert config.options["colour"] == "red"
        assert config.options["token"] == "t0ken"

    def test_the_same_place_is_not_connected_twice(self, house: RemoteHouse) -> None:
        house.connect()

        with pytest.raises(Conflict, match="already"):
            house.book.add("freshdesk", "Again", THERE + "/", KEY, {})

    @pytest.mark.parametrize(
        ("kind", "address", "key", "options", "says"),
        [
            ("gopher", THERE, KEY, {}, "no kind"),
            ("freshdesk", "there", KEY, {}, "https"),
            ("freshdesk", THERE, "", {}, "Key is missing"),
            ("freshdesk", THERE, KEY, {"size": "1"}, "no option"),
            ("freshdesk", THERE, KEY, {"colour": "green"}, "Colour"),
            ("freshdesk", THERE, KEY, {"mirror": "perhaps"}, "on or off"),
            ("freshdesk", THERE, KEY, {"min_px": "x" * 5000}, "Least size"),
        ],
        ids=["kind", "address", "no key", "unknown", "choice", "flag", "long"],
    )
    def test_a_form_filled_in_wrongly_says_which_field(
        self,
        house: RemoteHouse,
        kind: str,
        address: str,
        key: str,
        options: dict[str, str],
        says: str,
    ) -> None:
        with pytest.raises(BadInput, match=says):
            house.book.add(kind, "", address, key, options)

        assert house.book.list() == []

    def test_a_test_says_what_is_wrong_and_leaves_nothing(self, house: RemoteHouse) -> None:
        findings = house.book.test("freshdesk", THERE, "other", {})

        assert not findings.ok
        assert house.desk.closed == 1
        assert house.book.list() == []

    def test_a_test_that_runs_when_the_program_ends_is_ended(self, house: RemoteHouse) -> None:
        closed: list[int] = []

        class Slow(FakeConnector):
            def check(self) -> Findings:
                findings = super().check()
                house.book.close()
                closed.append(house.desk.closed)
                return findings

        house.kinds["freshdesk"] = kind("freshdesk", house.desk, Slow, copies=True)

        house.book.test("freshdesk", THERE, KEY, {})

        assert closed == [1]

    def test_kinds_are_plain_values_in_order(self, house: RemoteHouse) -> None:
        assert [(k.kind, k.copies) for k in house.book.kinds()] == [
            ("freshdesk", True),
            ("immich", False),
        ]

    def test_what_the_settings_name_is_connected_once(self, house: RemoteHouse) -> None:
        first = house.book.ensure("freshdesk", "", THERE, KEY, {})
        again = house.book.ensure("freshdesk", "", THERE, KEY, {})

        assert again.id == first.id
        assert house.desk.configs == []

    def test_another_key_in_the_settings_takes_the_place_of_the_saved_one(
        self, house: RemoteHouse
    ) -> None:
        house.book.ensure("freshdesk", "", THERE, "old-key", {})
        house.book.ensure("freshdesk", "", THERE, KEY, {"token": "t2"})
        house.sync()

        assert house.desk.configs[-1].secret == KEY
        assert house.desk.configs[-1].options["token"] == "t2"

    def test_another_option_in_the_settings_takes_the_place_of_the_saved_one(
        self, house: RemoteHouse
    ) -> None:
        first = house.book.ensure("freshdesk", "", THERE, KEY, {"token": "t1"})
        house.sync()
        again = house.book.ensure("freshdesk", "", THERE, KEY, {"token": "t2"})
        house.sync()

        assert again.id == first.id
        assert [config.options["token"] for config in house.desk.configs] == ["t1", "t2"]


class TestTheKey:
    def test_it_lies_nowhere_in_the_data_folder(self, house: RemoteHouse) -> None:
        house.bring(token="t0ken-98765")

        found = b"".join(p.read_bytes() for p in house.data.rglob("*") if p.is_file())
        assert KEY.encode() not in found
        assert b"t0ken-98765" not in found

    def test_no_view_job_error_or_log_tells_it(
        self, house: RemoteHouse, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        source = house.bring(token="t0ken-98765")
        house.desk.fails = [UpstreamRefused(source="Freshdesk")]
        house.sync_again()

        jobs, _ = house.catalog.jobs.list()
        told = [repr(house.book.view(source.id)), repr(jobs), repr(source), caplog.text]
        told += [repr(config) for config in house.desk.configs]
        told += [json.dumps(dict(house.source().facts)), repr(house.vault), repr(house.book)]
        for text in told:
            assert KEY not in text
            assert "t0ken-98765" not in text

    def test_a_view_says_only_that_there_is_one(self, house: RemoteHouse) -> None:
        view = house.book.view(house.connect(token="t0ken").id)

        assert view.has_key
        assert view.secrets_set == ("token",)
        assert view.options == {"mirror": "0", "min_px": "", "colour": "red"}

    def test_one_that_cannot_be_read_any_more_is_asked_for(self, house: RemoteHouse) -> None:
        source = house.connect()
        house.catalog.remotes.configure(source.id, sealed=b"\x01" + bytes(40))

        house.sync()

        assert house.source().state == "attention"
        assert "Enter it again" in str(house.source().error)
        assert not house.book.view(source.id).has_key


class TestChanging:
    def test_a_new_key_opens_a_new_line_and_closes_the_old(self, house: RemoteHouse) -> None:
        source = house.bring()

        house.book.change(source.id, key="new-key")
        house.sync()

        assert house.desk.closed == 1
        assert house.desk.configs[-1].secret == "new-key"

    def test_a_refused_key_is_forgiven_when_it_is_replaced(self, house: RemoteHouse) -> None:
        source = house.bring()
        house.desk.fails = [UpstreamRefused(reason="The key is wrong.")]
        house.sync_again()
        assert house.source().state == "attention"

        house.book.change(source.id, key="better")
        house.sync()

        assert house.source().state == "online"

    def test_what_was_refused_is_tried_with_the_new_key(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/1/1", b"<html>log in</html>")
        source = house.bring()
        assert house.row("ticket/1/1").state == "refused"
        house.desk.put("ticket/1/1")

        house.book.change(source.id, key="better")
        house.sync()
        house.fetch()

        assert house.row("ticket/1/1").state == "held"

    def test_other_options_list_everything_anew(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/1/1")
        source = house.bring()
        assert house.catalog.remotes.config(source.id).cursor == "1"

        house.book.change(source.id, options={"colour": "blue"})

        assert house.catalog.remotes.config(source.id).cursor == ""

    def test_a_name_alone_asks_nothing_of_the_remote(self, house: RemoteHouse) -> None:
        source = house.bring()

        changed = house.book.change(source.id, name="  Help\x07 desk ")

        assert changed.name == "Help desk"
        assert house.catalog.jobs.open(f"sync:{source.id}") is None
        assert house.desk.closed == 0

    def test_an_option_there_is_not_changes_nothing(self, house: RemoteHouse) -> None:
        source = house.bring()

        with pytest.raises(BadInput):
            house.book.change(source.id, name="Other", key="new", options={"nope": "1"})

        assert house.source().name == source.name
        house.sync_again()
        assert house.desk.configs[-1].secret == KEY


class TestPausing:
    def test_a_paused_source_is_left_alone(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/1/1")
        source = house.connect()
        house.book.change(source.id, paused=True)

        house.sync()

        assert house.desk.listed == 0
        with pytest.raises(Conflict, match="paused"):
            house.book.sync_now(source.id)

    def test_nothing_is_fetched_of_it(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/1/1")
        source = house.connect()
        house.sync()
        house.book.change(source.id, paused=True)

        assert house.fetch() == 0

    def test_it_goes_on_where_it_was(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/1/1")
        source = house.connect()
        house.sync()
        house.book.change(source.id, paused=True)

        house.book.change(source.id, paused=False)
        house.sync()
        house.fetch()

        assert len(house.all()) == 1

    def test_pausing_in_the_middle_of_a_sync_ends_it(self, house: RemoteHouse) -> None:
        for number in range(9):
            house.desk.put(f"ticket/1/{number}")
        source = house.connect()

        def pause() -> None:
            if house.desk.listed == 1:
                house.book.change(source.id, paused=True)

        house.desk.before_batch = pause
        house.sync()

        assert house.catalog.remotes.counts(source.id)["wanted"] == 3
        assert house.source().state == "online"
        assert house.catalog.remotes.config(source.id).walked_at is None


class TestRemoving:
    def test_pictures_are_dropped_with_it(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/1/1")
        source = house.bring()

        house.book.remove(source.id, keep=False)

        assert house.all() == []
        assert house.book.list() == []
        with pytest.raises(NotFound):
            house.book.get(source.id)

    def test_or_kept(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/1/1")
        source = house.bring()

        house.book.remove(source.id, keep=True)

        assert len(house.all()) == 1

    @pytest.mark.parametrize("keep", [True, False])
    def test_restoring_undoes_it_with_the_key_that_was_kept(
        self, house: RemoteHouse, keep: bool
    ) -> None:
        house.desk.put("ticket/1/1")
        source = house.bring()
        house.book.remove(source.id, keep=keep)

        house.book.restore(source.id)
        house.sync()

        assert len(house.all()) == 1
        assert house.desk.configs[-1].secret == KEY
        assert house.source().state == "online"

    def test_adding_it_again_finds_its_pictures(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/1/1")
        house.bring()
        house.book.remove(house.source().id, keep=True)

        house.bring()

        assert len(house.all()) == 1
        assert len(house.desk.opened) == 1

    def test_nothing_more_is_written_of_a_source_that_was_removed(self, house: RemoteHouse) -> None:
        for number in range(9):
            house.desk.put(f"ticket/1/{number}")
        source = house.connect()

        def remove() -> None:
            if house.desk.listed == 1:
                house.book.remove(source.id, keep=False)

        house.desk.before_batch = remove
        house.sync()

        assert len(keys_of(house.catalog, source.id)) <= 3

    def test_its_line_is_hung_up_before_its_pictures_follow(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/1/1")
        source = house.bring()
        closed: list[int] = []
        house.catalog._rest = lambda: closed.append(house.desk.closed)
        before = house.desk.closed

        house.book.remove(source.id, keep=True)

        assert closed == [before + 1]

    def test_a_folder_is_no_remote(self, house: RemoteHouse) -> None:
        folder = house.watch()

        with pytest.raises(NotFound):
            house.book.remove(folder.id, keep=False)


def test_a_view_tells_budget_and_hook_and_asks_nothing(house: RemoteHouse) -> None:
    source = house.bring()
    asked = house.desk.listed

    view = house.book.view(source.id)

    assert view.budget is not None
    assert view.hook_url == f"https://pictures.example/hooks/freshdesk/{source.id}"
    assert view.hook_token == f"token{source.id}"
    assert house.desk.listed == asked
    assert not any(name.startswith("_") for name in view.source.facts)


def test_syncing_now_forgives_what_went_wrong(house: RemoteHouse) -> None:
    source = house.bring()
    house.desk.fails = [UpstreamTimeout()] * 6
    for _ in range(6):
        house.book.sync_now(source.id)
        house.catalog.remotes.set_schedule(source.id, failures=5)
        house.sync()
    assert house.source().state == "offline"
    assert house.source().resume_at is not None

    house.book.sync_now(source.id)
    house.sync()

    assert house.source().state == "online"
    assert house.source().resume_at is None
    assert house.source().failures == 0
