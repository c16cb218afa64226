"""Sources: folders, uploads and remotes; adding, testing, changing, removing, syncing."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from gallery_app.api.answers import Json
from gallery_app.api.deps import NumberPath, Told, known_uid
from gallery_app.api.errors import Invalid
from gallery_app.api.schemas import ErrorOut
from gallery_app.api.schemas_more import CountOut, FoldersOut, PathsOut
from gallery_app.api.schemas_sources import (
    FindingsOut,
    JobOut,
    KindsOut,
    PushIn,
    RemoteIn,
    SourceIn,
    SourceOut,
    SourcePatch,
    SourcesOut,
)
from gallery_app.api.shapes import Plain
from gallery_app.api.shapes_remotes import findings_shape, job_shape, kind_shape, source_shape
from gallery_app.domain.errors import NotFound
from gallery_app.domain.model import Source
from gallery_app.services.few import Few
from gallery_app.services.gallery import Gallery

_NONE: Told = {404: {"model": ErrorOut, "description": "There is no such source."}}
_PAUSED: Told = {409: {"model": ErrorOut, "description": "It is paused."}}
_BAD_FORM: Told = {
    400: {"model": ErrorOut, "description": "The form is not filled in as it must be."}
}


_BUSY: Told = {503: {"model": ErrorOut, "description": "Enough are being tested; ask again."}}
_MOST_TESTING = 4  # at one time: a remote that hangs takes minutes


def add_routes(router: APIRouter, gallery: Gallery) -> None:
    """Put the routes of this file on `router`."""
    _add_listing(router, gallery)
    _add_remotes(router, gallery)
    _add_verbs(router, gallery)
    _add_folders(router, gallery)


def _add_listing(router: APIRouter, gallery: Gallery) -> None:
    @router.get("/sources", summary="List sources", responses={200: {"model": SourcesOut}})
    def list_sources() -> Json:
        """All sources with state, counts and last sync."""
        items = []
        for source in gallery.sources.list():
            with suppress(NotFound):  # it was removed this moment, or is of a newer program's kind
                items.append(_shape(gallery, source))
        return Json({"items": items})

    @router.post(
        "/sources",
        summary="Watch a folder, or connect a remote",
        status_code=201,
        responses={
            201: {"model": SourceOut},
            400: {"model": ErrorOut, "description": "No folder that can be read, or a bad form."},
            409: {"model": ErrorOut, "description": "Watched or connected already."},
        },
    )
    def add(body: SourceIn) -> Json:
        """Begin to watch a folder, or to sync a remote. Keys are encrypted and never shown."""
        if (body.path is None) == (body.kind is None):
            raise Invalid("path: name either a path of a folder or the kind of a remote.")
        if body.path is not None:
            return Json(source_shape(gallery.sources.add_folder(body.path)), status_code=201)
        source = gallery.remotes.add(
            body.kind or "", body.name, body.address, body.key.get_secret_value(), body.options
        )
        return Json(_shape(gallery, source, whole=True), status_code=201)


def _add_remotes(router: APIRouter, gallery: Gallery) -> None:
    testing = Few(_MOST_TESTING)

    @router.get(
        "/sources/kinds",
        summary="List what can be connected",
        responses={200: {"model": KindsOut}},
    )
    def kinds() -> Json:
        """Each kind of remote, with the form that connects it."""
        return Json({"items": [kind_shape(kind) for kind in gallery.remotes.kinds()]})

    @router.post(
        "/sources/test",
        summary="Try a remote out",
        responses={200: {"model": FindingsOut}, **_BAD_FORM, **_BUSY},
    )
    def test(body: RemoteIn) -> Json:
        """What would work and what is missing, in plain words; nothing is saved."""
        with testing.one():
            findings = gallery.remotes.test(
                body.kind, body.address, body.key.get_secret_value(), body.options
            )
        return Json(findings_shape(findings))

    @router.get(
        "/sources/{number}", summary="Show a source", responses={200: {"model": SourceOut}, **_NONE}
    )
    def show(number: NumberPath) -> Json:
        """One source, with the token of its webhook."""
        return Json(_shape(gallery, gallery.sources.get(number), whole=True))

    @router.patch(
        "/sources/{number}",
        summary="Change a remote",
        responses={200: {"model": SourceOut}, **_BAD_FORM, **_NONE},
    )
    def change(number: NumberPath, body: SourcePatch) -> Json:
        """Name, key, options, or whether it rests; what is left out stays."""
        source = gallery.remotes.change(
            number,
            name=body.name,
            key=None if body.key is None else body.key.get_secret_value(),
            options=body.options,
            paused=body.paused,
        )
        return Json(_shape(gallery, source, whole=True))

    @router.post(
        "/sources/{number}/test",
        summary="Test a connected remote",
        responses={200: {"model": FindingsOut}, **_NONE, **_BUSY},
    )
    def test_saved(number: NumberPath) -> Json:
        """The same for one that is connected, with its saved key."""
        with testing.one():
            return Json(findings_shape(gallery.remotes.test_saved(number)))

    @router.post(
        "/sources/{number}/push",
        summary="Hand pictures to a remote",
        status_code=202,
        responses={
            202: {"model": JobOut},
            409: {"model": ErrorOut, "description": "It takes no pictures, or is paused."},
            **_NONE,
        },
    )
    def push(number: NumberPath, body: PushIn) -> Json:
        """Upload these pictures there; what it has already is not sent twice."""
        uids = [known_uid(uid) for uid in body.assets]
        return Json(job_shape(gallery.pushing.push(uids, number)), status_code=202)

    @router.post(
        "/sources/{number}/retry",
        summary="Retry a remote's refused pictures",
        responses={200: {"model": CountOut}, **_NONE},
    )
    def retry(number: NumberPath) -> Json:
        """Give every picture that could not be fetched another try; says how many there are."""
        return Json({"count": gallery.remotes.retry(number)})


def _add_verbs(router: APIRouter, gallery: Gallery) -> None:
    @router.delete(
        "/sources/{number}",
        summary="Remove a source",
        status_code=204,
        response_class=Response,
        responses={204: {"description": "Removed."}, **_NONE},
    )
    def remove(
        number: NumberPath,
        *,
        keep: Annotated[
            bool, Query(description="Of a remote: keep the copies it brought.", examples=[True])
        ] = False,
    ) -> Response:
        """Its pictures leave the gallery; the files and the remote stay as they are."""
        if _is_remote(gallery.sources.get(number)):
            gallery.remotes.remove(number, keep=keep)
        else:
            gallery.sources.remove(number)
        return Response(status_code=204)

    @router.post(
        "/sources/{number}/restore",
        summary="Take back a removed source",
        responses={200: {"model": SourceOut}, **_NONE},
    )
    def restore(number: NumberPath) -> Json:
        """Undo a removal; all that was said of its pictures is kept."""
        try:
            source = gallery.remotes.restore(number)
        except NotFound:  # no remote: a folder, if it is anything
            source = gallery.sources.restore(number)
        return Json(_shape(gallery, source))

    @router.post(
        "/sources/{number}/sync",
        summary="Look through a source now",
        status_code=202,
        responses={202: {"model": JobOut}, **_NONE, **_PAUSED},
    )
    def sync(
        number: NumberPath,
        *,
        walk: Annotated[
            bool, Query(description="Of a remote: all of it, not what is new.", examples=[True])
        ] = False,
        believe_loss: Annotated[
            bool, Query(description="What is missing there is really gone.", examples=[False])
        ] = False,
    ) -> Json:
        """Ask for a scan or a sync; one that waits already serves for both."""
        if _is_remote(gallery.sources.get(number)):
            job = gallery.remotes.sync_now(number, walk=walk, believe_loss=believe_loss)
        else:
            job = gallery.sources.scan(number, believe_loss=believe_loss)
        return Json(job_shape(job), status_code=202)


def _add_folders(router: APIRouter, gallery: Gallery) -> None:
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


def _is_remote(source: Source) -> bool:
    return source.kind not in {"folder", "uploads"}


def _shape(gallery: Gallery, source: Source, *, whole: bool = False) -> Plain:
    if not _is_remote(source):
        return source_shape(source)
    view = gallery.remotes.view(source.id)
    return source_shape(view.source, view, whole=whole)
