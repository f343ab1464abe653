"""Ways to use a page: labels are read by the camera or by a scanner, the rest is done by finger or by keys."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page

from custody import labelling

from . import camera
from .scanner import GS

NANCY = ZoneInfo("Europe/Paris")
FRAME_S = 1 / camera.FRAMES_A_SECOND


class Hands(Protocol):
    """What a person can do with a page."""

    def take_up(self, page: Page, now: datetime) -> None:
        """Get ready to work with a page that is not open yet."""

    def show(self, page: Page, *pngs: bytes) -> None:
        """Begin to hold labels before the page; `put_away` ends it."""

    def put_away(self, page: Page) -> None:
        """Hold no labels any more."""

    def follow(self, page: Page, url: str) -> None:
        """Wait until the page that a scan opens is there."""

    def press(self, at: Locator) -> None:
        """Press a button or follow a link."""

    def tick(self, at: Locator) -> None:
        """Choose a radio button or tick a box."""

    def write(self, at: Locator, text: str) -> None:
        """Write into a field."""

    def set_time(self, at: Locator, when: datetime) -> None:
        """Set a date, or a date with its time."""


@dataclass
class Camera:
    """The camera reads: it shows what lies in `film`, of this browser alone."""

    film: Path

    def take_up(self, page: Page, now: datetime) -> None:
        page.context.clock.set_fixed_time(now)

    def show(self, page: Page, *pngs: bytes) -> None:
        """Lay down other labels (the browser opens the film anew with each start of its camera), then start it."""
        seconds = 0.7 if len(pngs) > 1 else 3 * FRAME_S
        drawn = camera.mjpeg(self.film.with_suffix(".part"), pngs, seconds, seconds_between=0)
        os.replace(drawn, self.film)  # noqa: PTH105 - a film that still plays keeps its own file
        page.click("[data-camera]")

    def put_away(self, page: Page) -> None:
        if page.is_visible("#camera"):
            page.click("[data-camera-close]")

    def follow(self, page: Page, url: str) -> None:
        page.wait_for_url(url)


class Scanner:
    """A scanner reads, and types what it read.

    The timers of a page stand still during a scan, so that a burst of keys is one however busy the machine is.
    """

    def take_up(self, page: Page, now: datetime) -> None:
        page.context.clock.install(time=now)
        page.context.clock.pause_at(now.timestamp() + 3600)  # far from what it ran meanwhile: it goes back never
        page.context.clock.set_fixed_time(now)

    def show(self, page: Page, *pngs: bytes) -> None:
        """Scan one label after another: what it holds is typed in a burst, the separator of GS1 as Ctrl+]."""
        for png in pngs:
            [read, *_] = labelling.decode(png)
            text = (read.aim if read.aim == "]d2" else "") + read.text
            for number, part in enumerate(text.split(GS)):
                if number:
                    page.keyboard.press("Control+]")
                page.keyboard.type(part)
            page.keyboard.press("Enter")
            page.clock.run_for(400)  # a hand takes the next label

    def put_away(self, page: Page) -> None:
        pass

    def follow(self, page: Page, url: str) -> None:
        page.wait_for_selector("[data-status][data-state=right]")
        page.clock.run_for(1000)
        page.wait_for_url(url)


class Finger:
    """A finger on the screen, and words typed."""

    def press(self, at: Locator) -> None:
        at.click()

    def tick(self, at: Locator) -> None:
        at.check()

    def write(self, at: Locator, text: str) -> None:
        at.fill(text)

    def set_time(self, at: Locator, when: datetime) -> None:
        local = when.astimezone(NANCY)
        at.fill(f"{local:%Y-%m-%d}" if at.get_attribute("type") == "date" else f"{local:%Y-%m-%dT%H:%M}")


class Keys:
    """A person who never touches anything but the keys; beside a `Scanner`, for a page tells the two by their pace."""

    TABS = 80
    QUICK = 5
    """So many keys in a burst are still a human's."""

    def press(self, at: Locator) -> None:
        self._reach(at)
        at.page.keyboard.press("Enter")

    def tick(self, at: Locator) -> None:
        if at.get_attribute("type") == "radio":
            self._choose(at)
        else:
            self._reach(at)
        if not at.is_checked():
            at.page.keyboard.press("Space")

    def write(self, at: Locator, text: str) -> None:
        self._reach(at)
        self._type(at.page, *(text[start : start + self.QUICK] for start in range(0, len(text), self.QUICK)))

    def set_time(self, at: Locator, when: datetime) -> None:
        """Fill month, day and year, then hour, minute and half of the day: an American browser asks in this order."""
        self._reach(at)
        local = when.astimezone(NANCY)
        self._type(at.page, f"{local:%m%d}", f"{local:%Y}")
        if at.get_attribute("type") != "date":
            at.page.keyboard.press("ArrowRight")
            self._type(at.page, f"{local:%I%M}", f"{local:%p}"[0])

    def _type(self, page: Page, *texts: str) -> None:
        for text in texts:
            page.keyboard.type(text)
            page.clock.run_for(60)

    def _reach(self, at: Locator) -> None:
        """Go on by Tab until the focus is there."""
        for _ in range(self.TABS):
            if at.evaluate("(element) => element === document.activeElement"):
                return
            at.page.keyboard.press("Tab")
        message = f"no Tab leads to {at}"
        raise AssertionError(message)

    def _choose(self, at: Locator) -> None:
        """Go to the group of radio buttons by Tab, then to this one by arrow."""
        group = "(element) => document.activeElement.name === element.name"
        for _ in range(self.TABS):
            if at.evaluate(group):
                break
            at.page.keyboard.press("Tab")
        for _ in range(self.TABS):
            if at.evaluate("(element) => element === document.activeElement"):
                return
            at.page.keyboard.press("ArrowDown")
        message = f"no key leads to {at}"
        raise AssertionError(message)


class CameraAndFinger(Camera, Finger):
    """As on a phone or a tablet."""


class ScannerAndFinger(Scanner, Finger):
    """As at a desk with a scanner, or on a tablet with one in its case."""


class ScannerAndKeys(Scanner, Keys):
    """As with a scanner and a keyboard alone."""
