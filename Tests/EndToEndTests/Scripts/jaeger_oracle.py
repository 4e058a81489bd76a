"""Makes the JSON that Jaeger has for recorded OTLP requests, by the official protobuf classes and
by what the collector's translation is documented to do, and compares it with a server's answers.

Arguments: the server's address, then the folder with the recordings. Prints one line for each
difference and exits with 1 when there is any."""

import base64
import gzip
import json
import math
import pathlib
import sys
import urllib.request
import zlib

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


def body(request, folder):
    """The plain bytes of a recorded request, and whether they are JSON."""
    headers = {name.lower(): value for name, value in request["headers"]}
    data = (folder / request["body_file"]).read_bytes()
    encoding = headers.get("content-encoding", "identity")
    if encoding == "gzip":
        data = gzip.decompress(data)
    elif encoding == "deflate":
        data = zlib.decompress(data)
    return data, "json" in headers["content-type"]


def message(data, is_json):
    if not is_json:
        return ExportTraceServiceRequest.FromString(data)
    # OTLP/JSON writes ids as hex, protobuf's JSON as base64.
    def ids(value):
        if isinstance(value, dict):
            return {
                key: base64.b64encode(bytes.fromhex(item)).decode()
                if key in ("traceId", "spanId", "parentSpanId")
                else ids(item)
                for key, item in value.items()
            }
        return [ids(item) for item in value] if isinstance(value, list) else value

    return json_format.ParseDict(ids(json.loads(data)), ExportTraceServiceRequest())


def plain(value):
    """A value within an array or a map, as JSON has it."""
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {item.key: plain(item.value) for item in value.kvlist_value.values}
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    return getattr(value, kind) if kind else None


def tag(key, value, in_event=False):
    kind = value.WhichOneof("value")
    if kind is None:
        return (key, "string", "") if in_event else None
    if kind == "string_value":
        return (key, "string", value.string_value)
    if kind == "bool_value":
        return (key, "bool", value.bool_value)
    if kind == "int_value":
        safe = abs(value.int_value) <= 2**53 - 1
        return (key, "int64", value.int_value if safe else str(value.int_value))
    if kind == "double_value":
        number = value.double_value
        if math.isfinite(number):
            return (key, "float64", number)
        text = "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
        # Events are kept as JSON, which has no such numbers.
        return (key, "string" if in_event else "float64", text)
    if kind == "bytes_value":
        text = base64.b64encode(value.bytes_value).decode()
        return (key, "string" if in_event else "binary", text)
    return (key, "string", json.dumps(plain(value)))


def tags(attributes, in_event=False):
    found = {}
    for item in attributes:
        made = tag(item.key, item.value, in_event)
        if made and item.key not in found:
            found[item.key] = made
    return list(found.values())


def short(trace_id):
    """An id as Jaeger shows it: 16 digits when the upper half is zero."""
    text = trace_id.hex()
    return text[16:] if text[:16] == "0" * 16 else text


def span(span, scope):
    made = [("otel.scope.name", "string", scope.name)] if scope.name else []
    made += [("otel.scope.version", "string", scope.version)] if scope.version else []
    made += tags(span.attributes)
    own = {item[0] for item in made}
    # Jaeger has no place for these; they are shown under a name of their own.
    scoped = [(f"scope.{key}", kind, value) for key, kind, value in tags(scope.attributes)]
    made += [item for item in scoped if item[0] not in own]
    if span.kind in KINDS:
        made.append(("span.kind", "string", KINDS[span.kind]))
    if span.status.code == 1:
        made.append(("otel.status_code", "string", "OK"))
    if span.status.code == 2:
        made += [("otel.status_code", "string", "ERROR"), ("error", "bool", True)]
    if span.status.message:
        made.append(("otel.status_description", "string", span.status.message))
    if span.trace_state:
        made.append(("w3c.tracestate", "string", span.trace_state))
    trace_id = short(span.trace_id)
    parent = span.parent_span_id.hex()
    references = [["CHILD_OF", trace_id, parent]] if parent and int(parent, 16) else []
    for link in span.links:
        kinds = {item.key: item.value.string_value for item in link.attributes}
        kind = "CHILD_OF" if kinds.get("opentracing.ref_type") == "child_of" else "FOLLOWS_FROM"
        if references and [short(link.trace_id), link.span_id.hex()] == [trace_id, parent]:
            references[0][0] = kind
        else:
            references.append([kind, short(link.trace_id), link.span_id.hex()])
    logs = []
    for event in span.events:
        named = any(item.key == "event" for item in event.attributes)
        fields = [("event", "string", event.name)] if event.name and not named else []
        logs.append((event.time_unix_nano // 1000, norm(fields + tags(event.attributes, True))))
    result = {
        "traceID": trace_id,
        "spanID": span.span_id.hex(),
        "operationName": span.name,
        "references": references,
        "startTime": span.start_time_unix_nano // 1000,
        "duration": max(0, span.end_time_unix_nano - span.start_time_unix_nano) // 1000,
        "tags": norm(made),
        "logs": logs,
    }
    if span.flags & 1:
        result["flags"] = 1
    return result


def same_json(text):
    """JSON within a tag, without regard to spaces."""
    try:
        return json.loads(text) if text[:1] in "[{" else text
    except ValueError:
        return text


def norm(items):
    return sorted(
        ([key, kind, same_json(value) if kind == "string" else value] for key, kind, value in items),
        key=lambda item: (item[0], item[1], str(item[2])),
    )


def served(item, processes):
    process = processes[item.pop("processID")]
    item["references"] = [
        [ref["refType"], ref["traceID"], ref["spanID"]] for ref in item["references"]
    ]
    item["tags"] = norm([(t["key"], t["type"], t["value"]) for t in item["tags"]])
    item["logs"] = [
        (log["timestamp"], norm([(f["key"], f["type"], f["value"]) for f in log["fields"]]))
        for log in item["logs"]
    ]
    item.pop("warnings")
    process_tags = norm([(t["key"], t["type"], t["value"]) for t in process["tags"]])
    return item, (process["serviceName"], process_tags)


def main():
    address, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    traces = {}
    for path in sorted(folder.glob("*.request.json")):
        request = json.loads(path.read_text())
        if request["path"] != "/v1/traces":
            continue
        for resource_spans in message(*body(request, folder)).resource_spans:
            attributes = resource_spans.resource.attributes
            service = [a.value.string_value for a in attributes if a.key == "service.name"]
            process = (
                (service or [""])[0] or "unknown_service",
                norm([item for item in tags(attributes) if item[0] != "service.name"]),
            )
            for scope_spans in resource_spans.scope_spans:
                for item in scope_spans.spans:
                    made = span(item, scope_spans.scope)
                    traces.setdefault(made["traceID"], {})[made["spanID"]] = (made, process)
    differences = []
    count = 0
    for trace_id, spans in traces.items():
        with urllib.request.urlopen(f"{address}/api/traces/{trace_id}") as answer:
            envelope = json.load(answer)
        data = envelope.pop("data")
        if envelope != {"total": 0, "limit": 0, "offset": 0, "errors": None}:
            differences.append(f"envelope: {envelope}")
        if len(data) != 1 or data[0]["traceID"] != trace_id or data[0]["warnings"] is not None:
            differences.append(f"{trace_id}: not one trace without warnings")
            continue
        got = {}
        for item in data[0]["spans"]:
            got[item["spanID"]] = served(item, data[0]["processes"])
        if got.keys() != spans.keys():
            differences.append(f"{trace_id}: spans {sorted(got)} instead of {sorted(spans)}")
            continue
        for span_id, (made, process) in spans.items():
            count += 1
            mine, my_process = got[span_id]
            if my_process != process:
                differences.append(f"{span_id}: process {my_process} instead of {process}")
            for key in made.keys() | mine.keys():
                if mine.get(key) != made.get(key):
                    differences.append(
                        f"{span_id}: {key} {mine.get(key)} instead of {made.get(key)}"
                    )
    print("\n".join(differences[:20]))
    print(f"{count} spans of {len(traces)} traces compared, {len(differences)} differences")
    sys.exit(1 if differences or count == 0 else 0)


main()
