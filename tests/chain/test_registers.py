"""The registers are whole: steps, fields, records, reasons; nothing is there for nobody."""

from pathlib import Path

import pytest

import custody.chain
from custody.chain.apply import APPLIERS
from custody.chain.decide import decide
from custody.chain.fields import Field
from custody.chain.refusals import Reason, refuse
from custody.chain.roles import UNBLINDED, Role
from custody.chain.step import STEPS, fields_of
from custody.chain.things import KINDS, Plane

from . import test_tables
from .anything import fitting, one_of_each
from .people import NURSE

RULES = Path(custody.chain.__file__).parent
ELSEWHERE = {
    Reason.WRONG_PASSWORD,
    Reason.LAST_TRY,
    Reason.TRIES,
    Reason.CLOCK_BEHIND,
    Reason.TOO_EARLY,
    Reason.OTHER_SERVICE,
}
"""Given by the pages that take a password, a device's time, a label's link, or on former records, not by a rule."""


@pytest.fixture(scope="module")
def entries():
    """Every record that the ways make, with corrections of some."""
    return [entry for way in test_tables.WAYS.values() for entry in way().entries]


def test_every_rule_file_is_imported_with_the_package():
    files = {path.stem for path in RULES.glob("*.py") if "@step" in path.read_text()}
    assert files == set(custody.chain.__all__)


def test_every_step_but_corrections_is_done_on_some_way(entries):
    assert STEPS.keys() - {entry.step for entry in entries} == {"correct", "correct_sealed"}


def test_every_record_of_the_ways_is_applied_by_a_function_of_its_own(entries):
    types = {entry.change.type for entry in entries}
    assert types <= APPLIERS.keys()
    assert APPLIERS.keys() - types == {"record_corrected", "sealed_record_corrected"}


def test_every_record_names_each_thing_once(entries):
    assert all(len(set(entry.change.things)) == len(entry.change.things) for entry in entries)


def test_no_record_speaks_of_a_thing_both_as_changed_and_as_mentioned(entries):
    assert all(not set(entry.change.about) & set(entry.change.things) for entry in entries)


def test_no_open_record_names_a_sealed_thing(entries):
    sealed = set()
    for way in test_tables.WAYS.values():
        world = way()
        sealed = {code for plane, code in world.things if plane is Plane.SEALED} - {"sealed_trial"}
        for entry in world.open_entries():
            assert not [code for code in sealed if code in repr(entry.change)], entry.change.type


def test_every_field_says_how_it_is_entered():
    for name, command in STEPS.items():
        for field_name, field in fields_of(command):
            assert isinstance(field, Field), (name, field_name)
            assert field.label
            assert field.scans in {*KINDS, ""}


def test_every_key_is_a_field_or_the_trial_itself():
    for command in STEPS.values():
        if command.SPEC.key:
            assert command.SPEC.key in dict(fields_of(command)) or command.SPEC.key == "trial"


def test_a_step_of_the_sealed_plane_is_for_unblinded_roles_alone_but_the_one_that_tells_the_arm():
    for name, command in STEPS.items():
        if command.SPEC.plane is Plane.SEALED:
            assert command.SPEC.by <= UNBLINDED or name in {"break_code", "record_opened_sheet", "read_sealed"}
            assert command.SPEC.second <= UNBLINDED
    assert {name for name, command in STEPS.items() if command.TOLD} == {"break_code", "record_opened_sheet"}


def test_a_second_person_is_asked_for_with_a_meaning():
    for command in STEPS.values():
        assert bool(command.SPEC.second) == bool(command.SPEC.second_meaning)


def test_the_two_who_sign_mean_different_things():
    assert all(command.SPEC.signed != command.SPEC.second_meaning for command in STEPS.values() if command.SPEC.second)


def test_nobody_both_prepares_and_gives():
    prepares = STEPS["dilute"].SPEC.by | STEPS["dilute"].SPEC.second | STEPS["label_and_cover"].SPEC.second
    assert not prepares & (STEPS["start_infusion"].SPEC.by | STEPS["bedside_check"].SPEC.second)


def test_nobody_both_tests_and_releases_a_lot():
    assert not STEPS["record_qc"].SPEC.by & STEPS["release_lot"].SPEC.by


def test_an_inspector_changes_nothing_but_their_password_and_may_scan_and_raise_a_deviation():
    for role in (Role.INSPECTOR, Role.UNBLINDED_INSPECTOR):
        mine = {name for name, command in STEPS.items() if role in command.SPEC.by}
        assert mine == {"raise_deviation", "give_password", "read" if role == Role.INSPECTOR else "read_sealed"}


def test_every_reason_can_be_said_from_its_facts():
    class Any(dict):
        def __missing__(self, key):
            return key

    for reason in Reason:
        assert reason.sentence.format_map(Any()).endswith((".", "}", "what"))


def test_every_reason_is_given_by_some_rule():
    used = "".join(path.read_text() for path in RULES.glob("*.py") if path.name != "refusals.py")
    assert [reason.name for reason in set(Reason) - ELSEWHERE if f"Reason.{reason.name}" not in used] == []


def test_every_reason_is_asked_for_by_some_test():
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [reason.name for reason in set(Reason) - ELSEWHERE if f"Reason.{reason.name}" not in tests] == []


def test_a_refusal_holds_its_facts_as_text():
    assert refuse(Reason.NO_VIAL).text == "Scan at least one albumin vial."
    assert refuse(Reason.CHECK_TOO_OLD, limit=15).facts == {"limit": "15"}


def test_a_decision_changes_nothing():
    journey, known = one_of_each()
    before = dict(journey.world.things)
    for name in STEPS:
        command = fitting(name, journey.world, known)
        decide(command, journey.world.scene(command.SPEC, NURSE))
    assert journey.world.things == before


def test_a_reason_is_found_again_by_the_name_on_record():
    assert [reason for reason in Reason if Reason[str(reason).upper()] is not reason] == []
