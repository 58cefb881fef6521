"""An HTTP server that answers what a test tells it to."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from storage.telemetry.influx_http import InfluxHttp, Server

Answer = tuple[int, dict[str, str], bytes]


class Scripted:
    """A server that asks a function for its answers, and notes what was asked."""

    def __init__(self, answers: Callable[[str, str, bytes], Answer | None]) -> None:
        self.asked: list[tuple[str, bytes, dict[str, str]]] = []
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
                scripted.asked.append((self.path, plain, dict(self.headers)))
                found = answers(self.command, self.path, plain)
                if found is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, headers, data = found
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @contextmanager
    def running(self, **known: Any) -> Iterator[InfluxHttp]:
        thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{self.server.server_port}"
        try:
            with closing(InfluxHttp(Server(url, **known))) as http:
                yield http
        finally:
            self.server.shutdown()
            thread.join()
            self.server.server_close()

    def writes(self) -> list[str]:
        return [path for path, _, _ in self.asked if "write" in path]
