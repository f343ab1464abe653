"""What a scan already says, before the step is confirmed: what is wrong with it, and nothing of anything else."""

import pytest

from custody.chain.bedside import BedsideCheck
from custody.chain.dispatch import Pack
from custody.chain.look_ahead import SECOND_BADGE, unfit
from custody.chain.refusals import Reason
from custody.chain.step import STEPS

from .journey import STAGES, at
from .people import COURIER, NURSE, NURSE_OF_DIJON, SECOND_NURSE, TECHNICIAN


def told(journey, command, given, name, people):
    """Give the reasons that the scan into a field meets; of a badge the field is the second person's."""
    actor, second = people if isinstance(people, tuple) else (people, None)
    value = second.code if second else given[name]
    code = value[-1] if isinstance(value, tuple) else value
    scene = journey.world.scene(command.SPEC, actor, second, signed=False)
    return [refusal.reason for refusal in unfit(command, given, name, code, scene)]


def test_the_right_wristband_meets_nothing_and_the_wrong_one_what_it_is():
    journey = at("received")
    other = journey.world.mint("participant")
    journey.world.put(next(journey.world.of("participant")), code=other)
    for wristband, reasons in ((journey.wristband, []), (other, [Reason.WRONG_PARTICIPANT])):
        given = {"treatment_bag": journey.bag, "wristband": wristband}
        assert told(journey, BedsideCheck, given, "wristband", NURSE) == reasons


def test_a_wristband_that_is_scanned_first_waits_for_the_bag():
    journey = at("received")
    given = {"wristband": journey.wristband}
    assert told(journey, BedsideCheck, given, "wristband", NURSE) == []


def test_a_bag_that_expired_or_that_somebody_else_holds_is_told_at_once():
    journey = at("received")
    journey.world.now = journey.thing().expires_at
    given = {"treatment_bag": journey.bag}
    reasons = told(journey, BedsideCheck, given, "treatment_bag", SECOND_NURSE)
    assert set(reasons) == {Reason.BAG_EXPIRED, Reason.NOT_CUSTODIAN}


@pytest.mark.parametrize(
    ("second", "reasons"),
    [
        (SECOND_NURSE, []),
        (NURSE, [Reason.SAME_PERSON]),
        (COURIER, [Reason.SECOND_ROLE, Reason.SECOND_SITE]),
        (NURSE_OF_DIJON, [Reason.SECOND_SITE]),
    ],
)
def test_a_badge_is_told_what_is_wrong_with_its_person_and_not_that_they_did_not_sign(second, reasons):
    journey = at("received")
    given = {"treatment_bag": journey.bag}
    assert told(journey, BedsideCheck, given, SECOND_BADGE, (NURSE, second)) == reasons


def test_a_bag_in_another_state_is_told_and_one_that_fits_is_not():
    for stage, reasons in (("released", []), ("received", [Reason.STATE])):
        journey = at(stage)
        given = {"shipper": journey.shipper, "bags": (journey.bag,)}
        assert told(journey, Pack, given, "bags", TECHNICIAN) == reasons


@pytest.mark.parametrize("stage", STAGES)
def test_no_step_breaks_on_what_is_not_entered_yet(stage):
    journey = at(stage)
    for command in STEPS.values():
        for name in ("treatment_bag", "cryobag", "participant", SECOND_BADGE):
            unfit(command, {name: journey.bag}, name, journey.bag, journey.world.scene(command.SPEC, TECHNICIAN))
