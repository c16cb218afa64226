"""Freshdesk's case: 24 tickets with 60 pictures, and 4 articles."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from gallery_app.connectors.freshdesk import KIND
from gallery_app.domain.remote import RemoteConfig
from gallery_app.testing.faults import Faults
from gallery_app.testing.freshdesk import FakeFreshdesk, PictureIn
from tests.contracts.case import Case, Clock


def key_of(picture: PictureIn) -> str:
    if picture.place != "data":
        return f"ticket/{picture.ticket}/file/{picture.file.id}"
    digest = hashlib.sha256(picture.file.data()).hexdigest()[:32]
    return f"ticket/{picture.ticket}/data/{digest}"


def article_keys(fake: FakeFreshdesk) -> set[str]:
    keys = set()
    for article in fake.world.articles.values():
        versions = [("", article), *((f"/{lang}", a) for lang, a in article.translations.items())]
        for lang, told in versions:
            files = [file.id for file in told.files]
            inline = [int(n) for n in re.findall(r"\[\[\w+ (\d+)\]\]", told.body)]
            keys |= {f"article/{article.id}{lang}/file/{ident}" for ident in files + inline}
    return keys


@contextmanager
def make_case() -> Iterator[Case]:
    clock, faults = Clock(), Faults()
    fake = FakeFreshdesk(
        tickets=24, pictures=60, articles=4, faults=faults, clock=clock.seconds
    ).serve()

    def add_one() -> str:
        clock.move(60)
        ticket = fake.add_ticket(pictures=1)
        clock.move(60)
        return f"ticket/{ticket.id}/file/{ticket.files[0].id}"

    def remove_one() -> str:
        clock.move(60)
        ticket = next(t for t in fake.world.tickets.values() if len(t.files) == 1)
        key = f"ticket/{ticket.id}/file/{ticket.files[0].id}"
        fake.change(ticket.id, files=[])
        clock.move(60)
        return key

    def bytes_of(key: str) -> bytes:
        kind, _, tail = key.rpartition("/")
        if kind.endswith("/file"):
            return fake.world.files[int(tail)].data()
        return next(p.file.data() for p in fake.pictures() if key_of(p) == key)

    case = Case(
        kind=KIND,
        config=RemoteConfig(fake.url, fake.key),
        clock=clock,
        expected=lambda: {key_of(p) for p in fake.pictures()} | article_keys(fake),
        bytes_of=bytes_of,
        add_one=add_one,
        remove_one=remove_one,
        break_with=faults.always,
        unknown="ticket/999999/file/1",
        leaks=lambda: fake.bucket.leaks,
    )
    try:
        yield case
    finally:
        case.close()
        fake.close()
