"""Article numbers: GTIN-8, 12, 13 and 14 and UPC-E, checked, and found in running text.

Kept as GTIN-14, shown as given. Source: GS1 General Specifications, 7.9 (check digit), 7.10
(UPC-E); GS1 prefix list of 2026 for what is assigned to whom.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gallery_app.domain.errors import BadEan

# Source: GS1 prefix list. (first, last) of the three digits of a 13-digit number.
_IN_STORE = (
    (20, 29),
    (40, 49),
    (200, 299),
)  # restricted circulation: means something else anywhere
_COUPONS = ((50, 59), (980, 999))  # refund receipts among them
_UNASSIGNED = ((140, 199), (391, 399), (441, 449), (500, 500), (510, 519), (550, 559), (580, 589))
# Not behind a plus (a telephone) nor behind a decimal point.
_CODE = re.compile(r"(?<![0-9A-Za-z+])(?<![0-9]\.)[0-9]{12,14}(?![0-9A-Za-z])")
_NAMED = re.compile(
    r"(?<![A-Za-z])(?:ean|gtin|upc|barcode|isbn)(?:[-_ ]?(?:8|12|13|14))?[\s:#=_-]*"
    r"([0-9]{8}|[0-9]{12,14})(?![0-9])",
    re.IGNORECASE,
)
# Year to minute or second, as cameras and scanners name files.
_TIME = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9]"
    r"(?:[0-5][0-9])?"
)


@dataclass(frozen=True, slots=True)
class Ean:
    """A valid article number: `gtin` is its 14 digits, `given` the digits as they came."""

    gtin: str
    given: str

    @classmethod
    def parse(cls, text: str, *, upc_e: bool = True) -> Ean:
        """The number of a text such as `4006381333931`, `400-6381 333931` or UPC-E `04252614`.

        Args:
            text: digits; blanks and hyphens between them do not count.
            upc_e: take eight digits for UPC-E if they are one and begin with 0 (a GTIN-8 that
                does means something in one shop only), or are no GTIN-8.

        Raises:
            BadEan: not 8, 12, 13 or 14 digits, or the check digit is wrong; `expected` is the
                right one.
        """
        digits = re.sub(r"[\s\-‐-―]", "", text)
        if not digits:
            raise BadEan("Type the digits below the barcode.")
        if not (digits.isascii() and digits.isdigit()):
            raise BadEan(f"“{text.strip()[:40]}” is no article number: digits only.")
        if len(digits) not in {8, 12, 13, 14}:
            raise BadEan(
                f"“{digits[:40]}” has {len(digits)} digits; article numbers have 8, 12, 13 or 14."
            )
        expected = check_digit(digits[:-1])
        upc_a = _upc_a(digits) if upc_e else None
        if upc_a is not None and (digits[0] == "0" or digits[-1] != expected):
            return cls(upc_a.zfill(14), digits)
        if digits[-1] == expected:
            return cls(digits.zfill(14), digits)
        raise BadEan(
            f"The check digit of {digits} should be {expected}, not {digits[-1]}. Is one digit "
            "mistyped?",
            expected=expected,
        )

    @property
    def ean13(self) -> str:
        """The 13 digits of the item itself: of a case (GTIN-14), those of what is inside."""
        if self.gtin[0] == "0":
            return self.gtin[1:]
        body = self.gtin[1:-1]
        return body + check_digit(body)

    @property
    def shown(self) -> str:
        """As people know it: without the leading zeros of the 14 digits."""
        for length in (8, 12, 13):
            if self.gtin.startswith("0" * (14 - length)):
                return self.gtin[14 - length :]
        return self.gtin

    @property
    def restricted(self) -> str | None:
        """Why no product database can know it; None when one may."""
        if self.gtin.startswith("000000"):
            return (
                f"{self.shown} is a number of one shop's own; nobody else knows it."
                if self.gtin[6] in "02"
                else None
            )
        prefix = int(self.ean13[:3])
        if _within(prefix, _IN_STORE):
            return (
                f"{self.shown} begins like the numbers a shop gives its own goods or weighs; "
                "nobody else knows it."
            )
        if _within(prefix, _COUPONS):
            return f"{self.shown} is the number of a coupon or receipt, not of a product."
        return None


def check_digit(body: str) -> str:
    """The check digit that follows these digits: weights 3, 1, 3... from the right."""
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(body)))
    return str(-total % 10)


def _upc_a(digits: str) -> str | None:
    """What eight digits stand for as UPC-E; None when they are none."""
    if len(digits) != 8 or digits[0] not in "01":
        return None
    upc_a = expand_upc_e(digits)
    return upc_a if check_digit(upc_a[:-1]) == upc_a[-1] else None


def expand_upc_e(digits: str) -> str:
    """The UPC-A of eight UPC-E digits (number system, six digits, check digit)."""
    system, body, check = digits[0], digits[1:7], digits[7]
    last = body[5]
    if last in "012":
        middle = body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        middle = body[:3] + "00000" + body[3:5]
    elif last == "4":
        middle = body[:4] + "00000" + body[4]
    else:
        middle = body[:5] + "0000" + last
    return system + middle + check


def eans_in(text: str) -> Iterator[Ean]:
    """The article numbers that a text or a file name holds, each once, in order.

    Numbers of 12 to 14 digits count when they stand alone, their check digit is right and GS1
    has assigned their prefix; eight digits only behind a word such as EAN, since dates and
    ticket numbers look the same. Times are none, and neither are telephone numbers with a plus.
    """
    seen: set[str] = set()
    found: list[tuple[int, str]] = [
        (m.start(), m[0]) for m in _CODE.finditer(text) if not _TIME.fullmatch(m[0])
    ]
    found += [(m.start(1), m[1]) for m in _NAMED.finditer(text)]
    for _, digits in sorted(set(found)):
        try:
            ean = Ean.parse(digits, upc_e=False)
        except BadEan:
            continue
        if ean.gtin in seen or ean.restricted or not _assigned(ean):
            continue
        seen.add(ean.gtin)
        yield ean


def _assigned(ean: Ean) -> bool:
    return len(ean.given) == 8 or not _within(int(ean.ean13[:3]), _UNASSIGNED)


def _within(prefix: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= prefix <= high for low, high in ranges)
