"""The API under a map and a desk: plots of a window and a statement, half of each, 200 requests a second in all.

Beside it, in the same run and at the same rate, the route that one would write in an evening: FastAPI, GeoAlchemy, a
query of PostGIS each time (left out where there is no PostGIS). Requests come at fixed times whatever happened to those
before; a latency counts from the time at which the request was due.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import uvicorn
from shapely import Polygon

from bench import api_plain
from bench.postgis import database, postgis, programs
from bench.servers import free_port
from core.accounts import Role
from core.localtime import day_window_ms
from core.model.land import Cooperative, Device, DeviceKind, Plot
from geo.archiving import archived
from geo.service import recompute
from tests.support import rectangle
from tests.support.fakes import FakeClock
from tests.support.people import running_api

RATE: Final = 200
SECONDS: Final = 20
CONNECTIONS: Final = 32
PLOTS: Final = 5_000
"""In the cooperative; the window holds 500 of them."""
WINDOW: Final = "105.0,10.0,105.0245,10.0195"
_START_MS: Final = day_window_ms("2026-11-20")[0] + 6 * 3_600_000
_CORNERS: Final = 15


def plots() -> list[Plot]:
    """Fields of a hundred columns, each of some corners, in degrees with seven decimals."""
    angles = np.linspace(0.0, 2.0 * np.pi, _CORNERS, endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * 0.0004
    found = []
    for number in range(PLOTS):
        row, column = divmod(number, 100)
        middle = np.array([105.0005 + 0.001 * column, 10.0005 + 0.001 * row])
        if column >= 25:
            middle[0] += 0.01
        boundary = Polygon(np.round(middle + ring, 7))
        found.append(Plot(f"p{number:05d}", boundary, f"Thửa {number}", "htx", "rice", member=""))
    return found


@dataclass(slots=True)
class Answers:
    """Latencies in s by path, sizes in bytes by path, and how many went wrong."""

    took_s: dict[str, list[float]] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=dict)
    wrong: int = 0

    def p95_ms(self, path: str = "") -> float:
        """The 95th percentile, of one path or of all."""
        some = self.took_s[path] if path else [t for each in self.took_s.values() for t in each]
        return round(float(np.percentile(some, 95.0)) * 1_000.0, 2)


async def _ask(port: int, paths: Sequence[str], headers: str, known: Answers, *, number: int, began: float) -> None:
    """One connection's share of the requests, each at its time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for at in range(number, RATE * SECONDS, CONNECTIONS):
        path = paths[at % len(paths)]
        due = began + at / RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(size)
        known.took_s.setdefault(path, []).append(time.perf_counter() - due)
        known.size[path] = size
        known.wrong += not head.startswith(b"HTTP/1.1 200")
    writer.close()


async def _load(port: int, paths: Sequence[str], headers: str) -> Answers:
    known = Answers()
    began = time.perf_counter() + 0.5
    await asyncio.gather(*(_ask(port, paths, headers, known, number=n, began=began) for n in range(CONNECTIONS)))
    return known


def measured(port: int, paths: Sequence[str], headers: str) -> dict[str, Any]:
    """What a server did at the rate; the first seconds of it are the server's warming up, and count."""
    cpu, began = time.process_time(), time.perf_counter()
    known = asyncio.run(_load(port, paths, headers))
    wall = time.perf_counter() - began
    return {
        "p95_ms": known.p95_ms(),
        "plots_p95_ms": known.p95_ms(paths[0]),
        "statement_p95_ms": known.p95_ms(paths[1]),
        "plots_bytes": known.size[paths[0]],
        "statement_bytes": known.size[paths[1]],
        "wrong": known.wrong,
        "requests_per_s": round(RATE * SECONDS / wall, 1),
        "generator_cpu_share": round((time.process_time() - cpu) / wall, 3),
    }


def _serve(app: Any, port: int) -> None:
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def serve_ours(folder: Path, port: int) -> None:
    """Our server, in a process of its own."""
    with running_api(folder, FakeClock(_START_MS + 3_600_000)) as api:
        _serve(api.app, port)


@contextmanager
def running(serve: Callable[..., None], *args: Any) -> Iterator[int]:
    """A server in a process of its own; its port."""
    context = multiprocessing.get_context("spawn")
    port = free_port()
    process = context.Process(target=serve, args=(*args, port), daemon=True)
    process.start()
    try:
        _await(port)
        yield port
    finally:
        process.terminate()
        process.join(10.0)


def _await(port: int) -> None:
    async def reached() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    for _ in range(300):
        try:
            asyncio.run(reached())
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"nothing answers on port {port}")


def prepared(folder: Path) -> tuple[str, str]:
    """A cooperative with plots and a flight; the flight's name, and the header of a key."""
    with running_api(folder, FakeClock(_START_MS + 3_600_000)) as api:
        api.registry.add_cooperative(Cooperative("htx", "Hợp tác xã"))
        api.registry.put_all([*plots(), rectangle.plot("htx", "rect")])
        api.registry.add_device(Device("d1", "htx", DeviceKind.DRONE, "Máy bay số 1", "T40"))
        table = rectangle.flight("d1", _START_MS)
        api.store.write("htx", list(table.rows()), _START_MS)
        window = _START_MS, int(table.ts_ms[-1])
        results = recompute(api.store, api.registry, "htx", "d1", *window, 300.0)
        archived(api.archive, api.store, api.registry, "htx", "d1", window, results.results)
        (flight,) = api.registry.flights("htx", *window)
        api.enrol("manager", Role.MANAGER, "htx")
        return flight.flight, api.key("manager")["Authorization"]


def main() -> None:
    """Measure, and print one JSON object at the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        flight, key = prepared(folder)
        root = "/v1/cooperatives/htx"
        paths = (f"{root}/plots?bbox={WINDOW}&limit=1000", f"{root}/flights/{flight}/statement")
        headers = f"Authorization: {key}\r\n"
        with running(serve_ours, folder) as port:
            ours = measured(port, paths, headers)
        print("ours", json.dumps(ours), file=sys.stderr)
        found: dict[str, Any] = {"rate_per_s": RATE, "seconds": SECONDS, "plots": PLOTS, "ours": ours, "plain": None}
        binaries = programs()
        if binaries is None:
            print("no PostGIS on this machine: the plain route is left out", file=sys.stderr)
        else:
            with postgis(binaries) as url:
                own = database(url, "plain").render_as_string(hide_password=False)
                api_plain.fill(own, plots(), ours["statement_bytes"])
                with running(api_plain.serve, own) as port:
                    found["plain"] = measured(port, (f"/plots?bbox={WINDOW}", "/statements/1"), "")
            found["plain_over_ours_p95"] = round(found["plain"]["p95_ms"] / ours["p95_ms"], 2)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
