"""Reads by the Python client of Prometheus' API (PyPI, prometheus-api-client) what it wrote itself.

    api_client.py ADDRESS

Writes samples as text, asks for them by the client's calls, and prints `N calls agree`. What does not
agree is an AssertionError.
"""

import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone

from prometheus_api_client import PrometheusApiClientException, PrometheusConnect

STEP, STEPS = 15, 60
SHOPS = {"mitte": 100, "nord": 200, "süd": 300}
COUNT = 0


def agree(what, want, have):
    global COUNT
    COUNT += 1
    assert want == have, f"{what}: {have}, not {want}"


def value(shop, step):
    return SHOPS[shop] + step / 8


def write(address, begin):
    lines = [
        f'till_open{{shop="{shop}",floor="{len(shop)}"}} {value(shop, step)!r} '
        f"{(begin + step * STEP) * 1000}"
        for shop in SHOPS for step in range(STEPS)
    ]
    text = "# HELP till_open Tills that are open.\n# TYPE till_open gauge\n" + "\n".join(lines)
    request = urllib.request.Request(
        address + "/api/v1/import/prometheus", data=(text + "\n").encode(),
        headers={"Content-Type": "text/plain"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        agree("import", 204, answer.status)


def moment(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc)


def main():
    address = sys.argv[1]
    end = int(time.time()) // STEP * STEP - STEP
    begin = end - (STEPS - 1) * STEP
    write(address, begin)
    client = PrometheusConnect(url=address)
    agree("connection", True, client.check_prometheus_connection())

    now = client.get_current_metric_value("till_open")
    agree("now", {shop: str(value(shop, STEPS - 1)) for shop in SHOPS},
          {row["metric"]["shop"]: row["value"][1] for row in now})
    one = client.get_current_metric_value("till_open", label_config={"shop": "süd"})
    agree("one", [{"__name__": "till_open", "shop": "süd", "floor": "3"}],
          [row["metric"] for row in one])

    # Ranges are open on the left, so they begin between two samples and are asked in pieces.
    rows = client.get_metric_range_data(
        "till_open", label_config={"shop": "nord"}, start_time=moment(begin - 5),
        end_time=moment(end + 10), chunk_size=timedelta(minutes=5))
    points = [(point[0], float(point[1])) for row in rows for point in row["values"]]
    agree("range", [(begin + i * STEP, value("nord", i)) for i in range(STEPS)], points)

    summed = client.custom_query("sum(till_open)", params={"time": begin + 30 * STEP})
    agree("sum", [begin + 30 * STEP, str(sum(value(shop, 30) for shop in SHOPS))],
          summed[0]["value"])
    table = client.custom_query_range(
        "till_open{shop=~'m.*'}", start_time=moment(begin), end_time=moment(end), step="30")
    agree("steps", [[begin + i * STEP, value("mitte", i)] for i in range(0, STEPS, 2)],
          [[at, float(number)] for at, number in table[0]["values"]])
    try:
        client.custom_query("sum(")
        agree("mistake", "refused", "answered")
    except PrometheusApiClientException as failure:
        agree("mistake", True, "HTTP Status Code 400" in str(failure))

    agree("metrics", ["till_open"], client.all_metrics())
    agree("names", ["__name__", "floor", "shop"], client.get_label_names())
    agree("values", sorted(SHOPS), client.get_label_values("shop"))
    agree("values of some", ["mitte"], client.get_label_values(
        "shop", params={"match[]": 'till_open{floor="5"}'}))
    if hasattr(client, "get_series"):
        found = client.get_series(
            start=moment(begin), end=moment(end), params={"match[]": 'till_open{shop="mitte"}'})
        agree("series", [{"__name__": "till_open", "shop": "mitte", "floor": "5"}], found)
    if hasattr(client, "get_metric_metadata"):
        agree("metadata", True, "Tills that are open." in str(
            client.get_metric_metadata("till_open")))
    print(f"{COUNT} calls agree")


main()
