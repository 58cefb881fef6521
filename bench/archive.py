"""A province's day from the archive to figures, and one drone's day from the archive and from InfluxDB.

    make bench-archive

The day is Bạc Liêu's 86 drones, simulated once and kept under ``build/``. Figures are those of flights and jobs without
the net areas that are expected in truth: forty draws each, which ``bench.tolerance`` times. The peer reads the same
files in the usual way (pandas ``read_parquet``, an object a fix) and only lists what it read. The last line on stdout
is one JSON document; what needs a server or a package that is not there is null.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import closing
from pathlib import Path
from typing import Any, Final, cast

from bench import archive_set
from bench.archive_set import Province
from cli.executors import Inline, executor
from core.archive import Entry
from core.errors import CanhdongError
from core.model.fixtable import FixTable
from core.model.land import Plot
from core.registry import Registry
from geo import batch
from geo.archivesource import Ports, release
from geo.coverage import Parameters, compute

PLAIN: Final = Parameters(expected=False)
REPEATS: Final = 5
PEER_FLIGHTS: Final = 50
AREA_FIXES: Final = 500_000
ALWAYS: Final = (-(2**62), 2**62)


def best_ms(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Shortest of some runs, in ms of wall clock."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


class Unsaved:
    """A registry that drops results, so that the set stays as it is; writing is not part of what is timed."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def __getattr__(self, name: str) -> Any:
        """Everything else is the registry's."""
        return getattr(self._registry, name)

    def save_windows(self, *_: object) -> None:
        """Drop them."""


def province_s(opener: Province, day: str, pool: Executor) -> float:
    """Seconds from the archive to the figures of all flights and rows of jobs of a day."""
    with closing(opener()) as ports:
        start = time.perf_counter()
        known = [c.cooperative for c in ports.registry.cooperatives()]
        days = batch.plan(ports, known, day, day, force=True)
        report = batch.run(days, opener, cast("Registry", Unsaved(ports.registry)), pool, PLAIN)
        taken = time.perf_counter() - start
    if report.failed:
        raise CanhdongError(f"flights failed: {list(report.failed.items())[:3]}")
    print(f"{report.flights} flights, {report.rows} rows in {taken:.1f} s", file=sys.stderr)
    return taken


def first_drone(ports: Ports, cooperative: str) -> list[Entry]:
    """The flights of the first drone of a cooperative."""
    entries = ports.archive.flights(cooperative, *ALWAYS)
    device = ports.archive.read(entries[0]).flight.device
    return [entry for entry in entries if entry.flight.startswith(f"{device}-")]


def drone_day_ms(opener: Province, entries: Sequence[Entry]) -> float:
    """One drone's day from the archive to figures."""
    return best_ms(lambda: batch.flights_of(opener, entries, PLAIN, None, "bench"))


def peer_s(opener: Province, entries: Sequence[Entry]) -> float | None:
    """Seconds in which pandas reads some flights' files and makes an object of each fix; None without pandas."""
    try:
        import pandas as pd  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415
    except ModuleNotFoundError:
        return None
    home = Path(opener.folder) / "archive"
    start = time.perf_counter()
    for entry in entries:
        list(pd.read_parquet(home / entry.path).itertuples())
    return time.perf_counter() - start


def influx_ms(table: FixTable, plots: Sequence[Plot]) -> float | None:
    """Our share of a drone's day from InfluxDB to figures: all but the wait for its answer; None without InfluxDB."""
    if shutil.which("influxd") is None:
        print("influxd is not installed: its part is left out", file=sys.stderr)
        return None
    from storage.telemetry.influx import InfluxTelemetry  # noqa: PLC0415
    from storage.telemetry.influx_http import InfluxHttp  # noqa: PLC0415
    from tests.support.influx import ADMIN, running_influxd  # noqa: PLC0415

    waited_s = 0.0

    class Timed(InfluxHttp):
        def csv(self, *args: Any, **named: Any) -> bytes:
            nonlocal waited_s
            start = time.perf_counter()
            try:
                return super().csv(*args, **named)
            finally:
                waited_s += time.perf_counter() - start

    window = int(table.ts_ms.min()), int(table.ts_ms.max())
    with tempfile.TemporaryDirectory() as folder, running_influxd(Path(folder)) as server:
        server.ask('CREATE DATABASE "canhdong_bench"')
        store = InfluxTelemetry(Timed(server.server(ADMIN)))
        rows = list(table.rows())
        for at in range(0, len(rows), 5_000):
            store.write("bench", rows[at : at + 5_000], window[1])
        shares = []
        for _ in range(REPEATS):
            waited_s, start = 0.0, time.perf_counter()
            fixes = store.fixes("bench", table.device, *window)
            compute("bench", [fixes], plots, PLAIN)
            shares.append(time.perf_counter() - start - waited_s)
        if len(fixes) != len(rows):
            raise CanhdongError(f"{len(rows)} fixes were written, {len(fixes)} read")
    return 1e3 * min(shares)


def area_files_s(ports: Ports, cooperative: str, folder: Path) -> float:
    """Seconds of wall clock of ``canhdong area`` on half a million fixes over a cooperative's plots, caches warm."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    from land.export import export_plots  # noqa: PLC0415

    export_plots(ports.registry.plots(cooperative)[:300], folder / "plots.geojson", "EPSG:4326")
    tables, fixes = [], 0
    for entry in ports.archive.flights(cooperative, *ALWAYS):
        it = ports.archive.read(entry).fixes
        columns = {"ts": it.ts_ms, "lat": it.lat_deg, "lon": it.lon_deg, "on": it.on, "speed_mps": it.speed_mps}
        columns |= {"flow_lpm": it.flow_lpm, "swath_m": it.swath_m}
        texts = {"device": [it.device] * len(it), "flight": [entry.flight] * len(it)}
        tables.append(pa.table(columns | texts))
        fixes += len(it)
        if fixes >= AREA_FIXES:
            break
    pq.write_table(pa.concat_tables(tables), folder / "fixes.parquet")
    command = [str(Path(sys.executable).with_name("canhdong")), "area", "fixes.parquet", "--plots", "plots.geojson"]
    quiet: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "env": os.environ}
    return best_ms(lambda: subprocess.run(command, check=True, **quiet), 3) / 1e3


def workers_x(opener: Province, day: str) -> dict[str, float | None]:
    """How many times as fast two warm workers are as one, local processes and Dask's."""

    def warm_s(pool: Executor) -> float:
        province_s(opener, day, pool)
        return province_s(opener, day, pool)

    one_s = warm_s(Inline())
    release()
    with executor(2) as pool:
        found: dict[str, float | None] = {"two_processes_x": one_s / warm_s(pool), "dask_two_workers_x": None}
    try:
        from distributed import LocalCluster  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415
    except ModuleNotFoundError:
        print("Dask is not installed: its part is left out", file=sys.stderr)
        return found
    cluster_of: Any = LocalCluster
    with (
        cluster_of(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        executor(2, cluster.scheduler_address) as pool,
    ):
        found["dask_two_workers_x"] = one_s / warm_s(pool)
    return found


def main() -> None:
    """Make the set, run, compare, print."""
    opener, day = archive_set.made(), archive_set.day_of()
    found: dict[str, float | None] = {}
    with closing(opener()) as ports:
        cooperative = ports.registry.cooperatives()[0].cooperative
        entries = first_drone(ports, cooperative)
        tables = [ports.archive.read(entry).fixes for entry in entries]
        fixes = sum(map(len, tables))
        found["drone_day_fixes"] = fixes
        found["drone_day_archive_ms"] = drone_day_ms(opener, entries)
        read_s = best_ms(lambda: [ports.archive.read(e) for e in entries[:PEER_FLIGHTS]], 3) / 1e3
        peer = peer_s(opener, entries[:PEER_FLIGHTS])
        found["read_vs_pandas"] = None if peer is None else peer / read_s
        found["drone_day_influx_client_ms"] = influx_ms(FixTable.concat(tables), ports.registry.plots(cooperative))
        with tempfile.TemporaryDirectory() as folder:
            found["area_files_s"] = area_files_s(ports, cooperative, Path(folder))
    found["province_day_s"] = province_s(opener, day, Inline())
    release()
    found |= workers_x(opener, day)
    print(json.dumps({"bench": "archive"} | {k: v if v is None else round(v, 3) for k, v in found.items()}))


if __name__ == "__main__":
    main()
