"""Walks the page Logs in a browser: `browser_logs.py http://127.0.0.1:9700`. The server must take
logs without a key. Ends with a sentence and a code other than 0 when something is not as it should be."""

import json
import sys
import time
import urllib.request

from browser_common import check, run
from playwright.sync_api import expect

BASE = sys.argv[1].rstrip("/")


def send(records):
    """Logs of the service `till`, each (seconds ago, level, message, attributes)."""
    now = time.time_ns()
    rows = []
    for ago, number, text, attributes in records:
        rows.append({
            "timeUnixNano": str(now - int(ago * 1e9)), "severityNumber": number,
            "body": {"stringValue": text},
            "attributes": [{"key": key, "value": {"stringValue": value}}
                           for key, value in attributes.items()],
            "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174",
        })
    body = {"resourceLogs": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "till"}}]},
        "scopeLogs": [{"logRecords": rows}]}]}
    request = urllib.request.Request(
        BASE + "/v1/logs", json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request).read()


def completion(page):
    """By keyboard only: a field, then a value, then the search."""
    page.goto(BASE + "/logs")
    page.keyboard.press("/")
    page.keyboard.type("drawe")
    page.wait_for_selector(".suggestions li")
    page.keyboard.press("ArrowDown")
    check(page.locator("#search").get_attribute("aria-activedescendant"),
          "the chosen completion is not told to a screen reader")
    page.keyboard.press("Enter")
    check(page.locator("#search").input_value() == "drawer:", "the field was not completed")
    page.wait_for_selector(".suggestions li:has-text('front')")
    page.keyboard.type("fr")
    expect(page.locator(".suggestions li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    check(page.locator("#search").input_value().strip() == "drawer:front",
          "the value was not completed")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=drawer*")
    expect(page.locator(".log")).to_have_count(30)


def fields(page):
    page.goto(BASE + "/logs?q=drawer:*")
    page.locator(".log-field summary:has-text('drawer')").click()
    page.locator(".log-value:has-text('back')").click()
    page.wait_for_url("**drawer%3Aback*")
    check(page.locator(".log").count() == 30, "a value of the sidebar narrowed to other records")
    page.go_back()
    page.locator(".log-field summary:has-text('drawer')").click()
    page.locator(".log-value:has-text('back')").click(modifiers=["Alt"])
    page.wait_for_url("**-drawer%3Aback*")
    check(page.locator(".log").count() == 30, "Alt and a click did not leave a value out")


def rows(page):
    page.goto(BASE + "/logs?q=drawer:*")
    first = page.locator(".log > summary").first
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    second = page.locator(".log").nth(1)
    check(second.get_attribute("open") is not None, "a record does not open by keyboard")
    check(second.locator("a:has-text('Show trace')").get_attribute("href")
          == "/trace/5b8efff798038103d269b633813fc60c?near=eee19b7ec3c1b174#s-eee19b7ec3c1b174", "a record does not lead to its trace")
    second.locator("a:has-text('Before and after')").click()
    page.wait_for_selector(".log-near .log.marked")
    second.locator(".log-acts button[aria-label='Show as column drawer']").click()
    page.wait_for_url("**col=drawer*")
    check(page.locator(".log .col").count() == 60, "the column is not on each record")


def brush(page):
    page.goto(BASE + "/logs?q=drawer:*")
    box = page.locator(".brush").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=5)
    page.mouse.move(box["x"] + box["width"] * 0.995, middle, steps=5)
    page.mouse.up()
    page.wait_for_url("**from=*to=*")
    check("q=drawer" in page.url, "the brush lost the search")
    bars = page.locator(".bars a")
    bars.last.focus()
    page.keyboard.press("ArrowLeft")
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    check(label and "records" in label, "the arrow keys do not walk along the bars")


def live(page):
    page.goto(BASE + "/logs?view=live&q=drawer:live")
    page.wait_for_selector(".log-live-state.on")
    send([(0, 9, "<b>live one</b>", {"drawer": "live"}), (0, 9, "other", {"drawer": "front"})])
    page.wait_for_selector(".log-live .log")
    check(page.locator(".log-live .body").all_inner_texts() == ["<b>live one</b>"],
          "the live view shows other records than those that fit")
    page.locator("[data-tail-pause]").click()
    send([(0, 17, "live two", {"drawer": "live"})])
    page.wait_for_selector(".log-live-state:has-text('1 wait')")
    check(page.locator(".log-live .log").count() == 1, "a paused view goes on")
    page.locator("[data-tail-pause]").click()
    page.wait_for_selector(".log-live .log.l-error")


def views(page):
    for path, words in [
        ("/logs?view=patterns&q=drawer:*", "drawer opened"),
        ("/logs?q=drawer:*+|+count+by+drawer", "front"),
        ("/logs?q=drawer:*+|+timechart+count+by+drawer", "front"),
        ("/logs?q=level:error+AND+(timeout", "cannot be read"),
    ]:
        page.goto(BASE + path)
        check(words in page.inner_text("main"), path + " lacks “" + words + "”")
    page.goto(BASE + "/logs?q=drawer:front")
    page.locator(".log-saved summary").click()
    page.locator(".log-saved a:has-text('Save this search')").click()
    page.fill("input[name=name]", "Front drawer")
    page.locator("button:has-text('Save')").click()
    page.wait_for_url("**/logs?q=drawer*")
    page.locator(".log-saved summary").click()
    check(page.locator(".log-saved-list a").all_inner_texts() == ["Front drawer"],
          "a saved search is not in the list")


def looks(browser):
    browser.looks_right([("logs-" + name, path) for name, path in [
        ("all", "/logs?rows=50"), ("columns", "/logs?rows=50&col=drawer&col=service.name"),
        ("patterns", "/logs?view=patterns"), ("live", "/logs?view=live"),
        ("question", "/logs?q=|+count+by+drawer"), ("saved", "/logs/saved?at=/logs")]])


def walk(browser):
    send([(60 * number + 5, 9, "drawer opened after %d s" % number,
           {"drawer": "front" if number % 2 else "back"}) for number in range(1, 51)]
         + [(30 + number / 10, 9, "drawer opened after %d s" % number,
             {"drawer": "front" if number % 2 else "back"}) for number in range(10)]
         + [(40, 13, "paper is out", {})])
    for step in [completion, fields, rows, brush, live, views]:
        with browser.page() as page:
            step(page)
    looks(browser)


run(walk)
