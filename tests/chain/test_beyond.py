"""What was signed to be out of its limits raises its deviation itself."""

from custody.chain.deviation import CloseBenchDeviation
from custody.chain.refusals import Reason
from custody.chain.things import SealedDeviation

from .journey import at, thawing
from .people import RESPONSIBLE, TECHNICIAN


def thawed(bath_dc):
    journey = at("ordered")
    journey.reserved()
    journey.world.wait(20)
    thaw = thawing(journey.world, journey.cryobags[0], journey.bag, bath_dc=bath_dc)
    journey.world.do(thaw, TECHNICIAN, beyond=True)
    return journey


def test_a_bath_too_warm_raises_a_deviation_that_waits_to_be_closed():
    journey = thawed(450)
    [raised] = journey.world.find(SealedDeviation, "open")
    assert raised.about == journey.cryobags[0]
    assert raised.raised_by == TECHNICIAN.code
    assert [reason for reason, *_ in raised.out] == [Reason.TEMPERATURE]
    assert "45" in raised.out[0]
    close = CloseBenchDeviation(deviation=raised.code, cause="broken thermostat", action="replaced")
    journey.world.do(close, RESPONSIBLE)
    assert journey.world.find(SealedDeviation, "open") == []


def test_what_is_within_its_limits_raises_none_though_it_was_signed():
    assert thawed(370).world.find(SealedDeviation, "open") == []
