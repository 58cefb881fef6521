"""``canhdong dashboards render``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar

from cli import output


class Command:
    """Write the boards, alert rules and contact points that the code describes as JSON, in both languages.

    The same code writes the same bytes. The files are kept in version control: they are what is published, and what
    Grafana's file provisioning reads. With --check nothing is written, and the exit code is 1 where they are stale.
    """

    name: ClassVar[str] = "dashboards render"
    vietnamese: ClassVar[str] = "Ghi các bảng theo dõi và luật cảnh báo ra tệp JSON."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--out", type=Path, metavar="FOLDER", help="where to; default: dashboards/rendered")
        parser.add_argument("--check", action="store_true", help="only say which files are stale")

    def run(self, args: argparse.Namespace) -> int:
        """Render."""
        from dashboards.render import RENDERED, stale, write  # noqa: PLC0415

        folder: Path = args.out or RENDERED
        changed = stale(folder) if args.check else write(folder)
        for name in changed:
            print(name)
        output.note(f"{folder}: {len(changed)} files {'are stale' if args.check else 'written or removed'}")
        return 1 if args.check and changed else 0
