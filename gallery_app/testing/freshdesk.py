"""A strict stand-in for a Freshdesk account: API v2 on one port, pictures on another.

    with FakeFreshdesk(tickets=20, pictures=60) as fake:
        connect(fake.url, fake.key)
        fake.add_ticket(pictures=3)

Tests change it while it runs, count what was asked (`fake.counts["ticket"]`) and let answers go
wrong (`Faults`). Rules and traps are told in `freshdesk_api.py` and `freshdesk_files.py`.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.routing import Route

from gallery_app.testing.faults import COMMON, Faults
from gallery_app.testing.freshdesk_api import routes
from gallery_app.testing.freshdesk_files import Bucket
from gallery_app.testing.freshdesk_gate import Gate
from gallery_app.testing.freshdesk_seed import add_article, fill, place_picture
from gallery_app.testing.freshdesk_views import Views
from gallery_app.testing.freshdesk_world import Article, File, Message, Ticket, World
from gallery_app.testing.server import Served

KEY = "fd-demo-key-0123456789"


class PictureIn(NamedTuple):
    """One picture of a ticket: `place` is file, inline or data."""

    ticket: int
    file: File
    place: str
    private: bool


class FakeFreshdesk:
    """One account. `with` serves it; `serve()` and `close()` do the same by hand.

    Args:
        tickets: made up from the seed, the newest updated just now.
        pictures: spread over them, exactly so many.
        articles: of the knowledge base.
        seed: of everything made up.
        faults: what goes wrong.
        clock: seconds of the epoch; everything (expiry, budget, 30 days) goes by it.
        key: the API key.
        per_minute: credits of a minute; None: without limit.
        lists_per_minute: ticket lists of a minute.
        max_page: of ticket lists; 300 in the real one.
        url_life_s: how long a picture's address works.
    """

    def __init__(
        self,
        *,
        tickets: int = 20,
        pictures: int = 60,
        articles: int = 0,
        seed: int = 0,
        faults: Faults | None = None,
        clock: Callable[[], float] = time.time,
        key: str = KEY,
        per_minute: int | None = None,
        lists_per_minute: int | None = None,
        max_page: int = 300,
        url_life_s: int = 300,
    ) -> None:
        self.key = key
        self.clock = clock
        self.faults = faults or Faults()
        self.max_page = max_page
        self.ticket_scope = 1
        self.see_companies = True
        self.circle = False  # the list's next page is always its first
        self.link_host = ""  # where the next page is said to be, instead of here
        self.world = World(clock)
        fill(self.world, tickets=tickets, pictures=pictures, articles=articles, seed=seed)
        self.gate = Gate(key, clock, per_minute, lists_per_minute)
        self.bucket = Bucket(self.world, lambda: self.files_url, life_s=url_life_s)
        self.views = Views(self.world, self.bucket.sign, lambda: (self.url, self.files_url))
        self._turn = random.Random(seed)  # noqa: S311 - a made-up account
        self._served: list[Served] = []
        portal = Route("/helpdesk/attachments/{id:int}", self.bucket.portal)
        self.app = self.faults.around(Starlette(routes=[*routes(self), portal]))
        self.files_app = self.faults.around(
            Starlette(routes=self.bucket.routes()), kinds=(*COMMON, "expired")
        )

    # --- serving ----------------------------------------------------------------------------

    def serve(self, *, port: int = 0, files_port: int = 0) -> FakeFreshdesk:
        """Listen on two ports of 127.0.0.1.

        Raises:
            OSError: one of them is taken; `close` and try others.
        """
        for app, wanted in ((self.app, port), (self.files_app, files_port)):
            self._served.append(Served(app, port=wanted))  # one by one: the second may fail
        return self

    def close(self) -> None:
        """Stop listening."""
        while self._served:
            self._served.pop().close()

    def __enter__(self) -> FakeFreshdesk:
        return self.serve()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where the account is: what a person would type as its address."""
        return self._served[0].url if self._served else "http://127.0.0.1:1"

    @property
    def files_url(self) -> str:
        """Where its pictures are."""
        return self._served[1].url if len(self._served) > 1 else "http://127.0.0.1:2"

    # --- what was asked ---------------------------------------------------------------------

    @property
    def counts(self) -> Counter[str]:
        """Requests by route: tickets, deleted, spam, ticket, conversations, article..."""
        return self.gate.counts

    @property
    def calls(self) -> list[str]:
        """Every request's path and query, in order."""
        return self.gate.calls

    def forget_counts(self) -> None:
        """Begin counting anew."""
        self.gate.counts.clear()
        self.gate.calls.clear()
        self.gate.credits = 0

    def revoke_key(self) -> None:
        """From now on every request is answered with 401."""
        self.gate.key = "another key"

    # --- what it holds ----------------------------------------------------------------------

    def pictures(self, *, states: Iterable[str] = ("live", "archived")) -> list[PictureIn]:
        """Every picture that tickets hold, each once a ticket, by the place it is first in."""
        found: dict[tuple[int, int], PictureIn] = {}
        wanted = set(states)
        for ticket in self.world.tickets.values():
            if ticket.state not in wanted:
                continue
            parts: list[Ticket | Message] = [ticket, *ticket.messages]
            for part in parts:
                private = isinstance(part, Message) and part.private
                for picture in self._of(ticket, part, private=private):
                    key = (ticket.id, picture.file.id)
                    first = found.setdefault(key, picture)
                    if first.private and not private:
                        found[key] = first._replace(private=False)
        return list(found.values())

    def _of(self, ticket: Ticket, part: Ticket | Message, *, private: bool) -> list[PictureIn]:
        files = [
            PictureIn(ticket.id, file, "file", private)
            for file in part.files
            if file.kind in {"JPEG", "PNG"} and "document" not in file.content_type
        ]
        marks = re.findall(r"\[\[(inline|data|portal) (\d+)\]\]", part.body)
        inline = [
            PictureIn(ticket.id, self.world.files[int(number)],
                      "data" if how == "data" else "inline", private)
            for how, number in marks
        ]  # fmt: skip
        chat = [
            PictureIn(ticket.id, self.world.files[part_["data"]["file"]], "file", private)
            for part_ in part.structured
            if "file" in part_["data"]
        ]
        return files + inline + chat

    def add_ticket(
        self, subject: str = "A new ticket", *, pictures: int = 1, body: str = "", **fields: Any
    ) -> Ticket:
        """A ticket created now; `fields` are those of `Ticket`."""
        now = self.world.now()
        people = list(self.world.contacts.values())
        requester = self._turn.choice(people)["id"] if people else 0
        number = fields.pop("id", None) or next(self.world.ticket_ids)
        given = {"requester": requester, "created": now, "updated": now, **fields}
        ticket = Ticket(id=number, subject=subject, body=body or "<div>Hello.</div>", **given)
        for turn in range(pictures):
            place_picture(self.world, ticket, turn)
        self.world.tickets[ticket.id] = ticket
        return ticket

    def add_picture(self, ticket_id: int, turn: int = 0) -> File:
        """One more picture in a ticket, whose time moves on."""
        ticket = self.change(ticket_id)
        return self.world.files[place_picture(self.world, ticket, turn)]

    def attach(self, ticket_id: int, file: File, *, private: bool | None = None) -> File:
        """That file on a ticket, or on a new reply or private note of it."""
        ticket = self.change(ticket_id)
        if private is None:
            ticket.files.append(file)
        else:
            self.reply(ticket_id, files=[file], private=private)
        return file

    def reply(
        self,
        ticket_id: int,
        body: str = "<div>An answer.</div>",
        *,
        files: list[File] | None = None,
        private: bool = False,
        structured: list[dict[str, Any]] | None = None,
    ) -> Message:
        """A reply or private note, made now."""
        ticket = self.change(ticket_id)
        message = Message(
            next(self.world.ids), private, not private, body, self.world.now(), files or [],
            structured or [],
        )  # fmt: skip
        ticket.messages.append(message)
        return message

    def change(self, ticket_id: int, **fields: Any) -> Ticket:
        """Set fields of a ticket; its time of update is now."""
        ticket = self.world.tickets[ticket_id]
        for name, value in {"updated": self.world.now(), **fields}.items():
            setattr(ticket, name, value)
        return ticket

    def bulk_update(self, ticket_ids: Iterable[int]) -> None:
        """Change many within the same second."""
        now = self.world.now()
        for number in ticket_ids:
            self.change(number, updated=now)

    def delete(self, ticket_id: int) -> None:
        """Into the trash."""
        self.change(ticket_id, state="deleted")

    def restore(self, ticket_id: int) -> None:
        """Out of the trash, spam or archive."""
        self.change(ticket_id, state="live")

    def spam(self, ticket_id: int) -> None:
        """Marked as spam."""
        self.change(ticket_id, state="spam")

    def archive(self, ticket_id: int) -> None:
        """Gone from lists and views; to be had from the archive alone. Its time stays."""
        self.world.tickets[ticket_id].state = "archived"

    def remove(self, ticket_id: int) -> None:
        """Gone for ever, from everywhere."""
        del self.world.tickets[ticket_id]

    def add_article(self, title: str, folder: int | None = None, *, turn: int = 0) -> Article:
        """An article with an attachment and an inline picture."""
        return add_article(self.world, title, folder or next(iter(self.world.folders)), turn)

    def remove_article(self, article_id: int) -> None:
        """No such article any more."""
        del self.world.articles[article_id]
