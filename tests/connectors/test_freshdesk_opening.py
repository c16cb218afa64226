"""The bytes of Freshdesk's pictures: fresh addresses, no key on the way, from nowhere else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import Mock, create_autospec

import pytest

from gallery_app.connectors.downloads import Downloads
from gallery_app.connectors.freshdesk import Freshdesk
from gallery_app.connectors.freshdesk.gather import Place
from gallery_app.connectors.freshdesk.opening import Opener, Places, fresh_until
from gallery_app.domain.errors import Unreadable, Upstream, UpstreamGone, UpstreamRefused
from gallery_app.domain.remote import RemoteStream
from gallery_app.testing.faults import Faults
from tests.connectors.freshdesk_desk import Desk, desk
from tests.connectors.wire import Time


def _read(connector: Freshdesk, key: str) -> bytes:
    with connector.open(key) as stream:
        return b"".join(stream.chunks)


def _one(made: Desk, turn: int = 0) -> str:
    ticket = made.fake.add_ticket(pictures=0)
    file = made.fake.add_picture(ticket.id, turn)
    made.clock.move(60)
    return f"ticket/{ticket.id}/file/{file.id}"


def test_every_place_of_a_picture_gives_its_bytes_and_the_key_goes_to_none() -> None:
    with desk(tickets=16, pictures=32, articles=4) as made:
        made.sync()
        connector = made.connect()
        files = made.fake.world.files

        for key in made.ledger.rows:
            data = _read(connector, key)
            if "/file/" in key:
                assert data == files[int(key.rpartition("/")[2])].data()

        assert made.fake.bucket.leaks == []
        assert made.fake.bucket.served >= 25


def test_a_link_of_the_portal_is_followed_without_the_key() -> None:
    with desk() as made:
        file = made.fake.world.file()
        ticket = made.fake.add_ticket(pictures=0, body=f"[[portal {file.id}]]")

        data = _read(made.connect(), f"ticket/{ticket.id}/file/{file.id}")

        assert data == file.data()
        assert made.fake.bucket.leaks == []


def test_all_pictures_of_a_ticket_cost_one_read() -> None:
    with desk() as made:
        ticket = made.fake.add_ticket(pictures=8)
        made.sync()
        made.fake.forget_counts()
        connector = made.connect()

        for key in made.ledger.rows:
            _read(connector, key)

        assert len(made.ledger.rows) == 8
        assert ticket.files
        assert made.fake.counts == {"ticket": 1, "conversations": 1}


def test_four_threads_wait_for_one_read() -> None:
    with desk() as made:
        made.fake.add_ticket(pictures=4)
        made.sync()
        made.fake.forget_counts()
        connector = made.connect()

        threads = [threading.Thread(target=_read, args=(connector, k)) for k in made.ledger.rows]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert made.fake.counts["ticket"] == 1


def test_what_a_sync_just_read_is_opened_without_another_read() -> None:
    with desk() as made:
        made.fake.add_ticket(pictures=3)
        connector = made.connect()
        made.sync(connector)
        made.fake.forget_counts()

        for key in made.ledger.rows:
            _read(connector, key)

        assert made.fake.counts == {}


def test_an_address_that_is_four_fifths_through_is_asked_for_anew() -> None:
    with desk() as made:
        key = _one(made)
        connector = made.connect()
        _read(connector, key)
        made.clock.move(230)
        _read(connector, key)
        reads = made.fake.counts["ticket"]
        made.clock.move(15)
        _read(connector, key)

        assert (reads, made.fake.counts["ticket"]) == (1, 2)
        date = "https://x/y?X-Amz-Date=20260514T120000Z&X-Amz-Expires=300"
        assert f"{fresh_until(date):%H:%M:%S}" == "12:04:00"
        assert fresh_until("https://x/y?1234") is None


def test_what_another_read_anew_meanwhile_is_not_read_again(time: Time) -> None:
    key, stale, fresh = "ticket/1/file/2", Place("https://x/stale"), Place("https://x/fresh")
    places = Places(time.tools.now)
    places.keep("ticket/1", {key: stale})
    opened = []

    @contextmanager
    def download(url: str, **_how: object) -> Iterator[RemoteStream]:
        opened.append(url)
        if url == stale.url:
            places.keep("ticket/1", {key: fresh})  # for the next picture of that ticket
            raise UpstreamRefused("Freshdesk")
        yield RemoteStream(iter([b"bytes"]), "image/png", 5, 5)

    near = create_autospec(Downloads, instance=True)
    near.open.side_effect = download
    read = Mock(spec=[], side_effect=AssertionError("read again"))

    with Opener(places, read, near, None, time.tools).open(key) as stream:
        assert b"".join(stream.chunks) == b"bytes"
    assert opened == [stale.url, fresh.url]


def test_one_that_is_refused_all_the_same_is_asked_for_once_more() -> None:
    faults = Faults()
    with desk(faults=faults) as made:
        key = _one(made)
        connector = made.connect()
        faults.plan("/original/", "expired")

        assert _read(connector, key)
        assert made.fake.counts["ticket"] == 2

        faults.plan("/original/", "expired", "expired")
        with pytest.raises(Upstream):
            _read(connector, key)
        assert _read(connector, key)


def test_an_inline_picture_whose_signature_is_over_twice_is_tried_again_later() -> None:
    faults = Faults()
    with desk(faults=faults) as made:
        file = made.fake.world.file()
        ticket = made.fake.add_ticket(pictures=0, body=f"[[inline {file.id}]]")
        connector = made.connect()
        faults.plan("/production/", "expired", "expired")

        with pytest.raises(Upstream) as failed:
            _read(connector, f"ticket/{ticket.id}/file/{file.id}")

        assert type(failed.value) is Upstream, "for good, though it is only late"
        assert _read(connector, f"ticket/{ticket.id}/file/{file.id}") == file.data()


def test_a_picture_behind_a_login_says_so() -> None:
    with desk() as made:
        key = _one(made, turn=1)
        made.fake.bucket.needs_login = True

        with pytest.raises(Unreadable, match="signed in"):
            _read(made.connect(), key)


def test_a_truncated_picture_is_no_picture() -> None:
    faults = Faults()
    with desk(faults=faults) as made:
        key = _one(made)
        connector = made.connect()
        faults.plan("/original/", "truncated")

        with pytest.raises(Upstream):
            _read(connector, key)
        assert _read(connector, key)


def test_a_picture_of_another_length_than_told_is_no_picture() -> None:
    with desk() as made:
        file = made.fake.world.file()
        ticket = made.fake.add_ticket(pictures=0, files=[file])
        connector = made.connect()
        next(connector.read(f"ticket/{ticket.id}"))
        file.content = b"short"

        with pytest.raises(Upstream):
            _read(connector, f"ticket/{ticket.id}/file/{file.id}")


def test_a_picture_taken_off_its_ticket_is_gone() -> None:
    with desk() as made:
        key = _one(made)
        made.fake.change(int(key.split("/")[1]), files=[])

        with pytest.raises(UpstreamGone):
            _read(made.connect(), key)


def test_foreign_pictures_are_never_fetched_from_the_own_network() -> None:
    with desk({"foreign": "1"}) as made:
        made.fake.add_ticket(pictures=0, body='<img src="https://10.0.0.1/router.png">')
        made.clock.move(60)
        made.sync()
        (key,) = made.ledger.rows

        with pytest.raises(Unreadable):
            _read(made.connect(), key)


def test_an_allowed_network_is_for_the_hosts_one_named_not_for_any_in_a_text() -> None:
    with (
        socket.create_server(("127.0.0.2", 0)) as router,
        desk({"foreign": "1", "allow": "127.0.0.2/32", "hosts": "media.example"}) as made,
    ):
        router.setblocking(False)
        port = router.getsockname()[1]
        made.fake.add_ticket(pictures=0, body=f'<img src="http://2130706434:{port}/x.png">')
        made.clock.move(60)
        made.sync()
        (key,) = made.ledger.rows

        with pytest.raises(Unreadable):
            _read(made.connect(), key)
        with pytest.raises(BlockingIOError):
            router.accept()


def test_data_in_a_text_is_opened_in_part_too() -> None:
    with desk() as made:
        ticket = made.fake.add_ticket(pictures=0)
        file = made.fake.add_picture(ticket.id, turn=6)
        made.clock.move(60)
        made.sync()
        (key,) = made.ledger.rows

        with made.connect().open(key, start=2, end=5) as stream:
            assert b"".join(stream.chunks) == file.data()[2:6]
            assert (stream.start, stream.total_bytes) == (2, file.size)
