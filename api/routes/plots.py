"""Plots, and what was done to them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import CooperativeDep, DayDep, LanguageQuery, PortsDep
from api.schemas import JobPlotOut, PlotOut
from geo.drawing import plot_svg

router = APIRouter(prefix="/v1/cooperatives/{cooperative}", tags=["plots"])


@router.get("/plots")
def plots(
    it: CooperativeDep,
    ports: PortsDep,
    bbox: Annotated[
        tuple[float, float, float, float] | None, Query(description="west, south, east, north in degrees")
    ] = None,
) -> list[PlotOut]:
    """The cooperative's plots in their newest version."""
    return [PlotOut.of(p) for p in ports.registry.plots(it.cooperative, bbox)]


@router.get("/plots/{plot}")
def plot(it: CooperativeDep, ports: PortsDep, plot: str, version: int | None = None) -> PlotOut:
    """One plot, in its newest version unless one is named."""
    return PlotOut.of(ports.registry.plot(it.cooperative, plot, version))


@router.get("/jobs")
def jobs(it: CooperativeDep, ports: PortsDep, day: DayDep) -> list[JobPlotOut]:
    """What all jobs of a local date did, by job and plot: areas treated by two flights count once in the net area."""
    return [JobPlotOut.of_row(row, it.m2_per_cong) for row in ports.registry.job_plots(it.cooperative, day.day)]


@router.get("/plots/{plot}/picture.svg", response_class=Response)
def picture(it: CooperativeDep, ports: PortsDep, day: DayDep, plot: str, lang: LanguageQuery = "vi") -> Response:
    """A picture of what all flights of a local date did to one plot."""
    result = ports.results.of_plot(it.cooperative, plot, day.day)
    return Response(plot_svg(result.shapes, result.coverage, plot, lang), media_type="image/svg+xml")
