"""Statements that were issued, in their table; see :class:`core.statement.StatementStore`."""

from __future__ import annotations

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, Integer, Text, UniqueConstraint, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.errors import Conflict, NotFound
from core.statement import Issued, StatementKind, Subject
from storage.registry.columns import Worded, identifier
from storage.registry.records import Records, require_cooperative
from storage.registry.tables import Base


class StatementRow(Base):
    """A statement; its numbers rise and are never used again."""

    __tablename__ = "statement"
    __table_args__ = (
        UniqueConstraint("cooperative", "kind", "name", "first_day", "last_day", "version", name="statement_version"),
        Index("statement_of", "cooperative", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"))
    kind: Mapped[StatementKind] = mapped_column(Worded(StatementKind))
    name: Mapped[str] = mapped_column(identifier(200))
    first_day: Mapped[str] = mapped_column(identifier(10))
    last_day: Mapped[str] = mapped_column(identifier(10))
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(identifier(64))
    issued_ms: Mapped[int] = mapped_column(BigInteger)
    document: Mapped[str] = mapped_column(Text)


class Statements(Records):
    """Keeps what was issued."""

    def issue(self, statement: Issued) -> None:
        """See the port."""
        about = statement.subject
        values = {
            "cooperative": about.cooperative,
            "kind": about.kind,
            "name": about.name,
            "first_day": about.first_day,
            "last_day": about.last_day,
            "version": statement.version,
            "digest": statement.digest,
            "issued_ms": statement.issued_ms,
            "document": statement.document,
        }
        with self._changing(about.cooperative) as connection:
            require_cooperative(connection, about.cooperative)
            try:
                connection.execute(insert(StatementRow), values)
            except IntegrityError:
                said = f"{about.words}: there is a statement {statement.version} already; number it anew"
                raise Conflict(said) from None

    def issued(self, subject: Subject, version: int | None = None) -> Issued:
        """See the port."""
        row = StatementRow
        query = select(row).where(*_of(subject)).order_by(row.version.desc()).limit(1)
        with self._asking() as connection, Session(connection) as session:
            found = session.scalars(query if version is None else query.where(row.version == version)).first()
            if found is None:
                which = "no statement" if version is None else f"no statement {version}"
                raise NotFound(f"{subject.words}: {which} was issued")
            return _issued(found)

    def all_issued(self, cooperative: str, after: int = 0, limit: int = 100) -> list[tuple[int, Issued]]:
        """See the port."""
        row = StatementRow
        query = select(row).where(row.cooperative == cooperative, row.id > after).order_by(row.id).limit(limit)
        with self._asking() as connection, Session(connection) as session:
            return [(it.id, _issued(it)) for it in session.scalars(query)]


def _of(subject: Subject) -> tuple[ColumnElement[bool], ...]:
    row = StatementRow
    return (
        row.cooperative == subject.cooperative,
        row.kind == subject.kind,
        row.name == subject.name,
        row.first_day == subject.first_day,
        row.last_day == subject.last_day,
    )


def _issued(row: StatementRow) -> Issued:
    subject = Subject(row.kind, row.cooperative, row.name, row.first_day, row.last_day)
    return Issued(subject, row.version, row.digest, row.issued_ms, row.document)
