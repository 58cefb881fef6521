"""What of a query on observations is taken to the store: times, datastreams, and where a page begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from api.sensorthings import entities
from api.sensorthings.errors import BadQuery
from api.sensorthings.evaluation import Look, conjuncts, holds, look_at, paths
from api.sensorthings.expressions import Call, Expression, Literal, Path
from api.sensorthings.inventory import Stream
from api.sensorthings.model import Entity, Kind
from api.sensorthings.times import FIRST_MS, LAST_MS, Span

Follow = Callable[[Entity, str], Sequence[Entity]]
TIMES: Final = (("phenomenonTime",), ("resultTime",))
"""The paths of the time of a reading, which is both."""
_TIME: Final = re.compile(r"-?[0-9]{1,16}")
_TURNED: Final = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq"}


def behind(streams: Sequence[Stream], resume: str, *, rising: bool, falling: bool) -> list[Stream]:
    """The streams behind an observation, in an order of time, or datastream after datastream.

    Raises:
        BadQuery: That is no observation's identifier.
    """
    key = entities.key_of(Kind.OBSERVATIONS, resume)
    ts_ms = None if key is None else ms_of(key[3])
    if key is None or ts_ms is None:
        raise BadQuery(f"$skiptoken: {resume[:60]!r} comes from no @iot.nextLink of ours")
    found: list[Stream] = []
    for it in streams:
        passed = it.datastream.key <= key[:3]
        if falling:
            found.append(replace(it, end_ms=min(it.end_ms, ts_ms - passed)))
        elif rising or it.datastream.key == key[:3]:
            found.append(replace(it, start_ms=max(it.start_ms, ts_ms + passed)))
        elif not passed:
            found.append(it)
    return found


def narrowed(
    streams: Sequence[Stream], where: Expression | None, follow: Follow
) -> tuple[list[Stream], list[Expression]]:
    """The streams that a filter leaves, with its times; and what of it has to be asked of each observation."""
    rest: list[Expression] = []
    found = list(streams)
    for it in conjuncts(where):
        window = _window(it)
        if window is not None:
            found = [replace(s, start_ms=max(s.start_ms, window[0]), end_ms=min(s.end_ms, window[1])) for s in found]
        elif _of_datastream(it):
            found = [s for s in found if holds(it, _through(s.datastream, follow))]
        else:
            rest.append(it)
    return [s for s in found if s.start_ms <= s.end_ms], rest


def _window(expression: Expression) -> tuple[int, int] | None:
    """The first and the last ms that a comparison of the time with an instant leaves; None where it is no such one."""
    if not isinstance(expression, Call) or expression.name not in _TURNED:
        return None
    name, (left, right) = expression.name, expression.arguments
    if isinstance(left, Literal):
        name, left, right = _TURNED[name], right, left
    if not (isinstance(left, Path) and left.names in TIMES and isinstance(right, Literal)):
        return None
    span = right.value
    if not isinstance(span, Span) or not span.instant:
        return None
    least, most, at = -(2**62), 2**62, span.start_ms
    return {"lt": (least, at - 1), "le": (least, at), "eq": (at, at), "ge": (at, most), "gt": (at + 1, most)}[name]


def _of_datastream(expression: Expression) -> bool:
    found = list(paths(expression))
    return bool(found) and all(names[0] == "Datastream" for names in found)


def _through(datastream: Entity, follow: Follow) -> Look:
    return lambda names: look_at(datastream, names[1:], follow)


def ms_of(text: str) -> int | None:
    """A time in ms that a store can have; None where it is none."""
    if _TIME.fullmatch(text) is None:
        return None
    ts_ms = int(text)
    return ts_ms if FIRST_MS <= ts_ms <= LAST_MS else None
