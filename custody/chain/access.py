"""Access to what tells the arm: once there is a randomisation list, nobody gives it alone.

An unblinded role, and a password for somebody else who has one, need the signature of who gives it and that of an
unblinded person who answers for the blinding: the administrator is blinded, and stays so. Before the first list is
loaded there is nothing to see, and perhaps nobody to sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role, sees_arm
from custody.chain.scene import Scene
from custody.chain.step import N_
from custody.chain.things import Stratum
from custody.chain.transitions import states

GIVES: Final = N_("I give access to what tells the arm")
AGREES: Final = N_("I agree that this person sees the arm")
ANSWERS: Final = frozenset({Role.RESPONSIBLE_PERSON, Role.STATISTICIAN})
"""Who agrees, as the second person."""


def check_access(scene: Scene, role: str) -> Iterator[Refusal]:
    """Yield which signature is missing for an account of this role; that the two fit is looked at with any step."""
    if not sees_arm(role) or not any(scene.find(Stratum, state) for state in states(Stratum.KIND)):
        return
    if (scene.actor.code, GIVES) not in {(signature.person, signature.meaning) for signature in scene.signatures}:
        yield refuse(Reason.SIGNATURE)
    if scene.second is None:
        yield refuse(Reason.SECOND_PERSON)
