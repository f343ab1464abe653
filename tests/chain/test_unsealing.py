"""The planned unblinding: what has to be done before, by whom it is signed, and what is open after it."""

from dataclasses import replace
from functools import cache

import pytest

from custody.chain import unsealing
from custody.chain.administration import LoadRandomisation
from custody.chain.correction import Correct
from custody.chain.decide import decide
from custody.chain.deviation import CloseDeviation, RaiseBenchDeviation, RaiseDeviation
from custody.chain.look_ahead import _stand_in as stand_in
from custody.chain.ordering import Order
from custody.chain.refusals import Reason
from custody.chain.roles import Role
from custody.chain.scene import Opening, SealedPlaneClosed
from custody.chain.step import STEPS, fields_of
from custody.chain.things import (
    SEALED_TRIAL,
    TRIAL,
    UNSEALING,
    Allocation,
    Participant,
    Plane,
    SealedTrial,
    Stratum,
    TreatmentBag,
    Trial,
    Unsealing,
    stratum_code,
)
from custody.chain.unsealing import ShowRandomisation, Unseal, fitting, waiting
from custody.ledger.entry import LONGEST_ENTRY, encode

from .journey import at, enrolment
from .people import (
    BY_ROLE,
    INVESTIGATOR,
    MONITOR,
    NURSE,
    RESPONSIBLE,
    STATISTICIAN,
    TECHNICIAN,
    UNBLINDED_INSPECTOR,
)
from .ways import ended, reconciled, unsealed


@cache
def _ended():
    return ended()


@pytest.fixture
def world():
    return _ended().world.copy()


def opened(world):
    """Every opening on record."""
    entries = [entry for entry in world.open_entries() if entry.change.type == "commitments_opened"]
    return [opening for entry in entries for opening in entry.change.payload["openings"]]


def test_each_commitment_is_opened_by_the_event_that_made_it(world):
    world.do(Unseal(), STATISTICIAN, RESPONSIBLE)
    made = {entry.event: entry.change.commits for entry in world.entries if entry.change.commits}
    assert len(made) == 5
    assert {opening["event"]: opening["value"] for opening in opened(world)} == made
    assert len(opened(world)) == 5


def test_every_participant_and_bag_has_its_arm_then_and_not_before(world):
    assert {thing.unsealed_arm for thing in (*world.of("participant"), *world.of("treatment_bag"))} == {""}
    world.do(Unseal(), STATISTICIAN, RESPONSIBLE)
    for participant in world.of("participant"):
        arm = world.get(Allocation, f"allocation/{participant.code}").arm
        assert participant.unsealed_arm == arm
        assert {world.get(TreatmentBag, bag).unsealed_arm for bag in participant.treatment_bags} == {arm}
    state = world.get(Unsealing, UNSEALING)
    assert (state.status, state.orders, state.lists) == ("complete", 3, ("DIJ", "NAN"))


def test_it_goes_on_after_a_stop_opens_nothing_twice_and_ends(world, monkeypatch):
    monkeypatch.setattr(unsealing, "MOST_OPENED", 2)
    for expected in ("begun", "begun", "complete"):
        world.do(Unseal(), STATISTICIAN, RESPONSIBLE)
        assert world.get(Unsealing, UNSEALING).status == expected
    events = [opening["event"] for opening in opened(world)]
    assert len(events) == len(set(events)) == 5
    assert world.reasons(Unseal(), STATISTICIAN, RESPONSIBLE) == {Reason.STATE}


def test_what_is_raised_between_two_halves_does_not_stop_it(world, monkeypatch):
    monkeypatch.setattr(unsealing, "MOST_OPENED", 3)
    world.do(Unseal(), STATISTICIAN, RESPONSIBLE)
    world.do(RaiseDeviation(what="late"), NURSE)
    world.do(Unseal(), STATISTICIAN, RESPONSIBLE)
    assert world.get(Unsealing, UNSEALING).status == "complete"


def test_what_is_missing_before_it_is_told_all_at_once():
    journey = at("ordered")
    for site in ("NAN", "DIJ"):
        del journey.world.things[Plane.SEALED, stratum_code(site)]
    refusals = journey.world.ask(Unseal(), STATISTICIAN, RESPONSIBLE)
    assert [(refusal.reason, refusal.facts.get("role")) for refusal in refusals] == [
        (Reason.NOT_RECONCILED, "monitor"),
        (Reason.NOT_RECONCILED, "responsible_person"),
        (Reason.UNFINISHED, None),
        (Reason.NO_LIST, None),
    ]
    assert {journey.bag, f"preparation/{journey.bag}", journey.cryobags[0]} <= set(
        refusals[2].facts["codes"].split(", ")
    )


@pytest.mark.parametrize(
    ("kind", "code", "role"), [(Trial, TRIAL, "monitor"), (SealedTrial, SEALED_TRIAL, "responsible_person")]
)
def test_each_half_has_to_be_reconciled(world, kind, code, role):
    world.put(world.get(kind, code), status="running")
    (refusal,) = world.ask(Unseal(), STATISTICIAN, RESPONSIBLE)
    assert (refusal.reason, refusal.facts["role"]) == (Reason.NOT_RECONCILED, role)


@pytest.mark.parametrize(("step", "person"), [(RaiseDeviation, NURSE), (RaiseBenchDeviation, TECHNICIAN)])
def test_what_came_after_the_reconciliation_has_to_end_first(world, step, person):
    world.do(step(what="late"), person)
    assert world.reasons(Unseal(), STATISTICIAN, RESPONSIBLE) == {Reason.UNFINISHED}


def test_two_people_sign_and_they_are_the_statistician_and_the_responsible_person(world):
    assert Reason.SIGNATURE in world.reasons(Unseal(), STATISTICIAN, RESPONSIBLE, signed=False)
    assert world.reasons(Unseal(), STATISTICIAN) == {Reason.SECOND_PERSON}
    assert Reason.SAME_PERSON in world.reasons(Unseal(), STATISTICIAN, STATISTICIAN)
    for role in set(Role) - {Role.RESPONSIBLE_PERSON, Role.STATISTICIAN, Role.SYSTEM}:
        assert world.reasons(Unseal(), STATISTICIAN, BY_ROLE[role]) == {Reason.SECOND_ROLE}, role
        assert world.reasons(Unseal(), BY_ROLE[role], RESPONSIBLE) == {Reason.ROLE}, role


def test_nobody_is_enrolled_ordered_for_or_listed_afterwards(world, monkeypatch):
    monkeypatch.setattr(unsealing, "MOST_OPENED", 1)
    waits = world.mint("participant")
    world.do(enrolment(world, waits), INVESTIGATOR)
    reconciled(world)
    del world.things[Plane.SEALED, stratum_code("DIJ")]
    world.do(Unseal(), STATISTICIAN, RESPONSIBLE)
    assert world.reasons(Order(participant=waits), INVESTIGATOR) == {Reason.UNSEALED}
    assert world.reasons(enrolment(world, world.mint("participant")), INVESTIGATOR) == {Reason.UNSEALED}
    another = LoadRandomisation(site="DIJ", arms=("MSC", "PLACEBO") * 2, blocks=("2",))
    assert world.reasons(another, STATISTICIAN) == {Reason.UNSEALED}
    wrong = LoadRandomisation(site="MARS", arms=(), blocks=("2",))
    assert world.reasons(wrong, STATISTICIAN) == {Reason.UNSEALED}, "nothing else is asked then"
    assert world.get(Stratum, stratum_code("NAN")).taken == 3


AFTER_LOCK = {
    "add_person",
    "close_person",
    "give_password",
    "raise_deviation",
    "close_deviation",
    "raise_bench_deviation",
    "close_bench_deviation",
    "correct",
    "correct_sealed",
    "break_code",
    "record_opened_sheet",
    "notify_sponsor",
    "unseal",
    "show_randomisation",
    "read",
    "read_sealed",
    "print_labels",
    "print_labels_sealed",
}
"""Deviations, corrections, accounts, scans, and what is of the blind itself."""


def test_every_step_that_records_a_new_fact_is_refused_once_the_codes_begin_to_open(world, monkeypatch):
    monkeypatch.setattr(unsealing, "MOST_OPENED", 1)
    world.do(Unseal(), STATISTICIAN, RESPONSIBLE)
    assert {name for name, command in STEPS.items() if command.SPEC.after_lock} == AFTER_LOCK
    for name, command in STEPS.items():
        scene = world.scene(command.SPEC, BY_ROLE[next(iter(sorted(command.SPEC.by)))])
        tried = command(**{field: stand_in(kind, scene) for field, kind in fields_of(command)})
        found = decide(tried, scene)
        locked = isinstance(found, tuple) and Reason.UNSEALED in {refusal.reason for refusal in found}
        assert locked == (name not in AFTER_LOCK), name


def test_a_correction_after_the_opening_says_so_and_speaks_of_it(world):
    event = world.do(RaiseDeviation(what="late"), NURSE)
    world.do(CloseDeviation(deviation=next(world.of("deviation")).code, cause="c", action="a"), MONITOR)
    world.do(Correct(event=event, field="what", value="later", reason="typing"), NURSE)
    assert "codes_open" not in world.entries[-1].change.payload
    assert UNSEALING not in world.entries[-1].change.about
    before = world.entries[-1].event
    world.do(Unseal(), STATISTICIAN, RESPONSIBLE)
    world.do(Correct(event=before, field="what", value="much later", reason="typing"), NURSE)
    assert world.entries[-1].change.payload["codes_open"] is True
    assert UNSEALING in world.entries[-1].change.about


def test_a_list_of_former_times_that_nothing_commits_to_is_left_out(world):
    for number, entry in enumerate(world.entries):
        if entry.change.type == "randomisation_loaded":
            world.entries[number] = replace(entry, change=replace(entry.change, commits=None))
    world.do(Unseal(), STATISTICIAN, RESPONSIBLE)
    assert world.get(Unsealing, UNSEALING).lists == ()
    assert world.get(Unsealing, UNSEALING).status == "complete"


def test_no_entry_is_longer_than_a_log_can_hold():
    """Lists of the most places with the longest names of arms, and orders: each entry holds as much as it can."""
    arms = ["A" * 16] * 1000
    lists = [Opening("e" * 36, "00" * 32, {"arms": arms, "site": f"S{number:05}"}) for number in range(30)]
    order = {"arm": "A" * 16, "participant": "P" * 12, "place": 1000, "site": "S00001", "treatment_bag": "T" * 12}
    rest = iter([*lists, *[Opening("e" * 36, "00" * 32, order)] * 250])
    sizes, complete = [], False
    left = list(rest)
    while not complete:
        taken, complete = fitting(iter(left))
        left = left[len(taken) :]
        sizes.append(len(taken))
        opening = [{"event": one.event, "salt": one.salt, "value": dict(one.value)} for one in taken]
        things = {f"{'T' * 12}{number}": 1 for number in range(2 * len(taken))}
        entry = {"payload": {"openings": opening, "complete": complete}, "things": things, "rest": "x" * 3000}
        assert len(encode(entry)) <= LONGEST_ENTRY
    assert sum(sizes) == 280
    assert max(sizes) == 100


def test_a_step_of_the_open_plane_alone_finds_no_opening(world):
    scene = world.scene(RaiseDeviation.SPEC, MONITOR)
    with pytest.raises(SealedPlaneClosed):
        scene.opening(stratum_code("NAN"))


def test_what_waits_is_lists_then_orders(world):
    scene = world.scene(Unseal.SPEC, STATISTICIAN, RESPONSIBLE)
    assert ["arms" in opening.value for opening in waiting(scene)] == [True, True, False, False, False]


# --- the lists are shown again


def test_the_lists_are_shown_to_the_statistician_when_all_is_open_and_that_is_on_record(world, monkeypatch):
    monkeypatch.setattr(unsealing, "MOST_OPENED", 4)
    show = ShowRandomisation()
    assert world.reasons(show, STATISTICIAN) == {Reason.STILL_SEALED}
    world.do(Unseal(), STATISTICIAN, RESPONSIBLE)
    assert world.reasons(show, STATISTICIAN) == {Reason.STILL_SEALED}
    world.do(Unseal(), STATISTICIAN, RESPONSIBLE)
    world.do(show, STATISTICIAN)
    entry = world.entries[-1]
    assert (entry.plane, entry.change.type, entry.change.payload) == (
        Plane.SEALED,
        "randomisation_shown",
        {"sites": ["DIJ", "NAN"]},
    )


def test_nobody_else_is_shown_the_lists():
    world = unsealed()
    for person in (TECHNICIAN, RESPONSIBLE, MONITOR, UNBLINDED_INSPECTOR):
        refusals = decide(ShowRandomisation(), world.scene(ShowRandomisation.SPEC, person))
        assert [refusal.reason for refusal in refusals] == [Reason.ROLE]


def test_participants_who_were_never_randomised_have_no_arm(world):
    waits = world.mint("participant")
    world.do(enrolment(world, waits), INVESTIGATOR)
    reconciled(world)
    world.do(Unseal(), STATISTICIAN, RESPONSIBLE)
    assert world.get(Participant, waits).unsealed_arm == ""
