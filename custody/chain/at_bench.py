"""A bag that has not left the bench: who sees the arm says nothing openly of it, or of its participant.

The ward reads the open plane. That there is something to say of a bag before its release, when it was said, by whom
and in which words: all of it may tell the arm. The bench says it sealed (step 20).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import sees_arm
from custody.chain.scene import Scene, Things
from custody.chain.things import Deviation, Participant, TreatmentBag

UNRELEASED: Final = frozenset({"ordered", "cancelled"})
"""States of a treatment bag that was never released: one that is cancelled stays at the bench."""


def check_said_openly(scene: Scene, *codes: str) -> Iterator[Refusal]:
    """Yield each code of which an unblinded person may say nothing in the open plane yet."""
    if sees_arm(scene.actor.role):
        yield from (refuse(Reason.AT_BENCH, code=code) for code in codes if code and at_bench(scene.things, code))


def at_bench(things: Things, code: str) -> bool:
    """Return whether it is an unreleased bag, the participant who waits for one, or a deviation about either."""
    deviation = things.get(Deviation, code)
    code = deviation.about if deviation else code
    participant = things.get(Participant, code)
    code = participant.treatment_bags[-1] if participant and participant.treatment_bags else code
    bag = things.get(TreatmentBag, code)
    return bag is not None and bag.status in UNRELEASED
