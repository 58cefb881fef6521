"""How long it takes to plan routes over a cooperative's rice plots, on one core.

Run as ``python -m bench.route``; the last line on stdout is one JSON document.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from geo.projection import LocalPlane
from simulators.plots import CENTRE, rice_plots
from simulators.route import Pace, plan_lines, plan_tour

SWATH_M = 7.0


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plots", type=int, default=1_000, help="plots that get lines")
    parser.add_argument("--tour", type=int, default=300, help="plots of one tour")
    chosen = parser.parse_args()
    plane, pace = LocalPlane.around(*CENTRE), Pace()
    areas = [plane.to_plane(plot.boundary) for plot in rice_plots("bench", chosen.plots)]
    answer: dict[str, object] = {"bench": "route", "plots": chosen.plots, "tour_plots": chosen.tour}
    for rounds in (0, 1, 2):
        began = time.process_time()
        flown = [plan_lines(area, SWATH_M, headlands=rounds) for area in areas]
        seconds = time.process_time() - began
        lines, hours = sum(map(len, flown)), sum(map(pace.flying_s, flown)) / 3600.0
        print(f"{rounds} rounds: {seconds:6.2f} s of CPU, {lines:6} lines, {hours:6.1f} h of flight", file=sys.stderr)
        answer[f"lines_s_{rounds}_rounds"] = round(seconds, 2)
    began = time.process_time()
    plan_tour(areas[: chosen.tour], (0.0, 0.0), SWATH_M)
    answer["tour_s"] = round(time.process_time() - began, 2)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
