"""A pasted text of article numbers: every part is judged, and the verdict says why."""

from __future__ import annotations

import pytest

from gallery_app.domain.ean import check_digit
from gallery_app.domain.errors import BadEan, BadInput
from gallery_app.services.codes import MOST_CODES, judged, wanted


@pytest.mark.parametrize("between", ["\n", "\r\n", ",", ";", "\t", " ", " , ", "\n\n;\n"])
def test_numbers_are_apart_by_anything_people_type(between: str) -> None:
    good, bad = judged(between.join(["4006381333931", "5449000000996", "96385074"]))

    assert [ean.given for ean in good] == ["4006381333931", "5449000000996", "96385074"]
    assert bad == []


def test_blanks_and_hyphens_within_a_number_do_not_count() -> None:
    good, bad = judged("400-6381 333931\n5 449000 000996")

    assert [ean.gtin for ean in good] == ["04006381333931", "05449000000996"]
    assert bad == []


def test_a_mistyped_digit_is_told_with_the_right_one() -> None:
    good, bad = judged("4006381333932")

    assert good == []
    assert (bad[0].text, bad[0].expected) == ("4006381333932", "1")
    assert "check digit" in bad[0].reason


@pytest.mark.parametrize(
    ("text", "says"),
    [("EAN", "digits only"), ("123", "3 digits"), ("2112345678900", "nobody else knows it")],
    ids=["a heading", "too short", "a shop's own"],
)
def test_what_is_no_number_to_look_up_says_why(text: str, says: str) -> None:
    good, bad = judged(text)

    assert good == []
    assert says in bad[0].reason


def test_the_same_product_in_two_forms_is_one() -> None:
    good, _ = judged("036000291452 0036000291452 00036000291452")

    assert [ean.gtin for ean in good] == ["00036000291452"]


def test_every_part_is_in_exactly_one_of_the_two() -> None:
    bodies = [f"4006381{n:05}" for n in range(150)]
    codes = [body + check_digit(body) for body in bodies]
    wrong = [code[:-1] + str((int(code[-1]) + 1) % 10) for code in codes[:50]]

    good, bad = judged("\n".join([*codes, *wrong]))

    assert [ean.given for ean in good] == codes
    assert [code.text for code in bad] == wrong
    assert [code.expected for code in bad] == [code[-1] for code in codes[:50]]


@pytest.mark.parametrize("text", ["", "  \n ,;\t "])
def test_nothing_at_all_is_told_how(text: str) -> None:
    with pytest.raises(BadInput, match="one number per line"):
        judged(text)


def test_more_than_can_be_asked_at_once_is_refused() -> None:
    with pytest.raises(BadInput, match="1,000"):
        judged("\n".join(str(n) for n in range(MOST_CODES + 1)))


def test_one_number_is_refused_for_the_same_reasons() -> None:
    with pytest.raises(BadEan) as caught:
        wanted("4006381333932")
    assert caught.value.expected == "1"
    with pytest.raises(BadEan, match="nobody else"):
        wanted("2112345678900")
