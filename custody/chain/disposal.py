"""Return or destroy (step 17): what is left is accounted for, before a witness, by who holds it.

A bag that was never given sets its participant free for another order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.custody import check_contents, check_holder, held
from custody.chain.fields import quantity, scan, text
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import CARRIERS, WARD, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.things import Participant, Person, Plane, Thing, TreatmentBag

WITNESS = N_("I witnessed this")
KEEPERS = frozenset({Role.ICU_NURSE, Role.CELL_TECHNICIAN})


def disposal(name: str, title: str, signed: str) -> Spec:
    """Describe a way in which a treatment bag ends."""
    return Spec(
        17,
        name,
        title,
        KEEPERS,
        "treatment_bag",
        "treatment_bag",
        Plane.OPEN,
        signed,
        second=CARRIERS | WARD,
        second_meaning=WITNESS,
    )


def check_account(scene: Scene, bag: TreatmentBag, left_ul: int, lost_ul: int) -> Iterator[Refusal]:
    """Yield when given, left and lost are not together what the bag held."""
    held = scene.protocol.volume
    found = bag.given_ul + left_ul + lost_ul
    tolerance = scene.protocol.account_tolerance
    if abs(found - held) > tolerance:
        yield refuse(Reason.ACCOUNT, found=f"{found / 1000:g}", expected=f"{held / 1000:g}")


def check_rest(values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:
    """Yield more left and lost than the bag held."""
    yield from check_contents(values["left_ul"] + values["lost_ul"], protocol)


def ended(scene: Scene, command: Command, treatment_bag: str, type: str) -> Recorded:
    """Build the record of a bag's end; a bag that was never given sets its participant free."""
    bag = scene.need(TreatmentBag, treatment_bag)
    unused = bag.started_at is None and bag.status != "returned"
    freed = (bag.participant,) if unused else ()
    change = command.change(bag.code, *freed, type=type, participant=bag.participant, unused=unused)
    return Recorded(open=change if unused else replace(change, about=(bag.participant,)))


def end(things: Lookup, fact: Fact, status: str) -> Iterator[Thing]:
    """Yield a bag in its final state, and its participant when they are free for another."""
    p = fact.payload
    yield replace(stood(things, TreatmentBag, p["treatment_bag"]), status=status, refused=())
    if p["unused"]:
        yield replace(stood(things, Participant, p["participant"]), status="enrolled")


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnBag(Command):
    """Step 17: the bag, used or not, goes back to the cell therapy unit."""

    SPEC = disposal("return_bag", N_("Return the bag"), N_("I return this bag"))
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    left_ul: int = quantity(N_("Volume left"), "ml", scale=1000, maximum=1_000_000)
    lost_ul: int = quantity(N_("Volume lost"), "ml", scale=1000, maximum=1_000_000)

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:
        """Return whether the person holds it."""
        return held(thing, person)

    @classmethod
    def impossible(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:
        """Yield more left and lost than the bag held."""
        yield from check_rest(values, protocol)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a person who does not hold it, and a volume that is not accounted for."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        yield from check_holder(scene, bag.code, bag.custodian)
        yield from check_account(scene, bag, self.left_ul, self.lost_ul)

    def record(self, scene: Scene) -> Recorded:
        """Record the return."""
        return ended(scene, self, self.treatment_bag, "bag_returned")


@when("bag_returned")
def bag_returned(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """End the bag's use."""
    yield from end(things, fact, "returned")


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyBag(Command):
    """Step 17: the bag is destroyed."""

    SPEC = disposal("destroy_bag", N_("Destroy the bag"), N_("I destroyed this bag"))
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    left_ul: int = quantity(N_("Volume left"), "ml", scale=1000, maximum=1_000_000)
    lost_ul: int = quantity(N_("Volume lost"), "ml", scale=1000, maximum=1_000_000)
    reason: str = text(N_("Reason"))

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:
        """Return whether the person holds it."""
        return held(thing, person)

    @classmethod
    def impossible(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:
        """Yield more left and lost than the bag held."""
        yield from check_rest(values, protocol)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a person who does not hold it, and a volume that is not accounted for."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        yield from check_holder(scene, bag.code, bag.custodian)
        yield from check_account(scene, bag, self.left_ul, self.lost_ul)

    def record(self, scene: Scene) -> Recorded:
        """Record the destruction."""
        return ended(scene, self, self.treatment_bag, "bag_destroyed")


@when("bag_destroyed")
def bag_destroyed(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """End the bag."""
    yield from end(things, fact, "destroyed")
