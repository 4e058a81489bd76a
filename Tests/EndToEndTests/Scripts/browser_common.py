"""What the browser scripts share: a browser that keeps every mistake of a page, and checks that hold
for each page. A script takes the server's address, and ends with a sentence when something is wrong.
"""

import pathlib
import sys
import urllib.parse
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

PHONE, DESK, WALL = (390, 844), (1280, 900), (1920, 1080)
# A deploy or a slow query is no mistake of the page; these are.
AXE_SEVERITIES = ("serious", "critical")


def fail(words):
    sys.exit("browser: " + words)


def check(holds, words):
    if not holds:
        fail(words)


class Browser:
    """One browser against one server."""

    def __init__(self, chromium, base):
        self.chromium = chromium
        self.base = base

    @contextmanager
    def page(self, size=DESK, dark=False, scripts=True):
        """A fresh page; it fails when it told a mistake or asked another host."""
        context = self.chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light", java_script_enabled=scripts)
        page = context.new_page()
        page.set_default_timeout(45_000)
        mistakes = []
        page.on("console", lambda m: mistakes.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: mistakes.append(str(error)))

        def asked(request):
            url = urllib.parse.urlparse(request.url)
            if url.scheme in ("http", "https", "ws", "wss") and url.hostname != "127.0.0.1":
                mistakes.append("asked another host: " + request.url)

        page.on("request", asked)
        yield page
        check(not mistakes, f"{page.url}: {mistakes[:3]}")
        context.close()

    def open(self, page, path):
        response = page.goto(self.base + path)
        check(response.status == 200, f"{path} answered {response.status}")

    def settle(self, page):
        """Waits until scripts have run and the charts in view are drawn."""
        page.wait_for_function("""() => document.readyState === "complete"
            && [...document.querySelectorAll("[data-chart]")].every((one) => {
                const box = one.getBoundingClientRect();
                return box.width === 0 || box.top > innerHeight || box.bottom < 0; })""")

    def looks_right(self, paths):
        """Each page at each size, light and dark: as wide as its window, and accessible. A context
        for each size, so that styles and scripts are read once."""
        for size, dark in [(DESK, False), (DESK, True), (PHONE, False), (WALL, False)]:
            with self.page(size, dark) as page:
                for name, path in paths:
                    self.open(page, path)
                    self.settle(page)
                    self.is_narrow_enough(page)
                    if size == DESK:
                        # Other colours change nothing but contrast.
                        self.is_accessible(page, ["color-contrast"] if dark else None)
                    self.shoot(page, f"{name}-{size[0]}{'-dark' if dark else ''}")

    def is_narrow_enough(self, page):
        width, room = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        check(width <= room + 1, f"{page.url} is {width} px wide in {room} px")

    def is_accessible(self, page, rules=None):
        """Asks axe, which looks at roles, names, contrast and order."""
        options = {"resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = rules
        found = Axe().run(page, options=options).response["violations"]
        bad = [v for v in found if v["impact"] in AXE_SEVERITIES]
        words = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in bad]
        check(not bad, f"{page.url}: {words}")

    def shoot(self, page, name):
        folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / (name + ".png"))


def run(walk):
    """Runs `walk(browser)` against the address that the script was given."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        try:
            walk(Browser(chromium, sys.argv[1]))
        finally:
            chromium.close()
