"""The emergency code break: nothing delays it, nothing open tells of it, and the sponsor is told after."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.chain.refusals import Reason
from custody.chain.roles import Role
from custody.chain.things import (
    CodeBreak,
    Participant,
    Plane,
    Stratum,
    TreatmentBag,
    code_break_code,
    stratum_code,
)
from custody.chain.transitions import states
from custody.chain.unblinding import BreakCode, NotifySponsor, PrintCodeSheets

from .journey import STAGES, at
from .people import (
    BY_ROLE,
    INVESTIGATOR,
    INVESTIGATOR_OF_DIJON,
    NURSE,
    RESPONSIBLE,
    STATISTICIAN,
    TECHNICIAN,
)
from .ways import opened, told

ARMS = ("MSC", "PLACEBO")


def breaking(journey, **more):
    return BreakCode(**{"participant": journey.wristband, "why": "reaction"} | more)


def known(journey):
    return journey.world.get(CodeBreak, code_break_code(journey.wristband))


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("stage", STAGES[2:])
def test_from_the_order_on_the_code_can_be_broken_at_every_stage(stage, arm):
    journey = at(stage, arm)
    journey.world.do(breaking(journey), INVESTIGATOR)
    [entry] = [entry for entry in journey.world.entries if entry.step == "break_code"]
    assert (entry.plane, entry.change.payload["arm"]) == (Plane.SEALED, arm)


@pytest.mark.parametrize("state", states("treatment_bag"))
def test_no_state_of_the_bag_delays_it(state):
    journey = at("ordered")
    journey.world.put(journey.thing(), status=state)
    journey.world.do(breaking(journey), INVESTIGATOR)


@pytest.mark.parametrize("state", states("participant"))
def test_no_state_of_the_participant_delays_it(state):
    journey = at("ordered")
    journey.world.put(journey.thing(Participant), status=state)
    journey.world.do(breaking(journey), INVESTIGATOR)


def test_an_investigator_of_another_site_may_for_participants_are_moved():
    journey = at("ordered")
    journey.world.do(breaking(journey), INVESTIGATOR_OF_DIJON)


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(days=400), timedelta(days=-400)])
def test_a_telephone_whose_clock_is_wrong_delays_nothing_and_did_it_now(ahead):
    journey = at("ordered")
    world = journey.world
    world.do(breaking(journey), INVESTIGATOR, occurred_at=world.now + ahead)
    assert known(journey).breaks[0][1] == f"{world.now:%Y-%m-%dT%H:%M:%S}Z"


def test_what_is_not_urgent_is_still_refused_from_the_future():
    journey = at("ordered")
    later = journey.world.now + timedelta(minutes=5)
    assert journey.world.reasons(PrintCodeSheets(site="NAN"), STATISTICIAN, occurred_at=later) == {Reason.CLOCK_AHEAD}


def test_before_the_first_order_there_is_nothing_to_break():
    journey = at("enrolled")
    assert journey.world.reasons(breaking(journey), INVESTIGATOR) == {Reason.NO_ARM}
    stranger = journey.world.mint("participant")
    assert journey.world.reasons(breaking(journey, participant=stranger), INVESTIGATOR) == {Reason.UNKNOWN}


def test_a_cancelled_order_still_has_an_arm():
    journey = at("ordered")
    journey.world.put(journey.thing(TreatmentBag), status="cancelled")
    journey.world.put(journey.thing(Participant), status="enrolled")
    journey.world.do(breaking(journey), INVESTIGATOR)


def test_it_is_signed_by_the_investigator_alone():
    journey = at("ordered")
    assert journey.world.reasons(breaking(journey), INVESTIGATOR, signed=False) == {Reason.SIGNATURE}
    assert not BreakCode.SPEC.second
    for role in set(Role) - {Role.INVESTIGATOR}:
        assert journey.world.reasons(breaking(journey), BY_ROLE[role]) == {Reason.ROLE}


def test_another_reason_is_given_in_words():
    journey = at("ordered")
    assert journey.world.reasons(breaking(journey, why="other"), INVESTIGATOR) == {Reason.MISSING}
    journey.world.do(breaking(journey, why="other", reason="poisoning"), INVESTIGATOR)
    assert known(journey).breaks[0][2:4] == ("other", "poisoning")


@pytest.mark.parametrize("arm", ARMS)
def test_nothing_open_changes_and_no_open_record_is_made(arm):
    journey = at("infusing", arm)
    world = journey.world
    things = {key: thing for key, thing in world.things.items() if key[0] is Plane.OPEN}
    before = len(world.open_entries())
    world.do(breaking(journey), INVESTIGATOR)
    world.do(opened(journey), INVESTIGATOR)
    told(journey)
    assert len(world.open_entries()) == before
    assert {key: thing for key, thing in world.things.items() if key[0] is Plane.OPEN} == things


def test_each_is_kept_and_each_waits_until_the_sponsor_was_told():
    journey = at("ordered")
    journey.world.do(breaking(journey), INVESTIGATOR)
    journey.world.do(breaking(journey, why="treatment"), INVESTIGATOR_OF_DIJON)
    assert [one[0] for one in known(journey).breaks] == [INVESTIGATOR.code, INVESTIGATOR_OF_DIJON.code]
    assert (known(journey).status, known(journey).told) == ("broken", 0)
    told(journey)
    assert (known(journey).status, known(journey).told) == ("reported", 2)
    journey.world.do(breaking(journey), INVESTIGATOR)
    assert (known(journey).status, known(journey).told) == ("broken", 2)


def test_who_answers_for_the_trial_says_that_the_sponsor_was_told():
    journey = at("ordered")
    journey.world.do(breaking(journey), INVESTIGATOR)
    notice = NotifySponsor(participant=journey.wristband, told_at=journey.world.now, how="by telephone")
    for person in (INVESTIGATOR, NURSE, TECHNICIAN):
        assert journey.world.reasons(notice, person) == {Reason.ROLE}
    assert journey.world.reasons(notice, RESPONSIBLE, signed=False) == {Reason.SIGNATURE}
    journey.world.do(notice, STATISTICIAN)


def test_the_sponsor_is_told_after_the_code_break_or_within_its_minute():
    journey = at("ordered")
    journey.world.now += timedelta(seconds=30)
    journey.world.do(breaking(journey), INVESTIGATOR)
    broken = journey.world.now
    journey.world.wait(10)
    before = broken.replace(second=0) - timedelta(minutes=1)
    notice = NotifySponsor(participant=journey.wristband, told_at=before, how="by telephone")
    assert journey.world.reasons(notice, STATISTICIAN) == {Reason.TIME_BEFORE}
    journey.world.do(replace(notice, told_at=broken.replace(second=0)), STATISTICIAN)


def test_a_sheet_is_not_opened_before_its_participant_was_randomised():
    journey = at("ordered")
    before = journey.world.now - timedelta(minutes=1)
    journey.world.wait(60)
    assert journey.world.reasons(opened(journey, opened_at=before), INVESTIGATOR) == {Reason.TIME_BEFORE}


def test_nobody_tells_the_sponsor_of_what_did_not_happen():
    journey = at("ordered")
    notice = NotifySponsor(participant=journey.wristband, told_at=journey.world.now, how="by telephone")
    assert journey.world.reasons(notice, RESPONSIBLE) == {Reason.UNKNOWN}


def test_a_sheet_is_entered_with_the_time_at_which_it_was_opened():
    journey = at("ordered")
    then = journey.world.now
    journey.world.wait(300)
    journey.world.do(opened(journey, opened_at=then), INVESTIGATOR)
    assert known(journey).breaks[0][1] == f"{then:%Y-%m-%dT%H:%M:%S}Z"
    assert known(journey).breaks[0][4] == ""
    later = journey.world.now + timedelta(hours=1)
    assert journey.world.reasons(opened(journey, opened_at=later), INVESTIGATOR) == {Reason.IN_FUTURE}


def test_the_sheet_of_another_place_is_recorded_all_the_same_and_named():
    journey = at("ordered")
    other = journey.world.get(Stratum, stratum_code("DIJ")).sheets[2]
    event = journey.world.do(opened(journey, sheet=other), INVESTIGATOR)
    assert known(journey).breaks[0][4] == other
    [entry] = [entry for entry in journey.world.entries if entry.event == event]
    assert entry.change.payload["arm"] == "MSC", "what is told is the arm of the participant"


def test_the_statistician_alone_prints_the_sheets_and_each_printing_counts():
    journey = at("stocked")
    for _ in range(2):
        journey.world.do(PrintCodeSheets(site="NAN"), STATISTICIAN)
    assert journey.world.entries[-1].change.payload["sheets"] == 6
    assert journey.world.get(Stratum, stratum_code("NAN")).printings == 2
    assert journey.world.reasons(PrintCodeSheets(site="UNIT"), STATISTICIAN) == {Reason.UNKNOWN}
    assert journey.world.reasons(PrintCodeSheets(site="NAN"), RESPONSIBLE) == {Reason.ROLE}
