"""What the queries of each board cost over thirty days of a province's drones at 1 Hz, six hours a day.

    make bench-dashboards                       a tenth of the drones
    python -m bench.dashboards --share 1.0      all 86: 56 million fixes, a quarter of an hour to load

Every query of every panel is sent to a real InfluxDB of Debian as Grafana sends it, over thirty days, or over the
panel's own range where it has one. A board's figure is its slowest query; those of drones grow with their number, so
that a tenth of them is no tenth of a province. The last line on stdout is one JSON document.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Final

from bench import dashboard_days as days
from tests.dashboards.asking import DATABASES, Asked, asked, filled
from tests.support.influx import Influxd, running_influxd

DRONES: Final = 86
DAYS: Final = 30
AT_ONCE: Final = 20_000
REPEATS: Final = 3
POINTS: Final = 1_000
"""How many steps of time a panel asks for: its width in pixels."""
LIMIT_S: Final = 1.0
_UNITS_S: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def load(server: Influxd, database: str, lines: Iterable[str]) -> int:
    """Write lines; gives how many."""
    count, it = 0, iter(lines)
    while part := list(islice(it, AT_ONCE)):
        status = server.write(database, "\n".join(part))
        if status != HTTPStatus.NO_CONTENT:
            raise SystemExit(f"InfluxDB refused lines: HTTP {status}")
        count += len(part)
    return count


def range_s(it: Asked) -> int:
    """The range of a panel in s: its own, else thirty days."""
    told = it.panel.get("timeFrom") or f"{DAYS}d"
    return 86_400 if told == "now/d" else int(told[:-1]) * _UNITS_S[told[-1]]


def step_s(it: Asked, over_s: int) -> int:
    """The step that Grafana asks for, not below the panel's least one."""
    least = it.panel.get("interval", "10s")
    points: int = it.panel.get("maxDataPoints", POINTS)
    return max(int(least[:-1]) * _UNITS_S[least[-1]], over_s // points)


def cost_s(server: Influxd, it: Asked, end_s: int) -> float:
    """The shortest of some runs of a query, in s; a query that is refused ends the bench."""
    over_s = range_s(it)
    chosen = {"drone": "drone-001"}
    query = filled(it.target["query"], (end_s - over_s) * 1_000, end_s * 1_000, f"{step_s(it, over_s)}s", chosen)
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        told = server.ask(query, DATABASES[it.target["datasource"]["uid"]])
        times.append(time.perf_counter() - begin)
        if "error" in told:
            raise SystemExit(f"{it.name}: {told['error']}")
        if times[-1] > 10 * LIMIT_S:
            break
    return min(times)


def main() -> None:
    """Load, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=0.1, help="of the 86 drones (default 0.1)")
    parser.add_argument("--days", type=int, default=DAYS)
    args = parser.parse_args()
    size = days.Size(max(1, round(DRONES * args.share)), args.days, 6.0, int(time.time()))
    print(f"{size.drones} of {DRONES} drones, {size.days} days, {size.fixes:,} fixes", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder, running_influxd(Path(folder) / "influxd") as server:
        for name in DATABASES.values():
            server.make_database(name)
        begin = time.perf_counter()
        demo, province, platform = DATABASES.values()
        points = sum(load(server, demo, lines(size)) for lines in (days.fixes, days.results, days.readings))
        points += load(server, province, days.province(size)) + load(server, platform, days.platform(size))
        loaded_s = time.perf_counter() - begin
        print(f"{points:,} points in {loaded_s:.0f} s", file=sys.stderr)
        found: dict[str, dict[str, float]] = {}
        for it in asked():
            found.setdefault(it.board, {})[it.name] = cost_s(server, it, size.end_s)
    for board, costs in found.items():
        print(f"{board}: slowest {max(costs.values()):.3f} s, all {sum(costs.values()):.3f} s")
        for name, cost in sorted(costs.items(), key=lambda pair: -pair[1])[:3]:
            print(f"    {cost:7.3f} s  {name}")
    slowest = {f"dashboards_{board}_slowest_s": round(max(costs.values()), 4) for board, costs in found.items()}
    print(json.dumps(slowest | {"dashboards_share": size.drones / DRONES, "dashboards_points": points}))


if __name__ == "__main__":
    main()
