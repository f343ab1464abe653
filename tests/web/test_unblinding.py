"""The emergency code break, page by page: the arm to who broke the code; to everybody else the same pages as before."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from custody import codes
from custody.chain.administration import AddPerson
from custody.chain.roles import Role, sees_arm
from custody.chain.things import Plane, Stratum, stratum_code
from custody.store import accounts
from tests.web import house as houses
from tests.web import journey
from tests.web.house import CAST, Browser, House, errors
from tests.web.test_worklist import listed

ARMS = {
    "MSC": ("Cellules souches mésenchymateuses allogéniques dans l&#39;albumine", "Allogeneic mesenchymal stem cells"),
    "PLACEBO": ("Albumine seule", "Albumin alone"),
}
TOKEN = re.compile(r'(name="csrf-token" content|name="csrf_token" value)="[^"]+"')
WAY_BACK = re.compile(r'<p><a class="button" href="/s/[^"]+/told/[^"]+">.*?</a></p>', re.DOTALL)
NOW = re.compile(r'(name="event" value|name="now" content)="[^"]+"')


def broken(house: House, wristband: str, by: Browser | None = None, **fields: str) -> str:
    """Break the code; give the address to which the answer leads."""
    answer = (by or house.browser("doctor")).step(wristband, "break_code", **{"why": "reaction"} | fields)
    assert answer.status_code == 303, errors(answer.text)
    return answer.headers["Location"]


@pytest.mark.parametrize("arm", ARMS)
def test_the_arm_is_told_in_both_languages_at_once_and_again_to_the_password(tmp_path: Path, arm: str) -> None:
    house = houses.build(tmp_path, arms=(arm, arm))
    wristband = journey.enrolled(house)
    journey.ordered(house, wristband)
    doctor = house.browser("doctor")
    location = broken(house, wristband, doctor)
    assert arm not in location
    for again in range(2):
        if again:
            assert doctor.send(location, {"password": houses.PASSWORD}).headers["Location"] == location
        page = doctor.get(location)
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        assert all(words in page.text for words in ARMS[arm])
        assert f"Doctor, {'investigator'}" in page.text
        assert "2026-03-10 09:00 CET" in page.text
        assert "NAN-001" in page.text
        assert page.headers["X-Shown"] == "once"
        assert asked(doctor.get(location))
    house.door.database.close()


def asked(page: TestResponse) -> bool:
    """Say whether a page asks for the password, and tells no arm."""
    assert page.status_code in {200, 422, 429}
    assert page.headers["Cache-Control"] == "no-store"
    assert "X-Shown" not in page.headers
    assert not [words for arm in ARMS.values() for words in arm if words in page.text]
    return "The arm was shown once." in page.text


@pytest.fixture
def participant(house: House) -> str:
    """Somebody for whom a bag was ordered."""
    wristband = journey.enrolled(house)
    journey.ordered(house, wristband)
    return wristband


def test_the_same_form_sent_twice_is_one_code_break_and_told_twice(house: House, participant: str) -> None:
    browser = house.browser("doctor")
    fields = {"participant": participant, "why": "reaction", "event": str(uuid4()), "password": houses.PASSWORD}
    first, again = (browser.send(f"/s/{participant}/do/break_code", fields) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    assert len(code_breaks(house)) == 1


def code_breaks(house: House) -> list[tuple[str, ...]]:
    with house.door.database.reading(Plane.SEALED) as connection:
        found = house.door.stores[Plane.SEALED].find(connection, "code_break", "broken")
    return [one for kept in found for one in kept.thing.breaks]  # type: ignore[attr-defined]


def test_on_another_device_and_after_five_minutes_it_is_told_to_the_password_alone(
    house: House, participant: str
) -> None:
    doctor, elsewhere = house.browser("doctor"), house.browser("doctor")
    location = broken(house, participant, doctor)
    assert asked(elsewhere.get(location)), "the same investigator, on another device"
    house.clock.advance(minutes=5)
    assert asked(doctor.get(location)), "five minutes later"
    assert elsewhere.send(location, {"password": houses.PASSWORD}).status_code == 303
    assert asked(doctor.get(location)), "told elsewhere"
    assert "X-Shown" in elsewhere.get(location).headers


def test_a_form_that_is_sent_again_without_its_password_tells_nothing_more(house: House, participant: str) -> None:
    doctor = house.browser("doctor")
    fields = {"participant": participant, "why": "reaction", "event": str(uuid4()), "password": houses.PASSWORD}
    location = doctor.send(f"/s/{participant}/do/break_code", fields).headers["Location"]
    assert "X-Shown" in doctor.get(location).headers
    doctor.send(f"/s/{participant}/do/break_code", fields | {"password": ""})
    assert asked(doctor.get(location))


def test_its_password_is_tried_as_often_as_any_other_and_no_oftener(house: House, participant: str) -> None:
    doctor = house.browser("doctor")
    location = broken(house, participant, doctor)
    doctor.get(location)
    for _number in range(5):
        page = doctor.send(location, {"password": "wrong"})
        assert (page.status_code, asked(page)) == (422, True)
        assert "This is not your present password." in page.text
    page = doctor.send(location, {"password": houses.PASSWORD})
    assert (page.status_code, asked(page)) == (429, True)
    assert "Too many wrong passwords on this device: wait" in page.text
    assert "Without waiting: another device" in page.text


def test_for_anybody_else_the_answer_is_an_address_like_any_that_is_not(house: House, participant: str) -> None:
    location = broken(house, participant)
    add_investigator(house)
    nothing = f"/s/{participant}/told/{uuid4()}"
    for login in (*CAST, "other"):
        browser = house.browser(login)
        other, unknown = browser.get(location), browser.get(nothing)
        if login != "doctor":
            assert (other.status_code, same(other)) == (404, same(unknown).replace(nothing, location))
            assert browser.send(location, {"password": houses.PASSWORD}).status_code == 404
    elsewhere = location.replace(participant, house.fresh(codes.Kind.PARTICIPANT))
    assert house.browser("doctor").get(elsewhere).status_code == 404


def same(answer: TestResponse) -> str:
    """Give a page without what differs from one sending to the next; a checkpoint without its signatures."""
    text = answer.text if answer.mimetype == "text/html" else answer.text.partition("\n\n")[0]
    return NOW.sub("", TOKEN.sub("", text))


def add_investigator(house: House, site: str = "NAN") -> None:
    """Let another investigator work at a ward, who is called other."""
    added = AddPerson(name="Other", role=Role.INVESTIGATOR, site=site, login="other")
    house.people["other"] = house.ask(added, "admin").things[0]
    with house.door.database.writing() as connection:
        accounts.keep(connection, house.people["other"], "other", houses._SECRET)


def everything_shown(house: House, login: str, participant: str, bag: str) -> dict[str, tuple[int, str, str]]:
    """Give what a person gets of all that has to do with a participant."""
    browser = house.browser(login)
    sheet = re.findall(r'href="/s/(K[A-Z]{11})"', browser.get(f"/s/{participant}").text)[0]
    own = [f"/s/{code}{rest}" for code in (participant, bag, sheet) for rest in ("", "/history", "/changed?seen=")]
    own += [f"/s/{participant}/do/{step}" for step in ("break_code", "record_opened_sheet", "notify_sponsor")]
    paths = ["/", "/worklist", "/labels", "/ledger/open/checkpoint", *own]
    answers = {path: browser.get(path) for path in paths}
    return {path: (one.status_code, same(one), repr(sorted(one.headers))) for path, one in answers.items()}


def test_what_blinded_people_get_is_the_same_to_the_byte_before_and_after(house: House, participant: str) -> None:
    """Of the one who broke the code too: what was told stands on its own page alone, to which theirs has a link."""
    add_investigator(house)
    bag = re.findall(r'href="/s/(T[A-Z]{11})"', house.browser("nurse").get(f"/s/{participant}").text)[0]
    logins = [login for login, (role, _) in CAST.items() if not sees_arm(role)] + ["other"]
    assert {"doctor", "nurse", "courier", "monitor", "inspector", "admin"} < set(logins)
    before = {login: everything_shown(house, login, participant, bag) for login in logins}
    broken(house, participant)
    house.browser("doctor").step(participant, "break_code", sign=False, why="reaction")
    house.browser("nurse").send(f"/s/{participant}/do/break_code", {"event": str(uuid4()), "participant": participant})
    for login in logins:
        after = everything_shown(house, login, participant, bag)
        other = {path for path in after if after[path] != before[login][path]}
        if login == "doctor":
            [path] = other
            assert path == f"/s/{participant}"
            assert WAY_BACK.sub("", after[path][1]) == before[login][path][1]
        else:
            assert other == set(), login
    assert all("/do/break_code" in before[login][f"/s/{participant}"][1] for login in ("doctor", "other"))
    assert all("/do/break_code" not in before[login][f"/s/{participant}"][1] for login in ("nurse", "monitor"))


def test_that_comparison_finds_what_does_change(house: House, participant: str) -> None:
    bag = re.findall(r'href="/s/(T[A-Z]{11})"', house.browser("nurse").get(f"/s/{participant}").text)[0]
    before = everything_shown(house, "resp", participant, bag)
    broken(house, participant)
    after = everything_shown(house, "resp", participant, bag)
    assert {"/", "/worklist", f"/s/{participant}", f"/s/{participant}/history"} <= {
        path for path in after if after[path] != before[path]
    }


def test_those_who_answer_for_the_trial_see_it_until_the_sponsor_was_told(house: House, participant: str) -> None:
    broken(house, participant, why="other", reason="poisoning")
    for login in ("resp", "stat", "inspector_unblinded"):
        section = listed(house, login, "Code broken: tell the sponsor")
        assert f'href="/s/{participant}"' in section
        assert "Doctor, 2026-03-10 09:00 CET, Another reason, poisoning" in section
        assert not [words for arm in ARMS.items() for words in (arm[0], *arm[1]) if words in section], "never the arm"
    assert listed(house, "tech", "Code broken") == ""
    stat = house.browser("stat")
    assert "Doctor, 2026-03-10 09:00 CET" in stat.get(f"/s/{participant}").text
    assert "Doctor, 2026-03-10 09:00 CET" in stat.get(f"/s/{participant}/do/notify_sponsor").text
    stat.did(participant, "notify_sponsor", told_at=house.clock.now(), how="by telephone, Dr Exemple")
    assert listed(house, "resp", "Code broken") == ""
    broken(house, participant)
    assert "Serious reaction" in listed(house, "resp", "Code broken: tell the sponsor")
    assert "poisoning" not in listed(house, "resp", "Code broken: tell the sponsor"), "of that the sponsor knows"


def test_an_opened_sheet_is_entered_afterwards_and_one_of_another_place_is_told(house: House, participant: str) -> None:
    doctor = house.browser("doctor")
    with house.door.database.reading(Plane.SEALED) as connection:
        kept = house.door.stores[Plane.SEALED].thing(connection, stratum_code("NAN"))
    assert kept is not None
    assert isinstance(kept.thing, Stratum)
    theirs, other = kept.thing.sheets[:2]
    then = house.clock.now()
    house.clock.advance(minutes=200)
    for sheet, wrong in ((theirs, False), (other, True)):
        answer = doctor.step(participant, "record_opened_sheet", sheet=sheet, opened_at=then, why="treatment")
        page = doctor.get(answer.headers["Location"]).text
        assert "2026-03-10 09:00 CET" in page
        assert (codes.group(sheet) in page) is wrong
        said = f"the wrong sheet was opened, {codes.group(sheet)}: its place is unused yet"
        assert (said in listed(house, "resp", "Code broken")) is wrong
    journey.ordered(house, journey.enrolled(house))
    assert f"the wrong sheet was opened, {codes.group(other)}: it is of NAN-002" in listed(house, "stat", "Code broken")
    for login in ("monitor", "nurse", "inspector", "admin"):
        assert "wrong sheet" not in house.browser(login).get("/").text


def test_from_a_scanned_sheet_its_record_is_begun_without_another_scan(house: House, participant: str) -> None:
    doctor = house.browser("doctor")
    sheet = re.findall(r'href="/s/(K[A-Z]{11})"', doctor.get(f"/s/{participant}").text)[0]
    path = f"/s/{participant}/do/record_opened_sheet?sheet={sheet}"
    assert f'href="{path}"' in doctor.get(f"/s/{sheet}").text
    form = doctor.get(path).text
    assert f'name="sheet" value="{sheet}"' in form
    assert "Reason, in words" in form
    assert "Needed for another reason." in form
    assert "(optional)" not in form


def test_who_broke_the_code_is_not_told_that_the_sponsor_knows(house: House, participant: str) -> None:
    doctor = house.browser("doctor")
    page = doctor.get(broken(house, participant, doctor)).text
    assert "still have to tell the sponsor" in page


def test_of_a_cancelled_and_a_live_order_the_participants_page_says_which_is_live(house: House) -> None:
    wristband = journey.enrolled(house)
    first = journey.ordered(house, wristband)
    doctor = house.browser("doctor")
    doctor.did(first, "cancel_order", reason="not now")
    second = journey.ordered(house, wristband)
    page = doctor.get(f"/s/{wristband}").text
    for bag, state in ((first, "cancelled"), (second, "ordered")):
        assert re.search(
            rf'href="/s/{bag}">[A-Z-]+</a>\s*<span class="badge \w+">(?:(?!</span>).)*{state}</span>', page, re.DOTALL
        )


def test_after_the_order_the_sheets_code_is_to_be_written_into_the_file_and_printed_for_it(house: House) -> None:
    wristband = journey.enrolled(house)
    doctor = house.browser("doctor")
    said = "Write this sheet’s code into the medical file"
    assert said not in doctor.get(f"/s/{wristband}").text
    page = doctor.get(doctor.did(wristband, "order").location).text
    assert said in page
    [sheet] = re.findall(r'href="/prints/new\?code=(K[A-Z]{11})"', page)
    assert f'<p class="big code">{codes.group(sheet)}</p>' in page
    label = doctor.get(f"/labels/{sheet}.svg").text
    assert codes.group(sheet) in label
    assert "NAN-001" in label
    assert doctor.get(f"/prints/new?code={sheet}").status_code == 200


def test_a_sheet_says_whose_it_is_and_leads_to_the_code_break_but_not_before_its_order(
    house: House, participant: str
) -> None:
    doctor = house.browser("doctor")
    sheet = re.findall(r'href="/s/(K[A-Z]{11})"', doctor.get(f"/s/{participant}").text)[0]
    page = doctor.get(f"/s/{sheet}").text
    assert f'href="/s/{participant}"' in page
    assert f'href="/s/{participant}/do/record_opened_sheet?sheet={sheet}"' in page
    assert doctor.scan(sheet).json["url"] == f"/s/{sheet}"  # type: ignore[index]
    with house.door.database.reading(Plane.SEALED) as connection:
        kept = house.door.stores[Plane.SEALED].thing(connection, stratum_code("NAN"))
    later = kept.thing.sheets[1]  # type: ignore[union-attr]
    assert doctor.get(f"/s/{later}").status_code == 404
    assert doctor.scan(later).status_code == 422
    expects = {"raw": later, "expects": "code_sheet", "step": "record_opened_sheet", "fits": "code_sheet:sheet"}
    assert doctor.send("/scan", expects, headers={"Accept": "application/json"}).status_code == 200


def test_an_investigator_of_another_ward_finds_the_way_too_for_participants_are_moved(
    house: House, participant: str
) -> None:
    add_investigator(house, "DIJ")
    other = house.browser("other")
    assert f'href="/s/{participant}/do/break_code"' in other.get(f"/s/{participant}").text
    assert ARMS["MSC"][1] in other.get(broken(house, participant, other)).text


def test_before_an_order_nothing_is_offered_and_the_door_says_why(house: House) -> None:
    wristband = journey.enrolled(house)
    doctor = house.browser("doctor")
    assert "break_code" not in doctor.get(f"/s/{wristband}").text
    answer = doctor.step(wristband, "break_code", why="reaction")
    assert answer.status_code == 422
    assert errors(answer.text) == [f"Nothing was ever ordered for {codes.group(wristband)}: there is no code to break."]


def test_a_wristband_that_is_scanned_on_its_page_is_not_held_against_what_cannot_be_seen(
    house: House, participant: str
) -> None:
    doctor = house.browser("doctor")
    expects = {"raw": participant, "expects": "participant", "step": "break_code", "fits": "participant:participant"}
    assert doctor.send("/scan", expects, headers={"Accept": "application/json"}).status_code == 200


def test_a_wrong_password_is_said_and_leaves_nothing_open(house: House, participant: str) -> None:
    head = house.door.checkpoint(Plane.OPEN).partition("\n\n")[0]
    doctor = house.browser("doctor")
    answer = doctor.step(participant, "break_code", sign=False, why="reaction", password="not this one")
    assert errors(answer.text) == ["This is not the password of Doctor."]
    assert house.door.checkpoint(Plane.OPEN).partition("\n\n")[0] == head


def test_no_log_line_and_no_address_says_the_arm(
    house: House, participant: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        doctor = house.browser("doctor")
        location = broken(house, participant, doctor)
        assert "X-Shown" in doctor.get(location).headers
    assert not [line for line in (*caplog.messages, location) for arm in ARMS if arm in line]


def test_no_page_prints_sheets_for_the_record_would_be_of_nothing(house: House) -> None:
    stat = house.browser("stat")
    assert stat.get("/do/print_code_sheets").status_code == 404
    assert stat.send("/do/print_code_sheets", {"event": str(uuid4()), "site": "NAN"}).status_code == 404


def test_the_way_in_is_the_last_of_the_page_and_never_its_big_button(house: House, participant: str) -> None:
    doctor = house.browser("doctor")
    bag = re.findall(r'href="/s/(T[A-Z]{11})"', doctor.get(f"/s/{participant}").text)[0]
    for code in (participant, bag):
        page = doctor.get(f"/s/{code}").text
        steps = re.findall(r'class="action([^"]*)" href="/s/\w+/do/(\w+)"', page)
        assert steps[-2:] == [(" danger", "break_code"), (" danger", "record_opened_sheet")]
        assert page.rindex('<nav class="aside"') < page.index("/do/break_code")


def test_both_arms_show_the_same_page_with_the_same_offers(tmp_path: Path) -> None:
    pages: dict[str, list[str]] = {arm: [] for arm in ARMS}
    hidden: Callable[[str], str] = lambda text: re.sub(r"[A-Z]{12}|[A-Z]{4}-[A-Z]{4}-[A-Z]{4}", "", text)  # noqa: E731
    for arm, shown in pages.items():
        folder = tmp_path / arm
        folder.mkdir()
        house = houses.build(folder, arms=(arm, arm))
        wristband = journey.enrolled(house)
        journey.ordered(house, wristband)
        doctor = house.browser("doctor")
        shown += [hidden(same(doctor.get(f"/s/{wristband}{rest}"))) for rest in ("", "/do/break_code")]
        house.door.database.close()
    assert pages["MSC"] == pages["PLACEBO"]


def test_on_either_database(either: House) -> None:
    wristband = journey.enrolled(either)
    journey.ordered(either, wristband)
    doctor = either.browser("doctor")
    page = doctor.get(broken(either, wristband, doctor)).text
    assert ARMS["MSC"][0] in page
    assert f'href="/s/{wristband}"' in listed(either, "resp", "Code broken: tell the sponsor")


def test_who_broke_the_code_finds_the_way_back_to_the_answer_and_nobody_else_does(
    house: House, participant: str
) -> None:
    link = re.compile(r'href="(/s/[^"]+/told/[^"]+)"')
    doctor = house.browser("doctor")
    assert not link.search(doctor.get(f"/s/{participant}").text)
    location = broken(house, participant, doctor)
    doctor.get(location)
    [back] = link.findall(doctor.get(f"/s/{participant}").text)
    assert back == location
    assert asked(doctor.get(back)), "the password is asked for"
    for login in CAST.keys() - {"doctor"}:
        assert not link.search(house.browser(login).get(f"/s/{participant}").text), login


def test_the_form_says_what_else_there_is_when_nothing_answers(house: House, participant: str) -> None:
    page = house.browser("doctor").get(f"/s/{participant}/do/break_code").text
    assert house.door.protocol.contact.emergency_phone in page
    [sheet] = re.findall(r"sealed sheet \((K[A-Z-]+)\)", page)
    assert sheet


def test_whom_to_call_is_one_touch_away_from_the_form(house: House) -> None:
    participant = journey.enrolled(house)
    journey.ordered(house, participant)
    number = house.door.protocol.contact.emergency_phone
    form = house.browser("doctor").get(f"/s/{participant}/do/break_code").text
    assert f'<a href="tel:{number.replace(" ", "")}">{number}</a>' in form
