"""Alembic's migrations of the registry, applied when it is opened."""
