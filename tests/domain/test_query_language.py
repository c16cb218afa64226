"""The search box: what a text asks for, while it is being typed and when it is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.domain.errors import BadCursor, BadQuery
from gallery_app.domain.model import uid_from_bytes
from gallery_app.domain.query import FIELDS, KEYS, SORTS, Cursor, Sort, Term, Word, parse
from gallery_app.domain.text import words

UID = uid_from_bytes(bytes(range(16)))


class TestParse:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            pytest.param("", [], id="nothing"),
            pytest.param("  \t ", [], id="blanks"),
            pytest.param("beach", [Word("beach")], id="a bare word finds beginnings"),
            pytest.param("Beach SUN", [Word("beach"), Word("sun")], id="two words, no case"),
            pytest.param("Zoë", [Word("zoe")], id="no accents"),
            pytest.param("IMG_1.jpg", [Word("img"), Word("1"), Word("jpg")], id="a file name"),
            pytest.param("-anna", [Word("anna", negated=True)], id="a minus negates"),
            pytest.param("well-known", [Word("well"), Word("known")], id="a minus inside does not"),
            pytest.param('"new york"', [Word("new", prefix=False), Word("york", prefix=False)],
                         id="quoted words are whole"),
            pytest.param('-"new york"', [Word("new", prefix=False, negated=True),
                         Word("york", prefix=False, negated=True)], id="quoted and negated"),
            pytest.param('"new', [Word("new", prefix=False)], id="an open quote runs to the end"),
            pytest.param('sea "', [Word("sea")], id="a lone quote"),
            pytest.param('""', [], id="an empty quote"),
            pytest.param("- sea", [Word("sea")], id="a lone minus"),
            pytest.param("sea -", [Word("sea")], id="a minus just typed"),
            pytest.param("--sea", [Word("sea", negated=True)], id="two minuses"),
            pytest.param("12:30", [Word("12"), Word("30")], id="a time of day is no filter"),
            pytest.param(":-)", [], id="a smiley"),
            pytest.param('a"b"c', [Word("a"), Word("b"), Word("c")], id="a quote inside a word"),
            pytest.param("* NEAR( ^ OR", [Word("near"), Word("or")], id="no full-text operators"),
        ],
    )  # fmt: skip
    def test_words(self, text: str, found: list[Word]) -> None:
        assert parse(text) == (found, [])

    @pytest.mark.parametrize(
        ("text", "terms"),
        [
            pytest.param("camera:canon", [Term("camera_words", ("canon",))], id="camera"),
            pytest.param('camera:"eos 6d"', [Term("camera_words", ("eos 6d",))], id="quoted value"),
            pytest.param("type:png", [Term("type", ("png",))], id="type"),
            pytest.param("TYPE:png", [Term("type", ("png",))], id="the key has no case"),
            pytest.param("tag:Sea", [Term("tag", ("Sea",))], id="a tag as written"),
            pytest.param("-tag:sea", [Term("tag", ("sea",), negated=True)], id="negated"),
            pytest.param("year:2016", [Term("year", ("2016",))], id="year"),
            pytest.param("is:favourite", [Term("is", ("favourite",))], id="is"),
            pytest.param("orientation:square", [Term("orientation", ("square",))], id="shape"),
            pytest.param("size:huge", [Term("size", ("huge",))], id="size"),
            pytest.param("from:2016-07-01", [Term("from", ("2016-07-01",))], id="from"),
            pytest.param("to:2016-07-31", [Term("to", ("2016-07-31",))], id="to"),
            pytest.param("rating:4", [Term("min_rating", ("4",))], id="rating"),
            pytest.param("ticket:4711", [Term("ticket", ("4711",))], id="ticket"),
            pytest.param('company:"Acme Ltd"', [Term("company", ("Acme Ltd",))], id="company"),
            pytest.param("requester:anna article:12", [Term("requester", ("anna",)),
                         Term("article", ("12",))], id="requester and article"),
            pytest.param("ean:4006381333931", [Term("product", ("4006381333931",))], id="ean"),
            pytest.param("-album:summer person:anna", [Term("album", ("summer",), negated=True),
                         Term("person", ("anna",))], id="album and person"),
            pytest.param("tag:a:b", [Term("tag", ("a:b",))], id="a colon in a value"),
            pytest.param("type:png type:gif", [Term("type", ("png",)), Term("type", ("gif",))],
                         id="twice the same"),
        ],
    )  # fmt: skip
    def test_filters(self, text: str, terms: list[Term]) -> None:
        assert parse(text) == ([], terms)

    def test_words_and_filters_mix_in_any_order(self) -> None:
        found, terms = parse('beach -anna camera:canon rating:4 "new york"')

        assert found == [
            Word("beach"), Word("anna", negated=True),
            Word("new", prefix=False), Word("york", prefix=False),
        ]  # fmt: skip
        assert terms == [Term("camera_words", ("canon",)), Term("min_rating", ("4",))]

    @pytest.mark.parametrize("key", KEYS)
    @pytest.mark.parametrize("text", ["{}:", "-{}:", '{}:"', '{}:""', "sea {}: "])
    def test_a_key_without_a_value_yet_is_no_filter(self, key: str, text: str) -> None:
        assert parse(text.format(key))[1] == []

    @pytest.mark.parametrize(
        ("text", "at"),
        [
            pytest.param("sea colour:red", "colour", id="an unknown key"),
            pytest.param("https://example.org/", "https", id="an address"),
            pytest.param("type:jpg", "jpg", id="an unknown type"),
            pytest.param("size:XXL", "XXL", id="an unknown size"),
            pytest.param("orientation:up", "up", id="an unknown shape"),
            pytest.param("is:nice", "nice", id="an unknown state"),
            pytest.param("from:1.7.2016", "1.7.2016", id="a date in another style"),
            pytest.param("to:2016-13-01", "2016-13-01", id="a month too many"),
            pytest.param("year:last", "last", id="a year in words"),
            pytest.param("-rating:good", "good", id="a rating in words, negated"),
        ],
    )
    def test_an_error_names_the_word(self, text: str, at: str) -> None:
        with pytest.raises(BadQuery) as caught:
            parse(text)

        assert caught.value.at == at
        assert f"“{at}" in caught.value.public

    def test_an_unknown_key_is_answered_with_the_known_ones(self) -> None:
        with pytest.raises(BadQuery) as caught:
            parse("colour:red")

        assert all(f"{key}:" in caught.value.public for key in KEYS)

    def test_every_key_means_a_field(self) -> None:
        assert set(KEYS.values()) <= set(FIELDS)

    @given(st.text())
    def test_any_text_is_understood_or_refused_by_name(self, text: str) -> None:
        at = None
        try:
            parse(text)
        except BadQuery as error:
            at = error.at

        assert at is None or (at and (at in text or at in text.casefold()))

    @given(st.text(st.characters(exclude_characters=':"-'), max_size=60))
    def test_plain_text_asks_for_exactly_its_words(self, text: str) -> None:
        assert parse(text) == ([Word(word) for word in words(text)], [])


class TestCursor:
    @pytest.mark.parametrize("sort", SORTS)
    def test_reads_what_it_wrote(self, sort: Sort) -> None:
        cursor = Cursor(sort, "Zoë.jpg" if sort.endswith("name") else 1_467_554_706_000_000, UID)

        assert Cursor.decode(cursor.encode(), sort=sort) == cursor

    @given(st.integers(-(2**63), 2**63 - 1), st.binary(min_size=16, max_size=16))
    def test_keeps_any_number(self, number: int, raw: bytes) -> None:
        cursor = Cursor("-taken", number, uid_from_bytes(raw))

        assert Cursor.decode(cursor.encode(), sort="-taken") == cursor

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_keeps_any_name_in_letters_of_an_address(self, name: str) -> None:
        text = Cursor("name", name, UID).encode()

        assert text.isascii()
        assert not set(text) & set('+/=&#?% "')
        assert Cursor.decode(text, sort="name").key == name

    def test_belongs_to_one_order(self) -> None:
        with pytest.raises(BadCursor):
            Cursor.decode(Cursor("taken", 1, UID).encode(), sort="-taken")

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("", id="empty"),
            pytest.param("!", id="no base64"),
            pytest.param("é", id="not ASCII"),
            pytest.param("e30", id="an object"),
            pytest.param("W10", id="an empty list"),
            pytest.param("bm9uc2Vuc2U", id="no JSON"),
            pytest.param("Ww" * 100_000, id="a thousand brackets"),
            pytest.param(Cursor("-taken", 1, UID).encode() + "=", id="padded"),
            pytest.param(Cursor("-taken", 1, UID).encode()[:-1], id="cut"),
            pytest.param(Cursor("-taken", "1", UID).encode(), id="a word for a number"),
            pytest.param(Cursor("-taken", True, UID).encode(), id="a truth for a number"),
            pytest.param(Cursor("-taken", 2**63, UID).encode(), id="a number too large to keep"),
            pytest.param(Cursor("-taken", -(2**63) - 1, UID).encode(), id="and too small"),
            pytest.param(Cursor("-taken", 1, "x").encode(), id="an id nobody has"),
            pytest.param(Cursor("-taken", 1, "\ud800" * 26).encode(), id="half a character"),
        ],
    )
    def test_that_nobody_gave_out_is_refused(self, text: str) -> None:
        with pytest.raises(BadCursor, match="start again from the first page"):
            Cursor.decode(text, sort="-taken")

    @pytest.mark.parametrize("key", [1, "half a character \ud800"])
    def test_by_name_needs_a_name(self, key: int | str) -> None:
        with pytest.raises(BadCursor):
            Cursor.decode(Cursor("name", key, UID).encode(), sort="name")

    @given(st.text(max_size=80))
    def test_is_never_just_any_text(self, text: str) -> None:
        with pytest.raises(BadCursor):
            Cursor.decode(text, sort="-taken")
