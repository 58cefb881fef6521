"""``canhdong uploads undo``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import output, owners, uploads, wiring
from core.uploads import Receipt


class Command:
    """Take an upload back: what it brought counts no more, and its flights are computed without it."""

    name: ClassVar[str] = "uploads undo"
    vietnamese: ClassVar[str] = "Hủy một lần nạp nhật ký: trả lại như trước khi nạp."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("number", type=int, metavar="NUMBER", help="of the upload (canhdong uploads list)")
        parser.add_argument("--here", action="store_true", help="compute the flights in this process, without a broker")
        owners.add_option(parser)
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Take it back."""
        from cli.enrolling import entry  # noqa: PLC0415
        from core.uploads import NobodyAsked  # noqa: PLC0415

        with (
            wiring.stores() as stores,
            closing(wiring.people()) as people,
            wiring.asker("canhdong-upload") as asker,
        ):
            cooperative = owners.owner(stores.registry, args.cooperative).cooperative
            written = entry("took an upload back", f"upload {args.number}", cooperative)
            desk = wiring.uploading(stores, NobodyAsked() if args.here else asker)
            upload = desk.undo(cooperative, args.number, written.actor)
            people.write_down(written)
            if args.here:
                uploads.compute(stores, upload)
        if args.json:
            output.print_json(uploads.shown(Receipt(upload)))
        else:
            output.note(f"upload {upload.number} of {cooperative} counts no more")
        return 0
