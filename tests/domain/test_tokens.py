"""What a signed token must survive and what it must refuse (reliability.md, B1 to B13)."""

from __future__ import annotations

import base64
import json
import string
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.domain.errors import LinkExpired, LinkTampered, Misconfigured
from gallery_app.domain.tokens import NO_ASSET, Claims, Key, Keyring, Purpose
from tests.domain.examples import NOW, key, ring, secret

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "tokens.json").read_text())
LATER = NOW + timedelta(hours=1)
CLAIMS = Claims("link", b"linklinkli", b"assetassetassets", "small", LATER)
TOKEN = ring().sign(CLAIMS)
DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"

claims_of_any_kind = st.builds(
    Claims,
    purpose=st.sampled_from(["link", "upload"]),
    link=st.binary(min_size=10, max_size=10),
    asset=st.binary(min_size=16, max_size=16) | st.just(NO_ASSET),
    rendition=st.text(string.ascii_lowercase, min_size=0, max_size=40),
    expires_at=st.integers(0, 4_000_000_000).map(
        lambda seconds: datetime.fromtimestamp(seconds, timezone.utc)
    ),
)
BEFORE_ALL = datetime(1969, 12, 31, tzinfo=timezone.utc)


def is_refused(token: str, keys: Keyring, *, purpose: Purpose = "link") -> bool:
    """Whether the ring says "tampered" to it, and nothing else."""
    try:
        keys.verify(token, purpose=purpose, now=NOW)
    except LinkTampered:
        return True
    return False


class TestAGenuineToken:
    @given(claims_of_any_kind)
    def test_gives_back_exactly_what_was_signed(self, claims: Claims) -> None:
        keys = ring()

        read = keys.verify(keys.sign(claims), purpose=claims.purpose, now=BEFORE_ALL)

        assert read == claims

    @given(claims_of_any_kind)
    def test_has_one_text_only_that_needs_no_escaping(self, claims: Claims) -> None:
        token = ring().sign(claims)

        assert token == ring().sign(claims)
        assert set(token) <= {*DIGITS, "."}

    def test_keeps_whole_seconds_of_its_expiry(self) -> None:
        late = Claims("link", bytes(10), bytes(16), "small", LATER.replace(microsecond=999_999))

        assert ring().verify(ring().sign(late), purpose="link", now=NOW).expires_at == LATER

    @pytest.mark.parametrize("case", GOLDEN["tokens"], ids=range(len(GOLDEN["tokens"])))
    def test_is_the_one_that_an_independent_script_computes(self, case: dict[str, str]) -> None:
        keys = ring(Key(case["kid"], bytes.fromhex(GOLDEN["keys"][case["kid"]]), NOW))
        expires_at = datetime.fromtimestamp(int(case["expires_at"]), timezone.utc)
        purpose: Purpose = "upload" if case["purpose"] == "upload" else "link"
        link, asset = bytes.fromhex(case["link"]), bytes.fromhex(case["asset"])
        claims = Claims(purpose, link, asset, case["rendition"], expires_at)

        assert keys.sign(claims) == case["token"]
        assert keys.verify(case["token"], purpose=purpose, now=BEFORE_ALL) == claims

    def test_at_least_forty_such_cases_are_kept(self) -> None:
        assert len({case["token"] for case in GOLDEN["tokens"]}) >= 40


class TestTime:
    @pytest.mark.parametrize(
        ("seconds", "opens"),
        [
            pytest.param(-3600, True, id="an hour before"),
            pytest.param(-1, True, id="one second before"),
            pytest.param(0, False, id="at its expiry"),
            pytest.param(1, False, id="one second after"),
            pytest.param(10**8, False, id="years after"),
        ],
    )
    def test_a_token_opens_strictly_before_its_expiry(self, seconds: int, opens: bool) -> None:
        now = LATER + timedelta(seconds=seconds)

        if opens:
            assert ring().verify(TOKEN, purpose="link", now=now) == CLAIMS
        else:
            with pytest.raises(LinkExpired) as caught:
                ring().verify(TOKEN, purpose="link", now=now)
            assert caught.value.at == LATER

    def test_a_forged_token_is_tampered_even_when_its_expiry_is_past(self) -> None:
        forged = ring(key(secret=secret("somebody else's"))).sign(CLAIMS)

        with pytest.raises(LinkTampered):
            ring().verify(forged, purpose="link", now=LATER + timedelta(days=1))


def _flipped(token: str, bit: int) -> str:
    """The token whose `bit` (of payload, then signature) is the other way round."""
    parts = [base64.urlsafe_b64decode(p + "=" * (-len(p) % 4)) for p in token.split(".")]
    for at, raw in enumerate(parts):
        if bit < len(raw) * 8:
            changed = bytearray(raw)
            changed[bit // 8] ^= 1 << bit % 8
            parts[at] = bytes(changed)
            return ".".join(base64.urlsafe_b64encode(p).decode().rstrip("=") for p in parts)
        bit -= len(raw) * 8
    raise IndexError(bit)


def _bits(token: str) -> int:
    return sum(len(part) * 6 // 8 * 8 for part in token.split("."))


class TestAForgedToken:
    @pytest.mark.parametrize("part", ["payload", "signature"])
    def test_is_refused_at_every_single_flipped_bit(self, part: str) -> None:
        payload_bits = len(TOKEN.partition(".")[0]) * 6 // 8 * 8
        bits = range(payload_bits) if part == "payload" else range(payload_bits, _bits(TOKEN))

        accepted = [bit for bit in bits if not is_refused(_flipped(TOKEN, bit), ring())]

        assert len(bits) >= 256
        assert accepted == []

    def test_is_refused_at_every_changed_character(self) -> None:
        keys = ring()
        accepted = [
            (at, digit)
            for at in range(len(TOKEN))
            for digit in DIGITS + "+/=. \n\0é"
            if digit != TOKEN[at] and not is_refused(TOKEN[:at] + digit + TOKEN[at + 1 :], keys)
        ]

        assert accepted == []

    def test_is_refused_when_cut_anywhere(self) -> None:
        pieces = [TOKEN[:n] for n in range(len(TOKEN))] + [TOKEN[n:] for n in range(1, len(TOKEN))]

        assert [piece for piece in pieces if not is_refused(piece, ring())] == []

    def test_is_refused_when_a_character_is_left_out(self) -> None:
        shorter = [TOKEN[:n] + TOKEN[n + 1 :] for n in range(len(TOKEN))]

        assert [text for text in shorter if not is_refused(text, ring())] == []

    def test_is_refused_in_other_trailing_bits_of_each_part(self) -> None:
        head, tail = TOKEN.split(".")
        others = [f"{head}.{tail[:-1]}{digit}" for digit in DIGITS if digit != tail[-1]]
        others += [f"{head[:-1]}{digit}.{tail}" for digit in DIGITS if digit != head[-1]]

        assert [text for text in others if not is_refused(text, ring())] == []

    @pytest.mark.parametrize(
        "changed",
        [
            pytest.param(TOKEN + "=", id="padded"),
            pytest.param(TOKEN.replace(".", "=="), id="padding for the dot"),
            pytest.param(TOKEN.replace(".", "=."), id="padded payload"),
            pytest.param(TOKEN + "\n", id="a line end"),
            pytest.param(" " + TOKEN, id="a blank before"),
            pytest.param(TOKEN + "." + TOKEN, id="doubled"),
            pytest.param(TOKEN + ".", id="a dot more"),
            pytest.param("." + TOKEN, id="a dot before"),
            pytest.param(TOKEN.replace(".", ""), id="no dot"),
            pytest.param(TOKEN.replace(".", ".."), id="two dots"),
            pytest.param(TOKEN.lower(), id="lower case"),
            pytest.param(TOKEN.upper(), id="upper case"),
            pytest.param(TOKEN.swapcase(), id="swapped case"),
            pytest.param(TOKEN[::-1], id="reversed"),
            pytest.param(".".join(reversed(TOKEN.split("."))), id="parts swapped"),
            pytest.param(TOKEN.replace("A", "А"), id="a Cyrillic look-alike"),
            pytest.param(TOKEN.replace("A", "Ａ"), id="a full-width look-alike"),
            pytest.param(TOKEN.replace(".", "%2E"), id="percent-encoded"),
            pytest.param("", id="empty"),
            pytest.param(".", id="only a dot"),
            pytest.param("A" * 161, id="too long"),
            pytest.param("A" * 10_000_000, id="ten megabytes"),
        ],
    )
    def test_is_refused_in_any_other_form(self, changed: str) -> None:
        assert is_refused(changed, ring())

    def test_is_refused_in_the_other_base64_alphabet(self) -> None:
        keys = ring()
        candidates = (Claims("link", bytes([n] * 10), bytes(16), "s", LATER) for n in range(256))
        token = next(t for c in candidates if "-" in (t := keys.sign(c)) and "_" in t)

        assert not is_refused(token, keys)
        assert is_refused(token.replace("-", "+"), keys)
        assert is_refused(token.replace("_", "/"), keys)

    @pytest.mark.parametrize(
        ("field", "other"),
        [
            ("purpose", "upload"),
            ("link", b"linklinklj"),
            ("asset", NO_ASSET),
            ("rendition", "original"),
            ("rendition", ""),
            ("expires_at", LATER + timedelta(seconds=1)),
        ],
    )
    def test_is_refused_when_its_claims_belong_to_another_signature(
        self, field: str, other: object
    ) -> None:
        wished = ring().sign(replace(CLAIMS, **{field: other}))  # type: ignore[arg-type]  # by name
        spliced = wished.partition(".")[0] + "." + TOKEN.partition(".")[2]

        assert is_refused(spliced, ring())

    @given(st.text(max_size=200))
    def test_is_refused_whatever_text_it_is(self, text: str) -> None:
        assert is_refused(text, ring())

    @given(st.binary(max_size=90), st.binary(min_size=32, max_size=32))
    def test_is_refused_whatever_bytes_it_holds(self, payload: bytes, signature: bytes) -> None:
        parts = (base64.urlsafe_b64encode(raw).decode().rstrip("=") for raw in (payload, signature))

        assert is_refused(".".join(parts), ring())

    @given(st.data())
    def test_is_refused_after_any_mutation(self, data: st.DataObject) -> None:
        text = list(TOKEN)
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(text) - 1))
            what = data.draw(st.sampled_from(["change", "drop", "add", "swap"]))
            if what == "change":
                text[at] = data.draw(st.sampled_from(DIGITS))
            elif what == "drop" and len(text) > 1:
                del text[at]
            elif what == "add":
                text.insert(at, data.draw(st.sampled_from(DIGITS + ".=+/")))
            else:
                text[at], text[at - 1] = text[at - 1], text[at]
        mutated = "".join(text)

        assert mutated == TOKEN or is_refused(mutated, ring())

    @pytest.mark.parametrize(
        "payload",
        [
            pytest.param(b"\x02\x01k001" + bytes(35), id="another version"),
            pytest.param(b"\x01\x03k001" + bytes(35), id="a purpose nobody has"),
            pytest.param(b"\x01\x01k001" + bytes(34) + b"\x05", id="a name that is not there"),
            pytest.param(b"\x01\x01k001" + bytes(34) + b"\x00abc", id="a name too long"),
            pytest.param(b"\x01\x01k001" + bytes(34) + b"\x01\xff", id="a name not ASCII"),
            pytest.param(
                b"\x01\x01k001" + bytes(26) + b"\xff" * 8 + b"\x00", id="an expiry past all years"
            ),
        ],
    )
    def test_is_refused_before_its_signature_when_it_has_no_form(self, payload: bytes) -> None:
        signed = ring()
        mac = signed._mac(signed.keys[0], "link", payload)
        parts = (base64.urlsafe_b64encode(raw).decode().rstrip("=") for raw in (payload, mac))

        assert is_refused(".".join(parts), signed)


class TestPurposes:
    def test_an_upload_ticket_is_no_link(self) -> None:
        ticket = ring().sign(Claims("upload", bytes(10), bytes(16), "small", LATER))

        assert is_refused(ticket, ring(), purpose="link")
        assert not is_refused(ticket, ring(), purpose="upload")

    def test_a_link_is_no_upload_ticket(self) -> None:
        assert is_refused(TOKEN, ring(), purpose="upload")

    def test_the_same_payload_has_another_signature_for_another_purpose(self) -> None:
        keys = ring()

        assert keys._mac(keys.keys[0], "link", b"x") != keys._mac(keys.keys[0], "upload", b"x")


class TestRotation:
    def test_the_newest_active_key_signs(self) -> None:
        old, new = key("old0"), key("new0")

        assert ring(old, new).sign(CLAIMS) == ring(new).sign(CLAIMS)

    def test_a_newer_key_that_is_not_active_does_not_sign(self) -> None:
        old, retired = key("old0"), key("new0", state="retired")

        assert ring(old, retired).sign(CLAIMS) == ring(old).sign(CLAIMS)

    def test_a_link_signed_with_a_retired_key_still_opens(self) -> None:
        token = ring(key("old0")).sign(CLAIMS)
        rotated = ring(key("old0", state="retired"), key("new0"))

        assert rotated.verify(token, purpose="link", now=NOW) == CLAIMS

    def test_a_link_signed_with_a_revoked_key_does_not(self) -> None:
        token = ring(key("old0")).sign(CLAIMS)

        assert is_refused(token, ring(key("old0", state="revoked"), key("new0")))

    def test_a_link_of_an_unknown_key_is_refused_like_a_bad_signature(self) -> None:
        stranger = ring(key("strg")).sign(CLAIMS)

        with pytest.raises(LinkTampered) as unknown_key:
            ring().verify(stranger, purpose="link", now=NOW)
        with pytest.raises(LinkTampered) as bad_signature:
            ring().verify(_flipped(TOKEN, _bits(TOKEN) - 1), purpose="link", now=NOW)

        assert unknown_key.value.public == bad_signature.value.public
        assert unknown_key.value.data() == bad_signature.value.data()

    def test_another_gallery_with_the_same_key_id_refuses_it(self) -> None:
        assert is_refused(TOKEN, ring(key(secret=secret("another house"))))


class TestARing:
    @pytest.mark.parametrize(
        ("keys", "reason"),
        [
            pytest.param((), "no active", id="no key"),
            pytest.param((key(state="retired"),), "no active", id="only a retired key"),
            pytest.param((key(state="revoked"),), "no active", id="only a revoked key"),
            pytest.param((key(), key(secret=secret("x"))), "used twice", id="one id for two keys"),
            pytest.param((key(secret=b"short"),), "32 random bytes", id="a short secret"),
            pytest.param((key(secret=secret("x") * 2),), "32 random bytes", id="a long secret"),
            pytest.param((key(secret=bytes(32)),), "32 random bytes", id="a secret of zeros"),
            pytest.param((key(secret=b"changeme" * 4),), "32 random bytes", id="a sample secret"),
            pytest.param((key("k1"),), "4 ASCII", id="a short key id"),
            pytest.param((key("kéy1"),), "4 ASCII", id="a key id not ASCII"),
        ],
    )
    def test_refuses_to_begin_with(self, keys: tuple[Key, ...], reason: str) -> None:
        with pytest.raises(Misconfigured, match=reason):
            Keyring(keys)

    def test_says_no_secret_when_it_refuses(self) -> None:
        with pytest.raises(Misconfigured) as caught:
            Keyring((key(secret=b"hunter2!" * 4),))

        assert "hunter2" not in str(caught.value)
