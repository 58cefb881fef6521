"""What only PostgreSQL asks of the registry: who may change its tables, and who may come in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from core.errors import ConfigError, StoreRefused, StoreUnavailable
from core.model.land import Cooperative, Plot
from storage.registry.engine import open_server
from storage.registry.repository import SqlRegistry
from tests.contracts.samples import DRONE, MINE, C, a_coverage, a_flight, a_plot, field
from tests.support.postgres import Postgres, running_postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with running_postgres() as it:
        yield it


def test_tables_are_made_by_their_owner_only_and_served_by_a_role_of_less(server: Postgres) -> None:
    url = server.database("owned")
    with pytest.raises(ConfigError, match="canhdong registry migrate"):
        open_server(url)
    open_server(url, make=True).engine.dispose()
    server.run("CREATE ROLE phuc_vu LOGIN PASSWORD 'của test'")
    server.run("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO phuc_vu", "owned")
    server.run("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO phuc_vu", "owned")
    serving = server.url("owned", "phuc_vu", "của test")
    with closing(SqlRegistry(open_server(serving))) as registry:
        registry.add_cooperative(MINE)
        registry.put(a_plot())
        assert [p.plot for p in registry.plots(C, field(0).bounds)] == ["p1"]
        result = (a_flight("f1", 0, 60), a_coverage("f1"))
        registry.save_flights(C, DRONE, 0, 2**50, [result])
        server.run("REVOKE UPDATE ON flight FROM phuc_vu", "owned")
        with pytest.raises(StoreRefused, match="permission denied"):
            registry.save_flights(C, DRONE, 0, 2**50, [])
        assert registry.flight(C, "f1") == result[0]
    server.database("bare", "template0")
    with pytest.raises(ConfigError, match="CREATE EXTENSION postgis"):
        open_server(server.url("bare", "phuc_vu", "của test"), make=True)


def test_a_wrong_password_is_refused_without_being_told(server: Postgres) -> None:
    server.database("locked")
    with pytest.raises(StoreRefused) as caught:
        open_server(server.url("locked", password="sai-bét"))
    assert "sai-bét" not in str(caught.value)


def test_a_database_that_is_not_there_is_told_by_its_name(server: Postgres) -> None:
    with pytest.raises((StoreUnavailable, StoreRefused), match="nowhere"):
        open_server(server.url("nowhere"))


def test_a_connection_that_the_server_has_ended_is_made_anew(server: Postgres) -> None:
    with closing(SqlRegistry(open_server(server.database("ended"), make=True))) as registry:
        registry.add_cooperative(MINE)
        server.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'ended' AND pid <> pg_backend_pid()"
        )
        assert registry.cooperatives() == [MINE]


def test_programs_of_geography_read_the_plots_as_they_are(server: Postgres) -> None:
    """PostGIS itself knows reference system, kind and area: QGIS needs no plug-in."""
    with closing(SqlRegistry(open_server(server.database("seen"), make=True))) as registry:
        registry.add_cooperative(Cooperative("a", "A"))
        registry.put(Plot("p1", field(0), cooperative="a"))
        with registry._engine.begin() as connection:
            found = connection.execute(
                text("SELECT ST_SRID(boundary), ST_GeometryType(boundary), ST_Area(boundary::geography) FROM plot")
            ).one()
            index = connection.execute(text("SELECT indexdef FROM pg_indexes WHERE indexname = 'plot_boundary'")).one()
    assert found[:2] == (4326, "ST_Polygon")
    assert found[2] == pytest.approx(12_148.0, rel=0.01)
    assert "gist" in index[0]
