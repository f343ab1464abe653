"""Reconciliation: nothing is left without an end, in each plane by itself."""

import pytest

from custody.chain.bench_disposal import DestroyCryobag
from custody.chain.deviation import RaiseBenchDeviation, RaiseDeviation
from custody.chain.reconciliation import MOST_NAMED, Reconcile, ReconcileSealed
from custody.chain.refusals import Reason
from custody.chain.things import SEALED_TRIAL, TRIAL, SealedTrial, Trial
from custody.chain.transitions import FINAL, unfinished_states
from custody.chain.unblinding import BreakCode

from .journey import at
from .people import INVESTIGATOR, MONITOR, NURSE, RESPONSIBLE, SECOND_TECHNICIAN, TECHNICIAN
from .ways import told


def named(journey, step, person):
    (refusal,) = journey.world.ask(step, person)
    assert refusal.reason is Reason.UNFINISHED
    return set(refusal.facts["codes"].split(", "))


def test_a_trial_whose_bags_have_all_ended_is_reconciled():
    journey = at("destroyed")
    journey.world.do(Reconcile(), MONITOR)
    assert journey.world.get(Trial, TRIAL).status == "reconciled"
    assert journey.world.entries[-1].change.payload == {"cancelled": 0, "destroyed": 1, "returned": 0}


def test_it_is_signed():
    assert at("destroyed").world.reasons(Reconcile(), MONITOR, signed=False) == {Reason.SIGNATURE}


@pytest.mark.parametrize("status", unfinished_states("treatment_bag"))
def test_a_bag_that_has_not_ended_is_named(status):
    journey = at("destroyed")
    journey.world.put(journey.thing(), status=status)
    assert named(journey, Reconcile(), MONITOR) == {journey.bag}


def test_an_order_that_stands_is_named_with_its_participant():
    journey = at("ordered")
    assert named(journey, Reconcile(), MONITOR) == {journey.bag, journey.wristband}


def test_an_open_deviation_is_named():
    journey = at("destroyed")
    journey.world.do(RaiseDeviation(what="late"), NURSE)
    assert named(journey, Reconcile(), MONITOR) == {next(journey.world.of("deviation")).code}


def test_it_is_done_again_after_what_came_later():
    journey = at("destroyed")
    journey.world.do(Reconcile(), MONITOR)
    journey.world.do(RaiseDeviation(what="late"), NURSE)
    assert journey.world.reasons(Reconcile(), MONITOR) == {Reason.UNFINISHED}


def test_the_open_half_says_the_same_in_both_arms():
    said = set()
    for arm in ("MSC", "PLACEBO"):
        journey = at("destroyed", arm)
        journey.world.do(Reconcile(), MONITOR)
        entry = journey.world.entries[-1]
        said.add((entry.size, repr(entry.change)))
    assert len(said) == 1


def test_every_cryobag_ends_before_the_bench_is_reconciled():
    journey = at("destroyed")
    assert named(journey, ReconcileSealed(), RESPONSIBLE) == set(journey.cryobags[1:])
    for bag in journey.cryobags[1:]:
        journey.world.do(DestroyCryobag(cryobag=bag, reason="end of trial"), TECHNICIAN, SECOND_TECHNICIAN)
    journey.world.do(ReconcileSealed(), RESPONSIBLE)
    assert journey.world.get(SealedTrial, SEALED_TRIAL).status == "reconciled"
    assert journey.world.entries[-1].change.payload == {"destroyed": 2, "used": 1}


def test_an_unfinished_preparation_and_a_sealed_deviation_are_named():
    journey = at("diluted", "PLACEBO")
    for bag in journey.cryobags:
        journey.world.do(DestroyCryobag(cryobag=bag, reason="end of trial"), TECHNICIAN, SECOND_TECHNICIAN)
    journey.world.do(RaiseBenchDeviation(what="spilt"), TECHNICIAN)
    deviation = next(journey.world.of("sealed_deviation")).code
    assert named(journey, ReconcileSealed(), RESPONSIBLE) == {f"preparation/{journey.bag}", deviation}


def test_a_code_break_of_which_the_sponsor_was_not_told_is_named():
    journey = at("destroyed")
    for bag in journey.cryobags[1:]:
        journey.world.do(DestroyCryobag(cryobag=bag, reason="end of trial"), TECHNICIAN, SECOND_TECHNICIAN)
    journey.world.do(BreakCode(participant=journey.wristband, why="reaction"), INVESTIGATOR)
    assert named(journey, ReconcileSealed(), RESPONSIBLE) == {f"code_break/{journey.wristband}"}
    told(journey)
    journey.world.do(ReconcileSealed(), RESPONSIBLE)


def test_a_long_list_is_cut_and_says_how_much_is_left_out():
    journey = at("destroyed")
    for _ in range(MOST_NAMED + 20):
        journey.world.put(journey.cryobag(1), code=journey.world.mint("cryobag"))
    (refusal,) = journey.world.ask(ReconcileSealed(), RESPONSIBLE)
    assert refusal.facts["codes"].endswith(", + 22")


def test_each_kind_that_can_be_unfinished_has_a_final_state():
    assert all(FINAL.values())
