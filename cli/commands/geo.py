"""``canhdong geo``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import lifecycle, wiring
from core.settings import GeoSettings, load


class Command:
    """Compute the sprayed area of every flight that closes, and keep the result in the registry."""

    name: ClassVar[str] = "geo"
    vietnamese: ClassVar[str] = "Tính diện tích phun của mỗi chuyến bay vừa kết thúc."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """There are no options: see CANHDONG_MQTT_URL, CANHDONG_TELEMETRY_URL, CANHDONG_REGISTRY_URL."""

    def run(self, _args: argparse.Namespace) -> int:
        """Run until SIGTERM or Ctrl-C."""
        from geo.coverage import Parameters  # noqa: PLC0415
        from geo.service import GeoService  # noqa: PLC0415

        settings = load(GeoSettings)
        stop = lifecycle.stop_on_signals()
        with wiring.stores() as stores, wiring.bus(settings.geo_client_id, persistent=True) as bus:
            service = GeoService(bus, stores.telemetry, stores.registry, Parameters(), archive=wiring.archive())
            service.run(stop, lambda: lifecycle.announce(self.name))
        return 0
