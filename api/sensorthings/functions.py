"""Operators and functions of ``$filter`` and ``$orderby``, on values that are there: null never reaches them.

A value of a kind that a function is not for gives null. Shapes are compared as they lie on the plane of longitude and
latitude; lengths and distances are in degrees, as their reference system is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import time
from typing import Any, Final, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

from api.sensorthings.errors import BadQuery
from api.sensorthings.times import Duration, Span, clock_of

_DAY_MS: Final = 86_400_000


class Function(NamedTuple):
    """How many arguments there are, at least and at most, of which kinds, and what becomes of them."""

    least: int
    most: int
    kinds: tuple[type | tuple[type, ...], ...]
    does: Callable[..., Any]


NUMBER: Final = (int, float)


def equal(a: Any, b: Any) -> bool:
    """Whether two values are the same; null equals null. A number never equals a truth."""
    if isinstance(a, bool) != isinstance(b, bool):
        return False
    return bool(a == b) if not isinstance(a, BaseGeometry) else a is b


def less(a: Any, b: Any) -> bool:
    """Whether one value comes before another of its kind."""
    if isinstance(a, Span) and isinstance(b, Span):
        return a.before(b)
    if isinstance(a, Duration) and isinstance(b, Duration):
        return a.ms < b.ms
    for kind in (NUMBER, str, time):
        if isinstance(a, kind) and isinstance(b, kind):
            return bool(a < b)  # type: ignore[operator]
    return False


def _add(a: Any, b: Any) -> Any:
    match a, b:
        case Span(), Duration():
            return a.moved(b.ms)
        case Duration(), Span():
            return b.moved(a.ms)
        case Duration(), Duration():
            return Duration(a.ms + b.ms)
    return a + b if _numbers(a, b) else None


def _subtract(a: Any, b: Any) -> Any:
    match a, b:
        case Span(), Duration():
            return a.moved(-b.ms)
        case Span(), Span():
            return Duration(a.start_ms - b.start_ms)
        case Duration(), Duration():
            return Duration(a.ms - b.ms)
    return a - b if _numbers(a, b) else None


def _numbers(*these: Any) -> bool:
    return all(isinstance(it, NUMBER) and not isinstance(it, bool) for it in these)


def _negative(a: Any) -> Any:
    return Duration(-a.ms) if isinstance(a, Duration) else -a if isinstance(a, NUMBER) else None


def _divide(a: float, b: float) -> float | None:
    return a / b if b else None


def _rest(a: float, b: float) -> float | None:
    return math.fmod(a, b) if b and math.isfinite(a) else None


def _rounded(a: float) -> float | None:
    """To the nearest whole number, halves away from zero (OData 5.1.1.9)."""
    return math.copysign(math.floor(abs(a) + 0.5), a) if math.isfinite(a) else None


def _whole(by: Callable[[float], int]) -> Callable[[float], float | None]:
    return lambda a: by(a) if math.isfinite(a) else None


def _substring(text: str, start: float, length: float = math.inf) -> str:
    first = max(int(min(start, len(text))), 0)
    return text[first : first + max(int(min(length, len(text))), 0)]


def _part(name: str) -> Callable[[Span], int]:
    return lambda span: int(getattr(clock_of(span.start_ms), name))


def _during(a: Span, b: Span) -> bool:
    if a.instant and not b.instant:
        return b.start_ms <= a.start_ms < b.end_ms
    return b.start_ms <= a.start_ms and a.end_ms <= b.end_ms


def _overlaps(a: Span, b: Span) -> bool:
    return a == b or not (a.before(b) or b.before(a))


def _related(a: BaseGeometry, b: BaseGeometry, pattern: str) -> bool:
    try:
        return bool(shapely.relate_pattern(a, b, pattern))
    except (shapely.errors.GEOSException, ValueError):
        raise BadQuery(f"st_relate: {pattern[:20]!r} is no pattern of nine letters") from None


def _of(kinds: tuple[type | tuple[type, ...], ...], does: Callable[..., Any], least: int = -1) -> Function:
    return Function(len(kinds) if least < 0 else least, len(kinds), kinds, does)


def _texts(count: int, does: Callable[..., Any]) -> Function:
    return _of((str,) * count, does)


def _spans(count: int, does: Callable[..., Any]) -> Function:
    return _of((Span,) * count, does)


def _shapes(count: int, does: Callable[..., Any]) -> Function:
    return _of((BaseGeometry,) * count, does)


_ANY: Final = object
FUNCTIONS: Final[dict[str, Function]] = {
    "add": _of((_ANY, _ANY), _add),
    "sub": _of((_ANY, _ANY), _subtract),
    "-": _of((_ANY,), _negative),
    "mul": _of((NUMBER, NUMBER), lambda a, b: a * b),
    "div": _of((NUMBER, NUMBER), _divide),
    "mod": _of((NUMBER, NUMBER), _rest),
    "round": _of((NUMBER,), _rounded),
    "floor": _of((NUMBER,), _whole(math.floor)),
    "ceiling": _of((NUMBER,), _whole(math.ceil)),
    "substringof": _texts(2, lambda part, text: part in text),
    "contains": _texts(2, lambda text, part: part in text),
    "startswith": _texts(2, str.startswith),
    "endswith": _texts(2, str.endswith),
    "length": _texts(1, len),
    "indexof": _texts(2, str.find),
    "substring": _of((str, NUMBER, NUMBER), _substring, 2),
    "tolower": _texts(1, str.lower),
    "toupper": _texts(1, str.upper),
    "trim": _texts(1, str.strip),
    "concat": _texts(2, lambda a, b: a + b),
    **{name: _spans(1, _part(name)) for name in ("year", "month", "day", "hour", "minute", "second")},
    "fractionalseconds": _spans(1, lambda span: (span.start_ms % 1_000) / 1_000.0),
    "date": _spans(1, lambda span: Span.at(span.start_ms - span.start_ms % _DAY_MS)),
    "time": _spans(1, lambda span: clock_of(span.start_ms).time()),
    "totaloffsetminutes": _spans(1, lambda _: 0),
    "before": _spans(2, Span.before),
    "after": _spans(2, lambda a, b: b.before(a)),
    "meets": _spans(2, lambda a, b: a.end_ms == b.start_ms or a.start_ms == b.end_ms),
    "during": _spans(2, _during),
    "overlaps": _spans(2, _overlaps),
    "starts": _spans(2, lambda a, b: a.start_ms == b.start_ms),
    "finishes": _spans(2, lambda a, b: a.end_ms == b.end_ms),
    "geo.distance": _shapes(2, shapely.distance),
    "geo.length": _shapes(1, shapely.length),
    "geo.intersects": _shapes(2, shapely.intersects),
    "st_equals": _shapes(2, shapely.equals),
    "st_disjoint": _shapes(2, shapely.disjoint),
    "st_touches": _shapes(2, shapely.touches),
    "st_within": _shapes(2, shapely.within),
    "st_overlaps": _shapes(2, shapely.overlaps),
    "st_crosses": _shapes(2, shapely.crosses),
    "st_intersects": _shapes(2, shapely.intersects),
    "st_contains": _shapes(2, shapely.contains),
    "st_relate": _of((BaseGeometry, BaseGeometry, str), _related),
}
"""What there is, by name; comparisons and logic are in :mod:`api.sensorthings.evaluation`, for null reaches them."""


def apply(name: str, values: tuple[Any, ...]) -> Any:
    """The answer of a function; null where an argument is null or of another kind."""
    function = FUNCTIONS[name]
    for value, kind in zip(values, function.kinds, strict=False):
        if not isinstance(value, kind) or (kind == NUMBER and isinstance(value, bool)):
            return None
    try:
        found = function.does(*values)
    except (ArithmeticError, ValueError, shapely.errors.GEOSException):
        return None
    return found.item() if hasattr(found, "item") else found
