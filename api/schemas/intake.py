"""The ledger, data quality, alerts, roll-ups."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from api.schemas.fields import known
from core.alerts import PastAlert
from core.localtime import iso_utc
from core.model.context import AlertKind
from core.model.figures import Figures
from core.model.ledger import Account
from core.rollup import FIELDS
from geo.live.telling import text_of


class LedgerOut(BaseModel):
    """What came of one boot of a device, in samples: received = stored + duplicates + conflicts + rejected.

    ``expected`` and ``missing`` count sequence numbers over the whole boot; ``gaps`` are the first and last missing one
    of each, the first hundred.
    """

    device: str
    boot: str
    first: str
    last: str
    expected: int = Field(examples=[2400])
    received: int
    stored: int
    late: int
    duplicates: int
    conflicts: int
    rejected: int
    missing: int = Field(examples=[0])
    gaps: list[tuple[int, int]]

    @classmethod
    def of(cls, it: Account) -> Self:
        """From the model."""
        return cls(
            device=it.device,
            boot=it.boot,
            first=iso_utc(it.first_ms),
            last=iso_utc(it.last_ms),
            expected=it.expected,
            received=it.received,
            stored=it.stored,
            late=it.late,
            duplicates=it.duplicates,
            conflicts=it.conflicts,
            rejected=it.rejected,
            missing=it.missing,
            gaps=[(first, last) for first, last in it.gaps[:100]],
        )


class QualityOut(BaseModel):
    """Data quality on a local day, scores from 0 to 1; ``device`` is empty for the whole cooperative."""

    time: str = Field(description="when the local day begins")
    device: str
    scores: dict[str, float | None] = Field(examples=[{"correct": 1.0, "complete": 0.998, "clean": 0.99, "live": 0.97}])

    @classmethod
    def of(cls, it: Figures) -> Self:
        """From the model."""
        scores = {name: known(value) for name, value in it.values.items() if isinstance(value, float)}
        return cls(time=iso_utc(it.ts_ms), device=it.tags.get("device", ""), scores=scores)


class AlertOut(BaseModel):
    """An alert that was raised while a drone flew. ``value`` and ``limit`` are what they were then, in ``unit``."""

    kind: AlertKind = Field(examples=["in-buffer"])
    device: str = Field(description="the drone", examples=["drone-01"])
    flight: str = Field(examples=["drone-01-20261120T060000Z"])
    start: str = Field(description="when it was raised, by the drone's clock", examples=["2026-11-20T06:03:10.000Z"])
    end: str | None = Field(description="when it was over; null: it stands", examples=["2026-11-20T06:03:41.000Z"])
    lon: float | None = Field(description="where the drone was then", examples=[105.725])
    lat: float | None = Field(examples=[9.285])
    subject: str = Field(description="the sensitive site that it is about", examples=["pond-3"])
    cause: str = Field(examples=["ours"])
    value: float | None = Field(examples=[6.2])
    limit: float | None = Field(examples=[10.0])
    unit: str = Field(examples=["m"])
    vi: str = Field(description="one line for people", examples=["Phun quá gần nơi cần tránh (pond-3)"])
    en: str = Field(examples=["Spraying too near to a sensitive site (pond-3)"])

    @classmethod
    def of(cls, it: PastAlert) -> Self:
        """From the model."""
        began = it.began
        return cls(
            kind=began.kind,
            device=it.device,
            flight=it.flight,
            start=iso_utc(began.ts_ms),
            end=None if it.end_ms is None else iso_utc(it.end_ms),
            lon=known(began.lon_deg),
            lat=known(began.lat_deg),
            subject=began.subject,
            cause=began.cause,
            value=known(began.value),
            limit=known(began.limit),
            unit=began.unit,
            vi=text_of(began, "vi"),
            en=text_of(began, "en"),
        )


class RollupOut(BaseModel):
    """Sums of a commune (or all), an operation, a product group and a local day.

    ``withheld``: fewer farms than may be told; then every figure is ``null``.
    """

    time: str = Field(description="when the local day begins")
    commune: str = Field(examples=["31153"])
    operation: str = Field(examples=["spray"])
    product_group: str
    withheld: bool
    figures: dict[str, float | None] = Field(examples=[{"net_ha": 412.5, "volume_l": 8250.0, "flights": 160.0}])

    @classmethod
    def of(cls, it: Figures) -> Self:
        """From the model."""
        hidden = it.values.get("withheld") == 1.0
        told = {name: it.values.get(name) for name in FIELDS}
        figures = {n: None if hidden or not isinstance(v, float) else known(v) for n, v in told.items()}
        tags = {name: it.tags.get(name, "") for name in ("commune", "operation", "product_group")}
        return cls(time=iso_utc(it.ts_ms), withheld=hidden, figures=figures, **tags)
