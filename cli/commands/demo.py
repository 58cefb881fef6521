"""``canhdong demo``."""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from cli import lifecycle, output, publishing, wiring
from cli.supervisor import Supervisor
from cli.tables import plot_cells, plot_figures, plot_headings
from core.errors import CanhdongError, ConfigError
from core.hosts import is_loopback
from core.localtime import local_day
from core.model.coverage import Flight, JobPlot
from core.model.enums import EventKind
from core.model.samples import Event
from core.registry import Registry
from core.settings import ApiSettings, DataSettings, load
from core.terms import both
from core.units import ha
from simulators.demo_cooperative import COOPERATIVE

if TYPE_CHECKING:
    from simulators.fleet import Fleet

_BROKER_URL = "mqtt://127.0.0.1:18830"
_ALL_TIMES = (-(2**62), 2**62)


class Command:
    """Show everything on one machine: broker, ingest, geo and api, and a simulated fleet over forty rice plots.

    Opens on http://localhost:8000, without a password and for this machine only, and stops on Ctrl-C. Keeps its data in
    a temporary folder, unless CANHDONG_DATA_DIR names one. CANHDONG_API_PORT and CANHDONG_MQTT_URL change the ports.
    """

    name: ClassVar[str] = "demo"
    vietnamese: ClassVar[str] = "Chạy thử mọi thứ trên một máy, với đội máy bay mô phỏng trên bốn mươi thửa lúa."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--speed", type=float, default=20.0, metavar="N", help="times real time (%(default)s)")
        parser.add_argument("--drones", type=int, default=6, metavar="N", help="how many drones (%(default)s)")
        parser.add_argument("--plots", type=int, default=40, metavar="N", help="how many plots (%(default)s)")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="seed of the fleet (%(default)s)")
        parser.add_argument("--once", action="store_true", help="end when the fleet has landed")
        parser.add_argument("--json", action="store_true", help="the table as one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Start the processes, fly, print the table, serve until Ctrl-C."""
        speed = publishing.checked_speed(args.speed)
        broker = _host_port(os.environ.setdefault("CANHDONG_MQTT_URL", _BROKER_URL))
        api = load(ApiSettings)
        _refuse_network(api.api_host)
        _refuse_busy(*broker, "CANHDONG_MQTT_URL", "mqtt://127.0.0.1:18831")
        _refuse_busy(api.api_host, api.api_port, "CANHDONG_API_PORT", "8001")
        stop = lifecycle.stop_on_signals()
        with _data_folder() as folder, Supervisor(folder / "log", {}) as supervisor:
            output.note("đang khởi động / starting broker, ingest, geo, api ...")
            supervisor.start(["broker", "--listen", f"{broker[0]}:{broker[1]}"])
            supervisor.start(["ingest"], ["geo"], ["api", "--demo", COOPERATIVE.cooperative])
            page = f"http://localhost:{api.api_port}"
            output.note(f"mở / open {page}  (dữ liệu / data: {folder})")
            flown = self._fly(args, speed, stop)
            if flown and not args.once:
                output.note(f"{page} vẫn mở, dừng bằng Ctrl-C / goes on serving, stop with Ctrl-C")
                stop.wait()
            output.note("đang dừng / stopping ...")
        return 0 if flown or not args.once else 1

    def _fly(self, args: argparse.Namespace, speed: float, stop: threading.Event) -> bool:
        """Publish the fleet's flights and print what came of them; False where it was stopped before the end."""
        from simulators.fleet import fly  # noqa: PLC0415
        from simulators.plots import rice_plots  # noqa: PLC0415

        plots = rice_plots(COOPERATIVE.cooperative, args.plots)
        fleet = fly(plots, drones=args.drones, seed=args.seed)
        with wiring.stores() as stores, wiring.bus("canhdong-demo-fleet") as bus:
            publishing.register(stores.registry, COOPERATIVE, fleet.devices, plots)
            with _herald(stores.registry):
                publishing.publish(fleet.streams, bus, COOPERATIVE.cooperative, speed=speed, stop=stop, label="flying")
                _await_results(stores.registry, _flights_of(fleet), stop)
            if not stop.is_set():
                _print_table(stores.registry, as_json=args.json)
        return not stop.is_set()


def _host_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.scheme != "mqtt" or not parts.hostname:
        raise ConfigError(
            f"CANHDONG_MQTT_URL={url}: the demo runs its own broker; give mqtt://127.0.0.1:PORT or nothing"
        )
    return parts.hostname, parts.port or 1883


def _refuse_network(host: str) -> None:
    if not is_loopback(host):
        raise ConfigError(f"CANHDONG_API_HOST={host}: the demo asks for no password and serves this machine only")


def _refuse_busy(host: str, port: int, setting: str, example: str) -> None:
    """Stop before anything starts where another program holds the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"port {port} on {host} is busy ({error.strerror}); choose another: {setting}={example} make demo"
            raise ConfigError(message) from None


@contextmanager
def _data_folder() -> Iterator[Path]:
    """The folder that the settings name, else a temporary one that is removed at the end."""
    if "CANHDONG_DATA_DIR" in os.environ:
        folder = load(DataSettings).data_dir
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    folder = Path(tempfile.mkdtemp(prefix="canhdong-demo-"))
    os.environ["CANHDONG_DATA_DIR"] = str(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _flights_of(fleet: Fleet) -> int:
    """How many flights will come out of it: one per landing."""
    samples = [sample for s in fleet.streams if isinstance(s.samples, list) for sample in s.samples]
    return sum(isinstance(sample, Event) and sample.kind is EventKind.LANDING for sample in samples)


@contextmanager
def _herald(registry: Registry) -> Iterator[None]:
    """Tell of each flight's area as it is computed, while the block runs."""
    done = threading.Event()

    def watch(seen: set[str]) -> None:
        while not done.wait(1.0):
            for flight in registry.flights(COOPERATIVE.cooperative, *_ALL_TIMES):
                if flight.flight not in seen:
                    seen.add(flight.flight)
                    output.note(_line(registry, flight))

    watcher = threading.Thread(target=watch, args=(set(),), name="herald", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join(10.0)


def _line(registry: Registry, flight: Flight) -> str:
    coverage = registry.coverage(flight.cooperative, flight.flight)
    plots = ", ".join(plot.plot for plot in coverage.plots)
    return f"{flight.flight}: {ha(coverage.net_m2):.2f} ha {both('net')} ({plots})"


def _await_results(registry: Registry, flights: int, stop: threading.Event, patience_s: float = 60.0) -> None:
    """Wait until every flight has its area.

    Raises:
        CanhdongError: Some have none when the patience is over.
    """

    def known() -> int:
        return len(registry.flights(COOPERATIVE.cooperative, *_ALL_TIMES))

    if not _wait_until(lambda: known() >= flights, stop, patience_s) and not stop.is_set():
        raise CanhdongError(f"only {known()} of {flights} flights have their area; see the log of geo")


def _wait_until(condition: Callable[[], bool], stop: threading.Event, patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while not condition():
        if stop.wait(0.2) or time.monotonic() > deadline:
            return False
    return True


def _job_rows(registry: Registry) -> list[JobPlot]:
    flights = registry.flights(COOPERATIVE.cooperative, *_ALL_TIMES)
    days = sorted({local_day(flight.start_ms) for flight in flights})
    return [row for day in days for row in registry.job_plots(COOPERATIVE.cooperative, day)]


def _print_table(registry: Registry, *, as_json: bool) -> None:
    """Sprayed area per plot over all flights of the job."""
    rows = sorted(_job_rows(registry), key=lambda row: row.coverage.plot)
    if as_json:
        figures = [plot_figures(r.coverage) | {"job": r.job, "flights": list(r.flights)} for r in rows]
        output.print_json({"plots": figures})
        return
    output.print_table("Diện tích phun / Sprayed area", plot_headings(), [plot_cells(r.coverage) for r in rows])
    total = sum(row.coverage.net_m2 for row in rows)
    output.note(f"{both('total')}: {ha(total):.2f} ha on {len(rows)} plots")
