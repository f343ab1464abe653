"""Passwords: given by their owner or by the administrator, on record, and never shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from custody.chain.things import Plane
from custody.ledger.entry import decode
from tests.web.house import HIDDEN, PASSWORD, Browser, House, build, errors

NEW = "another good one"


def give(browser: Browser, code: str, new: str = NEW, again: str = NEW, own: str = PASSWORD) -> int:
    path = f"/s/{code}/password"
    sent = dict(HIDDEN.findall(browser.get(path).text)) | {"new": new, "again": again, "password": own}
    return browser.client.post(path, data=sent).status_code


def test_a_nurse_chooses_a_new_password_and_stays_signed_in(house: House) -> None:
    nurse, code = house.browser("nurse"), house.people["nurse"]
    assert give(nurse, code) == 303
    assert nurse.get("/").status_code == 200
    fresh = Browser(house.app.test_client(), house)
    assert fresh.send("/sign-in", {"name": "nurse", "password": PASSWORD}).status_code == 422
    assert fresh.send("/sign-in", {"name": "nurse", "password": NEW}).status_code == 302


def test_the_administrator_gives_one_and_the_record_says_who(house: House) -> None:
    code = house.people["nurse"]
    assert give(house.browser("admin"), code) == 303
    with house.door.database.reading(Plane.OPEN) as connection:
        store = house.door.stores[Plane.OPEN]
        entry = decode(store.entry(connection, store.mentions(connection, code)[-1]))
    assert entry["type"] == "password_given"
    assert entry["actor"]["person"] == house.people["admin"]
    assert NEW not in str(entry)


def test_nobody_gives_another_a_password(house: House) -> None:
    assert house.browser("tech").get(f"/s/{house.people['nurse']}/password").status_code == 404


def test_a_password_is_given_on_its_own_page_alone_and_never_without_a_record(house: House) -> None:
    nurse, code = house.browser("nurse"), house.people["nurse"]
    assert nurse.get(f"/s/{code}/do/give_password").status_code == 404
    sent = {"event": "1b6f7ca8-6e0e-4b52-a3a1-0d9f4c8a5f13", "person": code}
    assert [nurse.send(path, sent).status_code for path in (f"/s/{code}/do/give_password", "/do/give_password")] == [
        404,
        404,
    ]
    assert "Give a password" not in nurse.get(f"/s/{code}/history").text


def granting(house: House, whose: str, second: str = "", second_password: str = PASSWORD) -> TestResponse:
    """Let the administrator give a password, perhaps with a second person."""
    admin, path = house.browser("admin"), f"/s/{house.people[whose]}/password"
    sent = dict(HIDDEN.findall(admin.get(path).text)) | {"new": NEW, "again": NEW, "password": PASSWORD}
    if second:
        sent |= {"second_badge": house.people[second], "second_password": second_password}
    return admin.client.post(path, data=sent)


def signs_in(house: House, login: str, password: str) -> bool:
    fresh = Browser(house.app.test_client(), house)
    return fresh.send("/sign-in", {"name": login, "password": password}).status_code == 302


@pytest.mark.parametrize("whose", ["tech", "resp", "stat", "inspector_unblinded"])
def test_the_password_of_who_sees_the_arm_is_given_by_two(house: House, whose: str) -> None:
    for second, password, said in (
        ("", PASSWORD, "A second person has to sign."),
        ("nurse", PASSWORD, "Nurse (ICU nurse) may not sign here."),
        ("tech2", PASSWORD, "Tech2 (cell technician) may not sign here."),
        ("stat", "a guess", "This is not the password of Stat."),
    ):
        answer = granting(house, whose, second, password)
        assert answer.status_code == 422
        assert said in re.sub(r"<[^>]+>", "", answer.text)
        assert signs_in(house, whose, PASSWORD)
    assert granting(house, whose, "resp" if whose != "resp" else "stat").status_code == 303
    assert signs_in(house, whose, NEW)
    assert (
        house.browser("nurse").get(f"/s/{house.people[whose]}/history").text.count("I agree that this person sees") == 1
    )


def test_for_ones_own_and_for_the_blinded_nobody_else_is_asked(house: House) -> None:
    for login, whose in (("tech", "tech"), ("admin", "nurse"), ("admin", "admin")):
        browser = house.browser(login)
        assert "second_badge" not in browser.get(f"/s/{house.people[whose]}/password").text
        assert give(browser, house.people[whose]) == 303
        assert signs_in(house, whose, NEW)


def test_an_unblinded_role_is_given_by_two(house: House) -> None:
    admin = house.browser("admin")
    form = admin.get("/do/add_person").text
    assert "responsible person, statistician" in form
    for number, role in enumerate(("unblinded_inspector", "cell_technician", "statistician", "responsible_person")):
        site = "UTCT" if role in {"cell_technician", "responsible_person"} else ""
        fields = {"name": "Spy", "role": role, "site": site, "login": f"spy{number}"}
        alone = admin.step("", "add_person", sign=False, **fields)
        assert errors(alone.text) == [
            "Your signature is missing: re-enter your password.",
            "A second person has to sign.",
        ]
        assert '<details class="optional-signature" open>' in alone.text
        assert errors(admin.step("", "add_person", **fields).text) == ["A second person has to sign."]
        assert errors(admin.step("", "add_person", "nurse", **fields).text)[0].startswith("Nurse (ICU nurse) may not")
        admin.did("", "add_person", "stat", **fields)
    admin.did("", "add_person", name="Bo", role="courier", site="", login="bo", sign=False)


def test_before_the_first_list_there_is_nothing_to_see(tmp_path: Path) -> None:
    house = build(tmp_path, listed=())
    house.browser("admin").did("", "add_person", name="Stan", role="statistician", site="", login="stan", sign=False)
    assert granting(house, "tech").status_code == 303
    house.door.database.close()


def test_a_password_too_short_unlike_or_without_ones_own_is_refused(house: House) -> None:
    nurse, code = house.browser("nurse"), house.people["nurse"]
    assert give(nurse, code, "short", "short") == 422
    assert give(nurse, code, NEW, "something else") == 422
    assert give(nurse, code, own="not mine at all") == 422
    assert give(nurse, code) == 303


def test_a_form_without_its_id_or_with_anothers_is_refused_in_words(house: House) -> None:
    admin = house.browser("admin")
    path, sent = f"/s/{house.people['nurse']}/password", {"new": NEW, "again": NEW, "password": PASSWORD}
    assert admin.send(path, sent).status_code == 400
    assert admin.send(path, {**sent, "event": "no id"}).status_code == 400
    taken = {**sent, "event": "0b6f7ca8-6e0e-4b52-a3a1-0d9f4c8a5f11"}
    assert admin.send(path, taken).status_code == 303
    other = house.browser("resp").send(f"/s/{house.people['resp']}/password", {**taken, "password": PASSWORD})
    assert other.status_code == 422
    assert "sent before with other content" in other.text


def test_a_form_that_comes_twice_gives_one_password_for_one_record(house: House) -> None:
    admin = house.browser("admin")
    path = f"/s/{house.people['nurse']}/password"
    event = "5b6f7ca8-6e0e-4b52-a3a1-0d9f4c8a5f12"
    sent = {"new": NEW, "again": NEW, "password": PASSWORD, "event": event}
    assert [admin.send(path, sent).status_code for _ in range(2)] == [303, 303]
    second = "a second for the same record"
    answer = admin.send(path, {**sent, "new": second, "again": second})
    assert answer.status_code == 422
    assert "sent before with other content" in answer.text
    fresh = Browser(house.app.test_client(), house)
    assert fresh.send("/sign-in", {"name": "nurse", "password": second}).status_code == 422
    assert fresh.send("/sign-in", {"name": "nurse", "password": NEW}).status_code == 302
