"""Pictures of the main pages: for the README (`make pictures`), and at three sizes in two languages to be looked at.

python -m tests.browser.pictures docs            the README's three
python -m tests.browser.pictures FOLDER --all    every main page, on a phone, a tablet and a desktop
"""

from __future__ import annotations

import logging
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from custody import codes
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.web import journey
from tests.web.house import PASSWORD, House, build

SIZES = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1280, 900)}


@dataclass
class Stage:
    """A house with a bag at each stage that a page shows."""

    house: House
    infusing: str
    reserved: str
    counted: str
    cryobag: str
    placebo: str
    wristband: str
    participant: str
    told: str
    """Where the arm of the participant stands whose code was broken."""


def stage(folder: Path) -> Stage:
    """Take three bags to where they are shown."""
    house = build(folder)
    cryobags = journey.lot(house, cryobags=4)
    first = journey.enrolled(house)
    infusing = journey.ordered(house, first)
    journey.prepared(house, infusing, cryobags)
    journey.released(house, infusing)
    journey.delivered(house, infusing)
    placebo = journey.ordered(house, journey.enrolled(house, "58"))
    reserved = journey.ordered(house, journey.enrolled(house, "81"))
    house.browser("tech").did(reserved, "reserve", cryobags=cryobags[0])
    journey.ordered(house, journey.enrolled(house, "77"))
    counted = journey.ordered(house, journey.enrolled(house, "64"))
    tech = house.browser("tech")
    tech.did(counted, "reserve", cryobags=cryobags[1])
    house.clock.advance(minutes=5)
    end = house.clock.now()
    tech.did(cryobags[1], "thaw", started_at=end - timedelta(minutes=4), ended_at=end, bath_dc="37")
    tech.did(cryobags[1], "count", viable_cells_per_ml="8.2", volume_ul="12", viability_permille="91")
    nurse = house.browser("nurse")
    nurse.did(infusing, "bedside_check", "nurse2", wristband=first, cover_on="yes", central_line="yes")
    nurse.did(infusing, "start_infusion")
    house.clock.advance(minutes=12)
    told = house.browser("doctor").did(first, "break_code", why="reaction").headers["Location"]
    wristband = house.fresh(codes.Kind.PARTICIPANT)
    return Stage(house, infusing, reserved, counted, cryobags[0], placebo, wristband, first, told)


def pages(stage: Stage) -> Iterator[tuple[str, str, str]]:
    """Yield (who, path, name) of every main page."""
    yield "", "/sign-in", "sign-in"
    for login in ("tech", "resp", "courier", "nurse", "doctor", "monitor", "stat", "admin"):
        yield login, "/", f"home-{login}"
    yield "tech", f"/s/{journey.DIN}", "lot"
    yield "tech", f"/s/{stage.reserved}", "bag-at-the-bench"
    yield "tech", f"/s/{stage.reserved}/do/reserve", "reserve"
    yield "tech", f"/s/{stage.counted}/do/dilute", "dilute"
    yield "tech", f"/s/{stage.placebo}/do/dilute", "dilute-placebo"
    for name in ("thaw", "count"):
        yield "tech", f"/s/{stage.cryobag}/do/{name}", name
    yield "tech", "/labels", "labels"
    yield "tech", f"/prints/new?code={stage.reserved}", "print"
    yield "nurse", f"/s/{stage.infusing}", "infusion"
    for name in ("bedside_check", "stop_infusion", "observe"):
        yield "nurse", f"/s/{stage.infusing}/do/{name}", name
    yield "doctor", f"/s/{stage.wristband}/do/enrol", "enrol"
    yield "doctor", f"/s/{stage.participant}", "participant"
    yield "doctor", f"/s/{stage.participant}/do/break_code", "break_code"
    yield "doctor", stage.told, "code-broken"
    yield "stat", f"/s/{stage.participant}/do/notify_sponsor", "notify_sponsor"
    yield "inspector", f"/s/{stage.infusing}/history", "history"
    yield "inspector_unblinded", f"/s/{stage.infusing}/history", "history-unblinded"
    yield "nurse", "/s/NOTHING", "not-known"
    yield "nurse", "/downtime", "downtime"
    yield "tech", "/scanner", "scanner-check"
    yield "inspector", "/registers/participants", "participants"


README = {
    "technician": ("tech", "tablet", "dilute"),
    "nurse": ("nurse", "phone", "infusion"),
    "inspector": ("inspector_unblinded", "desktop", "history-unblinded"),
}


def take(browser: Browser, base: str, stage: Stage, wanted: list[tuple[str, str, str, str, Path]]) -> None:
    """Take pictures: (who, path, size, language, file)."""
    signed_in: dict[tuple[str, str, str], Page] = {}
    for who, path, size, language, file in wanted:
        key = who, size, language
        if key not in signed_in:
            width, height = SIZES[size]
            context = browser.new_context(viewport={"width": width, "height": height}, locale=language)
            context.clock.install(time=stage.house.clock.now())
            signed_in[key] = context.new_page()
            if who:
                sign_in(signed_in[key], base, who)
        page = signed_in[key]
        page.goto(base + path)
        if path == stage.told:
            tell_again(page)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=file, full_page=True)


def sign_in(page: Page, base: str, who: str) -> None:
    """Sign somebody in by the page."""
    page.goto(f"{base}/sign-in")
    page.fill("#name", who)
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url(f"{base}/")


def tell_again(page: Page) -> None:
    """Give the password that the answer to a code break asks for, once it was shown."""
    page.fill("[name=password]", PASSWORD)
    page.click("button.primary")
    page.wait_for_selector(".told")


def main(folder: Path, *, everything: bool) -> None:
    """Serve a stage and take the pictures."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    folder.mkdir(exist_ok=True, parents=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        scene = stage(Path(data))
        server = make_server("127.0.0.1", 0, scene.house.app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        at = {name: (who, path) for who, path, name in pages(scene)}
        if everything:
            wanted = [
                (who, path, size, language, folder / f"{name}-{size}-{language}.png")
                for name, (who, path) in at.items()
                for size in SIZES
                for language in ("fr", "en")
            ]
        else:
            wanted = [(*at[name], size, "en", folder / f"{file}.png") for file, (_, size, name) in README.items()]
        take(browser, f"http://127.0.0.1:{server.server_port}", scene, wanted)
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]), everything="--all" in sys.argv)
