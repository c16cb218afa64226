"""Uids, camera names, and what a link is worth at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.domain.model import (
    Asset,
    AssetId,
    Metadata,
    Occurrence,
    ShareLink,
    uid_from_bytes,
    uid_to_bytes,
)
from tests.domain.examples import NOW, asset, occurrence, told

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
HOUR = timedelta(hours=1)
LINK = ShareLink("0123456789abcdef", (AssetId(1),), "small", NOW, NOW + HOUR)


class TestUid:
    @given(st.binary(min_size=16, max_size=16))
    def test_bytes_come_back(self, raw: bytes) -> None:
        assert uid_to_bytes(uid_from_bytes(raw)) == raw

    @given(st.binary(min_size=16, max_size=16))
    def test_is_26_digits_without_look_alikes(self, raw: bytes) -> None:
        uid = uid_from_bytes(raw)

        assert len(uid) == 26
        assert set(uid) <= set(DIGITS)

    @given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
    def test_sorts_as_its_bytes_do(self, one: bytes, other: bytes) -> None:
        assert (uid_from_bytes(one) < uid_from_bytes(other)) == (one < other)

    @pytest.mark.parametrize(
        ("raw", "uid"),
        [
            pytest.param(bytes(16), "0" * 26, id="zeros"),
            pytest.param(b"\xff" * 16, "7" + "z" * 25, id="ones"),
            pytest.param(bytes(15) + b"\x20", "0" * 24 + "10", id="thirty-two"),
        ],
    )
    def test_is_written_most_significant_first(self, raw: bytes, uid: str) -> None:
        assert uid_from_bytes(raw) == uid

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("", id="empty"),
            pytest.param("0" * 25, id="too short"),
            pytest.param("0" * 27, id="too long"),
            pytest.param("8" + "0" * 25, id="more than 128 bits"),
            pytest.param("A" * 26, id="upper case"),
            pytest.param("0" * 25 + "i", id="an i"),
            pytest.param("0" * 25 + "l", id="an l"),
            pytest.param("0" * 25 + "o", id="an o"),
            pytest.param("0" * 25 + "u", id="a u"),
            pytest.param("0" * 25 + "/", id="a slash"),
            pytest.param("0" * 25 + "٣", id="an Arabic digit"),
            pytest.param("0" * 25 + "\n", id="a line end"),
        ],
    )
    def test_any_other_text_is_none(self, text: str) -> None:
        assert uid_to_bytes(text) is None

    @given(st.text(max_size=30) | st.text(DIGITS, min_size=26, max_size=26))
    def test_one_text_only_for_the_same_bytes(self, text: str) -> None:
        raw = uid_to_bytes(text)

        assert raw is None or uid_from_bytes(raw) == text


class TestCamera:
    @pytest.mark.parametrize(
        ("make", "model", "camera"),
        [
            pytest.param("Canon", "Canon EOS 6D", "Canon EOS 6D", id="the make is said once"),
            pytest.param(
                "NIKON CORPORATION", "NIKON D750", "NIKON D750", id="its first word counts"
            ),
            pytest.param("canon", "CANON EOS", "CANON EOS", id="case does not matter"),
            pytest.param("Apple", "iPhone 12", "Apple iPhone 12", id="make and model"),
            pytest.param("Apple", None, "Apple", id="only the make"),
            pytest.param(None, "iPhone 12", "iPhone 12", id="only the model"),
            pytest.param("", "", None, id="both empty"),
            pytest.param(None, None, None, id="neither"),
            pytest.param("  ", "X100", "X100", id="a make of blanks"),
        ],
    )
    def test_is_one_name(self, make: str | None, model: str | None, camera: str | None) -> None:
        assert Metadata(make=make, model=model).camera == camera

    @given(st.text(max_size=8), st.text(max_size=8))
    def test_any_make_and_model_give_a_name_or_none(self, make: str, model: str) -> None:
        assert Metadata(make=make, model=model).camera != ""


class TestLive:
    @pytest.mark.parametrize(
        ("found", "live"),
        [
            pytest.param(asset(), True, id="ready"),
            pytest.param(asset(status="described"), True, id="described"),
            pytest.param(asset(status="unreadable"), True, id="unreadable"),
            pytest.param(asset(status="missing"), False, id="missing"),
            pytest.param(asset(trashed_at=NOW), False, id="trashed"),
        ],
    )
    def test_means_in_the_timeline(self, found: Asset, live: bool) -> None:
        assert found.live is live


class TestPrivate:
    @pytest.mark.parametrize(
        ("offers", "private"),
        [
            pytest.param((), False, id="no source"),
            pytest.param((told(private=True),), True, id="one that says so"),
            pytest.param((told(private=True), told(private=True)), True, id="two that say so"),
            pytest.param((told(private=True), told()), False, id="one of two"),
            pytest.param((told(private=True), occurrence("a.jpg")), False, id="a folder too"),
            pytest.param(
                (told(private=True), occurrence("a.jpg", gone_at=NOW)), True, id="a folder before"
            ),
            pytest.param((told(private=True, gone_at=NOW),), True, id="the last one said so"),
            pytest.param(
                (told(private=True, gone_at=NOW), occurrence("a.jpg", gone_at=NOW)),
                False,
                id="one of the last did not",
            ),
        ],
    )
    def test_is_what_every_source_says_is_for_the_team(
        self, offers: tuple[Occurrence, ...], private: bool
    ) -> None:
        assert asset(occurrences=offers).private is private


class TestALinksState:
    @pytest.mark.parametrize(
        ("link", "state"),
        [
            pytest.param(LINK, "active", id="fresh"),
            pytest.param(replace(LINK, max_views=2, views=1), "active", id="one view left"),
            pytest.param(replace(LINK, max_views=2, views=2), "spent", id="no view left"),
            pytest.param(replace(LINK, max_views=2, views=3), "spent", id="overspent"),
            pytest.param(replace(LINK, views=10**6), "active", id="no limit of views"),
            pytest.param(replace(LINK, expires_at=NOW), "expired", id="at its expiry"),
            pytest.param(replace(LINK, expiry_seen=True), "expired", id="clock went back"),
            pytest.param(replace(LINK, revoked_at=NOW), "revoked", id="revoked"),
            pytest.param(
                replace(LINK, revoked_at=NOW, expires_at=NOW, max_views=0),
                "revoked",
                id="all three",
            ),
            pytest.param(replace(LINK, expires_at=NOW, max_views=0), "expired", id="two of them"),
        ],
    )
    def test_is(self, link: ShareLink, state: str) -> None:
        assert link.state(NOW) == state

    @given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001  # zone is put on
    def test_is_active_strictly_before_its_expiry(self, moment: datetime) -> None:
        now = moment.replace(tzinfo=NOW.tzinfo)

        assert LINK.state(now) == ("active" if now < LINK.expires_at else "expired")
