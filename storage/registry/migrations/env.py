"""Runs migrations on the connection that :func:`storage.registry.migrate.scripts` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import String

from storage.registry.columns import Coded, Document, Real, Structured, Worded
from storage.registry.geometry import GeometryColumn
from storage.registry.migrate import declared
from storage.registry.tables import Base


def _render(_kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Write our own column types into a new migration as what they are in the database."""
    match item:
        case GeometryColumn():
            autogenerate.imports.add("from storage.registry.geometry import GeometryColumn")
            return "GeometryColumn()"
        case Real() | Structured() | Document() | Coded():
            columns = {"Real": "Float", "Structured": "JSON", "Document": "JSON", "Coded": "SmallInteger"}
            return f"sa.{columns[type(item).__name__]}()"
        case Worded():
            return "sa.String(length=16)"
        case String() if "postgresql" in item._variant_mapping:  # noqa: SLF001 - SQLAlchemy has no other way to ask
            autogenerate.imports.add("from storage.registry.columns import identifier")
            return f"identifier({item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_render,
    include_name=declared,
)
context.run_migrations()
