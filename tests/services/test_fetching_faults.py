"""Fetching that goes wrong: tried again, put off, refused, and whose fault it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gallery_app.domain.errors import (
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
    UpstreamTimeout,
)
from gallery_app.services.fetching import MOST_ATTEMPTS, MOST_REFUSALS
from gallery_app.services.values import FetchRest
from tests.services.remote_house import RemoteHouse
from tests.services.remote_world import picture

HOUSE = RemoteHouse
KEY = "ticket/4711/attachment/1"


class TestWhatGoesWrong:
    def test_a_cut_off_answer_is_fetched_again(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        house.desk.cut.add(KEY)
        house.bring()
        assert house.row(KEY).state == "wanted"
        assert "bytes arrived" in str(house.row(KEY).error)

        house.desk.cut.clear()
        house.clock.pass_(seconds=61)
        house.fetch()

        assert house.row(KEY).state == "held"

    def test_other_bytes_than_announced_are_fetched_again(self, house: RemoteHouse) -> None:
        house.desk.put(KEY, size_bytes=10)
        house.desk.put("ticket/1/2", sha1="0" * 40)
        house.bring()

        assert house.row(KEY).state == "wanted"
        assert house.row("ticket/1/2").state == "wanted"
        assert house.all() == []

    def test_a_file_that_is_cut_off_at_the_remote_is_refused(self, house: RemoteHouse) -> None:
        house.desk.put(KEY, picture(1, "400x300 jpeg")[:-3000])
        house.bring()

        assert house.row(KEY).state == "refused"
        assert "cut off" in str(house.row(KEY).error)

    def test_it_is_tried_ever_more_seldom_and_then_refused(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        house.desk.cut.add(KEY)
        house.connect()
        house.sync()
        pauses = []
        for _ in range(MOST_ATTEMPTS):
            assert house.fetch() == 1
            row = house.row(KEY)
            if row.run_after is not None:
                pauses.append((row.run_after - house.clock.at) // timedelta(minutes=1))
                house.clock.at = row.run_after

        assert pauses == [1, 5, 15, 60, 60, 60, 60]
        assert house.row(KEY).state == "refused"

    def test_what_is_refused_is_a_failed_job_that_can_be_tried_again(
        self, house: RemoteHouse
    ) -> None:
        house.desk.put(KEY, b"<html></html>", filename="photo.jpg")
        house.bring()
        (job,), _ = house.jobs.list("failed")
        assert job.kind == "fetch"
        assert job.subject == "Freshdesk: photo.jpg"

        house.desk.put(KEY)
        house.sync_again()
        house.jobs.retry(job.id)
        house.fetch()

        assert house.row(KEY).state == "held"
        assert house.jobs.list("failed")[1] == 0

    def test_all_that_was_refused_can_be_tried_again_at_once(self, house: RemoteHouse) -> None:
        for number in range(3):
            house.desk.put(f"ticket/1/{number}", b"<html></html>")
        source = house.bring()
        assert house.source().refused == 3

        assert house.book.retry(source.id) == 3

        assert house.source().waiting == 3

    def test_what_the_remote_has_no_more_is_gone(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        house.connect()
        house.sync()
        house.desk.fails_open = [UpstreamGone()]

        house.fetch()

        assert house.row(KEY).state == "gone"
        assert house.jobs.list("failed")[1] == 0

    def test_one_without_bytes_that_is_still_listed_is_refused_not_gone(
        self, house: RemoteHouse
    ) -> None:
        house.desk.put(KEY, parent="ticket/4711", filename="photo.jpg")
        house.connect()
        house.sync()
        house.desk.fails_open = [UpstreamGone()] * MOST_REFUSALS

        for _ in range(MOST_REFUSALS):
            house.fetch()
            house.clock.pass_(hours=1)

        assert house.row(KEY).state == "refused"
        (job,), _ = house.jobs.list("failed")
        assert job.error == "The remote lists this picture, but does not have its file."
        house.jobs.retry(job.id)
        house.fetch()
        assert house.row(KEY).state == "held"

    @pytest.mark.parametrize("says", ["another", "no more"])
    def test_one_that_its_ticket_does_not_list_is_gone(self, house: RemoteHouse, says: str) -> None:
        house.desk.put(KEY, parent="ticket/4711")
        house.connect()
        house.sync()
        house.desk.take_away(KEY)
        if says == "another":
            house.desk.put("ticket/4711/attachment/2", parent="ticket/4711")
        else:
            house.desk.fails = [UpstreamGone()]

        house.fetch()

        assert house.row(KEY).state == "gone"
        assert house.jobs.list("failed")[1] == 0

    def test_while_its_ticket_cannot_be_asked_it_waits(self, house: RemoteHouse) -> None:
        house.desk.put(KEY, parent="ticket/4711")
        house.connect()
        house.sync()
        house.desk.fails_open = [UpstreamGone()]
        house.desk.fails = [UpstreamThrottled(retry_after_s=120)]

        house.fetch()

        assert house.row(KEY).state == "wanted"
        house.clock.pass_(seconds=121)
        house.fetch()
        assert house.row(KEY).state == "held"

    def test_patience_that_is_asked_for_counts_as_no_try(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        house.connect()
        house.sync()
        house.desk.fails_open = [UpstreamThrottled(retry_after_s=120)] * 12

        for _ in range(12):
            house.fetch()
            house.clock.pass_(seconds=121)

        assert house.desk.fails_open == []
        assert house.row(KEY).attempts == 0
        house.fetch()
        assert house.row(KEY).state == "held"

    def test_a_remote_that_asks_for_patience_is_not_asked_for_the_next_picture(
        self, house: RemoteHouse
    ) -> None:
        for number in range(3):
            house.desk.put(f"ticket/1/{number}")
        house.connect()
        house.sync()
        house.desk.fails_open = [UpstreamThrottled(retry_after_s=120)]

        assert house.fetch() == 1

    def test_after_five_failures_the_source_rests(self, house: RemoteHouse) -> None:
        for number in range(20):
            house.desk.put(f"ticket/1/{number}")
        house.connect()
        house.sync()
        house.desk.fails_open = [UpstreamTimeout()] * 20

        assert house.fetch() == 5
        assert house.fetch() == 0
        house.clock.pass_(seconds=61)
        assert house.fetch() == 1

    def test_why_it_rests_and_until_when_is_told_until_it_is_asked_again(
        self, house: RemoteHouse
    ) -> None:
        for number in range(7):
            house.desk.put(f"ticket/1/{number}")
        source = house.connect()
        house.sync()
        turns = house.fetching.turns
        house.desk.fails_open = [UpstreamTimeout(reason="No answer came.")] * 5
        assert turns.resting(source.id) is None

        house.fetch()

        until = house.clock() + timedelta(seconds=60)
        assert turns.resting(source.id) == FetchRest("No answer came.", until, failures=5)
        turns.hasten(source.id)
        assert turns.resting(source.id) is None

    def test_what_was_under_way_when_it_fell_silent_prolongs_no_rest(
        self, house: RemoteHouse
    ) -> None:
        house.desk.put(KEY)
        source = house.connect()
        house.sync()
        turns = house.fetching.turns
        for _ in range(5 + 3):
            turns.failed(source.id, "It is silent.")
        house.clock.pass_(seconds=61)
        for _ in range(4):  # four threads ask, and all get no answer
            turns.failed(source.id, "It is silent.")

        house.clock.pass_(seconds=299)
        assert house.fetch() == 0
        house.clock.pass_(seconds=2)
        assert house.fetch() == 1

    def test_one_that_answers_a_sync_again_rests_no_longer(self, house: RemoteHouse) -> None:
        for number in range(6):
            house.desk.put(f"ticket/1/{number}")
        source = house.connect()
        house.book.hastened = house.fetching.turns.hasten
        house.sync()
        house.desk.fails_open = [UpstreamTimeout()] * 5
        assert house.fetch() == 5
        house.desk.fails = [UpstreamTimeout()]
        house.book.requests.due(source)
        house.sync()
        assert house.source().state == "offline"
        assert house.fetch() == 0

        house.clock.pass_(seconds=21)
        house.sync()

        assert house.fetch() == 1

    def test_a_remote_that_is_off_for_days_has_nothing_refused(self, house: RemoteHouse) -> None:
        for number in range(3):
            house.desk.put(f"ticket/1/{number}")
        house.connect()
        house.sync()
        house.desk.fails_open = [UpstreamTimeout()] * 500

        for _ in range(80):
            house.fetch()
            house.clock.pass_(minutes=61)
        assert house.source().refused == 0
        house.desk.fails_open = []
        house.clock.pass_(minutes=61)
        house.fetch()

        assert len(house.all()) == 3

    def test_one_denied_picture_has_a_sync_find_out_whether_the_key_is_good(
        self, house: RemoteHouse
    ) -> None:
        house.desk.put(KEY)
        house.desk.put("ticket/1/2")
        source = house.connect()
        house.sync()
        house.desk.fails_open = [UpstreamRefused(reason="Not for this key.")]
        house.fetch()

        assert house.catalog.jobs.open(f"sync:{source.id}") is not None
        house.sync()
        assert house.source().state == "online"
        assert house.catalog.remotes.counts(source.id)["held"] == 1

    def test_a_picture_denied_three_times_is_refused(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        house.connect()
        house.sync()
        house.desk.fails_open = [UpstreamRefused(reason="Not for this key.")] * 3
        for _ in range(3):
            house.fetch()
            house.clock.pass_(hours=1)

        assert house.row(KEY).state == "refused"
        assert house.row(KEY).error == "Not for this key."

    def test_a_full_disk_counts_against_no_picture(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        house.connect()
        house.sync()
        house.free = 500_000

        assert house.fetch() == 0
        assert house.row(KEY).attempts == 0

    def test_a_fault_of_ours_puts_it_off(
        self, house: RemoteHouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.desk.put(KEY)
        house.connect()
        house.sync()

        def burst(*_given: object, **_more: object) -> None:
            raise RuntimeError("boom")

        monkeypatch.setattr(house.door, "enter", burst)
        house.fetch()

        assert house.row(KEY).state == "wanted"
        assert "fault of the gallery" in str(house.row(KEY).error)

    def test_a_picture_taken_away_while_it_came_leaves_nothing(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        source = house.connect()
        house.sync()
        process = house.pool.process

        def removed_meanwhile(*given: object, **more: object) -> object:
            house.book.remove(source.id, keep=False)
            return process(*given, **more)  # type: ignore[arg-type]  # passed on

        house.pool.process = removed_meanwhile  # type: ignore[method-assign, assignment]
        house.fetch()

        assert house.all() == []
        assert list(house.originals.all_keys()) == []

    @pytest.mark.parametrize("change", ["removed", "another key"])
    def test_a_picture_on_its_way_while_its_source_is_changed_comes_afterwards(
        self, house: RemoteHouse, change: str
    ) -> None:
        house.desk.put(KEY)
        source = house.connect()
        house.sync()

        def meanwhile() -> None:
            house.desk.before_bytes = lambda: None
            if change == "removed":
                house.book.remove(source.id, keep=True)
            else:
                house.book.change(source.id, key="better")
            raise UpstreamRefused(reason="The line was closed.")

        house.desk.before_bytes = meanwhile
        house.fetch()
        if change == "removed":
            house.book.restore(source.id)
        house.clock.pass_(minutes=1)
        house.fetch()

        assert house.row(KEY).state == "held"
        assert house.row(KEY).attempts == 1

    def test_what_came_at_last_is_no_failure_any_more(self, house: RemoteHouse) -> None:
        house.desk.put(KEY, b"<html></html>")
        source = house.bring()
        assert house.jobs.list("failed")[1] == 1
        house.desk.put(KEY)
        house.sync_again()
        assert house.row(KEY).state == "refused"

        house.book.retry(source.id)
        house.fetch()

        assert house.row(KEY).state == "held"
        assert house.jobs.list("failed")[1] == 0

    def test_a_download_of_hours_is_not_begun_a_second_time(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        house.connect()
        house.sync()
        second: list[bool] = []

        def hours() -> None:
            house.desk.before_bytes = lambda: None
            house.clock.pass_(hours=4)
            second.append(house.fetching.once())

        house.fetching.turns._threads = 4
        house.desk.before_bytes = hours
        house.fetch()

        assert second == [False]
        assert house.desk.opened == [KEY]
