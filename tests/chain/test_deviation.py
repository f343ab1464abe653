"""Deviations: raised by anyone about anything they may see, closed with cause and action."""

import pytest

from custody.chain.deviation import CloseBenchDeviation, CloseDeviation, RaiseBenchDeviation, RaiseDeviation
from custody.chain.refusals import Reason
from custody.chain.roles import EVERYBODY, Role
from custody.chain.things import TRIAL, Deviation, Plane, SealedDeviation, preparation_code

from .journey import at
from .people import BY_ROLE, COURIER, MONITOR, NURSE, RESPONSIBLE, STATISTICIAN, TECHNICIAN


@pytest.fixture
def journey():
    return at("diluted")


def only(journey, kind):
    (found,) = journey.world.find(kind, "open")
    return found


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_anyone_raises_a_deviation(role):
    journey = at("released")
    journey.world.do(RaiseDeviation(about=journey.bag, what="late"), BY_ROLE[role])
    deviation = only(journey, Deviation)
    assert (deviation.about, deviation.what, deviation.raised_by) == (journey.bag, "late", BY_ROLE[role].code)


def test_it_shows_on_the_timeline_of_what_it_is_about(journey):
    journey.world.do(RaiseDeviation(about=journey.bag, what="late"), COURIER)
    assert journey.world.entries[-1].change.about == (journey.bag,)


def test_one_about_nothing_is_about_the_trial(journey):
    journey.world.do(RaiseDeviation(what="no network all night"), NURSE)
    assert only(journey, Deviation).about == TRIAL
    assert journey.world.entries[-1].change.about == ()


def test_an_open_deviation_knows_no_sealed_thing(journey):
    raise_ = RaiseDeviation(about=journey.cryobags[0], what="seen")
    assert journey.world.reasons(raise_, TECHNICIAN) == {Reason.UNKNOWN}


def test_something_has_to_be_said(journey):
    assert journey.world.reasons(RaiseDeviation(what=""), NURSE) == {Reason.MISSING}


@pytest.mark.parametrize("role", [Role.CELL_TECHNICIAN, Role.RESPONSIBLE_PERSON])
def test_the_bench_raises_a_sealed_one(role, journey):
    journey.world.do(RaiseBenchDeviation(about=journey.cryobags[0], what="bath at 40 °C"), BY_ROLE[role])
    entry = journey.world.entries[-1]
    assert (entry.plane, entry.change.about) == (Plane.SEALED, (journey.cryobags[0],))
    assert only(journey, SealedDeviation).about == journey.cryobags[0]


def test_a_sealed_one_about_a_bag_shows_on_its_preparation_too(journey):
    journey.world.do(RaiseBenchDeviation(about=journey.bag, what="spilt"), TECHNICIAN)
    assert journey.world.entries[-1].change.about == (journey.bag, preparation_code(journey.bag))


def test_a_sealed_one_is_about_something_known(journey):
    raise_ = RaiseBenchDeviation(about=journey.world.mint("cryobag"), what="lost")
    assert journey.world.reasons(raise_, TECHNICIAN) == {Reason.UNKNOWN}


@pytest.mark.parametrize("role", sorted(EVERYBODY - {Role.CELL_TECHNICIAN, Role.RESPONSIBLE_PERSON}))
def test_nobody_else_raises_a_sealed_one(role, journey):
    assert journey.world.reasons(RaiseBenchDeviation(what="spilt"), BY_ROLE[role]) == {Reason.ROLE}


@pytest.mark.parametrize("person", [MONITOR, RESPONSIBLE])
def test_it_is_closed_signed_with_cause_and_action(person):
    journey = at("released")
    journey.world.do(RaiseDeviation(about=journey.bag, what="late", cause="traffic"), COURIER)
    code = only(journey, Deviation).code
    close = CloseDeviation(deviation=code, cause="traffic", action="leave earlier")
    assert journey.world.reasons(close, person, signed=False) == {Reason.SIGNATURE}
    journey.world.do(close, person)
    closed = journey.world.get(Deviation, code)
    assert (closed.status, closed.cause, closed.action) == ("closed", "traffic", "leave earlier")
    assert closed.closed_by == person.code


def test_it_is_not_closed_without_cause_and_action(journey):
    journey.world.do(RaiseDeviation(what="late"), COURIER)
    close = CloseDeviation(deviation=only(journey, Deviation).code, cause="", action="")
    refusals = journey.world.ask(close, MONITOR)
    assert [refusal.text for refusal in refusals] == ["Cause: nothing was entered.", "Action: nothing was entered."]


def test_only_the_responsible_person_closes_a_sealed_one(journey):
    journey.world.do(RaiseBenchDeviation(what="spilt"), TECHNICIAN)
    close = CloseBenchDeviation(deviation=only(journey, SealedDeviation).code, cause="haste", action="training")
    for person in (MONITOR, TECHNICIAN, STATISTICIAN):
        assert journey.world.reasons(close, person) == {Reason.ROLE}
    journey.world.do(close, RESPONSIBLE)
    assert journey.world.find(SealedDeviation, "open") == []
