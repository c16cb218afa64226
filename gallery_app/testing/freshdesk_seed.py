"""A believable account from a few numbers: so many tickets, so many pictures, some articles.

Pictures are spread over all the places where Freshdesk puts them: attachments, inline pictures,
replies, private notes, data in the text, and a PNG that calls itself a stream of octets. The
number of pictures is exact; documents, tracking pixels and quoted copies come on top.
"""

from __future__ import annotations

import random

from gallery_app.testing.freshdesk_world import Article, Folder, Message, Ticket, World

SUBJECTS = (
    "Display cracked after delivery", "Bottle leaks at the cap", "Wrong colour delivered",
    "Zip of the jacket is broken", "Label does not match the content", "Parcel arrived open",
    "Pen does not write", "Strange noise from the washing machine", "Missing screws",
    "Lamp flickers", "Stain on the sofa", "Charger gets hot",
)  # fmt: skip
COMPANIES = (
    "Super Nova Retail", "Nordlicht Handels GmbH", "Café Zentral", "Müller & Söhne", "Blue Harbour",
    "Kiwi Sports", "Alpen Apotheke", "Océan Mode",
)  # fmt: skip
PEOPLE = (
    "Ada Berg", "Jonas Weiß", "Mia Novak", "Léa Martin", "Tom Okafor", "Ines Duarte", "Kenji Mori",
    "Sara Lind", "Paul Kamau", "Eva Horvat",
)  # fmt: skip
EANS = ("4006381333931", "3017620422003", "5449000000996", "5000159407236", "8076800105735")
PIXEL = '<img src="https://pixel.mailer.example/open.gif?u=1" width="1" height="1">'
STEP_S = 400.0


def fill(world: World, *, tickets: int, pictures: int, articles: int, seed: int) -> None:
    """Put that much into an empty account."""
    dice = random.Random(seed)  # noqa: S311 - a made-up account
    _people(world)
    for index in range(tickets):
        share = pictures // tickets + (1 if index < pictures % tickets else 0)
        _ticket(world, dice, index, share, at=world.now() - (tickets - index) * STEP_S)
    if articles:
        _knowledge(world, articles)


def _people(world: World) -> None:
    companies = []
    for name in COMPANIES:
        number = next(world.ids)
        companies.append(number)
        world.companies[number] = {
            "id": number, "name": name, "domains": [], "description": None, "custom_fields": {},
        }  # fmt: skip
    for index, name in enumerate(PEOPLE):
        number = next(world.ids)
        world.contacts[number] = {
            "id": number, "name": name, "active": True, "phone": None, "mobile": None,
            "email": f"{name.split()[0].lower()}@example.test",
            "company_id": companies[index % len(companies)] if index % 5 else None,
        }  # fmt: skip


def _ticket(world: World, dice: random.Random, index: int, pictures: int, *, at: float) -> None:
    contact = dice.choice(list(world.contacts.values()))
    ean = EANS[index % len(EANS)]
    ticket = Ticket(
        id=next(world.ticket_ids),
        subject=SUBJECTS[index % len(SUBJECTS)],
        body="<div>Please see the pictures.</div>",
        created=at,
        updated=at,
        company=contact["company_id"],
        requester=contact["id"],
        tags=["rma"] if index % 3 == 0 else [],
        custom_fields={"cf_ean": ean if index % 4 == 0 else None, "cf_channel": "shop"},
    )
    if index % 4 == 1:
        ticket.body = f"<div>The code below the bars is {ean}.</div>"
    if index % 10 == 3:
        ticket.files.append(world.document())
    if index % 7 == 2:
        ticket.body += PIXEL + '<img src="cid:part1.0607@example.test">'
    world.tickets[ticket.id] = ticket
    for number in range(pictures):
        place_picture(world, ticket, index + number)
    if index % 5 == 4:
        quoted = f'<blockquote class="freshdesk_quote">{ticket.body}</blockquote>'
        ticket.messages.append(_message(world, ticket, quoted))


def place_picture(world: World, ticket: Ticket, turn: int) -> int:
    """One more picture somewhere in a ticket; the place follows from `turn`. Answers its id."""
    place = turn % 8
    text = f"{ticket.id} {'abcdefgh'[place]}"
    if place in {0, 3}:
        file = world.file(text=text)
        ticket.files.append(file)
    elif place == 1:
        file = world.file(kind="PNG", text=text)
        ticket.body += f"<div>See [[inline {file.id}]]</div>"
    elif place == 2:
        file = world.file(text=text)
        ticket.messages.append(_message(world, ticket, "<div>Here it is.</div>"))
        ticket.messages[-1].files.append(file)
    elif place == 4:
        file = world.file(text=text)
        body = f"<div>For us only: [[inline {file.id}]]</div>"
        ticket.messages.append(_message(world, ticket, body, private=True))
    elif place == 5:
        file = world.file(
            "scan.PNG", kind="PNG", content_type="application/octet-stream", text=text
        )
        ticket.files.append(file)
    elif place == 6:
        file = world.file(text=text)
        ticket.body += f"<div>[[data {file.id}]]</div>"
    else:
        file = world.file(text=text)
        ticket.messages.append(_message(world, ticket, f"<div>[[inline {file.id}]]</div>"))
    return file.id


def _message(world: World, ticket: Ticket, body: str, *, private: bool = False) -> Message:
    return Message(
        id=next(world.ids),
        private=private,
        incoming=not private,
        body=body,
        created=ticket.created,
    )


def _knowledge(world: World, articles: int) -> None:
    devices, home = next(world.ids), next(world.ids)
    world.categories = {devices: "Devices", home: "Household"}
    company = next(iter(world.companies))
    places = [
        Folder(next(world.ids), "Phones", devices),
        Folder(next(world.ids), "For our partners", devices, None, 4, [company]),
        Folder(next(world.ids), "For the team", home, None, 3),
    ]
    places.append(Folder(next(world.ids), "Old phones", devices, parent=places[0].id))
    world.folders = {folder.id: folder for folder in places}
    for index in range(articles):
        add_article(world, f"How to clean it, part {index + 1}", places[index % 4].id, index)


def add_article(world: World, title: str, folder: int, turn: int = 0) -> Article:
    """An article with one attachment and one picture in its text; each second one in German."""
    now = world.now()
    inline = world.file(public=True, text=title[:20])
    article = Article(
        id=next(world.ids),
        title=title,
        body=f"<p>Look: [[public {inline.id}]]</p>",
        folder=folder,
        created=now,
        updated=now,
        status=1 if turn % 6 == 5 else 2,
        files=[world.file(kind="PNG", text="attached")],
        cloud_files=[{"name": "plan.pdf", "url": "https://drive.example/plan", "size": 99}],
    )
    if turn % 2 == 0:
        german = world.file(public=True, text="auf Deutsch")
        body = f"<p>Hier: [[public {german.id}]]</p>"
        article.translations["de"] = Article(
            article.id, f"{title} (deutsch)", body, folder, now, now, article.status
        )
    world.articles[article.id] = article
    return article
