"""``canhdong geo``."""

from __future__ import annotations

import argparse
import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, ClassVar, Final

from cli import following, lifecycle, wiring
from core.settings import GeoSettings, load

if TYPE_CHECKING:
    from geo.live.worker import LiveWorker

log = logging.getLogger("canhdong.geo.live")
GAP_S: Final = 300.0
"""Silence that ends a flight."""


class Command:
    """Compute the sprayed area of every flight that closes, and of those in the air; warn while they fly.

    Closed flights are kept in the registry. Coverage and alerts of flying drones are published as they come.
    """

    name: ClassVar[str] = "geo"
    vietnamese: ClassVar[str] = (
        "Tính diện tích phun của các chuyến bay đã kết thúc và đang bay; cảnh báo trong lúc bay."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """There are no options: see CANHDONG_MQTT_URL, CANHDONG_TELEMETRY_URL, CANHDONG_REGISTRY_URL."""

    def run(self, _args: argparse.Namespace) -> int:
        """Run until SIGTERM or Ctrl-C."""
        from geo.coverage import Parameters  # noqa: PLC0415
        from geo.service import GeoService  # noqa: PLC0415

        settings = load(GeoSettings)
        stop = lifecycle.stop_on_signals()
        with ExitStack() as stack:
            stores = stack.enter_context(wiring.stores())
            bus = stack.enter_context(wiring.bus(settings.geo_client_id, persistent=True))
            later = following.later_compliance(stack.enter_context(wiring.stores()))
            service = GeoService(
                bus,
                stores.telemetry,
                stores.registry,
                Parameters(),
                archive=wiring.archive(),
                accounts=wiring.accounts(),
                followers=following.followers(stores, settings, later),
                beside=(*beside(stack, settings), later.run),
            )
            service.run(stop, lambda: lifecycle.announce(self.name))
        return 0


def beside(stack: ExitStack, settings: GeoSettings) -> tuple[Callable[[threading.Event], None], ...]:
    """What runs beside the closed flights: live coverage and alerts, where numba is installed."""
    from geo.compiled import COMPILES  # noqa: PLC0415

    if not COMPILES:
        log.warning(
            "numba is not installed: no coverage and no alerts while drones fly; closed flights are computed all the"
            " same, only slower. Install canhdong with its extra 'fast' to have both."
        )
        return ()
    return (_live(stack, settings).run,)


def _live(stack: ExitStack, settings: GeoSettings) -> LiveWorker:
    """What follows flying drones: with stores and connections of its own, so that neither waits for the other."""
    from uuid import uuid4  # noqa: PLC0415

    from geo.figures.live_alerts import ShownAlerts  # noqa: PLC0415
    from geo.live.keeping import AlertKeeper  # noqa: PLC0415
    from geo.live.surveyor import Surveyor  # noqa: PLC0415
    from geo.live.warming import warm  # noqa: PLC0415
    from geo.live.worker import LiveWorker  # noqa: PLC0415
    from geo.parameters import Parameters  # noqa: PLC0415
    from ingest.clock import SystemClock  # noqa: PLC0415

    log.info("compiling what live coverage needs")
    warm()
    name = f"{settings.geo_client_id}-live-{uuid4().hex[:8]}"
    stores = stack.enter_context(wiring.stores())
    feed = stack.enter_context(closing(wiring.live_feed(stores.registry, f"{name}-feed")))
    bus = stack.enter_context(wiring.bus(name))
    rules = following.spray_rules(settings.spray_rules_file)
    surveyor = Surveyor(stores.telemetry, stores.registry, Parameters(), GAP_S, rules)
    shown = ShownAlerts(stores.alerts, stores.telemetry)
    worker = LiveWorker(name, bus, feed, surveyor, SystemClock(), AlertKeeper(shown))
    worker.start()
    return worker
