"""One custodian always: whatever people try, after its release exactly one person holds a bag, as two people signed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from custody.chain.bag_handoff import RefuseBagHandoff
from custody.chain.dispatch import Unpack
from custody.chain.disposal import DestroyBag, ReturnBag
from custody.chain.handoff import RefuseHandoff
from custody.chain.infusion import PauseInfusion, ResumeInfusion, StartInfusion
from custody.chain.step import Recorded
from custody.chain.take_over import TakeOverBag, TakeOverShipper
from custody.chain.things import Person, Shipper
from custody.chain.transitions import FINAL

from .journey import STAGES, VOLUME, at
from .people import (
    COURIER,
    NURSE,
    NURSE_OF_DIJON,
    RESPONSIBLE,
    SECOND_COURIER,
    SECOND_NURSE,
    SECOND_TECHNICIAN,
    TECHNICIAN,
)

PEOPLE = (
    TECHNICIAN,
    SECOND_TECHNICIAN,
    RESPONSIBLE,
    COURIER,
    SECOND_COURIER,
    NURSE,
    SECOND_NURSE,
    NURSE_OF_DIJON,
)
CHANGES_HANDS = {
    "hand_over": ("giver", "receiver"),
    "hand_over_bag": ("giver", "receiver"),
    "take_over": ("held_by", "taken_by"),
    "take_over_bag": ("held_by", "taken_by"),
}
"""Steps that change who holds a bag, and where their records say who held it and who holds it."""
ACTIONS = {
    "pack": lambda journey: journey.packing(),
    "unpack": lambda journey: Unpack(shipper=journey.shipper, reason="trying"),
    "hand over": lambda journey: journey.handing(),
    "hand over, broken": lambda journey: journey.handing(seal_intact=False),
    "hand over the bag": lambda journey: journey.handing_bag(),
    "take over": lambda journey: TakeOverShipper(shipper=journey.shipper, reason="called away"),
    "take over the bag": lambda journey: TakeOverBag(treatment_bag=journey.bag, reason="called away"),
    "refuse": lambda journey: RefuseHandoff(shipper=journey.shipper, why="other"),
    "refuse the bag": lambda journey: RefuseBagHandoff(treatment_bag=journey.bag, why="other"),
    "check": lambda journey: journey.checking(),
    "start": lambda journey: StartInfusion(treatment_bag=journey.bag),
    "pause": lambda journey: PauseInfusion(treatment_bag=journey.bag),
    "resume": lambda journey: ResumeInfusion(treatment_bag=journey.bag),
    "stop": lambda journey: journey.stopping(words="line blocked"),
    "return": lambda journey: ReturnBag(treatment_bag=journey.bag, left_ul=left(journey), lost_ul=0),
    "destroy": lambda journey: DestroyBag(treatment_bag=journey.bag, left_ul=left(journey), lost_ul=0, reason="x"),
}
TRIES = some.lists(
    some.tuples(some.sampled_from(sorted(ACTIONS)), some.sampled_from([None, *PEOPLE]), some.sampled_from(PEOPLE)),
    min_size=10,
    max_size=30,
)


def left(journey):
    return VOLUME - journey.thing().given_ul


def tried(journey, action, actor, second):
    """Try a step, by the custodian when nobody is named; say whether it was done."""
    bag, world = journey.thing(), journey.world
    actor = actor or world.get(Person, bag.custodian)
    command = ACTIONS[action](journey)
    if isinstance(world.ask(command, actor, second), Recorded):
        world.do(command, actor, second)
        return True
    return False


def check(journey, before, *, done):
    """Hold what is true of custody at all times against a bag and its shipper."""
    bag = journey.thing()
    shipper = journey.world.get(Shipper, journey.shipper)
    assert journey.world.get(Person, bag.custodian) is not None
    assert bag.status in {"packed", "in_transit"} or not bag.shipper
    if bag.shipper:
        assert (shipper.status, shipper.custodian) == ("packed", bag.custodian)
        assert bag.code in shipper.bags
    elif shipper:
        assert bag.code not in shipper.bags
    if bag.custodian != before.custodian:
        entry = journey.world.entries[-1]
        assert done
        names = CHANGES_HANDS[entry.step]
        assert tuple(entry.change.payload[name] for name in names) == (before.custodian, bag.custodian)


@settings(max_examples=80, deadline=None)
@given(some.sampled_from(STAGES[STAGES.index("released") :]), TRIES)
def test_custody_goes_from_hand_to_hand_by_what_two_people_sign_alone(stage, tries):
    journey = at(stage)
    for action, actor, second in tries:
        before = journey.thing()
        check(journey, before, done=tried(journey, action, actor, second))


@settings(max_examples=50, deadline=None)
@given(some.sampled_from(STAGES[STAGES.index("released") :]), TRIES)
def test_the_open_plane_goes_the_same_way_in_both_arms_whatever_people_try(stage, tries):
    cells, albumin = at(stage, "MSC"), at(stage, "PLACEBO")
    for action, actor, second in tries:
        assert tried(cells, action, actor, second) == tried(albumin, action, actor, second)
        assert cells.thing().status == albumin.thing().status
        assert cells.world.entries[-1].size == albumin.world.entries[-1].size


@pytest.mark.parametrize("stage", STAGES[STAGES.index("ordered") : STAGES.index("released")])
def test_before_its_release_nobody_holds_a_bag_in_the_open_plane(stage):
    assert at(stage).thing().custodian == ""


@pytest.mark.parametrize("stage", STAGES[STAGES.index("released") :])
def test_from_every_stage_a_bag_can_be_brought_to_an_end(stage):
    """Wherever it stands, whoever holds it can see to its end: nothing is stuck."""
    journey = at(stage)
    for action, actor, second in WAY_OUT:
        if journey.thing().status in FINAL["treatment_bag"]:
            break
        tried(journey, action, actor, second)
    assert journey.thing().status in FINAL["treatment_bag"]


WAY_OUT = (
    ("hand over, broken", None, TECHNICIAN),
    ("unpack", None, SECOND_TECHNICIAN),
    ("stop", None, SECOND_NURSE),
    ("return", None, COURIER),
    ("destroy", None, COURIER),
)
