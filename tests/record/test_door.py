"""The door: one answer to one event for ever, every refusal on record, and ledger time that never goes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.chain.bedside import BedsideCheck
from custody.chain.deviation import RaiseBenchDeviation, RaiseDeviation
from custody.chain.lot import RecordQc
from custody.chain.ordering import CancelOrder, Order
from custody.chain.refusals import Reason, refuse
from custody.chain.roles import Role
from custody.chain.step import STEPS
from custody.chain.things import Participant, Plane, TreatmentBag
from custody.record.entries import REFUSED, digest
from custody.record.request import EventReused
from tests.chain.journey import DIN
from tests.chain.people import (
    COURIER,
    INVESTIGATOR,
    MONITOR,
    NURSE,
    NURSE_OF_DIJON,
    RESPONSIBLE,
    SECOND_NURSE,
    TECHNICIAN,
)

LATE = RaiseDeviation(what="late")


def sizes(world):
    return [world.size(plane) for plane in Plane]


# --- the same event


@pytest.mark.parametrize(
    ("command", "actor"), [(LATE, MONITOR), (RaiseBenchDeviation(what="spilt"), TECHNICIAN), (LATE, TECHNICIAN)]
)
def test_the_same_event_gets_the_same_answer_for_ever(world, command, actor):
    request = world.request(command, actor)
    first = world.door.submit(request)
    after = sizes(world)
    assert first.done
    assert not first.again
    for _ in range(2):
        world.wait(60)
        assert world.door.submit(request) == replace(first, again=True)
        world.reopen()
    assert sizes(world) == after


def test_a_step_of_both_planes_is_answered_the_same_again(journey):
    world = journey.to("enrolled").world
    request = world.request(Order(participant=journey.wristband), INVESTIGATOR)
    first = world.door.submit(request)
    after = sizes(world)
    world.reopen()
    assert world.door.submit(request) == replace(first, again=True)
    assert sizes(world) == after


def test_a_refusal_too_is_the_same_for_ever_even_when_it_would_be_done_by_now(journey):
    world = journey.world
    request = world.request(Order(participant=journey.wristband), INVESTIGATOR)
    first = world.door.submit(request)
    journey.enrolled()
    assert [refusal.reason for refusal in first.refusals] == [Reason.UNKNOWN]
    assert world.door.submit(request) == replace(first, again=True)
    world.reopen()
    assert world.door.submit(request) == replace(first, again=True)
    assert world.get(Participant, journey.wristband).status == "enrolled"


def test_a_retry_may_come_at_another_time_from_another_device(world):
    request = world.request(LATE, MONITOR)
    first = world.door.submit(request)
    world.wait(5)
    later = replace(request, received_at=world.now, occurred_at=world.now, device="tablet", skew_s=3)
    assert world.door.submit(later) == replace(first, again=True)


def test_an_event_that_came_with_something_else_is_an_error_and_records_nothing(world):
    request = world.request(LATE, MONITOR)
    world.door.submit(request)
    after = sizes(world)
    for other in (
        replace(request, command=RaiseDeviation(what="early")),
        replace(request, actor=NURSE.code),
        replace(request, second=NURSE.code),
        replace(world.request(Order(participant="P"), INVESTIGATOR), event=request.event),
        replace(world.request(RaiseBenchDeviation(what="late"), TECHNICIAN), event=request.event),
    ):
        with pytest.raises(EventReused, match=request.event):
            world.door.submit(other)
    assert sizes(world) == after


@pytest.mark.parametrize("seed", [1, 2])
def test_an_answer_names_the_things_in_the_same_order_for_ever(begin, seed):
    journey = begin(seed=seed).to("ordered")
    request = journey.world.request(CancelOrder(treatment_bag=journey.bag, reason="x"), INVESTIGATOR)
    answer = journey.world.door.submit(request)
    assert set(answer.things) == {journey.bag, journey.wristband}
    assert journey.world.door.submit(request) == replace(answer, again=True)


def test_an_event_id_of_the_bench_is_as_new_to_the_blinded_as_any_other(world):
    """Otherwise whoever comes upon an id could ask whether the bench has used it."""
    mine = world.request(RaiseBenchDeviation(what="spilt"), TECHNICIAN)
    world.door.submit(mine)
    for number, (command, person) in enumerate(
        (
            (LATE, MONITOR),
            (BedsideCheck(treatment_bag="T", wristband="P", cover_on=True, central_line=True), NURSE),
            (RecordQc(lot=DIN, test="x", result="1"), COURIER),
        )
    ):
        if number:
            mine = world.request(RaiseBenchDeviation(what="spilt"), TECHNICIAN)
            world.door.submit(mine)
        theirs, before = world.request(command, person, event=mine.event), sizes(world)
        answer = world.door.submit(theirs)
        assert (answer.again, answer.done) == (False, command is LATE)
        assert sizes(world) == [before[0] + 1, before[1]], "in the open log alone"
        assert world.door.submit(theirs) == replace(answer, again=True)
        again = world.door.submit(mine)
        assert (again.again, again.done) == (True, True), "each gets their own answer"
        with pytest.raises(EventReused):
            world.door.submit(replace(mine, command=RaiseBenchDeviation(what="other")))
        with pytest.raises(EventReused):
            world.door.submit(replace(theirs, second=SECOND_NURSE.code))
    world.reopen()
    assert world.door.submit(mine).again
    assert world.differences() == []


# --- refusals


def test_a_refused_step_is_on_record_with_all_its_reasons_in_the_plane_of_the_step(journey):
    world = journey.to("received").world
    wrong = journey.checking(wristband=world.mint("participant"), cover_on=False, central_line=False)
    answer = world.ask(wrong, NURSE_OF_DIJON, NURSE_OF_DIJON)
    reasons = {refusal.reason for refusal in answer.refusals}
    assert {Reason.COVER, Reason.CENTRAL_LINE, Reason.UNKNOWN, Reason.SAME_PERSON} <= reasons
    entries = world.entries_of(answer.event)
    (entry,) = entries[Plane.OPEN]
    assert entries[Plane.SEALED] == []
    assert entry["type"] == REFUSED
    assert entry["step"] == "bedside_check"
    assert entry["things"] == {}
    assert entry["about"] == [journey.bag]
    assert entry["payload"]["fields"] == wrong.payload()
    assert [item["reason"] for item in entry["payload"]["reasons"]] == [str(item.reason) for item in answer.refusals]
    assert entry["actor"] == {"person": NURSE_OF_DIJON.code, "name": "Dora", "role": "icu_nurse", "site": "DIJ"}
    assert journey.thing().status == "received"


def test_a_refused_step_of_the_bench_leaves_nothing_in_the_open_plane(world):
    before = world.size(Plane.OPEN)
    answer = world.ask(RecordQc(lot=DIN, test="unicorn", result="1"), TECHNICIAN)
    entries = world.entries_of(answer.event)
    assert not answer.done
    assert world.size(Plane.OPEN) == before
    assert entries[Plane.OPEN] == []
    assert len(bytes.fromhex(entries[Plane.SEALED][0]["salt"])) == 32


@pytest.mark.parametrize("person", [TECHNICIAN, RESPONSIBLE])
def test_what_the_unblinded_are_refused_is_sealed_whatever_step_it_was(journey, person):
    """A cryobag's code and free words, in a step that the open log would hold if it were done."""
    world = journey.to("received").world
    before, head = world.size(Plane.OPEN), world.checkpoints()[Plane.OPEN]
    cryobag = journey.cryobags[0]
    answer = world.ask(RaiseDeviation(what="this cryobag leaked", about=cryobag), person)
    assert not answer.done
    assert world.size(Plane.OPEN) == before
    assert world.checkpoints()[Plane.OPEN] == head
    (entry,) = world.entries_of(answer.event)[Plane.SEALED]
    assert entry["payload"]["fields"]["about"] == cryobag
    assert world.door.submit(world.request(LATE, MONITOR)).done
    assert world.differences() == []


def test_who_may_not_do_a_step_learns_that_and_nothing_else(journey):
    world = journey.to("received").world
    for step, command in STEPS.items():
        if Role.COURIER in command.SPEC.by:
            continue
        fault = refuse(Reason.UNREADABLE, what="a fault that might tell")
        request = replace(world.request(LATE, COURIER), step=step, command=None, faults=(fault,), given={"x": "y"})
        (refusal,) = world.door.submit(request).refusals
        assert refusal.reason is Reason.ROLE


def test_an_input_that_could_not_be_read_is_on_record_as_it_came(journey):
    world = journey.to("received").world
    given = {"treatment_bag": journey.bag, "wristband": "\x00\x1d née ☃", "cover_on": "perhaps"}
    fault = refuse(Reason.UNREADABLE, what="this is no code of ours")
    request = world.request(journey.checking(), NURSE, SECOND_NURSE)
    request = replace(request, command=None, given=given, faults=(fault,), scan={"raw": "\x00", "source": "wedge"})
    answer = world.door.submit(request)
    assert answer.refusals == (fault,)
    (entry,) = world.entries_of(answer.event)[Plane.OPEN]
    assert entry["payload"]["fields"] == given
    assert entry["scan"] == {"raw": "\x00", "source": "wedge"}
    assert entry["about"] == [journey.bag]
    world.reopen()
    assert world.door.submit(request) == replace(answer, again=True)


def test_what_a_person_typed_instead_of_a_code_hurts_nobody(world):
    for text in ("\x00", "T\x00T", "\ud800", "x" * 41, "x" * 4000, "' OR 1=1 --", "\n", ""):
        fault = refuse(Reason.UNREADABLE, what="?")
        given = {"treatment_bag": text.encode(errors="replace").decode()}
        request = replace(world.request(LATE, NURSE), step="observe", command=None, given=given, faults=(fault,))
        assert world.door.submit(request).refusals == (fault,)
        unknown = world.ask(LATE, NURSE, replace(SECOND_NURSE, code=given["treatment_bag"]))
        assert unknown.done == (text == "")
    assert world.differences() == []


def test_an_input_of_any_length_is_on_record_cut_with_the_digest_of_the_whole(world):
    fault = refuse(Reason.UNREADABLE, what="z" * 70_000)
    given = {"treatment_bag": "x" * 1_000_000} | {f"field{number}": "y" for number in range(5000)}
    request = replace(world.request(LATE, NURSE), step="observe", command=None, given=given, faults=(fault,) * 500)
    answer = world.door.submit(request)
    (entry,) = world.entries_of(answer.event)[Plane.OPEN]
    assert not answer.done
    assert entry["payload"]["cut"]
    assert entry["payload"]["fields"]["treatment_bag"] == "x" * 200
    assert entry["request"] == digest(request)
    assert world.door.submit(request) == replace(answer, again=True)


def test_nobody_acts_under_a_badge_that_is_not_there(world):
    before = sizes(world)
    for code in ("", "NOBODY", "\x00"):
        with pytest.raises(LookupError):
            world.ask(LATE, replace(NURSE, code=code))
    assert sizes(world) == before


def test_a_code_scanned_by_mistake_may_be_that_of_a_record(world):
    """An event id typed where a bag's code belongs is about the record, and corrects nothing."""
    event = world.do(LATE, MONITOR)
    fault = refuse(Reason.UNREADABLE, what="?")
    given = {"treatment_bag": event}
    wrong = replace(world.request(LATE, NURSE), step="observe", command=None, given=given, faults=(fault,))
    world.door.submit(wrong)
    correct = STEPS["correct"](event=event, field="what", value="early", reason="slip")
    assert world.ask(correct, MONITOR).done
    assert world.reasons(correct, MONITOR) == {Reason.ALREADY_CORRECTED}


# --- what stands in an entry


def test_an_entry_says_who_when_where_and_signed_how(journey):
    world = journey.to("received").world
    occurred = world.now
    world.wait(7)
    request = world.request(
        journey.checking(), NURSE, SECOND_NURSE, occurred_at=occurred, device="tablet-3", skew_s=2, scan={"raw": "x"}
    )
    world.wait(1)
    answer = world.door.submit(request)
    (entry,) = world.entries_of(answer.event)[Plane.OPEN]
    signed = [(item["person"], item["name"], item["meaning"]) for item in entry["signatures"]]
    spec = BedsideCheck.SPEC
    assert signed == [(NURSE.code, "Nina", spec.signed), (SECOND_NURSE.code, "Noel", spec.second_meaning)]
    assert entry["second"] == SECOND_NURSE.code
    assert (entry["device"], entry["skew_s"], entry["scan"]) == ("tablet-3", 2, {"raw": "x"})
    assert entry["occurred_at"] < entry["received_at"] == entry["recorded_at"]
    assert entry["protocol"] == world.door.protocol.hash
    assert entry["things"] == {journey.bag: 6}
    assert entry["about"] == [journey.wristband]


def test_versions_of_a_thing_rise_by_one(journey):
    world = journey.to("destroyed").world
    for plane in Plane:
        versions = {}
        for entry in world.entries(plane):
            for code, version in entry["things"].items():
                assert version == versions.get(code, 0) + 1
                versions[code] = version
        assert max(versions.values()) > 3


def test_every_entry_is_found_by_what_it_speaks_of(journey):
    world = journey.to("infusing").world
    for plane in Plane:
        entries = world.entries(plane)
        with world.reading(plane) as connection:
            for code in {code for entry in entries for code in (*entry["things"], *entry["about"])}:
                places = [at for at, entry in enumerate(entries) if code in entry["things"] or code in entry["about"]]
                assert world.store(plane).mentions(connection, code) == places


# --- time


def test_ledger_time_never_goes_back_when_the_clock_does(world):
    request = world.request(LATE, MONITOR)
    times = [world.door.submit(request).recorded_at]
    for minutes in (-60, 0, -600, 30):
        world.wait(minutes)
        times.append(world.ask(LATE, MONITOR).recorded_at)
        world.ask(RaiseBenchDeviation(what="spilt"), TECHNICIAN)
        world.reopen()
    assert times == sorted(set(times))
    for plane in Plane:
        recorded = [entry["recorded_at"] for entry in world.entries(plane)]
        assert recorded == sorted(set(recorded))


def test_the_open_logs_time_does_not_tell_how_much_the_bench_wrote(world):
    first = world.ask(LATE, MONITOR).recorded_at
    for _ in range(7):
        world.do(RaiseBenchDeviation(what="spilt"), TECHNICIAN)
    assert world.ask(LATE, MONITOR).recorded_at == first + timedelta(microseconds=1)
    world.reopen()
    assert world.ask(LATE, MONITOR).recorded_at == first + timedelta(microseconds=2)


class BusyDoor:
    """A clock that has moved on whenever the door looks at it."""

    def __init__(self, clock):
        self._clock, self._busy = clock, timedelta(0)

    def now(self):
        self._busy += timedelta(milliseconds=7)
        return self._clock.now() + self._busy


def test_the_open_log_does_not_tell_how_long_the_door_was_busy(journey):
    world = journey.to("enrolled").world
    world.wait(1)
    world.door.world = replace(world.outside, clock=BusyDoor(world.clock))
    done = world.ask(Order(participant=journey.wristband), INVESTIGATOR)
    assert (done.done, done.recorded_at) == (True, world.now)
    (bag,) = world.find(TreatmentBag, "ordered")
    assert (bag.ready_at - world.now) % timedelta(minutes=1) == timedelta(0), "the rules, too, take it as now"
    world.wait(1)
    for refused in (Order(participant=journey.wristband), Order(participant="NOBODY")):
        world.wait(1)
        assert world.ask(refused, INVESTIGATOR).recorded_at == world.now
    for entry in world.entries(Plane.OPEN)[-3:]:
        assert entry["recorded_at"] == entry["received_at"]


def test_a_step_that_was_received_after_now_is_recorded_now(world):
    later = world.now + timedelta(hours=1)
    assert world.ask(LATE, MONITOR, received_at=later).recorded_at < later


def test_a_release_is_recorded_in_the_open_log_at_its_own_time(journey):
    world = journey.to("covered").world
    world.now = journey.thing().ready_at
    for _ in range(5):
        world.do(RaiseBenchDeviation(what="spilt"), TECHNICIAN)
    event = world.do(STEPS["release_for_dispatch"](treatment_bag=journey.bag), RESPONSIBLE)
    halves = world.entries_of(event)
    assert halves[Plane.OPEN][0]["recorded_at"] == f"{world.now:%Y-%m-%dT%H:%M:%S.%f}Z"
    assert halves[Plane.SEALED][0]["recorded_at"] > halves[Plane.OPEN][0]["recorded_at"]
