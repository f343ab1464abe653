"""A house that is served, and a browser before each of its people: the real app, nothing beside its pages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from custody import codes
from custody.chain.things import Plane, Thing
from custody.record.replay import replay
from custody.trace import halves
from custody.web.words import STATES
from tests.web.house import House, build

from .conftest import complain_about
from .hands import Hands
from .tablet import BADGES, Tablet

PATIENCE_MS = 30_000
TIMED = """
  const entries = timing.getEntriesByType.bind(timing);
  const arrived = ({ type }) => ({ type, requestStart: timing.now(), responseStart: timing.now() });
  timing.getEntriesByType = (kind) => entries(kind).map(arrived);
  Object.defineProperty(window, "performance", { value: timing });
"""
"""A page whose clock is set has arrived at this moment, however long it took: it works out how far its clock is off."""
SIZES = {"nurse": (390, 844), "courier": (390, 844), "tech": (820, 1180), "resp": (1280, 900)}


@contextmanager
def served(house: House) -> Iterator[str]:
    """Serve the house; give its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Ward:
    """The house, its clock, and a tablet for each person."""

    house: House
    browser: Browser
    base: str
    hands: Hands
    tablets: dict[str, Tablet] = field(default_factory=dict)
    complaints: list[list[str]] = field(default_factory=list)

    def tablet(self, login: str) -> Tablet:
        """Give a person's own tablet, signed in."""
        if login not in self.tablets:
            self.tablets[login] = Tablet(self, self.page(login))
            self.tablets[login].sign_in(login)
        return self.tablets[login]

    def page(self, login: str = "") -> Page:
        """Open a browser of its own, whose clock is the house's."""
        width, height = SIZES.get(login, (820, 1180))
        context = self.browser.new_context(
            base_url=self.base,
            locale="en-GB",
            timezone_id="Europe/Paris",
            viewport={"width": width, "height": height},
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script("window.timing = performance")
        page = context.new_page()
        self.hands.take_up(page, self.house.clock.now())
        context.add_init_script(TIMED)
        self.complaints.append(complain_about(page))
        return page

    def advance(self, **amount: float) -> None:
        """Let time pass, in the house and on each device."""
        now = self.house.clock.advance(**amount)
        for tablet in self.tablets.values():
            tablet.page.context.clock.set_fixed_time(now)

    def halves(self, code: str) -> list[Thing]:
        """Give what the ledger holds of a code, the open half first."""
        stores = self.house.door.stores
        with self.house.door.database.reading(Plane.SEALED) as connection:

            def look_up(code: str) -> list[Thing]:
                found = [stores[plane].thing(connection, code) for plane in (Plane.OPEN, Plane.SEALED)]
                return [kept.thing for kept in found if kept]

            return halves(look_up, code)

    def check_pages(self, reader: str, *planes: Plane) -> int:
        """Compare the page of everything with the ledger, as one reader sees it; give how many things they see."""
        stores = self.house.door.stores
        with self.house.door.database.reading(Plane.SEALED) as connection:
            things = [kept.thing.code for store in stores.values() for kept in store.everything(connection)]
        named = sorted({code for code in things if _has_page(code)})
        shown = dict(zip(named, self.tablet(reader).page.evaluate(SHOWN, [named, BADGES]), strict=True))
        recorded = {code: [STATES[half.status] for half in self.halves(code) if half.PLANE in planes] for code in named}
        assert shown == recorded, [
            (code, shown[code], recorded[code]) for code in named if shown[code] != recorded[code]
        ]
        return sum(map(bool, shown.values()))

    def check_ledger(self) -> None:
        """Replay both logs: the tables that pages read are what they say."""
        with self.house.door.database.reading(Plane.SEALED) as connection:
            found = list(replay(connection, self.house.door.stores))
        assert not found, found

    def close(self) -> None:
        """Put all tablets away; none may have complained."""
        for tablet in self.tablets.values():
            tablet.page.context.close()
        assert [words for words in self.complaints if words] == []


SHOWN = """([codes, states]) => Promise.all(codes.map(async (code) => {
  const answer = await fetch(`/s/${code}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll(states)].map((badge) => badge.textContent.trim());
}))"""


def _has_page(code: str) -> bool:
    try:
        return codes.read(code).kind != codes.Kind.ALBUMIN_VIAL
    except codes.CodeError:
        return False


@contextmanager
def ward(folder: Path, browser: Browser, hands: Hands) -> Iterator[Ward]:
    """Build a house, serve it, and put a tablet into each hand that asks for one.

    When the test fails, `folder` keeps a picture of what each tablet showed.
    """
    house = build(folder)
    with served(house) as base:
        here = Ward(house, browser, base, hands)
        try:
            yield here
        except BaseException:
            for login, tablet in here.tablets.items():
                tablet.page.screenshot(path=folder / f"{login}.png", full_page=True)
            raise
        here.close()
