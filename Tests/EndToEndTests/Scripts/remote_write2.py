"""Sends remote write 2.0 by an encoder of its own, and prints what the server answers.

Usage: remote_write2.py ADDRESS NOW_SECONDS. Each line of output is a status and the three counts.
Sources: prometheus.io/docs/specs/prw/remote_write_spec_2_0; protobuf.dev/programming-guides/encoding;
github.com/google/snappy, format_description.txt.
"""

import struct
import sys
import urllib.error
import urllib.request


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def integer(number, value):
    return varint(number << 3) + varint(value & (1 << 64) - 1)


def double(number, value):
    return varint(number << 3 | 1) + struct.pack("<d", value)


def zigzag(value):
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def snappy(data):
    """Literals only, which every reader takes."""
    out = varint(len(data))
    for start in range(0, len(data), 60):
        piece = data[start : start + 60]
        out += bytes([len(piece) - 1 << 2]) + piece
    return out


class Request:
    def __init__(self):
        self.symbols = {"": 0}
        self.series = b""

    def symbol(self, text):
        return self.symbols.setdefault(text, len(self.symbols))

    def references(self, labels):
        pairs = sorted(labels.items())
        return field(
            1, b"".join(varint(self.symbol(text)) for pair in pairs for text in pair)
        )

    def add(self, labels, *parts, kind=0, help="", unit=""):
        metadata = integer(1, kind) + integer(3, self.symbol(help)) + integer(4, self.symbol(unit))
        self.series += field(5, self.references(labels) + b"".join(parts) + field(5, metadata))

    def exemplar(self, labels, value, time):
        return field(4, self.references(labels) + double(2, value) + integer(3, time))

    def body(self):
        return b"".join(field(4, text.encode()) for text in self.symbols) + self.series


def sample(value, time, start=0):
    return field(2, double(1, value) + integer(2, time) + (integer(3, start) if start else b""))


def histogram(time, counts):
    deltas = b"".join(
        zigzag(count - before) for before, count in zip([0] + counts, counts)
    )
    span = zigzag(1)
    return field(
        3,
        integer(1, sum(counts))
        + double(3, 4.5)
        + field(11, b"\x08" + span + integer(2, len(counts)))
        + field(12, deltas)
        + integer(15, time),
    )


def send(address, body, proto="io.prometheus.write.v2.Request"):
    request = urllib.request.Request(
        address + "/api/v1/write",
        data=snappy(body),
        headers={
            "Content-Type": "application/x-protobuf;proto=" + proto,
            "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": "2.0.0",
        },
    )
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    counts = [
        answer.headers.get(f"X-Prometheus-Remote-Write-{kind}-Written", "-")
        for kind in ("Samples", "Histograms", "Exemplars")
    ]
    print(answer.status, *counts)


def main():
    address, now = sys.argv[1], int(sys.argv[2]) * 1000
    good = Request()
    good.add(
        {"__name__": "till_sales_total", "shop": "mitte ü"},
        sample(3, now - 15000, now - 60000),
        sample(5, now, now - 60000),
        good.exemplar({"trace_id": "abc"}, 2, now - 1),
        kind=1,
        help="Sales.",
    )
    good.add(
        {"__name__": "till_wait_seconds", "shop": "mitte ü"},
        histogram(now, [1, 0, 4]),
        kind=3,
        help="Waiting.",
        unit="seconds",
    )
    send(address, good.body())
    send(address, good.body())
    part = Request()
    part.add({"shop": "nameless"}, sample(1, now))
    part.add({"__name__": "till_open"}, sample(1, now))
    send(address, part.body())
    send(address, good.body()[:-5])
    send(address, good.body(), proto="io.prometheus.write.v3.Request")


main()
