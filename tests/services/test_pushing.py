"""Handing pictures to an Immich: each once, whatever happens on the way."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from gallery_app.connectors.base import Taken
from gallery_app.domain.errors import (
    BadInput,
    Conflict,
    NotFound,
    UnsupportedType,
    Upstream,
    UpstreamRefused,
    UpstreamThrottled,
)
from gallery_app.domain.model import Job, Source
from gallery_app.services.pushing import KIND, Pushing
from tests.pictures import make_picture
from tests.services.far import Book, Library, Plain, hold, image, list_images
from tests.services.house import House

NAMES = ["a.jpg", "b.jpg", "c.jpg"]


@pytest.fixture
def target(book: Book, library: Library) -> Source:
    return book.connect("immich", library, "Family")


@pytest.fixture
def pushing(house: House, book: Book) -> Pushing:
    return Pushing(
        house.catalog,
        book,
        original_file=house.media.original_file,
        now=house.clock,
        local_time=lambda naive: naive.replace(tzinfo=house.clock.at.tzinfo),
        stop=house.stop,
    )


@pytest.fixture
def uids(house: House) -> list[str]:
    for number, name in enumerate(NAMES):
        house.put(name, make_picture(f"64x48 jpeg, seed {number}"))
    house.scan()
    house.render_all()
    by_name = {asset.filename: asset.uid for asset in house.all()}
    return [by_name[name] for name in NAMES]


def _sha1(house: House, name: str) -> str:
    data = (house.pictures / name).read_bytes()
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def _run(house: House, pushing: Pushing) -> Job:
    job = house.catalog.jobs.claim([KIND], lease_s=60)
    assert job is not None
    pushing.run_push(job)
    return house.jobs.get(job.id)


def _states(pushing: Pushing, job: Job) -> list[str]:
    return [outcome.state for outcome in pushing.outcomes(job.id)]


def test_every_picture_arrives_with_its_name_hash_and_date(
    house: House, pushing: Pushing, target: Source, library: Library, uids: list[str]
) -> None:
    pushing.push(uids, target.id)

    job = _run(house, pushing)

    assert job.state == "done"
    assert job.progress == {"total": 3, "sent": 3, "known": 0, "trashed": 0, "failed": 0}
    assert [(o.filename, o.sha1) for o in library.offers] == [(n, _sha1(house, n)) for n in NAMES]
    assert all(o.taken_at.tzinfo is not None for o in library.offers)
    assert _states(pushing, job) == ["sent"] * 3


def test_a_picture_without_an_ending_gets_one_because_immich_goes_by_it(
    house: House, pushing: Pushing, target: Source, library: Library
) -> None:
    house.put("inline-80012", make_picture("64x48 jpeg, seed 9"))
    house.scan()
    house.render_all()
    pushing.push([asset.uid for asset in house.all()], target.id)

    job = _run(house, pushing)

    assert [offer.filename for offer in library.offers] == ["inline-80012.jpg"]
    assert job.state == "done"


def test_the_source_is_synced_once_something_arrived(
    house: House, pushing: Pushing, target: Source, book: Book, uids: list[str]
) -> None:
    pushing.push(uids, target.id)
    _run(house, pushing)
    assert book.synced == [target.id]

    pushing.push(uids[:2], target.id)
    _run(house, pushing)
    assert book.synced == [target.id]  # nothing new there the second time


def test_what_is_known_there_is_not_sent(
    house: House, pushing: Pushing, target: Source, library: Library, uids: list[str]
) -> None:
    library.has[_sha1(house, "b.jpg")] = "there"
    pushing.push(uids, target.id)

    job = _run(house, pushing)

    assert [offer.filename for offer in library.offers] == ["a.jpg", "c.jpg"]
    assert _states(pushing, job) == ["sent", "known", "sent"]


def test_what_lies_in_its_trash_is_named_with_what_to_do(
    house: House, pushing: Pushing, target: Source, library: Library, uids: list[str]
) -> None:
    for name in ("a.jpg", "b.jpg"):
        library.has[_sha1(house, name)] = f"there-{name}"
    library.trashed = {_sha1(house, "b.jpg")}
    pushing.push(uids, target.id)

    job = _run(house, pushing)

    assert [offer.filename for offer in library.offers] == ["c.jpg"]
    assert _states(pushing, job) == ["known", "trashed", "sent"]
    assert job.state == "failed"
    assert job.progress == {"total": 3, "sent": 1, "known": 1, "trashed": 1, "failed": 0}
    assert "1 of 3" in str(job.error)
    assert "b.jpg: It lies in the trash of Family. Restore it there" in str(job.error)

    library.trashed.clear()  # somebody did so
    house.jobs.retry(job.id)
    again = _run(house, pushing)

    assert (again.state, again.error) == ("done", None)
    assert _states(pushing, again) == ["known", "known", "sent"]


@pytest.mark.parametrize("trashed", [True, False])
def test_one_that_a_listing_knew_there_is_asked_about_its_trash(
    house: House,
    pushing: Pushing,
    target: Source,
    library: Library,
    uids: list[str],
    trashed: bool,
) -> None:
    listed = next(asset for asset in house.all() if asset.filename == "a.jpg")
    list_images(house, target, image("there"))
    hold(house, target, "there", listed.id)
    with house.catalog.write() as writer:
        writer.set_sha1(listed.id, _sha1(house, "a.jpg"))
    if trashed:
        library.has[_sha1(house, "a.jpg")] = "there"
        library.trashed = {_sha1(house, "a.jpg")}
    pushing.push(uids[:1], target.id)

    job = _run(house, pushing)

    assert _states(pushing, job) == ["trashed" if trashed else "known"]
    assert library.offers == []


def test_an_unknown_hash_is_worked_out_and_kept(
    house: House, pushing: Pushing, target: Source, uids: list[str]
) -> None:
    pushing.push(uids, target.id)
    _run(house, pushing)

    assert {a.filename: a.sha1 for a in house.all()} == {n: _sha1(house, n) for n in NAMES}


def test_one_that_fails_stops_no_other_and_is_named(
    house: House, pushing: Pushing, target: Source, library: Library, uids: list[str]
) -> None:
    library.failing["b.jpg"] = UnsupportedType("The server does not take this type.")
    pushing.push(uids, target.id)

    job = _run(house, pushing)

    assert job.state == "failed"
    assert _states(pushing, job) == ["sent", "failed", "sent"]
    assert job.error is not None
    assert "1 of 3" in job.error
    assert "b.jpg: The server does not take this type." in job.error


def test_one_whose_file_is_away_is_named(
    house: House, pushing: Pushing, target: Source, uids: list[str]
) -> None:
    (house.pictures / "c.jpg").unlink()
    pushing.push(uids, target.id)

    job = _run(house, pushing)

    assert _states(pushing, job) == ["sent", "sent", "failed"]
    assert "c.jpg" in (job.error or "")


def test_a_stumble_is_tried_again_and_nothing_is_sent_twice(
    house: House, pushing: Pushing, target: Source, library: Library, uids: list[str]
) -> None:
    library.failing["b.jpg"] = Upstream("Family")
    pushing.push(uids, target.id)

    first = _run(house, pushing)
    assert first.state == "ready"
    assert first.run_after is not None
    house.clock.at = first.run_after
    second = _run(house, pushing)

    assert second.state == "done"
    assert [offer.filename for offer in library.offers] == ["a.jpg", "c.jpg", "b.jpg"]
    assert _states(pushing, second) == ["sent"] * 3


def test_a_server_that_is_away_is_left_alone_for_a_while(
    house: House, pushing: Pushing, target: Source, library: Library, uids: list[str]
) -> None:
    library.failing = {name: Upstream("Family", "It does not answer.") for name in NAMES}
    pushing.push(uids, target.id)

    job = _run(house, pushing)

    assert (job.state, job.error) == ("ready", "It does not answer.")
    assert job.run_after == house.clock.at + timedelta(seconds=60)


def test_being_asked_to_wait_is_heeded(
    house: House, pushing: Pushing, target: Source, library: Library, uids: list[str]
) -> None:
    library.failing["a.jpg"] = UpstreamThrottled("Family", retry_after_s=33)
    pushing.push(uids, target.id)

    job = _run(house, pushing)

    assert (job.run_after, job.attempts) == (house.clock.at + timedelta(seconds=33), 0)


def test_a_key_that_may_not_upload_ends_the_job_at_once(
    house: House, pushing: Pushing, target: Source, library: Library, uids: list[str]
) -> None:
    library.failing["a.jpg"] = UpstreamRefused("Family", "The key lacks asset.upload.")
    pushing.push(uids, target.id)

    job = _run(house, pushing)

    assert (job.state, job.error) == ("failed", "The key lacks asset.upload.")
    assert library.offers == []


def test_a_killed_job_goes_on_and_sends_nothing_twice(
    house: House, pushing: Pushing, target: Source, library: Library, uids: list[str]
) -> None:
    def killed(offer: object) -> None:
        if len(library.offers) == 1:
            raise KeyboardInterrupt

    library.before_upload = killed
    pushing.push(uids, target.id)
    with pytest.raises(KeyboardInterrupt):
        _run(house, pushing)

    library.before_upload = lambda offer: None
    house.catalog.jobs.release()  # as the next start does
    job = _run(house, pushing)

    assert job.state == "done"
    assert [offer.filename for offer in library.offers] == NAMES


def test_a_stop_leaves_the_job_for_the_next_start(
    house: House, pushing: Pushing, target: Source, library: Library, uids: list[str]
) -> None:
    library.before_upload = lambda offer: house.stop.set()
    pushing.push(uids, target.id)

    assert _run(house, pushing).state == "running"
    assert len(library.offers) == 1


def test_a_line_that_is_closed_by_a_stop_counts_as_no_try(
    house: House, pushing: Pushing, target: Source, library: Library, uids: list[str]
) -> None:
    def stopped(_sha1s: object) -> dict[str, Taken]:
        house.stop.set()
        raise Upstream("Family", "The connection was closed.")

    library.known = stopped  # type: ignore[method-assign, assignment]
    pushing.push(uids, target.id)

    assert _run(house, pushing).state == "running"


@pytest.mark.parametrize("when", ["between two requests", "in a request"])
def test_while_its_target_is_paused_it_waits_and_what_was_sent_stays_sent(
    house: House,
    pushing: Pushing,
    target: Source,
    library: Library,
    uids: list[str],
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    def pause(_offer: object) -> None:
        if when == "in a request" and not library.offers:
            return
        house.catalog.remotes.configure(target.id, paused=True)
        if when == "in a request":
            raise Upstream("Family", "The connection was closed.")

    monkeypatch.setattr("gallery_app.services.pushing.AT_ONCE", 1)
    library.before_upload = pause
    pushing.push(uids, target.id)

    paused = _run(house, pushing)
    before = _states(pushing, paused)
    library.before_upload = lambda _offer: None
    house.catalog.remotes.configure(target.id, paused=False)
    house.clock.pass_(minutes=1)
    job = _run(house, pushing)

    assert (paused.state, paused.attempts) == ("ready", 0)
    assert "paused" in (paused.error or "")
    assert before == ["sent", "waiting", "waiting"]
    assert (job.state, _states(pushing, job)) == ("done", ["sent"] * 3)
    assert [offer.filename for offer in library.offers] == NAMES


class TestChoosing:
    def test_the_same_selection_twice_is_one_job(
        self, pushing: Pushing, target: Source, uids: list[str]
    ) -> None:
        one, two = pushing.push(uids, target.id), pushing.push([*uids, *uids], target.id)

        assert one.id == two.id
        assert one.subject == "3 pictures to Family"

    def test_none_and_unknown_ones_are_refused(
        self, house: House, pushing: Pushing, target: Source, uids: list[str], book: Book
    ) -> None:
        desk = book.connect("freshdesk", Plain(), "Desk")

        with pytest.raises(BadInput):
            pushing.push([], target.id)
        with pytest.raises(NotFound):
            pushing.push(["0" * 26], target.id)
        with pytest.raises(NotFound):
            pushing.push(uids, 999)
        with pytest.raises(Conflict, match="Desk takes no pictures"):
            pushing.push(uids, desk.id)
        with pytest.raises(Conflict, match="takes no pictures"):
            pushing.push(uids, house.watch().id)

    def test_a_paused_source_says_so(
        self, house: House, pushing: Pushing, target: Source, uids: list[str]
    ) -> None:
        house.catalog.remotes.configure(target.id, paused=True)

        with pytest.raises(Conflict, match="paused"):
            pushing.push(uids, target.id)

    def test_outcomes_of_a_job_that_waits_are_waiting(
        self, pushing: Pushing, target: Source, uids: list[str]
    ) -> None:
        job = pushing.push(uids, target.id)

        assert _states(pushing, job) == ["waiting"] * 3
        with pytest.raises(NotFound):
            pushing.outcomes(999)
