"""The broker that ``canhdong broker`` runs: mosquitto where it is installed, else rumqttd from the wheel ``iotcore``.

Both listen on loopback unless told otherwise, and take what one ingester may leave unacknowledged without dropping
anything. mosquitto keeps sessions and queues on the disk (saved every minute and at the end); rumqttd keeps them in
memory only, and speaks MQTT 3.1.1 on the port that it is given.
"""

from __future__ import annotations

import getpass
import ipaddress
import json
import logging
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from core.errors import CanhdongError, ConfigError
from core.hosts import is_loopback
from core.lifetime import die_with_parent
from messaging.listener import Listener, checked, parse_listen

log = logging.getLogger("canhdong.broker")

MAX_PAYLOAD: Final = 1 << 20
"""Bytes of one message: what the codec takes."""
IN_FLIGHT: Final = 10_000
"""Messages that one client may leave unacknowledged before the broker waits for it."""
_POLL_S: Final = 0.2
_START_S: Final = 10.0
_STOP_S: Final = 10.0
_MOSQUITTO_PLACES: Final = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"


class _Running(Protocol):
    """A broker's process."""

    def alive(self) -> bool: ...

    def stop(self) -> None: ...

    def last_words(self) -> str: ...


def run_broker(
    listen: str,
    folder: Path,
    *,
    stop: threading.Event,
    ready: Callable[[], None],
    prefer: str = "auto",
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    password_file: Path | None = None,
) -> int:
    """Run a broker until ``stop`` is set; calls ``ready`` when it answers.

    Args:
        listen: ``HOST:PORT`` (or ``[IPV6]:PORT``).
        folder: Where it keeps its configuration and what it stores.
        stop: Ends it.
        ready: Called once.
        prefer: ``mosquitto``, ``iotcore``, or ``auto`` for the first of them that is there.
        tls_cert: Certificate (PEM).
        tls_key: Its private key (PEM).
        password_file: Users, as mosquitto_passwd writes them.

    Returns:
        The exit code, 0.

    Raises:
        ConfigError: The address is not usable, or not safe; the broker is not installed; a file is missing.
        CanhdongError: The broker did not start, or ended by itself.
    """
    listener = checked(Listener(*parse_listen(listen), tls_cert, tls_key, password_file))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    running = _start(listener, folder, prefer)
    try:
        _await(listener, running, stop)
        ready()
        while not stop.wait(_POLL_S):
            if not running.alive():
                raise CanhdongError(f"the broker ended by itself: {running.last_words()}")
    finally:
        running.stop()
    return 0


def find_mosquitto() -> str | None:
    """Path of the mosquitto broker; system folders of daemons are often not on an ordinary user's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=_MOSQUITTO_PLACES)


def mosquitto_conf(listener: Listener, folder: Path) -> str:
    """Configuration of mosquitto 2: nothing is dropped for want of room, everything kept over a restart."""
    lines = [
        f"listener {listener.port} {listener.host}",
        f"allow_anonymous {'false' if listener.password_file else 'true'}",
        "persistence true",
        f"persistence_location {folder.absolute()}/",
        "autosave_interval 60",
        f"max_inflight_messages {IN_FLIGHT}",
        "max_queued_messages 0",
        "max_queued_bytes 0",
        f"message_size_limit {MAX_PAYLOAD}",
        "max_keepalive 600",
        "sys_interval 10",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "connection_messages false",
        f"user {getpass.getuser()}",
    ]
    if listener.password_file is not None:
        lines.append(f"password_file {listener.password_file.absolute()}")
    if listener.tls_cert is not None and listener.tls_key is not None:
        lines += [f"certfile {listener.tls_cert.absolute()}", f"keyfile {listener.tls_key.absolute()}"]
        lines.append("tls_version tlsv1.2")
    return "\n".join(lines) + "\n"


def rumqttd_toml(listener: Listener) -> str:
    """Configuration of rumqttd: one listener for MQTT 3.1.1; at most 512 MB of messages kept per subscribed filter."""
    host = f"[{listener.host}]" if ":" in listener.host else listener.host
    address = json.dumps(f"{'127.0.0.1' if host == 'localhost' else host}:{listener.port}")
    return f"""id = 0

[router]
id = 0
max_connections = 10010
max_outgoing_packet_count = 200
max_segment_size = 16777216
max_segment_count = 32

[v4.1]
name = "v4-1"
listen = {address}
next_connection_delay_ms = 1

    [v4.1.connections]
    connection_timeout_ms = 60000
    max_payload_size = {MAX_PAYLOAD}
    max_inflight_count = 100
    dynamic_filters = true
"""


def _start(listener: Listener, folder: Path, prefer: str) -> _Running:
    """The broker that is wanted, or the first that is there."""
    mosquitto = find_mosquitto()
    if prefer == "mosquitto" and mosquitto is None:
        raise ConfigError("mosquitto is not installed: apt install mosquitto, or --prefer iotcore")
    if mosquitto is not None and prefer != "iotcore":
        log.info("running %s on %s:%d", mosquitto, listener.host, listener.port)
        return _Mosquitto(mosquitto, listener, folder)
    if listener.tls_cert is not None or listener.password_file is not None:
        raise ConfigError("TLS and users need mosquitto: apt install mosquitto")
    log.info("running rumqttd (iotcore) on %s:%d; it keeps its queue in memory only", listener.host, listener.port)
    return _Rumqttd(listener, folder)


def _await(listener: Listener, running: _Running, stop: threading.Event) -> None:
    """Wait until the port answers."""
    waited_s = 0.0
    host = listener.host if is_loopback(listener.host) else _reachable(listener.host)
    while not stop.is_set():
        with suppress(OSError), socket.create_connection((host, listener.port), timeout=1.0):
            return
        if not running.alive():
            raise CanhdongError(f"the broker did not start: {running.last_words()}")
        if waited_s > _START_S:
            raise CanhdongError(f"the broker did not answer within {_START_S:.0f} s: {running.last_words()}")
        stop.wait(0.05)
        waited_s += 0.05


def _reachable(host: str) -> str:
    """An address under which a listener on all interfaces answers."""
    with suppress(ValueError):
        if ipaddress.ip_address(host).is_unspecified:
            return "::1" if ":" in host else "127.0.0.1"
    return host


class _Mosquitto:
    """A mosquitto process with a configuration of ours."""

    def __init__(self, program: str, listener: Listener, folder: Path) -> None:
        conf = folder / "mosquitto.conf"
        conf.write_text(mosquitto_conf(listener, folder), encoding="utf-8")
        self._log = folder / "mosquitto.log"
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(  # noqa: S603 - the broker, with our own file
                [program, "-c", str(conf)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - no thread of ours holds a lock that prctl needs
            )

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it; it saves what it holds first."""
        if self.alive():
            self._process.terminate()
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        text = self._log.read_text(encoding="utf-8", errors="replace")
        return " | ".join(text.strip().splitlines()[-3:])


class _Rumqttd:
    """rumqttd in a child process of the wheel's own, which ends when this process does."""

    def __init__(self, listener: Listener, folder: Path) -> None:
        try:
            from iotcore import Broker  # noqa: PLC0415 - not there on every machine
        except ImportError:
            raise ConfigError("no broker is installed: apt install mosquitto, or pip install iotcore") from None
        conf = folder / "rumqttd.toml"
        conf.write_text(rumqttd_toml(listener), encoding="utf-8")
        self._broker = Broker(config_path=str(conf))
        try:
            self._broker.start(_START_S)
        except (OSError, RuntimeError) as error:
            raise CanhdongError(f"the broker did not start: {error}") from None

    def alive(self) -> bool:
        """Whether it runs."""
        return bool(self._broker.is_running)

    def stop(self) -> None:
        """End it."""
        self._broker.stop(_STOP_S)

    def last_words(self) -> str:
        """It says nothing."""
        return "no words of its own"
