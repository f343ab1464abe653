"""Every step, in every state of its thing, by every role: what the tables do not allow is refused, and said why.

Enumerated from the registers, so that a step or state that comes is walked without being added here.
"""

import pytest

from custody.chain.refusals import Reason
from custody.chain.roles import Role
from custody.chain.step import STEPS, Recorded
from custody.chain.things import KINDS, Unsealing, code_of
from custody.chain.transitions import NEW, TABLES, states

from .anything import fitting, one_of_each
from .people import BY_ROLE, SECOND_NURSE, SECOND_RESPONSIBLE, SECOND_TECHNICIAN

SECONDS = {
    Role.CELL_TECHNICIAN: SECOND_TECHNICIAN,
    Role.RESPONSIBLE_PERSON: SECOND_RESPONSIBLE,
    Role.ICU_NURSE: SECOND_NURSE,
}
WITH_TABLE = sorted(name for name, command in STEPS.items() if command.SPEC.moves and command.SPEC.key)


@pytest.fixture(scope="module")
def ready():
    return one_of_each()


def second_for(spec):
    return next((SECONDS[role] for role in SECONDS if role in spec.second), None)


def placed(ready, spec, state):
    """Give the world with the step's thing in a state, or gone."""
    journey, known = ready
    world = journey.world.copy()
    kind = KINDS[spec.thing]
    code = code_of(spec.thing, known[spec.thing] if spec.thing in known else getattr(STEPS[spec.name], spec.key))
    if state == NEW:
        world.things.pop((kind.PLANE, code), None)
    elif kind is Unsealing:  # at the end of a trial alone: one_of_each is in the midst of it
        world.put(Unsealing(code=code, status=state))
    else:
        world.put(world.get(kind, code), status=state)
    return world, known, code


@pytest.mark.parametrize("name", sorted(STEPS))
def test_a_role_that_may_not_do_a_step_is_told_only_that(name, ready):
    journey, known = ready
    spec = STEPS[name].SPEC
    command = fitting(name, journey.world, known)
    for role in set(Role) - spec.by:
        refusals = journey.world.ask(command, BY_ROLE[role], second_for(spec))
        assert [refusal.reason for refusal in refusals] == [Reason.ROLE], role


@pytest.mark.parametrize("name", WITH_TABLE)
def test_a_step_from_a_state_that_is_not_in_its_row_is_refused(name, ready):
    spec = STEPS[name].SPEC
    for state in set(states(spec.thing)) - spec.moves.keys():
        world, known, code = placed(ready, spec, state)
        command = fitting(name, world, known)
        for role in spec.by:
            found = {refusal.reason: refusal.facts for refusal in world.ask(command, BY_ROLE[role], second_for(spec))}
            reason = Reason.EXISTS if spec.moves.keys() == {NEW} else Reason.STATE
            assert reason in found, state
            assert found[reason]["code"] in {code, known.get(spec.thing)}


@pytest.mark.parametrize("name", WITH_TABLE)
def test_a_step_from_a_state_of_its_row_is_not_refused_for_that_state(name, ready):
    spec = STEPS[name].SPEC
    for state in spec.moves:
        world, known, _ = placed(ready, spec, state)
        command = fitting(name, world, known)
        for role in spec.by:
            answer = world.ask(command, BY_ROLE[role], second_for(spec))
            refusals = () if isinstance(answer, Recorded) else answer
            itself = known.get(spec.thing)
            assert Reason.EXISTS not in {refusal.reason for refusal in refusals}
            assert not [r for r in refusals if r.reason is Reason.UNKNOWN and r.facts["code"] == itself]
            assert not [
                r
                for r in refusals
                if r.reason is Reason.STATE and r.facts["code"] == itself and r.facts["found"] == state
            ]


@pytest.mark.parametrize("name", WITH_TABLE)
def test_a_step_on_a_thing_that_is_not_there_is_refused_unless_it_makes_it(name, ready):
    spec = STEPS[name].SPEC
    if spec.creates:
        assert NEW in spec.moves
        return
    world, known, _ = placed(ready, spec, NEW)
    for role in spec.by:
        reasons = {
            refusal.reason for refusal in world.ask(fitting(name, world, known), BY_ROLE[role], second_for(spec))
        }
        assert Reason.UNKNOWN in reasons


def test_every_step_that_names_a_thing_has_a_row_in_its_table():
    missing = [name for name, command in STEPS.items() if command.SPEC.thing in TABLES and not command.SPEC.moves]
    assert missing == []


def test_every_row_of_a_table_is_a_step():
    assert {name for table in TABLES.values() for name in table} <= STEPS.keys()


def test_every_kind_of_thing_has_a_table():
    assert TABLES.keys() == KINDS.keys()
