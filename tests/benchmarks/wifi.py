"""A nurse's page over a poor Wi-Fi, in Chromium: until it is loaded, against its bare HTML over the same line.

The line is Chromium's own emulation: 300 ms there and back, 1 Mbit/s down, 0.5 Mbit/s up. The control is the first
visit, when the browser has none of the page's files yet.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.benchmarks.camera import sign_in
from tests.benchmarks.ground import said
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.ward import served
from tests.web import journey
from tests.web.house import build

LINE = {"offline": False, "latency": 300, "downloadThroughput": 125_000, "uploadThroughput": 62_500}
"""Milliseconds, bytes a second."""
VISITS = 10
LOADED = "(() => { const [page] = performance.getEntriesByType('navigation'); return page.loadEventEnd; })()"
BARE = (
    "async () => { const from = performance.now(); await (await fetch('/')).text(); return performance.now() - from; }"
)


def run() -> None:
    """Print the first visit, the later ones, and the bare HTML."""
    if not CHROMIUM:
        print("\nwifi: chromium is not installed (apt-get install chromium, or set CHROMIUM to its path)")
        return
    with tempfile.TemporaryDirectory() as folder:
        house = build(Path(folder))
        journey.infusing(house)
        with served(house) as base, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            first, later, bare = _visits(browser.new_context(base_url=base))
            browser.close()
        house.door.database.close()
    said("a page at a poor Wi-Fi, first visit", first, bare, "ms", "-")
    said("  later visits, median", later, bare, "ms", "1.50")


def _visits(context: BrowserContext) -> tuple[float, float, float]:
    page = context.new_page()
    sign_in(page, "nurse")
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.clearBrowserCache")
    line.send("Network.emulateNetworkConditions", LINE)
    first, *later = _loads(page)
    return first, statistics.median(later), statistics.median(page.evaluate(BARE) for _visit in range(VISITS))


def _loads(page: Page) -> Iterator[float]:
    """Yield milliseconds of each visit."""
    for _visit in range(VISITS + 1):
        page.goto("/")
        page.wait_for_function(f"{LOADED} > 0")
        yield page.evaluate(LOADED)
