"""Flights that are computed at once have, to the last bit, the areas that each has by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shapely import affinity

from core.archive import FlightRecord
from core.model.coverage import Coverage
from core.model.enums import EventKind, FixQuality, Mode
from core.model.fixtable import FixTable
from core.model.samples import Event
from geo.archivesource import Ports
from geo.flightarea import flight_area, plot_at
from geo.jobs import flights_over
from geo.many.areas import Kept, areas_of, over_plots
from geo.parameters import Parameters
from geo.together import Strips, place_of, treated_together
from tests.support import rectangle
from tests.support.archived import HOUR_MS, HTX, START_MS, Farm, awkward, record

BARE = Parameters(expected=False)


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[Ports]:
    """The rectangle, a plot beside it, and one that overlaps both."""
    with closing(Farm(tmp_path).made()) as made:
        for k, up_deg in enumerate((3.5e-4, 2.0e-4)):
            boundary = affinity.translate(rectangle.plot(HTX).boundary, yoff=up_deg)
            made.registry.put_plot(replace(rectangle.plot(HTX), plot=f"p{k}", boundary=boundary))
        yield made


def noisy(table: FixTable, noise_deg: float, seed: int) -> FixTable:
    rng = np.random.default_rng(seed)
    lat, lon = (c + rng.normal(0.0, noise_deg, len(table)) for c in (table.lat_deg, table.lon_deg))
    return table.with_columns(lat_deg=lat, lon_deg=lon)


def day() -> list[FlightRecord]:
    """Flights of two drones, with all that the stages tell apart."""
    tables: list[FixTable] = []
    for k in range(12):
        table = noisy(rectangle.flight(f"d{k % 2 + 1}", START_MS + k * HOUR_MS, lines=6 - k % 3), 2e-8 * (k % 4), k)
        tables.append(table.with_columns(job=["J-1"] * len(table)))
    tables[1] = noisy(tables[1], 4e-7, 50).with_columns(quality=np.full(len(tables[1]), FixQuality.SINGLE, np.int8))
    tables[2] = tables[2].with_columns(flow_lpm=np.full(len(tables[2]), np.nan), rate_kgpm=np.full(len(tables[2]), 2.5))
    tables[3] = tables[3].with_columns(rate_kgpm=np.full(len(tables[3]), 2.5))
    tables[4] = tables[4].with_columns(on=np.zeros(len(tables[4]), np.bool_))
    tables[5] = tables[5].with_columns(mode=np.full(len(tables[5]), Mode.RTL, np.int8))
    tables[6] = tables[6].with_columns(swath_m=np.where(np.arange(len(tables[6])) < 100, 5.0, 7.0))
    tables[7] = tables[7].take(np.arange(len(tables[7])) % 20 > 2)
    tables[8] = tables[8].with_columns(flow_lpm=np.full(len(tables[8]), np.nan))
    tables[9] = tables[9].with_columns(lat_deg=np.where(np.arange(len(tables[9])) == 30, 9.5, tables[9].lat_deg))
    still = np.minimum(np.arange(len(tables[10])), 60)
    tables[10] = tables[10].with_columns(lat_deg=tables[10].lat_deg[still], lon_deg=tables[10].lon_deg[still])
    events = {0: (1_500, EventKind.ON), 6: (20_400, EventKind.OFF), 8: (40_200, EventKind.OFF)}
    records = [
        record(t, *(Event(t.device, int(t.ts_ms[0]) + ms, kind, "b1") for ms, kind in [events[k]] if k in events))
        if k in events
        else record(t)
        for k, t in enumerate(tables)
    ]
    return [*records, record(awkward(), flight="awkward")]


def alone(ports: Ports, records: Sequence[FlightRecord], parameters: Parameters) -> dict[str, Coverage]:
    return {it.flight.flight: flight_area(ports.registry, it.flight, it.fixes, it.events, parameters) for it in records}


@pytest.mark.parametrize("parameters", [BARE, Parameters(expected=False, swath_m=9.0), Parameters()])
def test_areas_are_those_of_each_flight_alone(ports: Ports, parameters: Parameters) -> None:
    records = day() if not parameters.expected else day()[:3]
    together = areas_of(ports.registry, records, parameters, Kept())
    single = alone(ports, records, parameters)
    assert {name: repr(it) for name, it in together.items()} == {name: repr(single[name]) for name in together}
    left = {it.flight.flight for it in records} - together.keys()
    assert left <= {records[-1].flight.flight, records[min(9, len(records) - 1)].flight.flight}
    assert len(together) >= len(records) - 2


def test_the_order_of_the_flights_and_who_else_is_there_do_not_matter(ports: Ports) -> None:
    records = day()
    every = areas_of(ports.registry, records, BARE, Kept())
    for some in (records[::-1], records[::3], records[5:6]):
        found = areas_of(ports.registry, some, BARE, Kept())
        assert {k: repr(v) for k, v in found.items()} == {k: repr(every[k]) for k in found}


def test_flights_that_share_an_instant_are_kept_apart(ports: Ports) -> None:
    one, other = rectangle.flight("d1", START_MS), rectangle.flight("d1", START_MS + 7_300, lines=3)
    records = [record(one, flight="one"), record(other, flight="other")]
    found = areas_of(ports.registry, records, BARE, Kept())
    single = alone(ports, records, BARE)
    assert {k: repr(v) for k, v in found.items()} == {k: repr(v) for k, v in single.items()}


def test_a_changed_hash_of_the_archive_is_told_as_it_is(ports: Ports) -> None:
    """Recomputing takes the hash from the file: verifying is what compares it with the fixes."""
    told = replace(day()[0], input_hash="0" * 64)
    (area,) = areas_of(ports.registry, [told], BARE, Kept()).values()
    assert area.input_hash == "0" * 64


def test_a_plot_over_several_flights_is_what_their_strips_give(ports: Ports) -> None:
    records = [it for it in day() if it.flight.flight != "awkward"]
    kept = Kept()
    found = areas_of(ports.registry, records, BARE, kept)
    members = [(it.flight, found[it.flight.flight]) for it in records if it.flight.flight in found]
    over = {plot: flights for plot, flights in flights_over(members).items() if len(flights) > 1}
    together = over_plots(ports.registry, HTX, over, kept)
    assert together.keys() == over.keys() == {"rect-1", "p0", "p1"}
    by_name = {it.flight.flight: it for it in records}
    for name, flights in over.items():
        plot = plot_at(ports.registry, HTX, name, flights[-1].start_ms)
        strips = [Strips.of(by_name[f.flight].fixes, by_name[f.flight].events, place_of(plot), BARE) for f in flights]
        assert repr(together[name]) == repr(treated_together(plot, strips))


def test_a_plot_waits_where_the_strips_of_one_flight_are_missing(ports: Ports) -> None:
    records = day()[:2]
    kept = Kept()
    found = areas_of(ports.registry, records[:1], BARE, kept)
    flights = [it.flight for it in records]
    assert found
    assert over_plots(ports.registry, HTX, {"rect-1": flights}, kept) == {}
