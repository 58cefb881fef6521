"""What was done to plots: by job and plot, and as a picture."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response

from api.deps import DayDep, LanguageQuery, TenantDep
from api.paging import CursorField, LimitField, documented, link_next, page_of, question_of, read_cursor
from api.schemas.coverage import JobPlotOut
from api.schemas.fields import Text
from core.model.coverage import JobPlot
from geo.drawing import plot_svg

router = APIRouter(prefix="/v1/cooperatives/{cooperative}", tags=["coverage"])
_SVG: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "a picture", "content": {"image/svg+xml": {"schema": {"type": "string"}}}}
}
PlotPath = Annotated[
    str,
    Path(max_length=200, pattern=r"^[^\x00-\x1f]+$", description="identifier of the plot", examples=["p-152-7"]),
]


@router.get("/coverage", responses=documented())
def coverage(  # noqa: PLR0917 - what FastAPI fills
    tenant: TenantDep,
    request: Request,
    response: Response,
    day: DayDep,
    cursor: Annotated[CursorField, Query()] = "",
    limit: Annotated[LimitField, Query()] = 100,
    job: Annotated[Text, Query(description="only of this job", examples=["HD-2026-117"])] = "",
    plot: Annotated[Text, Query(description="only of this plot", examples=["p-152-7"])] = "",
) -> list[JobPlotOut]:
    """What all jobs of a local date did, by job and plot: areas treated by two flights count once in the net area."""
    after = read_cursor(cursor, question_of(request), (str, str))
    rows = [
        it for it in tenant.job_plots(day.day) if (not job or it.job == job) and (not plot or it.coverage.plot == plot)
    ]
    page = page_of(rows, _order, after, limit)
    link_next(request, response, page.last)
    return [JobPlotOut.of_row(it, tenant.cooperative.m2_per_cong) for it in page.items]


@router.get("/plots/{plot}/picture.svg", response_class=Response, responses=_SVG)
def picture(tenant: TenantDep, day: DayDep, plot: PlotPath, lang: LanguageQuery = "vi") -> Response:
    """A picture of what all flights of a local date did to one plot."""
    result = tenant.shapes_of_plot(plot, day.day)
    return Response(plot_svg(result.shapes, result.coverage, plot, lang), media_type="image/svg+xml")


def _order(it: JobPlot) -> tuple[str, str]:
    return it.job, it.coverage.plot
