"""Runs migrations on the connection that :func:`storage.registry.migrate.scripts` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from storage.registry.geometry import BoundaryColumn
from storage.registry.tables import Base


def _render(_kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Write our own column type into a new migration, with the import that it needs."""
    if not isinstance(item, BoundaryColumn):
        return False
    autogenerate.imports.add("from storage.registry.geometry import BoundaryColumn")
    return "BoundaryColumn()"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_render,
)
context.run_migrations()
