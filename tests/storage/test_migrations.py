"""The registry's schema: what the migrations make is what the tables say, forwards and back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, inspect, text

import storage.registry
from core.errors import ConfigError
from storage.registry.engine import HEAD, open_engine, up_to_date
from storage.registry.migrate import migrate, scripts
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
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def test_the_migrations_make_the_tables(connection: Connection) -> None:
    assert differences(connection)
    migrate(connection)
    assert differences(connection) == []
    assert tables(connection) == {*Base.metadata.tables, "alembic_version"}


def test_migrating_again_changes_nothing(connection: Connection) -> None:
    migrate(connection)
    migrate(connection)
    assert differences(connection) == []


def test_the_way_back_leads_to_nothing_and_forth_again(connection: Connection) -> None:
    migrate(connection)
    with scripts(connection) as config:
        command.downgrade(config, "base")
    assert tables(connection) == {"alembic_version"}
    migrate(connection)
    assert differences(connection) == []


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
        assert "from storage.registry.geometry import BoundaryColumn\n" in source
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
    engine = open_engine(tmp_path / "registry.sqlite")
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
