"""``canhdong dashboards publish``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import output


class Command:
    """Bring Grafana into the state of the rendered boards: one organisation for each cooperative, and what is in it.

    What stands already is not written again. Organisations, data sources with credentials of one database each, a key
    for maps, folders, boards, alert rules and contact points are made or changed; what is ours and wanted no more goes
    with --prune only. What people made themselves is never touched. Needs CANHDONG_GRAFANA_* and canhdong storage init.
    """

    name: ClassVar[str] = "dashboards publish"
    vietnamese: ClassVar[str] = "Đưa bảng theo dõi lên Grafana, mỗi hợp tác xã một tổ chức riêng."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--prune", action="store_true", help="remove what is ours and wanted no more")
        parser.add_argument(
            "--secrets", action="store_true", help="write the secrets of contact points again, which cannot be compared"
        )
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Publish; 1 where something could not be done."""
        from cli import grafana  # noqa: PLC0415
        from dashboards.publish.publisher import Mode  # noqa: PLC0415

        mode = Mode(write=True, prune=args.prune, anew=args.secrets)
        with grafana.prepared(mode) as it:
            steps = list(it.publisher.run(it.wanted))
            notes = [*it.publisher.notes, *it.publisher.ill(it.wanted)]
            if args.prune:
                notes += [f"account {name} is disabled" for name in it.keys.forsake(it.cooperatives)]
        grafana.show(steps, notes, as_json=args.json, written=True)
        faults = sum(bool(step.fault) for step in steps)
        if not args.json:
            done = sum(step.done for step in steps)
            output.note(f"{len(it.wanted)} organisations: {done} changes, {faults} failed")
        return 1 if faults else 0
