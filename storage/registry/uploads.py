"""Uploads in their tables; the fixes of each log are a file of Parquet, as the archive writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    and_,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.archive import FlightRecord
from core.errors import Conflict, NotFound
from core.model.coverage import Flight
from core.model.fleet import Swath, SwathSource
from core.model.samples import NAN
from core.uploads import Outcome, Upload, UploadedFixes, UploadedLog
from storage.archive.content import read, written
from storage.registry.columns import Structured, Worded, identifier
from storage.registry.records import Records, require_cooperative
from storage.registry.tables import Base


class UploadRow(Base):
    """A file that somebody handed in."""

    __tablename__ = "upload"
    __table_args__ = (Index("upload_content", "cooperative", "sha256"),)

    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(String(200))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    file: Mapped[str] = mapped_column(String(300))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(identifier(64))
    format: Mapped[str] = mapped_column(identifier())
    problems: Mapped[tuple[str, ...]] = mapped_column(Structured(tuple[str, ...]))
    told: Mapped[bool] = mapped_column(Boolean)
    undone_ms: Mapped[int] = mapped_column(BigInteger)
    undone_by: Mapped[str] = mapped_column(String(200))


class UploadLogRow(Base):
    """One log of a file; ``content`` is null where it does not count."""

    __tablename__ = "upload_log"
    __table_args__ = (
        ForeignKeyConstraint(
            ["cooperative", "number"], ["upload.cooperative", "upload.number"], name="upload_log_of_upload"
        ),
        Index("upload_log_time", "cooperative", "device", "start_ms"),
        Index("upload_log_digest", "cooperative", "digest"),
    )

    cooperative: Mapped[str] = mapped_column(identifier(), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    device: Mapped[str] = mapped_column(identifier())
    digest: Mapped[str] = mapped_column(identifier(64))
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    fixes: Mapped[int]
    added: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(Worded(Outcome))
    why: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)


_OF_UPLOAD = list(UploadRow.__table__.columns)
_OF_LOG = [c for c in UploadLogRow.__table__.columns if c.name not in {"cooperative", "content"}]
_LOG_FIELDS = ("position", "name", "device", "digest", "start_ms", "end_ms", "fixes", "added", "outcome", "why")


class Uploads(Records):
    """Reads and writes uploads; see :class:`core.uploads.UploadStore`."""

    def add_upload(self, upload: Upload, fixes: Sequence[UploadedFixes]) -> Upload:
        """See the port."""
        row, log = UploadRow, UploadLogRow
        cooperative = upload.cooperative
        contents = {it.position: _written(cooperative, it) for it in fixes}
        with self._changing(cooperative) as connection:
            require_cooperative(connection, cooperative)
            same = _same_file(connection, cooperative, upload.sha256)
            if same:
                raise Conflict(f"the same file is upload {same} already")
            last = connection.execute(select(func.max(row.number)).where(row.cooperative == cooperative)).scalar_one()
            number = (last or 0) + 1
            told = {name.name: getattr(upload, name.name) for name in _OF_UPLOAD if name.name != "number"}
            connection.execute(insert(row), [told | {"number": number}])
            values = [
                {name: getattr(it, name) for name in _LOG_FIELDS}
                | {"cooperative": cooperative, "number": number, "content": contents.get(it.position)}
                for it in upload.logs
            ]
            if values:
                connection.execute(insert(log), values)
            return _read(connection, cooperative, [number])[0]

    def upload(self, cooperative: str, number: int) -> Upload:
        """See the port."""
        with self._looking() as connection:
            return _one(connection, cooperative, number)

    def uploads(self, cooperative: str, before: int = 0, limit: int = 100) -> list[Upload]:
        """See the port."""
        row = UploadRow
        wanted = select(row.number).where(row.cooperative == cooperative).order_by(row.number.desc()).limit(limit)
        if before:
            wanted = wanted.where(row.number < before)
        with self._looking() as connection:
            return _read(connection, cooperative, list(connection.execute(wanted).scalars()))

    def undo_upload(self, cooperative: str, number: int, by: str, at_ms: int) -> Upload:
        """See the port."""
        row = UploadRow
        with self._changing(cooperative) as connection:
            if _one(connection, cooperative, number).undone_ms:
                raise Conflict(f"upload {number} is undone already")
            which = and_(row.cooperative == cooperative, row.number == number)
            connection.execute(update(row).where(which).values(undone_ms=at_ms, undone_by=by, told=False))
            return _one(connection, cooperative, number)

    def told_upload(self, cooperative: str, number: int, *, told: bool) -> None:
        """See the port."""
        row = UploadRow
        which = and_(row.cooperative == cooperative, row.number == number)
        with self._changing(cooperative) as connection:
            connection.execute(update(row).where(which).values(told=told))

    def upload_of(self, cooperative: str, sha256: str = "", digest: str = "") -> int:
        """See the port."""
        row, log = UploadRow, UploadLogRow
        with self._looking() as connection:
            if sha256:
                return _same_file(connection, cooperative, sha256)
            wanted = (
                select(func.min(row.number))
                .join(log, and_(log.cooperative == row.cooperative, log.number == row.number))
                .where(row.cooperative == cooperative, row.undone_ms == 0)
                .where(log.digest == digest, log.content.is_not(None))
            )
            return int(connection.execute(wanted).scalar_one() or 0)

    def uploaded(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[UploadedFixes]:
        """See the port."""
        row, log = UploadRow, UploadLogRow
        wanted = (
            select(log.number, log.position, log.outcome, log.content)
            .join(row, and_(log.cooperative == row.cooperative, log.number == row.number))
            .where(log.cooperative == cooperative, log.device == device, row.undone_ms == 0)
            .where(log.start_ms <= end_ms, log.end_ms >= start_ms, log.content.is_not(None))
            .order_by(log.number, log.position)
        )
        with self._asking() as connection:
            found = connection.execute(wanted).all()
        return [_fixes(cooperative, n, at, outcome, content or b"") for n, at, outcome, content in found]


def _same_file(connection: Connection, cooperative: str, sha256: str) -> int:
    row = UploadRow
    same = select(func.min(row.number)).where(row.cooperative == cooperative, row.sha256 == sha256, row.undone_ms == 0)
    return int(connection.execute(same).scalar_one() or 0)


def _one(connection: Connection, cooperative: str, number: int) -> Upload:
    found = _read(connection, cooperative, [number])
    if not found:
        raise NotFound(f"cooperative {cooperative!r} has no upload {number}")
    return found[0]


def _read(connection: Connection, cooperative: str, numbers: Sequence[int]) -> list[Upload]:
    """Uploads of some numbers, the highest first, with their logs."""
    row, log = UploadRow, UploadLogRow
    of_log = select(*_OF_LOG).where(log.cooperative == cooperative, log.number.in_(numbers)).order_by(log.position)
    logs: dict[int, list[UploadedLog]] = {}
    for it in connection.execute(of_log).mappings():
        logs.setdefault(it["number"], []).append(UploadedLog(**{name: it[name] for name in _LOG_FIELDS}))
    wanted = select(*_OF_UPLOAD).where(row.cooperative == cooperative, row.number.in_(numbers))
    found = connection.execute(wanted.order_by(row.number.desc())).mappings()
    return [_upload(dict(it), logs.get(it["number"], [])) for it in found]


def _upload(told: dict[str, Any], logs: Sequence[UploadedLog]) -> Upload:
    return Upload(**told, logs=tuple(logs))


def _written(cooperative: str, it: UploadedFixes) -> bytes:
    times = it.fixes.ts_ms
    flight = Flight("", cooperative, it.fixes.device, int(times[0]), int(times[-1]), len(times))
    return written(FlightRecord(flight, it.fixes, it.events, Swath(NAN, SwathSource.UNKNOWN), ""))


def _fixes(cooperative: str, number: int, position: int, outcome: Outcome, content: bytes) -> UploadedFixes:
    record, _ = read(bytes(content), f"upload {number} of {cooperative}, log {position}")
    return UploadedFixes(number, position, outcome, record.fixes, record.events)
