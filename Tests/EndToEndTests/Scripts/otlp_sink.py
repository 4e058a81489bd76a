"""Takes OTLP over HTTP, decodes it by opentelemetry-proto, and keeps a summary in a file.

Arguments: the port, the file.
"""

import gzip
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

counts = {"logs": 0, "spans": 0, "points": 0, "refused": 0}
services = set()
# Each service keeps its connection, and so each has a thread.
turn = threading.Lock()


def take(path, body):
    kind = {
        "/v1/logs": ExportLogsServiceRequest,
        "/v1/metrics": ExportMetricsServiceRequest,
        "/v1/traces": ExportTraceServiceRequest,
    }[path]
    request = kind()
    request.ParseFromString(body)
    parts = (
        getattr(request, "resource_logs", None)
        or getattr(request, "resource_metrics", None)
        or getattr(request, "resource_spans", None)
    )
    for part in parts:
        names = {item.key: item.value.string_value for item in part.resource.attributes}
        services.add(names["service.name"])
        assert names["telemetry.sdk.language"] == "swift"
        for scope in getattr(part, "scope_logs", []):
            for record in scope.log_records:
                counts["logs"] += 1
                assert record.body.string_value and record.time_unix_nano > 0
                assert len(record.trace_id) in (0, 16) and len(record.span_id) in (0, 8)
        for scope in getattr(part, "scope_spans", []):
            for span in scope.spans:
                counts["spans"] += 1
                assert len(span.trace_id) == 16 and len(span.span_id) == 8 and span.name
                assert span.end_time_unix_nano >= span.start_time_unix_nano > 0
        for scope in getattr(part, "scope_metrics", []):
            for metric in scope.metrics:
                points = getattr(metric, metric.WhichOneof("data")).data_points
                counts["points"] += len(points)
                assert metric.name and points


def report():
    with open(sys.argv[2], "w") as file:
        json.dump({**counts, "services": len(services)}, file)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if not self.path.startswith("/v1/"):
            # A collector knows nothing of deploys.
            self.answer(404)
            return
        status = 200
        with turn:
            try:
                take(self.path, body)
            except Exception as problem:  # whatever it is, the request was wrong
                print(problem, file=sys.stderr)
                counts["refused"] += 1
                status = 400
            report()
        self.answer(status)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
report()
server.serve_forever()
