"""What is answered of uploads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from api.schemas import known
from core.localtime import iso_utc
from core.model.coverage import Coverage, Flight
from core.uploads import Outcome, Receipt, Source, Upload, UploadedLog


class UploadedLogOut(BaseModel):
    """What came of one log of the file."""

    name: str = Field(examples=["TLG00001"])
    device: str = Field(description="the drone that it was taken for", examples=["d1"])
    outcome: Outcome = Field(examples=["merged"])
    why: str = Field(examples=["42 fixes in 1 gap"])
    start: str | None = Field(examples=["2026-11-20T01:00:00.000Z"])
    end: str | None = Field(examples=["2026-11-20T01:10:00.000Z"])
    fixes: int = Field(description="fixes that it holds", examples=[600])
    added: int = Field(description="those that were new", examples=[42])

    @classmethod
    def of(cls, it: UploadedLog) -> Self:
        """From the model."""
        start, end = (iso_utc(it.start_ms), iso_utc(it.end_ms)) if it.end_ms else (None, None)
        return cls(
            name=it.name,
            device=it.device,
            outcome=it.outcome,
            why=it.why,
            start=start,
            end=end,
            fixes=it.fixes,
            added=it.added,
        )


class UploadedFlightOut(BaseModel):
    """A flight that stands where the upload brought something, as it is computed now."""

    flight: str = Field(examples=["d1-20261120T010000Z"])
    fixes: int = Field(examples=[600])
    net_m2: float | None = Field(examples=[8400.0])

    @classmethod
    def of(cls, flight: Flight, coverage: Coverage | None) -> Self:
        """From the model."""
        net_m2 = None if coverage is None else known(coverage.net_m2)
        return cls(flight=flight.flight, fixes=flight.fixes, net_m2=net_m2)


class UploadOut(BaseModel):
    """A file that was handed in."""

    number: int | None = Field(description="null: nothing of it was new, and nothing is kept", examples=[12])
    same_as: int | None = Field(description="the upload that brought the same before", examples=[None])
    file: str = Field(examples=["TASKDATA.zip"])
    format: str = Field(examples=["isoxml"])
    size_bytes: int = Field(examples=[48_213])
    sha256: str
    account: str = Field(description="who handed it in", examples=["lan"])
    time: str = Field(examples=["2026-11-20T09:00:00.000Z"])
    undone: str | None = Field(description="when it was taken back", examples=[None])
    undone_by: str = Field(examples=[""])
    computing: bool = Field(description="whether its flights were given to be computed; else ask again: /compute")
    logs: list[UploadedLogOut]
    problems: list[str]
    flights: list[UploadedFlightOut] = Field(description="flights that stand there now")

    @classmethod
    def of(cls, it: Upload, same_as: int = 0, flights: Sequence[tuple[Flight, Coverage | None]] = ()) -> Self:
        """From the model."""
        return cls(
            number=it.number or None,
            same_as=same_as or None,
            file=it.file,
            format=it.format,
            size_bytes=it.size_bytes,
            sha256=it.sha256,
            account=it.account,
            time=iso_utc(it.at_ms),
            undone=iso_utc(it.undone_ms) if it.undone_ms else None,
            undone_by=it.undone_by,
            computing=it.told,
            logs=[UploadedLogOut.of(log) for log in it.logs],
            problems=list(it.problems),
            flights=[UploadedFlightOut.of(*one) for one in flights],
        )

    @classmethod
    def of_receipt(cls, it: Receipt, flights: Sequence[tuple[Flight, Coverage | None]]) -> Self:
        """From what came of a file."""
        return cls.of(it.upload, it.same_as, flights)


class SourceOut(BaseModel):
    """Where fixes of a flight come from."""

    upload: int | None = Field(description="null: the telemetry", examples=[12])
    fixes: int = Field(examples=[42])

    @classmethod
    def of(cls, it: Source) -> Self:
        """From the model."""
        return cls(upload=it.upload or None, fixes=it.fixes)
