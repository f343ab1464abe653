"""Random people do random steps, mostly plausible ones; after each, logs, tables and custody are as they must be.

`CUSTODY_EXAMPLES` says how many trials are played on each database, `CUSTODY_STEPS` how long each is.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from custody.chain.correction import correctable
from custody.chain.refusals import Reason, refuse
from custody.chain.step import STEPS, fields_of
from custody.chain.things import Participant, Person, Plane, Preparation, TreatmentBag
from custody.chain.transitions import unfinished_states
from custody.record.request import Answer
from custody.verifying import Wanted, verify_here
from tests.chain.journey import DIN, STAGES, VOLUME, vial
from tests.chain.people import CAST, NURSE
from tests.record.world import ORIGIN

EXAMPLES = int(os.environ.get("CUSTODY_EXAMPLES", "10"))
LENGTH = int(os.environ.get("CUSTODY_STEPS", "40"))
MINTED = frozenset({"participant", "shipper", "location", "person", "treatment_bag"})
USUAL = {
    "temperature_dc": 50,
    "bath_dc": 370,
    "weight_g": 70_000,
    "given_ul": VOLUME,
    "albumin_ul": VOLUME,
    "heart_rate_bpm": 90,
    "mean_pressure_mmhg": 65,
    "spo2_percent": 96,
    "viable_cells_per_ml": 5_000_000,
    "volume_ul": 17_000,
    "viability_permille": 850,
    "cryobags": 2,
    "cells_per_cryobag": 100_000_000,
}
"""What is entered where, when all goes well; 0 otherwise."""
QUANTITIES = (0, 1, 15, 30, 50, 370, 850, 17_000, VOLUME, VOLUME // 2, 5_000_000)
HELD = [status for status in unfinished_states("treatment_bag") if status != "ordered"]
FIRST = STAGES[: STAGES.index("ordered") + 1]
OFTEN = st.sampled_from([True] * 6 + [False])


class Machine(RuleBasedStateMachine):
    """One trial, two bags on their way in it, and everybody of the cast."""

    def __init__(self, begin):
        super().__init__()
        self._begin = begin

    @initialize(arm=st.sampled_from(["MSC", "PLACEBO"]), stage=st.sampled_from(STAGES))
    def start(self, arm, stage):
        first = self._begin(arm).to(stage)
        self.world = first.world
        self.journeys = [first, first.beside()]
        self.reached = [STAGES.index(stage), 0]
        self.answered = []

    # --- what happens

    @rule(number=st.integers(0, 1), stages=st.integers(1, 4))
    def a_bag_goes_on(self, number, stages):
        journey = self.journeys[number]
        for stage in STAGES[self.reached[number] + 1 :][:stages]:
            if stage not in FIRST and not (journey.bag and journey.thing(Preparation)):
                return
            try:
                getattr(journey, stage)()
            except AssertionError:  # refused: somebody did something else in between
                return
            self.reached[number] += 1

    @rule(number=st.integers(0, 1))
    def another_participant_comes(self, number):
        if self.reached[number] > STAGES.index("received"):
            self.journeys[number].again().bag = ""
            self.reached[number] = 0

    @rule(data=st.data(), plausible=OFTEN, signed=OFTEN)
    def something_is_done_to_a_thing(self, data, plausible, signed):
        thing = data.draw(st.sampled_from([*self._on_the_way(), *self._on_the_way(), *self._things()]))
        code = thing.code.removeprefix("preparation/").removeprefix("stratum/")
        steps = [command for command in STEPS.values() if command.SPEC.thing == thing.KIND and command.SPEC.key]
        fitting = [command for command in steps if thing.status in command.SPEC.moves]
        command = data.draw(st.sampled_from((fitting if plausible else steps) or list(STEPS.values())))
        holder = [person for person in CAST if person.code == getattr(thing, "custodian", "")]
        self._do(data, command, {command.SPEC.key: code}, holder if plausible else [], signed)

    @rule(data=st.data(), name=st.sampled_from(sorted(STEPS)), signed=OFTEN)
    def somebody_does_something(self, data, name, signed):
        self._do(data, STEPS[name], {}, [], signed)

    @rule(data=st.data(), name=st.sampled_from(sorted(STEPS)), text=st.text(max_size=50))
    def somebody_enters_what_cannot_be_read(self, data, name, text):
        spec = STEPS[name].SPEC
        request = self.world.request(STEPS["raise_deviation"](what="x"), self._person(data, spec.by))
        fault = refuse(Reason.UNREADABLE, what="unreadable")
        given = {spec.key or "what": text.encode(errors="replace").decode()}
        self._submit(replace(request, step=name, command=None, given=given, faults=(fault,)))

    @precondition(lambda self: self.answered)
    @rule(data=st.data())
    def somebody_corrects_what_they_did(self, data):
        request, _ = data.draw(st.sampled_from(self.answered))
        command = STEPS["correct_sealed" if STEPS[request.step].SPEC.plane is Plane.SEALED else "correct"]
        field = data.draw(st.sampled_from(sorted(correctable(request.step)) or ["what"]))
        value = data.draw(st.sampled_from(["5", "70.5", "words", "yes", "none", "2026-03-02T08:00+00:00"]))
        author = next(person for person in CAST if person.code == request.actor)
        correction = command(event=request.event, field=field, value=value, reason="slip")
        self._submit(self.world.request(correction, author))

    @rule(number=st.integers(0, 1), due=st.sampled_from([0, 15, 30]))
    def vital_signs_are_recorded(self, number, due):
        self._submit(self.world.request(self.journeys[number].observing(due), NURSE))

    @rule(minutes=st.sampled_from([0, 1, 5, 15, 45, 120, 600, -3]))
    def time_passes_or_a_clock_is_set_back(self, minutes):
        self.world.wait(minutes)

    @precondition(lambda self: self.answered)
    @rule(data=st.data())
    def somebody_asks_again(self, data):
        request, answer = data.draw(st.sampled_from(self.answered))
        assert self.world.door.submit(request) == replace(answer, again=True)

    @rule()
    def the_service_starts_anew(self):
        self.world.reopen()

    def teardown(self):
        """At the end of a trial all of it is made anew from its entries; after each step it is verified."""
        report = verify_here(self.world.database, self.world.keys, Wanted(replayed=True))
        self.world.close()
        assert report.findings == []

    # --- plausible values

    def _do(self, data, command, known, holder, signed):
        spec = command.SPEC
        actor = holder[0] if holder and holder[0].role in spec.by else self._person(data, spec.by)
        second = self._person(data, spec.second - {actor.role} or spec.second) if spec.second else None
        values = {name: known.get(name) or self._value(data, name, field) for name, field in fields_of(command)}
        self._submit(self.world.request(command(**values), actor, second, signed=signed))

    def _person(self, data, roles):
        allowed = [person for person in CAST if person.role in roles]
        return data.draw(st.sampled_from([*(allowed or CAST) * 9, *CAST]))

    def _value(self, data, name, field):
        if field.kind == "scan":
            return self._code(data, field.scans)
        if field.kind == "scans":
            return tuple(self._code(data, field.scans) for _ in range(data.draw(st.integers(0, 2))))
        minutes = st.sampled_from([-300, -30, -5, 0, 5, 500_000])
        return {
            "quantity": lambda: USUAL.get(name, 0) if data.draw(OFTEN) else data.draw(st.sampled_from(QUANTITIES)),
            "choice": lambda: data.draw(st.sampled_from([value for value, _ in field.choices])),
            "yes": lambda: data.draw(OFTEN),
            "text": lambda: data.draw(st.sampled_from(["words", "words", "", "NAN", "LN2", "sterility", "no_growth"])),
            "words": lambda: ("MSC", "PLACEBO"),
            "date": lambda: "2026-01-05",
            "datetime": lambda: self.world.now + timedelta(minutes=data.draw(minutes)),
            "answers": lambda: (("adult", "yes"), ("shock", "yes"), ("pregnancy", "no"), ("dying", "no")),
        }[field.kind]()

    def _code(self, data, kind):
        """Give a code of a kind: one that is there, mostly; or a new one, or of another kind, or none."""
        if kind == "albumin_vial":
            return vial(str(data.draw(st.integers(1, 4))))
        here = [thing.code for thing in self._on_the_way() if kind == thing.KIND]
        known = [thing.code for thing in self._things() if kind in {"", thing.KIND}]
        new = [self.world.mint(kind)] if kind in MINTED else []
        return data.draw(st.sampled_from([*here * 8, *known * 2, *new, DIN, ""]))

    def _on_the_way(self):
        """Give the things of the two journeys."""
        codes = {code for one in self.journeys for code in (one.bag, one.shipper, one.wristband, *one.cryobags)}
        return [thing for thing in self._things() if thing.code.removeprefix("preparation/") in codes]

    def _things(self):
        found = []
        for plane in Plane:
            with self.world.reading(plane) as connection:
                found += [kept.thing for kept in self.world.store(plane).everything(connection)]
        return sorted(found, key=lambda thing: (thing.KIND, thing.code))

    def _submit(self, request):
        answer = self.world.door.submit(request)
        assert isinstance(answer, Answer)
        self.answered.append((request, answer))

    # --- what has to hold

    @invariant()
    def the_ledger_verifies(self):
        assert verify_here(self.world.database, self.world.keys, Wanted()).findings == []

    @invariant()
    def the_tails_verify(self):
        with self.world.reading(Plane.SEALED) as connection:
            for plane in Plane:
                log = self.world.door._open_log(plane, connection)
                assert log.origin == f"{ORIGIN}/{plane}"

    @invariant()
    def the_tables_are_what_the_logs_say(self):
        assert self.world.differences() == []

    @invariant()
    def each_bag_on_its_way_has_one_custodian_who_is_somebody(self):
        things = {thing.code: thing for thing in self._things()}
        for bag in [thing for thing in things.values() if isinstance(thing, TreatmentBag)]:
            if bag.status in HELD:
                assert isinstance(things[bag.custodian], Person)
                assert things[bag.custodian].status == "active"
            if bag.shipper:
                assert things[bag.shipper].custodian == bag.custodian
                assert bag.code in things[bag.shipper].bags

    @invariant()
    def each_participant_has_at_most_one_bag_on_its_way(self):
        things = {thing.code: thing for thing in self._things()}
        for participant in [thing for thing in things.values() if isinstance(thing, Participant)]:
            on_its_way = [code for code in participant.treatment_bags if things[code].status in (*HELD, "ordered")]
            assert len(on_its_way) <= 1


def test_whatever_people_do_logs_tables_and_custody_are_in_order(begin):
    few = settings(
        max_examples=EXAMPLES,
        stateful_step_count=LENGTH,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(lambda: Machine(begin), settings=few)
