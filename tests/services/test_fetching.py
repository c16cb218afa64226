"""Fetching: what a remote sends is taken in as an upload is, once, or refused with a sentence."""

from __future__ import annotations

import pytest

from gallery_app.domain.errors import Upstream, UpstreamTimeout
from tests.services.remote_house import RemoteHouse
from tests.services.remote_world import picture, sha1_of

HOUSE = RemoteHouse
KEY = "ticket/4711/attachment/1"


class TestCopies:
    def test_the_bytes_are_kept_as_they_came(self, house: RemoteHouse) -> None:
        item = house.desk.put(KEY, filename="photo one.jpg")
        house.bring()

        asset = house.only()
        assert asset.stored
        assert asset.status == "ready"
        assert asset.filename == "photo one.jpg"
        assert house.media.original_file(asset.uid).path.read_bytes() == item.data
        assert house.row(KEY).state == "held"

    def test_where_it_is_at_the_remote_stands_with_it(self, house: RemoteHouse) -> None:
        house.desk.put(KEY, private=True)
        house.bring()

        (occurrence,) = house.only().occurrences
        assert occurrence.key == KEY
        assert occurrence.remote is not None
        assert occurrence.remote.fetched_at == house.clock.at
        assert occurrence.remote.private
        assert house.only().private

    def test_its_time_is_that_of_its_sending_where_nothing_else_says(
        self, house: RemoteHouse
    ) -> None:
        house.desk.put(KEY)
        house.bring()

        meta = house.only().metadata
        assert (meta.taken_from, meta.taken_field) == ("remote", "sent")
        assert house.only().taken_at.year == 2026

    def test_the_same_bytes_sent_twice_are_one_picture(self, house: RemoteHouse) -> None:
        data = picture(1)
        house.desk.put("ticket/1/1", data)
        house.desk.put("ticket/2/1", data)
        house.bring()

        assert {o.key for o in house.only().occurrences} == {"ticket/1/1", "ticket/2/1"}

    def test_bytes_that_lie_in_a_folder_are_one_picture_with_them_and_outlive_it(
        self, house: RemoteHouse
    ) -> None:
        data = picture(1)
        path = house.put("mine.jpg", data)
        house.scan()
        house.render_all()
        house.desk.put(KEY, data)
        house.bring()
        assert len(house.only().occurrences) == 2

        path.unlink()
        house.scan()

        assert house.media.original_file(house.only().uid).path.read_bytes() == data

    def test_a_copy_of_a_trashed_picture_stays_in_the_trash(self, house: RemoteHouse) -> None:
        data = picture(1)
        house.put("mine.jpg", data)
        house.scan()
        house.render_all()
        house.curation.batch([house.only().uid], "trash")

        house.desk.put(KEY, data)
        house.bring()

        assert house.all() == []

    def test_what_a_picture_shows_is_looked_for_once_it_is_here(self, house: RemoteHouse) -> None:
        looked: list[object] = []
        house.fetching._look = lambda *what: looked.append(what)
        house.desk.put(KEY)
        source = house.bring()

        assert looked == [(house.only().id, source.id, KEY)]

    def test_each_is_fetched_once(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        house.bring()

        house.sync_again()

        assert house.desk.opened == [KEY]

    def test_a_new_version_is_fetched_again(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        house.bring()
        house.desk.put(KEY, version="2")

        house.sync_again()

        assert house.desk.opened == [KEY, KEY]
        assert house.row(KEY).state == "held"

    def test_one_that_changes_on_its_way_is_fetched_again(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        source = house.connect()
        house.sync()

        def change() -> None:
            house.desk.before_bytes = lambda: None
            house.desk.put(KEY, version="2")
            house.book.sync_now(source.id)
            house.sync()

        house.desk.before_bytes = change

        house.fetch()

        assert house.desk.opened == [KEY, KEY]
        assert (house.row(KEY).state, house.row(KEY).version) == ("held", "2")

    def test_what_waits_for_a_later_try_is_due_when_a_person_says_now(
        self, house: RemoteHouse
    ) -> None:
        desk, server = house.connect(), house.connect("immich", mirror="1")
        for remote in (house.desk, house.server):
            remote.put(KEY)
            remote.fails_open = [UpstreamTimeout()]
        house.sync()
        house.fetch()

        house.book.sync_now(desk.id)
        house.fetch()

        rows = [house.catalog.remotes.row(source.id, KEY) for source in (desk, server)]
        assert [row.state for row in rows if row] == ["held", "wanted"]

    def test_one_that_arrives_while_its_source_is_removed_comes_once_it_is_back(
        self, house: RemoteHouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.desk.put(KEY)
        source = house.connect()
        house.sync()
        hang_up = house.book._lines.hang_up
        monkeypatch.setattr(house.book._lines, "hang_up", lambda _source_id: None)

        def remove() -> None:
            house.desk.before_bytes = lambda: None
            house.book.remove(source.id, keep=True)  # and its line is hung up a moment later

        house.desk.before_bytes = remove
        house.fetch()
        hang_up(source.id)
        monkeypatch.undo()
        assert house.all() == []

        house.book.restore(source.id)
        house.fetch()

        assert (house.row(KEY).state, house.row(KEY).attempts) == ("held", 1)


class TestHostileAnswers:
    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (b"<html><body>Log in</body></html>", "web page"),
            (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
            (b"MZ\x90\x00" + b"\0" * 5000, "not a picture"),
            (b"\xff\xd8\xff\xe0garbage" * 40, ""),
            (b"", "empty"),
        ],
        ids=["html", "svg", "program", "broken", "empty"],
    )
    def test_what_is_no_picture_is_refused_with_a_sentence(
        self, house: RemoteHouse, data: bytes, says: str
    ) -> None:
        house.desk.put(KEY, data, filename="photo.jpg")
        house.bring()

        row = house.row(KEY)
        assert row.state == "refused"
        assert says in str(row.error)
        assert house.all() == []
        assert list(house.originals.all_keys()) == []
        assert list((house.data / "incoming").iterdir()) == []

    def test_decoding_is_fenced(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        house.bring()

        assert house.pool.fenced == [True]

    @pytest.mark.parametrize(
        "name",
        ["../../etc/passwd", "<script>alert(1)</script>.jpg", "a\0b.jpg", "..", "", "x" * 400],
    )
    def test_a_name_is_only_ever_shown(self, house: RemoteHouse, name: str) -> None:
        house.desk.put(KEY, filename=name)
        house.bring()

        shown = house.only().filename
        assert "/" not in shown
        assert shown.strip(".")
        assert len(shown) <= 255
        assert shown.isprintable()

    def test_more_than_may_come_in_is_refused_before_it_comes(self, house: RemoteHouse) -> None:
        house.desk.put(KEY, picture(1) + b"\0" * 5_000_000)
        house.bring()

        assert house.row(KEY).state == "refused"
        assert "MB" in str(house.row(KEY).error)

    def test_signatures_and_tracking_pixels_are_left_out_as_the_source_says(
        self, house: RemoteHouse
    ) -> None:
        house.desk.put("ticket/1/1", picture(1, "16x16 png"))
        house.desk.put("ticket/1/2", picture(2, "120x16 png"))
        house.bring(min_px="32")

        assert house.row("ticket/1/1").state == "refused"
        assert house.row("ticket/1/2").state == "held"
        assert house.catalog.jobs.list("failed")[1] == 0

    def test_a_least_size_that_is_no_number_leaves_nothing_out(self, house: RemoteHouse) -> None:
        house.desk.put(KEY)
        house.bring(min_px="3²")

        assert house.row(KEY).state == "held"


class TestTurns:
    def test_two_sources_are_fetched_from_in_turn(self, house: RemoteHouse) -> None:
        for number in range(3):
            house.desk.put(f"ticket/1/{number}")
            house.server.put(f"a{number}", preview=picture(number))
        house.connect()
        house.connect("immich")
        house.sync()

        for _ in range(4):
            house.fetching.once()

        assert len(house.desk.opened) == 2
        assert len(house.server.previewed) == 2

    def test_a_slow_source_does_not_take_every_thread(self, house: RemoteHouse) -> None:
        for number in range(9):
            house.desk.put(f"ticket/1/{number}")
        house.server.put("a1", preview=picture(1))
        desk, server = house.connect(), house.connect("immich")
        house.sync()
        turns = house.fetching.turns
        turns._threads = 4

        taken = [turns.take(lease_s=60) for _ in range(4)]

        sources = [t[0].id for t in taken if t is not None]
        assert sources.count(desk.id) <= 3
        assert server.id in sources

    def test_one_thread_is_left_to_a_source_that_wants_nothing_yet(
        self, house: RemoteHouse
    ) -> None:
        for number in range(9):
            house.desk.put(f"ticket/1/{number}")
        house.connect()
        house.connect("immich")
        house.sync()
        turns = house.fetching.turns
        turns._threads = 4

        taken = [turns.take(lease_s=60) for _ in range(4)]

        assert [t is not None for t in taken] == [True, True, True, False]

    def test_a_failure_of_one_does_not_rest_the_other(self, house: RemoteHouse) -> None:
        for number in range(9):
            house.desk.put(f"ticket/1/{number}")
        house.server.put("a1", preview=picture(1))
        house.connect()
        house.connect("immich")
        house.sync()
        house.desk.fails_open = [Upstream()] * 9

        house.fetch()

        assert house.server.previewed == ["a1"]


def test_a_twin_by_sha1_needs_no_bytes(house: RemoteHouse) -> None:
    data = picture(3)
    with house.uploads.begin("mine.jpg") as upload:
        upload.write(data)
        upload.finish()
    house.desk.put(KEY, data, sha1=sha1_of(data))

    house.bring()

    assert house.desk.opened == []
    assert len(house.only().occurrences) == 2
