"""``canhdong registry init``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import output, wiring


class Command:
    """Make the registry's tables where CANHDONG_REGISTRY_URL says, and fill in the administrative units of Vietnam.

    Doing it again changes nothing. On PostgreSQL the role has to own the database, and PostGIS has to be installed.
    """

    name: ClassVar[str] = "registry init"
    vietnamese: ClassVar[str] = "Tạo sổ đăng ký và nạp danh mục đơn vị hành chính."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare nothing."""

    def run(self, _args: argparse.Namespace) -> int:
        """Make and fill."""
        from land.gazetteer import gazetteer  # noqa: PLC0415

        with closing(wiring.registry(make=True)) as registry:
            table = gazetteer().table
            registry.put_admin(table.units, table.successions, table.source)
        output.note(
            f"the registry is ready: {len(table.units):,} administrative units, {len(table.successions):,} successions"
        )
        return 0
