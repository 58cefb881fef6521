"""The ledger of ingest, read by others: never written, never made where there is none."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec

from core.errors import StoreUnavailable
from core.model.ledger import Account, merged
from storage.sqlite_file import BUSY_S

_account: Final = msgspec.msgpack.Decoder(Account).decode
_QUERY: Final = "SELECT page FROM accounts WHERE cooperative = ? AND device = ? ORDER BY boot"


class LedgerAccounts:
    """A :class:`core.intake.AccountSource` on the file that ingest keeps its ledger in.

    Where the file is not there (ingest runs elsewhere, or has not begun), there are no pages.
    """

    def __init__(self, path: Path, busy_s: float = BUSY_S) -> None:
        self._path = path.absolute()
        self._busy_s = busy_s

    def of(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> Sequence[Account]:
        """See the port."""
        if not self._path.is_file():
            return []
        pages = [_account(page) for page in self._pages(cooperative, device)]
        boots = [merged(some) for _, some in groupby(pages, key=lambda a: a.boot)]
        return [a for a in boots if a.first_ms <= end_ms and a.last_ms >= start_ms]

    def _pages(self, cooperative: str, device: str) -> list[bytes]:
        try:
            connection = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", timeout=self._busy_s, uri=True)
            try:
                return [page for (page,) in connection.execute(_QUERY, (cooperative, device))]
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{self._path}: {error}") from error

    def close(self) -> None:
        """See the port: nothing is kept open."""
