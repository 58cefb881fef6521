"""Versioned records in their tables: what is put becomes the next version, where it says anything new."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, bindparam, func, insert, select, true, update

from core.errors import Conflict, NotFound
from core.model.fleet import Calibration, Implement, Member, Mount, Pilot
from core.model.land import Cooperative, Device, Plot, Site
from core.model.versions import BOOKKEEPING, Versioned, key_of
from core.model.work import Job, Product
from storage.registry import tables
from storage.registry.engine import WRITING, Place, alone_in, translated
from storage.registry.geometry import Box, common, meets
from storage.registry.revision import FileRevision, Revision, ServerRevision

R = TypeVar("R", bound=Versioned)
NATIONAL: Final = ""
"""The tenant that the national product list belongs to."""
_AT_ONCE: Final = 400
_ROWS: Final[Mapping[type[Versioned], type[tables.Base]]] = {
    Cooperative: tables.CooperativeRow,
    Device: tables.DeviceRow,
    Plot: tables.PlotRow,
    Site: tables.SiteRow,
    Member: tables.MemberRow,
    Pilot: tables.PilotRow,
    Implement: tables.ImplementRow,
    Calibration: tables.CalibrationRow,
    Mount: tables.MountRow,
    Product: tables.ProductRow,
    Job: tables.JobRow,
}
_NAMES: Final = {kind: tuple(f.name for f in fields(kind)) for kind in _ROWS}
_CONTENT: Final = {kind: tuple(name for name in names if name not in BOOKKEEPING) for kind, names in _NAMES.items()}


class Records:
    """Reads and writes the versioned records of a registry."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._engine = self._asker = place.engine
        self._writer = place.engine.execution_options(**{WRITING: True})
        if place.engine.dialect.name == "postgresql":
            self._engine = place.engine.execution_options(isolation_level="REPEATABLE READ")
            self._asker = place.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._revision: Revision = _revision_of(self._asker)

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        """For one statement, which sees one state by itself: a transaction would double the way to the server."""
        with translated(self._place), self._asker.begin() as connection:
            yield connection

    @contextmanager
    def _looking(self) -> Iterator[Connection]:
        with translated(self._place), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _changing(self, cooperative: str) -> Iterator[Connection]:
        with translated(self._place), self._writer.begin() as connection:
            alone_in(connection, cooperative)
            yield connection

    def put(self, record: R, expected: int | None = None) -> R:
        """See the port."""
        return self.put_all([record], expected)[0]

    def put_all(self, records: Sequence[R], expected: int | None = None) -> list[R]:
        """See the port."""
        if not records:
            return []
        kind, cooperative = type(records[0]), _owner(records[0])
        if any(type(r) is not kind or _owner(r) != cooperative for r in records):
            raise TypeError("records of one kind and one cooperative are put at once")
        with self._changing(cooperative) as connection:
            if kind is Cooperative:
                _add_tenant(connection, cooperative)
            require_cooperative(connection, cooperative, national=kind is Product)
            standing = _standing(connection, kind, cooperative, records)
            made = [_next(standing, record, expected) for record in records]
            _write(connection, kind, cooperative, [r for r, new in made if new])
            return [record for record, _ in made]

    def record(self, kind: type[R], cooperative: str, *key: str, version: int | None = None) -> R:
        """See the port."""
        row = _table(kind)
        which = row.c.newest if version is None else row.c.version == version
        with self._asking() as connection:
            found = read(connection, kind, and_(_mine(kind, cooperative), _is(kind, key), which))
        if not found:
            suffix = "" if version is None else f" in version {version}"
            raise NotFound(f"cooperative {cooperative!r} has no {_word(kind)} {'/'.join(key)!r}{suffix}")
        return found[0]

    def records(
        self,
        kind: type[R],
        cooperative: str,
        *,
        at_ms: int | None = None,
        box: Box | None = None,
        retired: bool = False,
        after: str = "",
        limit: int = 0,
    ) -> list[R]:
        """See the port."""
        row = _table(kind)
        mine, dialect = _mine(kind, cooperative), self._engine.dialect.name
        wanted = [mine if box is None else common(mine, dialect)]
        if at_ms is None:
            wanted.append(row.c.newest)
        else:
            wanted.append(_stood(kind, cooperative, at_ms))
        if not retired:
            wanted.append(~row.c.retired)
        if box is not None:
            wanted.append(meets(_ROWS[kind], box, dialect))
        if after:
            wanted.append(row.c[kind.KEY[0]] > after)
        with self._asking() as connection:
            return read(connection, kind, and_(*wanted), limit)

    def versions(self, kind: type[R], cooperative: str) -> int:
        """See the port."""
        with self._asking() as connection:
            count = select(func.count()).select_from(_table(kind)).where(_mine(kind, cooperative))
            return int(connection.execute(count).scalar_one())

    def history(self, kind: type[R], cooperative: str, *key: str) -> list[R]:
        """See the port."""
        with self._asking() as connection:
            found = read(connection, kind, and_(_mine(kind, cooperative), _is(kind, key)))
        if not found:
            raise NotFound(f"cooperative {cooperative!r} has no {_word(kind)} {'/'.join(key)!r}")
        return found

    def retire(self, kind: type[R], cooperative: str, *key: str, expected: int | None = None) -> R:
        """See the port."""
        there = self.record(kind, cooperative, *key)
        return self.put(replace(there, retired=True, valid_from_ms=0), there.version if expected is None else expected)

    @property
    def revision_is_near(self) -> bool:
        """See :class:`core.revisions.Revised`."""
        return self._revision.near

    def revision(self) -> str:
        """See :class:`core.revisions.Revised`."""
        with translated(self._place):
            return self._revision.now()

    def close(self) -> None:
        """See the port."""
        self._revision.close()
        self._place.engine.dispose()


def _revision_of(asker: Engine) -> Revision:
    if asker.dialect.name == "sqlite":
        return FileRevision(Path(str(asker.url.database)))
    return ServerRevision(asker)


def require_cooperative(connection: Connection, cooperative: str, *, national: bool = False) -> None:
    """Raise ``NotFound`` where nobody registered the cooperative."""
    tenant = tables.TenantRow
    there = connection.execute(select(tenant.cooperative).where(tenant.cooperative == cooperative)).first()
    if there is None or (cooperative == NATIONAL and not national):
        raise NotFound(f"no cooperative {cooperative!r}; register it with: canhdong cooperative add")


def _add_tenant(connection: Connection, cooperative: str) -> None:
    tenant = tables.TenantRow
    if connection.execute(select(tenant.cooperative).where(tenant.cooperative == cooperative)).first() is None:
        connection.execute(insert(tenant), {"cooperative": cooperative})


def _next(standing: dict[tuple[str, ...], R], record: R, expected: int | None) -> tuple[R, bool]:
    """What stands once a record was put, and whether that is new; ``standing`` is kept up to date."""
    key = key_of(record)
    known = standing.get(key)
    if known is not None and _same(known, record):
        return known, False
    if expected is not None and expected != (known.version if known else 0):
        raise Conflict(_contradiction(record, known, expected))
    since_ms = record.valid_from_ms or (time.time_ns() // 1_000_000 if known else 0)
    made = replace(record, version=known.version + 1 if known else 1, valid_from_ms=since_ms)
    standing[key] = made
    return made, True


def _contradiction(record: Versioned, known: Versioned | None, expected: int) -> str:
    what = f"{_word(type(record))} {'/'.join(key_of(record)) or _owner(record)!r}"
    if known is None:
        return f"{what} does not exist, so that it has no version {expected}"
    if not expected:
        return f"{what} is there already, with other content"
    return f"{what} stands in version {known.version}, not {expected}: somebody has changed it; read it again"


def _same(known: Versioned, record: Versioned) -> bool:
    """Whether two versions say the same, to the last bit; a boundary is the same vertices in the same order."""
    return all(_equal(getattr(known, name), getattr(record, name)) for name in _CONTENT[type(record)])


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, BaseGeometry):
        return bool(a.equals_exact(b, 0.0))
    return bool(a == b) or repr(a) == repr(b)  # NaN, which differs from itself, has one text


def _standing(
    connection: Connection, kind: type[R], cooperative: str, records: Sequence[R]
) -> dict[tuple[str, ...], R]:
    """The newest versions of the records that are to be put, by key."""
    row, first = _table(kind), kind.KEY[:1]
    mine = and_(_mine(kind, cooperative), row.c.newest)
    if not first:
        return {key_of(r): r for r in read(connection, kind, mine)}
    names, named = sorted({getattr(r, first[0]) for r in records}), row.c[first[0]]
    found: list[R] = []
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        # names alone would let PostgreSQL, as long as it has not counted, walk through the whole cooperative each time
        found += read(connection, kind, and_(mine, named.between(some[0], some[-1]), named.in_(some)))
    return {key_of(r): r for r in found}


def _write(connection: Connection, kind: type[R], cooperative: str, made: Sequence[R]) -> None:
    """Add versions, the last of each key as the newest."""
    row = _table(kind)
    last = {key_of(r): r.version for r in made}
    replaced = [r for r in made if r.version > 1]
    if replaced:
        keys = and_(*(row.c[name] == bindparam(f"key_{name}") for name in kind.KEY), row.c.newest)
        old = update(row).where(row.c.cooperative == cooperative, keys).values(newest=False)
        connection.execute(old, [{f"key_{name}": getattr(r, name) for name in kind.KEY} for r in replaced])
    if made:
        boxed = "west_deg" in row.c
        connection.execute(insert(row), [_values(r, newest=r.version == last[key_of(r)], boxed=boxed) for r in made])


def _values(record: Versioned, *, newest: bool, boxed: bool) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in _NAMES[type(record)]} | {"newest": newest}
    if boxed:
        values |= zip(("west_deg", "south_deg", "east_deg", "north_deg"), values["boundary"].bounds, strict=True)
    return values


def read(connection: Connection, kind: type[R], wanted: ColumnElement[bool], limit: int = 0) -> list[R]:
    """Records by key, then version; ``limit`` 0: all."""
    row, names = _table(kind), _NAMES[kind]
    order = [row.c[name] for name in (*(kind.KEY or ("cooperative",)), "version")]
    query = select(*(row.c[name] for name in names)).where(wanted).order_by(*order)
    found = connection.execute(query.limit(limit) if limit else query)
    return [kind(**dict(zip(names, values, strict=True))) for values in found]


def _stood(kind: type[Versioned], cooperative: str, at_ms: int) -> ColumnElement[bool]:
    """The last version of each key that counted at a time: the last that was put, where several did."""
    row = _table(kind)
    other = row.alias()
    keys = (*kind.KEY, "cooperative")
    last = (
        select(func.max(other.c.version))
        .where(other.c.cooperative == cooperative, *(other.c[k] == row.c[k] for k in keys))
        .where(other.c.valid_from_ms <= at_ms)
        .correlate(row)
        .scalar_subquery()
    )
    return row.c.version == last


def _mine(kind: type[Versioned], cooperative: str) -> ColumnElement[bool]:
    return _table(kind).c.cooperative == cooperative


def _is(kind: type[Versioned], key: Sequence[str]) -> ColumnElement[bool]:
    row = _table(kind)
    return and_(true(), *(row.c[name] == value for name, value in zip(kind.KEY, key, strict=True)))


def _table(kind: type[Versioned]) -> Table:
    return cast("Table", _ROWS[kind].__table__)


def _owner(record: Versioned) -> str:
    return str(getattr(record, "cooperative"))  # noqa: B009 - every kind has one, their common base does not


def _word(kind: type[Versioned]) -> str:
    return kind.__name__.lower()
