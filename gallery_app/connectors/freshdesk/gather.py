"""What pictures a ticket or an article holds, each once, and where its bytes are to be had.

Attachments and inline pictures share Freshdesk's numbers, so a picture that every reply quotes
is one picture. One that stands in a private note **and** elsewhere is not private.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import unquote

from gallery_app.connectors.freshdesk.address import Hosts, file_number, parts_of, version_of
from gallery_app.connectors.freshdesk.fields import (
    Row,
    inner,
    inner_rows,
    moment,
    number,
    one_line,
    text,
)
from gallery_app.connectors.freshdesk.html import Img, data_of, images_in, size_of
from gallery_app.connectors.freshdesk.options import Options
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.remote import RemoteImage

_EXTENSIONS = frozenset(
    "jpg jpeg jpe jfif png gif webp bmp tif tiff heic heif hif avif mpo apng".split()
)
_NO_TYPE = {"", "application/octet-stream", "binary/octet-stream", "application/x-download"}
_DRAWINGS = {"image/svg+xml"}  # never shown, see imaging
_LONGEST_TYPE = 100  # characters of a content type: senders of mail write them
_MOST = 5000  # pictures of one ticket


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture's bytes are: at an address, or in the text itself.

    `foreign`: on a host that is not Freshdesk's.
    """

    url: str = field(default="", repr=False)
    data: bytes | None = field(default=None, repr=False)
    size_bytes: int | None = None
    content_type: str = ""
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One message: who may see its pictures, and when it was written."""

    at: datetime | None
    private: bool = False
    visibility: str = ""
    by_agents: bool = False
    entities: tuple[EntityRef, ...] = ()


@dataclass(slots=True)
class Gather:
    """Collects the pictures of one parent.

    `passed_over` counts what is no picture of ours, by plain words.
    """

    parent: str
    page: str
    options: Options
    hosts: Hosts
    images: dict[str, RemoteImage] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    passed_over: dict[str, int] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)  # keys that Freshdesk itself told, not a text

    def attachments(self, row: Row, part: Part) -> None:
        """Those of a ticket, a message or an article."""
        for found in inner_rows(row, "attachments"):
            self._file(found, part)

    def _file(self, row: Row, part: Part) -> None:
        ident = number(row, "id", "attachment_id")
        url = text(row, "attachment_url", "url", "content_url", "image_url")
        name = text(row, "name", "file_name", "filename")
        kind = one_line(text(row, "content_type"), _LONGEST_TYPE).lower()
        if ident is None and url:
            ident = file_number(url)
        if ident is None or not is_picture(kind, name):
            self._pass("files that are no pictures")
            return
        size = number(row, "size", "file_size")
        created = moment(row, "created_at") or part.at
        image = RemoteImage(
            key=f"{self.parent}/file/{ident}",
            filename=filename_of(name) or f"file-{ident}",
            content_type=kind or None,
            size_bytes=size,
            created_at=created,
            modified_at=moment(row, "updated_at") or created,
        )
        known = self.images.get(image.key)
        if known is not None and part.private and not known.private:
            self._set_apart(known)
        self._add(image, Place(url=url, size_bytes=size, content_type=kind), part)
        self.listed.add(image.key)

    def html(self, body: str, part: Part) -> None:
        """Those in a text."""
        for img in images_in(body):
            if len(self.images) >= _MOST:
                self._pass("pictures beyond the most a ticket may have")
                return
            if img.smaller_than(self.options.min_px):
                self._pass("tiny pictures")
            else:
                self._img(img, part)

    def _img(self, img: Img, part: Part) -> None:
        scheme = img.src[:5].lower()
        if scheme == "data:":
            self._data(img, part)
        elif scheme.startswith("cid:"):
            self._pass("mail pictures that Freshdesk never converted")
        elif not scheme.startswith("http") or parts_of(img.src) is None:
            self._pass("pictures without an address")
        elif self.hosts.in_text(img.src, by_agents=part.by_agents):
            self._inline(img, part)
        elif self.options.foreign:
            self._foreign(img, part)
        else:
            self._pass("pictures elsewhere in the web")

    def _inline(self, img: Img, part: Part) -> None:
        ident = file_number(img.src) or img.data_id
        key, name = f"{self.parent}/file/{ident}", _last(img.src) or f"inline-{ident}"
        known = None if ident is None else self.images.get(key)
        if known is not None and known.private != part.private and self._is_claim(key, img.src):
            if known.private:
                ident = None
            else:
                self._set_apart(known)
        if ident is None:
            told = _told(img.src)
            key, name = f"{self.parent}/inline/{told}", _last(img.src) or f"inline-{told[:8]}"
        image = RemoteImage(
            key=key,
            filename=name,
            created_at=part.at,
            modified_at=part.at,
            version=version_of(img.src),
        )
        self._add(image, Place(url=img.src), part)

    def _is_claim(self, key: str, src: str) -> bool:
        """Whether a text names a number that is another one's: customers write texts.

        A text cannot open what is private but by the very address that it is read from.
        """
        return self.places[key].url != src and (key not in self.listed or self.images[key].private)

    def _set_apart(self, claimed: RemoteImage) -> None:
        """Give a number back that a text alone claimed; its picture is told by its address."""
        if claimed.key in self.listed:
            return
        place = self.places.pop(claimed.key)
        del self.images[claimed.key]
        key = f"{self.parent}/inline/{_told(place.url)}"
        self.images[key], self.places[key] = replace(claimed, key=key), place

    def _foreign(self, img: Img, part: Part) -> None:
        told = _told(img.src)
        image = RemoteImage(
            key=f"{self.parent}/web/{told}",
            filename=_last(img.src) or f"web-{told[:8]}",
            created_at=part.at,
            modified_at=part.at,
        )
        self._add(image, Place(url=img.src, foreign=True), part)

    def _data(self, img: Img, part: Part) -> None:
        found = data_of(img.src)
        if found is None or not is_picture(found[0], ""):
            self._pass("data in texts that is no picture")
            return
        kind, data = found[0][:_LONGEST_TYPE], found[1]
        size = size_of(data)
        if size is not None and max(size) < self.options.min_px:
            self._pass("tiny pictures")
            return
        told = hashlib.sha256(data).hexdigest()[:32]
        image = RemoteImage(
            key=f"{self.parent}/data/{told}",
            filename=f"inline-{told[:8]}.{kind.partition('/')[2].partition('+')[0]}",
            content_type=kind,
            size_bytes=len(data),
            created_at=part.at,
            modified_at=part.at,
            sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        )
        self._add(image, Place(data=data, size_bytes=len(data), content_type=kind), part)

    def chat(self, structured: Row, part: Part) -> None:
        """Those of a web chat, which come as parts of a type and its data."""
        for name, parts in structured.items():
            if name.endswith("_contents") and isinstance(parts, list):
                for found in parts:
                    if isinstance(found, dict):
                        self._chat_part(found, part)

    def _chat_part(self, row: Row, part: Part) -> None:
        data = inner(row, "data")
        url = text(data, "url", "attachment_url", "image_url", "content_url")
        if url:
            named = {"content_type": "image/*", **data} if text(row, "type") == "image" else data
            if self.hosts.url(url):
                self._file(named, part)
            else:
                self._pass("pictures elsewhere in the web")
        for body in (text(data, "content"), text(data, "html"), text(data, "body")):
            self.html(body, part)

    def _add(self, image: RemoteImage, place: Place, part: Part) -> None:
        known = self.images.get(image.key)
        if known is None:
            self.images[image.key] = replace(
                image,
                parent=self.parent,
                page=self.page,
                private=part.private,
                visibility=part.visibility,
                entities=part.entities,
            )
            self.places[image.key] = place
            return
        shown = _both(known, part)
        if place.size_bytes is not None and self.places[image.key].size_bytes is None:
            self.places[image.key] = place  # an attachment tells more than its inline copy
            shown = replace(
                shown,
                filename=image.filename,
                content_type=image.content_type,
                size_bytes=image.size_bytes,
            )
        self.images[image.key] = shown

    def _pass(self, why: str) -> None:
        self.passed_over[why] = self.passed_over.get(why, 0) + 1


def _told(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _both(known: RemoteImage, part: Part) -> RemoteImage:
    """A picture that stands in one more message; what a private one tells stays private."""
    if known.private and not part.private:
        return replace(known, private=False, visibility=part.visibility, entities=part.entities)
    if part.private and not known.private:
        return known
    entities = tuple(dict.fromkeys((*known.entities, *part.entities)))
    return replace(known, entities=entities)


def is_picture(content_type: str, name: str) -> bool:
    """Whether a file claims to be a picture: by its type, or by its name when it has no type."""
    kind = content_type.partition(";")[0].strip()
    if kind in _NO_TYPE:
        return name.rpartition(".")[2].lower() in _EXTENSIONS and "." in name
    return kind.startswith("image/") and kind not in _DRAWINGS


def filename_of(name: str) -> str:
    """A name that is a name: no folders, one line."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return one_line(last, 200).lstrip(".")


def _last(url: str) -> str:
    """The file's name at the end of an address, if it has one."""
    parts = parts_of(url)
    name = "" if parts is None else filename_of(unquote(parts.path.rpartition("/")[2]))
    return name if "." in name else ""
