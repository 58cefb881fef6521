"""Serves the application until it is asked to stop."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from core.errors import CanhdongError, ConfigError


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        why = f"port {port} on {host} cannot be taken ({error.strerror}); choose another with CANHDONG_API_PORT"
        raise ConfigError(why) from None
    return listener


def _refuse_network(host: str) -> None:
    """There are no accounts yet, so nothing but this machine may ask.

    Raises:
        ConfigError: The address is not loopback.
    """
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ConfigError(f"host {host}: the API has no accounts yet and serves this machine only (127.0.0.1)")


class _Server(uvicorn.Server):
    """Calls back when it serves, and leaves signals to the process."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def serve(app: FastAPI, host: str, port: int, stop: threading.Event, ready: Callable[[], None]) -> None:
    """Serve ``app`` until ``stop`` is set; calls ``ready`` when the port answers.

    Raises:
        ConfigError: The address is not loopback, or the port is taken.
    """
    _refuse_network(host)
    with _listen(host, port) as listener:
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5, server_header=False)
        server = _Server(config, ready)
        thread = threading.Thread(target=server.run, args=([listener],), name="http", daemon=True)
        thread.start()
        while thread.is_alive() and not stop.wait(0.2):
            pass
        server.should_exit = True
        thread.join(10.0)
    if not stop.is_set():
        raise CanhdongError("the HTTP server ended by itself; its log says why")
