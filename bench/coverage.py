"""Sprayed area: this project's engine against what everyone writes first, on the same flight in the same run.

The peer is shapely used in the usual way: buffer every pair of fixes by half the swath, one union of all, then the
intersection with each plot. It answers net area only; ours answers gross, net, overlaps, volumes and off-target.

Run as ``python -m bench.coverage``; the last line on stdout is one JSON document.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable

import numpy as np
import shapely

from core.model.fixtable import FixTable
from core.model.land import Plot
from geo.coverage import Parameters, compute
from geo.projection import LocalPlane

PLANE = LocalPlane.around(105.725123, 9.285321)
SWATH_M, STEP_M, STEP_MS, LENGTH_M = 7.0, 1.2, 200, 150.0
PLOT_M = 30.0
REPEATS = 3


def flight(lines: int, noise_m: float) -> FixTable:
    """A boustrophedon flight, edge to edge at 5 Hz with white noise; the implement is off in the turns."""
    along = np.arange(0.0, LENGTH_M + STEP_M / 2.0, STEP_M)
    x = np.concatenate([along if k % 2 == 0 else along[::-1] for k in range(lines)]) + 1.0
    y = np.repeat((np.arange(lines) + 0.5) * SWATH_M, len(along))
    on = np.tile(np.arange(len(along)) < len(along) - 1, lines)
    noise = np.random.default_rng(1).normal(0.0, noise_m, (2, len(x)))
    lon, lat = PLANE.lonlat(x + noise[0], y + noise[1])
    return FixTable.build(np.arange(len(x)) * STEP_MS, lat, lon, on=on, swath_m=SWATH_M, flow_lpm=3.0, device="bench")


def plots(lines: int) -> list[Plot]:
    """Thin plots side by side that the flight covers."""
    height = lines * SWATH_M
    boxes = [shapely.box(x, 0.0, x + PLOT_M, height) for x in np.arange(1.0, LENGTH_M, PLOT_M).tolist()]
    return [Plot(f"p{k}", PLANE.to_wgs84(box)) for k, box in enumerate(boxes)]


def ours(fixes: FixTable, fields: list[Plot]) -> float:
    """Net area over the plots by this project, in m²."""
    return compute("bench", [fixes], fields, Parameters()).coverage.plots_net_m2


def peer(fixes: FixTable, fields: list[Plot]) -> float:
    """Net area over the plots by buffering every pair of fixes, in m²."""
    x, y = PLANE.xy(fixes.lon_deg, fixes.lat_deg)
    points = np.column_stack([x, y])
    lines = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)[fixes.on[:-1]])
    swath = shapely.union_all(shapely.buffer(lines, SWATH_M / 2.0, cap_style="flat"))
    return float(sum(PLANE.to_plane(field.boundary).intersection(swath).area for field in fields))


def best_s(work: Callable[[], float]) -> tuple[float, float]:
    """Shortest of some runs in seconds, and the answer."""
    times, answer = [], 0.0
    for _ in range(REPEATS):
        start = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - start)
    return min(times), answer


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=24, help="lines of the flight (126 fixes each)")
    parser.add_argument("--noise", type=float, default=0.01, help="standard deviation of the position in metres")
    chosen = parser.parse_args()
    fixes, fields = flight(chosen.lines, chosen.noise), plots(chosen.lines)
    truth_m2 = chosen.lines * SWATH_M * LENGTH_M
    ours_s, ours_m2 = best_s(lambda: ours(fixes, fields))
    peer_s, peer_m2 = best_s(lambda: peer(fixes, fields))
    exact_m2 = ours(flight(chosen.lines, 0.0), fields)
    for name, seconds, net_m2 in (("ours", ours_s, ours_m2), ("shapely buffer", peer_s, peer_m2)):
        rate = len(fixes) / seconds
        line = f"{name:15} {len(fixes):7} fixes {seconds:8.3f} s {rate:10.0f} fixes/s   net {net_m2:11.2f} m²"
        print(line, file=sys.stderr)
    answer = {
        "bench": "coverage",
        "fixes": len(fixes),
        "plots": len(fields),
        "ours_fixes_per_s": round(len(fixes) / ours_s),
        "peer_fixes_per_s": round(len(fixes) / peer_s),
        "ratio": round(peer_s / ours_s, 2),
        "net_error_pct": round(100.0 * (exact_m2 / truth_m2 - 1.0), 6),
        "ours_net_pct_of_plan": round(100.0 * ours_m2 / truth_m2, 4),
        "peer_net_pct_of_plan": round(100.0 * peer_m2 / truth_m2, 4),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
