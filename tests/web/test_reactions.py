"""A serious reaction is told where it has to be seen: on the bag, the participant, and the lists of who has to act."""

from __future__ import annotations

import re

import pytest

from custody.chain.things import Plane, TreatmentBag
from tests.web import journey
from tests.web.house import HIDDEN, Browser, House, errors


def reacts(house: House, bag: str, login: str) -> None:
    """Let somebody see a serious reaction."""
    signs = {**journey.SIGNS, "reaction": "serious", "words": "rash"}
    house.browser(login).did(bag, "observe", due_min="0", **signs)


@pytest.fixture
def reacting(house: House) -> str:
    """Give a running infusion with a serious reaction."""
    bag = journey.infusing(house)
    reacts(house, bag, "nurse")
    return bag


def participant(house: House, bag: str) -> str:
    with house.door.database.reading(Plane.OPEN) as connection:
        kept = house.door.stores[Plane.OPEN].thing(connection, bag)
    assert kept
    assert isinstance(kept.thing, TreatmentBag)
    return kept.thing.participant


def test_the_pages_say_what_to_do(house: House, reacting: str) -> None:
    nurse = house.browser("nurse")
    for code in (reacting, participant(house, reacting)):
        page = nurse.get(f"/s/{code}").text
        assert "Serious reaction, " in page
        assert "Pause or stop the infusion. Call the investigator." in page
        assert "Raise a deviation" in page


def test_who_goes_on_with_the_infusion_is_told_on_the_form_too(house: House, reacting: str) -> None:
    nurse = house.browser("nurse")
    nurse.did(reacting, "pause_infusion")
    form = nurse.get(f"/s/{reacting}/do/resume_infusion").text
    assert re.search(r'class="notice bad">(?:(?!</p>).)*Serious reaction, ', form, re.DOTALL)
    assert "Leave the infusion paused, or stop it. Call the investigator." in form


def test_a_form_of_before_the_reaction_is_sent_back_once_to_be_read(house: House) -> None:
    bag, nurse, resume = paused(house)
    sent = filled(bag, nurse.get(resume).text)
    reacts(house, bag, "nurse2")
    answer = nurse.send(resume, sent)
    assert answer.status_code == 422
    since = "Not recorded yet: something was recorded since this page was opened. Read it; then confirm again."
    assert errors(answer.text) == [since]
    assert "Serious reaction, " in answer.text
    assert nurse.send(resume, filled(bag, answer.text)).status_code == 303


@pytest.mark.parametrize("late", [{"held_up": "yes"}, {"done_at": "2026-03-10T11:31"}])
def test_what_was_resumed_before_the_reaction_and_comes_late_is_recorded_as_it_was(
    house: House, late: dict[str, str]
) -> None:
    """From paper, or from a device that had no connection."""
    bag, nurse, resume = paused(house)
    house.clock.advance(minutes=2)
    sent = filled(bag, nurse.get(resume).text) | {"occurred_at": house.clock.now().isoformat()} | late
    house.clock.advance(minutes=5)
    reacts(house, bag, "nurse2")
    assert nurse.send(resume, sent).status_code == 303


def test_an_infusion_that_was_stopped_meanwhile_is_refused_and_nobody_is_asked_again(house: House) -> None:
    bag, nurse, resume = paused(house)
    sent = filled(bag, nurse.get(resume).text)
    reacts(house, bag, "nurse2")
    house.browser("nurse2").did(bag, "stop_infusion", given_ul="100", reason="reaction")
    [said] = errors(nurse.send(resume, sent).text)
    assert said.endswith("is infused; this step needs: paused.")


def test_a_form_that_was_recorded_before_the_reaction_and_is_sent_once_more_is_on_record(house: House) -> None:
    """Its answer was lost on the way."""
    bag, nurse, resume = paused(house)
    sent = filled(bag, nurse.get(resume).text)
    assert nurse.send(resume, sent).status_code == 303
    reacts(house, bag, "nurse2")
    assert nurse.send(resume, sent).status_code == 303


def paused(house: House) -> tuple[str, Browser, str]:
    """Give a paused infusion, its nurse, and the address of the form of Resume."""
    bag, nurse = journey.infusing(house), house.browser("nurse")
    nurse.did(bag, "pause_infusion")
    return bag, nurse, f"/s/{bag}/do/resume_infusion"


def filled(bag: str, page: str) -> dict[str, str]:
    """Give what a form of a bag sends."""
    return dict(HIDDEN.findall(page)) | {"treatment_bag": bag}


def test_without_one_going_on_says_nothing_of_it(house: House) -> None:
    bag = journey.infusing(house)
    nurse = house.browser("nurse")
    nurse.did(bag, "pause_infusion")
    assert "reaction" not in nurse.get(f"/s/{bag}/do/resume_infusion").text


def test_the_investigator_is_told_to_call_nobody(house: House, reacting: str) -> None:
    page = house.browser("doctor").get(f"/s/{reacting}").text
    assert "Pause or stop the infusion." in page
    assert "Call the investigator" not in page


@pytest.mark.parametrize("login", ["nurse", "doctor", "monitor", "tech", "resp"])
def test_who_has_to_act_sees_it_first(house: House, reacting: str, login: str) -> None:
    page = house.browser(login).get("/worklist").text
    first = page.index("<h2>")
    assert "Serious reaction" in page[first : first + 60]
    assert reacting in page


def test_a_mild_one_is_on_record_alone(house: House) -> None:
    bag = journey.infusing(house)
    nurse = house.browser("nurse")
    nurse.did(bag, "observe", due_min="0", **{**journey.SIGNS, "reaction": "mild"})
    assert "Serious reaction" not in nurse.get(f"/s/{bag}").text
    assert "Serious reaction" not in nurse.get("/worklist").text


def test_the_ward_finds_whom_to_call(house: House, reacting: str) -> None:
    page = house.browser("nurse").get(f"/s/{reacting}").text
    assert house.door.protocol.contact.emergency_phone in page
    assert house.door.protocol.contact.emergency_phone not in house.browser("monitor").get(f"/s/{reacting}").text
