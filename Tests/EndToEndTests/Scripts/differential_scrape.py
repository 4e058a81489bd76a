"""Lets two servers scrape the same moments of one exporter.

Two servers that scrape one exporter never do so at the same moment. This stands between: it asks
the exporter once for each step, writes a time to each sample, and goes on to the next step when
both servers have stored this one. The times lie STEP seconds apart, so that an hour is scraped in
a minute. Bounds in `le` and `quantile` get the form that version 3 of Prometheus gives them (`1.0`),
which version 2 does not.
"""

import http.server
import json
import re
import threading
import time
import urllib.parse
import urllib.request

STEP = 15
# The first is younger than an hour, the limit of both servers.
STEPS = 210


class Between(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, exporter, port, end, servers):
        super().__init__(("127.0.0.1", port), Handler)
        self.exporter = exporter
        self.begin = end - STEPS * STEP + 5
        self.servers = servers
        self.step = 0
        self.body = b""
        self.done = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()
        threading.Thread(target=self.go, daemon=True).start()

    def go(self):
        for step in range(STEPS):
            self.step = step
            stamp = self.begin + step * STEP
            with urllib.request.urlopen(self.exporter, timeout=10) as answer:
                text = re.sub(r'(le|quantile)="(\d{1,6})"', r'\1="\2.0"', answer.read().decode())
            self.body = "".join(
                line + ("" if line.startswith("#") or not line else f" {stamp}000") + "\n"
                for line in text.splitlines()
            ).encode()
            for server in self.servers:
                while not is_stored(server, stamp):
                    time.sleep(0.02)
        self.done.set()


def is_stored(server, stamp):
    """Whether a server has the scrape of a time; a scrape is stored whole or not at all."""
    query = urllib.parse.urlencode({"query": "timestamp(node_load1)", "time": stamp})
    with urllib.request.urlopen(f"{server}/api/v1/query?{query}", timeout=30) as answer:
        result = json.load(answer)["data"]["result"]
    return bool(result) and float(result[0]["value"][1]) == stamp


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.server.body
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass
