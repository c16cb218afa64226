"""How each version is asked: a key that no server knows would list the whole library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gallery_app.connectors.immich.address import address_of
from gallery_app.connectors.immich.cursor import Cursor, read
from gallery_app.connectors.immich.models import AssetSeen, Page, Version
from gallery_app.connectors.immich.requests import (
    Filter,
    Flat,
    Position,
    Search,
    builder_for,
    instant,
)
from gallery_app.domain.errors import BadInput

KEY = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
EVERYTHING = Search(album=KEY, tag=KEY, updated_since=NOON, trashed_since=NOON, hidden=True)
# What the servers of the recordings know; anything else they ignore without a word.
FLAT_KEYS = frozenset(
    "size page order withExif withPeople albumIds tagIds updatedAfter trashedAfter withDeleted "
    "takenBefore visibility withArchived".split()
)
FILTER_KEYS = frozenset("visibility albumIds tagIds updatedAt trashedAt takenAt".split())


def page(*taken: datetime, next_page: int | None = 2, cursor: str | None = None) -> Page:
    assets = tuple(AssetSeen(KEY, taken_at=time) for time in taken)
    return Page(assets, next_page=next_page, next_cursor=cursor)


class TestWording:
    @pytest.mark.parametrize(
        ("version", "kind"),
        [
            ((1, 118), Flat),
            ((2, 7), Flat),
            ((3, 1, 9), Flat),
            ((3, 2, 0), Filter),
            ((4, 0), Filter),
        ],
    )
    def test_goes_by_the_version(self, version: tuple[int, ...], kind: type) -> None:
        assert isinstance(builder_for(Version(*version)), kind)

    @pytest.mark.parametrize("version", [(1, 118), (1, 140), (2, 7), (3, 1)])
    @pytest.mark.parametrize("turn", [0, 1])
    def test_uses_no_flat_key_that_servers_do_not_know(
        self, version: tuple[int, int], turn: int
    ) -> None:
        body = Flat(Version(*version)).body(EVERYTHING, Position(turn, before=NOON, page=3))

        assert set(body) <= FLAT_KEYS
        assert body["page"] == 3
        assert isinstance(body["page"], int)
        assert body["size"] == 1000

    def test_puts_nothing_flat_beside_a_filter(self) -> None:
        body = Filter().body(EVERYTHING, Position(before=NOON))

        assert set(body) == {"size", "filter", "orderBy", "withExif", "withPeople"}
        conditions = body["filter"]
        assert isinstance(conditions, dict)
        assert set(conditions) == FILTER_KEYS

    @pytest.mark.parametrize("version", [(1, 118), (2, 7), (3, 1), (3, 2)])
    def test_never_asks_for_what_is_locked(self, version: tuple[int, int]) -> None:
        builder = builder_for(Version(*version))

        for turn in range(builder.turns(EVERYTHING)):
            assert "locked" not in repr(builder.body(EVERYTHING, Position(turn)))

    @pytest.mark.parametrize(
        ("version", "asked"),
        [
            ((1, 118), [None]),
            ((2, 7), ["timeline", "archive"]),
            ((3, 1), [None]),
        ],
    )
    def test_asks_for_the_archive_in_a_pass_of_its_own_where_it_must(
        self, version: tuple[int, int], asked: list[str | None]
    ) -> None:
        builder = Flat(Version(*version))
        turns = range(builder.turns(Search()))

        assert [builder.body(Search(), Position(t)).get("visibility") for t in turns] == asked
        assert ("withArchived" in builder.body(Search(), Position())) is (version == (1, 118))

    def test_writes_times_with_milliseconds_and_a_zone(self) -> None:
        east = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))

        assert instant(NOON) == instant(east) == "2026-11-20T12:00:00.123Z"
        assert instant(NOON.replace(year=202)) == "0202-11-20T12:00:00.123Z"


class TestPositions:
    @pytest.mark.parametrize("builder", [Flat(Version(3, 1)), Filter()], ids=["flat", "filter"])
    def test_end_with_the_last_page(self, builder: Flat | Filter) -> None:
        assert builder.after(Position(), page(NOON, next_page=None)) is None

    def test_go_by_the_last_time_and_ask_for_its_millisecond_again(self) -> None:
        earlier = NOON - timedelta(hours=1)

        then = Flat(Version(3, 1)).after(Position(1, page=5), page(NOON, earlier))

        assert then == Position(1, before=earlier + timedelta(milliseconds=1), page=1)

    def test_count_pages_within_one_moment(self) -> None:
        at = Position(before=NOON, page=2)

        assert Flat(Version(3, 1)).after(at, page(NOON, NOON, next_page=3)) == Position(
            before=NOON, page=3
        )

    def test_count_pages_where_times_are_unknown(self) -> None:
        nameless = Page((AssetSeen(KEY),), next_page=2)

        assert Flat(Version(3, 1)).after(Position(), nameless) == Position(page=2)

    def test_use_the_servers_mark_where_it_gives_one(self) -> None:
        then = Filter().after(Position(), page(NOON, NOON - timedelta(1), cursor="abc"))

        assert then is not None
        assert then.cursor == "abc"
        body = Filter().body(Search(), then)
        assert body["cursor"] == "abc"
        assert "page" not in body

    @pytest.mark.parametrize(
        "state",
        [
            Cursor(),
            Cursor(since=NOON, slow=NOON, albums={KEY: "ab"}),
            Cursor(until=NOON, at=Position(1, NOON, 7, "mark")),
        ],
        ids=["new", "at rest", "under way"],
    )
    def test_survive_being_written_down(self, state: Cursor) -> None:
        assert read(state.write()) == state

    @pytest.mark.parametrize(
        "text", ["nonsense", "[]", '{"v":9}', '{"v":1,"at":[1]}', '{"v":1,"albums":7}', "null"]
    )
    def test_that_cannot_be_read_are_a_new_beginning(self, text: str) -> None:
        assert read(text) == Cursor()


class TestAddresses:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("https://photos.example.org", "https://photos.example.org"),
            ("https://photos.example.org/", "https://photos.example.org"),
            ("https://photos.example.org/api", "https://photos.example.org"),
            ("https://photos.example.org/api/", "https://photos.example.org"),
            ("https://photos.example.org/photos/3fa8?x=1#y", "https://photos.example.org"),
            ("https://example.org/immich//", "https://example.org/immich"),
            ("https://example.org/immich/api", "https://example.org/immich"),
            ("HTTPS://Photos.Example.ORG:443/", "https://photos.example.org"),
            ("photos.example.org", "https://photos.example.org"),
            (" 192.168.1.5:2283 ", "http://192.168.1.5:2283"),
            ("nas.local:2283/api", "http://nas.local:2283"),
            ("immich", "http://immich"),
            ("http://[::1]:2283", "http://[::1]:2283"),
            ("localhost:2283", "http://localhost:2283"),
        ],
    )
    def test_are_kept_in_one_form(self, typed: str, kept: str) -> None:
        assert address_of(typed) == kept
        assert address_of(kept) == kept

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "   ",
            "ftp://example.org",
            "file:///etc/passwd",
            "https://me:secret@example.org",
            "https://",
            "https://example.org:99999",
            "https://example.org:0",
            "two words",
            "https://exa\nmple.org",
            "https://[::1",
            "http:\\\\example.org",
        ],
    )
    def test_that_are_none_are_refused_in_plain_words(self, typed: str) -> None:
        with pytest.raises(BadInput) as refused:
            address_of(typed)

        assert "secret" not in refused.value.public
