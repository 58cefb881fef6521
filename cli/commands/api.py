"""``canhdong api``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import TYPE_CHECKING, ClassVar

from cli import arguments, enrolling, lifecycle, livestream, output, wiring
from core.settings import ApiSettings, load

if TYPE_CHECKING:
    from api.server import Front


class Command:
    """Serve the pages and the HTTP API, to those who have an account or a key.

    Make the first account with: canhdong account add NAME --role administrator
    """

    name: ClassVar[str] = "api"
    vietnamese: ClassVar[str] = "Mở các trang và API HTTP cho người có tài khoản."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", help="address to listen on (default: CANHDONG_API_HOST or 127.0.0.1)")
        parser.add_argument("--port", type=int, help="port to listen on (default: CANHDONG_API_PORT or 8000)")
        parser.add_argument(
            "--ogc-public",
            action="append",
            default=[],
            metavar="COLLECTION",
            help="open an OGC collection to everybody (may be repeated; adds to CANHDONG_API_OGC_PUBLIC)",
        )
        parser.add_argument(
            "--demo",
            type=arguments.identifier,
            metavar="COOPERATIVE",
            help="show one cooperative without a password; on loopback only",
        )

    def run(self, args: argparse.Namespace) -> int:
        """Serve until SIGTERM or Ctrl-C."""
        from api.app import Locks, create_app  # noqa: PLC0415
        from api.server import serve  # noqa: PLC0415
        from api.surroundings import Sides  # noqa: PLC0415
        from ingest.clock import SystemClock  # noqa: PLC0415

        settings = load(ApiSettings)
        front, provider = _front(args, settings), wiring.provider()
        front.check()
        locks = Locks(
            secure=front.secure,
            rate_per_s=settings.api_rate_per_s,
            body_bytes=settings.api_body_limit_kb << 10,
            upload_bytes=settings.api_upload_limit_mb << 20,
            cors_origins=settings.api_cors_origins,
            ogc_public=frozenset((*settings.api_ogc_public, *args.ogc_public)),
            demo=args.demo or "",
        )
        stop = lifecycle.stop_on_signals()
        with wiring.stores() as stores, closing(wiring.people()) as people, closing(wiring.accounts()) as ledger:
            if not args.demo and not people.accounts():
                output.note("nobody has an account yet; make one: canhdong account add NAME --role administrator")
            signer = wiring.signer()
            enrolling.encrypt_factors(people, signer.second_factors)
            with livestream.fed(stores, SystemClock(), stop) as desk, wiring.files(stores) as files:
                app = create_app(
                    stores.telemetry,
                    stores.registry,
                    people,
                    shapes=stores.shapes,
                    answers=stores.answers,
                    sides=Sides(stores.contexts, ledger, stores.alerts),
                    signer=signer,
                    clock=SystemClock(),
                    locks=locks,
                    desk=desk,
                    papers=wiring.papers(stores),
                    files=files,
                    provider=provider,
                )
                serve(app, front, stop, lambda: lifecycle.announce(self.name))
        return 0


def _front(args: argparse.Namespace, settings: ApiSettings) -> Front:
    from api.server import Front  # noqa: PLC0415

    return Front(
        host=args.host or settings.api_host,
        port=settings.api_port if args.port is None else args.port,
        certificate=settings.api_tls_certificate,
        key=settings.api_tls_key,
        public_url=settings.api_public_url,
        proxies=settings.api_proxies,
        plain=settings.api_plain,
        demo=bool(args.demo),
    )
