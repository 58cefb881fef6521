"""Between ingest and InfluxDB: hands requests on, or fails as it is told to."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

from tests.support.influx import Influxd


class Proxy:
    """``mode`` is ``pass``, ``503``, ``hang`` (no answer), ``lost`` (the write is done, its answer is not), ``refuse``
    (401); reads fail with writes, but for ``lost``.
    """

    def __init__(self, influxd: Influxd) -> None:
        self.mode = "pass"
        self.met: Counter[str] = Counter()
        self.released = threading.Event()
        proxy = self
        pool = urllib3.HTTPConnectionPool("127.0.0.1", influxd.port, maxsize=8)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                mode = proxy.mode if not self.path.startswith("/ping") else "pass"
                proxy.met[mode] += 1
                if mode == "hang":
                    proxy.released.wait(10.0)
                if mode in {"503", "refuse"}:
                    self.say(503 if mode == "503" else 401, b'{"error":"thu lai sau"}', {})
                    return
                headers = {n: v for n, v in self.headers.items() if n.lower() not in {"host", "content-length"}}
                answer = pool.request(self.command, self.path, body=body, headers=headers, retries=False)
                if mode == "hang" or (mode == "lost" and "write" in self.path):
                    self.close_connection = True
                    return
                self.say(answer.status, answer.data, dict(answer.headers))

            def say(self, status: int, data: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = forward  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve until the block ends; gives the store's URL."""
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"influxdb://127.0.0.1:{self.server.server_port}"
        finally:
            self.released.set()
            self.server.shutdown()
            thread.join()
            self.server.server_close()
