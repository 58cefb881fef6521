"""100,000 plots: how fast they come in, and how soon those at a place are found, on SQLite and on PostGIS.

Run as ``python -m bench.land [--plots N]``. Ours reads a field file, checks every boundary and keeps it in the
registry, durably and in versions. Its peers in the same run: a plain ``pyogrio.raw.read``, which checks and keeps
nothing; ``geopandas.read_file(...).to_postgis(...)``, which keeps what it has read; and, for queries, a scan of all
rows in SQL. What is not installed (PostgreSQL, geopandas) is left out, which is said. The last line is one JSON
document; a ratio ``vs`` is our plots a second over the peer's, or the time of a scan over ours.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pyogrio.raw
from sqlalchemy import URL, create_engine

from bench.land_queries import Spot, Timing, by_registry, by_scan, ratios, spots
from bench.postgis import database, postgis, programs
from bench.rice_land import DRIVERS, district, write
from core.model.land import Cooperative, Plot
from land.fieldfile import read_plots
from storage.registry.engine import Place, open_file, open_server
from storage.registry.repository import SqlRegistry

_MAIN: Final = "htx-lon"
_BESIDE: Final = {"htx-vua": 0.3, "htx-nho": 0.1}
"""Other cooperatives whose plots lie between those of the first, and how many they have of its number."""
_ASIDE_M: Final = 300.0
_SCANS: Final = 20


@dataclass(frozen=True, slots=True)
class Import:
    """One import, from the file to the registry; ``cpu_s`` is this process's, without a server's."""

    read_s: float
    kept_s: float
    cpu_s: float
    plots: int

    @property
    def per_s(self) -> float:
        """Plots a second, all in all."""
        return self.plots / (self.read_s + self.kept_s)

    @property
    def cpu_us(self) -> float:
        """CPU microseconds a plot, which others on the machine hardly change."""
        return self.cpu_s / self.plots * 1e6

    def __str__(self) -> str:
        parts = f"read {self.read_s:6.2f} s, kept {self.kept_s:6.2f} s, {self.cpu_us:4.0f} µs CPU a plot"
        return f"{self.per_s:9,.0f} plots/s   {parts}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one database was measured with; imports by suffix of the file, queries by name."""

    imports: Mapping[str, Import]
    ours: Mapping[str, Timing]
    scan: Mapping[str, Timing]


def say(what: str, words: str) -> None:
    """One line of progress."""
    print(f"{what:34} {words}", flush=True)


def seconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    start_s = time.perf_counter()
    work()
    return time.perf_counter() - start_s


def brought_in(registry: SqlRegistry, path: Path, name: str) -> Import:
    """Import a file, as ``canhdong plots import`` does where nothing speaks against it."""
    registry.add_cooperative(Cooperative(_MAIN, "Bench"))
    start_s, start_cpu_s = time.perf_counter(), time.process_time()
    plots = read_plots(path).plots
    read_s = time.perf_counter() - start_s
    kept_s = seconds(lambda: registry.put_all([replace(plot, cooperative=_MAIN) for plot in plots]))
    it = Import(read_s, kept_s, time.process_time() - start_cpu_s, len(plots))
    say(f"import {path.suffix} {name}", str(it))
    return it


def measured(
    name: str, fresh: Callable[[str], Place], files: Mapping[str, Path], beside: Sequence[list[Plot]], asked: list[Spot]
) -> Figures:
    """All figures of one database, queries on what the last file held.

    Args:
        name: The database.
        fresh: Makes an empty registry of a name.
        files: What to import, by suffix.
        beside: Plots of other cooperatives, registered before the queries.
        asked: What to ask for.
    """
    imports = {}
    for suffix, path in files.items():
        place = fresh(suffix[1:])
        with closing(SqlRegistry(place)) as registry:
            imports[suffix] = brought_in(registry, path, name)
            if len(imports) < len(files):
                continue
            for plots in beside:
                registry.add_cooperative(Cooperative(plots[0].cooperative, "Bench"))
                registry.put_all(plots)
            ours = by_registry(registry, asked)
            with place.engine.begin() as connection:
                scan = by_scan(connection, asked[:_SCANS])
    for query, timing in ours.items():
        say(f"{query} {name}", f"{timing}   (all rows: {scan[query]})")
    return Figures(imports, ours, scan)


def plain_read(files: Mapping[str, Path], count: int) -> dict[str, float]:
    """Plots a second of pyogrio alone, by suffix."""
    found = {}
    for suffix, path in files.items():
        found[suffix] = count / seconds(partial(pyogrio.raw.read, path))
        say(f"read {suffix} pyogrio", f"{found[suffix]:9,.0f} plots/s")
    return found


def to_postgis(files: Mapping[str, Path], url: URL, count: int) -> dict[str, float]:
    """Plots a second of geopandas from a file to a table, by suffix; nothing where it is not installed."""
    if find_spec("geopandas") is None or find_spec("geoalchemy2") is None:
        print(
            "geopandas and geoalchemy2 are not installed (dependency group bench): to_postgis is left out", flush=True
        )
        return {}
    import geopandas  # noqa: PLC0415

    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    found = {}
    for suffix, path in files.items():
        start_s = time.perf_counter()
        geopandas.read_file(path).to_postgis(suffix[1:], engine)
        found[suffix] = count / (time.perf_counter() - start_s)
        say(f"import {suffix} to_postgis", f"{found[suffix]:9,.0f} plots/s")
    engine.dispose()
    return found


def databases(folder: Path) -> Iterator[tuple[str, Callable[[str], Place], URL | None]]:
    """One after the other: a name, what makes an empty registry there, and the URL where it is a server."""
    yield "SQLite", lambda name: open_file(folder / f"{name}.sqlite"), None
    binaries = programs()
    if binaries is None:
        print("PostgreSQL with PostGIS is not installed (make servers): SQLite only", flush=True)
        return
    with postgis(binaries) as url:
        yield "PostGIS", lambda name: open_server(database(url, name), make=True), url


def report(found: Mapping[str, Figures], plain: Mapping[str, float], peer: Mapping[str, float]) -> dict[str, float]:
    """What the last line says; figures of what was left out are missing."""
    answer: dict[str, float] = {}
    for suffix in DRIVERS:
        of = "import" if suffix == ".gpkg" else f"import_{suffix[1:]}"
        for name, its in found.items():
            answer[f"{of}_plots_per_s_{name.lower()}"] = round(its.imports[suffix].per_s)
            answer[f"{of}_cpu_us_{name.lower()}"] = round(its.imports[suffix].cpu_us)
        answer[f"{of}_vs_plain_read"] = round(found["SQLite"].imports[suffix].per_s / plain[suffix], 3)
        if suffix in peer:
            answer[f"{of}_vs_to_postgis"] = round(found["PostGIS"].imports[suffix].per_s / peer[suffix], 3)
    for name, its in found.items():
        for query, timing in its.ours.items():
            answer[f"{query}_ms_{name.lower()}"] = round(timing.median_ms, 3)
            answer[f"{query}_p99_ms_{name.lower()}"] = round(timing.p99_ms, 3)
        answer |= {f"{query}_vs_scan_{name.lower()}": ratio for query, ratio in ratios(its.ours, its.scan).items()}
    return answer


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plots", type=int, default=100_000, help="of the largest cooperative (%(default)s)")
    parser.add_argument("--queries", type=int, default=2_000, help="of each kind (%(default)s)")
    chosen = parser.parse_args()
    plots = district(_MAIN, chosen.plots)
    beside = [
        district(name, math.ceil(chosen.plots * share), 100 * k, _ASIDE_M)
        for k, (name, share) in enumerate(_BESIDE.items(), start=1)
    ]
    asked = spots([*plots, *(plot for its in beside for plot in its)], chosen.queries)
    found: dict[str, Figures] = {}
    peer: dict[str, float] = {}
    with TemporaryDirectory(prefix="canhdong-bench-") as folder:
        files = {suffix: Path(folder, f"plots{suffix}") for suffix in DRIVERS}
        for path in files.values():
            write(path, plots)
        plain = plain_read(files, len(plots))
        for name, fresh, url in databases(Path(folder)):
            found[name] = measured(name, fresh, files, beside, asked)
            if url is not None:
                peer = to_postgis(files, database(url, "peer"), len(plots))
    print(json.dumps({"bench": "land", "plots": len(plots)} | report(found, plain, peer)))


if __name__ == "__main__":
    main()
