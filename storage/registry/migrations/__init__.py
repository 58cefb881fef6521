"""Alembic's migrations of the registry, applied when it is opened.

A new one, once ``tables.py`` has changed, on the connection of a registry that has the newest migration::

    with scripts(connection) as config:
        alembic.command.revision(config, "what it does", autogenerate=True, rev_id="0002")

Then look it over, take out the comments that Alembic has written, and name it in ``storage.registry.engine.HEAD``.
"""
