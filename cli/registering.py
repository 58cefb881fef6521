"""``add``, ``list`` and ``retire`` for a kind of record: what differs between kinds is a table of options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from enum import Enum
from typing import Any, Generic, TypeVar

from shapely.geometry.base import BaseGeometry

from cli import arguments, output, owners, wiring
from cli.command import Command
from core.errors import ConfigError, NotFound
from core.localtime import local
from core.model.enums import Word
from core.model.versions import Versioned, key_of
from core.registry import Registry
from core.terms import both

R = TypeVar("R", bound=Versioned)
_BOOKKEEPING = ("version", "valid_from_ms", "retired")
_UNSHOWN = frozenset(("cooperative", *_BOOKKEEPING))


@dataclass(frozen=True, slots=True)
class Option:
    """An option that fills a field. Without ``flag`` it is called as the field, with hyphens."""

    field: str
    help: str
    kind: Callable[[str], Any] = str
    metavar: str = "TEXT"
    required: bool = False
    flag: str = ""

    @property
    def name(self) -> str:
        """As it is written."""
        return self.flag or "--" + self.field.replace("_", "-")


def unchanged(record: Any, _given: Mapping[str, Any], _registry: Registry) -> Any:
    """What a kind that needs no more completes."""
    return record


def of_known_device(record: Any, _given: Mapping[str, Any], registry: Registry) -> Any:
    """What a kind that belongs to a device completes: the device, where one is named, has to be registered."""
    if record.device:
        registry.device(record.cooperative, record.device)
    return record


def topic_of(record: Any) -> str:
    """What a kind that publishes says."""
    from ingest.topics import device_topic  # noqa: PLC0415

    return f"it publishes to {device_topic(record.cooperative, record.kind, record.device, 'telemetry')}"


def untold(_record: Any) -> str:
    """What a kind that has nothing more to say says."""
    return ""


@dataclass(frozen=True, slots=True)
class Kind(Generic[R]):
    """A kind of record as commands see it.

    ``keys`` are the arguments that name one beside its cooperative; ``complete`` fills in what depends on other fields
    or on the registry, ``told`` adds a line for the person once it is kept. ``which`` tells records apart that share a
    type, as drones and sensors do; ``fixed`` are the fields that make one of them.
    """

    word: str
    type: type[R]
    english: str
    vietnamese: str
    options: tuple[Option, ...]
    keys: tuple[tuple[str, str, Callable[[str], Any]], ...]
    columns: tuple[str, ...]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    which: Callable[[Any], bool] = lambda _: True
    complete: Callable[[Any, Mapping[str, Any], Registry], Any] = unchanged
    told: Callable[[Any], str] = untold
    whose: bool = True
    """Whether the cooperative is the first argument; else it is an option, and the record may be the nation's."""


def commands(kind: Kind[Any]) -> tuple[Command, ...]:
    """The three commands of a kind."""
    return Add(kind), List(kind), Retire(kind)


class _OfKind:
    """What the three share."""

    verb = ""

    def __init__(self, kind: Kind[Any]) -> None:
        self._kind = kind
        self.name = f"{kind.word} {self.verb}"
        self.vietnamese = ""

    def _add_owner(self, parser: argparse.ArgumentParser) -> None:
        kind = self._kind
        if kind.whose:
            parser.add_argument("cooperative", help=f"whose {kind.english}", type=arguments.identifier)
        else:
            parser.add_argument("--cooperative", default="", metavar="ID", help="whose; without it: the national list")

    def _add_keys(self, parser: argparse.ArgumentParser) -> None:
        for name, words, kind in self._kind.keys:
            parser.add_argument(name, help=words, type=kind)

    def _key(self, args: argparse.Namespace) -> tuple[str, ...]:
        return tuple(getattr(args, name) for name, _, _ in self._kind.keys)

    def _standing(self, registry: Registry, args: argparse.Namespace) -> Any:
        """The record that the arguments name, of this kind."""
        found = registry.record(self._kind.type, args.cooperative, *self._key(args))
        if not self._kind.which(found):
            raise NotFound(f"cooperative {args.cooperative!r} has no {self._kind.word} {'/'.join(self._key(args))!r}")
        return found


class Add(_OfKind):
    """``KIND add``."""

    verb = "add"

    def __init__(self, kind: Kind[Any]) -> None:
        super().__init__(kind)
        self.__doc__ = (
            f"Register {_article(kind.english)}, or change what is registered: an option that is not given keeps what "
            "stands.\n\nNothing is overwritten: a change makes the next version."
        )
        self.vietnamese = f"Đăng ký hoặc sửa {kind.vietnamese}."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        self._add_owner(parser)
        self._add_keys(parser)
        for option in self._kind.options:
            parser.add_argument(
                option.name, dest=option.field, type=option.kind, metavar=option.metavar, help=option.help
            )
        parser.add_argument(
            "--since",
            dest="valid_from_ms",
            type=arguments.since_ms,
            default=0,
            metavar="DATE",
            help="since when it holds",
        )
        parser.add_argument(
            "--expect", type=int, metavar="VERSION", help="stop where another version stands than this (0: none)"
        )

    def run(self, args: argparse.Namespace) -> int:
        """Add it."""
        kind = self._kind
        given = {o.field: getattr(args, o.field) for o in kind.options if getattr(args, o.field) is not None}
        with wiring.stores() as stores:
            registry = stores.registry
            try:
                there = self._standing(registry, args)
            except NotFound:
                record = self._new(args, given)
            else:
                changed = {k: v for k, v in given.items() if k in _names(kind.type)}
                record = replace(there, **changed, retired=False, valid_from_ms=args.valid_from_ms)
            record = kind.complete(record, given, registry)
            kept = registry.put(record, args.expect)
        label = "/".join(key_of(kept)) or kept.cooperative
        output.note(f"{kind.word} {label} is registered, version {kept.version}")
        if kind.told(kept):
            output.note(kind.told(kept))
        return 0

    def _new(self, args: argparse.Namespace, given: Mapping[str, Any]) -> Any:
        kind = self._kind
        missing = [o.name for o in kind.options if o.required and o.field not in given]
        if missing:
            raise ConfigError(f"a new {kind.word} needs {' and '.join(missing)}")
        key = dict(zip((name for name, _, _ in kind.keys), self._key(args), strict=True))
        values = {"cooperative": args.cooperative, **key, **kind.fixed, "valid_from_ms": args.valid_from_ms}
        blank = {f.name: "" for f in fields(kind.type) if f.default is MISSING and f.default_factory is MISSING}
        known = {k: v for k, v in given.items() if k in _names(kind.type)}
        return kind.type(**{**{k: v for k, v in blank.items() if k not in values}, **values, **known})


class List(_OfKind):
    """``KIND list``."""

    verb = "list"

    def __init__(self, kind: Kind[Any]) -> None:
        super().__init__(kind)
        self.__doc__ = f"Show the {kind.english}s that are registered, now or as of a date."
        self.vietnamese = f"Xem danh sách {kind.vietnamese}."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        if self._kind.keys or not self._kind.whose:
            self._add_owner(parser)
        parser.add_argument("--on", type=arguments.until_ms, metavar="DATE", help="what counted on that day")
        parser.add_argument("--retired", action="store_true", help="those out of use, too")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and print."""
        kind = self._kind
        with wiring.stores() as stores:
            registry = stores.registry
            if hasattr(args, "cooperative"):
                whose = [args.cooperative]
                if args.cooperative:
                    owners.required(registry, args.cooperative)
            else:
                whose = [it.cooperative for it in registry.cooperatives()]
            found: list[Any] = []
            for owner in whose:
                found += registry.records(kind.type, owner, at_ms=args.on, retired=args.retired)
        shown = [r for r in found if kind.which(r)]
        if args.json:
            output.print_json({f"{kind.word}s": [told(r) for r in shown]})
        else:
            headings = [heading(name) for name in (*kind.columns, *_BOOKKEEPING[:2])]
            rows = [[cell(getattr(r, name)) for name in kind.columns] + _stand(r) for r in shown]
            output.print_table(f"{kind.vietnamese} / {kind.english}s", headings, rows, len(headings))
        return 0


class Retire(_OfKind):
    """``KIND retire``."""

    verb = "retire"

    def __init__(self, kind: Kind[Any]) -> None:
        super().__init__(kind)
        self.__doc__ = (
            f"Take {_article(kind.english)} out of use. It stays in the history; adding it again brings it back."
        )
        self.vietnamese = f"Ngừng sử dụng {kind.vietnamese}; lịch sử vẫn được giữ."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        self._add_owner(parser)
        self._add_keys(parser)
        parser.add_argument("--expect", type=int, metavar="VERSION", help="stop where another version stands than this")

    def run(self, args: argparse.Namespace) -> int:
        """Retire it."""
        with wiring.stores() as stores:
            self._standing(stores.registry, args)
            kept = stores.registry.retire(self._kind.type, args.cooperative, *self._key(args), expected=args.expect)
        label = "/".join(key_of(kept)) or args.cooperative
        output.note(f"{self._kind.word} {label} is retired, version {kept.version}")
        return 0


def told(record: Versioned) -> dict[str, Any]:
    """A record for JSON: a shape as well-known text, a code as its word."""
    shown = {f.name: getattr(record, f.name) for f in fields(record)}
    return {name: value.wkt if isinstance(value, BaseGeometry) else value for name, value in shown.items()}


def heading(name: str) -> str:
    """What a column is called."""
    try:
        return both(f"field_{name}")
    except KeyError:
        return name


def cell(value: Any) -> str:
    """A value in a table."""
    match value:
        case None:
            text = "–"
        case Word():
            text = value.word
        case Enum():
            text = str(value.value)
        case bool():
            text = "có / yes" if value else "không / no"
        case float():
            text = output.number(value, 2)
        case tuple():
            text = ", ".join(str(v) for v in value)
        case BaseGeometry():
            text = f"{value.geom_type} {value.centroid.x:.6f}, {value.centroid.y:.6f}"
        case _:
            text = str(value)
    return text


def _stand(record: Any) -> list[str]:
    since = local(record.valid_from_ms).date().isoformat() if record.valid_from_ms else "–"
    return [f"{record.version}{' (ngừng / retired)' if record.retired else ''}", since]


def _names(kind: type[Versioned]) -> frozenset[str]:
    return frozenset(f.name for f in fields(kind))


def _article(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
