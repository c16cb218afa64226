"""Freshdesk's small parts: addresses, options, cursors, and the pictures of a text."""

from __future__ import annotations

import base64
import random
import time

import pytest

from gallery_app.connectors.answer import Answer
from gallery_app.connectors.faults import bad_answer
from gallery_app.connectors.freshdesk.address import Hosts, address_of, file_number, version_of
from gallery_app.connectors.freshdesk.api import only_this
from gallery_app.connectors.freshdesk.cursor import OVERLAP_S, STALE, Progress, Thrown, fingerprint
from gallery_app.connectors.freshdesk.fields import moment, number, second
from gallery_app.connectors.freshdesk.gather import filename_of, is_picture
from gallery_app.connectors.freshdesk.html import data_of, images_in, size_of
from gallery_app.connectors.freshdesk.options import Options
from gallery_app.domain.errors import BadInput, UpstreamRefused
from gallery_app.testing.freshdesk_world import token_of


class TestAddress:
    @pytest.mark.parametrize(
        "typed",
        [
            "acme",
            "ACME.freshdesk.com",
            " https://acme.freshdesk.com/ ",
            "https://acme.freshdesk.com/a/tickets/4711",
            "acme.freshdesk.com:443",
        ],
    )
    def test_whatever_a_person_types_becomes_one_form(self, typed: str) -> None:
        assert address_of(typed) == "https://acme.freshdesk.com"

    def test_the_own_machine_may_be_named_for_a_stand_in(self) -> None:
        assert address_of("http://127.0.0.1:8481/") == "http://127.0.0.1:8481"
        assert address_of("http://localhost:8481") == "http://localhost:8481"

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "http://acme.freshdesk.com",
            "https://support.acme.com",
            "http://10.0.0.8:8481",
            "https://acme.freshdesk.com.evil.test",
            "https://me:secret@acme.freshdesk.com",
            "https://evil.test/acme.freshdesk.com",
            "a.b.freshdesk.com",
            "https://[::1",
            "https://acme.freshdesk.com:8443",
        ],
    )
    def test_anything_else_is_refused(self, typed: str) -> None:
        with pytest.raises(BadInput):
            address_of(typed)


class TestHosts:
    HOSTS = Hosts("https://acme.freshdesk.com", ("files.acme.test",))

    @pytest.mark.parametrize(
        "url",
        [
            "https://eucattachment.freshdesk.com/inline/attachment?token=x",
            "https://acme.freshdesk.com/helpdesk/attachments/7",
            "https://s3.eu-central-1.amazonaws.com/euc-cdn.freshdesk.com/data/x.png",
            "https://s3-eu-central-1.amazonaws.com/euc-cdn.freshdesk.com/data/x.png",
            "https://s3.amazonaws.com/cdn.freshdesk.com/data/x.png",
            "https://x.freshdeskusercontent.com/a",
            "https://files.acme.test/a.png",
        ],
    )
    def test_freshdesks_own_places_may_be_asked(self, url: str) -> None:
        assert self.HOSTS.url(url)

    @pytest.mark.parametrize(
        "url",
        [
            "https://s3.amazonaws.com/evil-bucket/cdn.freshdesk.com/x.png",
            "https://s3.amazonaws.com/cdn.freshdesk.com/../evil-bucket/x.png",
            "https://s3.amazonaws.com/cdn.freshdesk.com/%2e%2e/evil-bucket/x.png",
            "https://evil.s3.amazonaws.com/cdn.freshdesk.com/x.png",
            "https://s3.amazonaws.com.evil.test/cdn.freshdesk.com/x.png",
            "https://evilfreshdesk.com/x.png",
            "http://acme.freshdesk.com/x.png",
            "https://127.0.0.1/x.png",
            "https://pixel.mailer.example/open.gif",
            "file:///etc/passwd",
        ],
    )
    def test_no_other_place_may(self, url: str) -> None:
        assert not self.HOSTS.url(url)

    def test_storage_is_for_what_agents_write(self) -> None:
        url = "https://s3.amazonaws.com/cdn.freshdesk.com/data/x.png"

        assert self.HOSTS.in_text(url, by_agents=True)
        assert not self.HOSTS.in_text(url, by_agents=False)

    def test_an_attachment_is_known_by_its_path_or_token(self) -> None:
        path = (
            "/euc-cdn.freshdesk.com/data/helpdesk/attachments/production/80013093147/original/a.png"
        )

        assert file_number(f"https://s3.amazonaws.com{path}?1621449390") == 80013093147
        assert file_number("https://acme.freshdesk.com/helpdesk/attachments/12") == 12
        token = token_of(80012226853)
        assert (
            file_number(f"https://x.freshdesk.com/inline/attachment?token={token}") == 80012226853
        )
        assert file_number("https://x.freshdesk.com/inline/attachment?token=broken") is None
        assert version_of(f"https://s3.amazonaws.com{path}?1621449390") == "1621449390"
        assert version_of(f"https://s3.amazonaws.com{path}?X-Amz-Date=1") == ""


class TestOptions:
    def test_nothing_said_means_everything(self) -> None:
        chosen = Options.of({})

        assert (chosen.private_notes, chosen.knowledge_base, chosen.foreign) == (True, True, False)
        assert chosen.share == 0.6

    @pytest.mark.parametrize(
        "wrong",
        [
            {"budget_percent": "0"},
            {"min_px": "x"},
            {"start": "31.1.2025"},
            {"allow": "here"},
            {"languages": "de, ../x"},
        ],
        ids=str,
    )
    def test_what_cannot_be_is_refused(self, wrong: dict[str, str]) -> None:
        with pytest.raises(BadInput):
            Options.of(wrong)


class TestCursor:
    def test_it_tells_what_it_was_told(self) -> None:
        progress = Progress(tickets_for="a", articles_for="b", walk_open=False)
        for ident, at in ((80_000_000_001, 1_000), (7, 1_000), (8, 1_050), (9, 1_119)):
            progress.read(ident, at, now_s=5_000)
        progress.set_article(12, fingerprint("x"))
        progress.thrown["spam"] = Thrown()
        progress.thrown["spam"].news({5: 900, 6: 950})

        again = Progress.of(progress.text())

        assert again.done == progress.done == {80_000_000_001: 1_000, 7: 1_000, 8: 1_050, 9: 1_119}
        assert again.articles == progress.articles
        assert again.thrown == progress.thrown
        assert again.text() == progress.text()
        assert (again.at, again.tickets_for, again.articles_for) == (1_119, "a", "b")
        assert not again.walk_open

    def test_what_lies_before_the_overlap_is_forgotten(self) -> None:
        progress = Progress()
        for ident in range(50):
            progress.read(ident, 1_000 + ident * 10, now_s=9_000)

        progress.forget()

        assert min(progress.done.values()) >= progress.at - OVERLAP_S

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "x",
            "{}",
            "[]",
            '{"v":9}',
            '{"v":2}',
            '{"v":2,"at":"x"}',
            '{"v":2,"at":5,"done":"~~~~"}',
            '{"v":2,"at":5,"thrown":[1]}',
            '{"v":2,"at":5,"articles":["~~~~",""]}',
            '{"v":2,"at":5,"articles":["","~~~~"]}',
            '{"v":2,"at":5,"articles":7}',
            '{"v":1,"at":5}',
        ],
    )
    def test_one_that_cannot_be_read_is_a_new_beginning(self, text: str) -> None:
        assert Progress.of(text).at == 0

    def test_it_stays_below_64_kb_and_remembers_thirty_thousand_tickets(self) -> None:
        dice = random.Random(3)
        progress = Progress()
        for ident in sorted(dice.sample(range(1_000, 200_000), 30_000)):
            progress.read(ident, 5_000, now_s=9_000)
        for ident in dice.sample(range(80_000_000_000, 80_000_200_000), 20_000):
            progress.set_article(ident, dice.randrange(1 << 24))

        text = progress.text()

        articles = Progress.of(text).articles
        assert len(text) < 64_000
        assert len(Progress.of(text).done) == 30_000
        assert len(articles) > 10_000
        assert max(articles) == max(progress.articles)
        assert len(Progress.of(text).text()) < 64_000

    def test_it_knows_more_articles_than_it_can_tell_changes_of(self) -> None:
        dice = random.Random(5)
        progress = Progress()
        for ident in dice.sample(range(80_000_000_000, 80_000_200_000), 6_000):
            progress.set_article(ident, dice.randrange(STALE))

        kept = Progress.of(progress.text()).articles

        told = {ident: value for ident, value in kept.items() if value != STALE}
        assert set(kept) == set(progress.articles)
        assert len(told) > 2_500
        assert told.items() <= progress.articles.items()
        assert min(told) > max(set(kept) - set(told))

    def test_what_does_not_fit_is_forgotten_oldest_first(self) -> None:
        dice = random.Random(4)
        progress = Progress()
        for ident in dice.sample(range(1 << 50), 20_000):
            progress.read(ident, 5_000 + dice.randrange(100), now_s=9_000)

        kept = Progress.of(progress.text())

        assert 0 < len(kept.done) < 20_000
        assert max(kept.done.values()) == max(progress.done.values())
        assert kept.done.items() <= progress.done.items()


class TestText:
    def test_pictures_are_found_in_any_writing(self) -> None:
        text = (
            '<p>a</p><IMG\nSRC="https://a/x?t=1&amp;v=2" data-id="80012226853" class="fr-fil">'
            "<img src='b.png' width=1 height='1'/><img alt=\"a > b\" src=c.png "
            'style="width: 40px; height:30px"><image src="no"><img data-src="no">'
        )

        found = list(images_in(text))

        assert [img.src for img in found] == ["https://a/x?t=1&v=2", "b.png", "c.png"]
        assert found[0].data_id == 80012226853
        assert found[1].smaller_than(32)
        assert (found[2].width, found[2].height, found[2].alt) == (40, 30, "a > b")
        assert not found[2].smaller_than(32)

    @pytest.mark.parametrize(
        "piece",
        ['<img src="', "<img src='x' a=\"", "<img ", "<img a=", "<", "<img x='y' "],
        ids=repr,
    )
    def test_broken_text_takes_no_longer_than_it_is(self, piece: str) -> None:
        text = piece * (2_000_000 // len(piece))

        began = time.process_time()
        list(images_in(text))

        assert time.process_time() - began < 10  # 0.2 s; hours when it looks back each time

    def test_data_is_decoded(self) -> None:
        png = b"\x89PNG\r\n\x1a\n" + bytes(8) + (5).to_bytes(4, "big") + (6).to_bytes(4, "big")
        packed = base64.b64encode(png).decode()

        assert data_of(f"data:image/png;base64,{packed}") == ("image/png", png)
        assert data_of(f"data:image/png;charset=x;base64,{packed[:8]}\n{packed[8:]}") == (
            "image/png", png,
        )  # fmt: skip
        assert data_of("data:image/png;base64,%%%") is None
        assert data_of("https://a") is None
        assert size_of(png) == (5, 6)

    @pytest.mark.parametrize(
        ("kind", "name", "is_one"),
        [
            ("image/jpeg", "a", True),
            ("image/png; charset=binary", "a", True),
            ("application/octet-stream", "IMG_1.HEIC", True),
            ("", "a.png", True),
            ("application/octet-stream", "png", False),
            ("application/octet-stream", "a.exe", False),
            ("application/pdf", "a.png", False),
            ("image/svg+xml", "a.svg", False),
            ("text/html", "a.jpg", False),
        ],
    )
    def test_what_a_picture_is(self, kind: str, name: str, is_one: bool) -> None:
        assert is_picture(kind, name) is is_one

    def test_a_name_leads_nowhere(self) -> None:
        assert filename_of("../../etc/passwd") == "passwd"
        assert filename_of("C:\\x\\y.png") == "y.png"
        assert filename_of("a\x00b\n.png") == "a b .png"
        assert filename_of("..") == ""


@pytest.mark.parametrize(
    ("status", "kind", "body", "is_one"),
    [
        (403, "application/json", b'{"code":"access_denied"}', True),
        (403, "text/html", b"", True),
        (403, "application/json", b'{"code":"require_feature"}', False),
        (403, "text/html", b"<h1>Blocked by a gateway</h1>", False),
        (401, "application/json", b'{"code":"invalid_credentials"}', False),
    ],
)
def test_a_refusal_of_one_thing_is_told_from_one_of_all(
    status: int, kind: str, body: bytes, is_one: bool
) -> None:
    error = bad_answer("Freshdesk", Answer(status, {"content-type": kind}, "https://x", body))

    assert isinstance(error, UpstreamRefused)
    assert only_this(error) is is_one


def test_times_of_any_offset_and_numbers_of_any_writing_are_read() -> None:
    row = {"a": "2026-05-14T18:00:16+05:30", "b": "2026-05-14T12:30:16Z", "c": "soon", "n": "12",
           "f": 12.0, "t": True, "m": -1}  # fmt: skip

    assert moment(row, "a") == moment(row, "b")
    assert second(row, "a") == second(row, "b") == 1778761816
    assert (moment(row, "c"), second(row, "c")) == (None, 0)
    assert (number(row, "n"), number(row, "f"), number(row, "t"), number(row, "m")) == (
        12, 12, None, None,
    )  # fmt: skip
