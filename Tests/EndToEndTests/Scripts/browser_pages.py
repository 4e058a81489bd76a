"""Every page: light and dark, narrow and wide, by axe; then the ways that people go."""

import json
import urllib.request

from browser_common import check, run
from playwright.sync_api import expect

PAGES = [
    ("home", "/"), ("service", "/services/shop-api"), ("map", "/map"), ("logs", "/logs?rows=50"),
    ("patterns", "/logs?view=patterns"), ("traces", "/traces"), ("metrics", "/explore"),
    ("promql", "/explore?expr=sum+by+(route)+(rate(http_requests_total%5B1m%5D))&range=15m"),
    ("cardinality", "/cardinality"), ("dashboards", "/dashboards"), ("dashboard", "/d/starter"),
    ("about", "/about"),
]
STARTER = {
    "title": "Starter",
    "panels": [
        {"type": "graph", "title": "Requests", "targets": [
            {"expr": "sum by (route) (rate(http_requests_total[1m]))"}]},
        {"type": "stat", "title": "Series", "targets": [{"expr": "count(http_requests_total)"}]},
    ],
}


def save_starter(base):
    request = urllib.request.Request(
        base + "/api/v1/dashboards/starter", json.dumps(STARTER).encode(), method="PUT",
        headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request).read()


def looks(browser):
    browser.looks_right(PAGES)
    # Readable without scripts too.
    with browser.page(scripts=False) as page:
        for name, path in PAGES:
            browser.open(page, path)
            check(len(page.inner_text("main")) > 20, f"{path} is empty without scripts")


def three_clicks(browser):
    """From a service in trouble to a failed trace to its logs."""
    with browser.page() as page:
        browser.open(page, "/")
        page.get_by_role("link", name="Failed traces").or_(
            page.locator("td a.bad, td a.some")).first.click()
        page.wait_for_url("**/traces?**errors=1**")
        page.locator("table tbody th a").first.click()
        page.wait_for_url("**/trace/**")
        check("error" in page.content(), "the trace shows no error")
        page.get_by_role("link", name="Logs of this trace").or_(
            page.locator("a[href*='trace_id']")).or_(page.locator("details.log > summary")
        ).first.click()
        expect(page.locator(".log").first).to_be_visible()


def palette(browser):
    """Anywhere by keyboard."""
    with browser.page() as page:
        browser.open(page, "/logs")
        page.keyboard.press("Control+k")
        page.keyboard.type("shop-pay")
        page.locator(".palette li", has_text="shop-payments").wait_for()
        page.keyboard.press("Enter")
        page.wait_for_url("**/services/shop-payments**")
        browser.open(page, "/map")
        page.keyboard.press("/")
        check(page.locator("dialog.palette").is_visible(), "/ opens no palette")
        page.keyboard.press("Escape")
        check(not page.locator("dialog.palette").is_visible(), "Escape leaves the palette open")


def metrics(browser):
    """A question is completed, asked, brushed."""
    with browser.page() as page:
        browser.open(page, "/explore?range=15m")
        page.click("#expr-0")
        page.keyboard.type("rate(http_requests_t")
        page.locator(".suggestions li", has_text="http_requests_total").first.wait_for()
        page.keyboard.press("Tab")
        page.keyboard.type("[1m])")
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**expr=**")
        page.locator(".chart .uplot").wait_for()
        box = page.locator(".chart .u-over").bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 60, steps=5)
        page.mouse.up()
        page.wait_for_url("**from=**")
        browser.open(page, "/explore?expr=sum(rate(x%5B5m%5D)")
        check(page.locator(".mistake mark").count() == 1, "the mistake has no place")


def dashboard(browser):
    """Edited in place by keyboard and by hand, saved, shared."""
    with browser.page() as page:
        browser.open(page, "/d/starter?edit=1")
        page.locator(".panel .chart .uplot").first.wait_for()
        page.locator("[data-panel='2']").focus()
        before = page.locator("[data-panel='2']").bounding_box()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Shift+ArrowRight")
        after = page.locator("[data-panel='2']").bounding_box()
        check(after["y"] > before["y"], "the panel did not move")
        page.locator("[data-panel='2'] header").get_by_role("button", name="Edit").click()
        page.get_by_label("Title").fill("Kinds of series")
        page.get_by_role("button", name="Take over").click()
        page.get_by_role("button", name="Save").click()
        page.locator("h3", has_text="Kinds of series").wait_for()
        saved = page.request.get(browser.base + "/api/v1/dashboards/starter").json()
        check(saved["panels"][1]["title"] == "Kinds of series", "the title was not saved")
        check(saved["panels"][1]["gridPos"]["w"] > 0, "the place was not saved")


def walk(browser):
    save_starter(browser.base)
    looks(browser)
    three_clicks(browser)
    palette(browser)
    metrics(browser)
    dashboard(browser)


run(walk)
