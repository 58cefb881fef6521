"""What an expression says of an entity.

A path over a link to many gives many values, and none gives null; an expression on them gives the values of all
combinations. A filter holds where one of its values is true: ``Datastreams/ObservedProperty/name eq 'salinity'`` is a
thing that has one such datastream.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from api.sensorthings.errors import BadQuery
from api.sensorthings.expressions import Call, Expression, Literal, Order, Path
from api.sensorthings.functions import FUNCTIONS, apply, equal, less
from api.sensorthings.jsonvalues import json_value
from api.sensorthings.model import IDS, SHAPES, Entity, Kind
from api.sensorthings.times import FIRST_MS, LAST_MS, Span

Look = Callable[[tuple[str, ...]], Sequence[Any]]
"""The values of a path."""
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": equal,
    "ne": lambda a, b: not equal(a, b),
    "lt": less,
    "gt": lambda a, b: less(b, a),
    "le": lambda a, b: a is not None and (less(a, b) or equal(a, b)),
    "ge": lambda a, b: a is not None and (less(b, a) or equal(a, b)),
}
_LOGIC: Final = {"and": all, "or": any}
_MOMENTS: Final = {"mindatetime": Span.at(FIRST_MS), "maxdatetime": Span.at(LAST_MS)}
_DRILLED: Final = frozenset(("properties", "unitOfMeasurement", "parameters", "location", "feature", "observedArea"))
_COMBINATIONS: Final = 10_000


def holds(expression: Expression, look: Look) -> bool:
    """Whether a filter lets something through; raises ``BadQuery``."""
    return any(value is True for value in values(expression, look))


def values(expression: Expression, look: Look) -> Sequence[Any]:
    """All values of an expression; raises ``BadQuery``."""
    if isinstance(expression, Literal):
        return (expression.value,)
    if isinstance(expression, Path):
        return look(expression.names) or (None,)
    if expression.name in _LOGIC:
        return (_LOGIC[expression.name](holds(it, look) for it in expression.arguments),)
    given = [values(it, look) for it in expression.arguments]
    if all(len(it) == 1 for it in given):
        return (_answer(expression.name, tuple(it[0] for it in given)),)
    combined = itertools.islice(itertools.product(*given), _COMBINATIONS)
    return [_answer(expression.name, it) for it in combined]


def _answer(name: str, given: tuple[Any, ...]) -> Any:
    if name in _COMPARISONS:
        return _COMPARISONS[name](*given)
    if name == "in":
        return any(equal(given[0], it) for it in given[1:])
    if name == "not":
        return not given[0] if isinstance(given[0], bool) else None
    return apply(name, given)


def settled(expression: Expression, now_ms: int) -> Expression:
    """The expression with everything that does not hang on an entity worked out, ``now()`` among it."""
    if not isinstance(expression, Call):
        return expression
    if expression.name == "now" and not expression.arguments:
        return Literal(Span.at(now_ms))
    if expression.name in _MOMENTS and not expression.arguments:
        return Literal(_MOMENTS[expression.name])
    told = Call(expression.name, tuple(settled(it, now_ms) for it in expression.arguments))
    _check_call(told)
    if all(isinstance(it, Literal) for it in told.arguments):
        return Literal(values(told, lambda _: ())[0])
    return told


def check(expression: Expression, kind: Kind) -> None:
    """Raise ``BadQuery`` where a path leads nowhere, or through all observations."""
    if isinstance(expression, Path):
        check_path(expression.names, kind)
    elif isinstance(expression, Call):
        _check_call(expression)
        for it in expression.arguments:
            check(it, kind)


def _check_call(call: Call) -> None:
    if call.name in _COMPARISONS or call.name in _LOGIC or call.name in {"in", "not"}:
        return
    if call.name not in FUNCTIONS:
        raise BadQuery(f"there is no function {call.name[:40]!r} with {len(call.arguments)} arguments")
    function = FUNCTIONS[call.name]
    if not function.least <= len(call.arguments) <= function.most:
        raise BadQuery(f"{call.name}: {len(call.arguments)} arguments are given; it takes {function.most}")


def check_path(names: tuple[str, ...], kind: Kind) -> None:
    """Raise ``BadQuery`` where there is no such property."""
    shape, first = SHAPES[kind], names[0]
    if len(names) == 1 and (first in IDS or first in shape.properties):
        return
    if first in _DRILLED and first in shape.properties:
        return
    link = shape.links.get(first)
    if link is None or len(names) == 1:
        there = ", ".join(("id", *shape.properties, *(f"{it}/..." for it in shape.links)))
        raise BadQuery(f"{kind} have no property {'/'.join(names)[:80]!r}; there are: {there}")
    if link.to is Kind.OBSERVATIONS:
        raise BadQuery(
            f"{'/'.join(names)[:80]}: that would read all observations; ask for Observations and filter them"
        )
    check_path(names[1:], link.to)


def look_at(entity: Entity, names: tuple[str, ...], follow: Callable[[Entity, str], Sequence[Entity]]) -> Sequence[Any]:
    """The values of a path from an entity on."""
    first = names[0]
    if first in SHAPES[entity.kind].links:
        return [it for to in follow(entity, first) for it in look_at(to, names[1:], follow)]
    value = entity.value(first)
    if len(names) > 1:
        value = json_value(first, value)
    for name in names[1:]:
        value = value.get(name) if isinstance(value, dict) else None
    return (value,)


def conjuncts(expression: Expression | None) -> Iterator[Expression]:
    """The parts of a filter that all have to hold."""
    if isinstance(expression, Call) and expression.name == "and":
        for it in expression.arguments:
            yield from conjuncts(it)
    elif expression is not None:
        yield expression


def paths(expression: Expression) -> Iterator[tuple[str, ...]]:
    """All paths in an expression."""
    if isinstance(expression, Path):
        yield expression.names
    elif isinstance(expression, Call):
        for it in expression.arguments:
            yield from paths(it)


def sorted_by(orders: Sequence[Order], items: Sequence[Entity], look: Callable[[Entity], Look]) -> list[Entity]:
    """Entities in an order; of the same place, as they stood. Null comes first (OData 11.2.5.2)."""
    found = list(items)
    for order in reversed(orders):
        found.sort(key=lambda it, by=order.by: rank(values(by, look(it))[0]), reverse=order.descending)  # type: ignore[misc]
    return found


def rank(value: Any) -> tuple[int, Any]:
    """A key that sorts values of all kinds."""
    match value:
        case bool():
            return 1, value
        case int() | float():
            return 2, value
        case str():
            return 3, value
        case Span():
            return 4, (value.start_ms, value.end_ms)
    return (0, 0) if value is None else (5, str(value))
