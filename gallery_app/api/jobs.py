"""Jobs: scans and renderings as people see them, with another try for what failed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from gallery_app.api.answers import Json
from gallery_app.api.deps import NumberPath, PageNumber, PerPage, Told
from gallery_app.api.schemas import ErrorOut
from gallery_app.api.schemas_more import CountOut
from gallery_app.api.schemas_sources import JobOut, JobsOut
from gallery_app.api.shapes_remotes import job_shape
from gallery_app.services.gallery import Gallery

State = Literal["ready", "running", "done", "failed"]
_NONE: Told = {404: {"model": ErrorOut, "description": "There is no such job."}}


def add_routes(router: APIRouter, gallery: Gallery) -> None:
    """Put the routes of this file on `router`."""

    @router.get("/jobs", summary="List jobs", responses={200: {"model": JobsOut}})
    def list_jobs(
        state: Annotated[
            State | None, Query(description="Only these.", examples=["failed"])
        ] = None,
        page: PageNumber = 1,
        per_page: PerPage = 50,
    ) -> Json:
        """Jobs, newest first."""
        found, total = gallery.jobs.list(state, limit=per_page, offset=(page - 1) * per_page)
        return Json(
            {
                "items": [job_shape(job) for job in found],
                "total": total,
                "page": page,
                "per_page": per_page,
            }
        )

    @router.post("/jobs/retry", summary="Retry all", responses={200: {"model": CountOut}})
    def retry_all() -> Json:
        """Give every failed job another try; says how many there were."""
        return Json({"count": gallery.jobs.retry_all()})

    @router.get("/jobs/{number}", summary="Show a job", responses={200: {"model": JobOut}, **_NONE})
    def show(number: NumberPath) -> Json:
        """State, attempts, progress and error of one job."""
        return Json(job_shape(gallery.jobs.get(number)))

    @router.post(
        "/jobs/{number}/retry",
        summary="Retry a job",
        responses={
            200: {"model": JobOut},
            409: {"model": ErrorOut, "description": "It runs or waits already."},
            **_NONE,
        },
    )
    def retry(number: NumberPath) -> Json:
        """Another try from the start."""
        return Json(job_shape(gallery.jobs.retry(number)))
