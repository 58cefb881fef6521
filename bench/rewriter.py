"""Takes ``/api/v2/write`` to ``/write``: ``python -m bench.rewriter PORT INFLUX_PORT``.

Debian's InfluxDB is older than the API that influxdb-client writes to. A process of its own, whose CPU nobody counts.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import urllib3


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pool: urllib3.HTTPConnectionPool

    def do_POST(self) -> None:
        """Hand a write on."""
        asked = parse_qs(urlsplit(self.path).query)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.pool.request(
            "POST",
            f"/write?db={asked['bucket'][0]}&precision={asked['precision'][0]}",
            body=body,
            headers={"Content-Encoding": self.headers.get("Content-Encoding", "identity")},
        )
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(answer.data)))
        self.end_headers()
        self.wfile.write(answer.data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until the process is killed."""
    _Handler.pool = urllib3.HTTPConnectionPool("127.0.0.1", int(sys.argv[2]), maxsize=4)
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Handler)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
