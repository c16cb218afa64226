"""The walk over a Freshdesk account's tickets: complete, cheap, and safe to break off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gallery_app.connectors.freshdesk import api
from gallery_app.connectors.freshdesk import tickets as walk
from gallery_app.domain.errors import UpstreamRefused
from gallery_app.testing.faults import Faults
from tests.connectors.freshdesk_desk import Desk, desk

HALF_A_YEAR_S = 180 * 86_400


class TestWhatASyncCosts:
    def test_nothing_new_costs_three_requests(self) -> None:
        with desk(tickets=30, pictures=40, articles=3) as made:
            connector = made.connect()
            made.sync(connector)

            assert made.counted(connector) == {"tickets": 1, "deleted": 1, "spam": 1}
            assert made.ledger.removed == []

    def test_nothing_new_costs_three_requests_after_a_restart_too(self) -> None:
        with desk(tickets=30, pictures=40) as made:
            made.sync()

            assert sum(made.counted(made.connect()).values()) == 3

    def test_a_changed_ticket_costs_its_view_and_its_conversations(self) -> None:
        with desk(tickets=30, pictures=40) as made:
            connector = made.connect()
            made.sync(connector)
            made.clock.move(600)
            file = made.fake.add_picture(1005, turn=2)
            made.clock.move(600)

            asked = made.counted(connector)

            assert asked == {"tickets": 1, "deleted": 1, "spam": 1, "ticket": 1, "conversations": 1}
            assert f"ticket/1005/file/{file.id}" in made.ledger.rows

    def test_a_name_that_is_known_is_not_paid_for_again(self) -> None:
        with desk(tickets=30, pictures=0) as made:
            made.sync()

            views = [call for call in made.fake.calls if call.startswith("/api/v2/tickets/1")]
            paid = [call for call in views if "include=" in call]

            assert 0 < len(paid) <= 18  # 8 companies, 10 people
            assert made.fake.counts["company"] == made.fake.counts["contact"] == 0

    def test_tickets_met_again_in_the_overlap_cost_nothing(self) -> None:
        with desk(tickets=0) as made:
            for _ in range(150):
                made.fake.add_ticket(pictures=1)
            made.clock.move(60)
            connector = made.connect()
            made.sync(connector)

            asked = made.counted(connector)

            assert "ticket" not in asked
            assert len(made.ledger.rows) == 150

    def test_the_walk_asks_for_a_budget_and_keeps_below_it(self) -> None:
        with desk(tickets=90, pictures=90, per_minute=100, lists_per_minute=20) as made:
            made.sync()

            assert set(made.ledger.rows) == made.expected()
            assert made.fake.gate.most_in_a_minute <= 60
            assert made.fake.gate.throttled == 0
            assert made.clock.waited_s > 60


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten tickets a page, so that a few hundred are many pages."""
    monkeypatch.setattr(api, "PER_PAGE", 10)
    monkeypatch.setattr(walk, "_DENSE", 50)


@pytest.mark.usefixtures("short_pages")
class TestTraps:
    def test_ticket_lists_keep_to_a_budget_of_their_own(self) -> None:
        with desk(tickets=120, pictures=0, per_minute=200, lists_per_minute=20) as made:
            made.fake.bulk_update(range(1001, 1121))
            made.clock.move(3600)

            made.sync()

            assert made.fake.counts["tickets"] > 20
            assert made.fake.gate.throttled == 0

    def test_tickets_older_than_thirty_days_are_listed(self) -> None:
        with desk(tickets=5, pictures=10) as made:
            made.clock.move(HALF_A_YEAR_S)

            made.sync()

            assert set(made.ledger.rows) == made.expected()

    def test_a_list_that_ends_at_a_page_is_walked_to_its_end(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(walk, "LIST_PAGES", 3)
        with desk(tickets=70, pictures=70, max_page=3) as made:
            made.sync()

            assert len(made.ledger.rows) == 70
            assert made.ledger.notes == []

    def test_many_tickets_in_one_second_are_all_read_once(self) -> None:
        with desk(tickets=60, pictures=60) as made:
            made.fake.bulk_update(range(1006, 1051))
            made.clock.move(60)
            connector = made.connect()

            made.sync(connector)

            assert set(made.ledger.rows) == made.expected()
            assert made.fake.counts["ticket"] == 60
            assert made.counted(connector).get("ticket") is None

    def test_more_in_one_second_than_a_list_shows_is_told_and_the_rest_goes_on(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(walk, "LIST_PAGES", 2)
        with desk(tickets=50, pictures=50, max_page=2) as made:
            made.fake.bulk_update(range(1006, 1051))
            made.clock.move(5)
            later = made.fake.add_ticket(pictures=1)
            made.clock.move(60)

            made.sync()

            assert [note for note in made.ledger.notes if "same second" in note]
            assert any(key.startswith(f"ticket/{later.id}/") for key in made.ledger.rows)
            assert len(made.ledger.rows) >= 26

    def test_a_bulk_update_long_ago_does_not_cost_pages_for_ever(self) -> None:
        with desk(tickets=80, pictures=0) as made:
            made.fake.bulk_update(range(1001, 1081))
            made.clock.move(3600)
            connector = made.connect()
            made.sync(connector)

            assert made.counted(connector)["tickets"] == 1
            fresh = made.fake.add_ticket(pictures=1)
            made.clock.move(60)
            made.sync(connector)

            assert [image.parent for image in made.ledger.rows.values()] == [f"ticket/{fresh.id}"]

    def test_rows_that_move_while_the_list_is_read_are_not_lost(self) -> None:
        with desk(tickets=60, pictures=60) as made:
            batches = made.connect().changes("")
            for number, batch in enumerate(batches):
                made.ledger.write(batch)
                if number == 15:  # many of those that were read move to the end
                    made.clock.move(10)
                    made.fake.bulk_update(range(1001, 1014))

            assert set(made.ledger.rows) == made.expected()

    def test_rows_that_move_while_pages_of_one_second_are_turned_are_not_lost(self) -> None:
        with desk(tickets=45, pictures=45) as made:
            made.fake.bulk_update(range(1001, 1046))
            made.clock.move(3600)
            lists = iter(range(1, 1000))

            def watch(route: str) -> None:
                if route == "tickets" and next(lists) == 3:
                    made.fake.bulk_update([1002, 1003])  # all rows behind them shift by two

            made.fake.gate.watch = watch
            made.sync()

            assert set(made.ledger.rows) == made.expected()

    def test_a_change_within_the_second_of_its_reading_is_met_next_time(self) -> None:
        with desk(tickets=0) as made:
            ticket = made.fake.add_ticket(pictures=1)
            connector = made.connect()
            made.sync(connector)
            made.fake.add_picture(ticket.id, turn=3)  # its time stays the same
            made.clock.move(600)

            made.sync(connector)

            assert set(made.ledger.rows) == made.expected()
            assert len(made.ledger.rows) == 2
            assert "ticket" not in made.counted(connector)

    def test_a_list_that_goes_round_in_circles_is_left(self) -> None:
        with desk(tickets=25, pictures=0) as made:
            made.fake.bulk_update(range(1001, 1026))
            made.fake.circle = True
            made.clock.move(60)

            with pytest.raises(Exception, match="circles"):
                made.sync()


class TestWhatGoesAway:
    @pytest.fixture
    def made(self) -> Iterator[Desk]:
        with desk(tickets=12, pictures=24) as made:
            made.sync()
            made.clock.move(600)
            yield made

    def _keys(self, made: Desk, ticket: int) -> set[str]:
        return {key for key in made.ledger.rows if key.startswith(f"ticket/{ticket}/")}

    @pytest.mark.parametrize("how", ["delete", "spam"])
    def test_a_ticket_thrown_away_is_gone_and_comes_back(self, made: Desk, how: str) -> None:
        had = self._keys(made, 1003)
        getattr(made.fake, how)(1003)
        made.clock.move(600)
        connector = made.connect()
        made.sync(connector)

        assert had
        assert set(made.ledger.removed) == had
        told = made.ledger.batches
        assert sum(made.counted(connector).values()) == 3
        assert made.ledger.batches == told  # told once

        made.fake.restore(1003)
        made.clock.move(600)
        made.sync(connector)
        assert self._keys(made, 1003) == had

    def test_two_thrown_away_in_the_same_second_are_both_told(self, made: Desk) -> None:
        connector = made.connect()
        made.fake.delete(1003)
        made.sync(connector)
        made.fake.delete(1004)
        made.sync(connector)

        assert not self._keys(made, 1003) | self._keys(made, 1004)

    def test_an_archived_ticket_keeps_its_pictures(self, made: Desk) -> None:
        had = self._keys(made, 1003)
        made.fake.archive(1003)

        made.sync(walk=True)

        assert self._keys(made, 1003) == had
        assert made.ledger.removed == []

    def test_an_archived_ticket_is_read_from_the_archive(self, made: Desk) -> None:
        had = self._keys(made, 1003)
        made.fake.archive(1003)
        connector = made.connect()

        listing = next(connector.read("ticket/1003"))

        assert {image.key for image in listing.seen} == had
        key = sorted(had)[0]
        with connector.open(key) as stream:
            assert b"".join(stream.chunks)

    def test_a_ticket_that_is_nowhere_is_gone_after_the_archive_was_looked_at(
        self, made: Desk
    ) -> None:
        made.fake.remove(1003)
        made.fake.forget_counts()

        listing = next(made.connect().read("ticket/1003"))

        assert listing.gone_parents == ("ticket/1003",)
        assert listing.cursor == ""
        assert dict(made.fake.counts) == {"ticket": 1, "archived": 1}

    def test_a_picture_taken_off_a_ticket_is_gone(self, made: Desk) -> None:
        made.fake.change(1001, files=[])
        made.clock.move(60)
        made.sync()

        assert made.ledger.removed
        assert set(made.ledger.rows) == made.expected()

    def test_an_empty_list_removes_nothing(self, made: Desk) -> None:
        before = set(made.ledger.rows)
        made.fake.world.tickets.clear()

        made.sync(walk=True)

        assert set(made.ledger.rows) == before


class TestOptions:
    def test_private_notes_can_be_left_out_and_then_go(self) -> None:
        with desk(tickets=24, pictures=60) as made:
            made.sync()
            private = {key for key, image in made.ledger.rows.items() if image.private}

            made.clock.move(600)
            made.sync(made.connect(private_notes="0"))

            assert private
            assert set(made.ledger.removed) == private
            assert not any(image.private for image in made.ledger.rows.values())

    def test_a_first_day_leaves_out_what_did_not_change_since(self) -> None:
        with desk(tickets=3, pictures=3) as made:
            made.clock.move(30 * 86_400)
            fresh = made.fake.add_ticket(pictures=2)
            made.clock.move(60)

            made.sync(made.connect(start="2026-06-01"))

            assert {image.parent for image in made.ledger.rows.values()} == {f"ticket/{fresh.id}"}


def test_a_ticket_this_key_may_not_read_is_told_and_left_out() -> None:
    faults = Faults()
    with desk(tickets=5, pictures=10, faults=faults) as made:
        faults.plan("/tickets/1003", "403", "403")

        made.sync()

        assert [note for note in made.ledger.notes if "1003" in note]
        assert {image.parent for image in made.ledger.rows.values()} == {
            f"ticket/{n}" for n in (1001, 1002, 1004, 1005)
        }


def test_a_suspended_account_stops_the_sync() -> None:
    with desk(tickets=5, pictures=10) as made:
        made.fake.gate.refuse["ticket"] = (403, "account_suspended")

        with pytest.raises(UpstreamRefused):
            made.sync()


def test_companies_that_may_not_be_seen_have_no_names_and_that_is_said() -> None:
    with desk(tickets=20, pictures=20) as made:
        made.fake.see_companies = False
        made.sync()

        assert len(made.ledger.rows) == 20
        assert {ref.name for ref in made.ledger.entities.values() if ref.type == "company"} == {""}
        assert [note for note in made.ledger.notes if "companies" in note]


def test_companies_that_may_be_seen_after_all_get_names_within_a_day() -> None:
    with desk(tickets=5, pictures=5) as made:
        made.fake.see_companies = False
        connector = made.connect()
        made.sync(connector)
        made.fake.see_companies = True
        made.clock.move(86_400)
        made.fake.bulk_update(range(1001, 1006))
        made.clock.move(60)

        made.sync(connector)

        names = {ref.name for ref in made.ledger.entities.values() if ref.type == "company"}
        assert names
        assert "" not in names


@pytest.mark.usefixtures("short_pages")
def test_a_list_that_goes_on_at_another_host_is_not_followed() -> None:
    with desk(tickets=25, pictures=0) as made:
        made.fake.bulk_update(range(1001, 1026))
        made.fake.link_host = "http://127.0.0.1:9"
        made.clock.move(60)

        with pytest.raises(Exception, match="another host"):
            made.sync()


def test_old_accounts_are_understood() -> None:
    with desk(tickets=30, pictures=60) as made:
        made.fake.views.legacy = True
        made.fake.gate.odd_headers = True

        connector = made.connect()
        made.sync(connector)

        assert set(made.ledger.rows) == made.expected()
        assert connector.budget().limit == 100_000
        sizes = [i.size_bytes for i in made.ledger.rows.values() if i.content_type == "image/jpeg"]
        assert sizes
        assert all(sizes)
        assert sum(made.counted(connector).values()) == 3
