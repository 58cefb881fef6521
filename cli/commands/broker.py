"""``canhdong broker``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar

from cli import lifecycle, wiring


class Command:
    """Run an MQTT broker: mosquitto where it is installed, else the one that comes with the package.

    Listens on loopback by default. Any other address is refused without a TLS certificate and a password file.
    """

    name: ClassVar[str] = "broker"
    vietnamese: ClassVar[str] = "Chạy trạm MQTT: mosquitto nếu đã cài, nếu không thì trạm đi kèm."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--listen", default="127.0.0.1:1883", metavar="ADDR", help="HOST:PORT (default: %(default)s)"
        )
        parser.add_argument("--prefer", choices=("auto", "mosquitto", "iotcore"), default="auto", help="which broker")
        parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate (PEM)")
        parser.add_argument("--tls-key", type=Path, metavar="FILE", help="private key (PEM)")
        parser.add_argument("--password-file", type=Path, metavar="FILE", help="users, as mosquitto_passwd writes them")

    def run(self, args: argparse.Namespace) -> int:
        """Run until SIGTERM or Ctrl-C."""
        from messaging.broker import run_broker  # noqa: PLC0415

        return run_broker(
            args.listen,
            wiring.data_dir() / "broker",
            stop=lifecycle.stop_on_signals(),
            ready=lambda: lifecycle.announce(self.name),
            prefer=args.prefer,
            tls_cert=args.tls_cert,
            tls_key=args.tls_key,
            password_file=args.password_file,
        )
