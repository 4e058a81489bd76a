"""Asks two servers the same generated PromQL queries and compares every answer.

Writes the same samples to both by remote write, then compares instant and range queries value by
value. With --exporter, both servers are expected to scrape 127.0.0.1 at --port, where this program
passes on what the exporter says, and the same is done with what they scraped. The first server is
the reference.

    promql_differential.py REFERENCE_URL URL [--queries N] [--seed S]
        [--exporter URL --port PORT --scraped-queries N]

Prints one line a difference and for each data `N agreed (N empty), N differed, N refused by both`;
the exit status is 1 when anything differed or too few answers held anything. Sample times are never
on a boundary of a range (5 s beside multiples of 15 s), so that left-open and left-closed ranges
agree.

Where versions 2 and 3 of Prometheus differ otherwise, questions and data stay away, or an answer
is let pass (see known): rates at the begin of a series are extrapolated otherwise, so series begin
long before what is asked; stdvar and stddev over infinities; predict_linear with a fixed time,
which version 2 answers for the first step only; comparisons of vectors where several rows meet
one; names that atan2 keeps. Parts of a date of NaN or an infinity are NaN here; Prometheus gives
what its processor makes of them.
"""

import argparse
import json
import math
import random
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from differential_fleet import STEP, STEPS, bodies, send
from differential_queries import NodeQueries, Queries
from differential_scrape import Between

DATES = re.compile(
    r"\b(minute|hour|day_of_week|day_of_month|days_in_month|month|year|day_of_year)\b")
SPREAD = re.compile(r"\b(stdvar|stddev)")


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


def compare_queries(options, queries, count, end):
    """Asks both servers; answers whether all agreed and enough held anything."""
    rng = queries.rng
    agreed = empty = differed = refused = 0
    for index in range(count):
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
    return not differed and agreed - empty >= count / 2


def listed(url, path, parameters):
    """The data of an answer, in an order of its own."""
    data = ask(url, path, parameters).get("data")
    if isinstance(data, list):
        return sorted(json.dumps(entry, sort_keys=True) for entry in data)
    return data


def compare_lists(options, end):
    """Series, labels and descriptions of what was scraped."""
    times = {"start": end - 1800, "end": end}
    asked = [("/api/v1/series", {"match[]": '{job="node"}', **times}),
             ("/api/v1/labels", {"match[]": '{job="node"}', **times})]
    agree = True
    for path, parameters in asked:
        expected = listed(options.reference, path, parameters)
        got = listed(options.other, path, parameters)
        if not expected or expected != got:
            agree = False
            print(f"{path} {parameters}: {str(expected)[:300]} against {str(got)[:300]}")
    for name in listed(options.reference, *asked[1]):
        path = f"/api/v1/label/{json.loads(name)}/values"
        parameters = "?" + urllib.parse.urlencode(asked[1][1])
        expected, got = (
            fetch(url + path + parameters) for url in (options.reference, options.other))
        if expected != got:
            agree = False
            print(f"{path}: {str(expected)[:300]} against {str(got)[:300]}")
    described = [fetch(url + "/api/v1/metadata") for url in (options.reference, options.other)]
    for name in described[0]["data"].keys():
        if name.startswith("node_") and described[0]["data"][name] != described[1]["data"].get(name):
            agree = False
            print(f"metadata of {name}: {described[0]['data'][name]} against "
                  f"{described[1]['data'].get(name)}")
    return agree


def fetch(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reference")
    parser.add_argument("other")
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--exporter")
    parser.add_argument("--port", type=int)
    parser.add_argument("--scraped-queries", type=int, default=1000)
    options = parser.parse_args()
    rng = random.Random(options.seed)

    end = int(time.time()) // 60 * 60
    for body in bodies(end - STEPS * STEP, rng):
        send(options.reference, body)
        send(options.other, body)
    between = options.exporter and Between(
        options.exporter, options.port, end, [options.reference, options.other])
    agree = compare_queries(options, Queries(rng, end), options.queries, end)
    if between:
        if not between.done.wait(300):
            sys.exit(f"after five minutes at step {between.step}")
        agree = compare_lists(options, end) and agree
        agree = compare_queries(
            options, NodeQueries(rng, end), options.scraped_queries, end) and agree
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main()
