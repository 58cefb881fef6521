"""Alembic's part: the migrations that a registry has not seen yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

import storage.registry.account_tables  # noqa: F401 - what a migration is compared with has to know them
from storage.registry.geometry import is_index_of_boxes

_POSTGIS = frozenset(("spatial_ref_sys", "geography_columns", "geometry_columns"))


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


def declared(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether Alembic should compare a thing of the database: not what PostGIS and the index of boxes bring along."""
    return not (kind in {"table", "index"} and (name in _POSTGIS or is_index_of_boxes(name)))
