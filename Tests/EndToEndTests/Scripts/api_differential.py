"""Asks two servers the same requests of Prometheus' API and compares statuses, shapes and data.

    api_differential.py REFERENCE_URL URL --port PORT [--promtool PROGRAM] [--verbose]

Writes the same samples to both by remote write, serves both a target at --port to scrape, then asks
all that api_requests.py lists. Shapes are keys and types: a key of the reference must be there; keys
besides are allowed. With --promtool its queries are asked of both and what it prints is compared.
Prints one line a difference and last `N compared, N differed`; the exit status is 1 when any was.

Where version 3 of Prometheus differs from version 2, which the reference is: see KNOWN.
"""

import argparse
import http.server
import json
import math
import random
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from api_requests import requests
from differential_fleet import STEP, STEPS, bodies, field, send, snappy, varint

# What version 3 says otherwise, by the text of version 2.
EMPTY = "1:1: parse error: no expression found in input"
KNOWN = {
    'invalid parameter "query": ' + EMPTY:
        'invalid parameter "query": unknown position: parse error: no expression found in input',
    EMPTY: 'invalid parameter "query": unknown position: parse error: no expression found in input',
}

TARGET = b"""# HELP till What the till holds.
# TYPE till gauge
till{shop="mitte"} 3
# TYPE visitors counter
visitors_total{shop="mitte"} 7
"""


class Target(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(TARGET)))
        self.end_headers()
        self.wfile.write(TARGET)

    def log_message(self, *words):
        pass


def ask(url, path, parameters):
    """The status, the type of the content and the JSON of an answer, or its text."""
    method, _, path = path.rpartition(" ")
    method = method or "GET"
    path = path if path.startswith("/") else "/api/v1/" + path
    form = urllib.parse.urlencode(parameters, doseq=True)
    data, headers = None, {}
    if method == "POST":
        data, headers = form.encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    elif form:
        path += "?" + form
    request = urllib.request.Request(url + path, data=data, headers=headers, method=method)
    try:
        answer = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        text = answer.read().decode()
        try:
            body = json.loads(text)
        except ValueError:
            body = text
        return answer.status, answer.headers.get("Content-Type"), body


def missing(want, have, maps, place=""):
    """The first thing that the reference's answer has and the other's has not, or None."""
    if isinstance(want, bool) or not isinstance(want, (dict, list, int, float)):
        same = type(want) is type(have)
    elif isinstance(want, (int, float)):
        same = isinstance(have, (int, float)) and not isinstance(have, bool)
    else:
        same = type(want) is type(have)
    if not same:
        return f"{place or 'the answer'} is {json.dumps(have)[:60]}, not {json.dumps(want)[:60]}"
    if isinstance(want, list) and want:
        if not have:
            return f"{place} is empty"
        return missing(want[0], have[0], maps, place + "[]")
    if isinstance(want, dict):
        if place.rpartition(".")[2] in maps:
            want = dict(list(want.items())[:1])
            have = {key: next(iter(have.values()), None) for key in want}
        for key, value in want.items():
            if key not in have:
                return f"{place}.{key} is missing"
            found = missing(value, have[key], maps, f"{place}.{key}" if place else key)
            if found:
                return found
    return None


def close(want, have):
    """Whether all is equal, numbers in texts but for their last digits."""
    if isinstance(want, dict) and isinstance(have, dict):
        return want.keys() == have.keys() and all(close(want[key], have[key]) for key in want)
    if isinstance(want, list) and isinstance(have, list):
        return len(want) == len(have) and all(map(close, want, have))
    try:
        return math.isclose(float(want), float(have), rel_tol=1e-9) or want == have
    except (TypeError, ValueError):
        return want == have


def in_order(value):
    """Lists of series, whose order is free, in one order."""
    if isinstance(value, dict):
        return {key: in_order(entry) for key, entry in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return sorted(map(in_order, value), key=lambda entry: json.dumps(entry, sort_keys=True))
    return value


def difference(want, have, how):
    (status, kind, one), (other_status, other_kind, two) = want, have
    if status != other_status:
        return f"status {other_status}, not {status}: {str(two)[:160]} | {str(one)[:160]}"
    if how == "status":
        return None
    if (kind or "").split(";")[0] != (other_kind or "").split(";")[0]:
        return f"content type {other_kind}, not {kind}"
    if isinstance(one, str):
        return None if one == two else f"{two[:300]!r}, not {one[:300]!r}"
    words = how.split()
    found = missing(one, two, words[1:] if words[:1] == ["map"] else [])
    if found:
        return found
    if one.get("errorType") != two.get("errorType"):
        return f"errorType {two.get('errorType')}, not {one.get('errorType')}"
    if how == "text" and KNOWN.get(one.get("error"), one.get("error")) != two.get("error"):
        return f"error {two.get('error')!r}, not {one.get('error')!r}"
    one, two = in_order(one.get("data")), in_order(two.get("data"))
    if how == "exact" and one != two or how == "close" and not close(one, two):
        return f"{json.dumps(two)[:300]}, not {json.dumps(one)[:300]}"
    return None


def promtool(program, url, arguments):
    """What it prints, with the series in one order, and its exit status."""
    words = [url if word == "URL" else word for word in arguments]
    result = subprocess.run(
        [program, "query"] + words, capture_output=True, text=True, timeout=60)
    blocks = re.split(r"\n(?=\S*\{.*=>)", result.stdout.strip())
    return result.returncode, sorted(blocks) if "labels" not in words[0] else blocks


def promtool_queries(end):
    some = 'requests_total{job="api"}'
    times = [f"--start={end - 600}", f"--end={end}"]
    for query in (some, "round(sum by (job) (rate(requests_total[5m])), 0.001)", "odd", "1 / 3", '"words"',
                  some + "[1m]", "sum(", "nothing"):
        yield ["instant", f"--time={end}", "URL", query]
    for query in (some, "quantile_over_time(0.5, temperature[3m])", "time()", "nothing", "sum("):
        yield ["range", *times, "--step=45s", "URL", query]
    yield ["series", *times, "--match=" + some, "--match=odd", "URL"]
    yield ["series", *times, "--match=a{", "URL"]
    yield ["labels", *times, "URL", "job"]
    yield ["labels", *times, "URL", "nothing"]


def exemplar_body(end):
    """A counter whose sample has an exemplar, as remote write."""
    import struct
    label = lambda name, value: field(1, field(1, name.encode()) + field(2, value.encode()))
    sample = b"\x09" + struct.pack("<d", 3.0) + b"\x10" + varint((end - 60) * 1000)
    exemplar = (label("trace_id", "abc") + b"\x11" + struct.pack("<d", 0.5) + b"\x18"
                + varint((end - 60) * 1000 - 250))
    return snappy(field(1, label("__name__", "seen_total") + label("job", "web")
                        + field(2, sample) + field(3, exemplar)))


def wait_for_scrapes(url):
    for _ in range(300):
        targets = ask(url, "targets", {})[2]["data"]["activeTargets"]
        if len(targets) == 2 and all(target["health"] != "unknown" for target in targets):
            return
        time.sleep(0.1)
    sys.exit(f"{url} does not scrape")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reference")
    parser.add_argument("other")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--promtool")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Target)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    urls = [options.reference, options.other]
    end = int(time.time()) // 60 * 60
    for body in [*bodies(end - STEPS * STEP, random.Random(1)), exemplar_body(end)]:
        for url in urls:
            send(url, body)
    for url in urls:
        wait_for_scrapes(url)
    compared = differed = 0

    def count(what, want, have, found):
        nonlocal compared, differed
        compared += 1
        if found:
            differed += 1
            print(f"{what}: {found}")
        elif options.verbose:
            print(f"{what}\n    {str(want)[:400]}\n    {str(have)[:400]}")

    for arguments in promtool_queries(end) if options.promtool else ():
        want, have = (promtool(options.promtool, url, arguments) for url in urls)
        # What it prints of errors goes to standard error, with the address.
        count("promtool query " + " ".join(arguments), want, have,
              None if want == have else f"{have}, not {want}")
    for path, parameters, how in requests(end):
        want, have = (ask(url, path, parameters) for url in urls)
        count(f"{path} {parameters}", want, have, difference(want, have, how))
    print(f"{compared} compared, {differed} differed")
    sys.exit(1 if differed else 0)


if __name__ == "__main__":
    main()
