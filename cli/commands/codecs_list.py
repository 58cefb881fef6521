"""``canhdong codecs list``."""

from __future__ import annotations

import argparse
import re
from typing import ClassVar

from cli import output

_MARKS = re.compile(r":\w+:(?=`)|`")
"""What makes links and code of a docstring."""


class Command:
    """Show the payload formats that ingest reads, and the topics that they come on."""

    name: ClassVar[str] = "codecs list"
    vietnamese: ClassVar[str] = "Xem các định dạng bản tin được đọc."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Print."""
        from ingest.codecs import codecs  # noqa: PLC0415

        rows = [
            {
                "codec": name,
                "about": _MARKS.sub("", (module.__doc__ or "").partition("\n")[0]),
                "topics": list(module.TOPICS),
                "foreign": bool(module.FOREIGN),
                "remembers": hasattr(module, "session"),
            }
            for name, module in codecs().items()
        ]
        if args.json:
            output.print_json({"codecs": rows})
            return 0
        cells = [[str(row["codec"]), ", ".join(codecs()[str(row["codec"])].TOPICS), str(row["about"])] for row in rows]
        output.print_table("codecs / định dạng", ["codec", "topics", "what it reads"], cells, 3)
        return 0
