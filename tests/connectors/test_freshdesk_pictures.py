"""What counts as a picture of a ticket or an article, whose it is, and who may see it."""

from __future__ import annotations

import base64

import pytest

from gallery_app.domain.errors import Upstream
from gallery_app.domain.remote import RemoteImage
from tests.connectors.freshdesk_desk import Desk, desk


def _inline(claims: bytes) -> str:
    token = base64.urlsafe_b64encode(claims).decode().rstrip("=")
    return f"https://acme.freshdesk.com/inline/attachment?token=x.{token}.x"


# What a customer may write into a mail. None of it may stop an account's sync.
BROKEN = [
    "https://[bad",
    "http://[::1/x.png",
    "https://\u2100x.freshdesk.com/a.png",
    "https://acme.freshdesk.com:99999/a.png",
    "https://xn--/a.png",
    f"https://acme.freshdesk.com/production/{'9' * 5000}/a.png",
    f"https://acme.freshdesk.com/{'a' * 70_000}.png",
    f"https://acme.freshdesk.com/a.png?{'1' * 5000}",
    _inline(b'{"id":1e999}'),
    _inline(b'{"id":-1}'),
    _inline(b"[" * 5000),
]


def _of(made: Desk, parent: str) -> dict[str, RemoteImage]:
    return {key: image for key, image in made.ledger.rows.items() if image.parent == parent}


def _settled(made: Desk, *, walk: bool = False) -> None:
    made.clock.move(60)
    made.sync(walk=walk)


def test_three_pictures_and_a_document_are_three_pictures() -> None:
    with desk() as made:
        ticket = made.fake.add_ticket(pictures=0)
        files = [made.fake.attach(ticket.id, made.fake.world.file()) for _ in range(3)]
        made.fake.attach(ticket.id, made.fake.world.document())
        _settled(made)

        found = _of(made, f"ticket/{ticket.id}")

        assert set(found) == {f"ticket/{ticket.id}/file/{file.id}" for file in files}
        first = found[f"ticket/{ticket.id}/file/{files[0].id}"]
        assert (first.filename, first.size_bytes) == (files[0].name, files[0].size)
        assert first.page == f"{made.fake.url}/a/tickets/{ticket.id}"
        assert first.created_at == made.ledger.rows[first.key].modified_at


def test_a_picture_quoted_in_every_reply_is_one_picture() -> None:
    with desk() as made:
        file = made.fake.world.file()
        ticket = made.fake.add_ticket(pictures=0, body=f"<div>[[inline {file.id}]]</div>")
        for _ in range(12):
            made.fake.reply(
                ticket.id,
                f'<blockquote class="freshdesk_quote">[[inline {file.id}]]</blockquote>',
            )
        _settled(made)

        assert set(made.ledger.rows) == {f"ticket/{ticket.id}/file/{file.id}"}


def test_conversations_are_read_to_their_last_page() -> None:
    with desk() as made:
        ticket = made.fake.add_ticket(pictures=0)
        for _ in range(230):
            made.fake.reply(ticket.id)
        file = made.fake.attach(ticket.id, made.fake.world.file(), private=False)
        _settled(made)

        assert set(made.ledger.rows) == {f"ticket/{ticket.id}/file/{file.id}"}
        assert made.fake.counts["conversations"] == 3


class TestPrivacy:
    def test_pictures_of_private_notes_are_private(self) -> None:
        with desk() as made:
            ticket = made.fake.add_ticket(pictures=0)
            secret = made.fake.attach(ticket.id, made.fake.world.file(), private=True)
            shown = made.fake.attach(ticket.id, made.fake.world.file(), private=False)
            _settled(made)

            found = _of(made, f"ticket/{ticket.id}")

            assert found[f"ticket/{ticket.id}/file/{secret.id}"].private
            assert "note" in found[f"ticket/{ticket.id}/file/{secret.id}"].visibility
            assert not found[f"ticket/{ticket.id}/file/{shown.id}"].private

    def test_a_picture_that_customers_see_elsewhere_is_not_private(self) -> None:
        with desk() as made:
            file = made.fake.world.file()
            ticket = made.fake.add_ticket(pictures=0)
            body = f"<div>4006381333931 [[inline {file.id}]]</div>"
            made.fake.reply(ticket.id, body, private=True)
            made.fake.reply(ticket.id, f"<div>[[inline {file.id}]]</div>")
            _settled(made)

            (image,) = made.ledger.rows.values()

            assert not image.private
            assert "customer" in image.visibility
            assert not [ref for ref in image.entities if ref.type == "product"]

    @pytest.mark.parametrize("told", ["before", "after"])
    def test_a_customer_who_names_a_private_pictures_number_does_not_open_it(
        self, told: str
    ) -> None:
        with desk() as made:
            file = made.fake.world.file()
            forged = f'<img src="https://forged.freshdesk.com/a.png" data-id="{file.id}">'
            ticket = made.fake.add_ticket(pictures=0, body=forged if told == "before" else "")
            made.fake.attach(ticket.id, file, private=True)
            if told == "after":
                made.fake.reply(ticket.id, forged)
            _settled(made)

            found = _of(made, f"ticket/{ticket.id}")

            secret = found.pop(f"ticket/{ticket.id}/file/{file.id}")
            assert secret.private
            assert secret.filename == file.name
            (claimed,) = found.values()
            assert not claimed.private
            assert "/inline/" in claimed.key

    def test_a_code_in_a_private_note_stays_with_its_own_pictures(self) -> None:
        with desk() as made:
            ticket = made.fake.add_ticket(pictures=1)
            file = made.fake.world.file()
            made.fake.reply(ticket.id, "<p>EAN 4006381333931</p>", files=[file], private=True)
            _settled(made)

            products = {
                image.private: [ref.id for ref in image.entities if ref.type == "product"]
                for image in made.ledger.rows.values()
            }

            assert products == {True: ["04006381333931"], False: []}


class TestBelonging:
    def test_a_picture_belongs_to_ticket_company_requester_and_product(self) -> None:
        with desk(tickets=3, pictures=0) as made:
            company = next(iter(made.fake.world.companies.values()))
            person = next(iter(made.fake.world.contacts.values()))
            ticket = made.fake.add_ticket(
                "Cracked <b>display</b>",
                company=company["id"],
                requester=person["id"],
                body="<p>3017620422003</p>",
                custom_fields={"cf_ean": "4006381333931", "cf_code": 5449000000996, "cf_x": None},
            )
            _settled(made)

            (image,) = _of(made, f"ticket/{ticket.id}").values()

            assert [(ref.type, ref.id, ref.name) for ref in image.entities] == [
                ("ticket", str(ticket.id), "Cracked <b>display</b>"),
                ("company", str(company["id"]), company["name"]),
                ("requester", str(person["id"]), person["name"]),
                ("product", "04006381333931", ""),
                ("product", "05449000000996", ""),
                ("product", "03017620422003", ""),
            ]
            assert image.entities[0].url == image.page

    def test_a_company_that_changes_is_told_with_the_tickets_next_change(self) -> None:
        with desk(tickets=1, pictures=1) as made:
            made.sync()
            companies = list(made.fake.world.companies)
            made.clock.move(60)
            made.fake.change(1001, company=companies[5])
            _settled(made)

            (image,) = made.ledger.rows.values()

            assert [r.id for r in image.entities if r.type == "company"] == [str(companies[5])]


class TestForms:
    def test_a_web_chat_keeps_its_pictures_in_parts(self) -> None:
        with desk() as made:
            world = made.fake.world
            first, second, third = world.file(), world.file(), world.file()
            parts = [
                {"type": "text", "data": {"content": f"<p>[[x]]</p>see {third.id}"}},
                {"type": "image", "data": {"file": first.id}},
                {"type": "attachment", "data": {"file": world.document().id}},
                {"type": "image", "data": {"url": "http://169.254.169.254/x.png", "name": "x.png"}},
            ]
            ticket = made.fake.add_ticket(pictures=0, structured=parts, source=15)
            made.fake.reply(
                ticket.id, structured=[{"type": "image", "data": {"file": second.id}}], private=True
            )
            _settled(made)

            found = _of(made, f"ticket/{ticket.id}")

            assert {key.rpartition("/")[2]: image.private for key, image in found.items()} == {
                str(first.id): False,
                str(second.id): True,
            }

    def test_tiny_foreign_and_unconverted_pictures_are_counted_not_listed(self) -> None:
        with desk() as made:
            body = (
                '<img src="https://pixel.mailer.example/o.gif" width="1" height="1">'
                '<img src="https://cdn.mailer.example/logo.png"><img src="cid:a@b">'
                '<img src="data:text/html;base64,PGI+"><img src="/relative.png">'
                '<img src="https://s3.amazonaws.com/cdn.freshdesk.com/x.png">'
            )
            made.fake.add_ticket(pictures=0, body=body)
            made.clock.move(60)

            batches = list(made.connect().changes(""))

            assert not [image for batch in batches for image in batch.seen]
            told = dict(batches[-1].progress)
            assert told["tiny pictures"] == 1
            assert told["pictures elsewhere in the web"] == 2
            assert told["mail pictures that Freshdesk never converted"] == 1

    def test_foreign_pictures_are_listed_when_they_are_wanted(self) -> None:
        with desk({"foreign": "1"}) as made:
            made.fake.add_ticket(pictures=0, body='<img src="https://cdn.mailer.example/logo.png">')
            _settled(made)

            (key,) = made.ledger.rows

            assert "/web/" in key
            assert made.ledger.rows[key].filename == "logo.png"

    @pytest.mark.parametrize("foreign", ["0", "1"], ids=["Freshdesk's own", "from anywhere"])
    def test_addresses_that_are_none_cost_the_ticket_nothing_else(self, foreign: str) -> None:
        with desk({"foreign": foreign}) as made:
            body = "".join(f'<img src="{src}">' for src in BROKEN)
            parts = [{"type": "image", "data": {"url": src, "name": "x.png"}} for src in BROKEN]
            ticket = made.fake.add_ticket(pictures=1, body=body, structured=parts)
            good = made.fake.attach(ticket.id, made.fake.world.file())
            _settled(made)

            assert f"ticket/{ticket.id}/file/{good.id}" in made.ledger.rows
            assert all(len(key) < 100 for key in made.ledger.rows)

    def test_hostile_rows_break_nothing(self) -> None:
        with desk() as made:
            ticket = made.fake.add_ticket(
                "<script>alert(1)</script>\n\x00", pictures=1, custom_fields={"a": ["x"], "b": {}}
            )
            file = made.fake.world.file("../../../etc/passwd.png")
            made.fake.attach(ticket.id, file)
            made.fake.attach(ticket.id, made.fake.world.svg_as_png())
            odd = made.fake.world.file(content_type="image/x\n" + "y" * 9000)
            made.fake.attach(ticket.id, odd)
            _settled(made)

            names = {image.filename for image in made.ledger.rows.values()}
            claimed = made.ledger.rows[f"ticket/{ticket.id}/file/{odd.id}"].content_type

            assert "passwd.png" in names
            assert claimed == "image/x " + "y" * 92
            assert all("/" not in name for name in names)
            assert (
                made.ledger.entities["ticket", str(ticket.id)].name == "<script>alert(1)</script>"
            )


@pytest.mark.parametrize("answer", [{}, {"id": 7, "subject": "Another one"}, {"errors": []}])
def test_a_view_that_is_not_the_tickets_own_loses_nothing(
    answer: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk() as made:
        ticket = made.fake.add_ticket(pictures=2)
        _settled(made)
        kept = set(made.ledger.rows)
        connector = made.connect()
        monkeypatch.setattr(connector.api, "one", lambda path, cost=1: answer)

        with pytest.raises(Upstream):
            list(connector.read(f"ticket/{ticket.id}"))

        assert len(kept) == 2


def test_a_trash_that_lists_live_tickets_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    with desk() as made:
        made.fake.add_ticket(pictures=1)
        thrown = made.fake.add_ticket(pictures=1)
        _settled(made)
        made.fake.delete(thrown.id)
        made.clock.move(60)
        connector = made.connect()
        tickets = connector.api.tickets
        monkeypatch.setattr(connector.api, "tickets", lambda since, which="": tickets(since))

        made.sync(connector, walk=True)

        assert not made.ledger.removed
