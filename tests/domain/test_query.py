"""What each filter means, asset by asset, and how an address becomes a query."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.domain.entities import ENTITY_TYPES, EntityRef, EntityType, RemoteFacts
from gallery_app.domain.errors import BadQuery
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Asset, Metadata, uid_from_bytes
from gallery_app.domain.query import FIELDS, PARAMS, SIZE_BANDS, STATES, AssetQuery, Term, Word
from tests.domain.examples import NOW, asset, occurrence, told

CANON = Metadata(make="Canon", model="Canon EOS 6D")
NEW_YEARS_EVE = datetime(2016, 12, 31, 23, 59, 59)  # noqa: DTZ001  # wall time
IN_3 = (occurrence("2016/July/a.jpg", source=3),)
GONE_FROM_3 = (occurrence("2016/July/a.jpg", source=3, gone_at=NOW),)


def of(kind: EntityType, ref: str, name: str = "") -> Asset:
    """An asset that belongs to one entity."""
    return asset(entities=(EntityRef(kind, ref, name),))


# filter, value, an asset that has it, an asset that has it not
MEANINGS = [
    pytest.param("type", "png", asset(media_type="png"), asset(), id="type"),
    pytest.param("camera", "Canon EOS 6D", asset(metadata=CANON), asset(), id="camera"),
    pytest.param(
        "camera", "Canon EOS 6D",
        asset(metadata=CANON), asset(metadata=replace(CANON, model="Canon EOS 6D Mark II")),
        id="camera is the whole name",
    ),
    pytest.param(
        "camera_words", "6d CAN", asset(metadata=CANON), asset(), id="camera words in any order"
    ),
    pytest.param("camera_words", "!", asset(metadata=CANON), asset(), id="camera without words"),
    pytest.param(
        "camera_words", "canon nikon", asset(metadata=replace(CANON, model="Canon Nikon")),
        asset(metadata=CANON), id="all camera words",
    ),
    pytest.param("year", "2016", asset(), asset(taken_at=datetime(2017, 1, 1)), id="year"),  # noqa: DTZ001
    pytest.param("source", "3", asset(occurrences=IN_3), asset(), id="source"),
    pytest.param(
        "source", "3", asset(occurrences=IN_3), asset(occurrences=GONE_FROM_3), id="source it left"
    ),
    pytest.param(
        "folder", "3/2016", asset(occurrences=IN_3),
        asset(occurrences=(occurrence("2016x/a.jpg"),)), id="folder is no beginning of a name",
    ),
    pytest.param(
        "folder", "3/2016/July", asset(occurrences=IN_3),
        asset(occurrences=(occurrence("2016/a.jpg"),)), id="folder below a folder",
    ),
    pytest.param(
        "folder", "3/", asset(occurrences=IN_3),
        asset(occurrences=(occurrence("2016/July/a.jpg", source=4),)), id="folder of all",
    ),
    pytest.param(
        "folder", "3", asset(occurrences=IN_3), asset(occurrences=GONE_FROM_3), id="folder it left"
    ),
    pytest.param("tag", "SEA", asset(tags=("Sea",)), asset(tags=("seaside",)), id="tag"),
    pytest.param("orientation", "landscape", asset(), asset(size=Size(3, 4)), id="landscape"),
    pytest.param("orientation", "portrait", asset(size=Size(3, 4)), asset(), id="portrait"),
    pytest.param("orientation", "square", asset(size=Size(0, 0)), asset(), id="square or unknown"),
    pytest.param("size", "small", asset(size=Size(999, 1000)), asset(size=Size(1000, 1000)),
                 id="size below a bound"),
    pytest.param("size", "medium", asset(size=Size(1000, 1000)), asset(size=Size(999, 1000)),
                 id="size at a bound"),
    pytest.param("size", "huge", asset(size=Size(9000, 9000)), asset(), id="size huge"),
    pytest.param("from", "2016-12-31", asset(taken_at=NEW_YEARS_EVE), asset(), id="from its day"),
    pytest.param("to", "2016-07-03", asset(), asset(taken_at=NEW_YEARS_EVE), id="to its day"),
    pytest.param("min_bytes", "3500000", asset(), asset(size_bytes=3_499_999), id="min bytes"),
    pytest.param("max_bytes", "3500000", asset(), asset(size_bytes=3_500_001), id="max bytes"),
    pytest.param("min_width", "4000", asset(), asset(size=Size(3999, 9)), id="min width"),
    pytest.param("min_height", "3000", asset(), asset(size=Size(9, 2999)), id="min height"),
    pytest.param("min_rating", "4", asset(rating=5), asset(rating=3), id="rating"),
    pytest.param("min_rating", "1", asset(rating=1), asset(), id="no rating is none"),
    pytest.param("is", "favourite", asset(favourite=True), asset(), id="favourite"),
    pytest.param("is", "video", asset(media_type="video"), asset(), id="video"),
    pytest.param("is", "animated", asset(animated=True), asset(), id="animated"),
    pytest.param("is", "unreadable", asset(status="unreadable"), asset(), id="unreadable"),
    pytest.param("is", "located", asset(metadata=Metadata(gps=(0.1, 0.0))), asset(), id="located"),
    pytest.param("is", "tagged", asset(tags=("sea",)), asset(), id="tagged"),
    pytest.param("is", "private", asset(occurrences=(told(private=True),)),
                 asset(occurrences=(told(),)), id="private"),
    pytest.param("is", "remote", asset(remote=True), asset(), id="remote"),
    pytest.param("uid", asset().uid, asset(), asset(uid=uid_from_bytes(bytes(16))), id="uid"),
    pytest.param("folder", "4", asset(occurrences=(told(),)), asset(occurrences=IN_3),
                 id="folder of all of a remote"),
    pytest.param("folder", "3/2016", asset(occurrences=IN_3),
                 asset(occurrences=(replace(IN_3[0], remote=RemoteFacts()),)),
                 id="a remote's keys are no folders"),
    *(
        pytest.param(kind, "4711", of(kind, "4711"), of(kind, "4712"), id=f"{kind} by id")
        for kind in ENTITY_TYPES
    ),
    *(
        pytest.param(kind, "ACME strasse", of(kind, "1", "Acme Straße"), of(kind, "1", "Acme"),
                     id=f"{kind} by name")
        for kind in ENTITY_TYPES
    ),
    pytest.param("ticket", "4711", of("ticket", "4711"), of("company", "4711"), id="of that type"),
    pytest.param("product", "4006381333931", of("product", "04006381333931"),
                 of("product", "04006381333932"), id="product by a shorter form"),
    pytest.param("product", "04252614", of("product", "00042100005264"), of("product", "04252614x"),
                 id="product by UPC-E"),
    pytest.param("ticket", "04711", of("ticket", "04711"), of("ticket", "4711"),
                 id="no number but as it is written"),
]  # fmt: skip


class TestAFilter:
    @pytest.mark.parametrize(("name", "value", "has", "has_not"), MEANINGS)
    def test_keeps_what_has_it_and_drops_the_rest(
        self, name: str, value: str, has: Asset, has_not: Asset
    ) -> None:
        query = AssetQuery(terms=(Term(name, (value,)),))

        assert query.matches(has)
        assert not query.matches(has_not)

    @pytest.mark.parametrize(("name", "value", "has", "has_not"), MEANINGS)
    def test_negated_means_the_opposite(
        self, name: str, value: str, has: Asset, has_not: Asset
    ) -> None:
        query = AssetQuery(terms=(Term(name, (value,), negated=True),))

        assert not query.matches(has)
        assert query.matches(has_not)

    def test_every_field_has_its_meaning_written_here(self) -> None:
        described = {str(case.values[0]) for case in MEANINGS}

        assert described == set(FIELDS)

    def test_several_values_mean_any_of_them(self) -> None:
        query = AssetQuery(terms=(Term("type", ("png", "jpeg")),))

        assert query.matches(asset())
        assert query.matches(asset(media_type="png"))
        assert not query.matches(asset(media_type="gif"))

    def test_several_filters_must_all_hold(self) -> None:
        query = AssetQuery(terms=(Term("type", ("jpeg",)), Term("is", ("favourite",))))

        assert query.matches(asset(favourite=True))
        assert not query.matches(asset())
        assert not query.matches(asset(favourite=True, media_type="png"))

    def test_every_picture_has_exactly_one_size_band(self) -> None:
        for pixels in (0, 1, 999_999, 1_000_000, 7_999_999, 8_000_000, 24_000_000, 10**12):
            bands = [b for b, (low, high) in SIZE_BANDS.items() if low <= pixels < high]

            assert len(bands) == 1, pixels


class TestWords:
    @pytest.mark.parametrize(
        ("word", "found"),
        [
            pytest.param(Word("img"), True, id="a whole word"),
            pytest.param(Word("im"), True, id="its beginning"),
            pytest.param(Word("mg"), False, id="not its end"),
            pytest.param(Word("im", prefix=False), False, id="quoted, no beginning"),
            pytest.param(Word("img", prefix=False), True, id="quoted, the whole word"),
            pytest.param(Word("img", negated=True), False, id="negated and there"),
            pytest.param(Word("beach", negated=True), True, id="negated and absent"),
        ],
    )
    def test_a_word_is_found(self, word: Word, found: bool) -> None:
        assert AssetQuery(words=(word,)).matches(asset()) is found

    def test_all_words_must_be_found(self) -> None:
        both = AssetQuery(words=(Word("img"), Word("beach")))

        assert both.matches(asset(title="On the beach"))
        assert not both.matches(asset())


class TestTheTimelineAndTheTrash:
    @pytest.mark.parametrize(
        ("found", "in_timeline", "in_trash"),
        [
            pytest.param(asset(), True, False, id="a live asset"),
            pytest.param(asset(trashed_at=NOW), False, True, id="a trashed one"),
            pytest.param(asset(status="missing"), False, False, id="a missing one"),
            pytest.param(asset(status="missing", trashed_at=NOW), False, False, id="both"),
            pytest.param(asset(status="unreadable"), True, False, id="an unreadable one is listed"),
        ],
    )
    def test_an_asset_is_in_at_most_one(
        self, found: Asset, in_timeline: bool, in_trash: bool
    ) -> None:
        assert AssetQuery().matches(found) is in_timeline
        assert AssetQuery(trashed=True).matches(found) is in_trash


class TestWithout:
    QUERY = AssetQuery(words=(Word("sea"),), terms=(Term("type", ("png",)), Term("year", ("1",))))

    def test_a_filter_can_be_dropped(self) -> None:
        assert self.QUERY.without("type") == replace(self.QUERY, terms=(Term("year", ("1",)),))

    def test_the_words_are_dropped_by_q(self) -> None:
        assert self.QUERY.without("q") == replace(self.QUERY, words=())

    def test_an_absent_filter_changes_nothing(self) -> None:
        assert self.QUERY.without("camera") == self.QUERY


class TestFromParams:
    def test_no_parameters_mean_everything_newest_first(self) -> None:
        assert AssetQuery.from_params({}) == AssetQuery(sort="-taken")

    def test_a_repeated_filter_means_any_of_these(self) -> None:
        query = AssetQuery.from_params({"type": ["jpeg", "png"]})

        assert query.terms == (Term("type", ("jpeg", "png")),)

    def test_a_repeated_tag_means_all_of_these(self) -> None:
        query = AssetQuery.from_params({"tag": ["sea", "sun"]})

        assert query.terms == (Term("tag", ("sea",)), Term("tag", ("sun",)))

    def test_not_tag_means_none_of_these(self) -> None:
        query = AssetQuery.from_params({"not_tag": ["sea", ""]})

        assert query.terms == (Term("tag", ("sea",), negated=True),)

    @pytest.mark.parametrize("value", ["3", "3/", "3/2016/July", "3/a b/ü"])
    def test_a_folder_is_a_source_and_a_path(self, value: str) -> None:
        assert AssetQuery.from_params({"folder": [value]}).terms == (Term("folder", (value,)),)

    def test_the_search_box_stands_in_q(self) -> None:
        query = AssetQuery.from_params({"q": ["beach", "camera:canon -anna"]})

        assert query.words == (Word("beach"), Word("anna", negated=True))
        assert query.terms == (Term("camera_words", ("canon",)),)

    @pytest.mark.parametrize("value", ["1", "true"])
    def test_trashed_asks_for_the_trash(self, value: str) -> None:
        assert AssetQuery.from_params({"trashed": [value]}).trashed

    @pytest.mark.parametrize("value", ["", "0", "false"])
    def test_other_values_of_trashed_do_not(self, value: str) -> None:
        assert not AssetQuery.from_params({"trashed": [value]}).trashed

    def test_sort_and_cursor_are_read(self) -> None:
        query = AssetQuery.from_params({"sort": ["name"], "cursor": ["abc"]})

        assert (query.sort, query.cursor) == ("name", "abc")

    def test_empty_values_are_no_filter(self) -> None:
        empty = {name: [""] for name in (*PARAMS, "q", "sort", "cursor", "trashed", "not_tag")}

        assert AssetQuery.from_params(empty) == AssetQuery()

    def test_empty_lists_are_no_filter(self) -> None:
        empty: dict[str, list[str]] = {n: [] for n in (*PARAMS, "q", "sort", "cursor", "trashed")}

        assert AssetQuery.from_params(empty) == AssetQuery()

    def test_unknown_names_are_left_alone(self) -> None:
        query = AssetQuery.from_params({"photo": ["x"], "view": ["pages"], "utm_source": ["y"]})

        assert query == AssetQuery()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("type", "jpg"), ("orientation", "diagonal"), ("size", "enormous"), ("is", "nice"),
            ("from", "yesterday"), ("to", "2016-02-30"), ("from", "2016-7-3"), ("to", "20160703"),
            ("from", "2016-W26-7"), ("year", "MMXVI"), ("year", "-1"), ("year", "٢٠١٦"),
            ("min_bytes", "1e3"), ("max_bytes", "1.5"), ("min_width", " 1"),
            ("min_height", "9" * 16), ("min_rating", "five"), ("folder", "x/2016"),
            ("folder", "/2016"), ("sort", "shuffle"),
            ("source", "family"), ("source", "٣"), ("source", "9" * 16),
            ("uid", "4711"), ("uid", "8" * 26),
        ],
    )  # fmt: skip
    def test_a_value_a_filter_cannot_take_is_named(self, name: str, value: str) -> None:
        with pytest.raises(BadQuery) as caught:
            AssetQuery.from_params({name: [value]})

        assert caught.value.at == value
        assert value in caught.value.public

    @pytest.mark.parametrize("name", ["type", "orientation", "size", "is", "sort"])
    def test_the_choices_are_told(self, name: str) -> None:
        choices = {"type": "jpeg", "orientation": "portrait", "size": "huge", "is": STATES[0]}

        with pytest.raises(BadQuery, match=choices.get(name, "-added")):
            AssetQuery.from_params({name: ["?"]})

    @given(
        st.dictionaries(st.sampled_from([*PARAMS, "q", "sort"]), st.lists(st.text(), max_size=2))
    )
    def test_any_address_gives_a_query_or_a_named_refusal(
        self, params: dict[str, list[str]]
    ) -> None:
        try:
            query = AssetQuery.from_params(params)
        except BadQuery as error:
            refused = error.at
        else:
            refused = str(query.matches(asset(occurrences=IN_3)))

        assert refused
