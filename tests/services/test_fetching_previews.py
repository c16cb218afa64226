"""Pictures that stay at a remote: its previews are fetched, its originals if it is asked."""

from __future__ import annotations

import pytest

from gallery_app.services import previews
from gallery_app.services.failures import fetch_key
from tests.services.remote_house import RemoteHouse
from tests.services.remote_world import FakePreviewer, kind, picture, sha1_of

HOUSE = RemoteHouse
KEY = "ticket/4711/attachment/1"


class TestPreviews:
    def test_a_picture_stands_in_the_timeline_before_a_byte_came(self, house: RemoteHouse) -> None:
        house.server.put("a1", preview=picture(9))
        house.connect("immich")
        house.sync()

        asset = house.only()
        assert asset.status == "described"
        assert asset.remote
        assert house.server.previewed == []

    def test_one_that_a_remote_does_not_send_keeps_nobody_busy_here(
        self, house: RemoteHouse
    ) -> None:
        house.server.put("a1", preview=b"<html>no</html>")
        house.bring("immich")

        assert house.only().status == "described"
        assert house.status.progress().remaining == 0

    def test_its_rendition_comes_from_the_remotes_preview(self, house: RemoteHouse) -> None:
        house.server.put("a1", preview=picture(9))
        house.bring("immich")

        asset = house.only()
        assert asset.status == "ready"
        assert asset.sha256 is None
        assert not asset.stored
        assert house.media.cached(asset.uid, "small") is not None
        assert house.server.opened == []
        assert list(house.originals.all_keys()) == []

    def test_a_preview_that_is_not_made_yet_is_asked_for_again(self, house: RemoteHouse) -> None:
        item = house.server.put("a1")
        house.bring("immich")
        assert house.row("a1").state == "wanted"

        item.preview = picture(9)
        house.clock.pass_(seconds=61)
        house.fetch()

        assert house.only().status == "ready"

    def test_a_remote_that_makes_its_previews_late_is_not_taken_to_be_away(
        self, house: RemoteHouse
    ) -> None:
        for number in range(9):
            house.server.put(f"a{number}")
        house.server.put("b", preview=picture(9))
        source = house.connect("immich")
        house.sync()

        assert house.fetch() == 10

        assert house.catalog.remotes.counts(source.id)["held"] == 1

    def test_without_a_preview_the_original_serves(self, house: RemoteHouse) -> None:
        house.server.put("a1")
        house.connect("immich")
        house.sync()
        for _ in range(3):
            house.fetch()
            house.clock.pass_(minutes=20)

        assert house.only().status == "ready"
        assert house.server.opened == ["a1"]
        assert not house.only().stored

    def test_with_the_option_originals_are_copied(self, house: RemoteHouse) -> None:
        item = house.server.put("a1", preview=picture(9))
        house.bring("immich", mirror="1")

        asset = house.only()
        assert asset.stored
        assert not asset.remote
        assert house.media.original_file(asset.uid).path.read_bytes() == item.data

    def test_the_option_can_be_switched_on_later(self, house: RemoteHouse) -> None:
        item = house.server.put("a1", preview=picture(9), sha1=None)
        source = house.bring("immich")
        uid = house.only().uid

        house.book.change(source.id, options={"mirror": "1"})
        house.sync()
        house.fetch()

        assert house.only().stored
        assert house.media.original_file(uid).path.read_bytes() == item.data

    def test_a_broken_preview_is_refused(self, house: RemoteHouse) -> None:
        house.server.put("a1", preview=b"<html>no</html>")
        house.bring("immich")

        assert house.row("a1").state == "refused"

    def test_a_preview_that_has_no_end_is_broken_off(
        self, house: RemoteHouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(previews, "PREVIEW_LIMIT_BYTES", 2_000)
        house.server.put("a1", preview=picture(9))
        house.server.unsized.add("a1")
        house.bring("immich")

        assert house.row("a1").state == "refused"
        assert "come in" in str(house.row("a1").error)

    def test_what_a_person_said_here_stays(self, house: RemoteHouse) -> None:
        house.server.put("a1", preview=picture(9))
        house.bring("immich")
        house.curation.batch([house.only().uid], "favourite")
        house.server.put("a1", preview=picture(8), version="2")

        house.sync_again()

        assert house.only().favourite


class TestGivenUpAndCome:
    """A preview for a viewer, while the queue gives the same picture up."""

    def given_up(self, house: RemoteHouse) -> None:
        house.server.before_bytes = lambda: None
        key = house.row("a1").key
        house.catalog.remotes.refuse(house.source().id, key, "No picture.")
        name = fetch_key(house.source().id, key)
        house.catalog.jobs.record_failure("fetch", name, subject="a1", error="No picture.")

    def test_nothing_failed_when_it_is_given_up_before_it_comes(self, house: RemoteHouse) -> None:
        house.server.put("a1", preview=picture(9))
        house.connect("immich")
        house.sync()
        house.server.before_bytes = lambda: self.given_up(house)

        house.previews.hurry(house.only().id).result(60)

        assert house.row("a1").state == "held"
        assert house.jobs.list("failed")[1] == 0

    def test_nothing_failed_when_it_came_before_it_is_given_up(self, house: RemoteHouse) -> None:
        item = house.server.put("a1", preview=b"<html>no</html>")
        source = house.connect("immich")
        house.sync()
        asset_id = house.only().id

        def look() -> None:
            house.server.before_bytes = lambda: None
            item.preview = picture(9)
            house.previews.bring(source.id, "a1", asset_id, priority=0)

        house.server.before_bytes = look

        house.fetch()

        assert house.row("a1").state == "held"
        assert house.jobs.list("failed")[1] == 0

    def test_it_has_come_for_every_remote_that_offers_it(self, house: RemoteHouse) -> None:
        data = picture(1)
        house.kinds["photos"] = kind("photos", house.desk, FakePreviewer, copies=False)
        house.desk.pictures = True
        house.desk.put("b1", data, sha1=sha1_of(data), preview=b"<html>no</html>")
        house.server.put("a1", data, sha1=sha1_of(data), preview=data)
        house.book.add("photos", "", "https://photos.example", "k", {})
        house.sync()
        house.fetch()
        assert house.jobs.list("failed")[1] == 1

        house.bring("immich")

        assert {row.state for row in house.catalog.remotes.of_asset(house.only().id)} == {"held"}
        assert house.jobs.list("failed")[1] == 0
