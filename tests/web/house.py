"""A small house for page tests: a ledger on a set clock, people with accounts, and a browser without a screen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from custody import codes, protocols
from custody.app import create_app
from custody.chain.administration import AddLocation, AddPerson, LoadRandomisation
from custody.chain.roles import Role
from custody.chain.scene import Signature
from custody.chain.step import STEPS, Command
from custody.clock import SetClock
from custody.config import NEVER, Config
from custody.people import passwords
from custody.record.create import create_ledger
from custody.record.door import Door
from custody.record.request import Answer, Request
from custody.record.world import World
from custody.store import accounts
from custody.store.database import Database

TUESDAY = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
"""09:00 in Nancy: within the week's window of enrolment."""
PASSWORD = "a long demonstration"
_SECRET = passwords.keep(PASSWORD)
CAST = {
    "admin": (Role.ADMINISTRATOR, ""),
    "tech": (Role.CELL_TECHNICIAN, "UTCT"),
    "tech2": (Role.CELL_TECHNICIAN, "UTCT"),
    "resp": (Role.RESPONSIBLE_PERSON, "UTCT"),
    "courier": (Role.COURIER, ""),
    "nurse": (Role.ICU_NURSE, "NAN"),
    "nurse2": (Role.ICU_NURSE, "NAN"),
    "doctor": (Role.INVESTIGATOR, "NAN"),
    "faraway": (Role.ICU_NURSE, "DIJ"),
    "monitor": (Role.MONITOR, ""),
    "stat": (Role.STATISTICIAN, ""),
    "inspector": (Role.INSPECTOR, ""),
    "inspector_unblinded": (Role.UNBLINDED_INSPECTOR, ""),
}


@dataclass
class House:
    """Everything under one roof."""

    door: Door
    app: Flask
    clock: SetClock
    people: dict[str, str] = field(default_factory=dict)
    locations: list[str] = field(default_factory=list)

    def ask(self, command: Command, actor: str = "system", **more: Any) -> Answer:
        """Go through the door without a page: for what was there before the test."""
        now = self.clock.now()
        code = self.people.get(actor, actor)
        request = Request(
            event=str(uuid4()),
            step=command.SPEC.name,
            actor=code,
            command=command,
            occurred_at=now,
            received_at=now,
            **more,
        )
        answer = self.door.submit(request)
        assert answer.done, [item.text for item in answer.refusals]
        return answer

    def load(self, site: str, arms: tuple[str, ...]) -> None:
        """Load a list that begins with these arms, in one block that holds as many of each."""
        codes = [arm.code for arm in self.door.protocol.arms]
        most = max(arms.count(code) for code in codes)
        block = (*arms, *(code for code in codes for _place in range(max(most, 11) - arms.count(code))))
        now, spec = self.clock.now(), LoadRandomisation.SPEC
        signed = Signature(self.people["stat"], "Stat", Role.STATISTICIAN, spec.signed, now, "password")
        command = LoadRandomisation(site=site, arms=block, blocks=(str(len(block)),))
        self.ask(command, "stat", signatures=(signed,))

    def browser(self, login: str, language: str = "en") -> Browser:
        """Sign somebody in."""
        browser = Browser(self.app.test_client(), self)
        answer = browser.send("/sign-in", {"name": login, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        browser.send("/language", {"lang": language, "next": "/"})
        return browser

    def fresh(self, kind: codes.Kind) -> str:
        """Give a code as it stands on a label that is printed beforehand."""
        return codes.mint(kind, self.door.world.random_bytes)


WARDS = ("NAN", "DIJ", "STR")


def build(
    folder: Path,
    database_url: str = "",
    arms: tuple[str, ...] = ("MSC", "PLACEBO"),
    listed: tuple[str, ...] = WARDS,
    lock_after: timedelta = NEVER,
) -> House:
    """Make the ledger, its people, some locations, and a randomisation list that gives `arms` in turn at some sites."""
    clock = SetClock(TUESDAY)
    database = Database(database_url or f"sqlite:///{folder / 'custody.db'}")
    door = create_ledger(
        database, folder / "keys", "custody.example/test", protocols.builtin()["chocmsc"], World(clock)
    )
    config = Config(folder, str(database.url), folder / "keys", "", "https://custody.example", False, lock_after)
    house = House(door, create_app(door, config, b"x" * 32), clock)
    for login, (role, site) in CAST.items():
        actor = "admin" if house.people else "system"
        badge = house.ask(
            AddPerson(name=login.replace("_", " ").title(), role=role, site=site, login=login), actor
        ).things[0]
        house.people[login] = badge
        with database.writing() as connection:
            accounts.keep(connection, badge, login, _SECRET)
    for number in range(6):
        place = AddLocation(name=f"Tank 1, place {number}", temperature_class=door.protocol.storage_class)
        house.locations += house.ask(place, "tech").things
    for site in listed:
        house.load(site, arms * 11)
    return house


TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"|name="csrf_token" value="([^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass
class Browser:
    """Fetches pages, fills forms, sends them: no script, no shortcut past the page."""

    client: FlaskClient
    house: House

    def get(self, path: str) -> TestResponse:
        answer = self.client.get(path)
        answer.get_data()  # a file's too, so that it is closed
        answer.close()
        return answer

    def send(self, path: str, fields: dict[str, Any], **more: Any) -> TestResponse:
        page = self.client.get("/sign-in").text
        token = next(a or b for a, b in TOKEN.findall(page))
        return self.client.post(path, data={**fields, "csrf_token": token}, **more)

    def scan(self, text: str) -> TestResponse:
        return self.send("/scan", {"raw": text, "source": "wedge"}, headers={"Accept": "application/json"})

    def step(self, code: str, name: str, /, second: str = "", sign: bool = True, **fields: Any) -> TestResponse:
        """Open a step's page, fill it in, confirm."""
        path = f"/s/{code}/do/{name}" if code else f"/do/{name}"
        page = self.get(path)
        assert page.status_code == 200, page.text
        hidden = dict(HIDDEN.findall(page.text))
        key = STEPS[name.partition("?")[0]].SPEC.key
        scanned = {key: code} if code and key else {}
        sent = {**scanned, **hidden, **{name: _text(value) for name, value in fields.items()}}
        if sign:
            sent["password"] = PASSWORD
        if second:
            sent |= {"second_badge": self.house.people[second], "second_password": PASSWORD}
        return self.client.post(path, data=sent)

    def did(self, code: str, name: str, /, second: str = "", **fields: Any) -> TestResponse:
        """Do a step that has to succeed."""
        answer = self.step(code, name, second, **fields)
        assert answer.status_code == 303, errors(answer.text)
        return answer


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return [_text(item) for item in value] if isinstance(value, list | tuple) else value


def confirmation(asked: TestResponse) -> str:
    """Give what a page wants to be sent again to confirm what it told."""
    return dict(HIDDEN.findall(asked.text))["beyond"]


def errors(page: str) -> list[str]:
    """Give what a page says is wrong."""
    summary = re.findall(r"<li>(.+?)</li>", page.partition("data-errors")[2].partition("</section>")[0])
    found = [re.sub(r"<[^>]+>", "", text) for text in summary]
    return found + re.findall(r'class="error"[^>]*>(?:<svg.*?</svg>)?\s*([^<]+)<', page, re.DOTALL)
