"""The grammar of ``$filter`` and ``$orderby``: what SensorThings takes of OData 4.0 (OASIS, URL conventions, 5.1.1).

Precedence rises: or, and, eq ne, gt ge lt le in, add sub, mul div mod, not and the sign. Words are in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, Final, NamedTuple

import shapely

from api.sensorthings.errors import BadQuery
from api.sensorthings.times import duration_of, instant_of, interval_of

_LONGEST: Final = 8_000
_DEEPEST: Final = 40
_MOST: Final = 250
"""How long, how deep and of how many parts an expression may be."""
_DIGITS: Final = 16
_DATE: Final = r"[12]\d{3}-[01]\d-[0-3]\d"
_CLOCK: Final = r"[0-2]\d:[0-5]\d(?::[0-6]\d(?:\.\d{1,12})?)?"
_MOMENT: Final = rf"{_DATE}T{_CLOCK}(?:Z|[+ -][01]\d:[0-5]\d)?"
_TOKENS: Final = re.compile(
    rf"""\s*(?:
    (?P<shape>(?:geography|geometry)'[^']*') | (?P<duration>duration'[^']*') | (?P<text>'(?:[^']|'')*') |
    (?P<interval>{_MOMENT}/{_MOMENT}) | (?P<moment>{_MOMENT}) | (?P<date>{_DATE}) | (?P<clock>{_CLOCK}) |
    (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?) |
    (?P<name>[A-Za-z_@][\w.@]*(?:/[A-Za-z_@][\w.@]*)*) | (?P<mark>[(),-])
    )""",
    re.VERBOSE,
)
_BINDS: Final = {
    **dict.fromkeys(("or",), 1),
    **dict.fromkeys(("and",), 2),
    **dict.fromkeys(("eq", "ne"), 3),
    **dict.fromkeys(("gt", "ge", "lt", "le", "in"), 4),
    **dict.fromkeys(("add", "sub"), 5),
    **dict.fromkeys(("mul", "div", "mod"), 6),
}
_UNARY: Final = 7
_WORDS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Literal:
    """A value: text, number, truth, null, a time, a duration or a shape."""

    value: Any


@dataclass(frozen=True, slots=True)
class Path:
    """Properties and links, one after the other."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function on other expressions."""

    name: str
    arguments: tuple[Expression, ...]


Expression = Literal | Path | Call


@dataclass(frozen=True, slots=True)
class Order:
    """One term of ``$orderby``."""

    by: Expression
    descending: bool = False


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


def filter_of(text: str) -> Expression:
    """The expression of a ``$filter``; raises ``BadQuery``."""
    reader = _Reader("$filter", text)
    found = reader.expression()
    reader.end()
    return found


def orders_of(text: str) -> tuple[Order, ...]:
    """The terms of an ``$orderby``; raises ``BadQuery``."""
    reader = _Reader("$orderby", text)
    found = [reader.order()]
    while reader.takes(","):
        found.append(reader.order())
    reader.end()
    return tuple(found)


class _Reader:
    """Reads from left to right, by precedence. A blank before a zone is a plus sign that an address has lost."""

    def __init__(self, option: str, text: str) -> None:
        if len(text) > _LONGEST:
            raise BadQuery(f"{option}: longer than {_LONGEST} letters")
        self._option = option
        self._tokens = _tokens(option, text)
        if len(self._tokens) > _MOST:
            raise BadQuery(f"{option}: more than {_MOST} parts")
        self._next = 0
        self._depth = 0

    def expression(self, least: int = 1) -> Expression:
        """What binds at least as strongly as a number says."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadQuery(f"{self._option}: more than {_DEEPEST} levels deep")
        left = self._operand()
        while (binds := _BINDS.get(self._word(), 0)) >= least:
            name = self._take().text
            right = self._list() if name == "in" else (self.expression(binds + 1),)
            many = name in {"and", "or"} and isinstance(left, Call) and left.name == name
            left = Call(name, (*left.arguments, *right) if many and isinstance(left, Call) else (left, *right))
        self._depth -= 1
        return left

    def order(self) -> Order:
        """A term of ``$orderby``."""
        by = self.expression()
        if self._word() in {"asc", "desc"}:
            return Order(by, self._take().text == "desc")
        return Order(by)

    def takes(self, mark: str) -> bool:
        """Go on if a mark comes next."""
        if self._peek().kind == "mark" and self._peek().text == mark:
            self._next += 1
            return True
        return False

    def end(self) -> None:
        """Raise ``BadQuery`` unless everything is read."""
        if self._peek().kind != "end":
            raise self._unexpected("and, or, a comparison, or the end")

    def _operand(self) -> Expression:
        token = self._take()
        if token.kind in _READ:
            return Literal(_READ[token.kind](token.text))
        if token.kind == "mark":
            if token.text == "(":
                found = self.expression()
                self._close()
                return found
            if token.text == "-":
                return Call("-", (self.expression(_UNARY),))
        if token.kind == "name":
            return self._named(token)
        self._next -= 1
        raise self._unexpected("a value, a property or a function")

    def _named(self, token: _Token) -> Expression:
        if token.text == "not":
            return Call("not", (self.expression(_UNARY),))
        if self.takes("("):
            return Call(token.text, () if self.takes(")") else self._arguments())
        if token.text in _WORDS:
            return Literal(_WORDS[token.text])
        if token.text in _BINDS:
            self._next -= 1
            raise self._unexpected("a value before it")
        return Path(tuple(token.text.split("/")))

    def _list(self) -> tuple[Expression, ...]:
        if not self.takes("("):
            raise self._unexpected("a list in parentheses")
        return self._arguments()

    def _arguments(self) -> tuple[Expression, ...]:
        found = [self.expression()]
        while self.takes(","):
            found.append(self.expression())
        self._close()
        return tuple(found)

    def _close(self) -> None:
        if not self.takes(")"):
            raise self._unexpected("a closing parenthesis")

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _word(self) -> str:
        token = self._peek()
        return token.text if token.kind == "name" else ""

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        if token.kind != "end":
            self._next += 1
        return token

    def _unexpected(self, wanted: str) -> BadQuery:
        token = self._peek()
        shown = "the end" if token.kind == "end" else repr(token.text[:40])
        return BadQuery(f"{self._option}: at letter {token.at + 1} stands {shown}; expected {wanted}")


def _tokens(option: str, text: str) -> list[_Token]:
    found: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKENS.match(text, at)
        if match is None or match.lastgroup is None:
            raise BadQuery(f"{option}: cannot read {text[at : at + 20]!r} at letter {at + 1}")
        found.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    return [*found, _Token("end", "", end)]


def _number(text: str) -> float:
    return int(text) if text.isdigit() and len(text) < _DIGITS else float(text)


def _quoted(text: str) -> str:
    return text.partition("'")[2][:-1].replace("''", "'")


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise BadQuery(f"{text!r} is no time of day") from None


def _shape(text: str) -> Any:
    words = re.sub(r"^\s*SRID=4326;", "", text, flags=re.IGNORECASE)
    try:
        return shapely.from_wkt(words)
    except (shapely.errors.GEOSException, ValueError, TypeError):
        raise BadQuery(f"{text[:60]!r} is no shape as well-known text in WGS 84, longitude before latitude") from None


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "text": _quoted,
    "number": _number,
    "interval": lambda text: interval_of(text.replace(" ", "+")),
    "moment": lambda text: instant_of(text.replace(" ", "+")),
    "date": instant_of,
    "clock": _clock,
    "duration": lambda text: duration_of(_quoted(text)),
    "shape": lambda text: _shape(_quoted(text)),
}
