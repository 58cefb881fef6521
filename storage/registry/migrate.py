"""Alembic's part: the migrations that a registry has not seen yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


@contextmanager
def scripts(connection: Connection) -> Iterator[Config]:
    """Alembic's configuration for a connection."""
    with as_file(files("storage.registry") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        yield config


def migrate(connection: Connection) -> None:
    """Apply every migration that the database has not seen yet."""
    with scripts(connection) as config:
        command.upgrade(config, "head")
