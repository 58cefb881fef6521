"""What queries are made of. ``$timeFilter``, ``$__interval`` and ``${name}`` are Grafana's."""

from __future__ import annotations

from typing import Final

TIME: Final = "$timeFilter"
STEP: Final = "time($__interval)"
DAY: Final = "time(1d)"
LOCAL: Final = "tz('Asia/Ho_Chi_Minh')"
"""Days begin at local midnight."""
CONG: Final = "* 10000 / ${cong_m2}"
"""Hectares in công of the size that the viewer chose."""
STANDS: Final = '"stands" > 0'
"""Leaves out points of flights that were withdrawn or recomputed away."""


def chosen(tag: str, variable: str = "") -> str:
    """Points whose tag is among what a variable has chosen; all: any value, and none."""
    return f'"{tag}" =~ /^${{{variable or tag}:regex}}$/'


def where(*conditions: str, time: str = TIME) -> str:
    """A WHERE clause: the time, and conditions."""
    return "WHERE " + " AND ".join((time, *conditions))


def recent(minutes: int) -> str:
    """The last minutes, whatever range the board shows."""
    return f"time > now() - {minutes}m"


def by_day(*tags: str) -> str:
    """A GROUP BY of local days and tags, which knows no days without points."""
    return f"GROUP BY {DAY}{_tags(tags)} fill(none) {LOCAL}"


def by_step(*tags: str, fill: str = "none") -> str:
    """A GROUP BY of the panel's steps and tags."""
    return f"GROUP BY {STEP}{_tags(tags)} fill({fill})"


def _tags(tags: tuple[str, ...]) -> str:
    return "".join(f', "{tag}"' for tag in tags)


def columns(*names: str) -> str:
    """Names of fields or tags, quoted."""
    return ", ".join(f'"{name}"' for name in names)


def of_one(query: str) -> str:
    """The same query for the one drone that a board is about.

    That variable has a name of its own, ``drone``: menus hand on ``device``, which may be "all".
    """
    return query.replace(chosen("device"), chosen("device", "drone"))
