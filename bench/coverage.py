"""Sprayed area: this project's engine against what everyone writes first, on the same fixes in the same run.

    make bench-coverage

A day on 300 thin plots (:mod:`bench.thin_fields`: thirty drones at 5 Hz, once with RTK, once with a single receiver).
The peer is GeoPandas used in the usual way: a line per pass, buffered by half the swath, overlaid with the plots,
dissolved per plot; PostGIS does the same where it is installed. They answer net area only; ours cleans, cuts passes
and answers gross, net, overlaps, amounts, off-target and the input's hash. All are held against the union of all single
fixes, without smoothing or simplifying.

Measured, too: the second engine (quadrilaterals overlaid in pairs, what is used without numba), how time and memory
grow with ten times the fixes, and what two processes get done beside one. The last line on stdout is one JSON document.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from shapely import affinity

from bench.coverage_peers import geopandas_net_m2, postgis_net_m2, server
from bench.thin_fields import day
from core.model.coverage import PlotCoverage
from core.model.fixtable import FixTable
from core.model.land import Plot
from geo.coverage import Parameters, Result, compute
from geo.engines.model import NET, Fields, Quads
from geo.engines.overlays import OverlayEngine

REPEATS = 7
TIMES: Final = 10
"""By how much the large set is larger than the medium one: the same day again, further east each time."""
APART_DEG: Final = 0.01
EXACT: Final = Parameters(simplify_m=0.0)
Day = tuple[list[FixTable], list[Plot]]


def best_s(work: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, Any]:
    """Shortest of some runs in seconds, and the answer."""
    times, answer = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - start)
    return min(times), answer


def overlays_s(found: Result, plots: Sequence[Plot]) -> tuple[float, dict[str, float]]:
    """Seconds that the second engine takes to measure what was treated, and its net area per plot."""
    ground = found.pieces.area_m2 > 0.0
    amount = np.nan_to_num(found.pieces.volume_l[ground])
    quads = Quads(found.pieces.corners[ground], amount, found.pieces.kind[ground], found.pieces.volume_variance[ground])
    fields = Fields.of(found.plane.outlines([plot.boundary for plot in plots]).tolist())
    seconds, measures = best_s(lambda: OverlayEngine().measure(quads, fields), 1)
    return seconds, dict(zip((plot.plot for plot in plots), measures.figures[:, NET].tolist(), strict=True))


def repeated(one: Day, times: int = TIMES) -> Day:
    """The same day on ``times`` places beside each other, plots and drones with names of their own."""
    tables, plots = list[FixTable](), list[Plot]()
    for k in range(times):
        east = k * APART_DEG
        tables += [t.with_columns(lon_deg=t.lon_deg + east, device=f"{t.device}-{k}") for t in one[0]]
        moved = [affinity.translate(p.boundary, xoff=east) for p in one[1]]
        plots += [replace(p, plot=f"{p.plot}-{k}", boundary=b) for p, b in zip(one[1], moved, strict=True)]
    return tables, plots


def grown(one: Day) -> dict[str, float]:
    """Fixes per second with ten times the fixes against one, and bytes of memory that each fix took beside its own."""
    large = repeated(one)
    fixes = sum(map(len, one[0]))
    small_s, _ = best_s(lambda: compute("one", *one).coverage)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    large_s, _ = best_s(lambda: compute("ten", *large).coverage)
    extra = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    return {
        "large_fixes": fixes * TIMES,
        "large_fixes_per_s": round(fixes * TIMES / large_s),
        "large_vs_medium": round(small_s * TIMES / large_s, 2),
        "extra_bytes_per_fix": round(extra / (fixes * TIMES), 1),
    }


def _turns(one: Day, turns: int, ready: Any, go: Any) -> None:
    compute("warm", *one)
    ready.release()
    go.wait()
    for _ in range(turns):
        compute("turn", *one)


def processes_s(one: Day, processes: int, turns: int) -> float:
    """Seconds in which some processes, warm already, compute a day ``turns`` times between them."""
    context = multiprocessing.get_context("fork")
    ready, go = context.Semaphore(0), context.Event()
    started = [context.Process(target=_turns, args=(one, turns // processes, ready, go)) for _ in range(processes)]
    for process in started:
        process.start()
    for _ in started:
        ready.acquire()
    start = time.perf_counter()
    go.set()
    for process in started:
        process.join()
    return time.perf_counter() - start


def compared(one: Day) -> dict[str, float]:
    """Our time, the peer's, and how far the simplified figures are from those of every single fix."""
    tables, plots = one
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
        "worst_dose_cv_error": round(max(abs(p.dose_cv - exact[p.plot].dose_cv) for p in ours.plots), 4),
    }
    return found | beside_geopandas(one, ours_s, exact) | beside_postgis(one, ours_s)


def beside_geopandas(one: Day, ours_s: float, exact: Mapping[str, PlotCoverage]) -> dict[str, float]:
    """GeoPandas's time and errors beside ours, and the second engine's; nothing where it is not installed."""
    tables, plots = one
    try:
        geopandas_net_m2(tables[:1], plots[:20])  # what it imports and makes ready is no part of its work
        peer_s, peer = best_s(lambda: geopandas_net_m2(tables, plots))
    except ModuleNotFoundError:
        print("geopandas is not installed: its part is left out", file=sys.stderr)
        return {}
    result = compute("bench", tables, plots)
    overlay_s, against = overlays_s(result, plots)
    errors = np.array([100.0 * (peer.get(n, 0.0) - e.net_m2) / e.area_m2 for n, e in exact.items()])
    areas = sum(e.area_m2 for e in exact.values())
    total = sum(peer.values()) - sum(e.net_m2 for e in exact.values())
    return {
        "shapely_vs_geopandas": round(peer_s / (ours_s + overlay_s), 1),
        "engines_differ_m2": float(f"{max(abs(p.net_m2 - against[p.plot]) for p in result.coverage.plots):.1e}"),
        "peer_rms_error_pct": round(float(np.sqrt((errors**2).mean())), 4),
        "peer_worst_error_pct": round(float(np.abs(errors).max()), 4),
        "peer_fixes_per_s": round(sum(map(len, tables)) / peer_s),
        "ratio": round(peer_s / ours_s, 1),
        "peer_total_error_pct": round(100.0 * total / areas, 4),
    }


def beside_postgis(one: Day, ours_s: float) -> dict[str, float]:
    """PostGIS's time beside ours; nothing where it is not installed."""
    with server() as known:
        if known is None:
            print("no PostGIS on this machine: its part is left out", file=sys.stderr)
            return {}
        taken_s, _ = best_s(lambda: postgis_net_m2(known, *one), 1)
    return {"postgis_fixes_per_s": round(sum(map(len, one[0])) / taken_s), "vs_postgis": round(taken_s / ours_s, 1)}


def main() -> None:
    """Run and print."""
    found: dict[str, dict[str, float]] = {}
    for receiver in ("rtk", "single"):
        print(f"{receiver}: simulating, computing ...", file=sys.stderr)
        one = day(receiver)
        found[receiver] = compared(one)
        if receiver == "rtk":
            found[receiver] |= grown(one)
            alone_s, together_s = (processes_s(one, processes, 20) for processes in (1, 2))
            found[receiver]["two_processes_vs_one"] = round(alone_s / together_s, 2)
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
