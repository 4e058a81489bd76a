"""A fleet made up by a seed, as remote-write requests."""

import math
import struct
import urllib.request

STEP = 15
# The oldest sample must not be older than the newest of a scrape by more than an hour.
STEPS = 220
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
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
            yield {"__name__": "healthy", **base}, [float(rng.random() > 0.1) for _ in range(STEPS)]
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


