"""The API under a map and a desk: plots of a window and a statement, half of each, 200 requests a second in all.

Ours is measured twice: while nothing changes, and while another process draws a plot of the window anew every second.
Beside it, in the same run and at the same rate, two peers over one PostGIS (left out where there is none): the route
that one would write in an evening, FastAPI and GeoAlchemy with a query each time; and tipg, in an environment of its
own. Neither asks who comes.
"""

from __future__ import annotations

import itertools
import json
import logging
import multiprocessing
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from shapely import Polygon

from api.server import Front, serve
from bench import api_plain, api_tipg
from bench.api_load import RATE, SECONDS, measured
from bench.postgis import database, postgis, programs
from bench.servers import free_port
from core.accounts import Role
from core.localtime import day_window_ms
from core.model.land import Cooperative, Device, DeviceKind, Plot
from geo.archiving import archived
from geo.service import recompute
from storage.urls import open_registry
from tests.support import rectangle
from tests.support.fakes import FakeClock
from tests.support.people import running_api

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


def serve_ours(folder: Path, port: int) -> None:
    """Our server as ``canhdong api`` runs it, in a process of its own, with its log in a file."""
    logging.basicConfig(filename=folder / "api.log", level=logging.INFO)
    with running_api(folder, FakeClock(_START_MS + 3_600_000)) as api:
        serve(api.app, Front("127.0.0.1", port), threading.Event(), lambda: None)


def change_plots(folder: Path) -> None:
    """Somebody else, who draws a plot of the window anew every second."""
    with closing(open_registry(f"sqlite:///{folder / 'registry.sqlite'}")) as registry:
        for number in itertools.count(1):
            time.sleep(1.0)
            registry.put_plot(replace(plots()[0], name=f"Thửa 0, lần {number}"))


@contextmanager
def process(work: Callable[..., None], *args: Any) -> Iterator[int]:
    """A process of its own until the block ends; its pid."""
    it = multiprocessing.get_context("spawn").Process(target=work, args=args, daemon=True)
    it.start()
    try:
        yield it.pid or 0
    finally:
        it.terminate()
        it.join(10.0)


@contextmanager
def running(work: Callable[..., None], *args: Any) -> Iterator[tuple[int, int]]:
    """A server in a process of its own; its port and its pid."""
    port = free_port()
    with process(work, *args, port) as pid:
        _await(port)
        yield port, pid


def _await(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
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


def of_ours(folder: Path) -> dict[str, Any]:
    """Our figures: while nothing changes, and while plots do."""
    flight, key = prepared(folder)
    root = "/v1/cooperatives/htx"
    paths = (f"{root}/plots?bbox={WINDOW}&limit=1000", f"{root}/flights/{flight}/statement")
    headers = f"Authorization: {key}\r\n"
    with running(serve_ours, folder) as (port, pid):
        found = {"ours": measured(port, pid, paths, headers)}
        with process(change_plots, folder):
            found["ours_while_plots_change"] = measured(port, pid, paths, headers)
    return found


def of_peers(statement_bytes: int) -> dict[str, Any]:
    """Their figures, over one PostGIS; what cannot be installed is None."""
    found: dict[str, Any] = {"plain": None, "tipg": None}
    binaries = programs()
    if binaries is None:
        print("no PostGIS on this machine: the plain route and tipg are left out", file=sys.stderr)
        return found
    with postgis(binaries) as server:
        url = database(server, "plain").render_as_string(hide_password=False)
        api_plain.fill(url, plots(), statement_bytes)
        with running(api_plain.serve, url) as (port, pid):
            found["plain"] = measured(port, pid, (f"/plots?bbox={WINDOW}", "/statements/1"))
        python = api_tipg.environment()
        if python is not None:
            port = free_port()
            with api_tipg.start(python, url, port) as served:
                try:
                    _await(port)
                    found["tipg"] = measured(port, served.pid, api_tipg.paths(WINDOW))
                finally:
                    served.terminate()
    return found


def ratios(found: dict[str, Any]) -> dict[str, float]:
    """How many times ours the peers take."""
    return {
        f"{peer}_over_ours_{name}": round(found[peer][key] / found["ours"][key], 2)
        for peer in ("plain", "tipg")
        if found[peer]
        for name, key in (("p95", "p95_ms"), ("cpu", "server_cpu_ms_per_request"))
    }


def main() -> None:
    """Measure, and print one JSON object at the end."""
    found: dict[str, Any] = {"rate_per_s": RATE, "seconds": SECONDS, "plots": PLOTS}
    with tempfile.TemporaryDirectory() as name:
        found |= of_ours(Path(name))
    print("ours", json.dumps(found), file=sys.stderr)
    found |= of_peers(found["ours"]["statement_bytes"])
    print(json.dumps(found | ratios(found)))


if __name__ == "__main__":
    main()
