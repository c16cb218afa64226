"""Sources: the watched folders and the uploads; adding, removing, looking through again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from gallery_app.api.answers import Json
from gallery_app.api.deps import NumberPath, Told
from gallery_app.api.schemas import ErrorOut
from gallery_app.api.schemas_more import (
    FoldersOut,
    JobOut,
    PathsOut,
    SourceIn,
    SourceOut,
    SourcesOut,
)
from gallery_app.api.shapes import job_shape, source_shape
from gallery_app.services.gallery import Gallery

_NONE: Told = {404: {"model": ErrorOut, "description": "There is no such source."}}


def add_routes(router: APIRouter, gallery: Gallery) -> None:
    """Put the routes of this file on `router`."""

    @router.get("/sources", summary="List sources", responses={200: {"model": SourcesOut}})
    def list_sources() -> Json:
        """All sources with state, counts and last scan."""
        return Json({"items": [source_shape(source) for source in gallery.sources.list()]})

    @router.post(
        "/sources",
        summary="Watch a folder",
        status_code=201,
        responses={
            201: {"model": SourceOut},
            400: {"model": ErrorOut, "description": "No folder that can be read."},
            409: {"model": ErrorOut, "description": "Watched already."},
        },
    )
    def add(body: SourceIn) -> Json:
        """Begin to watch a folder of this machine; nothing in it is ever written to."""
        return Json(source_shape(gallery.sources.add_folder(body.path)), status_code=201)

    @router.delete(
        "/sources/{number}",
        summary="Stop watching a folder",
        status_code=204,
        response_class=Response,
        responses={204: {"description": "Removed."}, **_NONE},
    )
    def remove(number: NumberPath) -> Response:
        """Its pictures leave the gallery; its files stay as they are."""
        gallery.sources.remove(number)
        return Response(status_code=204)

    @router.post(
        "/sources/{number}/restore",
        summary="Watch a removed folder again",
        responses={200: {"model": SourceOut}, **_NONE},
    )
    def restore(number: NumberPath) -> Json:
        """Undo a removal; all that was said of its pictures is kept."""
        return Json(source_shape(gallery.sources.restore(number)))

    @router.post(
        "/sources/{number}/sync",
        summary="Look through a source now",
        status_code=202,
        responses={202: {"model": JobOut}, **_NONE},
    )
    def sync(number: NumberPath) -> Json:
        """Ask for a scan; one that waits already serves for both."""
        return Json(job_shape(gallery.sources.scan(number)), status_code=202)

    @router.get("/paths", summary="Complete a path", responses={200: {"model": PathsOut}})
    def complete(
        prefix: Annotated[
            str, Query(max_length=4096, description="As typed.", examples=["~/Pic"])
        ] = "",
    ) -> Json:
        """Folders of this machine that begin as typed, for a path field."""
        if "\0" in prefix or (prefix.startswith("~") and not prefix.startswith("~/")):
            # Somebody else's home folder is nothing to look into.
            return Json({"paths": []})
        return Json({"paths": gallery.sources.complete(prefix)})

    @router.get(
        "/folders",
        summary="List folders of a source",
        responses={200: {"model": FoldersOut}, 404: {"model": ErrorOut}},
    )
    def folders(
        source: Annotated[
            int, Query(ge=1, le=2**62, description="Number of the source.", examples=[1])
        ],
        path: Annotated[
            str, Query(max_length=4096, description="From the source's root.", examples=["2016"])
        ] = "",
    ) -> Json:
        """The folders directly below a path of a source, with counts."""
        gallery.sources.get(source)
        listed = gallery.browse.folders(source, path.strip("/"))
        return Json(
            {
                "source": source,
                "path": path.strip("/"),
                "folders": [
                    {"path": f.path, "name": f.name, "assets": f.assets, "folders": f.folders}
                    for f in listed
                ],
            }
        )
