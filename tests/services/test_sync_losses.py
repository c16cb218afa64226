"""What a remote offers no more: told, missed by a walk, doubted when it is too much."""

from __future__ import annotations

from gallery_app.domain.errors import (
    UpstreamTimeout,
)
from gallery_app.domain.remote import EntityRef, Listing
from tests.catalog.shelf import keys_of
from tests.services.remote_house import RemoteHouse
from tests.services.remote_world import FEW

HOUSE = RemoteHouse
TICKET = EntityRef("ticket", "4711", "Display cracked", "https://there.example/a/tickets/4711")


class TestLosses:
    def test_a_walk_tells_what_is_gone(self, house: RemoteHouse) -> None:
        keys = house.desk.fill(6)
        house.bring()
        house.desk.take_away(keys[0])
        house.clock.pass_(seconds=1)

        house.sync_again(walk=True)

        assert house.row(keys[0]).state == "gone"
        assert len(house.all()) == 6  # our copy stays

    def test_without_a_walk_nothing_is_missed(self, house: RemoteHouse) -> None:
        keys = house.desk.fill(6)
        house.bring()
        house.desk.take_away(keys[0])

        house.sync_again()

        assert house.row(keys[0]).state == "held"

    def test_a_walk_that_breaks_off_marks_nothing(self, house: RemoteHouse) -> None:
        keys = house.desk.fill(9)
        house.bring()
        for key in keys[:2]:
            house.desk.take_away(key)
        house.desk.fails = [None, UpstreamTimeout()]

        house.sync_again(walk=True)

        assert house.catalog.remotes.counts(house.source().id)["gone"] == 0

    def test_a_walk_taken_up_after_a_stop_loses_nothing(self, house: RemoteHouse) -> None:
        keys = house.desk.fill(9)
        source = house.bring()
        house.clock.pass_(minutes=1)
        # The first run ends after one batch; the next one only walks the rest.
        first, rest = sorted(keys)[:FEW], sorted(keys)[FEW:]
        images = {i.key: i for i in house.desk.listing()}
        house.desk.last = [Listing("w1", seen=tuple(images[k] for k in first), walking=True)]
        house.desk.before_batch = lambda: None
        house.book.sync_now(source.id, walk=True)
        job = house.catalog.jobs.claim(["sync"], lease_s=120)
        assert job is not None
        house.desk.fails = [None, UpstreamTimeout()]
        house.desk.last.append(Listing("never"))
        house.syncing.run(job)

        house.clock.pass_(minutes=2)
        house.desk.last = [
            Listing("w2", seen=tuple(images[k] for k in rest), walking=True, walked=True)
        ]
        house.sync()

        assert house.catalog.remotes.counts(source.id)["gone"] == 0
        assert house.source().state == "online"

    def test_a_large_loss_is_asked_about_and_nothing_is_marked(self, house: RemoteHouse) -> None:
        keys = house.desk.fill(60)
        source = house.connect()
        house.sync()
        for key in keys[:55]:
            house.desk.take_away(key)
        house.desk.told = []
        house.clock.pass_(seconds=1)

        house.book.sync_now(source.id, walk=True)
        house.sync()

        assert house.source().state == "attention"
        assert "55 of 60 pictures" in str(house.source().error)
        assert house.catalog.remotes.counts(source.id)["gone"] == 0
        assert house.book.view(source.id).asks_belief

    def test_the_question_stays_while_syncs_go_on(self, house: RemoteHouse) -> None:
        self.test_a_large_loss_is_asked_about_and_nothing_is_marked(house)

        house.book.requests.due(house.source())
        house.sync()

        assert house.source().state == "attention"
        assert house.book.view(house.source().id).asks_belief

    def test_while_it_stands_everything_is_looked_at_once_an_hour(self, house: RemoteHouse) -> None:
        self.test_a_large_loss_is_asked_about_and_nothing_is_marked(house)
        listed = []
        for _ in range(6):
            before = house.desk.listed
            house.clock.pass_(minutes=11)
            house.remote_background.tick()
            house.sync()
            listed.append(house.desk.listed - before)

        assert listed[:5] == [1] * 5
        assert listed[5] > 1
        assert house.book.view(house.source().id).asks_belief

    def test_whoever_retries_by_hand_has_everything_looked_at(self, house: RemoteHouse) -> None:
        self.test_a_large_loss_is_asked_about_and_nothing_is_marked(house)
        for key in keys_of(house.catalog, house.source().id) - set(house.desk.items):
            house.desk.put(key)
        house.desk.told = []  # as a disk that is mounted again: nothing is told to be new

        house.book.sync_now(house.source().id)
        house.sync()

        assert house.source().state == "online"
        assert not house.book.view(house.source().id).asks_belief

    def test_a_persons_word_is_believed(self, house: RemoteHouse) -> None:
        self.test_a_large_loss_is_asked_about_and_nothing_is_marked(house)

        house.sync_again(believe_loss=True)

        assert house.catalog.remotes.counts(house.source().id)["gone"] == 55
        assert house.source().state == "online"
        assert not house.book.view(house.source().id).asks_belief

    def test_a_persons_word_covers_no_more_than_was_asked_about(self, house: RemoteHouse) -> None:
        self.test_a_large_loss_is_asked_about_and_nothing_is_marked(house)
        for key in list(house.desk.items):
            house.desk.take_away(key)  # all of it is missing now
        house.clock.pass_(seconds=1)

        house.book.sync_now(house.source().id, believe_loss=True)
        house.sync()

        assert house.catalog.remotes.counts(house.source().id)["gone"] == 0
        assert "60 of 60 pictures" in str(house.source().error)
        house.sync_again(believe_loss=True)
        assert house.catalog.remotes.counts(house.source().id)["gone"] == 60

    def test_a_persons_word_covers_a_few_more_that_need_no_word(self, house: RemoteHouse) -> None:
        self.test_a_large_loss_is_asked_about_and_nothing_is_marked(house)
        house.desk.take_away(next(iter(house.desk.items)))
        house.clock.pass_(seconds=1)

        house.book.sync_now(house.source().id, believe_loss=True)
        house.sync()

        assert house.catalog.remotes.counts(house.source().id)["gone"] == 56

    def test_a_persons_word_outlasts_another_key_given_meanwhile(self, house: RemoteHouse) -> None:
        self.test_a_large_loss_is_asked_about_and_nothing_is_marked(house)
        source = house.source()

        def change() -> None:
            house.desk.before_batch = lambda: None
            house.book.change(source.id, key="better")

        house.desk.before_batch = change
        house.sync_again(believe_loss=True)

        assert house.catalog.remotes.counts(source.id)["gone"] == 55
        assert not house.book.view(source.id).asks_belief

    def test_an_empty_walk_is_asked_about_however_few_there_were(self, house: RemoteHouse) -> None:
        keys = house.desk.fill(2)
        house.bring()
        for key in keys:
            house.desk.take_away(key)
        house.clock.pass_(seconds=1)

        house.sync_again(walk=True)

        assert house.source().state == "attention"
        assert house.catalog.remotes.counts(house.source().id)["gone"] == 0

    def test_a_parent_listed_whole_tells_what_it_lost(self, house: RemoteHouse) -> None:
        keys = house.desk.fill(6)
        house.bring()
        kept = tuple(i for i in house.desk.listing() if i.key == keys[1])
        house.desk.last = [Listing("9", seen=kept, whole=("ticket/0",))]

        house.sync_again()

        assert [house.row(k).state for k in keys] == ["gone", "held", "gone", *["held"] * 3]

    def test_a_parent_that_is_gone_takes_all_below_with_it(self, house: RemoteHouse) -> None:
        keys = house.desk.fill(6)
        house.bring()
        house.desk.last = [Listing("9", gone_parents=("ticket/0",), gone=(keys[5], "unknown"))]

        house.sync_again()

        assert [house.row(k).state for k in keys] == [*["gone"] * 3, "held", "held", "gone"]

    def test_what_a_batch_lists_is_there_whatever_else_it_says(self, house: RemoteHouse) -> None:
        keys = house.desk.fill(6)
        house.bring()
        listed = tuple(i for i in house.desk.listing() if i.key == keys[1])
        house.desk.last = [Listing("9", seen=listed, gone=(keys[0], keys[1]))]

        house.sync_again()

        assert [house.row(k).state for k in keys[:2]] == ["gone", "held"]

    def test_what_was_gone_and_is_listed_again_is_back(self, house: RemoteHouse) -> None:
        keys = house.desk.fill(6)
        house.bring()
        item = house.desk.items[keys[0]]
        house.desk.take_away(keys[0])
        house.clock.pass_(seconds=1)
        house.sync_again(walk=True)
        assert house.row(keys[0]).state == "gone"
        house.desk.items[keys[0]] = item
        house.desk.told.append(keys[0])

        house.sync_again()

        assert house.row(keys[0]).state == "held"
        assert len(house.all()) == 6
