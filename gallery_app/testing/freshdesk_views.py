"""The JSON of the fake Freshdesk: what a list shows, and what only a single view shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from gallery_app.testing.freshdesk_world import Article, File, Folder, Message, Ticket, World, stamp


class Views:
    """Writes tickets, messages and articles as the API does.

    `legacy`: times with an offset and `file_size` instead of `size`, as older accounts have.
    """

    def __init__(
        self, world: World, sign: Callable[[File], str], bases: Callable[[], tuple[str, str]]
    ) -> None:
        self.world = world
        self.legacy = False
        self._sign = sign
        self._bases = bases

    def row(self, ticket: Ticket, include: str) -> dict[str, Any]:
        """A ticket as a list shows it."""
        row: dict[str, Any] = {
            "id": ticket.id, "subject": ticket.subject, "status": 2, "priority": 1,
            "source": ticket.source, "type": "Question", "spam": ticket.state == "spam",
            "company_id": ticket.company, "requester_id": ticket.requester, "responder_id": None,
            "group_id": None, "product_id": None, "tags": ticket.tags,
            "custom_fields": ticket.custom_fields, "is_escalated": False, "cc_emails": [],
            "created_at": self._time(ticket.created), "updated_at": self._time(ticket.updated),
        }  # fmt: skip
        if ticket.state == "deleted":
            row["deleted"] = True
        if "description" in include:
            row["description"] = self._html(ticket.body)
        return row

    def ticket(self, ticket: Ticket, include: set[str]) -> dict[str, Any]:
        """A ticket as its own view shows it."""
        view = self.row(ticket, "description")
        view["description_text"] = _plain(ticket.body)
        view["attachments"] = [self.file(file) for file in ticket.files]
        if ticket.structured:
            view["structured_description"] = {
                "description_contents": self._parts(ticket.structured)
            }
        if "company" in include:
            company = self.world.companies.get(ticket.company or 0)
            view["company"] = {k: company[k] for k in ("id", "name")} if company else {}
        if "requester" in include:
            person = self.world.contacts.get(ticket.requester, {})
            view["requester"] = {k: person.get(k) for k in ("id", "name", "email", "phone")}
        if "conversations" in include:
            first = ticket.messages[:10]
            view["conversations"] = [self.message(ticket, message) for message in first]
        return view

    def message(self, ticket: Ticket, message: Message) -> dict[str, Any]:
        """A reply or note."""
        view: dict[str, Any] = {
            "id": message.id, "ticket_id": ticket.id, "incoming": message.incoming,
            "private": message.private, "source": 2 if message.private else 0, "user_id": 1,
            "body": self._html(message.body), "body_text": _plain(message.body),
            "attachments": [self.file(file) for file in message.files], "from_email": None,
            "to_emails": [], "created_at": self._time(message.created),
            "updated_at": self._time(message.created), "last_edited_at": None,
        }  # fmt: skip
        if message.structured:
            view["structured_body"] = {"body_contents": self._parts(message.structured)}
        return view

    def file(self, file: File) -> dict[str, Any]:
        """An attachment, with addresses that soon expire."""
        return {
            "id": file.id,
            "name": file.name,
            "content_type": file.content_type,
            ("file_size" if self.legacy else "size"): file.size,
            "created_at": self._time(file.created),
            "updated_at": self._time(file.created),
            "attachment_url": self._sign(file),
            "thumb_url": self._sign(file).replace("/original/", "/thumb/"),
        }

    def folder(self, folder: Folder) -> dict[str, Any]:
        """A folder of the knowledge base."""
        view: dict[str, Any] = {
            "id": folder.id, "name": folder.name, "category_id": folder.category,
            "parent_folder_id": folder.parent, "visibility": folder.visibility,
        }  # fmt: skip
        if folder.visibility == 4:
            view["company_ids"] = folder.companies
        return view

    def article(self, article: Article, *, listed: bool = False) -> dict[str, Any]:
        """An article in one language; only its own view has attachments."""
        folder = self.world.folders[article.folder]
        view: dict[str, Any] = {
            "id": article.id, "type": 1, "category_id": folder.category, "folder_id": folder.id,
            "title": article.title, "status": article.status, "agent_id": 2, "tags": ["rma"],
            "seo_data": {"meta_title": article.title, "meta_keywords": "a, b"}, "hits": 0,
            "description": self._html(article.body), "description_text": _plain(article.body),
            "created_at": self._time(article.created), "updated_at": self._time(article.updated),
        }  # fmt: skip
        if not listed:
            view["attachments"] = [self.file(file) for file in article.files]
            view["cloud_files"] = article.cloud_files
        return view

    def _parts(self, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Parts of a chat; a file's number becomes an address."""
        sent = []
        for part in parts:
            data = dict(part["data"])
            if isinstance(data.get("file"), int):
                file = self.world.files[data.pop("file")]
                data.update(
                    url=self._sign(file), name=file.name, content_type=file.content_type,
                    attachment_id=file.id, size=file.size,
                )  # fmt: skip
            sent.append({"type": part["type"], "data": data})
        return sent

    def _html(self, body: str) -> str:
        base, files_base = self._bases()
        return self.world.html(body, base=base, files_base=files_base)

    def _time(self, at: float) -> str:
        if not self.legacy:
            return stamp(at)
        return stamp(at + 19_800).replace("Z", "+05:30")


def _plain(body: str) -> str:
    return re.sub(r"<[^>]*>|\[\[[^\]]*\]\]", " ", body).strip()
