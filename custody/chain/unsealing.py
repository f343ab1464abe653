"""Planned unblinding, at the lock of the database: every commitment of the open plane is opened there, for everybody.

- Two people sign: the statistician, who analyses, and the responsible person, who answers for the bench. Both know the
  arms anyway; neither opens them to the others alone. Whoever is blinded has no part in it: until it begins they
  see nothing of it. The record says when the blind was broken and by whom (ICH E9, 5.1: "formal records should be kept
  of when the statistical analysis plan was finalised as well as when the blind was subsequently broken").
- Before it the trial is reconciled in both planes, with nothing left open since, and a list is loaded.
- One step opens as much as an entry holds; the step is done again until nothing is left. What is open stays open, and
  is never opened twice, so that it can go on after a stop.
- Once it has begun the data are locked: no step that records a new fact of the trial is done any more (see
  `custody.chain.decide`). A correction is still possible, signed and beside the wrong record as ever, and says that the
  codes were open (ICH E6(R3), 3.16.2 (e): exceptional, justified, in the audit trail).

An opening is a commitment's salt and value: of an order its arm and place, of a list its arms. With them the open log
alone proves that neither was chosen afterwards (see `custody.ledger.openings`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.reconciliation import OPEN_KINDS, SEALED_KINDS, unfinished
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Opening, Scene
from custody.chain.step import N_, Change, Command, Recorded, Spec, step
from custody.chain.things import (
    SEALED_TRIAL,
    TRIAL,
    UNSEALING,
    Participant,
    Plane,
    SealedTrial,
    Stratum,
    Thing,
    TreatmentBag,
    Trial,
    Unsealing,
    preparation_code,
)
from custody.chain.transitions import states

MOST_OPENED: Final = 100
"""Openings in one entry."""
MOST_WRITTEN: Final = 30_000
"""Characters of their values: lists are longer than orders, and an entry has at most 65,535 bytes."""


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Unseal(Command):
    """Open the commitments, as many as one entry holds."""

    SPEC = Spec(
        0,
        "unseal",
        N_("Open the randomisation codes"),
        frozenset({Role.STATISTICIAN}),
        "unsealing",
        "trial",
        Plane.OPEN,
        signed=N_("The data are locked: the codes are opened"),
        second=frozenset({Role.RESPONSIBLE_PERSON}),
        second_meaning=N_("Nothing is left to be prepared: the codes may be opened"),
        both=True,
        creates=True,
        after_lock=True,
    )
    trial: ClassVar[str] = UNSEALING

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield what has to be done before; nothing more once it has begun."""
        if scene.get(Unsealing, UNSEALING) is not None:
            return
        halves = (
            (scene.need(Trial, TRIAL), Role.MONITOR),
            (scene.need(SealedTrial, SEALED_TRIAL), Role.RESPONSIBLE_PERSON),
        )
        for half, role in halves:
            if half.status != "reconciled":
                yield refuse(Reason.NOT_RECONCILED, role=role)
        yield from unfinished(scene, (*OPEN_KINDS, *SEALED_KINDS))
        if not scene.find(Stratum, "loaded"):
            yield refuse(Reason.NO_LIST)

    def record(self, scene: Scene) -> Recorded:
        """Record openings, and whether they are the last."""
        openings, complete = fitting(waiting(scene))
        orders = [opening.value for opening in openings if "participant" in opening.value]
        changed = dict.fromkeys(value[name] for value in orders for name in ("participant", "treatment_bag"))
        facts = {
            "openings": [{"event": one.event, "salt": one.salt, "value": dict(one.value)} for one in openings],
            "complete": complete,
        }
        return Recorded(open=Change("commitments_opened", (UNSEALING, *changed), facts, about=(TRIAL,)))


def waiting(scene: Scene) -> Iterator[Opening]:
    """Yield the openings of lists and orders that are not open yet; what never was committed to has none."""
    begun = scene.get(Unsealing, UNSEALING)
    lists = [stratum.code for stratum in scene.find(Stratum, "loaded") if not begun or stratum.site not in begun.lists]
    bags = [
        bag for status in states(TreatmentBag.KIND) for bag in scene.find(TreatmentBag, status) if not bag.unsealed_arm
    ]
    for code in (*lists, *(preparation_code(bag.code) for bag in bags)):
        opening = scene.opening(code)
        if opening is not None:
            yield opening


def fitting(openings: Iterator[Opening]) -> tuple[list[Opening], bool]:
    """Take as many as one entry holds, at least one; say whether none is left."""
    taken: list[Opening] = []
    written = 0
    for opening in openings:
        written += len(repr(opening.value))
        if taken and (written > MOST_WRITTEN or len(taken) >= MOST_OPENED):
            return taken, False
        taken.append(opening)
    return taken, True


@when("commitments_opened")
def commitments_opened(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Let each participant and bag have its arm, and count what is open."""
    values = [opening["value"] for opening in fact.payload["openings"]]
    orders = [value for value in values if "participant" in value]
    lists = tuple(value["site"] for value in values if "participant" not in value)
    before = things.get(Unsealing, UNSEALING) or Unsealing(code=UNSEALING, status="begun")
    yield replace(
        before,
        status="complete" if fact.payload["complete"] else "begun",
        orders=before.orders + len(orders),
        lists=before.lists + lists,
    )
    arms: dict[str, Any] = {value["participant"]: value["arm"] for value in orders}
    for participant, arm in arms.items():
        yield replace(stood(things, Participant, participant), unsealed_arm=arm)
    for value in orders:
        yield replace(stood(things, TreatmentBag, value["treatment_bag"]), unsealed_arm=value["arm"])


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRandomisation(Command):
    """The statistician sees the lists again, at the end: who looked, and who tried before, is on record, sealed."""

    SPEC = Spec(
        0,
        "show_randomisation",
        N_("Show the randomisation lists"),
        frozenset({Role.STATISTICIAN}),
        "record",
        "",
        Plane.SEALED,
        creates=True,
        after_lock=True,
    )

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield that the codes are not open, or not all."""
        unsealing = scene.get(Unsealing, UNSEALING)
        if unsealing is None or unsealing.status != "complete":
            yield refuse(Reason.STILL_SEALED)

    def record(self, scene: Scene) -> Recorded:
        """Record that they were shown."""
        sites = [stratum.site for stratum in scene.find(Stratum, "loaded")]
        return Recorded(sealed=Change("randomisation_shown", (), {"sites": sites}, about=(SEALED_TRIAL,)))


@when("randomisation_shown")
def randomisation_shown(_: Lookup, __: Fact) -> Iterator[Thing]:
    """Change nothing."""
    yield from ()
