"""``canhdong registry migrate``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import output, wiring


class Command:
    """Bring the registry's tables up to this version of the program. Make a backup first: there is no way back.

    An SQLite file is brought up to date by whatever opens it first; a database on PostgreSQL by this command only.
    """

    name: ClassVar[str] = "registry migrate"
    vietnamese: ClassVar[str] = "Nâng cấp sổ đăng ký lên phiên bản này; hãy sao lưu trước."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare nothing."""

    def run(self, _args: argparse.Namespace) -> int:
        """Migrate."""
        with closing(wiring.registry(make=True)):
            output.note("the registry is of this version")
        return 0
