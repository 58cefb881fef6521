"""A real InfluxDB answers InfluxQL for every field that is written, as the dashboards ask for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from core.model.context import Alert, AlertKind
from core.model.enums import EventKind
from core.model.samples import Event
from storage.registry.repository import SqlRegistry
from storage.telemetry.influx import InfluxTelemetry
from tests.geo.figures.conftest import DAY, DRONE, START_MS, Farm
from tests.support import rectangle
from tests.support.influx import Influxd
from tests.support.shared import ROOT

FLIGHT = "d1-20261120T030000Z"
OUTSIDE = Alert(AlertKind.OUTSIDE_PLOT, True, START_MS + 5_000, 105.7, 9.28, "", "", 3.5, 2.0, "m")
POND = replace(OUTSIDE, kind=AlertKind.IN_BUFFER, subject="ao", cause="downwind")
MS = 1_000_000
PREFIX = "đọc_"
FIELDS: dict[str, dict[str, set[str]]] = {
    "flight": {
        "float": {
            "stands", "end_ms", "hours", "fixes", "distance_m", "treated_m", "bridged_m", "net_ha", "gross_ha",
            "off_target_ha", "plots", "plots_net_ha", "plots_missed_ha", "volume_l", "dose_l_per_ha",
            "mass_kg", "dose_kg_per_ha", "expected_net_ha", "expected_low_ha", "expected_high_ha", "in_buffer_l",
        },
        "string": {"flight", "job", "grade", "no_area", "weather"},
    },
    "coverage": {
        "float": {
            "stands", "area_ha", "net_ha", "missed_ha", "overlap_ha", "covered_pct", "volume_l", "mass_kg",
            "dose_l_per_ha", "dose_kg_per_ha", "dose_cv_pct", "expected_net_ha", "lat", "lon",
        },
        "string": {"flight", "job", "plot_name"},
    },
    "drone_minute": {
        "float": {
            "stands", "fixes", "on_s", "distance_m", "volume_l", "mass_kg", "battery_pct", "tank_l", "tank_kg",
            "speed_mps", "lat", "lon",
        },
        "string": set(),
    },
    "alert": {
        "float": {"stands", "value", "limit", "lat", "lon", "active", "ended_ms", "lasted_s"},
        "string": {"flight", "cause", "unit"},
    },
    "compliance": {
        "float": {
            "withheld", "flights", "in_window", "in_bad_weather", "weather_unknown", "buffer_l", "buffer_unknown",
            "unregistered_product", "product_unknown", "without_licence", "licence_unknown", "unregistered_drone",
            "drone_unknown",
        },
        "string": set(),
    },
}  # fmt: skip
TAGS = {
    "flight": {"device", "operation"},
    "coverage": {"device", "operation", "plot"},
    "drone_minute": {"device", "operation"},
    "alert": {"device", "kind", "subject"},
    "compliance": {"commune"},
}


@dataclass
class Asked:
    """The server and the database of a measurement."""

    server: Influxd

    def __call__(self, measurement: str, query: str) -> list[dict[str, Any]]:
        """The rows of an answer, with the series' tags."""
        name = PREFIX + ("province" if measurement == "compliance" else "htx-a")
        series = self.server.ask(query, name).get("series", [])
        return [
            it.get("tags", {}) | dict(zip(it["columns"], row, strict=True)) for it in series for row in it["values"]
        ]


@pytest.fixture(scope="module")
def asked(influxd: Influxd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Three farms with two flights each, one of which is withdrawn again; alerts; litres and kilograms."""
    folder: Path = tmp_path_factory.mktemp("registry")
    names = "htx-a", "htx-b", "htx-c"
    for name in (*names, "province"):
        influxd.make_database(PREFIX + name)
    with (
        closing(InfluxTelemetry(influxd.http(), PREFIX)) as store,
        closing(SqlRegistry(folder / "registry.sqlite")) as registry,
    ):
        for name in names:
            fly(Farm(registry, store, name))
        yield Asked(influxd)


def fly(farm: Farm) -> None:
    farm.measure()
    for alert in (OUTSIDE, POND):
        farm.registry.note_alert(farm.name, DRONE, FLIGHT, alert)
    farm.registry.note_alert(farm.name, DRONE, FLIGHT, replace(OUTSIDE, raised=False, ts_ms=START_MS + 9_000))
    farm.fly(tank_kg=4.0, rate_kgpm=1.5)
    farm.compliance().follow(farm.follow())
    rows = farm.registry.job_plots(farm.name, DAY)
    later_ms = START_MS + 20 * 60_000
    table = farm.fly(later_ms, slice(0, 41))
    farm.store.write(farm.name, [Event(DRONE, int(table.ts_ms[-1]), EventKind.LANDING)], later_ms)
    done = farm.follow(later_ms)
    farm.registry.save_flights(farm.name, DRONE, done.start_ms, done.end_ms, [], rows=rows)
    farm.figures().follow(done)
    farm.compliance().follow(done)


@pytest.mark.parametrize("measurement", FIELDS)
def test_each_field_has_its_type_and_each_tag_is_a_tag(asked: Asked, measurement: str) -> None:
    told = asked(measurement, f'SHOW FIELD KEYS FROM "{measurement}"')
    found: dict[str, set[str]] = {"float": set(), "string": set()}
    for row in told:
        found[row["fieldType"]].add(row["fieldKey"])
    assert found == FIELDS[measurement]
    tags = {row["tagKey"] for row in asked(measurement, f'SHOW TAG KEYS FROM "{measurement}"')}
    assert tags == TAGS[measurement]


@pytest.mark.parametrize("measurement", FIELDS)
def test_each_field_is_read_back(asked: Asked, measurement: str) -> None:
    for name in FIELDS[measurement]["float"]:
        rows = asked(measurement, f'SELECT LAST("{name}") FROM "{measurement}" GROUP BY *')  # noqa: S608
        assert rows, name
        assert all(isinstance(row["last"], int | float) for row in rows), name
    for name in FIELDS[measurement]["string"]:
        assert asked(measurement, f'SELECT LAST("{name}") FROM "{measurement}" GROUP BY *'), name  # noqa: S608


def test_what_was_withdrawn_is_in_no_sum(asked: Asked) -> None:
    (row,) = asked(
        "flight", 'SELECT SUM("net_ha") AS ha, SUM("stands") AS flights, COUNT("net_ha") AS kept FROM "flight"'
    )
    assert row["ha"] == pytest.approx(rectangle.AREA_M2 / 1e4, rel=1e-3)
    assert (row["flights"], row["kept"]) == (1, 2)
    rows = asked("coverage", 'SELECT "plot_name", "net_ha" FROM "coverage" WHERE "stands" > 0 GROUP BY "plot"')
    assert [(it["plot"], it["plot_name"]) for it in rows] == [("rect-1", "Thửa chữ nhật")]


def test_a_local_day_is_a_group(asked: Asked) -> None:
    query = (
        'SELECT SUM("net_ha") AS ha FROM "flight" WHERE time >= 1795107600000ms AND time < 1795194000000ms '
        "GROUP BY time(1d) tz('Asia/Ho_Chi_Minh')"
    )
    days = [row for row in asked("flight", query) if row["ha"]]
    assert [row["time"] for row in days] == [1_795_107_600_000 * MS]


def test_alerts_that_stand_are_counted(asked: Asked) -> None:
    (row,) = asked("alert", 'SELECT SUM("active") AS standing FROM "alert"')
    assert row["standing"] == 0
    rows = asked("alert", 'SELECT "value", "limit", "cause" FROM "alert" GROUP BY "kind", "subject"')
    assert {(it["kind"], it["subject"], it["value"], it["limit"], it["cause"]) for it in rows} == {
        ("outside-plot", "", 3.5, 2.0, ""),
        ("in-buffer", "ao", 3.5, 2.0, "downwind"),
    }


def test_the_departments_rows_leave_out_what_is_withheld(asked: Asked) -> None:
    query = 'SELECT SUM("flights") AS flights FROM "compliance" WHERE "withheld" = 0 GROUP BY "commune"'
    assert {row["commune"]: row["flights"] for row in asked("compliance", query)} == {"31840": 3, "all": 3}


@pytest.mark.parametrize("measurement", FIELDS)
def test_the_page_names_every_field(measurement: str) -> None:
    page = (ROOT / "docs" / "dashboards-data.md").read_text(encoding="utf-8")
    part = page.partition(f"## `{measurement}`")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", "\n".join(row.split("|")[1] for row in part.splitlines() if row[:3] == "| `")))
    assert named == set().union(*FIELDS[measurement].values())
