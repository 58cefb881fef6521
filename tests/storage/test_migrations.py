"""The registry's schema: what the migrations make is what the tables say, forwards and back."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from shapely import box
from sqlalchemy import URL, Connection, create_engine, inspect, text

import storage.registry
from core.errors import ConfigError
from core.model.coverage import Coverage
from core.model.land import Cooperative, Device, DeviceKind, Plot
from storage.registry.engine import HEAD, open_file, up_to_date
from storage.registry.migrate import declared, migrate, scripts
from storage.registry.repository import SqlRegistry
from storage.registry.tables import Base


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """An empty database."""
    engine = create_engine(URL.create("sqlite", database=str(tmp_path / "registry.sqlite")))
    with engine.begin() as it:
        yield it
    engine.dispose()


def differences(connection: Connection) -> list[Any]:
    """What a new migration would have to do."""
    return list(
        compare_metadata(MigrationContext.configure(connection, opts={"include_name": declared}), Base.metadata)
    )


def tables(connection: Connection) -> set[str]:
    return {name for name in inspect(connection).get_table_names() if declared(name, "table", {})}


def test_the_migrations_make_the_tables(connection: Connection) -> None:
    assert differences(connection)
    migrate(connection)
    assert differences(connection) == []
    assert tables(connection) == {*Base.metadata.tables, "alembic_version"}


def test_migrating_again_changes_nothing(connection: Connection) -> None:
    migrate(connection)
    migrate(connection)
    assert differences(connection) == []


def test_versions_are_never_taken_back(connection: Connection) -> None:
    migrate(connection)
    with scripts(connection) as config, pytest.raises(NotImplementedError, match="backup"):
        command.downgrade(config, "0002")


def test_what_stood_before_there_were_versions_is_their_first(connection: Connection) -> None:
    """A registry of the second migration, with something in every table that the third makes anew."""
    with scripts(connection) as config:
        command.upgrade(config, "0002")
    square = box(105.7, 9.28, 105.701, 9.281)
    for table, row in {
        "cooperative": {"cooperative": "htx", "name": "Hợp tác xã", "m2_per_cong": 1_296.0},
        "device": {
            "cooperative": "htx",
            "device": "d1",
            "kind": "drones",
            "name": "Một",
            "model": "T40",
            "swath_m": 7.0,
        },
        "foreign_device": {"format": "ttn", "external": "e1", "valid_from_ms": 0, "cooperative": "htx", "device": "d1"},
    }.items():
        _insert(connection, table, row)
    for version in (1, 2):
        known = {"cooperative": "htx", "plot": "p1", "version": version, "newest": version == 2, "name": f"v{version}"}
        edges = dict(zip(("west_deg", "south_deg", "east_deg", "north_deg"), square.bounds, strict=True))
        rest = {"crop": "lúa", "source_crs": "EPSG:5897", "valid_from_ms": version, "boundary": square.wkb}
        _insert(connection, "plot", known | edges | rest)
    flight = {"cooperative": "htx", "flight": "f1", "device": "d1", "start_ms": 5, "end_ms": 9, "fixes": 3, "op": 1}
    totals = {f.name: 0.0 for f in fields(Coverage) if f.name not in {"flight", "plots"}}
    told = totals | {"rejected": {}, "algorithm": "1", "input_hash": "00", "fixes": 3}
    _insert(connection, "flight", flight | {"job": "j", "totals": json.dumps(told)})
    figures = {"plot": "p1", "name": "Một", "net_m2": 7.0}
    _insert(connection, "flight_plot", {"cooperative": "htx", "flight": "f1", "position": 0} | figures)
    job = {"cooperative": "htx", "job": "j", "day": "2026-01-01", "op": 1, "flights": '["f1"]'}
    _insert(connection, "job_plot", job | figures)
    migrate(connection)
    connection.commit()
    with closing(SqlRegistry(Path(str(connection.engine.url.database)))) as registry:
        assert registry.cooperatives() == [Cooperative("htx", "Hợp tác xã", 1_296.0)]
        assert repr(registry.devices("htx")) == repr([Device("d1", "htx", DeviceKind.DRONE, "Một", "T40", 7.0)])
        assert [d.external for d in registry.foreign_devices("htx")] == ["e1"]
        assert [(p.name, p.version, p.valid_from_ms) for p in registry.history(Plot, "htx", "p1")] == [
            ("v1", 1, 1),
            ("v2", 2, 2),
        ]
        assert [p.boundary.wkb for p in registry.plots("htx", square.bounds)] == [square.wkb]
        assert [(f.flight, f.job, f.end_ms) for f in registry.flights("htx", 0, 10)] == [("f1", "j", 9)]
        assert [(p.plot, p.name, p.net_m2) for p in registry.coverage("htx", "f1").plots] == [("p1", "Một", 7.0)]
        assert [(r.job, r.flights) for r in registry.job_plots("htx", "2026-01-01")] == [("j", ("f1",))]


def test_results_of_before_say_that_nobody_knows_and_survive_the_way_back(connection: Connection) -> None:
    """A registry of the third migration with a result goes to the fourth, back, and forth again."""
    with scripts(connection) as config:
        command.upgrade(config, "0003")
    _insert(connection, "cooperative", {"cooperative": "htx"})
    saved = {"version": 1, "newest": True, "saved_ms": 0}
    flight = {"cooperative": "htx", "flight": "f1", "device": "d1", "start_ms": 5, "end_ms": 9, "fixes": 3, "op": 1}
    own = {"flight", "plots", "off_transit_m2", "off_failsafe_m2", "plots_expected", "trust", "no_area"}
    told: dict[str, object] = {f.name: 1.5 for f in fields(Coverage) if f.name not in own}
    told |= {"rejected": {}, "algorithm": "1", "input_hash": "00", "fixes": 3}
    _insert(connection, "flight", flight | saved | {"job": "j", "totals": json.dumps(told)})
    figures = {"plot": "p1", "name": "Một", "net_m2": 7.0}
    key = {"cooperative": "htx", "flight": "f1", "version": 1, "position": 0}
    _insert(connection, "flight_plot", key | figures)
    job = {"cooperative": "htx", "job": "j", "day": "2026-01-01", "op": 1, "flights": '["f1"]'}
    _insert(connection, "job_plot", job | saved | figures)
    with scripts(connection) as config:
        command.upgrade(config, "0004")
        connection.execute(text("UPDATE flight SET no_area = 'no-swath', trust = '{}'"))
        command.downgrade(config, "0003")
        columns = {c["name"] for t in ("flight", "flight_plot", "job_plot") for c in inspect(connection).get_columns(t)}
        assert not columns & {"trust", "no_area", "dose_cv", "net_low_m2", "off_transit_m2"}
        command.upgrade(config, "head")
    connection.commit()
    with closing(SqlRegistry(Path(str(connection.engine.url.database)))) as registry:
        coverage = registry.coverage("htx", "f1")
        (row,) = registry.job_plots("htx", "2026-01-01")
    assert (coverage.gross_m2, coverage.trust, coverage.plots_expected, coverage.no_area) == (1.5, None, None, "")
    assert math.isnan(coverage.off_transit_m2)
    assert math.isnan(coverage.off_failsafe_m2)
    for plot in (*coverage.plots, row.coverage):
        assert (plot.net_m2, plot.expected, math.isnan(plot.dose_cv)) == (7.0, None, True)


def _insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES (:{', :'.join(row)})"), row)  # noqa: S608


def test_a_generated_migration_runs_as_it_is(connection: Connection, tmp_path: Path) -> None:
    """The template brings along the imports that our own column type needs."""
    folder = tmp_path / "migrations"
    shutil.copytree(Path(storage.registry.__path__[0]) / "migrations", folder)
    shutil.rmtree(folder / "versions")
    (folder / "versions").mkdir()
    with scripts(connection) as config:
        config.set_main_option("script_location", str(folder))
        command.revision(config, "all at once", autogenerate=True, rev_id="0001")
        source = (folder / "versions" / "0001_all_at_once.py").read_text()
        assert source.startswith('"""all at once."""\n')
        assert "from storage.registry.geometry import GeometryColumn\n" in source
        command.upgrade(config, "head")
    assert differences(connection) == []


def test_a_file_of_a_newer_version_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite"
    with closing(SqlRegistry(path)) as registry, registry._writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match=r"registry\.sqlite: not a registry of this version.*9999") as caught:
        SqlRegistry(path)
    assert "\n" not in str(caught.value)


def test_every_connection_is_durable_and_keeps_references(tmp_path: Path) -> None:
    engine = open_file(tmp_path / "registry.sqlite").engine
    with engine.connect() as first, engine.connect() as second:
        for connection in (first, second):
            found = [connection.execute(text(f"PRAGMA {p}")).scalar() for p in ("synchronous", "foreign_keys")]
            assert (found, connection.execute(text("PRAGMA journal_mode")).scalar()) == ([2, 1], "wal")
    engine.dispose()


def test_the_newest_migration_is_the_one_that_is_looked_for(connection: Connection) -> None:
    assert not up_to_date(connection)
    with scripts(connection) as config:
        assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    migrate(connection)
    assert up_to_date(connection)
    connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert not up_to_date(connection)
