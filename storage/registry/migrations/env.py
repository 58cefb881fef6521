"""Runs migrations on the connection that :func:`storage.registry.engine.migrate` hands over."""

from alembic import context

from storage.registry.tables import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
context.run_migrations()
