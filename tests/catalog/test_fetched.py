"""The queue of what is to be fetched, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gallery_app.catalog import Changes
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import NotFound
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import SourceId
from tests.catalog.shelf import SHA1, START, Shelf, attachment, described, image, processed

TICKET = EntityRef("ticket", "4711", "Cracked", "https://desk.example/4711")
KEY = attachment().key


def keys(shelf: Shelf, *sources: SourceId, limit: int = 9) -> list[str]:
    return [w.key for w in shelf.catalog.remotes.claim(sources, limit, lease_s=60)]


class TestClaiming:
    def test_gives_the_newest_at_the_remote_first(self, shelf: Shelf) -> None:
        photos, desk = shelf.photos(), shelf.desk()
        later = START + timedelta(days=1)
        shelf.hear(photos, image("old", modified_at=START), image("new", modified_at=later))
        shelf.hear(desk, attachment(modified_at=None, created_at=START + timedelta(hours=1)))

        assert keys(shelf, photos, desk) == ["new", KEY, "old"]

    def test_gives_all_that_fetching_needs(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        shelf.hear(desk, attachment(created_at=START, sha1=SHA1), copies=True)

        (wanted,) = shelf.catalog.remotes.claim([desk], 5, lease_s=60)

        assert (wanted.source_id, wanted.key, wanted.filename) == (desk, KEY, "1.jpg")
        assert (wanted.size_bytes, wanted.created_at, wanted.modified_at) == (
            3_000_000, START, START,
        )  # fmt: skip
        assert (wanted.version, wanted.sha1, wanted.asset_id) == ("v1", SHA1, None)
        assert wanted.attempts == 1

    def test_gives_nothing_twice_while_the_lease_lasts(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.hear(photos, image("one"), image("two"))

        assert (len(keys(shelf, photos, limit=1)), len(keys(shelf, photos))) == (1, 1)
        assert keys(shelf, photos) == []
        shelf.wait(61)
        assert keys(shelf, photos) == ["one", "two"]

    def test_counts_attempts_that_a_crash_cannot_take_back(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.hear(photos, image("one"))
        keys(shelf, photos)

        remotes = shelf.reopen().remotes

        assert keys(shelf, photos) == []
        assert remotes.release() == 1
        (wanted,) = remotes.claim([photos], 1, lease_s=60)
        assert wanted.attempts == 2

    def test_leaves_out_what_was_postponed_until_its_time(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.hear(photos, image("one"))
        keys(shelf, photos)

        later = START + timedelta(minutes=5)
        shelf.catalog.remotes.postpone(photos, "one", run_after=later, error="It rests.")

        assert shelf.row(photos, "one").error == "It rests."
        assert keys(shelf, photos) == []
        shelf.wait(300)
        assert keys(shelf, photos) == ["one"]

    @pytest.mark.parametrize("counted", [True, False], ids=["its own fault", "the remote's"])
    def test_counts_an_attempt_against_a_picture_only_for_its_own_fault(
        self, shelf: Shelf, counted: bool
    ) -> None:
        photos, remotes = shelf.photos(), shelf.catalog.remotes
        shelf.hear(photos, image("one"))
        keys(shelf, photos)

        remotes.postpone(photos, "one", run_after=START, error="It rests.", counted=counted)

        (wanted,) = remotes.claim([photos], 1, lease_s=60)
        assert wanted.attempts == (2 if counted else 1)

    def test_asks_only_the_sources_that_are_named(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.hear(photos, image("one"))

        assert keys(shelf, shelf.desk()) == keys(shelf) == []

    def test_leaves_out_what_is_held_refused_or_gone(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.hear(photos, image("held"), image("refused"), image("gone"))
        held = shelf.row(photos, "held").asset_id
        assert held is not None
        shelf.preview(held)
        shelf.catalog.remotes.refuse(photos, "refused", "It is no picture.")
        with shelf.catalog.write() as writer:
            writer.lose_remote(photos, ["gone"], at=START)

        assert keys(shelf, photos) == []
        assert shelf.catalog.remotes.counts(photos) == {
            "wanted": 0, "held": 1, "refused": 1, "gone": 1,
        }  # fmt: skip

    @pytest.mark.parametrize("how", ["refused", "postponed"])
    def test_gives_again_what_a_person_retries(self, shelf: Shelf, how: str) -> None:
        photos, remotes = shelf.photos(), shelf.catalog.remotes
        shelf.hear(photos, image("one"), image("two"))
        keys(shelf, photos)
        for key in ("one", "two"):
            if how == "refused":
                remotes.refuse(photos, key, "It is no picture.")
            else:
                later = START + timedelta(days=1)
                remotes.postpone(photos, key, run_after=later, error="It rests.")

        assert remotes.retry(photos, "one")
        assert not remotes.retry(photos, "one")
        assert not remotes.retry(photos, "never")
        assert keys(shelf, photos) == ["one"]
        assert remotes.retry_refused(photos) == 1
        (wanted,) = remotes.claim([photos], 5, lease_s=60)
        assert (wanted.key, wanted.attempts) == ("two", 1)

    def test_gives_nobody_else_what_is_on_its_way_for_the_second_time(self, shelf: Shelf) -> None:
        photos, remotes = shelf.photos(), shelf.catalog.remotes
        shelf.hear(photos, image("one"))
        assert keys(shelf, photos) == ["one"]
        remotes.postpone(photos, "one", run_after=START, error="It rests.")
        assert keys(shelf, photos) == ["one"]

        assert not remotes.retry(photos, "one")
        assert remotes.retry_refused(photos) == 0
        assert keys(shelf, photos) == []

    def test_gives_again_all_of_many_and_nothing_of_another_source(self, shelf: Shelf) -> None:
        photos, others = shelf.photos(), shelf.photos("https://other.example")
        for source in (photos, others):
            shelf.hear(source, *(image(f"{n}") for n in range(1_005)), copies=True)
        with shelf.catalog._database.writing() as connection:
            connection.execute("UPDATE remote_image SET state = 2 WHERE key <> '7'")

        assert shelf.catalog.remotes.retry_refused(photos) == 1_004
        assert shelf.catalog.remotes.counts(photos)["wanted"] == 1_005
        assert shelf.catalog.remotes.counts(others)["refused"] == 1_004

    def test_gives_at_once_what_waits_for_a_time_and_leaves_the_rest(self, shelf: Shelf) -> None:
        photos, others = shelf.photos(), shelf.photos("https://other.example")
        later = START + timedelta(hours=1)
        for source in (photos, others):
            shelf.hear(source, image("late"), image("flying"), image("refused"), copies=True)
            for wanted in shelf.catalog.remotes.claim([source], 5, lease_s=60):
                if wanted.key == "refused":
                    shelf.catalog.remotes.refuse(source, wanted.key, "It is no picture.")
                elif wanted.key == "late":
                    shelf.catalog.remotes.postpone(
                        source, wanted.key, run_after=later, error="It is away."
                    )

        assert shelf.catalog.remotes.retry_postponed(photos) == 1

        (wanted,) = shelf.catalog.remotes.claim([photos, others], 5, lease_s=60)
        assert (wanted.source_id, wanted.key, wanted.attempts) == (photos, "late", 1)


class TestBytes:
    def test_make_a_row_held_and_its_asset_known_by_all_of_its_listing(self, shelf: Shelf) -> None:
        desk = shelf.desk()

        asset_id = shelf.fetch(desk, attachment(entities=(TICKET,), private=True))

        asset, row = shelf.asset(asset_id), shelf.row(desk, KEY)
        assert (row.state, row.asset_id, row.fetched_at) == ("held", asset_id, START)
        assert (asset.entities, asset.private, asset.remote) == ((TICKET,), True, False)
        assert shelf.find(ticket="4711") == shelf.find(q="cracked") == [asset_id]
        (occurrence,) = asset.occurrences
        assert occurrence.remote is not None
        assert occurrence.remote.fetched_at == START

    def test_that_are_known_become_another_occurrence(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment())

        again = shelf.fetch(desk, attachment("ticket/4712/attachment/2"))

        assert again == asset_id
        assert len(shelf.asset(asset_id).occurrences) == 2

    def test_of_a_new_version_are_another_asset_and_the_old_one_stays(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        old = shelf.fetch(desk, attachment())

        new = shelf.fetch(desk, attachment(version="v2"), "b")

        assert new != old
        assert shelf.row(desk, KEY).asset_id == new
        assert shelf.asset(old).live
        assert shelf.asset(old).occurrences == ()

    def test_take_in_the_asset_that_stood_for_them(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        stood = shelf.heard(photos, image("one"))
        uid = shelf.asset(stood).uid
        with shelf.catalog.write() as writer:
            writer.edit([stood], Changes(favourite=True))

        kept = shelf.fetch(photos, image("one"))

        assert shelf.catalog.assets.by_id(stood) is None
        asset = shelf.asset(kept)
        assert (asset.favourite, asset.remote, asset.stored) == (True, False, True)
        assert shelf.catalog.assets.get(uid) == asset
        assert shelf.row(photos, "one").asset_id == kept

    def test_leave_an_asset_that_another_picture_stands_for_too(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.hear(photos, image("one", sha1=SHA1), image("two", sha1=SHA1))
        shared = shelf.row(photos, "one").asset_id

        kept = shelf.fetch(photos, image("one", sha1=SHA1))

        assert kept != shared
        assert shelf.row(photos, "two").asset_id == shared

    def test_of_an_older_version_leave_the_newer_one_wanted(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment())
        shelf.hear(desk, attachment(version="v2"), copies=True)

        with shelf.catalog.write() as writer:
            seen = shelf.seen(KEY, asset_id)
            writer.hold_remote(desk, KEY, asset_id, occurrence=seen, at=START, version="v1")

        assert shelf.row(desk, KEY).state == "wanted"

    def test_of_what_is_gone_by_now_are_kept_and_offered_by_nobody(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        shelf.hear(desk, attachment(), copies=True)
        with shelf.catalog.write() as writer:
            writer.lose_remote(desk, [KEY], at=START)

        asset_id = shelf.arrive(desk, KEY)

        assert shelf.row(desk, KEY).state == "gone"
        assert shelf.asset(asset_id).live
        assert shelf.asset(asset_id).occurrences[0].gone_at is not None

    def test_of_what_was_never_listed_are_refused(self, shelf: Shelf) -> None:
        desk, asset_id = shelf.desk(), shelf.put_one("a.jpg")

        seen = shelf.seen("never", asset_id)
        with shelf.catalog.write() as writer, pytest.raises(NotFound):
            writer.hold_remote(desk, "never", asset_id, occurrence=seen, at=START)


class TestAPreview:
    def test_makes_an_asset_ready_without_a_sha256(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one", sha1=SHA1))

        shelf.preview(asset_id, "e")

        asset, row = shelf.asset(asset_id), shelf.row(photos, "one")
        assert (asset.status, asset.sha256, asset.sha1) == ("ready", None, SHA1)
        assert (asset.colour, asset.placeholder, asset.size) == (
            0x336699, b"thumb", Size(4000, 3000),
        )  # fmt: skip
        assert (row.state, row.fetched_at) == ("held", START)
        serving = shelf.catalog.assets.serving(asset.uid)
        assert serving is not None
        assert (serving.sha256, serving.remote) == ("e" * 64, True)

    def test_gives_a_size_only_where_none_was_known(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        unknown = described("one", size=Size(0, 0))
        asset_id = shelf.heard(photos, image("one", picture=unknown))
        with shelf.catalog.write() as writer:
            preview = processed("e", size=Size(1440, 1080))
            writer.finish_preview(asset_id, preview, "e" * 64, at=START)

        assert shelf.asset(asset_id).size == Size(1440, 1080)

    def test_of_an_older_version_is_not_shown(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))
        shelf.hear(photos, image("one", version="v2"))

        with shelf.catalog.write() as writer:
            writer.finish_preview(asset_id, processed("e"), "e" * 64, at=START, version="v1")

        assert shelf.asset(asset_id).status == "described"
        assert shelf.row(photos, "one").state == "wanted"

    def test_that_comes_after_it_was_given_up_is_shown(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))
        shelf.catalog.remotes.refuse(photos, "one", "The remote has not made a preview yet.")

        with shelf.catalog.write() as writer:
            writer.finish_preview(asset_id, processed("e"), "e" * 64, at=START, version="v1")

        row = shelf.row(photos, "one")
        assert shelf.asset(asset_id).status == "ready"
        assert (row.state, row.error) == ("held", None)

    def test_brings_no_missing_asset_back(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))
        with shelf.catalog.write() as writer:
            writer.lose_remote(photos, ["one"], at=START)

        shelf.preview(asset_id)

        assert shelf.asset(asset_id).status == "missing"

    def test_changes_nothing_of_what_a_folder_has_by_now(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one", sha1=SHA1))
        file = shelf.put_one("a.jpg")
        kept = shelf.render(file, sha1=SHA1)
        before = shelf.asset(kept)

        shelf.preview(kept)

        assert shelf.catalog.assets.by_id(asset_id) is None
        assert shelf.asset(kept) == before

    def test_is_not_asked_of_the_files_workers(self, shelf: Shelf) -> None:
        asset_id = shelf.heard(shelf.photos(), image("one"))

        assert shelf.catalog.assets.claim_render(9) == []
        assert shelf.catalog.assets.claim_one(asset_id) is None
        counts = shelf.catalog.assets.counts()
        assert (counts["described"], counts["to_render"]) == (1, 0)
