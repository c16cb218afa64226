"""How the program is: the health report, and the numbers in the header."""

from __future__ import annotations

import anyio
import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Request

from gallery_app.api.answers import Json
from gallery_app.api.schemas_more import HealthOut, StatusOut
from gallery_app.api.shapes import health_shape
from gallery_app.services.arrivals import arrivals
from gallery_app.services.gallery import Gallery
from gallery_app.services.values import Check, Health

PATIENCE_S = 0.8  # of the second in which /health has to answer


def add_health(router: APIRouter, gallery: Gallery) -> None:
    """Put /health on `router`, beside the API, where watchdogs look for it."""
    # Own threads: a report on a hanging program may not wait behind what hangs.
    limiter = CapacityLimiter(8)

    @router.get(
        "/health",
        tags=["status"],
        summary="Ask whether the program is well",
        responses={
            200: {"model": HealthOut},
            503: {"model": HealthOut, "description": "A required part fails."},
        },
    )
    async def health(request: Request) -> Json:
        """Each part's state; answers within a second whatever hangs."""
        report = Health(
            ok=False,
            checks=(Check("answer", ok=False, required=True, detail="no answer in time"),),
        )
        with anyio.move_on_after(PATIENCE_S):
            report = await anyio.to_thread.run_sync(
                gallery.health.ask, limiter=limiter, abandon_on_cancel=True
            )
        body = health_shape(report, details=not request.scope.get("gallery.stranger"))
        response = Json(body, status_code=200 if report.ok else 503)
        response.headers["cache-control"] = "no-store"
        return response

    # Watchdogs often ask for the head alone.
    router.add_api_route("/health", health, methods=["HEAD"], include_in_schema=False)


def add_routes(router: APIRouter, gallery: Gallery) -> None:
    """Put the routes of this file on `router`."""

    @router.get("/status", summary="Say what is going on", responses={200: {"model": StatusOut}})
    def status() -> Json:
        """Revision, progress and total, for a page that asks every two seconds."""
        progress = gallery.status.progress()
        remotes = arrivals(gallery.sources, gallery.remotes)
        return Json(
            {
                "revision": gallery.status.revision(),
                "progress": {
                    "found": progress.found,
                    "described": progress.described,
                    "rendered": progress.rendered,
                    "failed": progress.failed,
                    "remaining": progress.remaining,
                    "fetching": remotes.fetching,
                    "fetched": remotes.fetched,
                    "per_second": progress.per_second,
                    "scanning": progress.scanning,
                    "paused_for": progress.paused_for,
                },
                "total": gallery.status.total(),
            }
        )
