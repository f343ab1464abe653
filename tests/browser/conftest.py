"""A browser for the whole session, and a page that forgives no error in its console."""

import os
import shutil
import threading
from urllib.parse import urlsplit

import pytest
import waitress
from playwright.sync_api import sync_playwright

from . import harness

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def playwright():
    if not CHROMIUM:
        pytest.skip("chromium is not installed (apt-get install chromium, or set CHROMIUM to its path)")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright):
    launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def app():
    return harness.create_app()


@pytest.fixture(scope="session")
def base_url(app):
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://localhost:{server.effective_port}"
    server.trigger.pull_trigger(server.close)  # in its own thread: it has no other way to be told
    thread.join()


@pytest.fixture
def seen(app):
    """What the server was sent during this test."""
    harness.begin(app)
    return app.seen


def complain_about(page) -> list[str]:
    """Collect what the page's console says is wrong; a refused POST is no error of the page."""
    complaints = []

    def hear(message):
        loading = message.text.startswith("Failed to load resource")
        if message.type in {"error", "warning"} and not (
            loading and not urlsplit(message.location["url"]).path.startswith("/static/")
        ):
            complaints.append(f"{message.text} {message.location['url']}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


@pytest.fixture
def here(app, base_url, seen):
    """Where a browser of this test is, so that the server knows what it was sent by it."""
    return {"base_url": base_url, "extra_http_headers": {harness.TEST: app.test}}


@pytest.fixture
def context(browser, here):
    opened = browser.new_context(**here, locale="en-GB", timezone_id="Europe/Paris")
    opened.set_default_timeout(30_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context):
    opened = context.new_page()
    complaints = complain_about(opened)
    yield opened
    assert complaints == []
