"""How large a file of Parquet may be once it is read: it may hold a hundred million rows in some thousand bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import FlightLogError
from storage.runs import parquet


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that is read of a file: rows, and bytes of its pages once they are unpacked."""

    rows: int = 3_000_000
    unpacked_bytes: int = 1 << 30


def bounded(path: Path, bounds: Bounds = Bounds()) -> None:
    """Look at what a file of Parquet tells of itself; other files pass.

    Raises:
        FlightLogError: It is damaged, or would be more than the bounds.
    """
    if not parquet.is_parquet(path):
        return
    try:
        told = pq.read_metadata(path)
    except pa.ArrowException as error:
        raise FlightLogError(f"{path}: the file of Parquet is damaged: {error}") from error
    unpacked = sum(told.row_group(i).total_byte_size for i in range(told.num_row_groups))
    if told.num_rows > bounds.rows or unpacked > bounds.unpacked_bytes:
        raise FlightLogError(
            f"{path}: {told.num_rows:,} rows, {unpacked:,} bytes unpacked; at most {bounds.rows:,} rows and "
            f"{bounds.unpacked_bytes:,} bytes are read: hand it in by parts"
        )
