"""Lists for those who hold no code, and a participant found by the number that case record forms bear."""

from __future__ import annotations

import re

import pytest

from custody.chain.deviation import CloseDeviation, RaiseDeviation
from custody.chain.roles import Role
from custody.chain.scene import Signature
from custody.web import registers
from custody.web.registers import REGISTERS
from tests.web import journey
from tests.web.house import CAST, House

OPEN = {"participants", "deviations", "people", "readings"}


def test_who_watches_over_the_trial_is_led_to_every_list_from_the_front_page(house: House) -> None:
    for login, (role, _site) in CAST.items():
        browser = house.browser(login)
        mine = {name for name, one in REGISTERS.items() if role in one.by}
        assert mine == (
            set(REGISTERS)
            if role == Role.UNBLINDED_INSPECTOR
            else OPEN
            if role in {Role.INSPECTOR, Role.MONITOR}
            else {"people"}
            if role == Role.ADMINISTRATOR
            else set()
        )
        assert set(re.findall(r'href="/registers/(\w+)"', browser.get("/").text)) == mine
        for name in (*REGISTERS, "nothing"):
            assert browser.get(f"/registers/{name}").status_code == (200 if name in mine else 404), (login, name)


def test_the_administrator_finds_whose_account_to_close_without_their_badge(house: House) -> None:
    admin, code = house.browser("admin"), house.people["nurse"]
    assert f'<a href="/s/{code}">Nurse</a>' in admin.get("/registers/people").text
    assert f"/s/{code}/do/close_person" in admin.get(f"/s/{code}").text
    facts = re.findall(r"<dt>(.+?)</dt><dd>(.+?)</dd>", admin.get(f"/s/{code}/do/close_person").text)
    assert ("Name", "Nurse") in facts, "a code alone does not say whose account is closed"


def test_participants_stand_in_the_order_of_the_log_with_their_bags(house: House) -> None:
    people = [journey.enrolled(house) for _number in range(3)]
    bag = journey.ordered(house, people[1])
    page = house.browser("inspector").get("/registers/participants").text
    assert re.findall(r'<a href="/s/(\w+)">NAN-(\d+)</a>', page) == [
        (code, f"00{number}") for number, code in enumerate(people, 1)
    ]
    assert f'<a href="/s/{bag}">' in page


def test_open_deviations_come_first_and_a_list_has_pages(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [house.ask(RaiseDeviation(what=f"number {n}"), "nurse").things[0] for n in range(3)]
    spec = CloseDeviation.SPEC
    signed = Signature(house.people["monitor"], "Monitor", "monitor", spec.signed, house.clock.now(), "password")
    house.ask(CloseDeviation(deviation=codes[0], cause="c", action="a"), "monitor", signatures=(signed,))
    browser = house.browser("monitor")
    page = browser.get("/registers/deviations").text
    assert re.findall(r"number \d", page) == ["number 1", "number 2", "number 0"]
    monkeypatch.setattr(registers, "ON_A_PAGE", 2)
    first, second = (browser.get(f"/registers/deviations?page={page}").text for page in ("1", "99"))
    assert (re.findall(r"number \d", first), re.findall(r"number \d", second)) == (
        ["number 1", "number 2"],
        ["number 0"],
    )
    assert "/registers/deviations?page=2" in first
    assert "Page 2 of 2" in second
    assert first.count('<span class="detail">trial</span>') == 2, "what they are about, and no link to it"
    assert browser.get("/registers/deviations?page=x").status_code == 200


@pytest.mark.parametrize("typed", ["NAN-001", " nan-001 ", "NAN-1"])
def test_a_participants_number_opens_the_participant(house: House, typed: str) -> None:
    code = journey.enrolled(house)
    for login in ("inspector", "monitor", "nurse", "courier", "tech"):
        answer = house.browser(login).scan(typed)
        assert answer.json is not None
        assert (answer.json["ok"], answer.json["url"], answer.json["title"]) == (
            True,
            f"/s/{code}",
            "Participant NAN-001",
        )


def test_a_number_that_nobody_has_is_as_unknown_as_a_code(house: House) -> None:
    journey.enrolled(house)
    browser = house.browser("inspector")
    unknown = browser.scan("NAN-002").json
    bag = browser.scan(journey.codes.mint(journey.codes.Kind.TREATMENT_BAG, house.door.world.random_bytes)).json
    assert unknown is not None
    assert bag is not None
    assert {name: unknown[name] for name in ("ok", "reason", "advice")} == {
        name: bag[name] for name in ("ok", "reason", "advice")
    }
    assert unknown["text"] == "NAN-002 is not known here."
    for text in ("UTCT-001", "NAN-", "NAN-1²", "LYO-001"):
        answer = browser.scan(text).json
        assert answer is not None
        assert answer["reason"] != "unknown", text


def test_at_the_bedside_a_number_is_no_wristband(house: House) -> None:
    journey.enrolled(house)
    browser = house.browser("nurse")
    for more in ({"expects": "participant"}, {"step": "bedside_check"}):
        answer = browser.send("/scan", {"raw": "NAN-001", **more}, headers={"Accept": "application/json"})
        assert answer.status_code == 422
