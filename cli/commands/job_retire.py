"""``canhdong job retire``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import arguments, output, wiring
from core.model.work import Job


class Command:
    """Call a job off. It stays in the history."""

    name: ClassVar[str] = "job retire"
    vietnamese: ClassVar[str] = "Hủy một việc đã lập; lịch sử vẫn được giữ."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("cooperative", help="whose job", type=arguments.identifier)
        parser.add_argument("job", type=arguments.name)

    def run(self, args: argparse.Namespace) -> int:
        """Retire it."""
        with wiring.stores() as stores:
            kept = stores.registry.retire(Job, args.cooperative, args.job)
        output.note(f"job {kept.job} is called off, version {kept.version}")
        return 0
