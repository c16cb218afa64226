"""What a fake Freshdesk account holds: tickets, messages, files, companies, articles.

A message's HTML names its pictures by marks (`[[inline 80012000001]]`), which become addresses
when it is sent; files are drawn when they are asked for. Times are seconds of the epoch, whole
ones, as Freshdesk has them.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from gallery_app.testing.pictures import sample_picture

_SMALLEST = 12_000
_MARK = re.compile(r"\[\[(inline|public|portal|data) (\d+)\]\]")
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}


def stamp(at: float) -> str:
    """A time as Freshdesk writes it."""
    return datetime.fromtimestamp(int(at), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class File:
    """One attachment; `content` overrides the drawn picture."""

    id: int
    name: str
    content_type: str
    created: float
    kind: str = "JPEG"
    content: bytes | None = None
    text: str = ""
    public: bool = False

    @property
    def size(self) -> int:
        """Bytes, known before they are drawn."""
        return len(self.content) if self.content is not None else _SMALLEST + self.id % 4096

    def data(self) -> bytes:
        """The bytes themselves."""
        if self.content is not None:
            return self.content
        return sample_picture(
            self.id % 1_000_003, width=360, height=270, format=self.kind, text=self.text,
            size_bytes=self.size,
        )  # fmt: skip


@dataclass(slots=True)
class Message:
    """A reply or a note of a ticket."""

    id: int
    private: bool
    incoming: bool
    body: str
    created: float
    files: list[File] = field(default_factory=list)
    structured: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Ticket:
    """One ticket; `state` is live, deleted, spam or archived."""

    id: int
    subject: str
    body: str
    created: float
    updated: float
    company: int | None = None
    requester: int = 0
    files: list[File] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    custom_fields: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    structured: list[dict[str, Any]] = field(default_factory=list)
    source: int = 1
    state: str = "live"


@dataclass(slots=True)
class Folder:
    """A folder of the knowledge base; below a category or another folder."""

    id: int
    name: str
    category: int
    parent: int | None = None
    visibility: int = 1
    companies: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Article:
    """One article in one language; translations hang on the primary one by language."""

    id: int
    title: str
    body: str
    folder: int
    created: float
    updated: float
    status: int = 2
    files: list[File] = field(default_factory=list)
    cloud_files: list[dict[str, Any]] = field(default_factory=list)
    translations: dict[str, Article] = field(default_factory=dict)


class World:
    """Everything of one account, with numbers given out in order."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.tickets: dict[int, Ticket] = {}
        self.files: dict[int, File] = {}
        self.companies: dict[int, dict[str, Any]] = {}
        self.contacts: dict[int, dict[str, Any]] = {}
        self.categories: dict[int, str] = {}
        self.folders: dict[int, Folder] = {}
        self.articles: dict[int, Article] = {}
        self.primary = "en"
        self.languages = ["de"]
        self.ticket_ids = itertools.count(1001)
        self.ids = itertools.count(80_012_000_001)

    def now(self) -> float:
        """The whole second it is."""
        return float(int(self.clock()))

    def file(
        self,
        name: str = "",
        *,
        content_type: str = "",
        kind: str = "JPEG",
        content: bytes | None = None,
        text: str = "",
        public: bool = False,
    ) -> File:
        """A new file, attached to nothing yet."""
        number = next(self.ids)
        name = name or f"photo {number % 100_000}.{EXTENSIONS[kind]}"
        claimed = content_type or f"image/{kind.lower()}"
        file = File(number, name, claimed, self.now(), kind, content, text, public)
        self.files[number] = file
        return file

    def svg_as_png(self) -> File:
        """A drawing with a script in it that calls itself a PNG."""
        return self.file("harmless.png", content_type="image/png", content=_SVG)

    def document(self) -> File:
        """A text document, which is no picture."""
        claimed = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        return self.file("report.docx", content_type=claimed, content=b"PK\x03\x04 words")

    def html(self, body: str, *, base: str, files_base: str) -> str:
        """A body as it is sent, with addresses for its marks."""

        def address(mark: re.Match[str]) -> str:
            how, number = mark[1], int(mark[2])
            if how == "data":
                packed = base64.b64encode(self.files[number].data()).decode()
                return f'<img src="data:{self.files[number].content_type};base64,{packed}">'
            if how == "inline":
                source = f"{files_base}/inline/attachment?token={token_of(number)}&amp;v=2"
            elif how == "portal":
                source = f"{base}/helpdesk/attachments/{number}"
            else:
                path = s3_path(self.files[number])
                source = f"{files_base}{path}?1649362681"
            style = 'class="inline-image" style="width: auto"'
            return f'<img src="{source}" {style} data-id="{number}">'

        return _MARK.sub(address, body)


def s3_path(file: File) -> str:
    """Where a file lies in the bucket, on the files' host."""
    return (
        f"/euc-cdn.freshdesk.com/data/helpdesk/attachments/production/{file.id}/original/"
        f"{quote(file.name)}"
    )


def token_of(number: int) -> str:
    """The token of an inline picture: a JWT whose payload names it, and never expires."""

    def part(value: object) -> str:
        packed = json.dumps(value, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    head = part({"typ": "JWT", "alg": "HS256"})
    body = part({"id": number, "domain": "acme.freshdesk.com", "account_id": 1890560})
    return f"{head}.{body}.c2lnbmF0dXJl"
