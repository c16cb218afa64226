"""Signed links: they open what they name, for as long as they say, until they are withdrawn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from gallery_app.domain.errors import (
    BadInput,
    Gone,
    LinkExpired,
    LinkRevoked,
    LinkSpent,
    LinkTampered,
    NotFound,
)
from gallery_app.domain.tokens import Key
from gallery_app.services.values import Bytes, File, LinkPage, Streamed
from tests.pictures import make_picture
from tests.services.house import House


def _uid(house: House, sentence: str = "900x600 jpeg, gps 48.2 11.6, noise seed 1") -> str:
    house.put("holiday in Bavaria.jpg", make_picture(sentence))
    house.scan()
    house.render_all()
    return house.only().uid


def _token(url: str) -> str:
    return url.split("/i/")[1].split("/")[0]


def _open(house: House, url: str) -> Bytes | File | Streamed | LinkPage:
    return house.sharing.open(_token(url), client="192.0.2.7").content


class TestALink:
    def test_opens_the_rendition_it_was_made_for(self, house: House) -> None:
        made = house.sharing.create([_uid(house)], rendition="small")

        content = _open(house, made.url)

        assert isinstance(content, Bytes)
        assert content.content_type == "image/webp"

    def test_a_rendition_carries_no_metadata(self, house: House) -> None:
        made = house.sharing.create([_uid(house)], rendition="large")

        content = _open(house, made.url)

        assert isinstance(content, Bytes)
        assert b"Exif" not in content.data

    def test_opens_the_original_only_when_asked_for_and_warns_of_the_place(
        self, house: House
    ) -> None:
        made = house.sharing.create([_uid(house)], rendition="original")

        content = _open(house, made.url)

        assert isinstance(content, File)
        assert content.path.read_bytes().count(b"Exif") == 1
        assert any("1 with the place" in warning for warning in made.warnings)

    def test_its_address_tells_no_file_name(self, house: House) -> None:
        made = house.sharing.create([_uid(house)])

        assert made.url.startswith("https://pictures.example/i/")
        assert "Bavaria" not in made.url

    def test_over_several_pictures_opens_a_page_whose_pictures_open(self, house: House) -> None:
        _uid(house)
        house.put("b.jpg", make_picture("300x200 jpeg, noise seed 2"))
        house.scan()
        uids = [a.uid for a in house.all()]

        made = house.sharing.create(uids, rendition="medium")
        page = _open(house, made.url)

        assert isinstance(page, LinkPage)
        assert len(page.items) == 2
        for item in page.items:
            assert isinstance(_open(house, item.url), Bytes)

    def test_over_several_pictures_counts_page_openings_against_its_limit(
        self, house: House
    ) -> None:
        _uid(house)
        house.put("b.jpg", make_picture("300x200 jpeg, noise seed 2"))
        house.scan()
        made = house.sharing.create([a.uid for a in house.all()], max_views=1)
        page = _open(house, made.url)
        assert isinstance(page, LinkPage)

        for item in page.items:
            assert isinstance(_open(house, item.url), Bytes)
            assert isinstance(_open(house, item.preview_url), Bytes)

        with pytest.raises(LinkSpent):
            _open(house, made.url)
        house.clock.pass_(minutes=11)
        with pytest.raises(LinkSpent):
            _open(house, page.items[0].url)
        assert house.sharing.get(made.link.id).link.views == 1
        assert len(house.sharing.hits(made.link.id)) == 1 + 4 + 2

    def test_that_points_at_this_computer_says_so(self, house: House) -> None:
        uid = _uid(house)
        for address in ("http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:80"):
            house.base_url = address

            assert "others cannot open it" in " ".join(house.sharing.create([uid]).warnings)

        house.base_url = "https://pictures.example"
        assert house.sharing.create([uid]).warnings == ()

    def test_signed_with_a_retired_key_still_opens(self, house: House) -> None:
        made = house.sharing.create([_uid(house)])

        house.rotate_keys()

        assert isinstance(_open(house, made.url), Bytes)
        assert _token(house.sharing.create([house.only().uid]).url) != _token(made.url)

    def test_signed_with_a_revoked_key_is_unknown(self, house: House) -> None:
        made = house.sharing.create([_uid(house)])
        house.rotate_keys()
        old = house.keys[0]
        house.keys[0] = Key(old.kid, old.secret, old.created_at, "revoked")

        with pytest.raises(LinkTampered):
            _open(house, made.url)

    def test_has_the_same_address_each_time_it_is_listed(self, house: House) -> None:
        made = house.sharing.create([_uid(house)])

        assert house.sharing.list()[0].url == made.url
        assert made.url in house.sharing.qr_svg(made.link.id)


class TestTheEndOfALink:
    def test_it_works_until_the_second_before_and_not_at_its_time(self, house: House) -> None:
        made = house.sharing.create([_uid(house)], expires_in_s=3600)
        house.clock.pass_(seconds=3599)
        before = _open(house, made.url)
        house.clock.pass_(seconds=1)

        assert isinstance(before, Bytes)
        with pytest.raises(LinkExpired) as expired:
            _open(house, made.url)
        assert expired.value.at == made.link.expires_at

    def test_an_expired_link_stays_so_when_the_clock_goes_back(self, house: House) -> None:
        made = house.sharing.create([_uid(house)], expires_in_s=3600)
        house.clock.pass_(hours=2)
        with pytest.raises(LinkExpired):
            _open(house, made.url)

        house.clock.pass_(hours=-2)

        with pytest.raises(LinkExpired):
            _open(house, made.url)

    def test_a_revoked_link_opens_nothing_and_others_go_on(self, house: House) -> None:
        uid = _uid(house)
        made, other = house.sharing.create([uid]), house.sharing.create([uid])

        house.sharing.revoke(made.link.id)

        with pytest.raises(LinkRevoked):
            _open(house, made.url)
        assert isinstance(_open(house, other.url), Bytes)

    def test_all_links_can_be_withdrawn_at_once(self, house: House) -> None:
        uid = _uid(house)
        urls = [house.sharing.create([uid]).url for _ in range(3)]

        assert house.sharing.revoke_all() == 3

        for url in urls:
            with pytest.raises(LinkRevoked):
                _open(house, url)

    def test_a_view_limit_counts_exactly_however_many_ask_at_once(self, house: House) -> None:
        made = house.sharing.create([_uid(house)], max_views=10)
        _ = house.media.rendition(house.only().uid, "large")

        def attempt(_: int) -> bool:
            try:
                _open(house, made.url)
            except LinkSpent:
                return False
            return True

        with ThreadPoolExecutor(16) as threads:
            opened = sum(threads.map(attempt, range(60)))

        assert opened == 10
        assert house.sharing.get(made.link.id).link.views == 10

    def test_a_picture_in_the_trash_is_not_given_out(self, house: House) -> None:
        made = house.sharing.create([_uid(house)])

        house.curation.batch([house.only().uid], "trash")

        with pytest.raises(Gone):
            _open(house, made.url)


class TestAForgery:
    def test_a_token_of_another_gallery_is_unknown(self, house: House) -> None:
        made = house.sharing.create([_uid(house)])
        house.rotate_keys()
        house.keys.pop(0)

        with pytest.raises(LinkTampered):
            _open(house, made.url)

    @pytest.mark.parametrize("token", ["", "x", "a.b", "..", "A" * 500, "é.é"])
    def test_nonsense_is_unknown(self, house: House, token: str) -> None:
        with pytest.raises(LinkTampered):
            house.sharing.open(token, client="192.0.2.7")


class TestTheRecord:
    def test_every_hit_is_a_row_with_time_link_rendition_bytes_and_client(
        self, house: House
    ) -> None:
        made = house.sharing.create([_uid(house)], rendition="small")
        content = _open(house, made.url)
        house.clock.pass_(minutes=5)
        _open(house, made.url)

        latest, first = house.sharing.hits(made.link.id)

        assert isinstance(content, Bytes)
        assert (first.rendition, first.bytes, first.client) == (
            "small", len(content.data), "192.0.2.7",
        )  # fmt: skip
        assert (latest.at - first.at).total_seconds() == 300
        view = house.sharing.get(made.link.id)
        assert (view.link.views, view.link.bytes_sent) == (2, 2 * len(content.data))
        assert view.link.last_used_at == latest.at

    def test_a_refusal_is_a_row_too(self, house: House) -> None:
        made = house.sharing.create([_uid(house)])
        house.sharing.revoke(made.link.id)

        with pytest.raises(LinkRevoked):
            _open(house, made.url)

        (hit,) = house.sharing.hits(made.link.id)
        assert hit.refused == "link_revoked"

    def test_a_further_part_of_a_view_is_not_a_second_view(self, house: House) -> None:
        made = house.sharing.create([_uid(house)], rendition="original", max_views=1)

        _open(house, made.url)
        part = house.sharing.get(made.link.id)

        assert part.link.views == 1


class TestWhatCannotBeShared:
    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ({"rendition": "poster"}, "no rendition"),
            ({"expires_in_s": 5}, "one minute"),
            ({"expires_in_s": 10**9}, "366 days"),
            ({"max_views": 0}, "at least 1"),
            ({"note": "x" * 501}, "500"),
        ],
        ids=["an unknown rendition", "too short", "too long", "no views", "a long note"],
    )
    def test_is_refused_with_a_sentence(
        self, house: House, options: dict[str, object], sentence: str
    ) -> None:
        uid = _uid(house)

        with pytest.raises(BadInput, match=sentence):
            house.sharing.create([uid], **options)  # type: ignore[arg-type]  # parametrised

    def test_nothing_and_the_unknown(self, house: House) -> None:
        with pytest.raises(BadInput):
            house.sharing.create([])
        with pytest.raises(NotFound):
            house.sharing.create(["0" * 26])
        with pytest.raises(NotFound):
            house.sharing.get("0" * 16)
        with pytest.raises(NotFound):
            house.sharing.revoke("not an id")
