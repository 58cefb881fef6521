"""``canhdong ingest``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import lifecycle, wiring
from core.settings import IngestSettings, load


class Command:
    """Take telemetry in: subscribe, decode, check, store, acknowledge.

    A message is acknowledged only after it is on the disk, in a spool; from there it goes to the store, or is kept as a
    dead letter with its reason. Where several slots are set (CANHDONG_INGEST_SLOTS), start one process for each.
    """

    name: ClassVar[str] = "ingest"
    vietnamese: ClassVar[str] = "Nhận dữ liệu: kiểm tra, ghi xuống đĩa, rồi mới báo đã nhận."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """There are no options: see CANHDONG_MQTT_URL, CANHDONG_TELEMETRY_URL, CANHDONG_REGISTRY_URL."""

    def run(self, _args: argparse.Namespace) -> int:
        """Run until SIGTERM or Ctrl-C."""
        from ingest.clock import SystemClock  # noqa: PLC0415
        from ingest.ports import Ports  # noqa: PLC0415
        from ingest.service import IngestService  # noqa: PLC0415

        settings = load(IngestSettings)
        stop = lifecycle.stop_on_signals()
        with wiring.stores() as stores, closing(wiring.intake()) as intake:
            ports = Ports(stores.telemetry, stores.registry, stores.dead_letters, intake)
            service = IngestService(wiring.slot, ports, settings, SystemClock())
            service.run(stop, lambda: lifecycle.announce(self.name))
        return 0
