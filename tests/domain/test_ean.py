"""What an article number is: every wrong digit is caught, every form is one number."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.domain.ean import Ean, check_digit, eans_in, expand_upc_e
from gallery_app.domain.errors import BadEan

LENGTHS = [8, 12, 13, 14]
bodies = st.sampled_from(LENGTHS).flatmap(
    lambda length: st.text("0123456789", min_size=length - 1, max_size=length - 1)
)
codes = bodies.map(lambda body: body + check_digit(body))


def found(text: str) -> list[str]:
    return [ean.given for ean in eans_in(text)]


class TestANumber:
    @pytest.mark.parametrize(
        ("text", "gtin", "shown"),
        [
            ("4006381333931", "04006381333931", "4006381333931"),
            ("036000291452", "00036000291452", "036000291452"),
            ("96385074", "00000096385074", "96385074"),
            ("10614141000415", "10614141000415", "10614141000415"),
            ("0036000291452", "00036000291452", "036000291452"),
            ("00000096385074", "00000096385074", "96385074"),
            ("04252614", "00042100005264", "042100005264"),
            (" 400-6381 333931 ", "04006381333931", "4006381333931"),
            ("400‐6381–333931", "04006381333931", "4006381333931"),
        ],
        ids=[
            "EAN-13", "UPC-A", "EAN-8", "GTIN-14", "UPC-A with a zero", "EAN-8 with zeros", "UPC-E",
            "with blanks and hyphens", "with other hyphens",
        ],
    )  # fmt: skip
    def test_of_any_form_is_kept_as_fourteen_digits(self, text: str, gtin: str, shown: str) -> None:
        ean = Ean.parse(text)

        assert (ean.gtin, ean.shown) == (gtin, shown)

    @given(codes)
    def test_with_its_check_digit_is_accepted_as_given(self, code: str) -> None:
        ean = Ean.parse(code, upc_e=False)

        assert (ean.gtin, ean.given) == (code.zfill(14), code)

    @given(codes)
    def test_is_the_same_in_all_its_lengths(self, code: str) -> None:
        longer = {Ean.parse(code.zfill(n), upc_e=False).gtin for n in LENGTHS if n >= len(code)}

        assert longer == {code.zfill(14)}

    @given(codes)
    def test_read_again_as_shown_is_the_same(self, code: str) -> None:
        assert Ean.parse(Ean.parse(code, upc_e=False).shown, upc_e=False).gtin == code.zfill(14)

    @given(codes, st.data())
    def test_with_any_one_wrong_digit_is_caught_and_the_right_last_digit_told(
        self, code: str, data: st.DataObject
    ) -> None:
        at = data.draw(st.integers(0, len(code) - 1))
        digit = data.draw(st.sampled_from([d for d in "0123456789" if d != code[at]]))
        wrong = code[:at] + digit + code[at + 1 :]

        with pytest.raises(BadEan) as error:
            Ean.parse(wrong, upc_e=False)

        assert error.value.expected == check_digit(wrong[:-1])
        right = wrong[:-1] + error.value.expected
        assert Ean.parse(right, upc_e=False).gtin == right.zfill(14)

    @given(codes, st.data())
    def test_with_two_neighbours_swapped_is_caught_unless_they_differ_by_five(
        self, code: str, data: st.DataObject
    ) -> None:
        at = data.draw(st.integers(0, len(code) - 2))
        swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        blind = abs(int(code[at]) - int(code[at + 1])) in {0, 5}  # what modulus 10 cannot see

        try:
            Ean.parse(swapped, upc_e=False)
        except BadEan:
            assert not blind
        else:
            assert blind

    def test_of_the_brief_is_wrong_and_ends_with_eight(self) -> None:
        with pytest.raises(BadEan, match="should be 8, not 3") as error:
            Ean.parse("1234567890123")

        assert error.value.data() == {"expected": "8"}

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "Type the digits"),
            (" - ", "Type the digits"),
            ("400638133393X", "digits only"),
            ("٤٠٠٦٣٨١٣٣٣٩٣١", "digits only"),
            ("４００６３８１３３３９３１", "digits only"),
            ("1", "has 1 digits"),
            ("1234567", "has 7 digits"),
            ("123456789", "has 9 digits"),
            ("40063813339", "has 11 digits"),
            ("400638133393100", "has 15 digits"),
            ("9" * 100_000, "has 100000 digits"),
        ],
    )
    def test_that_is_none_is_told_why(self, text: str, sentence: str) -> None:
        with pytest.raises(BadEan, match=sentence) as error:
            Ean.parse(text)

        assert error.value.expected == ""
        assert len(error.value.public) < 200


class TestUpcE:
    # Source: GS1 General Specifications, figure 7.10-1.
    @pytest.mark.parametrize(
        ("short", "whole"),
        [
            ("04252614", "042100005264"),
            ("01234505", "012000003455"),
            ("01234514", "012100003454"),
            ("01234523", "012200003453"),
            ("01234531", "012300000451"),
            ("01234543", "012340000053"),
            ("01234558", "012345000058"),
            ("01234565", "012345000065"),
            ("01234572", "012345000072"),
            ("01234589", "012345000089"),
            ("01234596", "012345000096"),
        ],
    )
    def test_stands_for_twelve_digits(self, short: str, whole: str) -> None:
        assert expand_upc_e(short) == whole
        assert Ean.parse(short).gtin == whole.zfill(14)

    def test_is_not_guessed_where_it_may_not_be(self) -> None:
        with pytest.raises(BadEan):
            Ean.parse("04252614", upc_e=False)

    def test_begins_with_zero_or_one(self) -> None:
        with pytest.raises(BadEan) as error:
            Ean.parse("44252614")

        assert error.value.expected == check_digit("4425261")

    def test_is_meant_by_eight_digits_with_a_zero_that_are_right_in_both_ways(self) -> None:
        assert Ean.parse("01234565", upc_e=False).gtin == "00000001234565"
        assert Ean.parse("01234565").gtin == "00012345000065"

    def test_gives_way_to_a_short_number_that_does_not_begin_with_zero(self) -> None:
        assert Ean.parse("12345670").gtin == "00000012345670"


class TestTheItemItself:
    def test_of_a_case_is_the_one_inside(self) -> None:
        assert Ean.parse("13017620422000").ean13 == "3017620422003"

    @given(st.sampled_from("12345678"), st.text("0123456789", min_size=12, max_size=12))
    def test_inside_has_a_check_digit_of_its_own(self, indicator: str, body: str) -> None:
        case = indicator + body + check_digit(indicator + body)

        assert Ean.parse(case).ean13 == body + check_digit(body)

    @given(codes.filter(lambda code: len(code) < 14))
    def test_that_is_no_case_is_itself(self, code: str) -> None:
        assert Ean.parse(code, upc_e=False).ean13 == code.zfill(13)


def valid(body: str) -> Ean:
    return Ean.parse(body + check_digit(body), upc_e=False)


class TestWhatNoDatabaseCanKnow:
    @pytest.mark.parametrize("prefix", ["02", "04", *(str(n) for n in range(20, 30))])
    def test_is_what_a_shop_numbers_itself(self, prefix: str) -> None:
        assert "nobody else knows it" in (valid(f"{prefix}1234567890"[:12]).restricted or "")

    @pytest.mark.parametrize("prefix", ["05", "98", "99"])
    def test_is_a_coupon(self, prefix: str) -> None:
        assert "coupon" in (valid(f"{prefix}1234567890"[:12]).restricted or "")

    @pytest.mark.parametrize("first", ["2", "4", "5"])
    def test_is_the_same_in_twelve_digits(self, first: str) -> None:
        assert valid(f"{first}1234567890").restricted

    @pytest.mark.parametrize("first", ["0", "2"])
    def test_is_a_short_number_of_one_shop(self, first: str) -> None:
        assert "one shop's own" in (valid(f"{first}123456").restricted or "")

    def test_is_a_case_of_any_of_these(self) -> None:
        assert valid("1200123456789").restricted

    @pytest.mark.parametrize(
        "body",
        ["978014032872", "979109876543", "977123456789", "400638133393", "03600029145", "9638507",
         "1978014032872", "030123456789", "060123456789", "199123456789"],
    )  # fmt: skip
    def test_is_no_book_and_nothing_that_is_sold_everywhere(self, body: str) -> None:
        assert valid(body).restricted is None


class TestNumbersInATextAre:
    @pytest.mark.parametrize(
        ("text", "numbers"),
        [
            ("The Stabilo 4006381333931 leaks.", ["4006381333931"]),
            ("4006381333931", ["4006381333931"]),
            ("4006381333931,3017620422003;036000291452", ["4006381333931", "3017620422003",
                                                          "036000291452"]),
            ("4006381333931 and again 4006381333931", ["4006381333931"]),
            ("036000291452 is 0036000291452", ["036000291452"]),
            ("It is 4006381333931.", ["4006381333931"]),
            ("<b>4006381333931</b>", ["4006381333931"]),
            ("(13017620422000)", ["13017620422000"]),
            ("EAN 96385074", ["96385074"]),
            ("gtin-8: 96385074", ["96385074"]),
            ("cf_ean=96385074", ["96385074"]),
            ("Barcode#96385074", ["96385074"]),
            ("EAN13:4006381333931", ["4006381333931"]),
            ("ISBN 9780140328721", ["9780140328721"]),
            ("3017620422003 EAN 96385074", ["3017620422003", "96385074"]),
        ],
    )  # fmt: skip
    def test_found_once_and_in_order(self, text: str, numbers: list[str]) -> None:
        assert found(text) == numbers

    @pytest.mark.parametrize(
        ("name", "numbers"),
        [
            ("4006381333931.jpg", ["4006381333931"]),
            ("4006381333931_front.jpg", ["4006381333931"]),
            ("front-4006381333931-2.png", ["4006381333931"]),
            ("EAN_96385074.webp", ["96385074"]),
            ("IMG_4006381333931.HEIC", ["4006381333931"]),
            ("4006381333931 (1).jpg", ["4006381333931"]),
        ],
    )
    def test_found_in_file_names(self, name: str, numbers: list[str]) -> None:
        assert found(name) == numbers

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "4006381333932",
            "14006381333931x",
            "x4006381333931",
            "40063813339311",
            "94006381333931400638133393",
            "96385074",
            "Ocean 96385074",
            "2012345678903",
            "lat 52.4006381333931",
            "+4006381333931",
        ],
    )
    def test_not_found_where_there_are_none(self, text: str) -> None:
        assert found(text) == []

    @given(st.integers(0, 66 * 365 * 86_400))
    def test_no_dates_and_no_times(self, since_1970_s: int) -> None:
        at = datetime.fromtimestamp(since_1970_s, timezone.utc)
        shapes = ("%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S", "IMG_%Y%m%d_%H%M%S", "%Y-%m-%d %H%M%S")

        for shape in shapes:
            assert found(f"{at:{shape}}.jpg") == []

    @given(st.integers(1_400_000_000_000, 2_999_999_999_999))  # 2014 to 2065
    def test_no_milliseconds_of_the_epoch(self, number: int) -> None:
        assert found(f"photo_{number}.jpg") == []

    @given(codes.filter(lambda code: len(code) > 8), st.sampled_from([" ", "\n", "/", "#", '"']))
    def test_all_that_are_sold_everywhere(self, code: str, around: str) -> None:
        ean = Ean.parse(code)
        texts = found(f"{around}{code}{around}")

        if ean.restricted:
            assert texts == []
        assert texts in ([], [code])

    @given(st.text(max_size=200))
    def test_valid_whatever_the_text(self, text: str) -> None:
        for ean in eans_in(text):
            assert Ean.parse(ean.given).gtin == ean.gtin
            assert ean.restricted is None
