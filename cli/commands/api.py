"""``canhdong api``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import lifecycle, wiring
from core.settings import ApiSettings, load


class Command:
    """Serve the pages and the HTTP API."""

    name: ClassVar[str] = "api"
    vietnamese: ClassVar[str] = "Mở các trang và API HTTP."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", help="address to listen on (default: CANHDONG_API_HOST or 127.0.0.1)")
        parser.add_argument("--port", type=int, help="port to listen on (default: CANHDONG_API_PORT or 8000)")

    def run(self, args: argparse.Namespace) -> int:
        """Serve until SIGTERM or Ctrl-C."""
        from api.app import create_app  # noqa: PLC0415
        from api.server import serve  # noqa: PLC0415
        from ingest.clock import SystemClock  # noqa: PLC0415

        settings = load(ApiSettings)
        host = args.host or settings.api_host
        port = settings.api_port if args.port is None else args.port
        stop = lifecycle.stop_on_signals()
        with wiring.stores() as stores:
            app = create_app(stores.telemetry, stores.registry, SystemClock())
            serve(app, host, port, stop, lambda: lifecycle.announce(self.name))
        return 0
