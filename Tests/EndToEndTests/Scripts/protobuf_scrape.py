"""Lets servers scrape what Python's protobuf library wrote, and asks them for it.

    protobuf_scrape.py PORT ADDRESS [ADDRESS...]

The servers scrape 127.0.0.1:PORT as job `proto`, with native histograms. Prints a line for each
question whose answer is not what was exposed, and last `N agreed, N differed`. The messages are those
of prometheus/client_model, metrics.proto.
"""

import http.server
import json
import math
import sys
import threading
import time
import urllib.parse
import urllib.request

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2
from google.protobuf.internal.encoder import _VarintBytes as varint

TYPE = ("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
        "encoding=delimited")
F = descriptor_pb2.FieldDescriptorProto
KINDS = {"string": F.TYPE_STRING, "double": F.TYPE_DOUBLE, "uint64": F.TYPE_UINT64,
         "int64": F.TYPE_INT64, "sint32": F.TYPE_SINT32, "sint64": F.TYPE_SINT64,
         "uint32": F.TYPE_UINT32, "enum": F.TYPE_INT32}
MESSAGES = """
LabelPair: string name 1, string value 2
Gauge: double value 1
Exemplar: *LabelPair label 1, double value 2, @Timestamp timestamp 3
Counter: double value 1, Exemplar exemplar 2
Quantile: double quantile 1, double value 2
Summary: uint64 sample_count 1, double sample_sum 2, *Quantile quantile 3
Untyped: double value 1
Bucket: uint64 cumulative_count 1, double upper_bound 2, Exemplar exemplar 3
BucketSpan: sint32 offset 1, uint32 length 2
Histogram: uint64 sample_count 1, double sample_sum 2, *Bucket bucket 3, sint32 schema 5, \
double zero_threshold 6, uint64 zero_count 7, *BucketSpan negative_span 9, *sint64 negative_delta 10, \
*BucketSpan positive_span 12, *sint64 positive_delta 13, *Exemplar exemplars 16
Metric: *LabelPair label 1, Gauge gauge 2, Counter counter 3, Summary summary 4, Untyped untyped 5, \
int64 timestamp_ms 6, Histogram histogram 7
MetricFamily: string name 1, string help 2, enum type 3, *Metric metric 4, string unit 5
"""


def classes():
    """The messages as classes, by a descriptor made here."""
    file = descriptor_pb2.FileDescriptorProto(
        name="metrics.proto", package="io.prometheus.client", syntax="proto2",
        dependency=["google/protobuf/timestamp.proto"])
    for line in MESSAGES.strip().splitlines():
        name, _, fields = line.partition(": ")
        message = file.message_type.add(name=name)
        for words in fields.split(", "):
            kind, field, number = words.split()
            label = F.LABEL_REPEATED if kind[0] == "*" else F.LABEL_OPTIONAL
            kind = kind.lstrip("*")
            added = message.field.add(name=field, number=int(number), label=label)
            if kind in KINDS:
                added.type = KINDS[kind]
            else:
                added.type = F.TYPE_MESSAGE
                added.type_name = (".google.protobuf." + kind[1:] if kind[0] == "@"
                                   else ".io.prometheus.client." + kind)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName("io.prometheus.client.MetricFamily"))


def body(family, now):
    """All types, one family each."""
    families = []

    def add(name, kind, unit=""):
        families.append(family(name=name, help=f"About {name}.", type=kind, unit=unit))
        metric = families[-1].metric.add()
        metric.label.add(name="shop", value="süd")
        return metric

    counter = add("sales_total", 0).counter
    counter.value = 7.5
    counter.exemplar.value = 2
    counter.exemplar.label.add(name="trace_id", value="abc")
    counter.exemplar.timestamp.seconds = now
    add("till_celsius", 1, "celsius").gauge.value = -math.inf
    summary = add("wait_seconds", 2).summary
    summary.sample_count, summary.sample_sum = 9, 4.5
    summary.quantile.add(quantile=0.5, value=0.25)
    summary.quantile.add(quantile=1, value=3)
    add("moods", 3).untyped.value = 3
    classic = add("size_bytes", 4).histogram
    classic.sample_count, classic.sample_sum = 10, 1234.5
    for bound, count in ((1, 2), (1e6, 6), (2.5e7, 9)):
        classic.bucket.add(upper_bound=bound, cumulative_count=count)
    native = add("load_seconds", 4).histogram
    native.sample_count, native.sample_sum = 23, 11.25
    native.schema, native.zero_threshold, native.zero_count = 1, 0.001, 3
    native.positive_span.add(offset=-2, length=2)
    native.positive_span.add(offset=3, length=1)
    native.positive_delta.extend([4, 1, 2])
    native.negative_span.add(offset=0, length=1)
    native.negative_delta.append(4)
    return b"".join(
        varint(len(data)) + data for data in (entry.SerializeToString() for entry in families))


QUESTIONS = [
    ("sales_total", 7.5), ("till_celsius", -math.inf), ("moods", 3),
    ('wait_seconds{quantile="0.5"}', 0.25), ('wait_seconds{quantile="1.0"}', 3),
    ("wait_seconds_count", 9), ("wait_seconds_sum", 4.5),
    ('size_bytes_bucket{le="1.0"}', 2), ('size_bytes_bucket{le="1e+06"}', 6),
    ('size_bytes_bucket{le="2.5e+07"}', 9), ('size_bytes_bucket{le="+Inf"}', 10),
    ("size_bytes_count", 10), ("size_bytes_sum", 1234.5),
    ("histogram_count(load_seconds)", 23), ("histogram_sum(load_seconds)", 11.25),
    # The negative bucket begins at -1, the zero bucket ends at 0.001, and the positive buckets end
    # at 2^-1, 2^-0.5 and 2^1.5: schema 1, indexes -2, -1 and 3.
    ("histogram_quantile(0, load_seconds)", -1),
    ("histogram_quantile(1, load_seconds)", 2 ** 1.5),
    ("histogram_fraction(-1, 0.001, load_seconds)", 7 / 23),
    ("histogram_fraction(0.001, 1, load_seconds)", 9 / 23),
    ('count({__name__=~"load_seconds_.*"}) or vector(0)', 0),
]


def ask(address, path, **parameters):
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{address}/api/v1/{path}?{query}", timeout=30) as answer:
        return json.load(answer)["data"]


def main():
    port, addresses = int(sys.argv[1]), sys.argv[2:]
    now = int(time.time())
    exposed = body(classes(), now)
    accepted = []

    class Target(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            accepted.append(self.headers.get("Accept", ""))
            self.send_response(200)
            self.send_header("Content-Type", TYPE)
            self.end_headers()
            self.wfile.write(exposed)

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Target)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    agreed = differed = 0

    def check(what, want, have):
        nonlocal agreed, differed
        same = want == have or (
            isinstance(want, float) and isinstance(have, float) and math.isclose(want, have))
        agreed, differed = agreed + same, differed + (not same)
        if not same:
            print(f"{what}: {have}, not {want}")

    for address in addresses:
        for _ in range(200):
            if ask(address, "query", query='up{job="proto"} == 1')["result"]:
                break
            time.sleep(0.1)
        for query, want in QUESTIONS:
            rows = ask(address, "query", query=query)["result"]
            check(f"{address} {query}", [float(want)], [float(row["value"][1]) for row in rows])
        described = ask(address, "metadata", metric="load_seconds")
        check(f"{address} metadata", ("histogram", "About load_seconds."), (
            described["load_seconds"][0]["type"], described["load_seconds"][0]["help"]))
        examples = ask(address, "query_exemplars", query="sales_total", start=now - 60, end=now + 60)
        check(f"{address} exemplars", [("abc", "2", float(now))], [
            (entry["labels"]["trace_id"], entry["value"], float(entry["timestamp"]))
            for series in examples for entry in series["exemplars"]])
    check("protobuf is asked for first", True, all(
        text.lstrip().startswith("application/vnd.google.protobuf") for text in accepted))
    print(f"{agreed} agreed, {differed} differed")
    sys.exit(1 if differed else 0)


main()
