"""Alerts of flying drones in their table; see :class:`core.alerts.AlertLog`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, String, and_, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from core.alerts import After, AlertQuery, PastAlert
from core.model.context import Alert, AlertKind
from storage.registry.columns import Real, Worded, identifier
from storage.registry.records import Records, require_cooperative
from storage.registry.tables import Base


class AlertRow(Base):
    """An alert from its beginning to its end."""

    __tablename__ = "alert"
    __table_args__ = (Index("alert_time", "cooperative", "start_ms"), Index("alert_end", "cooperative", "end_ms"))

    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"), primary_key=True)
    device: Mapped[str] = mapped_column(identifier(), primary_key=True)
    kind: Mapped[AlertKind] = mapped_column(Worded(AlertKind), primary_key=True)
    subject: Mapped[str] = mapped_column(identifier(200), primary_key=True)
    start_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    flight: Mapped[str] = mapped_column(identifier(200))
    end_ms: Mapped[int | None] = mapped_column(BigInteger)
    lon_deg: Mapped[float] = mapped_column(Real)
    lat_deg: Mapped[float] = mapped_column(Real)
    cause: Mapped[str] = mapped_column(String(64))
    value: Mapped[float] = mapped_column(Real, nullable=True)
    limit: Mapped[float] = mapped_column(Real, nullable=True)
    unit: Mapped[str] = mapped_column(String(16))


class Alerts(Records):
    """Keeps alerts."""

    def note_alert(self, cooperative: str, device: str, flight: str, alert: Alert) -> None:
        """See the port."""
        row = AlertRow
        same = and_(_of(cooperative, device), row.kind == alert.kind, row.subject == alert.subject)
        mine = and_(same, row.flight == flight, row.start_ms <= alert.ts_ms)
        with self._changing(cooperative) as connection:
            require_cooperative(connection, cooperative)
            if not alert.raised:
                last = select(func.max(row.start_ms)).where(mine, row.end_ms.is_(None)).scalar_subquery()
                connection.execute(update(row).where(same, row.start_ms == last).values(end_ms=alert.ts_ms))
                return
            stood = select(row.start_ms).where(mine, or_(row.end_ms.is_(None), row.end_ms >= alert.ts_ms))
            there = select(row.start_ms).where(same, row.start_ms == alert.ts_ms)
            if connection.execute(stood.union(there)).first() is None:
                connection.execute(insert(row), _values(cooperative, device, flight, alert))

    def end_alerts(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> None:
        """See the port."""
        row = AlertRow
        which = and_(_of(cooperative, device), row.end_ms.is_(None), row.start_ms.between(start_ms, end_ms))
        with self._looking() as connection:
            if connection.execute(select(row.start_ms).where(which).limit(1)).first() is None:
                return
        with self._changing(cooperative) as connection:
            connection.execute(update(row).where(which).values(end_ms=end_ms))

    def past_alerts(self, cooperative: str, query: AlertQuery) -> list[PastAlert]:
        """See the port."""
        row = AlertRow
        wanted = (
            select(*row.__table__.columns)
            .where(row.cooperative == cooperative, *_asked(query))
            .order_by(row.start_ms.desc(), row.device, row.kind, row.subject)
            .limit(query.limit)
        )
        with self._asking() as connection:
            return [_alert(it) for it in connection.execute(wanted).mappings()]


def _of(cooperative: str, device: str) -> ColumnElement[bool]:
    return and_(AlertRow.cooperative == cooperative, AlertRow.device == device)


def _asked(query: AlertQuery) -> list[ColumnElement[bool]]:
    row = AlertRow
    found = [row.start_ms <= query.end_ms, or_(row.end_ms.is_(None), row.end_ms >= query.start_ms)]
    if query.kind is not None:
        found.append(row.kind == query.kind)
    if query.device:
        found.append(row.device == query.device)
    if query.flight:
        found.append(row.flight == query.flight)
    if query.standing is not None:
        found.append(row.end_ms.is_(None) if query.standing else row.end_ms.is_not(None))
    if query.after is not None:
        found.append(_behind(query.after))
    return found


def _behind(after: After) -> ColumnElement[bool]:
    row = AlertRow
    start_ms, device, kind, subject = after
    word = AlertKind(kind)
    later = or_(
        row.device > device,
        and_(row.device == device, or_(row.kind > word, and_(row.kind == word, row.subject > subject))),
    )
    return or_(row.start_ms < start_ms, and_(row.start_ms == start_ms, later))


def _values(cooperative: str, device: str, flight: str, alert: Alert) -> dict[str, Any]:
    return {
        "cooperative": cooperative,
        "device": device,
        "kind": alert.kind,
        "subject": alert.subject,
        "start_ms": alert.ts_ms,
        "flight": flight,
        "end_ms": None,
        "lon_deg": alert.lon_deg,
        "lat_deg": alert.lat_deg,
        "cause": alert.cause,
        "value": alert.value,
        "limit": alert.limit,
        "unit": alert.unit,
    }


def _alert(row: Mapping[str, Any] | Any) -> PastAlert:
    told = {name: row[name] for name in ("kind", "lon_deg", "lat_deg", "subject", "cause", "value", "limit", "unit")}
    began = Alert(raised=True, ts_ms=row["start_ms"], **told)
    return PastAlert(row["cooperative"], row["device"], row["flight"], began, row["end_ms"])
