"""Access to what tells the arm: from the first randomisation list on, nobody gives it alone."""

import pytest

from custody.chain.access import ANSWERS
from custody.chain.administration import AddPerson, GivePassword
from custody.chain.refusals import Reason
from custody.chain.roles import EVERYBODY, UNBLINDED
from custody.chain.step import Recorded
from custody.chain.things import Person, Stratum

from .journey import at
from .people import (
    ADMINISTRATOR,
    BY_ROLE,
    NURSE,
    RESPONSIBLE,
    SECOND_RESPONSIBLE,
    STATISTICIAN,
    SYSTEM,
    TECHNICIAN,
    badge,
)

SEES, READS = sorted(UNBLINDED), sorted(EVERYBODY - UNBLINDED)
SITES = {"cell_technician": "UNIT", "responsible_person": "UNIT", "icu_nurse": "NAN", "investigator": "NAN"}


def adding(role):
    return AddPerson(person=badge("Zoe"), name="Zoe", role=role, site=SITES.get(role, ""), login="zoe")


def giving(role):
    return GivePassword(person=BY_ROLE[role].code)


@pytest.fixture
def world():
    return at("stocked").world


@pytest.fixture
def unlisted(world):
    world.things = {key: thing for key, thing in world.things.items() if not isinstance(thing, Stratum)}
    return world


@pytest.mark.parametrize("step", [adding, giving])
@pytest.mark.parametrize("role", SEES)
def test_an_unblinded_account_needs_two_signatures(world, role, step):
    missing = {Reason.SIGNATURE, Reason.SECOND_PERSON}
    assert world.reasons(step(role), ADMINISTRATOR, signed=False) == missing
    assert world.reasons(step(role), SYSTEM, signed=False) == missing
    assert world.reasons(step(role), ADMINISTRATOR) == {Reason.SECOND_PERSON}
    assert world.reasons(step(role), ADMINISTRATOR, RESPONSIBLE, signed=False) == missing
    for second in (RESPONSIBLE, STATISTICIAN):
        assert isinstance(world.ask(step(role), ADMINISTRATOR, second), Recorded)


@pytest.mark.parametrize("role", sorted(EVERYBODY - ANSWERS))
def test_only_who_answers_for_the_blinding_agrees(world, role):
    person = BY_ROLE[role]
    expected = {Reason.SECOND_ROLE, Reason.SAME_PERSON} if person == ADMINISTRATOR else {Reason.SECOND_ROLE}
    assert world.reasons(adding("unblinded_inspector"), ADMINISTRATOR, person) == expected


@pytest.mark.parametrize("step", [adding, giving])
@pytest.mark.parametrize("role", READS)
def test_a_blinded_one_needs_none(world, role, step):
    assert isinstance(world.ask(step(role), ADMINISTRATOR, signed=False), Recorded)


@pytest.mark.parametrize("step", [adding, giving])
@pytest.mark.parametrize("role", SEES)
def test_nor_does_any_before_the_first_list(unlisted, role, step):
    assert isinstance(unlisted.ask(step(role), ADMINISTRATOR, signed=False), Recorded)


@pytest.mark.parametrize("role", SEES)
def test_ones_own_password_is_ones_own(world, role):
    assert isinstance(world.ask(giving(role), BY_ROLE[role], signed=False), Recorded)


def test_another_of_the_bench_gives_none(world):
    refused = world.reasons(GivePassword(person=SECOND_RESPONSIBLE.code), RESPONSIBLE, STATISTICIAN)
    assert refused == {Reason.OTHERS_ACCOUNT}
    assert Reason.OTHERS_ACCOUNT in world.reasons(GivePassword(person=TECHNICIAN.code), NURSE)


def test_what_is_recorded_is_open_alone(world):
    world.do(adding("cell_technician"), ADMINISTRATOR, STATISTICIAN)
    assert world.get(Person, badge("Zoe")).role == "cell_technician"
    assert [entry.plane for entry in world.entries if entry.event == world.entries[-1].event] == ["open"]
