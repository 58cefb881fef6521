"""Queries that fill the choices of variables."""

from __future__ import annotations


def values(measurement: str, tag: str, condition: str = "") -> str:
    """The values of a tag in a measurement."""
    where = f" WHERE {condition}" if condition else ""
    return f'SHOW TAG VALUES FROM "{measurement}" WITH KEY = "{tag}"{where}'
