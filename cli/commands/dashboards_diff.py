"""``canhdong dashboards diff``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import output


class Command:
    """Show where Grafana is not what canhdong dashboards publish would make of it; writes nothing.

    Exit code 1 where anything differs.
    """

    name: ClassVar[str] = "dashboards diff"
    vietnamese: ClassVar[str] = "Xem Grafana khác bản đã duyệt ở đâu; không ghi gì."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Compare."""
        from cli import grafana  # noqa: PLC0415
        from dashboards.publish.publisher import Mode  # noqa: PLC0415

        with grafana.prepared(Mode()) as it:
            steps = list(it.publisher.run(it.wanted))
            notes = [
                *it.publisher.notes,
                *(
                    f"account {gone.account} is of no cooperative any more"
                    for gone in it.keys.gone(it.cooperatives)
                    if not gone.disabled
                ),
            ]
        grafana.show(steps, notes, as_json=args.json, written=False)
        if not steps and not args.json:
            output.note(f"{len(it.wanted)} organisations: nothing differs")
        return 1 if steps else 0
