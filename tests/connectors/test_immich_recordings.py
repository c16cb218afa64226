"""The connector against what a real Immich 3.1.0 answered."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime

import pytest

from gallery_app.connectors.immich import KIND, Immich
from gallery_app.domain.errors import UpstreamGone, UpstreamRefused
from gallery_app.domain.remote import RemoteConfig
from gallery_app.testing.server import Served
from tests.connectors.immich_book import START, Book, Clock
from tests.connectors.immich_replay import (
    ALBUMS_KEY,
    ALL_KEY,
    READ_KEY,
    RECORDINGS,
    Replay,
    items,
    recorded,
)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not on this machine"),
]


@pytest.fixture
def replay() -> Replay:
    return Replay()


@pytest.fixture
def server(replay: Replay) -> Iterator[Served]:
    with Served(replay.app) as served:
        yield served


def connect(server: Served, key: str = ALL_KEY) -> Immich:
    return Immich(RemoteConfig(KIND.address_of(server.url), key), Clock(START + 3_600).tools())


@pytest.fixture
def immich(server: Served) -> Iterator[Immich]:
    connector = connect(server)
    yield connector
    connector.close()


class TestTheRecordedLibrary:
    def test_is_listed_exactly_hidden_parts_left_out(self, immich: Immich) -> None:
        book = Book()
        book.sync(immich)

        shown = [a for a in items("search/metadata_all_size1000") if a["visibility"] != "hidden"]
        assert list(book.pictures) == [a["id"] for a in shown]
        assert len(book.pictures) == 81

    def test_keeps_its_names_types_hashes_and_places(self, immich: Immich) -> None:
        book = Book()
        book.sync(immich)

        for asset in items("search/metadata_all_size1000"):
            image = book.pictures.get(asset["id"])
            if image is None:
                continue
            assert image.filename == asset["originalFileName"]
            assert image.content_type == asset["originalMimeType"]
            assert image.sha1 == base64.b64decode(asset["checksum"]).hex()
            assert image.visibility == asset["visibility"]
            assert image.page == f"{immich._site.base}/photos/{asset['id']}"
            assert image.picture is not None
            assert image.picture.size == (asset["width"], asset["height"])
            assert image.picture.problem is None
            assert image.picture.media_type != "unknown"

    def test_keeps_its_dates_as_wall_times(self, immich: Immich) -> None:
        book = Book()
        book.sync(immich)

        for asset in items("search/metadata_all_size1000"):
            if (image := book.pictures.get(asset["id"])) is None:
                continue
            assert image.picture is not None
            wall = datetime.fromisoformat(asset["localDateTime"]).replace(tzinfo=None)
            utc = datetime.fromisoformat(asset["fileCreatedAt"]).replace(tzinfo=None)
            metadata = image.picture.metadata
            assert metadata.taken_at == wall
            assert metadata.offset_minutes in {None, (wall - utc).total_seconds() / 60}
            assert (metadata.offset_minutes is not None) == (wall != utc)

    def test_has_the_albums_and_tags_that_were_recorded(self, immich: Immich) -> None:
        book = Book()
        book.sync(immich)

        italy = {asset["id"] for asset in items("search/metadata_album")}
        flowers = {asset["id"] for asset in items("search/metadata_tag")}
        plants = {asset["id"] for asset in items("search/metadata_tag_parent")}
        tags = {
            key: set(image.said.tags or ()) for key, image in book.pictures.items() if image.said
        }
        assert book.album("Italy 2008") == italy
        assert {key for key, found in tags.items() if "plants/flower" in found} == flowers
        assert {key for key, found in tags.items() if "plants" in found} == plants - flowers

    def test_is_asked_for_in_words_that_this_server_knows(
        self, immich: Immich, replay: Replay
    ) -> None:
        book = Book()
        book.sync(immich)
        book.sync(immich)

        assert all(isinstance(body["page"], int) for body in replay.bodies)
        assert all(body["size"] <= 1000 for body in replay.bodies)

    def test_costs_three_requests_the_second_time_which_tell_of_the_trashed(
        self, immich: Immich, replay: Replay
    ) -> None:
        book = Book()
        book.sync(immich)
        replay.asked.clear()
        book.sync(immich)

        trashed = items("search/metadata_trashed_only")[0]["id"]
        assert replay.asked.total() == 3
        assert book.seen == []
        assert [key for listing in book.listings for key in listing.gone] == [trashed]

    def test_has_external_files_whose_hashes_are_none_of_their_bytes(self, immich: Immich) -> None:
        from gallery_app.connectors.immich.models import asset_of
        from gallery_app.connectors.immich.pictures import Site, picture_of

        for item in items("search/metadata_external_library"):
            asset = asset_of(item)
            assert asset is not None
            image = picture_of(asset, Site("https://x"))
            assert image.sha1 is None
            assert image.size_bytes == item["exifInfo"]["fileSizeInByte"]


class TestTheRecordedConnection:
    def test_of_a_read_only_key_is_good_but_for_uploads_and_machine_learning(
        self, server: Served
    ) -> None:
        connector = connect(server, READ_KEY)
        findings = connector.check()
        connector.close()

        assert findings.ok
        assert findings.facts["version"] == "3.1.0"
        missing = [item.what for item in findings.items if not item.ok]
        assert missing == [
            "Faces (face.read)",
            "Sending pictures to Immich (asset.upload)",
            "Smart search",
        ]

    def test_of_a_wrong_key_is_told_so(self, server: Served) -> None:
        connector = connect(server, "wrong-key-0000")
        findings = connector.check()
        connector.close()

        assert not findings.ok
        assert findings.items[-1].detail == "Immich does not know this key."

    def test_of_a_key_for_albums_alone_lists_nothing(self, server: Served) -> None:
        connector = connect(server, ALBUMS_KEY)

        with pytest.raises(UpstreamRefused):
            list(connector.changes(""))
        connector.close()


class TestTheRecordedBytes:
    def key(self, name: str) -> str:
        path: str = recorded(name)["request"]["path"]
        return path.split("/")[3]

    def test_of_a_preview_are_a_jpeg(self, immich: Immich) -> None:
        with immich.preview(self.key("assets/thumbnail_preview")) as stream:
            assert stream.content_type == "image/jpeg"
            assert len(b"".join(stream.chunks)) == stream.size_bytes == 147_633

    @pytest.mark.parametrize(
        "name", ["assets/thumbnail_undecodable_404", "assets/thumbnail_locked"]
    )
    def test_of_a_preview_that_is_not_there_are_gone(self, immich: Immich, name: str) -> None:
        with pytest.raises(UpstreamGone), immich.preview(self.key(name)):
            pass

    def test_of_an_original_come_in_part(self, immich: Immich) -> None:
        with immich.open(self.key("assets/original_range_206"), start=0, end=1023) as stream:
            assert len(b"".join(stream.chunks)) == 1024
            assert (stream.start, stream.total_bytes) == (0, 161_713)

    def test_of_an_unknown_picture_are_gone_though_it_says_400(self, immich: Immich) -> None:
        with (
            pytest.raises(UpstreamGone),
            immich.open("00000000-0000-4000-8000-000000000000"),
        ):
            pass


def test_the_recorded_faces_are_parts_of_their_picture(immich: Immich) -> None:
    asset = recorded("faces/of_asset")["request"]["query"]["id"]

    assert immich.faces(asset) == ((0.3, 0.2, 0.55, 0.5),)


def test_the_recorded_check_of_hashes_is_read(immich: Immich) -> None:
    body = recorded("upload/bulk-upload-check")["response"]["body"]
    duplicates = [r for r in body["results"] if r.get("reason") == "duplicate"]

    found = immich.known(["ab" * 20])

    assert {sha1: one.key for sha1, one in found.items()} == {
        r["id"]: r["assetId"] for r in duplicates
    }
    assert [sha1 for sha1, one in found.items() if one.trashed] == ["trashed one"]


def test_the_recorded_answer_of_a_search_that_is_off_is_no_error(immich: Immich) -> None:
    assert immich.search("a flower", limit=10) == []
    immich._api._features = (True, 0.0)
    assert immich.search("a flower", limit=10) == []
