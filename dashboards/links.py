"""Where clicks lead: from board to board, with variables and the range of time."""

from __future__ import annotations

from typing import Final

from dashboards import words as w
from dashboards.model.fields import Link
from dashboards.names import Name, address

RANGE: Final = "${__url_time_range}"


def row_to(name: Name, title: w.Text, variable: str, column: str = "") -> Link:
    """From a row of a table, or a marker of a map, to a board with a variable set to one of its columns."""
    return Link(title=title, url=address(name, f"{RANGE}&var-{variable}=${{__data.fields.{column or variable}}}"))


def series_to(name: Name, title: w.Text, variable: str) -> Link:
    """From a series that is named by a tag to a board with a variable set to it."""
    return Link(title=title, url=address(name, f"{RANGE}&var-{variable}=${{__field.displayName}}"))


def board_to(name: Name, title: w.Text) -> Link:
    """To a board, with the same range and variables."""
    return Link(title=title, url=address(name, f"{RANGE}&${{__all_variables}}"))


def row_to_flight() -> Link:
    """From a row with ``device``, ``start_ms`` and ``end_ms`` to its flight, and only that."""
    when = "from=${__data.fields.start_ms.numeric}&to=${__data.fields.end_ms.numeric}"
    return Link(title=w.OPEN_FLIGHT, url=address(Name.FLIGHT, f"{when}&var-drone=${{__data.fields.device}}"))
