"""Sprayed area as it is written first: a line per pass, buffered by half the swath, cut by the plots, united per plot.

Once with GeoPandas, once in PostGIS. Both answer net area only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import psycopg
import shapely

from bench.postgis import database, postgis, programs
from bench.thin_fields import SWATH_M
from core.model.fixtable import FixTable
from core.model.land import Plot
from geo.projection import LocalPlane

_TABLES: Final = "CREATE TEMP TABLE pass (line geometry); CREATE TEMP TABLE plot (plot text, outline geometry)"
_NET_M2: Final = """
SELECT plot, ST_Area(ST_Union(ST_Intersection(swath, outline)))
FROM plot JOIN (SELECT ST_Buffer(line, %s, 'endcap=flat') AS swath FROM pass) swaths ON ST_Intersects(swath, outline)
GROUP BY plot
"""


def geopandas_net_m2(tables: Sequence[FixTable], plots: Sequence[Plot]) -> dict[str, float]:
    """Net area per plot by buffering passes, overlaying and dissolving."""
    import geopandas  # noqa: PLC0415 - installed for benchmarks only

    lines, outlines = _drawn(tables, plots)
    swaths = geopandas.GeoDataFrame(geometry=geopandas.GeoSeries(lines).buffer(SWATH_M / 2.0, cap_style="flat"))
    fields = geopandas.GeoDataFrame({"plot": [p.plot for p in plots]}, geometry=outlines)
    inside = geopandas.overlay(swaths, fields, how="intersection")
    areas = inside.dissolve("plot").area
    return {str(name): float(area) for name, area in areas.items()}


@contextmanager
def server() -> Iterator[str | None]:
    """A PostGIS for one run: how to connect to it; None where there is none."""
    binaries = programs()
    if binaries is None:
        yield None
        return
    with postgis(binaries) as url:
        yield database(url, "coverage").render_as_string(hide_password=False)


def postgis_net_m2(server: str, tables: Sequence[FixTable], plots: Sequence[Plot]) -> dict[str, float]:
    """The same by ST_Buffer, ST_Intersection and ST_Union, from fixes to figures: what goes in is counted, too."""
    lines, outlines = _drawn(tables, plots)
    with psycopg.connect(server) as connection, connection.cursor() as cursor:
        cursor.execute(_TABLES)
        with cursor.copy("COPY pass FROM STDIN") as copy:
            for line in shapely.to_wkb(lines, hex=True).tolist():
                copy.write_row((line,))
        with cursor.copy("COPY plot FROM STDIN") as copy:
            for plot, outline in zip(plots, shapely.to_wkb(outlines, hex=True).tolist(), strict=True):
                copy.write_row((plot.plot, outline))
        cursor.execute("CREATE INDEX ON plot USING gist (outline); ANALYZE pass; ANALYZE plot")
        found = cursor.execute(_NET_M2, (SWATH_M / 2.0,)).fetchall()
        connection.rollback()
    return {str(name): float(area) for name, area in found}


def _drawn(tables: Sequence[FixTable], plots: Sequence[Plot]) -> tuple[Any, Any]:
    """The passes as lines and the plots' outlines, in one plane."""
    plane = LocalPlane.around(*plots[0].boundary.centroid.coords[0])
    lines: list[Any] = []
    for table in tables:
        points = np.column_stack(plane.xy(table.lon_deg, table.lat_deg))
        edges = np.flatnonzero(np.diff(table.on.astype(np.int8), prepend=0, append=0))
        for first, end in edges.reshape(-1, 2).tolist():  # with the fix after the last one that is on: the hold rule
            if len(points[first : end + 1]) > 1:
                lines.append(shapely.LineString(points[first : end + 1]))
    return np.array(lines, np.object_), np.array([plane.to_plane(plot.boundary) for plot in plots], np.object_)
