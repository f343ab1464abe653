"""Which steps a thing's page offers: what leads on first, and apart from it what may also be done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from custody.chain.roles import WARD
from custody.chain.step import STEPS, Spec, steps_for
from custody.chain.things import Preparation, Thing, TreatmentBag
from custody.web.who import person

ASIDE: Final = frozenset(
    {
        "pause_infusion",
        "cancel_order",
        "put_back",
        "unpack",
        "hand_over_bag",
        "refuse_handoff",
        "refuse_bag_handoff",
        "reject_lot",
        "discard_preparation",
        "return_bag",
        "destroy_bag",
        "destroy_cryobag",
        "close_person",
    }
)
"""Steps that are not what comes next: never the big button."""


def leading(things: list[Thing]) -> list[Spec]:
    """Give the steps that lead on, nearest first."""
    return [spec for spec in _ranked(things) if spec.name not in ASIDE]


def others(things: list[Thing]) -> list[Spec]:
    """Give the other steps that this person may do with it."""
    return [spec for spec in _ranked(things) if spec.name in ASIDE]


def _ranked(things: list[Thing]) -> list[Spec]:
    status = {thing.KIND: thing.status for thing in things}

    def rank(spec: Spec) -> tuple[bool, int]:
        return status[spec.thing] in spec.moves.get(status[spec.thing], ()), spec.number

    return sorted(_offered(things), key=rank)


def _offered(things: list[Thing]) -> Iterator[Spec]:
    for thing in things:
        for spec in steps_for(person().role, thing.KIND, thing.status):
            if _theirs(thing) and STEPS[spec.name].offered(thing, person()) and _has_sense(spec.name, things):
                yield spec


def _theirs(thing: Thing) -> bool:
    """Say whether a person of the ward has to do with it: it is of their site, of none, or on its way to them."""
    here = {thing.site, getattr(thing, "destination", "")}
    return person().role not in WARD or not thing.site or person().site in here


def _has_sense(step: str, things: list[Thing]) -> bool:
    """Say whether a step at the bench could be done: both halves together say more than each of them."""
    order = next((thing for thing in things if isinstance(thing, TreatmentBag)), None)
    preparation = next((thing for thing in things if isinstance(thing, Preparation)), None)
    if order is None or preparation is None or STEPS[step].SPEC.thing != preparation.KIND:
        return True
    if step == "discard_preparation":
        return order.status == "cancelled"
    needs_cells = preparation.prescribed_cells > 0
    possible = {"reserve": needs_cells, "dilute": preparation.status == "reserved" or not needs_cells}
    return order.status == "ordered" and possible.get(step, True)
