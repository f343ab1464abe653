"""A keyboard-wedge scanner and a human, typing on a page whose clock the test holds."""

from datetime import UTC, datetime

GS = "\x1d"


def hold_clock(page, url: str, *, idle: bool = False) -> None:
    """Open a page whose clock stands still until `wait` lets it go on; it hears all scans.

    `idle`: everything is loaded, down to the icon, before the network is taken away.
    """
    page.clock.install()
    page.goto(url, wait_until="networkidle" if idle else "load")
    stand_still(page)
    page.evaluate(
        """() => {
          window.heard = [];
          document.addEventListener("custody:scan", (event) => window.heard.push(event.detail));
        }"""
    )


def stand_still(page) -> None:
    """Hold an installed clock; of a page that is still to be opened too."""
    page.clock.pause_at(datetime.now(UTC).timestamp() + 20)  # it ran on while the page loaded, and goes back never


def serve_as_of(now: str):
    """Let the server's page say another time than the real one."""

    def handle(route):
        answer = route.fetch()
        body = answer.text()
        start = body.index('<meta name="now" content="') + len('<meta name="now" content="')
        route.fulfill(response=answer, body=body[:start] + now + body[body.index('"', start) :])

    return handle


def until_any(page, requests: list) -> None:
    """Wait until a route has been asked, for half a minute at most."""
    for _twentieth_of_a_second in range(600):
        if requests:
            return
        page.wait_for_timeout(50)
    raise AssertionError("nothing was asked")  # noqa: EM101, TRY003


def wait(page, ms: int) -> None:
    page.clock.run_for(ms)


def scan(page, text: str, end: str = "Enter", gap_ms: int = 8) -> None:
    """Type as a scanner does: the separator of GS1 as Ctrl+], and a key at the end."""
    for symbol in text:
        page.keyboard.press("Control+]" if symbol == GS else symbol)
        wait(page, gap_ms)
    if end:
        page.keyboard.press(end)


def heard(page) -> list[dict[str, str]]:
    return page.evaluate("window.heard.map(({ text, source }) => ({ text, source }))")
