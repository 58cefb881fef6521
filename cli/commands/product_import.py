"""``canhdong product import``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar

from cli import arguments, output, wiring
from cli.product_lists import read_products


class Command:
    """Take a list of products from a CSV file: one row for each product, crop and pest.

    Columns (in any order, Vietnamese names too): product, name, actives, formulation, toxicity, crop, pest, dose,
    dose_unit, phi_days, drones, banned, banned_kinds, list_version, listed_from, listed_until. A bad row is named by
    its line and does not hide the good ones; then the exit code is 1.
    """

    name: ClassVar[str] = "product import"
    vietnamese: ClassVar[str] = "Đưa một danh mục sản phẩm từ tệp CSV vào sổ đăng ký."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV in UTF-8, with comma, semicolon or tabulator")
        parser.add_argument("--cooperative", default="", metavar="ID", help="whose; without it: the national list")
        parser.add_argument("--list", default="", metavar="NAME", help="the list's name, where no column tells it")
        parser.add_argument("--from", dest="listed_from", type=arguments.day, metavar="DATE", help="first day")
        parser.add_argument("--until", dest="listed_until", type=arguments.day, metavar="DATE", help="last day")
        parser.add_argument("--dry-run", action="store_true", help="read and check only")

    def run(self, args: argparse.Namespace) -> int:
        """Read and keep."""
        found = read_products(args.file, args.cooperative, args.list, args.listed_from or "", args.listed_until or "")
        for fault in found.faults:
            output.note(f"refused: {fault}")
        if args.dry_run:
            output.note(f"{len(found.products)} products of {args.file} could be registered; nothing was kept")
            return 1 if found.faults else 0
        with wiring.stores() as stores:
            kept = stores.registry.put_all(found.products)
        newer = sum(it.version > 1 for it in kept)
        output.note(f"{len(kept)} products of {args.file} are registered ({newer} stand in a later version)")
        return 1 if found.faults else 0
