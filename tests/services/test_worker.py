"""The background: scans become states people read, hints become pictures, backlogs end."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gallery_app.domain.errors import GalleryError, NotFound, OutOfSpace
from gallery_app.domain.model import Source
from gallery_app.services.ingest import Tally
from gallery_app.services.worker import LEASE_S, Background
from tests.pictures import make_picture
from tests.services.house import House


class Watch:
    """A watch that says what the test tells it."""

    def __init__(self, on_dirty: Callable[[Path], None]) -> None:
        self.say = on_dirty
        self.roots: set[Path] = set()
        self.calls: list[str] = []
        self.closed = False
        self.degraded: str | None = None

    def watch(self, root: Path) -> None:
        """Remember the root."""
        self.roots.add(root)
        self.calls.append("watch")

    def unwatch(self, root: Path) -> None:
        """Forget the root."""
        self.roots.discard(root)
        self.calls.append("unwatch")

    def close(self) -> None:
        """Remember that it ended."""
        self.closed = True


class Hall:
    """A house with its background."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.watches: list[Watch] = []
        self.background = Background(
            house.catalog,
            house.sources,
            house.scanning,
            house.rendering,
            house.status,
            watch=self._open,
            now=house.clock,
            monotonic=time.monotonic,
            free_bytes=lambda: house.free,
            min_free_bytes=1_000_000,
            rescan_s=900,
            quiet_s=0.05,
            flights=4,
            stop=house.stop,
        )

    def _open(self, on_dirty: Callable[[Path], None]) -> Watch:
        self.watches.append(Watch(on_dirty))
        return self.watches[-1]

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something the background does, at most ten seconds."""
        pause = threading.Event()
        for _ in range(1000):
            if true():
                return
            pause.wait(0.01)
        pytest.fail("the background did not do it within ten seconds")

    def scan_now(self) -> Source:
        """Run the scan job that waits, in this thread."""
        source = self.house.watch()
        self.house.sources.scan(source.id)
        job = self.house.catalog.jobs.claim(["scan"], lease_s=60)
        assert job is not None
        self.background.run_scan(job)
        return self.house.sources.get(source.id)


@pytest.fixture
def hall(house: House) -> Iterator[Hall]:
    """The background, ended after the test."""
    made = Hall(house)
    yield made
    made.background.close()


def _raising(error: Exception) -> Callable[..., Any]:
    def fail(*_given: object, **_more: object) -> Any:
        raise error

    return fail


def _photo(seed: int) -> bytes:
    return make_picture(f"64x48 jpeg, noise seed {seed}")


class TestAScanJob:
    def test_ends_done_with_its_counts_and_the_source_online(self, hall: Hall) -> None:
        hall.house.put("a.jpg", _photo(1))

        source = hall.scan_now()

        (job,), _ = hall.house.jobs.list("done")
        assert job.progress["found"] == 1
        assert source.state == "online"
        assert source.last_scan_at == hall.house.clock.at
        assert source.assets == 1

    def test_of_a_folder_that_is_away_leaves_the_source_offline_with_a_remedy(
        self, hall: Hall
    ) -> None:
        hall.house.put("a.jpg", _photo(1))
        hall.scan_now()
        hall.house.pictures.rename(hall.house.root / "away")

        source = hall.scan_now()

        assert source.state == "offline"
        assert source.error is not None
        assert "connected" in source.error
        assert len(hall.house.all()) == 1

    def test_of_a_folder_that_lost_most_of_its_files_asks(self, hall: Hall) -> None:
        for number in range(60):
            hall.house.put(f"{number}.jpg", _photo(number))
        hall.scan_now()
        shutil.rmtree(hall.house.pictures)
        hall.house.pictures.mkdir()

        source = hall.scan_now()
        hall.house.sources.scan(source.id, believe_loss=True)
        kept = len(hall.house.all())
        job = hall.house.catalog.jobs.claim(["scan"], lease_s=60)
        assert job is not None
        hall.background.run_scan(job)

        assert source.state == "attention"
        assert kept == 60
        assert hall.house.all() == []

    def test_says_what_was_passed_over_and_why(self, hall: Hall) -> None:
        hall.house.put("a.jpg", _photo(1))
        (hall.house.pictures / "out.jpg").symlink_to("/etc/hostname")

        source = hall.scan_now()

        assert source.state == "online"
        assert source.error is not None
        assert "One file or folder was passed over. “out.jpg”" in source.error

    @pytest.mark.parametrize("when", ["before", "meanwhile"])
    def test_of_a_removed_source_fails_quietly(
        self, hall: Hall, monkeypatch: pytest.MonkeyPatch, when: str
    ) -> None:
        source = hall.house.watch()
        job = hall.house.catalog.jobs.claim(["scan"], lease_s=60)
        assert job is not None
        if when == "before":
            hall.house.sources.remove(source.id)
        else:
            monkeypatch.setattr(hall.house.scanning, "scan", _raising(NotFound("source")))

        hall.background.run_scan(job)

        assert hall.house.jobs.get(job.id).state == "failed"
        left = hall.house.catalog.sources.get(source.id)
        assert left is not None
        assert left.state != "attention"

    @pytest.mark.parametrize("fault", [RuntimeError("a fault"), GalleryError()], ids=repr)
    def test_that_breaks_off_asks_for_attention_and_the_next_one_runs(
        self, hall: Hall, monkeypatch: pytest.MonkeyPatch, fault: Exception
    ) -> None:
        hall.house.put("a.jpg", _photo(1))
        with monkeypatch.context() as broken:
            broken.setattr(hall.house.scanning, "scan", _raising(fault))
            source = hall.scan_now()

        after = hall.scan_now()

        assert source.state == "attention"
        assert source.error
        assert "/" not in source.error
        assert after.state == "online"
        assert hall.house.jobs.list("failed")[1] == 1

    def test_whose_end_could_not_be_written_is_taken_up_again_when_its_lease_is_over(
        self, hall: Hall, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hall.house.put("a.jpg", _photo(1))
        with monkeypatch.context() as full:
            for verb in ("done", "fail"):
                full.setattr(hall.house.catalog.jobs, verb, _raising(OutOfSpace()))
            with pytest.raises(OutOfSpace):
                hall.scan_now()
        hall.house.clock.pass_(seconds=LEASE_S + 1)

        # Not by a restart, which takes back everything.
        monkeypatch.setattr(hall.house.catalog.jobs, "release", lambda: 0)
        hall.background.start()

        hall.until(lambda: hall.house.jobs.list("done")[1] >= 1)
        hall.until(lambda: hall.house.jobs.list("running")[1] == 0)

    def test_with_the_word_that_files_are_gone_is_not_lost_behind_another(self, hall: Hall) -> None:
        source = hall.house.watch()
        hall.house.sources.scan(source.id)

        waiting = hall.house.sources.scan(source.id, believe_loss=True)
        first = hall.house.catalog.jobs.claim(["scan"], lease_s=60)
        running = hall.house.sources.scan(source.id, believe_loss=True)
        hall.house.sources.scan(source.id)
        nothing = hall.house.catalog.jobs.claim(["scan"], lease_s=60)

        assert waiting.payload["believe_loss"] is True
        assert first is not None
        assert first.payload["believe_loss"] is True
        assert running.id == first.id
        assert nothing is None

    def test_that_runs_already_is_followed_by_the_one_that_believes(self, hall: Hall) -> None:
        source = hall.house.watch()
        hall.house.sources.scan(source.id)
        plain = hall.house.catalog.jobs.claim(["scan"], lease_s=60)

        second = hall.house.sources.scan(source.id, believe_loss=True)
        again = hall.house.sources.scan(source.id, believe_loss=True)
        claimed = hall.house.catalog.jobs.claim(["scan"], lease_s=60)

        assert plain is not None
        assert second.id == again.id != plain.id
        assert claimed is not None
        assert (claimed.id, claimed.payload["believe_loss"]) == (second.id, True)


class TestRunning:
    def test_a_hint_whose_look_failed_is_followed_again(
        self, hall: Hall, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hall.house.watch()
        hall.background.start()
        hall.until(lambda: hall.house.jobs.list("done")[1] == 1)
        scan, faults = hall.house.scanning.scan, [OutOfSpace(), RuntimeError("a fault")]

        def fails_twice(source: Source, *rest: Any, **more: Any) -> Tally:
            if faults:
                raise faults.pop()
            return scan(source, *rest, **more)

        monkeypatch.setattr(hall.house.scanning, "scan", fails_twice)
        hall.house.put("a.jpg", _photo(1))

        hall.watches[0].say(hall.house.pictures)

        hall.until(lambda: len(hall.house.all()) == 1)

    def test_a_root_that_left_and_came_back_is_watched_and_looked_through_again(
        self, hall: Hall
    ) -> None:
        hall.house.put("a.jpg", _photo(1))
        hall.house.watch()
        hall.background.start()
        hall.until(lambda: len(hall.house.all()) == 1)
        (watch,) = hall.watches
        away = hall.house.root / "away"

        hall.house.pictures.rename(away)
        hall.house.sources.changed()
        hall.until(lambda: watch.roots == set())
        away.rename(hall.house.pictures)
        hall.house.put("b.jpg", _photo(2))
        hall.house.sources.changed()

        hall.until(lambda: watch.roots == {hall.house.pictures})
        hall.until(lambda: len(hall.house.all()) == 2)

    def test_another_folder_in_the_roots_place_is_watched_anew(self, hall: Hall) -> None:
        hall.house.watch()
        hall.background.start()
        (watch,) = hall.watches
        hall.until(lambda: watch.calls == ["watch"])

        hall.house.pictures.rename(hall.house.root / "away")
        hall.house.pictures.mkdir()
        hall.house.sources.changed()

        hall.until(lambda: watch.calls == ["watch", "unwatch", "watch"])

    def test_a_folder_becomes_rendered_pictures_without_being_asked(self, hall: Hall) -> None:
        for number in range(5):
            hall.house.put(f"{number}.jpg", _photo(number))
        hall.house.watch()

        hall.background.start()

        hall.until(lambda: [a.status for a in hall.house.all()] == ["ready"] * 5)

    def test_a_hint_brings_a_new_picture_and_takes_a_deleted_one(self, hall: Hall) -> None:
        old = hall.house.put("a.jpg", _photo(1))
        hall.house.watch()
        hall.background.start()
        hall.until(lambda: len(hall.house.all()) == 1)
        (watch,) = hall.watches

        hall.house.put("new folder/b.jpg", _photo(2))
        old.unlink()
        watch.say(hall.house.pictures)
        watch.say(hall.house.pictures / "new folder")

        hall.until(lambda: [a.filename for a in hall.house.all()] == ["b.jpg"])

    def test_a_source_that_is_added_is_watched_and_one_removed_is_not(self, hall: Hall) -> None:
        hall.background.start()
        (watch,) = hall.watches
        source = hall.house.watch()
        hall.until(lambda: watch.roots == {hall.house.pictures})

        hall.house.sources.remove(source.id)

        hall.until(lambda: watch.roots == set())

    def test_a_full_disk_pauses_with_a_sentence_and_goes_on_when_there_is_room(
        self, hall: Hall
    ) -> None:
        hall.house.put("a.jpg", _photo(1))
        hall.house.free = 0
        hall.house.watch()
        hall.background.start()
        hall.until(lambda: hall.house.status.progress().paused_for is not None)

        hall.house.free = 10**12

        hall.until(lambda: [a.status for a in hall.house.all()] == ["ready"])
        assert hall.house.status.progress().paused_for is None

    def test_the_lease_of_a_process_that_is_gone_does_not_hold_up_the_next(
        self, hall: Hall
    ) -> None:
        hall.house.put("a.jpg", _photo(1))
        hall.house.watch()
        assert hall.house.catalog.jobs.claim(["scan"], lease_s=3600) is not None

        hall.background.start()

        hall.until(lambda: len(hall.house.all()) == 1)

    def test_what_a_broken_watch_says_is_passed_on(self, hall: Hall) -> None:
        assert hall.background.watch_warning is None
        hall.background.start()
        hall.watches[0].degraded = "too many folders"

        assert hall.background.watch_warning == "too many folders"

    def test_closing_politely_uses_up_no_attempt_of_a_picture_in_flight(self, hall: Hall) -> None:
        hall.house.put("a.jpg", _photo(1))
        hall.house.scan()
        for _ in range(2):  # of runs that did not end politely
            hall.house.catalog.assets.claim_render(10)
        hall.house.pool.held = []
        hall.background.start()
        hall.until(lambda: hall.house.pool.processed == 1)

        hall.background.close()

        assert hall.house.rendering.exhausted() == []

    def test_closing_on_a_full_disk_closes_all_the_same(
        self, hall: Hall, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hall.background.start()
        monkeypatch.setattr(hall.house.rendering, "abandon", _raising(OutOfSpace()))

        hall.background.close()

        assert hall.watches[0].closed

    def test_closing_ends_every_thread(self, hall: Hall) -> None:
        hall.background.start()

        hall.background.close()

        assert hall.watches[0].closed
        ours = {"gallery-scan", "gallery-hints", "gallery-render"}
        assert not ours & {thread.name for thread in threading.enumerate()}
