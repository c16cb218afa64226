"""How text becomes searchable words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import Asset, Metadata
from gallery_app.domain.text import LONGEST_WORD, search_text, words
from tests.domain.examples import NOW, asset, occurrence


class TestWords:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            pytest.param("Straße_IMG-0042 (Zoë)", ["strasse", "img", "0042", "zoe"], id="mixed"),
            pytest.param("STRASSE Straße straße", ["strasse"] * 3, id="sharp s"),
            pytest.param("Zoe\u0308 Zo\u00eb", ["zoe", "zoe"], id="composed or decomposed"),
            pytest.param("ﬁnal", ["final"], id="a ligature"),
            pytest.param("Ａｂｃ１", ["abc1"], id="full-width letters"),
            pytest.param("İstanbul", ["istanbul"], id="a Turkish I"),
            pytest.param("Ελλάς", ["ελλασ"], id="Greek with its last sigma"),
            pytest.param("東京タワー 2016", ["東京タワー", "2016"], id="Japanese"),
            pytest.param("2016/07/beach.jpg", ["2016", "07", "beach", "jpg"], id="a path"),
            pytest.param("<b>hi</b>", ["b", "hi", "b"], id="markup is only words"),
            pytest.param("___ -- !?", [], id="nothing to find"),
            pytest.param("", [], id="empty"),
            pytest.param("x" * 100, ["x" * LONGEST_WORD], id="a word too long is cut"),
        ],
    )
    def test_words_of_a_text(self, text: str, found: list[str]) -> None:
        assert words(text) == found

    @given(st.text())
    def test_words_of_the_words_are_the_same(self, text: str) -> None:
        once = words(text)

        assert words(" ".join(once)) == once

    @given(st.text())
    def test_case_and_accents_do_not_matter(self, text: str) -> None:
        assert words(text) == words(text.lower()) == words(unicodedata.normalize("NFD", text))

    @given(st.text())
    def test_a_word_is_never_empty_and_holds_no_sign_of_its_own(self, text: str) -> None:
        for word in words(text):
            assert 1 <= len(word) <= LONGEST_WORD
            assert word.isalnum()


WHOLE = asset(
    filename="Dünen.jpg",
    title="Evening",
    caption="low tide",
    tags=("family",),
    occurrences=(
        occurrence("2016/Denmark/Dünen.jpg"),
        occurrence("old/Norway/x.jpg", gone_at=NOW),
    ),
    alt_text="invisible",
    entities=(EntityRef("ticket", "4711", "Cracked", "https://nowhere.example"),),
    metadata=Metadata(
        make="Canon", model="Canon EOS 6D", lens="EF50mm", title="filetitle", caption="filecaption",
        keywords=("dunes", "sea"), place="Blåvand, Denmark", creator="Zoë", copyright="nobody",
    ),
)  # fmt: skip


class TestSearchText:
    @pytest.mark.parametrize(
        "word",
        ["dunen", "2016", "denmark", "evening", "tide", "filetitle", "filecaption", "dunes",
         "family", "6d", "ef50mm", "blavand", "zoe", "4711", "cracked"],
    )  # fmt: skip
    def test_an_asset_is_found_by(self, word: str) -> None:
        assert word in search_text(WHOLE).split()

    @pytest.mark.parametrize("word", ["norway", "old", "invisible", "nobody"])
    def test_an_asset_is_not_found_by(self, word: str) -> None:
        assert word not in search_text(WHOLE).split()

    def test_each_word_stands_once(self) -> None:
        found = search_text(WHOLE).split()

        assert len(found) == len(set(found))

    @pytest.mark.parametrize("bare", [asset(filename=""), asset(filename="...")])
    def test_an_asset_may_have_no_word_at_all(self, bare: Asset) -> None:
        assert search_text(bare) == ""
