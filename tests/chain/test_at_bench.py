"""Who sees the arm says nothing openly of a bag that has not left the bench: the ward would read it."""

import pytest

from custody.chain.correction import Correct
from custody.chain.deviation import CloseDeviation, RaiseDeviation
from custody.chain.ordering import CancelOrder
from custody.chain.refusals import Reason
from custody.chain.roles import EVERYBODY, UNBLINDED
from custody.chain.step import Recorded
from custody.chain.things import Deviation

from .journey import at
from .people import BY_ROLE, INVESTIGATOR, MONITOR, NURSE, RESPONSIBLE, TECHNICIAN

SEES, READS = sorted(UNBLINDED), sorted(EVERYBODY - UNBLINDED)


def about(journey, what):
    return RaiseDeviation(about={"bag": journey.bag, "participant": journey.wristband}[what], what="60 % after thaw")


@pytest.mark.parametrize("stage", ["ordered", "diluted", "covered"])
@pytest.mark.parametrize("what", ["bag", "participant"])
@pytest.mark.parametrize("role", SEES)
def test_the_unblinded_raise_no_open_deviation_about_a_bag_at_the_bench(role, what, stage):
    journey = at(stage)
    assert journey.world.reasons(about(journey, what), BY_ROLE[role]) == {Reason.AT_BENCH}


def test_nor_about_one_that_was_cancelled_there():
    journey = at("covered")
    journey.world.do(CancelOrder(treatment_bag=journey.bag, reason="died"), INVESTIGATOR)
    assert journey.world.reasons(about(journey, "bag"), TECHNICIAN) == {Reason.AT_BENCH}


@pytest.mark.parametrize("what", ["bag", "participant"])
@pytest.mark.parametrize("role", SEES)
def test_they_do_once_it_is_released_and_before_it_is_ordered(role, what):
    released = at("released")
    assert isinstance(released.world.ask(about(released, what), BY_ROLE[role]), Recorded)
    enrolled = at("enrolled")
    assert isinstance(enrolled.world.ask(RaiseDeviation(about=enrolled.wristband, what="x"), BY_ROLE[role]), Recorded)


@pytest.mark.parametrize("what", ["bag", "participant"])
@pytest.mark.parametrize("role", READS)
def test_the_blinded_know_nothing_that_could_be_told(role, what):
    journey = at("diluted")
    assert isinstance(journey.world.ask(about(journey, what), BY_ROLE[role]), Recorded)


def test_the_responsible_person_closes_no_deviation_about_it_either():
    journey = at("diluted")
    journey.world.do(about(journey, "participant"), NURSE)
    (code,) = (found.code for found in journey.world.find(Deviation, "open"))
    close = CloseDeviation(deviation=code, cause="cells", action="none")
    assert journey.world.reasons(close, RESPONSIBLE) == {Reason.AT_BENCH}
    deviation = RaiseDeviation(about=code, what="cells")
    assert journey.world.reasons(deviation, TECHNICIAN) == {Reason.AT_BENCH}
    assert isinstance(journey.world.ask(close, MONITOR), Recorded)
    journey.covered()
    journey.released()
    assert isinstance(journey.world.ask(close, RESPONSIBLE), Recorded)


def test_what_was_said_before_the_order_is_not_corrected_into_a_word_from_the_bench():
    journey = at("enrolled")
    event = journey.world.do(RaiseDeviation(about=journey.wristband, what="late"), TECHNICIAN)
    correct = Correct(event=event, field="what", value="60 % after thaw", reason="cells")
    assert isinstance(journey.world.ask(correct, TECHNICIAN), Recorded)
    journey.ordered()
    assert journey.world.reasons(correct, TECHNICIAN) == {Reason.AT_BENCH}
