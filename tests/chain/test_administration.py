"""Administration: the trial starts once, people have one role at one place, lists are loaded once."""

from dataclasses import replace

import pytest

from custody.chain.administration import (
    AddLocation,
    AddPerson,
    ClosePerson,
    GivePassword,
    LoadRandomisation,
    StartTrial,
)
from custody.chain.field_check import MOST
from custody.chain.refusals import Reason
from custody.chain.roles import EVERYBODY, UNBLINDED, Role, sees_arm
from custody.chain.step import STEPS
from custody.chain.things import SEALED_TRIAL, TRIAL, Location, Person, SealedTrial, Stratum, Trial, stratum_code

from .journey import added, at
from .people import ADMINISTRATOR, COURIER, NURSE, RESPONSIBLE, STATISTICIAN, SYSTEM, TECHNICIAN, badge
from .trial import PROTOCOL
from .world import World


@pytest.fixture
def world():
    return at("stocked").world


def adding(name="Zoe", **more):
    fields = {"person": badge(name), "name": name, "role": "courier", "site": "", "login": name.lower()}
    return AddPerson(**fields | more)


# --- the trial


def test_a_trial_starts_in_both_planes_under_its_protocol():
    world = World()
    world.do(StartTrial(origin="ledger.example"), SYSTEM)
    trial = world.get(Trial, TRIAL)
    assert (trial.status, trial.protocol, trial.protocol_hash) == ("running", PROTOCOL.id, PROTOCOL.hash)
    assert (trial.title, trial.origin) == ("A trial", "ledger.example")
    assert world.get(SealedTrial, SEALED_TRIAL).status == "running"


def test_a_trial_starts_once(world):
    assert world.reasons(StartTrial(origin="again"), SYSTEM) == {Reason.EXISTS}


def test_nobody_but_the_door_starts_a_trial(world):
    for role in Role:
        if role is not Role.SYSTEM:
            assert world.reasons(StartTrial(origin="mine"), replace(NURSE, role=role)) == {Reason.ROLE}


def test_the_door_itself_sees_no_arm():
    assert not sees_arm(Role.SYSTEM)
    assert Role.SYSTEM not in EVERYBODY | UNBLINDED


# --- people


def test_the_first_administrator_is_added_by_the_door():
    world = World()
    world.do(StartTrial(origin="trial"), SYSTEM)
    world.do(added(ADMINISTRATOR), SYSTEM)
    assert world.get(Person, ADMINISTRATOR.code) == ADMINISTRATOR


def test_a_person_without_a_badge_gets_a_new_one(world):
    world.do(adding(person=""), ADMINISTRATOR)
    assert [found.status for found in world.of("person") if found.name == "Zoe"] == ["active"]


def test_a_badge_is_given_once(world):
    assert world.reasons(adding(person=NURSE.code), ADMINISTRATOR) == {Reason.EXISTS}


def test_nobody_is_given_the_doors_role(world):
    assert world.reasons(adding(role="system"), ADMINISTRATOR) == {Reason.NOT_A_CHOICE}


def test_a_sign_in_name_is_one_persons_for_good(world):
    assert world.reasons(adding(login=NURSE.login), ADMINISTRATOR) == {Reason.LOGIN_TAKEN}
    world.do(ClosePerson(person=NURSE.code, reason="left"), ADMINISTRATOR)
    assert world.reasons(adding(login=NURSE.login), ADMINISTRATOR) == {Reason.LOGIN_TAKEN}


@pytest.mark.parametrize(
    ("role", "site", "reason"),
    [
        ("cell_technician", "NAN", Reason.WORKPLACE),
        ("responsible_person", "", Reason.MISSING),
        ("icu_nurse", "UNIT", Reason.WORKPLACE),
        ("investigator", "MARS", Reason.SITE_UNKNOWN),
        ("courier", "MARS", Reason.SITE_UNKNOWN),
        ("courier", "NAN", Reason.WORKPLACE),
        ("statistician", "NAN", Reason.WORKPLACE),
        ("monitor", "DIJ", Reason.WORKPLACE),
    ],
)
def test_who_works_where_their_role_has_no_work_is_refused(world, role, site, reason):
    assert world.reasons(adding(role=role, site=site), ADMINISTRATOR, STATISTICIAN) == {reason}


@pytest.mark.parametrize(
    ("role", "site"), [("cell_technician", "UNIT"), ("icu_nurse", "DIJ"), ("courier", ""), ("monitor", "UNIT")]
)
def test_who_works_where_their_role_has_work_is_taken(world, role, site):
    world.do(adding(role=role, site=site), ADMINISTRATOR, STATISTICIAN)
    assert world.get(Person, badge("Zoe")).site == site


def test_all_that_is_wrong_with_a_person_is_said_at_once(world):
    wrong = adding(role="icu_nurse", site="UNIT", login=COURIER.login)
    assert world.reasons(wrong, ADMINISTRATOR) == {Reason.WORKPLACE, Reason.LOGIN_TAKEN}


def test_who_left_may_do_nothing_more(world):
    world.do(ClosePerson(person=NURSE.code, reason="left"), ADMINISTRATOR)
    assert world.get(Person, NURSE.code).status == "closed"
    assert world.reasons(ClosePerson(person=NURSE.code, reason="left"), ADMINISTRATOR) == {Reason.STATE}


def test_a_password_is_given_by_its_owner_or_by_the_administrator(world):
    before = world.get(Person, NURSE.code)
    world.do(GivePassword(person=NURSE.code), NURSE)
    world.do(GivePassword(person=NURSE.code), ADMINISTRATOR)
    assert world.get(Person, NURSE.code) == before
    assert world.reasons(GivePassword(person=NURSE.code), COURIER) == {Reason.OTHERS_ACCOUNT}
    assert GivePassword.offered(before, NURSE)
    assert GivePassword.offered(before, ADMINISTRATOR)
    assert not GivePassword.offered(before, COURIER)


def test_nobody_closes_their_own_account(world):
    assert world.reasons(ClosePerson(person=ADMINISTRATOR.code, reason="tired"), ADMINISTRATOR) == {Reason.OWN_ACCOUNT}


def test_who_holds_a_bag_stays_until_it_is_handed_over():
    journey = at("in_transit")
    refusals = journey.world.ask(ClosePerson(person=COURIER.code, reason="left"), ADMINISTRATOR)
    assert [refusal.reason for refusal in refusals] == [Reason.STILL_HOLDS]
    assert [refusal.text for refusal in refusals] == [f"Carl still holds {journey.bag}: hand over first."]
    journey.received()
    journey.world.do(ClosePerson(person=COURIER.code, reason="left"), ADMINISTRATOR)


def test_an_administrator_does_nothing_clinical():
    theirs = {name for name, command in STEPS.items() if Role.ADMINISTRATOR in command.SPEC.by}
    paper = {"read", "print_labels"}
    assert theirs == {"add_person", "close_person", "give_password", "raise_deviation", "correct", *paper}


# --- places and lists


def test_a_location_without_a_code_gets_a_new_one(world):
    before = {place.code for place in world.of("location")}
    world.do(AddLocation(name="Tank 1, rack 2", temperature_class="LN2"), RESPONSIBLE)
    (new,) = {place.code for place in world.of("location")} - before
    assert (world.get(Location, new).status, world.get(Location, new).site) == ("free", "UNIT")


def test_a_location_is_added_once(world):
    known = next(world.of("location")).code
    again = AddLocation(location=known, name="Tank 1", temperature_class="LN2")
    assert world.reasons(again, TECHNICIAN) == {Reason.EXISTS}


def test_a_list_is_loaded_once_for_each_site(world):
    assert world.get(Stratum, stratum_code("NAN")).arms == ("MSC", "PLACEBO", "MSC", "MSC", "PLACEBO", "PLACEBO")
    assert world.reasons(LoadRandomisation(site="NAN", arms=("MSC",), blocks=("2",)), STATISTICIAN) == {Reason.EXISTS}


def test_a_list_for_no_ward_with_unknown_arms_is_told_both(world):
    wrong = LoadRandomisation(site="UNIT", arms=("MSC", "SUGAR", "SUGAR"), blocks=("2",), short=True)
    refusals = world.ask(wrong, STATISTICIAN)
    assert [refusal.reason for refusal in refusals] == [Reason.NO_ENROLMENT, Reason.UNKNOWN_ARM]
    assert [refusal.text for refusal in refusals] == [
        "No participant is enrolled at UNIT.",
        "SUGAR is not an arm of this trial.",
    ]


def test_a_list_for_no_site_of_the_trial_is_refused(world):
    assert world.reasons(LoadRandomisation(site="MARS", arms=("MSC", "PLACEBO") * 2, blocks=("2",)), STATISTICIAN) == {
        Reason.SITE_UNKNOWN
    }


def test_unknown_arms_are_named_up_to_a_number(world):
    unknown = LoadRandomisation(site="UNIT", arms=tuple(f"A{number}" for number in range(999)), blocks=("2",))
    refusals = world.ask(unknown, STATISTICIAN)
    assert [refusal.reason for refusal in refusals] == [Reason.NO_ENROLMENT, *[Reason.UNKNOWN_ARM] * MOST]


def test_an_empty_list_is_refused(world):
    del world.things[Stratum.PLANE, stratum_code("DIJ")]
    assert world.reasons(LoadRandomisation(site="DIJ", arms=(), blocks=("2",)), STATISTICIAN) == {Reason.MISSING}
