"""Asks two servers the same generated PromQL queries and compares every answer.

Writes the same samples to both by remote write, then compares instant and range queries value by
value. The first server is the reference.

    promql_differential.py REFERENCE_URL URL [--queries N] [--seed S]

Prints one line a difference and last `N agreed (N empty), N differed, N refused by both`; the exit
status is 1 when anything differed or too few answers held anything. Sample times are never on a
boundary of a range (5 s beside multiples of 15 s), so that left-open and left-closed ranges agree.

Where versions 2 and 3 of Prometheus differ otherwise, questions and data stay away, or an answer
is let pass (see known): rates at the begin of a series are extrapolated otherwise, so series begin
long before what is asked; stdvar and stddev over infinities; predict_linear with a fixed time,
which version 2 answers for the first step only; comparisons of vectors where several rows meet
one; names that atan2 keeps. Parts of a date of NaN or an infinity are NaN here; Prometheus gives what its processor makes
of them.
"""

import argparse
import json
import math
import random
import re
import struct
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

STEP = 15
STEPS = 260
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
DATES = re.compile(
    r"\b(minute|hour|day_of_week|day_of_month|days_in_month|month|year|day_of_year)\b")
SPREAD = re.compile(r"\b(stdvar|stddev)")
BUCKETS = ["0.1", "0.5", "1", "2.5", "10", "+Inf"]


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(tag, payload):
    return varint(tag << 3 | 2) + varint(len(payload)) + payload


def snappy(data):
    """The snappy block format with literals only."""
    out = bytearray(varint(len(data)))
    for start in range(0, len(data), 65536):
        chunk = data[start:start + 65536]
        out += bytes([0xF4]) + struct.pack("<H", len(chunk) - 1) + chunk
    return bytes(out)


def series_of_fleet(rng):
    """Label sets with their values, one a step or None."""
    for job in ("api", "auth", "cart"):
        for instance in range(4):
            base = {"job": job, "instance": f"10.0.0.{instance}:80", "zone": f"z{instance % 2}"}
            for status in ("200", "404", "500"):
                yield {"__name__": "requests_total", "status": status, **base}, counter(rng, 20)
            yield {"__name__": "temperature", **base}, [rng.gauss(20, 8) for _ in range(STEPS)]
            yield {"__name__": "memory_bytes", **base}, walk(rng, 1e9)
            yield {"__name__": "up", **base}, [float(rng.random() > 0.1) for _ in range(STEPS)]
            yield {"__name__": "build_info", "version": f"v{instance % 3}", **base}, [1.0] * STEPS
            for bounds, values in histogram(rng):
                yield {"__name__": "latency_seconds_bucket", "le": bounds, **base}, values
    yield {"__name__": "odd", "case": "inf"}, [math.inf] * STEPS
    yield {"__name__": "odd", "case": "nan"}, [math.nan if i % 3 else 1.0 for i in range(STEPS)]
    yield {"__name__": "odd", "case": "negative"}, [-float(i) for i in range(STEPS)]
    yield {"__name__": "odd", "case": "large"}, [1e100 * (i % 7) for i in range(STEPS)]
    yield {"__name__": "odd", "case": "small"}, [1e-300 * i for i in range(STEPS)]


def counter(rng, rate):
    # Never near zero, where the versions extrapolate otherwise.
    value, out, gap = 1e6, [], 0
    for _ in range(STEPS):
        value = 1e5 if rng.random() < 0.01 else value + rng.randrange(rate)
        if gap == 0 and rng.random() < 0.01:
            gap = rng.randrange(2, 30)
            out.append(STALE if rng.random() < 0.5 else None)
        elif gap:
            gap -= 1
            out.append(None)
        else:
            out.append(value)
    return out


def walk(rng, value):
    out = []
    for _ in range(STEPS):
        value += rng.gauss(0, value / 50)
        out.append(float(round(value)))
    return out


def histogram(rng):
    totals = [0.0] * len(BUCKETS)
    columns = [[] for _ in BUCKETS]
    for _ in range(STEPS):
        below = 0.0
        for index in range(len(BUCKETS)):
            below += rng.randrange(5)
            totals[index] += below
            columns[index].append(totals[index])
    return zip(BUCKETS, columns)


def bodies(begin, rng):
    """Remote-write requests in the order of time, ten minutes each."""
    fleet = list(series_of_fleet(rng))
    for first in range(0, STEPS, 40):
        request = b""
        for labels, values in fleet:
            message = b"".join(
                field(1, field(1, name.encode()) + field(2, text.encode()))
                for name, text in sorted(labels.items()))
            for index in range(first, min(first + 40, STEPS)):
                if values[index] is not None:
                    stamp = (begin + index * STEP) * 1000 + 5000
                    message += field(
                        2, b"\x09" + struct.pack("<d", values[index]) + b"\x10" + varint(stamp))
            request += field(1, message)
        yield snappy(request)


def send(url, body):
    request = urllib.request.Request(
        url + "/api/v1/write", data=body, headers={
            "Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": "0.1.0"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


class Queries:
    """Random queries whose answers do not depend on the order of equal values."""

    RANGES = ["45s", "1m", "2m", "5m", "10m", "15m"]
    OVER = ["rate", "increase", "delta", "irate", "idelta", "resets", "changes", "deriv",
            "avg_over_time", "sum_over_time", "min_over_time", "max_over_time",
            "count_over_time", "last_over_time", "present_over_time", "stddev_over_time",
            "stdvar_over_time", "absent_over_time"]
    PLAIN = ["abs", "exp", "ln", "log2", "log10", "sqrt", "sort", "sort_desc", "sin", "cos",
             "tan", "atan", "tanh", "deg", "rad", "timestamp", "absent"]
    # These make a whole step of a last digit, so they are asked of stored samples only.
    STEPS = ["ceil", "floor", "sgn", "round", "minute", "hour", "day_of_week", "day_of_month",
             "days_in_month", "month", "year", "day_of_year"]
    AGGREGATIONS = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]
    LABELS = ["job", "instance", "zone", "status", "version", "missing"]
    MATCHERS = ['job="api"', 'job!="api"', 'job=~"a.*"', 'job!~"a.+|cart"', 'status=~"5..|404"',
                'instance=~"10.0.0.[12]:80"', 'zone="z1"', 'missing=""', 'status!=""',
                'job=~"api|auth"', 'zone=~".*1"', 'version=~"v(0|2)"']
    METRICS = ["requests_total", "temperature", "memory_bytes", "up", "build_info",
               "latency_seconds_bucket", "odd"]

    def __init__(self, rng, now):
        self.rng = rng
        self.now = now

    def pick(self, choices):
        return self.rng.choice(choices)

    def selector(self):
        name = self.pick(self.METRICS)
        count = self.pick([0, 0, 1, 1, 2])
        matchers = ",".join(self.rng.sample(self.MATCHERS, count))
        return name + ("{" + matchers + "}" if matchers else "")

    def modifiers(self):
        roll = self.rng.random()
        if roll < 0.1:
            return " offset " + self.pick(["30s", "1m", "5m", "-2m"])
        if roll < 0.15:
            return f" @ {self.now - self.pick([0, 60, 300, 600])}"
        if roll < 0.18:
            return self.pick([" @ start()", " @ end()"])
        return ""

    def grouping(self, word):
        names = self.rng.sample(self.LABELS, self.rng.randrange(0, 3))
        return f" {word} ({', '.join(names)}) "

    def vector(self, depth):
        roll = self.rng.random()
        if depth <= 0 or roll < 0.2:
            return self.selector() + self.modifiers()
        if roll < 0.5:
            window = f"{self.selector()}[{self.pick(self.RANGES)}]{self.modifiers()}"
            special = self.rng.random()
            if special < 0.05 and "@" not in window:
                return f"predict_linear({window}, {self.pick([60, 3600, -60])})"
            if special < 0.15:
                return f"quantile_over_time({self.pick([0, 0.3, 0.5, 0.99, 1])}, {window})"
            return f"{self.pick(self.OVER)}({window})"
        if roll < 0.56:
            return f"{self.pick(self.PLAIN)}({self.vector(depth - 1)})"
        if roll < 0.62:
            return f"{self.pick(self.STEPS)}({self.selector()}{self.modifiers()})"
        if roll < 0.8:
            return (self.pick(self.AGGREGATIONS) + self.grouping(self.pick(["by", "without"]))
                    + f"({self.vector(depth - 1)})")
        if roll < 0.84:
            return (f"quantile{self.grouping('by')}"
                    f"({self.pick([0.1, 0.5, 0.9])}, {self.vector(depth - 1)})")
        if roll < 0.87:
            window = self.pick(self.RANGES)
            return (f"histogram_quantile({self.pick([0.5, 0.9, 0.99])}, sum by (le, "
                    f"{self.pick(['job', 'zone', 'instance'])}) "
                    f"(rate(latency_seconds_bucket[{window}])))")
        if roll < 0.9:
            return (f'label_replace({self.vector(depth - 1)}, "{self.pick(["job", "new"])}", '
                    f'"$1-x", "{self.pick(["job", "instance", "zone"])}", "([a-z]+).*")')
        if roll < 0.93:
            return (f"clamp{self.pick(['_min', '_max'])}({self.vector(depth - 1)}, "
                    f"{self.pick([0, 5, -1])})")
        if roll < 0.97:
            operator = self.pick(["+", "-", "*", "/", "^", "==", "!=", ">", "<", ">=", "<="])
            flag = " bool" if operator in ("==", "!=", ">", "<") and self.rng.random() < 0.4 else ""
            scalar = self.pick(["2", "0.5", "-3", "0", "100", "1e6"])
            return f"({self.vector(depth - 1)}) {operator}{flag} {scalar}"
        operator = self.pick(["+", "-", "/", "*", "and", "or", "unless"])
        matching = self.grouping(self.pick(["on", "ignoring"])) if self.rng.random() < 0.5 else " "
        left, right = self.vector(depth - 1), self.vector(depth - 1)
        return f"({left}) {operator}{matching}({right})"

    def subquery(self):
        over = self.pick(
            [name for name in self.OVER if name not in ("absent_over_time", "changes", "resets")])
        return f"{over}(({self.vector(1)})[{self.pick(['5m', '10m'])}:1m])"


def ask(url, path, parameters):
    request = urllib.request.Request(
        url + path, data=urllib.parse.urlencode(parameters).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read()
        try:
            return json.loads(text)
        except ValueError:
            return {"status": "error", "errorType": str(error.code), "error": text.decode()[:200]}


def table(answer):
    """An answer as a mapping from labels and time to a number."""
    data = answer["data"]
    rows = {}
    if data["resultType"] in ("scalar", "string"):
        return {("", data["result"][0]): data["result"][1]}
    for series in data["result"]:
        labels = json.dumps(series["metric"], sort_keys=True)
        for stamp, value in series.get("values", [series["value"]] if "value" in series else []):
            rows[(labels, round(float(stamp), 3))] = value
    return rows


def close(one, two):
    a, b = float(one), float(two)
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    if math.isinf(a) or math.isinf(b):
        return a == b
    return abs(a - b) <= max(1e-9 * max(abs(a), abs(b)), 1e-12)


def known(query, want, have):
    """Whether versions of Prometheus differ in this too; see above."""
    if DATES.search(query) and "odd" in query:
        return True
    odd = not (math.isfinite(float(want)) and math.isfinite(float(have)))
    return bool(SPREAD.search(query)) and odd


def difference(query, expected, got):
    """What differs, or None."""
    if expected["status"] != got["status"]:
        return f"status {expected['status']} against {got['status']}: " + str(
            expected.get("error") or got.get("error"))
    if expected["status"] == "error":
        return None
    if expected["data"]["resultType"] != got["data"]["resultType"]:
        return "type of result"
    want, have = table(expected), table(got)
    for key in want.keys() | have.keys():
        if key not in have:
            return f"missing {key} = {want[key]}"
        if key not in want:
            return f"unexpected {key} = {have[key]}"
        if not close(want[key], have[key]) and not known(query, want[key], have[key]):
            return f"{key}: {want[key]} against {have[key]}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reference")
    parser.add_argument("other")
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)

    end = int(time.time()) // 60 * 60
    for body in bodies(end - STEPS * STEP, rng):
        send(options.reference, body)
        send(options.other, body)

    queries = Queries(rng, end)
    agreed = empty = differed = refused = 0
    for index in range(options.queries):
        if index % 10 == 9:
            path, parameters = "/api/v1/query", {
                "query": queries.subquery(), "time": end - 60 * rng.randrange(10) - 30}
        elif index % 2:
            path, parameters = "/api/v1/query", {
                "query": queries.vector(3), "time": end - 15 * rng.randrange(40)}
        else:
            path, parameters = "/api/v1/query_range", {
                "query": queries.vector(3), "start": end - 1800, "end": end,
                "step": rng.choice([15, 30, 60, 300])}
        expected = ask(options.reference, path, parameters)
        got = ask(options.other, path, parameters)
        found = difference(parameters["query"], expected, got)
        if found:
            differed += 1
            print(f"{path} {json.dumps(parameters)}: {found}")
        elif expected["status"] == "error":
            refused += 1
        else:
            agreed += 1
            empty += not table(expected)
    print(f"{agreed} agreed ({empty} empty), {differed} differed, {refused} refused by both")
    sys.exit(1 if differed or agreed - empty < options.queries / 2 else 0)


if __name__ == "__main__":
    main()
