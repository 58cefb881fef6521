"""Query options, of an address and within ``$expand``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from api.sensorthings.errors import BadQuery
from api.sensorthings.evaluation import check, settled
from api.sensorthings.expressions import Expression, Order, filter_of, orders_of
from api.sensorthings.model import IDS, SHAPES, Kind

PAGE: Final = 100
LARGEST_PAGE: Final = 1_000
RESUME: Final = "$skiptoken"
_LARGEST: Final = 10**9
_DEEPEST: Final = 8
_DATA_ARRAY: Final = "dataArray"


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of entities of a kind; ``told`` is the text of all that was said but where to go on.

    ``top`` is None where nothing was said. ``resume`` is the identifier of the last observation of the page before.
    ``select`` is None where everything is wanted.
    """

    where: Expression | None = None
    orders: tuple[Order, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    select: tuple[str, ...] | None = None
    expand: Mapping[str, Options] = field(default_factory=dict)
    resume: str = ""
    data_array: bool = False
    told: tuple[tuple[str, str], ...] = ()

    @property
    def page(self) -> int:
        """How many entities a page holds."""
        return min(PAGE if self.top is None else self.top, LARGEST_PAGE)


def options_of(kind: Kind, given: Sequence[tuple[str, str]], now_ms: int, *, one: bool = False) -> Options:
    """Read query options.

    Args:
        kind: Of what.
        given: Names and values, as the address has them.
        now_ms: What ``now()`` is.
        one: Whether one entity is asked for, not many.

    Raises:
        BadQuery: One is unknown, given twice, or cannot be read.
    """
    return _read(kind, given, now_ms, 0, one=one)


def _read(kind: Kind, given: Sequence[tuple[str, str]], now_ms: int, depth: int, *, one: bool) -> Options:
    if depth > _DEEPEST:
        raise BadQuery(f"$expand: more than {_DEEPEST} levels deep")
    known = _names(kind, depth, one=one)
    texts: dict[str, str] = {}
    for name, text in given:
        if name not in known:
            raise BadQuery(f"{name[:40]!r} is not known here; there are: {', '.join(known)}")
        if name in texts:
            raise BadQuery(f"{name} is given twice")
        texts[name] = text
    found = Options(
        where=_filter(kind, texts["$filter"], now_ms) if "$filter" in texts else None,
        orders=_orders(kind, texts["$orderby"], now_ms) if "$orderby" in texts else (),
        top=_number("$top", texts["$top"]) if "$top" in texts else None,
        skip=_number("$skip", texts.get("$skip", "0")),
        count=_truth("$count", texts.get("$count", "false")),
        select=_selected(kind, texts["$select"]) if "$select" in texts else None,
        expand=_expanded(kind, texts["$expand"], now_ms, depth) if "$expand" in texts else {},
        resume=texts.get(RESUME, ""),
        data_array=_is_data_array(texts.get("resultFormat", "")),
        told=tuple((name, text) for name, text in texts.items() if name not in {"$skip", RESUME}),
    )
    if found.data_array and found.expand:
        raise BadQuery("resultFormat=dataArray holds observations only; leave $expand out")
    return found


def _names(kind: Kind, depth: int, *, one: bool) -> tuple[str, ...]:
    if one:
        return ("$select", "$expand")
    many = ("$filter", "$orderby", "$top", "$skip", "$count", "$select", "$expand")
    return (*many, RESUME, "resultFormat") if kind is Kind.OBSERVATIONS and depth == 0 else many


def _filter(kind: Kind, text: str, now_ms: int) -> Expression:
    expression = settled(filter_of(text), now_ms)
    check(expression, kind)
    return expression


def _orders(kind: Kind, text: str, now_ms: int) -> tuple[Order, ...]:
    found = tuple(replace(it, by=settled(it.by, now_ms)) for it in orders_of(text))
    for it in found:
        check(it.by, kind)
    return found


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST))):
        raise BadQuery(f"{name}: {text[:40]!r} is no whole number from 0 to {_LARGEST}")
    return min(int(text), _LARGEST)


def _truth(name: str, text: str) -> bool:
    if text not in {"true", "false"}:
        raise BadQuery(f"{name}: write true or false, not {text[:40]!r}")
    return text == "true"


def _is_data_array(text: str) -> bool:
    if text not in {"", _DATA_ARRAY}:
        raise BadQuery(f"resultFormat: there is {_DATA_ARRAY} only, not {text[:40]!r}")
    return text == _DATA_ARRAY


def _selected(kind: Kind, text: str) -> tuple[str, ...]:
    shape = SHAPES[kind]
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in IDS and name not in shape.properties and name not in shape.links:
            there = ", ".join(("id", *shape.properties, *shape.links))
            raise BadQuery(f"$select: {kind} have no {name[:40]!r}; there are: {there}")
    return names


def _expanded(kind: Kind, text: str, now_ms: int, depth: int) -> dict[str, Options]:
    found: dict[str, Options] = {}
    for item in _split(text, ","):
        name, options = _expansion(kind, item.strip(), now_ms, depth)
        if name in found:
            options = _merged(name, found[name], options)
        found[name] = options
    return found


def _expansion(kind: Kind, item: str, now_ms: int, depth: int) -> tuple[str, Options]:
    """One item: a link, links one after the other, or a link with options of its own in parentheses."""
    head, opened, rest = item.partition("(")
    name, onward, further = head.partition("/")
    link = SHAPES[kind].links.get(name)
    if link is None:
        raise BadQuery(f"$expand: {kind} lead to {', '.join(SHAPES[kind].links)}, not to {name[:40]!r}")
    if onward:
        given = [("$expand", further + opened + rest)]
    elif opened:
        if not rest.endswith(")"):
            raise BadQuery(f"$expand: the parenthesis after {name} is not closed")
        given = [_pair(name, it) for it in _split(rest[:-1], ";") if it.strip()]
    else:
        given = []
    return name, _read(link.to, given, now_ms, depth + 1, one=not link.many)


def _pair(link: str, text: str) -> tuple[str, str]:
    name, equals, value = text.strip().partition("=")
    if not equals:
        raise BadQuery(f"$expand: in the parentheses of {link} stands {text[:40]!r}; write $option=value")
    return name, value


def _merged(name: str, a: Options, b: Options) -> Options:
    """Two items of the same link, where they only lead further."""
    if any(option != "$expand" for it in (a, b) for option, _ in it.told) or a.expand.keys() & b.expand.keys():
        raise BadQuery(f"$expand: {name} is given twice")
    text = ",".join(value for it in (a, b) for _, value in it.told)
    return replace(a, expand={**a.expand, **b.expand}, told=(("$expand", text),))


def _split(text: str, mark: str) -> Iterator[str]:
    """The parts between marks that stand in no parentheses and no quotes; raises ``BadQuery``."""
    depth, quoted, start = 0, False, 0
    for at, letter in enumerate(text):
        if letter == "'":
            quoted = not quoted
        elif not quoted:
            depth += (letter == "(") - (letter == ")")
            if letter == mark and not depth:
                yield text[start:at]
                start = at + 1
    if depth or quoted:
        raise BadQuery("$expand: parentheses or quotes are not closed")
    yield text[start:]
