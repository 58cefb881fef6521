"""Sprayed area: this project's engine against what everyone writes first, on the same fixes in the same run.

    make bench-coverage

A simulated day (300 thin plots, thirty drones at 5 Hz, once with RTK, once with a single receiver). The peer is
GeoPandas used in the usual way: a line per pass, buffered by half the swath, overlaid with the plots, dissolved per
plot. It answers net area only; ours cleans, cuts passes, and answers gross, net, overlaps, amounts, off-target and the
input's hash. The last line on stdout is one JSON document.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import shapely

from core.model.fixtable import FixTable
from core.model.land import Plot
from geo.coverage import Parameters, compute
from geo.projection import LocalPlane
from simulators import specs, world

PLOTS, DRONES, RATE_HZ, SWATH_M = 300, 30, 5.0, 7.0
REPEATS = 3
EXACT: Final = Parameters(simplify_m=0.0)


def day(receiver: str, plots: int = PLOTS) -> tuple[list[FixTable], list[Plot]]:
    """The fixes of a simulated day, a table per drone, and the plots."""
    fleet = specs.Fleet(
        model="DJI Agras T40", count=DRONES, swath_m=SWATH_M, rate_hz=RATE_HZ, gnss=receiver, network="", drift=False
    )
    scenario = specs.Scenario(
        name="bench",
        title_vi="Đo tốc độ",
        title_en="Benchmark",
        start=dt.datetime(2026, 3, 2, 6, tzinfo=dt.timezone(dt.timedelta(hours=7))),
        hours=12.0,
        cooperatives=[specs.Cooperative(id="bench", name="bench", land=specs.Land(count=plots), fleets=[fleet])],
    )
    run, _ = world.build(scenario)
    return [s.samples for s in run.streams if isinstance(s.samples, FixTable)], list(run.plots)


def geopandas_net_m2(tables: Sequence[FixTable], plots: Sequence[Plot]) -> dict[str, float]:
    """Net area per plot by buffering passes, overlaying and dissolving."""
    import geopandas  # noqa: PLC0415

    plane = LocalPlane.around(*plots[0].boundary.centroid.coords[0])
    passes: list[Any] = []
    for table in tables:
        x, y = plane.xy(table.lon_deg, table.lat_deg)
        points = np.column_stack([x, y])
        edges = np.flatnonzero(np.diff(table.on.astype(np.int8))) + 1
        for part, on in zip(np.split(points, edges), np.split(table.on, edges), strict=True):
            if on[0] and len(part) > 1:
                passes.append(shapely.LineString(part))
    swaths = geopandas.GeoDataFrame(geometry=geopandas.GeoSeries(passes).buffer(SWATH_M / 2.0, cap_style="flat"))
    outlines = [plane.to_plane(plot.boundary) for plot in plots]
    fields = geopandas.GeoDataFrame({"plot": [p.plot for p in plots]}, geometry=outlines)
    inside = geopandas.overlay(swaths, fields, how="intersection")
    areas = inside.dissolve("plot").area
    return {str(name): float(area) for name, area in areas.items()}


def best_s(work: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, Any]:
    """Shortest of some runs in seconds, and the answer."""
    times, answer = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - start)
    return min(times), answer


def compared(receiver: str) -> dict[str, float]:
    """Our time, the peer's, and how far the simplified figures are from those of every single fix."""
    tables, plots = day(receiver)
    fixes = sum(map(len, tables))
    compute("warm", tables[:1], plots[:20])
    ours_s, ours = best_s(lambda: compute("bench", tables, plots).coverage)
    exact = {p.plot: p for p in compute("bench", tables, plots, EXACT).coverage.plots}
    errors = np.array([100.0 * (p.net_m2 - exact[p.plot].net_m2) / p.area_m2 for p in ours.plots])
    areas = sum(p.area_m2 for p in ours.plots)
    found = {
        "fixes": fixes,
        "fixes_per_s": round(fixes / ours_s),
        "total_error_pct": round(100.0 * sum(p.net_m2 - exact[p.plot].net_m2 for p in ours.plots) / areas, 4),
        "rms_error_pct": round(float(np.sqrt((errors**2).mean())), 4),
        "worst_error_pct": round(float(np.abs(errors).max()), 4),
    }
    try:
        peer_s, peer = best_s(lambda: geopandas_net_m2(tables, plots), 1)
    except ModuleNotFoundError:
        print("geopandas is not installed: its part is left out", file=sys.stderr)
        return found
    total = sum(peer.values())
    found |= {
        "peer_fixes_per_s": round(fixes / peer_s),
        "ratio": round(peer_s / ours_s, 1),
        "peer_total_error_pct": round(100.0 * (total - sum(e.net_m2 for e in exact.values())) / areas, 4),
    }
    return found


def main() -> None:
    """Run and print."""
    found: dict[str, dict[str, float]] = {}
    for receiver in ("rtk", "single"):
        print(f"{receiver}: simulating, computing ...", file=sys.stderr)
        found[receiver] = compared(receiver)
        print(f"{receiver}: {found[receiver]}", file=sys.stderr)
    answer = {
        "bench": "coverage",
        "rtk_vs_geopandas": found["rtk"].get("ratio"),
        "gnss_vs_geopandas": found["single"].get("ratio"),
        "fixes_per_s": found["rtk"]["fixes_per_s"],
        "rtk": found["rtk"],
        "single": found["single"],
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
