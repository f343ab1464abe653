"""A password may be guessed nowhere: sign-in, signature, second signature and present password share one count."""

from __future__ import annotations

import re

import pytest

from custody import codes
from custody.chain.things import Plane
from custody.ledger.entry import decode
from custody.record.entries import REFUSED
from tests.web import journey
from tests.web.house import HIDDEN, PASSWORD, Browser, House, errors

WAIT = re.compile(r"Too many wrong passwords of Nurse2 on this device: wait [56] min\.")
WRONG = "This is not the password of {}."
LAST = WRONG + " After one more wrong one this device has to wait 5 min."


def at(house: House) -> Browser:
    """Give a tablet on which nobody has been."""
    return Browser(house.app.test_client(), house)


def second(house: House, browser: Browser, step: str, code: str, login: str, password: str, **more: str) -> list[str]:
    """Send a step with a second person's signature; give what was refused."""
    path = f"/s/{code}/do/{step}"
    sent = dict(HIDDEN.findall(browser.get(path).text)) | {
        "password": PASSWORD,
        "second_badge": house.people[login],
        "second_password": password,
        **more,
    }
    return errors(browser.client.post(path, data=sent).text)


def refused(house: House, plane: Plane) -> list[str]:
    """Give the reasons of a plane's last entry."""
    with house.door.database.reading(plane) as connection:
        store = house.door.stores[plane]
        head = store.head(connection)
        assert head is not None
        entry = decode(store.entry(connection, head.size - 1))
    assert entry["type"] == REFUSED
    return [item["reason"] for item in entry["payload"]["reasons"]]


@pytest.fixture
def bag(house: House) -> str:
    return journey.ordered(house, journey.enrolled(house))


def test_a_second_signature_is_guessed_five_times_and_no_more(house: House, bag: str) -> None:
    nurse = house.browser("nurse")
    for number in range(5):
        said = second(house, nurse, "destroy_bag", bag, "nurse2", f"guess {number}")
        assert (LAST if number == 3 else WRONG).format("Nurse2") in said
        assert ("last_try" if number == 3 else "wrong_password") in refused(house, Plane.OPEN)
    for password in ("guess 6", PASSWORD):
        said = second(house, nurse, "destroy_bag", bag, "nurse2", password)
        assert any(WAIT.fullmatch(text) for text in said), said
        assert "tries" in refused(house, Plane.OPEN)
    assert nurse.send("/sign-in", {"name": "nurse2", "password": PASSWORD}).status_code == 429, "one count for all"
    assert at(house).send("/sign-in", {"name": "nurse2", "password": PASSWORD}).status_code == 302


def test_of_a_second_person_who_may_not_sign_no_password_is_looked_at(house: House, bag: str) -> None:
    nurse, scanned = house.browser("nurse"), {"treatment_bag": bag, "wristband": house.fresh(codes.Kind.PARTICIPANT)}
    guesses = [*["guess"] * 7, PASSWORD]
    answers = {tuple(second(house, nurse, "bedside_check", bag, "tech", guess, **scanned)) for guess in guesses}
    assert len(answers) == 1, "right and wrong, often and seldom: one answer"
    assert any("Tech (cell technician) may not sign here" in text for text in answers.pop())
    assert nurse.send("/sign-in", {"name": "tech", "password": PASSWORD}).status_code == 302, "nothing was counted"


def test_ones_own_signature_counts(house: House, bag: str) -> None:
    doctor = house.browser("doctor")
    path = f"/s/{bag}/do/cancel_order"

    def signing(password: str) -> list[str]:
        sent = dict(HIDDEN.findall(doctor.get(path).text)) | {"reason": "died", "password": password}
        return errors(doctor.client.post(path, data=sent).text)

    wrong, last = [WRONG.format("Doctor")], [LAST.format("Doctor")]
    assert [signing(f"guess {number}") for number in range(5)] == [wrong, wrong, wrong, last, wrong]
    assert re.fullmatch(r"Too many wrong passwords of Doctor on this device: wait [56] min\.", signing(PASSWORD)[0])


def test_a_wrong_password_comes_with_all_else_that_fails_and_nothing_that_a_blank_one_would_not_tell(
    house: House, bag: str
) -> None:
    doctor = house.browser("doctor")
    path = f"/s/{bag}/do/cancel_order"
    house.clock.advance(minutes=1)

    def sent(password: str, **more: str) -> list[str]:
        return errors(
            doctor.client.post(
                path, data={**dict(HIDDEN.findall(doctor.get(path).text)), **more, "password": password}
            ).text
        )

    doctor.did(bag, "cancel_order", reason="died")
    blank, wrong = sent("", reason="again"), sent("guess", reason="again")
    assert blank[1:] == ["Your signature is missing: re-enter your password."]
    assert wrong == [WRONG.format("Doctor"), blank[0]]
    assert "cancelled; this step needs: ordered" in blank[0]
    unread = sent("guess", reason="")
    assert WRONG.format("Doctor") in unread
    assert any("Reason" in text for text in unread)


def test_two_wrong_passwords_and_a_failed_condition_come_in_one_answer(house: House, bag: str) -> None:
    nurse = house.browser("nurse")
    path = f"/s/{bag}/do/destroy_bag"
    given = {"second_badge": house.people["nurse2"], "second_password": "no", "password": "no", "left_ul": "1"}
    more = {"lost_ul": "0", "reason": "spilt"}
    page = nurse.client.post(path, data={**dict(HIDDEN.findall(nurse.get(path).text)), **given, **more})
    said = errors(page.text)
    assert said[:2] == [WRONG.format("Nurse"), WRONG.format("Nurse2")]
    assert len(said) == 3
    assert "ordered; this step needs" in said[2]


def test_in_an_emergency_who_has_to_wait_is_told_what_else_there_is(house: House, bag: str) -> None:
    del bag
    doctor = house.browser("doctor")
    wristband = re.findall(
        r'href="/s/(P[A-Z]{11})"', doctor.get("/s/" + journey.ordered(house, journey.enrolled(house))).text
    )[0]
    path = f"/s/{wristband}/do/break_code"
    answers = []
    for _number in range(6):
        sent = dict(HIDDEN.findall(doctor.get(path).text)) | {"why": "reaction", "password": "no"}
        answers.append(errors(doctor.client.post(path, data=sent).text))
    said = r"Without waiting: another device, the telephone \([+\d ]+\), or the .+ sealed sheet \(K[A-Z-]{13}\)\."
    assert [any(re.fullmatch(said, text) for text in answer) for answer in answers] == [False] * 3 + [True, False, True]


def test_the_present_password_counts_and_so_does_a_form_that_is_sent_again(house: House) -> None:
    nurse, path = house.browser("nurse"), f"/s/{house.people['nurse']}/password"
    given = {"new": "another good one", "again": "another good one"}
    for number in range(5):
        event = {"event": f"5b6f7ca8-6e0e-4b52-a3a1-0d9f4c8a5f2{number}"}
        assert "not your present" in nurse.send(path, {**given, **event, "password": f"guess {number}"}).text
    event = {"event": "5b6f7ca8-6e0e-4b52-a3a1-0d9f4c8a5f29"}
    assert (
        "Too many wrong passwords on this device: wait"
        in nurse.send(path, {**given, **event, "password": PASSWORD}).text
    )

    admin, path = house.browser("admin"), f"/s/{house.people['nurse2']}/password"
    assert admin.send(path, {**given, **event, "password": PASSWORD}).status_code == 303
    for number in range(5):
        guess = {"new": f"another guess {number}", "again": f"another guess {number}"}
        assert "sent before" in admin.send(path, {**guess, **event, "password": PASSWORD}).text
    assert "Too many" in admin.send(path, {**given, **event, "password": PASSWORD}).text


def test_the_count_tells_nobody_that_somebody_signed_in_and_keeps_nobody_out(house: House) -> None:
    """Two wards' addresses: what is tried on the one is nothing to the other, and nothing to a tablet of one's own."""
    known = house.browser("tech2")
    known.send("/sign-out", {})
    elsewhere = at(house)
    tries = [elsewhere.send("/sign-in", {"name": "tech2", "password": "no"}).status_code for _number in range(4)]
    assert known.send("/sign-in", {"name": "tech2", "password": PASSWORD}).status_code == 302
    tries += [elsewhere.send("/sign-in", {"name": "tech2", "password": "no"}).status_code for _number in range(2)]
    assert tries == [422] * 5 + [429]
    known.send("/sign-out", {})
    assert known.send("/sign-in", {"name": "tech2", "password": PASSWORD}).status_code == 302
    away = {"REMOTE_ADDR": "10.0.0.7"}
    assert at(house).send("/sign-in", {"name": "tech2", "password": PASSWORD}, environ_base=away).status_code == 302


def test_a_device_that_somebody_made_up_is_none(house: House) -> None:
    made_up = at(house)
    tries = []
    for number in range(6):
        made_up.client.set_cookie("custody_device", f"eyJuYW1lIjoi{number}")
        tries.append(made_up.send("/sign-in", {"name": "tech", "password": "no"}).status_code)
    assert tries == [422] * 5 + [429]


def test_no_script_reads_what_the_device_is_called(house: House) -> None:
    browser = at(house)
    answer = browser.send("/sign-in", {"name": "tech", "password": PASSWORD})
    [cookie] = [text for text in answer.headers.getlist("Set-Cookie") if text.startswith("custody_device=")]
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
