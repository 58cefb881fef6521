"""Answers to requests with an idempotency key, in their table; see :class:`core.answers.AnswerStore`."""

from __future__ import annotations

from sqlalchemy import BigInteger, ColumnElement, String, Text, and_, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from core.answers import Ask, KeptAnswer
from storage.registry.columns import identifier
from storage.registry.records import Records
from storage.registry.tables import Base


class AnswerRow(Base):
    """An answer; ``cooperative`` is no reference, since a request may be of nobody's in particular."""

    __tablename__ = "kept_answer"

    cooperative: Mapped[str] = mapped_column(identifier(), primary_key=True)
    account: Mapped[str] = mapped_column(identifier(), primary_key=True)
    key: Mapped[str] = mapped_column(identifier(128), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    at_ms: Mapped[int] = mapped_column(BigInteger, index=True)


class Answers(Records):
    """Keeps answers."""

    def begin(self, ask: Ask, now_ms: int, stale_ms: int, forget_ms: int) -> KeptAnswer | None:
        """See the port."""
        row = AnswerRow
        with self._changing(ask.cooperative) as connection:
            connection.execute(delete(row).where(row.at_ms < forget_ms))
            connection.execute(delete(row).where(_is(ask), row.status == 0, row.at_ms < stale_ms))
            columns = (row.digest, row.status, row.headers, row.body)
            found = connection.execute(select(*columns).where(_is(ask))).first()
            if found is not None:
                return KeptAnswer(*found)
            values = {"cooperative": ask.cooperative, "account": ask.account, "key": ask.key, "digest": ask.digest}
            connection.execute(insert(row), values | {"status": 0, "headers": "{}", "body": "", "at_ms": now_ms})
        return None

    def finish(self, ask: Ask, answer: KeptAnswer) -> None:
        """See the port."""
        told = {"status": answer.status, "headers": answer.headers, "body": answer.body}
        with self._changing(ask.cooperative) as connection:
            connection.execute(update(AnswerRow).where(_is(ask)).values(told))

    def abandon(self, ask: Ask) -> None:
        """See the port."""
        with self._changing(ask.cooperative) as connection:
            connection.execute(delete(AnswerRow).where(_is(ask), AnswerRow.status == 0))


def _is(ask: Ask) -> ColumnElement[bool]:
    row = AnswerRow
    return and_(row.cooperative == ask.cooperative, row.account == ask.account, row.key == ask.key)
