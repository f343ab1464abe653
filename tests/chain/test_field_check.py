"""A value that came past no form is checked by the same bounds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.chain.administration import AddPerson, LoadRandomisation
from custody.chain.dispatch import Pack
from custody.chain.field_check import MOST, check_value, check_values
from custody.chain.fields import Field
from custody.chain.refusals import Reason

from .journey import added, at, enrolment, thawing
from .people import ADMINISTRATOR, INVESTIGATOR, NURSE, SECOND_NURSE, TECHNICIAN


def reasons(command):
    return {refusal.reason for refusal in check_values(command)}


def test_a_negative_volume_is_refused_by_the_rules_too():
    journey = at("infusing")
    assert journey.world.reasons(journey.stopping(given_ul=-1), NURSE) == {Reason.OUT_OF_BOUNDS}


@pytest.mark.parametrize("weight", [70_000.0, "70000", True])
def test_a_quantity_is_a_whole_number(weight):
    journey = at("stocked")
    command = enrolment(journey.world, journey.wristband, weight_g=weight)
    assert journey.world.reasons(command, INVESTIGATOR) == {Reason.NOT_A_NUMBER}


def test_a_choice_of_nobody_is_refused():
    journey = at("infusing")
    assert journey.world.reasons(journey.stopping(reason="boredom"), NURSE) == {Reason.NOT_A_CHOICE}


def test_a_statement_is_no_text():
    journey = at("received")
    assert journey.world.reasons(journey.checking(cover_on="yes"), NURSE, SECOND_NURSE) == {Reason.NOT_A_CHOICE}


def test_a_time_without_zone_is_refused():
    journey = at("ordered")
    journey.reserved()
    naive = (journey.world.now - timedelta(minutes=2)).replace(tzinfo=None)
    command = thawing(journey.world, journey.cryobags[0], journey.bag, ended_at=naive)
    assert journey.world.reasons(command, TECHNICIAN) == {Reason.NOT_A_TIME}


def test_a_name_that_turns_the_reading_order_is_refused():
    command = replace(added(NURSE), name="Nina\u202eaniN", person="", login="nina2")
    assert at("stocked").world.reasons(command, ADMINISTRATOR) == {Reason.NOT_PRINTABLE}


def test_a_badge_that_is_none_is_refused():
    command = AddPerson(person="KEY", name="Zoe", role="courier", login="zoe")
    assert at("stocked").world.reasons(command, ADMINISTRATOR) == {Reason.UNREADABLE}


def test_a_code_of_any_kind_is_no_longer_than_a_code():
    field = Field("scan", "About", required=False)
    assert [*check_value(field, "T" * 80)] == []
    assert [refusal.reason for refusal in check_value(field, "T" * 81)] == [Reason.TOO_LONG]


def test_each_word_of_a_list_is_checked():
    journey = at("stocked")
    arms = LoadRandomisation(site="NAN", arms=("MSC", "M" * 81, "M\x00"), blocks=("2",))
    assert reasons(arms) == {Reason.TOO_LONG, Reason.NOT_PRINTABLE}
    spoilt = enrolment(journey.world, journey.wristband, answers=(("adult", "y\x00"), ("shock" * 20, "yes")))
    assert reasons(spoilt) == {Reason.TOO_LONG, Reason.NOT_PRINTABLE}


def test_a_list_is_no_longer_than_an_entry_can_hold():
    """And what is said of it is no more than that either."""
    many = [*check_values(LoadRandomisation(site="NAN", arms=("A",) * 2001, blocks=("2",)))]
    assert [refusal.reason for refusal in many] == [Reason.TOO_MANY]
    assert [*check_values(LoadRandomisation(site="NAN", arms=("A",) * 2000, blocks=("2",)))] == []
    wrong = [*check_values(LoadRandomisation(site="NAN", arms=("\x00",) * 2000, blocks=("2",)))]
    assert [refusal.reason for refusal in wrong] == [Reason.NOT_PRINTABLE] * MOST
    pack = Pack(shipper=at("stocked").shipper, bags=("KEY",) * 1000, seal="1", logger="2", logger_running=True)
    bags = [*check_values(pack)]
    assert [refusal.reason for refusal in bags] == [Reason.TOO_MANY, *[Reason.UNREADABLE] * MOST]


def test_what_may_be_left_out_is_not_asked_for():
    assert reasons(AddPerson(person="", name="Zoe", role="courier", site="", login="zoe")) == set()


def test_all_that_does_not_fit_is_said_at_once():
    assert reasons(AddPerson(person="KEY", name="", role="king", site="x" * 501, login="zoe\n")) == {
        Reason.UNREADABLE,
        Reason.MISSING,
        Reason.NOT_A_CHOICE,
        Reason.TOO_LONG,
        Reason.NOT_PRINTABLE,
    }
