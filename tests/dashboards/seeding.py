"""A real InfluxDB that holds what boards read: a simulated run, computed, followed and accounted for as in service."""

from __future__ import annotations

import datetime as dt
import time
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Final

from core.alerts import PastAlert
from core.intake import IntakeCommit
from core.localtime import DAY_MS, local_day
from core.model.context import Alert, AlertKind
from core.model.enums import Operation
from core.model.figures import Figures
from core.model.fixtable import FixTable
from core.model.land import Cooperative, Device, Plot
from core.model.samples import Event, Fix, Reading
from core.model.traffic import Stream
from core.ports import DeadLetter, Sample, TelemetryStore
from core.rollup import Treated
from geo.context.following import ContextFollower
from geo.figures.alert import alert_row
from geo.figures.compliance import FlightRules, Kept, compliance_rows
from geo.figures.following import FiguresFollower, from_store
from geo.parameters import Parameters
from geo.recompute import recompute
from geo.rollups import rollups
from ingest.counters import Counters
from ingest.ledger import Ledger
from ingest.pipeline import Share
from ingest.ports import Ports
from ingest.reports import HEALTH, Reports
from simulators import specs, world
from storage.intake.sqlite import SqliteIntake
from storage.registry.repository import SqlRegistry
from storage.telemetry.influx import InfluxTelemetry
from tests.support.fakes import FakeClock, FakeDeadLetters
from tests.support.influx import Influxd

HTX: Final = "demo"
DATABASES: Final = (HTX, "province", "platform")
_STEPS: Final = 60
_STEP_MS: Final = 10_000
_KINDS: Final = tuple(AlertKind)


@dataclass(frozen=True, slots=True)
class Seeded:
    """The server, what it holds until when, and from when on."""

    server: Influxd
    start_ms: int
    now_ms: int


def seed(server: Influxd, folder: Path) -> Seeded:
    """Fill the three databases with what happened until just now."""
    now_ms = int(time.time() * 1_000)
    for name in DATABASES:
        server.make_database(f"canhdong_{name}")
    ran = _ran(now_ms)
    start_ms = min(int(fixes.ts_ms[0]) for _, fixes in ran.fixes)
    with (
        closing(InfluxTelemetry(server.http())) as store,
        closing(SqlRegistry(folder / "registry.sqlite")) as registry,
        closing(SqliteIntake(folder / "intake.sqlite")) as intake,
    ):
        _fly(store, registry, ran, now_ms)
        store.put_figures(HTX, _alerts(start_ms))
        _account(store, registry, intake, ran, now_ms)
        store.put_figures("province", _province(now_ms))
    return Seeded(server, start_ms, now_ms)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a scenario has made."""

    plots: tuple[Plot, ...]
    devices: tuple[Device, ...]
    streams: tuple[Stream, ...]

    @property
    def fixes(self) -> list[tuple[str, FixTable]]:
        """The fixes of each drone."""
        return [(it.device, it.samples) for it in self.streams if isinstance(it.samples, FixTable)]


def _ran(now_ms: int) -> Ran:
    """A cooperative's half hour that ends now: two sprayers, a spreader, all kinds of sensors."""
    end_ms = max(int(fixes.ts_ms[-1]) for _, fixes in _run(now_ms).fixes)
    return _run(2 * now_ms - end_ms)


def _run(start_ms: int) -> Ran:
    fleets = [
        specs.Fleet(count=2, rate_hz=1.0),
        specs.Fleet(model="DJI Agras T50", op="spread", dose=80.0, rate_hz=1.0),
    ]
    sensors = [
        specs.Sensor(kind="weather", every_s=60.0),
        specs.Sensor(kind="water_level", every_s=60.0),
        specs.Sensor(kind="salinity", every_s=60.0),
        specs.Sensor(kind="soil", every_s=60.0),
    ]
    scenario = specs.Scenario(
        title_vi="Bảng",
        title_en="Boards",
        start=dt.datetime.fromtimestamp(start_ms // 1_000, dt.UTC),
        hours=0.6,
        gnss={"rtk": specs.Gnss()},
        networks={"good": specs.Network()},
        cooperatives=[specs.Cooperative(id=HTX, name=HTX, land=specs.Land(count=6), fleets=fleets, sensors=sensors)],
    )
    ready = world.prepare(scenario, seed=3)
    streams = tuple(stream for part in ready.made() for stream in part.streams)
    return Ran(tuple(ready.sites[0].plots), ready.devices, streams)


def _samples(stream: Stream, now_ms: int) -> list[Sample]:
    rows = stream.samples.rows() if isinstance(stream.samples, FixTable) else stream.samples
    return [it for it in rows if isinstance(it, Fix | Event | Reading) and it.ts_ms <= now_ms]


def _fly(store: InfluxTelemetry, registry: SqlRegistry, ran: Ran, now_ms: int) -> None:
    """Land, devices, samples; flights computed and followed."""
    registry.add_cooperative(Cooperative(HTX, "HTX"))
    for plot in ran.plots:
        registry.put(replace(plot, valid_from_ms=0))
    for device in ran.devices:
        registry.add_device(device)
    for stream in ran.streams:
        store.write(HTX, _samples(stream, now_ms), now_ms)
    figures = FiguresFollower(store, registry, registry, registry, from_store(store), Parameters())
    surroundings = ContextFollower(store, registry, registry, Parameters())
    for name, fixes in ran.fixes:
        done = recompute(store, registry, HTX, name, int(fixes.ts_ms[0]), int(fixes.ts_ms[-1]))
        surroundings.follow(done)
        figures.follow(done)


def _alerts(start_ms: int) -> list[Figures]:
    """One of each kind, the last of which stands."""
    found = []
    for number, kind in enumerate(_KINDS):
        told = Alert(kind, True, start_ms + number * 60_000, 105.72, 9.28, "", "", 5.0 + number, 2.0, "m")
        end_ms = None if number == len(_KINDS) - 1 else told.ts_ms + 30_000
        found.append(alert_row(PastAlert(HTX, "drone-01", "f", told, end_ms)))
    return found


def _account(store: TelemetryStore, registry: SqlRegistry, intake: SqliteIntake, ran: Ran, now_ms: int) -> None:
    """The ledger of the run, and what ingest reports of it, the last report just now."""
    clock = FakeClock(now_ms - _STEPS * _STEP_MS)
    counters = Counters()
    letters = FakeDeadLetters()
    letters.add([DeadLetter(now_ms, "t", b"", reason, "") for reason in ("schema", "schema", "clock")])
    reports = Reports(Ports(store, registry, letters, intake), lambda: counters, clock)
    ledger = Ledger(intake, "0")
    samples = sorted(
        (it for s in ran.streams for it in _samples(s, now_ms) if isinstance(it, Fix | Reading)), key=_when
    )
    parts: list[list[Sample]] = [list(samples[k :: _STEPS // 2]) for k in range(_STEPS // 2)]
    for number in range(_STEPS):
        part: list[Sample] = parts[number // 2] if number % 2 == 0 else []
        if part:
            counts = Share(part, list(range(len(part))), [], [])
            ledger.apply(HTX, counts, {}, [it.ts_ms + 500 for it in part])
            accounts, days, clocks, _ = ledger.changes()
            intake.commit("0", IntakeCommit(todo={}, accounts=accounts, days=days, clocks=clocks))
        counters.messages += 7
        counters.received += len(part)
        counters.stored += len(part)
        counters.writes += 2
        counters.write_s += 0.02
        clock.advance(_STEP_MS / 1_000)
        reports.step("0", 1_000 * number, number % 3, all_now=True)
    told: dict[str, float | str] = {"clock": "ahead", "offset_s": -400.0}
    store.put_figures(HTX, [Figures(HEALTH, now_ms - 600_000, {"cooperative": HTX, "device": "drone-02"}, told)])


def _when(sample: Sample) -> int:
    return sample.ts_ms


def _province(now_ms: int) -> list[Figures]:
    """Ten days of four farms in two communes, some of which broke a rule."""
    days = [local_day(now_ms - n * DAY_MS) for n in range(10)]
    found: list[Figures] = []
    for number, day in enumerate(days):
        rows = [
            Treated(commune, op, group, day, farm, frozenset({f"{farm}-{day}-{op}"}), frozenset({farm}), 9e3, 20.0, 5.0)
            for commune, op, group, farm in product(
                ("31840", "31843"),
                (Operation.SPRAY, Operation.SPREAD),
                ("insects", "weeds"),
                ("h1", "h2", "h3", "h4"),
            )
        ]
        hours = {name: 0.4 for row in rows for name in row.flights}
        rules = {name: FlightRules(*_kept(k + number)) for k, name in enumerate(sorted(hours))}
        found += [cell.point() for cell in rollups(rows, hours_of=hours)]
        found += compliance_rows(day, rows, rules)
    return found


def _kept(number: int) -> tuple[Kept, float, Kept, Kept, Kept]:
    kinds = (Kept.YES, Kept.NO, Kept.UNKNOWN)
    weather, drug, licence, drone = (kinds[(number + k) % 3] for k in range(4))
    return weather, float(number % 2), drug, licence, drone
