"""Flights: what becomes of a rendering when files, faults or a stop come in between."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from gallery_app.domain.errors import NotReady, OutOfSpace, Unreadable, UpstreamGone
from gallery_app.domain.renditions import RENDITIONS
from gallery_app.imaging.process import process
from gallery_app.services.deadline import Deadline
from tests.pictures import make_picture
from tests.services.house import House


def _described(house: House, sentence: str = "900x600 jpeg, noise seed 1") -> str:
    house.put("a.jpg", make_picture(sentence))
    house.scan()
    return house.only().uid


def _raise(fault: Exception) -> Callable[..., None]:
    def broken(*_: object, **__: object) -> None:
        raise fault

    return broken


class TestWhatComesInBetween:
    def test_the_failure_of_a_half_copied_file_is_not_held_against_the_whole_one(
        self, house: House
    ) -> None:
        good = make_picture("900x600 jpeg")
        house.put("a.jpg", good[:250])
        house.scan()
        landed = house.begin_all()
        house.put("a.jpg", good, age_s=60)
        house.scan()

        house.pool.held[0].set_exception(Unreadable("cut off"))
        later = house.rendering.record(landed)
        before = house.only()
        house.pool.held = None
        house.render_all()

        assert later == [before.id]
        assert (before.status, before.problem) == ("described", None)
        assert house.only().status == "ready"

    def test_a_file_deleted_while_it_was_read_stays_missing(self, house: House) -> None:
        uid = _described(house)
        landed = house.begin_all()
        (house.pictures / "a.jpg").unlink()
        house.put("b.jpg", make_picture("90x60 jpeg"))
        house.scan(believe_loss=True)

        house.pool.held[0].set_exception(Unreadable("gone in the middle"))
        house.rendering.record(landed)

        asset = house.catalog.assets.get(uid)
        assert asset is not None
        assert (asset.status, asset.problem) == ("missing", None)

    def test_an_outcome_told_twice_is_recorded_once(self, house: House) -> None:
        _described(house)
        landed = house.begin_all()
        house.pool.held[0].set_result(process(str(house.pictures / "a.jpg"), [RENDITIONS["small"]]))

        house.rendering.record(landed)
        version = house.only().version
        house.rendering.record(landed)

        assert house.only().version == version

    @pytest.mark.parametrize("fault", [KeyError("small"), OSError(5, "I/O error")], ids=repr)
    def test_an_unforeseen_fault_ends_the_flight_and_is_tried_again(
        self, house: House, fault: Exception
    ) -> None:
        _described(house)
        landed = house.begin_all()

        house.pool.held[0].set_exception(fault)
        later = house.rendering.record(landed)
        house.pool.held = None
        house.render_all()

        assert later == [house.only().id]
        assert house.only().status == "ready"

    def test_a_decoder_that_forgets_a_rendition_leaves_no_flight_behind(self, house: House) -> None:
        _described(house)
        landed = house.begin_all()
        whole = process(str(house.pictures / "a.jpg"), [])

        house.pool.held[0].set_result(whole)
        house.rendering.record(landed)

        assert len(house.rendering.claim(10)) == 1

    def test_a_viewer_s_size_that_fails_for_an_unforeseen_reason_can_be_asked_for_again(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        uid = _described(house)
        house.render_all()
        with monkeypatch.context() as broken:
            broken.setattr(house.pool, "render", _raise(RuntimeError("broken")))
            with pytest.raises(NotReady):
                house.media.rendition(uid, "medium", wait_s=1)

        assert house.media.rendition(uid, "medium").data

    @pytest.mark.parametrize("status", ["described", "ready"])
    def test_a_disk_that_cannot_be_asked_has_no_original(
        self, house: House, monkeypatch: pytest.MonkeyPatch, status: str
    ) -> None:
        uid = _described(house)
        if status == "ready":
            house.render_all()
        with monkeypatch.context() as broken:
            broken.setattr(Path, "is_file", _raise(OSError(5, "I/O error")))
            with pytest.raises(UpstreamGone):
                house.media.rendition(uid, "medium", wait_s=1)

        assert house.media.rendition(uid, "medium").data

    def test_a_claim_that_fails_leaves_no_flight_behind(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        uid = _described(house)
        with monkeypatch.context() as broken:
            broken.setattr(house.catalog.assets, "claim_one", _raise(OutOfSpace()))
            with pytest.raises(OutOfSpace):
                house.media.rendition(uid, "small", wait_s=1)

        assert house.media.rendition(uid, "small").data


class TestAPoliteStop:
    def test_uses_up_no_attempt_of_what_was_in_flight(self, house: House) -> None:
        _described(house)
        for _ in range(5):
            assert len(house.rendering.claim(10)) == 1
            house.rendering.abandon()

        assert house.rendering.exhausted() == []

    def test_uses_up_no_attempt_of_what_a_viewer_waited_for(self, house: House) -> None:
        uid = _described(house)
        house.pool.held = []
        for _ in range(3):
            with pytest.raises(NotReady):
                house.media.rendition(uid, "small", wait_s=0)
            house.pool.held.pop().set_exception(NotReady())
        house.rendering.claim(10)
        house.rendering.claim(10)
        house.rendering.claim(10)

        house.rendering.abandon()

        assert house.rendering.exhausted() == []

    def test_forgives_nothing_that_ended(self, house: House) -> None:
        house.put("a.jpg", make_picture("900x600 jpeg")[:300])
        house.scan()
        house.render_all()

        house.rendering.abandon()

        assert house.only().status == "unreadable"

    def test_says_nothing_of_what_another_run_began(self, house: House) -> None:
        _described(house)
        for _ in range(3):
            house.catalog.assets.claim_render(10)

        house.rendering.abandon()

        assert len(house.rendering.exhausted()) == 1


def test_a_viewer_gets_a_sound_picture_that_was_begun_too_often(house: House) -> None:
    uid = _described(house)
    for _ in range(3):
        house.rendering.claim(10)

    assert house.media.rendition(uid, "small").data

    assert house.pool.fenced == [True]
    assert house.only().status == "ready"


def test_two_flights_of_one_asset_share_one_outcome(house: House) -> None:
    _described(house)
    house.pool.held = []
    (asset_id,) = house.rendering.claim(10)
    landed: list[object] = []
    house.rendering.start(asset_id, done=landed.append)
    house.rendering.start(asset_id, done=landed.append)

    house.pool.held[0].set_result(process(str(house.pictures / "a.jpg"), [RENDITIONS["small"]]))

    assert house.pool.processed == 1
    assert len(landed) == 2


def test_who_waits_for_the_first_rendering_and_another_has_one_time_for_both(
    house: House,
) -> None:
    uid = _described(house)
    until = Deadline(10, house.clock.monotonic)
    waits: list[float] = []

    class Slow(Future[Any]):
        def result(self, timeout: float | None = None) -> Any:
            assert timeout is not None
            waits.append(timeout)
            house.clock.pass_(seconds=4)
            return super().result(0)

    first, second = Slow(), Slow()
    first.set_result(process(str(house.pictures / "a.jpg"), [RENDITIONS["small"]]))
    second.set_result(b"made")

    with (
        patch.object(house.rendering, "_first", return_value=first),
        patch.object(house.rendering, "begin", return_value=second),
    ):
        made = house.rendering.make(house.browse.get(uid).id, None, "large", until)

    assert made == b"made"
    assert waits == [10, 6]
