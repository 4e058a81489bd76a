"""Hostile data on every page: `browser_hostile.py http://127.0.0.1:9700`. Sends what nobody should
send, by doors that need no key, and walks all pages: nothing of it runs, asks another host, widens a
phone, makes a page huge or turns the order of the words around it."""

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from browser_common import DESK, PHONE, check, run
from playwright.sync_api import expect

BASE = sys.argv[1].rstrip("/")
# The most that a page may weigh before it is compressed.
PAGE_BYTES_MAX = 2_500_000
SCRIPT = "<script>hacked()</script>"
HANDLER = "\"><img src=x onerror=hacked()><svg onload=hacked()>'"
ADDRESS = "javascript:hacked()"
# An override without its end: what follows in the same run would be written backwards.
TURNED = "\u202eevil \u05e9\u05dc\u05d5\u05dd"
HIDDEN = "a\u200bb\u2060c\u00ad\ufeffd\u0000e"
TEMPLATE = "{{constructor.constructor('hacked()')()}}${hacked()}"
WORDS = [SCRIPT, HANDLER, ADDRESS, TURNED, HIDDEN, TEMPLATE]
LONG = "W" * 100_000
MARKED = "e" + "\u0301" * 50_000
DEEP = '{"a":' * 500 + "1" + "}" * 500
TRACE = "%032x" % 0xbad


def post(path, body, method="POST"):
    """Sends JSON; gives the status, since refusing hostile data is an answer too."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(
        BASE + path, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        check(error.code < 500, f"{path} failed with {error.code}")
        return error.code


def attributes(pairs):
    return [{"key": key, "value": {"stringValue": value}} for key, value in pairs]


def of(service):
    return {"attributes": attributes([("service.name", service), (HANDLER, SCRIPT)])}


def nested(depth):
    """Arrays in arrays, as text: Python's writer goes less deep."""
    return '{"arrayValue":{"values":[' * depth + '{"stringValue":"<b>"}' + "]}}" * depth


def send_logs(now):
    def record(ago, body, level=9, pairs=()):
        return {
            "timeUnixNano": str(now - ago * 1_000_000), "severityNumber": level,
            "severityText": SCRIPT, "body": {"stringValue": body}, "traceId": TRACE,
            "spanId": "%016x" % 1, "attributes": attributes(pairs)}

    for number, service in enumerate(WORDS):
        records = [record(number * 100 + at, body, 9 + 4 * (at % 4), zip(WORDS, WORDS[at:] + WORDS))
                   for at, body in enumerate(WORDS)]
        check(post("/v1/logs", {"resourceLogs": [
            {"resource": of(service), "scopeLogs": [{"logRecords": records}]}]}) == 200,
            "hostile logs are refused")
    big = [record(1, LONG), record(2, MARKED), record(3, DEEP, 17), record(4, "", 9, [("long", LONG)])]
    many = [record(1000 + at, f"user {at} {TURNED}", 9, [("user", f"u{at}{SCRIPT}")])
            for at in range(10_000)]
    for records in [big, many]:
        check(post("/v1/logs", {"resourceLogs": [
            {"resource": of("hostile"), "scopeLogs": [{"logRecords": records}]}]}) == 200,
            "large logs are refused")
    deep = record(5, "deep")
    deep["attributes"].append({"key": "deep", "value": "DEPTH"})
    body = json.dumps({"resourceLogs": [
        {"resource": of("hostile"), "scopeLogs": [{"logRecords": [deep]}]}]})
    post("/v1/logs", body.replace('"DEPTH"', nested(500)).encode())


def send_spans(now):
    def span(number, name, parent=None, millis=20, error=None):
        row = {
            "traceId": TRACE, "spanId": "%016x" % number, "name": name, "kind": 2,
            "startTimeUnixNano": str(now - 60_000_000_000 + number * 1_000_000),
            "endTimeUnixNano": str(now - 60_000_000_000 + (number + millis) * 1_000_000),
            "attributes": attributes([("url.full", ADDRESS), ("http.url", "//evil.example/"), *zip(
                WORDS, WORDS)]),
            "events": [{"timeUnixNano": str(now), "name": "exception", "attributes": attributes(
                [("exception.type", SCRIPT), ("exception.message", TURNED + HANDLER),
                 ("exception.stacktrace", LONG[:20_000])])}],
            "links": [{"traceId": TRACE, "spanId": "%016x" % 2, "attributes": attributes(
                [(HANDLER, ADDRESS)])}],
        }
        if parent:
            row["parentSpanId"] = "%016x" % parent
        if error:
            row["status"] = {"code": 2, "message": error}
        return row

    spans = [span(at + 1, name, at or None, 500 - at * 10, name) for at, name in enumerate(WORDS)]
    spans.append(span(50, LONG[:5000], 1))
    for at, row in enumerate(spans):
        check(post("/v1/traces", {"resourceSpans": [{
            "resource": of(WORDS[at % len(WORDS)]), "scopeSpans": [{"spans": [row]}]}]}) == 200,
            "hostile spans are refused")
    ends = span(60, "ends before it begins", 1, -10_000)
    past = dict(span(61, "of all time", 1), startTimeUnixNano="1", endTimeUnixNano=str(2**63 - 1))
    post("/v1/traces", {"resourceSpans": [{
        "resource": of("hostile"), "scopeSpans": [{"spans": [ends, past]}]}]})


def send_metrics(now):
    def gauge(name, points, unit=""):
        return {"name": name, "unit": unit, "description": HANDLER, "gauge": {"dataPoints": [
            {"timeUnixNano": str(now), "asDouble": value, "attributes": attributes(pairs)}
            for value, pairs in points]}}

    metrics = [gauge(name, [(1, [(HANDLER, SCRIPT), ("turned", TURNED)])], SCRIPT) for name in WORDS]
    metrics.append(gauge("hostile_odd", [
        (value, [("kind", str(value))]) for value in ["NaN", "Infinity", "-Infinity", 1e308, -1e308, 5e-324]]))
    metrics.append(gauge("hostile_many", [
        (at, [("user", f"u{at}{SCRIPT}")]) for at in range(10_000)]))
    post("/v1/metrics", {"resourceMetrics": [
        {"resource": of("hostile"), "scopeMetrics": [{"metrics": metrics}]}]})


def send_rest():
    panel = {"type": "text", "title": SCRIPT + TURNED, "description": HANDLER, "options": {
        "mode": "html", "content": SCRIPT + HANDLER + f"<a href='{ADDRESS}'>go</a>"}}
    markdown = {"type": "text", "title": HANDLER, "options": {
        "mode": "markdown", "content": f"[go]({ADDRESS}) {SCRIPT} ![x](x{HANDLER})"}}
    chart = {"type": "timeseries", "title": TEMPLATE, "links": [{"title": SCRIPT, "url": ADDRESS}],
             "targets": [{"expr": "hostile_odd", "legendFormat": SCRIPT + "{{kind}}"}]}
    table = {"type": "table", "title": TURNED, "targets": [
        {"expr": "hostile_many", "format": "table", "instant": True}]}
    post("/api/v1/dashboards/hostile", {
        "title": SCRIPT + TURNED, "description": HANDLER, "tags": WORDS,
        "links": [{"title": SCRIPT, "url": ADDRESS, "type": "link"}],
        "templating": {"list": [{"type": "custom", "name": "v", "label": SCRIPT, "query": ",".join(
            [SCRIPT, TURNED]), "current": {"value": SCRIPT}}]},
        "panels": [panel, markdown, chart, table]}, "PUT")
    for words in WORDS:
        post("/api/v1/deploys", {
            "service": words, "version": words, "environment": words, "link": ADDRESS})
        post("/api/v1/deploys", {"service": words, "version": words, "environment": words})


def pages():
    ask = urllib.parse.quote
    yield from ["/", "/map", "/logs?rows=500", "/logs?service=hostile", "/logs?view=patterns",
        "/logs?service=hostile&col=" + ask(HANDLER) + "&col=long",
        "/logs?q=" + ask("| count by user"), "/logs?q=" + ask("| count by service, severity_text"),
        "/logs?q=" + ask("| timechart count by user"), "/traces", "/traces?service=hostile",
        f"/trace/{TRACE}", f"/trace/{TRACE}?view=flame", "/explore", "/cardinality",
        "/explore?expr=hostile_odd", "/explore?expr=hostile_many",
        "/explore?expr=hostile_many&view=table", "/dashboards", "/d/hostile", "/logs/saved?at=/logs"]
    for at, words in enumerate(WORDS):
        word = ask(words, safe="")
        yield f"/services/{word}"
        yield f"/logs?q={word}&service={word}" if at % 2 else f"/explore?expr={word}&unit={word}"
    word = ask(HANDLER, safe="")
    yield from [f"/traces?q={word}&operation={word}&min={word}&order={word}",
        f"/trace/{TRACE}?span={word}&view={word}", f"/traces/funnel?step={word}&step={word}",
        f"/logs?range={word}&from={word}&to={word}&view={word}&before={word}&col={word}"]


def harmless(page, path):
    check(not page.evaluate("window.ran === true"), f"{path}: something ran")
    wrong = page.evaluate("""() => [...document.querySelectorAll("a[href], [src], form[action]")]
        .map((one) => new URL(one.href?.baseVal ?? one.href ?? one.src ?? one.action, location).href)
        .filter((one) => !one.startsWith(location.origin + "/"))""")
    check(not wrong, f"{path} leads to {wrong[:3]}")
    found = page.evaluate("""() => document.querySelectorAll(
        "main script, main iframe, main object, main [onerror], main [onload], main img[src=x]").length""")
    check(found == 0, f"{path} holds an element of the data")


def watched(page):
    page.add_init_script("window.hacked = () => { window.ran = true; };")
    page.on("dialog", lambda dialog: check(False, "a dialog opened: " + dialog.message))


def walk_pages(browser):
    with browser.page(PHONE) as page:
        watched(page)
        for path in pages():
            response = page.goto(browser.base + path, wait_until="load")
            check(response.status < 500, f"{path} answered {response.status}")
            size = len(response.body())
            check(size < PAGE_BYTES_MAX, f"{path} weighs {size} bytes")
            # A frame, so that charts are drawn and their words are there.
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
            # Panels come when they are seen.
            for body in page.locator(".panel-body").all():
                body.scroll_into_view_if_needed()
                body.locator(".skeleton").wait_for(state="detached")
            browser.is_narrow_enough(page)
            harmless(page, path)
    # A page that is not there tells the console so, and is no mistake of ours.
    word = urllib.parse.quote(HANDLER + TURNED, safe="")
    for path in [f"/trace/{word}", f"/d/{word}", f"/logs/context?service={word}&time={word}"]:
        with browser.chromium.new_context(viewport={"width": 390, "height": 844}) as context:
            page = context.new_page()
            watched(page)
            page.goto(browser.base + path)
            browser.is_narrow_enough(page)
            harmless(page, path)


def touch(browser):
    """What scripts make of the data: opened rows, tooltips, completion, the palette, a saved search."""
    with browser.page(DESK) as page:
        watched(page)
        browser.open(page, "/logs?service=hostile")
        for row in range(4):
            page.locator(".log > summary").nth(row).click()
        expect(page.locator(".log[open]")).to_have_count(4)
        page.locator(".log-field summary").first.click()
        page.click("#search")
        page.keyboard.type("us")
        page.locator(".suggestions li").first.wait_for()
        harmless(page, "completion")
        page.keyboard.press("Escape")
        page.keyboard.press("Control+k")
        page.keyboard.type("hacked")
        page.locator(".palette li", has_text="hacked").first.wait_for()
        harmless(page, "the palette")
        browser.open(page, f"/trace/{TRACE}")
        page.locator(".span > summary").first.click()
        harmless(page, "a span")
        browser.open(page, "/explore?expr=hostile_odd")
        box = page.locator(".chart .u-over")
        box.wait_for()
        area = box.bounding_box()
        page.mouse.move(area["x"] + area["width"] - 3, area["y"] + area["height"] / 2)
        harmless(page, "a tooltip")
        browser.open(page, "/logs/saved?at=" + urllib.parse.quote("/logs?q=" + SCRIPT, safe=""))
        page.fill("input[name=name]", SCRIPT + TURNED)
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/logs?**")
        harmless(page, "a saved search")


def order(browser):
    """A word that is written from right to left does not move its neighbours: each text node of a
    page stands behind the one before it on the same line."""
    with browser.page(DESK) as page:
        watched(page)
        for path in ["/", f"/trace/{TRACE}", "/map", "/logs?rows=20",
                     "/services/" + urllib.parse.quote(TURNED, safe="")]:
            browser.open(page, path)
            turned = page.evaluate("""() => {
              const wrong = [];
              for (const place of document.querySelectorAll("main li, main p, main h1, main h2, main td, main th, main summary")) {
                const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
                let last = null;
                for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                  if (!node.data.trim() || node.parentElement.closest("svg")) continue;
                  const range = document.createRange();
                  range.selectNodeContents(node);
                  const box = range.getClientRects()[0];
                  if (!box || !box.width) continue;
                  if (last && Math.abs(last.box.top - box.top) < 2 && box.left < last.box.left - 1) {
                    wrong.push(last.text + " | " + node.data.slice(0, 40));
                  }
                  last = { box, text: node.data.slice(0, 40) };
                  // In one node with words of ours it would turn these.
                  if (/^ ?(in|to|from|deployed|trace|span) .*\\u202e/.test(node.data)) wrong.push("within: " + node.data.slice(0, 60));
                }
              }
              return wrong.slice(0, 5);
            }""")
            check(not turned, f"{path}: the order is turned: {turned}")


def walk(browser):
    now = time.time_ns()
    send_logs(now)
    send_spans(now)
    send_metrics(now)
    send_rest()
    walk_pages(browser)
    touch(browser)
    order(browser)


run(walk)
