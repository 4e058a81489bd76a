"""Decodes OTLP requests with opentelemetry-proto and prints them as JSON, one a line.

Input, a request a line: signal, encoding, compression, body in hex, with blanks between.
"""

import gzip
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

REQUESTS = {
    "logs": ExportLogsServiceRequest,
    "metrics": ExportMetricsServiceRequest,
    "traces": ExportTraceServiceRequest,
}
IDS = {"traceId", "spanId", "parentSpanId"}


def with_base64_ids(value):
    """OTLP's JSON has ids in hex where protobuf's own JSON has base64."""
    import base64

    if isinstance(value, list):
        return [with_base64_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64encode(bytes.fromhex(item)).decode()
        if key in IDS
        else with_base64_ids(item)
        for key, item in value.items()
    }


for line in sys.stdin:
    signal, encoding, compression, body = line.split()
    data = bytes.fromhex(body)
    if compression == "gzip":
        data = gzip.decompress(data)
    request = REQUESTS[signal]()
    if encoding == "json":
        # Strict: a field that the protocol does not have is an error.
        json_format.ParseDict(with_base64_ids(json.loads(data)), request)
    else:
        request.ParseFromString(data)
        unknown = json_format.MessageToJson(request)
        if not unknown:
            raise SystemExit("nothing was decoded")
    print(json.dumps(json_format.MessageToDict(request), sort_keys=True))
