"""Which numbers of a boot belong to a flight: a boot may cover several flights, and its ledger page all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.model.fixtable import FixTable
from core.model.ledger import Account


def of_flights(tables: Sequence[FixTable], accounts: Sequence[Account]) -> list[Account]:
    """The pages of the ledger, cut to the numbers between the first and the last fix of each table and boot.

    A boot that the ledger knows but whose fixes carry no numbers has an empty page; what the ledger does not know is
    left out.
    """
    found = []
    for table in tables:
        for code, boot in enumerate(table.boot.labels):
            rows = table.boot.codes == code
            page = _page(accounts, table.device, boot)
            if page is not None and rows.any():
                found.append(_cut(page, table.seq[rows]))
    return found


def _page(accounts: Sequence[Account], device: str, boot: str) -> Account | None:
    same = (a for a in accounts if a.boot == boot and (not device or a.device == device))
    return next(same, None)


def _cut(page: Account, seq: np.ndarray) -> Account:
    numbered = seq[seq >= 0]
    if not len(numbered):
        return Account(cooperative=page.cooperative, device=page.device, boot=page.boot)
    low, high = int(numbered.min()), int(numbered.max())
    runs = [[max(first, low), min(last, high)] for first, last in page.runs if first <= high and last >= low]
    return Account(cooperative=page.cooperative, device=page.device, boot=page.boot, runs=runs)
