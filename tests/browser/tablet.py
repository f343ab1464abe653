"""One browser and who holds it: what they do, and what the page then has to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page

from custody.web.words import STATES
from tests.web.house import PASSWORD

from .hands import Hands

if TYPE_CHECKING:
    from .ward import Ward

BADGES = "main h1 + .badge, main h2 .badge"
"""Where a thing's page shows the states of its halves."""


@dataclass
class Tablet:
    """A person's tablet."""

    ward: Ward
    page: Page

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
        if "/s/" in self.page.url and "/history" not in self.page.url:
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
        return [text.strip() for text in self.page.locator(BADGES).all_text_contents()]

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
