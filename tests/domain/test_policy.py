"""Who may do what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gallery_app.domain.media import MEDIA_TYPES
from gallery_app.domain.model import Actor, Asset, AssetId, ShareLink
from gallery_app.domain.policy import (
    IMAGE_LIMIT_BYTES,
    LONGEST_LINK,
    PIXEL_LIMITS,
    SHORTEST_LINK,
    VIDEO_LIMIT_BYTES,
    UploadLimits,
    Verb,
    may,
)
from tests.domain.examples import NOW, asset

LINK = ShareLink("0123456789abcdef", (AssetId(1), AssetId(7)), "small", NOW, NOW)
HOLDER = Actor("link", LINK.id)
VERBS: tuple[Verb, ...] = ("view", "download", "edit", "share", "upload", "configure")


class TestMay:
    @pytest.mark.parametrize("verb", VERBS)
    @pytest.mark.parametrize(
        "actor", [Actor("administrator"), Actor("system")], ids=lambda a: a.kind
    )
    @pytest.mark.parametrize("found", [asset(), asset(trashed_at=NOW)], ids=["live", "trashed"])
    def test_the_administrator_and_the_system_may_everything(
        self, actor: Actor, verb: Verb, found: Asset
    ) -> None:
        assert may(actor, verb, found)

    @pytest.mark.parametrize("verb", VERBS)
    def test_a_link_is_for_looking_only(self, verb: Verb) -> None:
        assert may(HOLDER, verb, asset(), LINK) is (verb in {"view", "download"})

    @pytest.mark.parametrize(
        ("actor", "found", "link"),
        [
            pytest.param(HOLDER, asset(id=AssetId(2)), LINK, id="an asset it does not name"),
            pytest.param(HOLDER, asset(trashed_at=NOW), LINK, id="an asset in the trash"),
            pytest.param(HOLDER, asset(status="missing"), LINK, id="a missing asset"),
            pytest.param(HOLDER, asset(), None, id="no link at hand"),
            pytest.param(Actor("link", "another"), asset(), LINK, id="another link's holder"),
            pytest.param(Actor("link"), asset(), LINK, id="a holder of nothing"),
            pytest.param(HOLDER, asset(), replace(LINK, assets=()), id="a link to nothing"),
        ],
    )
    def test_a_link_does_not_show(self, actor: Actor, found: Asset, link: ShareLink | None) -> None:
        assert not may(actor, "view", found, link)


class TestLimits:
    def test_every_type_that_is_shown_has_a_limit_of_pixels(self) -> None:
        assert set(PIXEL_LIMITS) == {t.code for t in MEDIA_TYPES.values() if t.shown}

    def test_uploads_may_weigh_what_the_design_says(self) -> None:
        assert UploadLimits() == UploadLimits(IMAGE_LIMIT_BYTES, VIDEO_LIMIT_BYTES)
        assert IMAGE_LIMIT_BYTES < VIDEO_LIMIT_BYTES

    def test_a_link_lives_between_a_minute_and_a_year(self) -> None:
        assert SHORTEST_LINK.total_seconds() == 60
        assert LONGEST_LINK.days == 366
