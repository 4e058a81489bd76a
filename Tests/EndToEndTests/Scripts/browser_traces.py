"""Walks the pages of traces in a browser: `browser_traces.py http://127.0.0.1:9700`. The server must
take spans without a key. Ends with a sentence and a code other than 0 when something is wrong."""

import json
import sys
import time
import urllib.request

from browser_common import check, run
from playwright.sync_api import expect

BASE = sys.argv[1].rstrip("/")
TILL = {"resource": {"attributes": [
    {"key": "service.name", "value": {"stringValue": "till"}}]}}


def post(path, body):
    request = urllib.request.Request(
        BASE + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request).read()


def span(trace, number, parent, name, start, millis, error=None):
    row = {
        "traceId": "%032x" % trace, "spanId": "%016x" % (trace * 100_000 + number), "name": name,
        "kind": 2, "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + int(millis * 1e6)),
        "attributes": [{"key": "row", "value": {"intValue": str(number)}}],
    }
    if parent is not None:
        row["parentSpanId"] = "%016x" % (trace * 100_000 + parent)
    if error:
        row["status"] = {"code": 2, "message": error}
    return row


def send():
    """60 sales of some 30 ms; number 7 fails and takes 3 s; number 100 has 2,000 spans."""
    now = time.time_ns()
    spans = []
    for trace in range(1, 61):
        start, bad = now - int((61 - trace) * 20e9), trace == 57
        millis = 3000 if bad else 25 + trace % 10
        spans += [
            span(trace, 1, None, "POST /sale", start, millis, "till jammed" if bad else None),
            span(trace, 2, 1, "book", start + 2_000_000, millis - 4),
            span(trace, 3, 2, "INSERT sales", start + 3_000_000, millis - 8,
                 "drawer <b>jammed</b>" if bad else None),
            span(trace, 4, 1, "print", start + 1_000_000, 1),
        ]
    start = now - int(5e9)
    spans.append(span(100, 0, None, "close the day", start, 4000))
    spans += [span(100, number, (number - 1) // 8, "receipt", start + number * 1_000_000, 1)
              for number in range(1, 2000)]
    post("/v1/traces", {"resourceSpans": [TILL | {"scopeSpans": [{"spans": spans}]}]})
    post("/v1/logs", {"resourceLogs": [TILL | {"scopeLogs": [{"logRecords": [{
        "timeUnixNano": str(now - int(79e9)), "severityNumber": 17,
        "body": {"stringValue": "the drawer jams"}, "traceId": "%032x" % 57,
        "spanId": "%016x" % 5_700_003}]}]}]})


def listing(page):
    page.goto(BASE + "/traces?order=slowest&roots=1&service=till")
    expect(page.locator("table.traces tbody tr").first).to_contain_text("close the day")
    page.goto(BASE + "/traces?errors=1&service=till")
    expect(page.locator("table.traces tbody tr")).to_have_count(1)
    page.goto(BASE + "/traces?service=till&operation=INSERT+sales")
    box = page.locator("[data-scatter] .u-over")
    box.wait_for()
    area = box.bounding_box()
    page.mouse.move(area["x"] + 5, area["y"] + 5)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] - 5, area["y"] + area["height"] * 0.5, steps=8)
    page.mouse.up()
    page.wait_for_url("**min=*")
    expect(page.locator("table.traces tbody tr")).to_have_count(1)


def waterfall(page):
    page.goto(BASE + "/trace/%032x" % 57)
    errors = page.locator(".trace-errors li")
    expect(errors).to_have_count(2)
    check("drawer <b>jammed</b>" in errors.first.inner_text(), "the innermost error is not first")
    check(page.locator(".facts .badge").inner_text().endswith("slower than usual"),
          "a trace of 3 s among those of 30 ms is not called slow")
    check(page.locator("rect.critical").count() >= 3, "the critical path is not marked")
    first = page.locator(".span > summary").first
    first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    insert = page.locator(".span").nth(3)
    expect(insert.locator(".log .body")).to_have_text("the drawer jams")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    expect(insert).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(insert).to_be_visible()
    insert.locator("a:has-text('Logs of this span')").click()
    expect(page.locator(".log")).to_have_count(1)
    page.locator(".log > summary").click()
    page.locator("a:has-text('Show trace')").click()
    expect(page.locator(".span:target .fields dd").first).to_have_text("till")


def flame(page):
    page.goto(BASE + "/trace/%032x?view=flame" % 57)
    page.locator(".flame a[aria-label^=book] rect").first.click()
    page.wait_for_url("**span=*")
    expect(page.locator(".flame a")).to_have_count(2)


def large(page):
    page.goto(BASE + "/trace/%032x" % 100)
    expect(page.locator(".waterfall .span")).to_have_count(400)
    check("400 of 2,000 spans" in page.inner_text("main"), "the bound is not told")
    row = page.locator(".waterfall .span").nth(1)
    row.locator("summary").click()
    expect(row.locator(".fields dd").first).to_have_text("till")
    more = page.locator("a:has-text('spans below')").first
    page.evaluate("""() => { for (const a of document.querySelectorAll(".span > p > a")) {
        a.closest("details").open = true; break; } }""")
    more.click()
    page.wait_for_url("**span=*")
    check(page.locator(".waterfall .span").count() > 1, "what is below a span does not open")
    # A span that the whole view would leave out, by its address: there, open, in view and focused.
    last = "%016x" % (100 * 100_000 + 1999)
    page.goto(BASE + "/trace/%032x?near=%s" % (100, last))
    row = page.locator(".span.here")
    expect(row).to_have_id("s-" + last)
    expect(row).to_have_attribute("open", "")
    expect(row.locator("summary")).to_be_focused()
    expect(row.locator("summary")).to_be_in_viewport()
    expect(page.locator(".waterfall .span")).to_have_count(400)


def funnel(page):
    page.goto(BASE + "/traces/funnel")
    steps = page.locator("input[name=step]")
    for index, words in enumerate(
            ["name:\"POST /sale\"", "name:\"INSERT sales\" -status:error"]):
        steps.nth(index).fill(words)
    page.locator("button:has-text('Count')").click()
    expect(page.locator(".funnel strong")).to_have_text(["60 traces", "59 traces"])
    page.locator(".funnel .small a").first.click()
    page.wait_for_url("**/trace/*")


def looks(browser):
    browser.looks_right([("traces-" + name, path) for name, path in [
        ("list", "/traces"), ("failed", "/trace/%032x" % 57),
        ("flame", "/trace/%032x?view=flame" % 57), ("large", "/trace/%032x" % 100),
        ("funnel", "/traces/funnel?step=a&step=b")]])


def walk(browser):
    send()
    for step in [listing, waterfall, flame, large, funnel]:
        with browser.page() as page:
            step(page)
    looks(browser)


run(walk)
