"""What this part refuses."""

from __future__ import annotations


class BadQuery(Exception):
    """A query option or a path that cannot be read, or asks for what there is not: HTTP 400, with the reason."""


class NotThere(Exception):
    """An entity or a resource that does not exist: HTTP 404."""
