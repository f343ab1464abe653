"""Corrections (step 23): a new record that names the wrong one, with old and new value; nothing is changed in place.

- Only who recorded it corrects it, signed, with the reason.
- A record is corrected once; what is wrong after that is corrected in the correction, so that the last one always
  says how the record reads now.
- The value fits its field as if it had been entered so, and makes nothing impossible: no more given than the bag
  holds, no thaw before its order. A truth out of limits (a cover that was not on) goes on record, and is told to be
  so: a deviation is due.
- Once the codes are open it is still possible (ICH E6(R3), 3.16.2 (e)); its record then says so, and speaks of the
  opening, so that all such corrections are found.
- Codes, QC results, counts, roles and arms are not corrected: they decided more than themselves. The step is done
  again, or a deviation raised.
- The things that still hold the wrong value take the right one; nothing else changes. What a corrected value means
  is for the next step to judge: a wrong weight at order and bench, a wrong dose at the release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.at_bench import check_said_openly
from custody.chain.decide import CLOCK_TOLERANCE, is_locked
from custody.chain.entry_value import BadValue, read_value
from custody.chain.fields import Field, right_value, text
from custody.chain.preparation import drawn_cells
from custody.chain.protocol import Protocol
from custody.chain.refusals import REFUSED, Reason, Refusal, refuse
from custody.chain.roles import BENCH, EVERYBODY, Role
from custody.chain.scene import PastRecord, Scene
from custody.chain.step import N_, STEPS, Change, Command, Recorded, Spec, fields_of, recordable, step
from custody.chain.step import parse_time as at
from custody.chain.things import KINDS, UNSEALING, Lot, Person, Plane, Preparation, Thing

SIGNED = N_("This correction is true")
NOTHING = N_("Leave it empty where there should be nothing.")
HELD_AS = {("dilute", "ended_at"): "dilution_ended_at", ("thaw", "ended_at"): "thawed_at"}
"""(step, field) whose value a thing holds under another name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A record as it reads now: the first one, with what its corrections changed."""

    step: str
    things: tuple[str, ...]
    values: Mapping[str, Any]


def reading(past: PastRecord) -> Reading:
    """Return how a record reads, whether it is a step's own or a correction of one."""
    if past.type not in {"record_corrected", "sealed_record_corrected"}:
        return Reading(past.step, past.things, past.payload)
    p: dict[str, Any] = past.payload
    return Reading(p["corrects"], tuple(p["things"]), p["reads"])


def correctable(step: str) -> dict[str, Field]:
    """Return the fields of a step that a correction may change."""
    return {name: field for name, field in fields_of(STEPS[step]) if not field.fixed}


def beyond(step: str, was: Mapping[str, Any], field: str, new: Any, protocol: Protocol) -> list[Refusal]:
    """Return what a new value brings out of a limit; `was` is how the record read. It goes on record all the same."""
    before = [*STEPS[step].out_of_limits(was, protocol)]
    after = STEPS[step].out_of_limits({**was, field: new}, protocol)
    return [refusal for refusal in after if refusal not in before]


class Correction(Command):
    """What both planes' corrections have in common."""

    __slots__ = ()
    event: str
    field: str
    value: str
    reason: str

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a record that is not there, not one's own, corrected already, and a value that does not fit."""
        past = scene.things.past(self.event, self.SPEC.plane)
        if past is None:
            yield refuse(Reason.UNKNOWN, code=self.event)
            return
        if past.type == REFUSED:
            yield refuse(Reason.REFUSED_STEP)
            return
        if past.actor != scene.actor.code:
            author = scene.get(Person, past.actor)
            yield refuse(Reason.NOT_AUTHOR, author=author.name if author else past.actor)
        if past.corrected:
            yield refuse(Reason.ALREADY_CORRECTED, record=self.event)
        yield from self.check_value(scene, reading(past))

    def check_value(self, scene: Scene, was: Reading) -> Iterator[Refusal]:
        """Yield what is wrong with the new value."""
        field = correctable(was.step).get(self.field)
        if field is None or self.field not in was.values:
            yield refuse(Reason.NOT_CORRECTABLE, field=self.field)
            return
        try:
            value = read_value(field, self.value)
        except BadValue as bad:
            yield bad.refusal
            return
        if field.past and value > scene.now + CLOCK_TOLERANCE:
            yield refuse(Reason.IN_FUTURE, what=self.field)
        new = recordable(value)
        if new == was.values[self.field]:
            yield refuse(Reason.NOTHING_CORRECTED)
        values = {**was.values, self.field: new}
        yield from STEPS[was.step].impossible(values, scene.protocol)
        yield from STEPS[was.step].out_of_order(values, scene)

    def corrected(self, scene: Scene, type: str) -> Change:
        """Build the record: what was wrong, what is right, and which things take it."""
        past = scene.things.past(self.event, self.SPEC.plane)
        if past is None:
            raise LookupError(self.event)
        was = reading(past)
        old, new = was.values[self.field], recordable(read_value(correctable(was.step)[self.field], self.value))
        sets = [*self.sets(scene, was, new)]
        changed = tuple(dict.fromkeys(code for _, code, _, _ in sets))
        facts = {
            "event": self.event,
            "corrects": was.step,
            "things": list(was.things),
            "field": self.field,
            "old": old,
            "new": new,
            "reason": self.reason,
            "reads": {**was.values, self.field: new},
            "sets": [list(item) for item in sets],
        }
        about = (self.event, *(code for code in was.things if code not in changed))
        if is_locked(scene):
            facts["codes_open"] = True
            about = (*about, UNSEALING)
        return Change(type, changed, facts, about=about)

    def sets(self, scene: Scene, was: Reading, new: Any) -> Iterator[tuple[str, str, str, Any]]:
        """Yield (kind, code, attribute, value) of each thing that still holds the wrong value."""
        attribute = HELD_AS.get((was.step, self.field), self.field)
        for code in was.things:
            for kind in KINDS.values():
                thing = scene.get(kind, code) if kind.PLANE is self.SPEC.plane else None
                if thing is None or not hasattr(thing, attribute):
                    continue
                if recordable(getattr(thing, attribute)) == was.values[self.field]:
                    yield kind.KIND, code, attribute, new
                    yield from derived(scene, thing, attribute, new)


def derived(scene: Scene, thing: Thing, attribute: str, new: Any) -> Iterator[tuple[str, str, str, Any]]:
    """Yield what follows from a corrected value: the dose, from the volume that was drawn; a release that falls.

    Who registers a lot changes none that somebody else released: it has to be released anew, on the right value.
    """
    if isinstance(thing, Lot) and thing.status == "released":
        yield thing.KIND, thing.code, "status", "registered"
        yield thing.KIND, thing.code, "released_by", ""
    if isinstance(thing, Preparation) and attribute == "drawn_ul":
        yield thing.KIND, thing.code, "actual_cells", drawn_cells(scene, thing, new)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Correct(Correction):
    """Step 23: correct a record of the open plane."""

    SPEC = Spec(
        23,
        "correct",
        N_("Correct a record"),
        EVERYBODY - {Role.INSPECTOR, Role.UNBLINDED_INSPECTOR},
        "record",
        "",
        Plane.OPEN,
        signed=SIGNED,
        creates=True,
        after_lock=True,
    )
    event: str = text(N_("Record"), fixed=True)
    field: str = text(N_("Field"), fixed=True)
    value: str = right_value(N_("Right value"), help=NOTHING)
    reason: str = text(N_("Reason"), fixed=True)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield what is wrong with any correction, and a bag that is still at the bench."""
        yield from Correction.check(self, scene)
        past = scene.things.past(self.event, Plane.OPEN)
        yield from check_said_openly(scene, *(reading(past).things if past else ()))

    def record(self, scene: Scene) -> Recorded:
        """Record the correction."""
        return Recorded(open=self.corrected(scene, "record_corrected"))


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectSealed(Correction):
    """Step 23: correct a record of the sealed plane."""

    SPEC = Spec(
        23,
        "correct_sealed",
        N_("Correct a sealed record"),
        BENCH | {Role.STATISTICIAN},
        "sealed_record",
        "",
        Plane.SEALED,
        signed=SIGNED,
        creates=True,
        after_lock=True,
    )
    event: str = text(N_("Record"), fixed=True)
    field: str = text(N_("Field"), fixed=True)
    value: str = right_value(N_("Right value"), help=NOTHING)
    reason: str = text(N_("Reason"), fixed=True)

    def record(self, scene: Scene) -> Recorded:
        """Record the correction, sealed."""
        return Recorded(sealed=self.corrected(scene, "sealed_record_corrected"))


@when("record_corrected")
@when("sealed_record_corrected")
def record_corrected(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Give the right value to the things that held the wrong one."""
    changed: dict[str, Thing] = {}
    for kind, code, attribute, value in fact.payload["sets"]:
        thing = changed.get(code) or stood(things, KINDS[kind], code)
        timed = isinstance(getattr(thing, attribute), datetime)
        right: dict[str, Any] = {attribute: at(value) if timed else value}
        changed[code] = replace(thing, **right)
    yield from changed.values()
