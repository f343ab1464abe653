"""Reconciliation (step 18): every order, cryobag and treatment bag has ended, in each plane by itself.

A thing that comes after it (a new order, a new lot) is reconciled by doing the step again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Change, Command, Recorded, Spec, step
from custody.chain.things import (
    SEALED_TRIAL,
    TRIAL,
    CodeBreak,
    Cryobag,
    Deviation,
    Participant,
    Plane,
    Preparation,
    SealedDeviation,
    SealedTrial,
    Thing,
    TreatmentBag,
    Trial,
)
from custody.chain.transitions import FINAL, unfinished_states

OPEN_KINDS: tuple[type[Thing], ...] = (Participant, TreatmentBag, Deviation)
SEALED_KINDS: tuple[type[Thing], ...] = (Cryobag, Preparation, SealedDeviation, CodeBreak)
MOST_NAMED = 100
"""Codes in one refusal: enough to work on, and few enough for the log's longest entry."""


def unfinished(scene: Scene, kinds: Iterable[type[Thing]]) -> Iterator[Refusal]:
    """Yield the things that have not ended."""
    states = [(kind, state) for kind in kinds for state in unfinished_states(kind.KIND)]
    found = sorted(thing.code for kind, state in states for thing in scene.find(kind, state))
    if found:
        more = [f"+ {len(found) - MOST_NAMED}"] if len(found) > MOST_NAMED else []
        yield refuse(Reason.UNFINISHED, codes=", ".join([*found[:MOST_NAMED], *more]))


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile(Command):
    """Step 18, open plane: orders, treatment bags, deviations."""

    SPEC = Spec(
        18,
        "reconcile",
        N_("Reconcile"),
        frozenset({Role.MONITOR}),
        "trial",
        "trial",
        Plane.OPEN,
        signed=N_("Every order and treatment bag is accounted for"),
    )
    trial: ClassVar[str] = TRIAL

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield what has not ended."""
        yield from unfinished(scene, OPEN_KINDS)

    def record(self, scene: Scene) -> Recorded:
        """Record that all is accounted for, and how many there are."""
        return Recorded(open=Change("trial_reconciled", (TRIAL,), counted(scene, TreatmentBag)))


def counted(scene: Scene, kind: type[Thing]) -> dict[str, int]:
    """Return how many things of a kind stand in each final state."""
    return {state: len(scene.find(kind, state)) for state in sorted(FINAL[kind.KIND])}


@when("trial_reconciled")
def trial_reconciled(things: Lookup, _: Fact) -> Iterator[Thing]:
    """Mark the open half."""
    yield replace(stood(things, Trial, TRIAL), status="reconciled")


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileSealed(Command):
    """Step 18, sealed plane: cryobags, preparations, deviations of the bench, code breaks told to the sponsor."""

    SPEC = Spec(
        18,
        "reconcile_sealed",
        N_("Reconcile the bench"),
        frozenset({Role.RESPONSIBLE_PERSON}),
        "sealed_trial",
        "trial",
        Plane.SEALED,
        signed=N_("Every cryobag and preparation is accounted for"),
    )
    trial: ClassVar[str] = SEALED_TRIAL

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield what has not ended."""
        yield from unfinished(scene, SEALED_KINDS)

    def record(self, scene: Scene) -> Recorded:
        """Record that all is accounted for, and how many there are."""
        return Recorded(sealed=Change("sealed_trial_reconciled", (SEALED_TRIAL,), counted(scene, Cryobag)))


@when("sealed_trial_reconciled")
def sealed_trial_reconciled(things: Lookup, _: Fact) -> Iterator[Thing]:
    """Mark the sealed half."""
    yield replace(stood(things, SealedTrial, SEALED_TRIAL), status="reconciled")
