"""``canhdong storage init``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import output, wiring
from core.errors import ConfigError


class Command:
    """Make the databases of all registered cooperatives in InfluxDB, with retention, rights and one reader each.

    Needs CANHDONG_INFLUX_ADMIN_USER and _PASSWORD_FILE (1.x) or CANHDONG_INFLUX_ADMIN_TOKEN_FILE (2.x). Doing it again
    makes what is missing and sets the retention. The readers' secrets are kept in the data folder, under secrets/.
    """

    name: ClassVar[str] = "storage init"
    vietnamese: ClassVar[str] = "Tạo cơ sở dữ liệu InfluxDB cho mọi hợp tác xã, kèm quyền đọc riêng."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Make what is missing."""
        with wiring.stores() as stores:
            names = [cooperative.cooperative for cooperative in stores.registry.cooperatives()]
        made = wiring.make_databases([*names, *wiring.PLATFORM])
        if made is None:
            raise ConfigError("CANHDONG_TELEMETRY_URL names no InfluxDB server: an SQLite file needs no init")
        rows = [
            {"database": it.database, "new": it.new, "reader": it.reader, "secret_file": str(it.secret_file)}
            for it in made
        ]
        if args.json:
            output.print_json({"databases": rows})
            return 0
        cells = [[it.database, "new" if it.new else "was there", it.reader, str(it.secret_file)] for it in made]
        output.print_table("databases", ["database", "state", "reader", "its secret in"], cells, 4)
        return 0
