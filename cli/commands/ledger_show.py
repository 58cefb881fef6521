"""``canhdong ledger show``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import Any, ClassVar

from cli import output, wiring
from core.localtime import iso_utc, local
from core.model.ledger import Account

_NAMES = ("received", "stored", "duplicates", "conflicts", "rejected", "late", "expected", "missing")


class Command:
    """Show what came of everything that a cooperative's devices sent, for every boot: received, stored, missing ...

    received = stored + duplicates + conflicts + rejected. Gaps are sequence numbers that were sent and have not come.
    """

    name: ClassVar[str] = "ledger show"
    vietnamese: ClassVar[str] = "Xem sổ nhận dữ liệu: đã nhận, đã lưu, trùng, thiếu ... theo từng lần bật máy."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("cooperative", help="whose devices")
        parser.add_argument("--device", default="", help="one device only")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout, with the gaps")

    def run(self, args: argparse.Namespace) -> int:
        """Read and print."""
        with closing(wiring.intake()) as intake:
            accounts = intake.accounts(args.cooperative, args.device)
        if args.json:
            output.print_json({"cooperative": args.cooperative, "boots": [_document(account) for account in accounts]})
            return 0
        rows = [
            [
                account.device,
                account.boot or "–",
                f"{local(account.first_ms):%Y-%m-%d %H:%M:%S}" if account.first_ms else "–",
                *(f"{getattr(account, name):,}" for name in _NAMES),
            ]
            for account in accounts
        ]
        output.print_table("ledger / sổ nhận", ["device", "boot", "from (giờ VN)", *_NAMES], rows, 3)
        return 0


def _document(account: Account) -> dict[str, Any]:
    times = {
        "first": iso_utc(account.first_ms) if account.first_ms else None,
        "last": iso_utc(account.last_ms) if account.last_ms else None,
    }
    counts = {name: getattr(account, name) for name in _NAMES}
    return {"device": account.device, "boot": account.boot, **times, **counts, "gaps": account.gaps}
