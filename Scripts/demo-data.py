#!/usr/bin/env python3
"""Fills a server with a day of fifty made-up services: logs, spans, and what is counted of them.

Usage: Scripts/demo-data.py http://127.0.0.1:9700 [SERVICES] [HOURS]
The same seed makes the same day. PERCH_TOKEN is a key with the right to ingest, where one is needed.
"""

import json
import os
import random
import sys
import time
import urllib.request

BASE = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:9700"
SERVICES = int(sys.argv[2]) if len(sys.argv) > 2 else 50
HOURS = int(sys.argv[3]) if len(sys.argv) > 3 else 24
STEP = 60
BOUNDS = [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10000, 15000]
WORDS = ["cart", "catalog", "search", "billing", "ledger", "mail", "media", "stock", "audit", "login",
         "export", "till", "pricing", "review", "route"]
random.seed(17)


def send(path, body, kind):
    request = urllib.request.Request(BASE + path, body, {"Content-Type": kind})
    if os.environ.get("PERCH_TOKEN"):
        request.add_header("Authorization", "Bearer " + os.environ["PERCH_TOKEN"])
    with urllib.request.urlopen(request, timeout=120) as answer:
        answer.read()


class Service:
    def __init__(self, index):
        self.name = f"{WORDS[index % len(WORDS)]}-{index:02d}"
        self.operations = [f"{verb} /{WORDS[(index + n) % len(WORDS)]}/{{id}}"
                           for n, verb in enumerate(["GET", "GET", "POST"])]
        self.rate = random.choice([0.2, 0.5, 1, 2, 5])
        self.errors = random.choice([0, 0.001, 0.002, 0.03])
        self.millis = random.choice([4, 12, 40, 180])
        self.calls = [f"{WORDS[n % len(WORDS)]}-{n:02d}"
                      for n in (index * 2 + 1, index * 2 + 2) if n < SERVICES]
        self.counts = {}


def labels(pairs):
    return "{" + ",".join(f'{name}="{value}"' for name, value in pairs) + "}"


def metrics(services, start, end):
    """Counters of spans and of calls, a sample a minute, as OpenMetrics text in parts."""
    lines = []
    for second in range(start, end, STEP):
        for service in services:
            for operation in service.operations:
                for status in ["STATUS_CODE_UNSET", "STATUS_CODE_ERROR"]:
                    share = service.errors if status.endswith("ERROR") else 1 - service.errors
                    key = (operation, status)
                    state = service.counts.setdefault(key, [0] * (len(BOUNDS) + 2))
                    more = int(service.rate * STEP / 3 * share * random.uniform(0.5, 1.5) + 0.5)
                    state[0] += more
                    for place, bound in enumerate(BOUNDS):
                        reach = min(1.0, (bound / (service.millis * 3)) ** 0.7)
                        state[place + 2] += int(more * reach)
                    pairs = [("service_name", service.name), ("span_name", operation),
                             ("span_kind", "SPAN_KIND_SERVER"), ("status_code", status)]
                    lines.append(f"traces_span_metrics_calls_total{labels(pairs)} {state[0]} {second}000")
                    for place, bound in enumerate(BOUNDS):
                        lines.append("traces_span_metrics_duration_milliseconds_bucket"
                                     f"{labels(pairs + [('le', bound)])} {state[place + 2]} {second}000")
                    lines.append("traces_span_metrics_duration_milliseconds_bucket"
                                 f"{labels(pairs + [('le', '+Inf')])} {state[0]} {second}000")
            for called in service.calls:
                state = service.counts.setdefault(called, [0, 0])
                state[0] += int(service.rate * STEP)
                pairs = [("client", service.name), ("server", called)]
                lines.append(f"traces_service_graph_request_total{labels(pairs)} {state[0]} {second}000")
        if len(lines) > 60_000:
            send("/api/v1/import/prometheus", ("\n".join(lines) + "\n").encode(), "text/plain")
            lines.clear()
    if lines:
        send("/api/v1/import/prometheus", ("\n".join(lines) + "\n").encode(), "text/plain")


def attribute(key, value):
    return {"key": key, "value": {"stringValue": value}}


def events(services, start, end, each):
    """One trace of two services and three lines of logs at each of so many moments a service."""
    spans, lines = {}, []
    for service in services:
        spans[service.name] = []
    for service in services:
        for _ in range(each):
            nanos = random.randrange(start, end) * 10**9 + random.randrange(10**9)
            trace, span = f"{random.getrandbits(128):032x}", f"{random.getrandbits(64):016x}"
            length = int(random.lognormvariate(0, 0.8) * service.millis * 1e6)
            failed = random.random() < service.errors
            operation = random.choice(service.operations)
            spans[service.name].append({
                "traceId": trace, "spanId": span, "name": operation, "kind": 2,
                "startTimeUnixNano": str(nanos), "endTimeUnixNano": str(nanos + length),
                "status": {"code": 2 if failed else 0},
                "attributes": [attribute("http.route", operation.split()[1])]})
            for called in service.calls[:1]:
                spans[called].append({
                    "traceId": trace, "spanId": f"{random.getrandbits(64):016x}",
                    "parentSpanId": span, "name": operation, "kind": 2,
                    "startTimeUnixNano": str(nanos + length // 4),
                    "endTimeUnixNano": str(nanos + length // 2)})
            for message, level in [("Request started", "debug"),
                                   (f"order {random.randrange(10**6)} taken", "info"),
                                   ("no answer from upstream" if failed else "Request completed",
                                    "error" if failed else "info")]:
                lines.append(json.dumps({
                    "time": nanos // 10**6, "level": level, "service": service.name,
                    "msg": message, "trace_id": trace, "span_id": span,
                    "request_id": trace[:16], "route": operation.split()[1],
                    "duration_ms": round(length / 1e6, 2)}))
    for at in range(0, len(lines), 20_000):
        send("/ingest/json", "\n".join(lines[at:at + 20_000]).encode(), "application/x-ndjson")
    for name, some in spans.items():
        for at in range(0, len(some), 5_000):
            body = {"resourceSpans": [{
                "resource": {"attributes": [attribute("service.name", name),
                                            attribute("service.version", "1.0.0")]},
                "scopeSpans": [{"spans": some[at:at + 5_000]}]}]}
            send("/v1/traces", json.dumps(body).encode(), "application/json")
    return len(lines), sum(len(some) for some in spans.values())


def main():
    services = [Service(index) for index in range(SERVICES)]
    end = int(time.time()) // STEP * STEP
    start = end - HOURS * 3600
    logs, spans = events(services, start, end, 200 * HOURS)
    print(f"{logs} log records, {spans} spans")
    metrics(services, start, end)
    print(f"counts of {SERVICES} services over {HOURS} h")


main()
