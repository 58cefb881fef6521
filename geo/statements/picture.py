"""The picture of a statement: its plots with what was treated on them, drawn from the fixes that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from shapely import Polygon

from core.archive import FlightRecord
from core.statement import Document, StatementKind
from core.terms import Language
from geo.drawing import plot_svg
from geo.statements.figures import result_over
from geo.statements.inputs import parameters_of, plots_of

PAPER_PX: Final = 800
PHONE_PX: Final = 440
"""A width in which a telephone shows texts at their size."""


def pictures(
    document: Document, records: Mapping[str, FlightRecord], language: Language, width_px: int = PAPER_PX
) -> list[str]:
    """An SVG picture for each job and day of a statement, in their order; "" where nothing was treated."""
    inputs: Document = document["inputs"]
    parameters, of_plot = parameters_of(inputs), document["subject"]["kind"] == StatementKind.PLOT
    found = []
    for group in inputs["groups"]:
        mine = [records[name] for name in group["flights"]]
        more = f" +{len(mine) - 1}" if len(mine) > 1 else ""
        result = result_over(f"{mine[0].flight.flight}{more}", mine, plots_of(inputs, group), parameters)
        if result.coverage.net_m2 <= 0.0:
            found.append("")
        elif of_plot and result.coverage.plots:
            beside = replace(result.shapes, off_target=Polygon())  # the next plot's, perhaps: nobody can say
            only = result.coverage.plots[0].plot
            found.append(plot_svg(beside, result.coverage, only, language, width_px))
        else:
            found.append(plot_svg(result.shapes, result.coverage, None, language, width_px))
    return found
