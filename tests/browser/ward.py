"""A house that is served, and a browser before each of its people: the real app, nothing beside its pages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from playwright.sync_api import Browser, Locator, Page
from werkzeug.serving import make_server

from custody import codes
from custody.chain.things import Plane, Thing
from custody.record.replay import replay
from custody.trace import halves
from custody.web.words import STATES
from tests.web.house import PASSWORD, House, build

from .conftest import complain_about
from .hands import Hands

PATIENCE_MS = 30_000
TIMED = "Object.defineProperty(window, 'performance', { value: window.timing })"
"""A page whose clock is set still knows how long it took to arrive: from this it works out how far its clock is off."""
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
        shown = dict(zip(named, self.tablet(reader).page.evaluate(SHOWN, [named, Tablet.STATES]), strict=True))
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


@dataclass
class Tablet:
    """One browser and who holds it: what they do, and what the page then has to show."""

    ward: Ward
    page: Page
    STATES: ClassVar = "main h1 + .badge, main h2 .badge"

    @property
    def hands(self) -> Hands:
        return self.ward.hands

    def sign_in(self, login: str) -> None:
        """Sign in by the page."""
        if not self.page.url.endswith("/sign-in"):
            self.page.goto("/sign-in")
        self.hands.write(self.page.locator("#name"), login)
        self.hands.write(self.page.locator("#password"), PASSWORD)
        self.hands.press(self.page.locator("button.primary"))
        self.page.wait_for_selector(".who")

    def pass_on(self, login: str) -> None:
        """Sign out; the next person signs in on the same tablet."""
        self.hands.press(self.page.locator("form[action='/sign-out'] button"))
        self.page.wait_for_selector("#password")
        self.sign_in(login)

    def home(self) -> None:
        """Go to the page where anything may be scanned."""
        self.hands.press(self.page.locator("a.trial"))
        self.page.wait_for_selector("#raw")
        self.page.wait_for_load_state("domcontentloaded")

    def scan(self, code: str, png: bytes) -> None:
        """Scan a label: its thing's page opens."""
        self.home()
        self.hands.show(self.page, png)
        self.hands.follow(self.page, f"**/s/{code}")

    def begin(self, step: str) -> None:
        """Follow the link to a step's page."""
        self.open(f"a.action[href$='/do/{step}']")

    def open(self, link: str) -> None:
        """Follow a link to a step's page, and wait until its scripts hear what is done."""
        self.hands.press(self.page.locator(link))
        self.page.wait_for_selector("[data-confirm]")
        self.page.wait_for_load_state("domcontentloaded")

    def read(self, **labels: bytes) -> None:
        """Scan labels, each into the field that takes it."""
        self.hands.show(self.page, *labels.values())
        for name in labels:
            self.page.wait_for_selector(f"[data-name={name}] .chip", state="attached")
        self.hands.put_away(self.page)

    def at(self, name: str, value: str = "") -> Locator:
        """Give a field by its name, of radio buttons the one with this value."""
        return self.page.locator(f"[name='{name}']" + (f"[value='{value}']" if value else ""))

    def write(self, **values: str) -> None:
        """Write into fields."""
        for name, text in values.items():
            self.hands.write(self.at(name), text)

    def tick(self, *names: str, **choices: str) -> None:
        """Tick boxes, and choose among radio buttons."""
        for name, value in (*((name, "yes") for name in names), *choices.items()):
            self.hands.tick(self.at(name, value))

    def sign(self, second: bool = False) -> None:
        """Type the password, and let the second person type theirs."""
        self.write(password=PASSWORD, **({"second_password": PASSWORD} if second else {}))

    def confirm(self) -> None:
        """Press the one big button and see the green notice; what the page shows is what the ledger holds."""
        self.hands.press(self.page.locator("[data-confirm]"))
        self.page.wait_for_selector("[data-said], [data-errors]")
        assert not self.errors(), self.errors()
        assert self.page.is_visible("[data-said].good")
        assert self.page.is_hidden("[data-clock-bar]")
        if "/s/" in self.page.url:
            shown, recorded = self.shown(), self.recorded()
            assert shown == recorded, f"{self.page.url} shows {shown}, the ledger holds {recorded}"

    def refused(self) -> list[str]:
        """Press the button and give the reasons why it is not done."""
        self.hands.press(self.page.locator("[data-confirm]"))
        self.page.wait_for_selector("[data-said], [data-errors]")
        return self.errors()

    def errors(self) -> list[str]:
        return self.page.locator("[data-errors] li, p.error").all_inner_texts()

    def shown(self) -> list[str]:
        """Give the states that the page of a thing shows, of both halves if this person sees both."""
        return [text.strip() for text in self.page.locator(self.STATES).all_text_contents()]

    def recorded(self) -> list[str]:
        """Give the states in the ledger of what this page shows."""
        code = self.page.url.partition("/s/")[2].partition("?")[0]
        return [STATES[half.status] for half in self.ward.halves(code)][: len(self.shown()) or 1]  # blinded: the first

    def linked(self, prefix: str) -> list[str]:
        """Give the codes of a kind that this page links to."""
        links = self.page.locator(f"main dl a[href^='/s/{prefix}']").all()
        return [(link.get_attribute("href") or "").removeprefix("/s/") for link in links]

    def figure(self, name: str) -> str:
        """Read one of the page's big numbers, without its unit."""
        return self.page.inner_text(f".figure:has(.figure-name:text-is('{name}')) .figure-number").split()[0]
