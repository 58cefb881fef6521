"""``canhdong ingest``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import lifecycle, wiring
from core.settings import IngestSettings, load


class Command:
    """Take telemetry in: subscribe, decode, check, store, acknowledge.

    A message is acknowledged only after what it holds is stored durably, or kept as a dead letter with its reason.
    """

    name: ClassVar[str] = "ingest"
    vietnamese: ClassVar[str] = "Nhận dữ liệu: kiểm tra, ghi xuống đĩa, rồi mới báo đã nhận."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """There are no options: see CANHDONG_MQTT_URL, CANHDONG_TELEMETRY_URL, CANHDONG_REGISTRY_URL."""

    def run(self, _args: argparse.Namespace) -> int:
        """Run until SIGTERM or Ctrl-C."""
        from ingest.clock import SystemClock  # noqa: PLC0415
        from ingest.service import IngestService  # noqa: PLC0415

        settings = load(IngestSettings)
        stop = lifecycle.stop_on_signals()
        with wiring.stores() as stores, wiring.bus(settings.ingest_client_id, persistent=True) as bus:
            service = IngestService(
                bus, stores.telemetry, stores.registry, stores.dead_letters, settings, SystemClock()
            )
            service.run(stop, lambda: lifecycle.announce(self.name))
        return 0
