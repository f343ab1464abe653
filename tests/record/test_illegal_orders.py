"""What the tables and roles do not allow, brought to the door at every stage of a bag's way: refused, and on record.

Enumerated from the registers, as in tests/chain/test_illegal_orders.py, which walks the states that this way misses.
"""

from __future__ import annotations

from collections import defaultdict

from custody.chain.refusals import Reason
from custody.chain.roles import Role
from custody.chain.step import STEPS
from custody.chain.things import Plane
from custody.chain.transitions import NEW
from custody.record.entries import REFUSED
from custody.verifying import Wanted, verify_here
from tests.chain.anything import fitting
from tests.chain.journey import STAGES
from tests.chain.people import BY_ROLE


class Asked:
    """What was asked at the door and refused, each under an event of its own."""

    def __init__(self, world):
        self._world = world
        self.answers = {}

    def refused(self, command, role):
        """Ask; give the reasons for the refusal, which has to come."""
        answer = self._world.ask(command, BY_ROLE[role])
        assert not answer.done, (command, role)
        self.answers[answer.event] = [str(refusal.reason) for refusal in answer.refusals]
        return self.answers[answer.event]

    def on_record(self):
        """Give the reasons of each refused event as the logs hold them: once, in one of the planes."""
        logs = [entry for plane in Plane for entry in self._world.entries(plane) if entry["type"] == REFUSED]
        kept = {entry["event"]: [one["reason"] for one in entry["payload"]["reasons"]] for entry in logs}
        assert len(kept) == len(logs), "one of them is on record twice"
        return kept


def here(world):
    """Give one thing of each kind in each state, by kind and state, and a scannable code of each kind."""
    things = {}
    for plane in Plane:
        with world.reading(plane) as connection:
            for kept in world.store(plane).everything(connection):
                things.setdefault((kept.thing.KIND, kept.thing.status), kept.thing.code)
    things = {each: code.removeprefix("preparation/").removeprefix("stratum/") for each, code in things.items()}
    return things, defaultdict(str, {kind: code for (kind, _), code in things.items()})


def test_every_step_from_a_state_that_is_not_in_its_row_is_refused_and_on_record(begin):
    journey = begin()
    world, met = journey.world, set()
    asked = Asked(world)
    for stage in STAGES:
        getattr(journey, stage)()
        things, known = here(world)
        for name, command in STEPS.items():
            spec = command.SPEC
            if not (spec.moves and spec.key):
                continue
            expected = Reason.EXISTS if spec.moves.keys() == {NEW} else Reason.STATE
            for state, code in ((state, code) for (kind, state), code in things.items() if kind == spec.thing):
                if state in spec.moves:
                    continue
                for role in spec.by:
                    assert expected in asked.refused(fitting(name, world, known, key=code), role), (name, state)
                met.add((name, state))
    assert len(met) > 100
    assert asked.on_record() == asked.answers
    assert verify_here(world.database, world.keys, Wanted(replayed=True)).findings == []


def test_every_step_by_every_role_that_may_not_do_it_is_refused_and_on_record(begin):
    world = begin().to("infusing").world
    _things, known = here(world)
    asked = Asked(world)
    for name, command in STEPS.items():
        for role in set(Role) - command.SPEC.by:
            assert asked.refused(fitting(name, world, known), role) == [Reason.ROLE], (name, role)
    assert asked.on_record() == asked.answers
    assert verify_here(world.database, world.keys, Wanted(replayed=True)).findings == []
