"""What the pool asks a worker, and what counts as an answer to it.

A worker that met hostile bytes may answer anything: only an answer to the very question is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast

from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import Described, NotAPicture, Processed
from gallery_app.domain.renditions import RenditionSpec
from gallery_app.imaging import wire

Do = Literal["describe", "process", "render", "barcodes"]


def request(
    do: Do, path: str, *, trusted: bool, specs: Sequence[RenditionSpec] = (), sha1: bool = False
) -> dict[str, object]:
    """One request, as `child.py` reads it."""
    fields = [wire.spec_fields(spec) for spec in specs]
    return {"do": do, "path": path, "isolated": not trusted, "specs": fields, "sha1": sha1}


def answers(asked: Mapping[str, object], answer: wire.Answer) -> bool:
    """Whether this is what was asked for: its kind, and exactly the renditions named."""
    if isinstance(answer, GalleryError):
        return True
    if asked["do"] == "describe":
        return isinstance(answer, Described | NotAPicture)
    if asked["do"] == "barcodes":
        return isinstance(answer, wire.Barcodes)
    if not isinstance(answer, Processed if asked["do"] == "process" else wire.Rendered):
        return False
    specs = cast("list[dict[str, object]]", asked["specs"])
    return set(answer.renditions) == {spec["name"] for spec in specs}


def only(given: list[wire.Answer]) -> wire.Answer:
    """The one answer of a task of one request; a domain error is raised."""
    if isinstance(given[0], GalleryError):
        raise given[0]
    return given[0]


def numbers(given: list[wire.Answer]) -> list[str]:
    """The numbers of a task of one request; a domain error is raised."""
    return list(cast("wire.Barcodes", only(given)).numbers)
