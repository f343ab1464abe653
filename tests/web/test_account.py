"""Passwords: given by their owner or by the administrator, on record, and never shown."""

from __future__ import annotations

from custody.chain.things import Plane
from custody.ledger.entry import decode
from tests.web.house import HIDDEN, PASSWORD, Browser, House

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
