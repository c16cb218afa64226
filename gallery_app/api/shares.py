"""Links: made, listed, drawn as a QR code, withdrawn. Opening one is the front's work."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from gallery_app.api.answers import Json
from gallery_app.api.deps import Told
from gallery_app.api.errors import Invalid
from gallery_app.api.schemas import ErrorOut
from gallery_app.api.schemas_more import CountOut, HitsOut, LinkIn, LinkOut, LinksOut, NewLinkOut
from gallery_app.api.shapes import hit_shape, link_shape
from gallery_app.services.gallery import Gallery

LinkPath = Annotated[
    str, Path(max_length=64, description="The link's id.", examples=["7f3k9m2p5r8t1v4x"])
]
_NONE: Told = {404: {"model": ErrorOut, "description": "There is no such link."}}


def add_routes(router: APIRouter, gallery: Gallery) -> None:
    """Put the routes of this file on `router`."""

    @router.post(
        "/links",
        summary="Make a link",
        status_code=201,
        responses={
            201: {"model": NewLinkOut},
            400: {"model": ErrorOut, "description": "A lifetime or size that cannot be."},
            404: {"model": ErrorOut, "description": "No such picture."},
        },
    )
    def create(body: LinkIn) -> Json:
        """A signed address for one picture, or for a page of several."""
        _refuse_what_is_not_there_yet(body)
        made = gallery.sharing.create(
            body.assets if body.assets is not None else [body.asset or ""],
            rendition=body.rendition,
            expires_in_s=body.expires_in,
            note=body.note,
            max_views=body.max_views,
        )
        return Json(
            {
                "id": made.link.id,
                "url": made.url,
                "expires_at": made.link.expires_at.isoformat(timespec="seconds"),
                "warnings": list(made.warnings),
            },
            status_code=201,
        )

    @router.get("/links", summary="List links", responses={200: {"model": LinksOut}})
    def list_links() -> Json:
        """All links, newest first, with hits and last use."""
        return Json({"items": [link_shape(view) for view in gallery.sharing.list()]})

    @router.delete("/links", summary="Withdraw every link", responses={200: {"model": CountOut}})
    def revoke_all() -> Json:
        """Every link that still opens is withdrawn; says how many there were."""
        return Json({"count": gallery.sharing.revoke_all()})

    @router.get(
        "/links/{link_id}", summary="Show a link", responses={200: {"model": LinkOut}, **_NONE}
    )
    def show(link_id: LinkPath) -> Json:
        """One link with hits and last use."""
        return Json(link_shape(gallery.sharing.get(link_id)))

    @router.delete(
        "/links/{link_id}",
        summary="Withdraw a link",
        responses={200: {"model": LinkOut}, **_NONE},
    )
    def revoke(link_id: LinkPath) -> Json:
        """No request that begins after this answer is served by it."""
        gallery.sharing.revoke(link_id)
        return Json(link_shape(gallery.sharing.get(link_id)))

    @router.get(
        "/links/{link_id}/qr.svg",
        summary="Draw a link as a QR code",
        response_class=Response,
        responses={
            200: {"content": {"image/svg+xml": {"example": "<svg/>"}}, "description": "SVG."},
            **_NONE,
        },
    )
    def qr(link_id: LinkPath) -> Response:
        """The link's address as a picture."""
        drawing = gallery.sharing.qr_svg(link_id)
        headers = {
            "cache-control": "private, no-store",
            "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        }
        return Response(drawing, headers=headers, media_type="image/svg+xml")

    @router.get(
        "/links/{link_id}/hits",
        summary="List who opened a link",
        responses={200: {"model": HitsOut}, **_NONE},
    )
    def hits(
        link_id: LinkPath,
        limit: Annotated[
            int, Query(ge=1, le=1000, description="At most so many.", examples=[100])
        ] = 100,
    ) -> Json:
        """Openings and refusals, newest first: when, what, how much, whose address."""
        view = gallery.sharing.get(link_id)
        # A hit names its asset by the inner number; the first of the link's are known by uid.
        first = view.link.assets[: len(view.assets)]
        uids = {int(number): uid for number, (uid, _) in zip(first, view.assets, strict=True)}
        found = gallery.sharing.hits(link_id, limit=limit)
        return Json({"items": [hit_shape(hit, uids) for hit in found]})


def _refuse_what_is_not_there_yet(body: LinkIn) -> None:
    """A promise that the link would not keep is refused, never ignored.

    Raises:
        Invalid: neither or both of asset and assets, or a protection that does not exist.
    """
    if body.album is not None:
        raise Invalid("album: links to albums are not possible yet; name the pictures.")
    if (body.asset is None) == (body.assets is None):
        raise Invalid("asset: name either one asset or several assets.")
    if body.watermark:
        raise Invalid("watermark: pictures are not marked yet.")
    if body.password:
        raise Invalid("password: links with a password are not possible yet.")
    if body.strip and body.rendition == "original":
        raise Invalid("strip: an original goes out as it is; choose a rendition to leave all out.")
    if body.strip is False and body.rendition != "original":
        raise Invalid("strip: renditions never carry metadata; choose the original.")
