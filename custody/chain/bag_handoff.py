"""Handoffs of a bag that is not in a closed shipper (step 14): giver and receiver sign; one custodian at all times.

- Between its release and its packing a bag stays among the bench, at the bedside's unit among its nurses.
- Used or not wanted, it is first returned (step 17); then anyone who carries takes it back to the unit.
- While it may still be given, its condition and temperature have to be right.
- Who might take it over, and nobody else, may refuse it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from custody import codes
from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.custody import (
    check_holder,
    check_in_words,
    check_second_site,
    check_since_refused,
    check_site,
    elsewhere,
    held,
    in_new_hands,
    in_words,
    receiving,
    refusal_of,
    signed_handoff,
    since_refused,
)
from custody.chain.decide import roles
from custody.chain.fields import choice, quantity, scan, yes
from custody.chain.handoff import GIVE, REFUSE, TAKE, WHY
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import BENCH, CARRIERS, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.temperature import check_within
from custody.chain.things import Person, Plane, Thing, TreatmentBag

STILL_TO_GIVE = frozenset({"released", "received", "checked"})
NURSES = frozenset({Role.ICU_NURSE})


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverBag(Command):
    """Step 14: a bag that is not in a closed shipper goes from hand to hand."""

    SPEC = Spec(
        14,
        "hand_over_bag",
        N_("Hand over"),
        CARRIERS,
        "treatment_bag",
        "treatment_bag",
        Plane.OPEN,
        signed=GIVE,
        second=CARRIERS,
        second_meaning=TAKE,
    )
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    cover_on: bool = yes(N_("Opaque cover on bag and line"))
    condition_good: bool = yes(N_("Condition good"))
    temperature_dc: int = quantity(N_("Temperature"), "°C", scale=10, minimum=-2000, maximum=1000)
    changed: str = since_refused()

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:
        """Return whether the person holds it."""
        return held(thing, person)

    @classmethod
    def out_of_limits(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:
        """Yield a missing cover, and a bad condition or temperature of a bag that may still be given.

        Records of former times do not say whether it might: then it might.
        """
        if not values["cover_on"]:
            yield refuse(Reason.COVER)
        if values.get("to_give", True):
            if not values["condition_good"]:
                yield refuse(Reason.CONDITION)
            yield from check_within(values["temperature_dc"], protocol.transport_min, protocol.transport_max)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a giver who does not hold it, a bag in a shipper, a bad condition."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        yield from check_holder(scene, bag.code, bag.custodian)
        yield from check_since_refused(scene, bag.refused, self.changed)
        to_give = bag.status in STILL_TO_GIVE
        yield from self.out_of_limits({**self.payload(), "to_give": to_give}, scene.protocol)
        yield from check_receiver(scene, bag)

    def record(self, scene: Scene) -> Recorded:
        """Record who holds it now."""
        receiver = receiving(scene)
        handoff = scene.mint(codes.Kind.HANDOFF)
        bag = scene.need(TreatmentBag, self.treatment_bag)
        return Recorded(
            open=self.change(
                self.treatment_bag,
                handoff,
                type="bag_handed_over",
                handoff=handoff,
                giver=scene.actor.code,
                receiver=receiver.code,
                to_give=bag.status in STILL_TO_GIVE,
            )
        )


def takers(bag: TreatmentBag, giver: Person) -> frozenset[Role]:
    """Return the roles that may take a bag in its state from whoever holds it."""
    if bag.status == "returned":
        return CARRIERS
    return BENCH if giver.role in BENCH else NURSES


def check_receiver(scene: Scene, bag: TreatmentBag) -> Iterator[Refusal]:
    """Yield a receiver who has nothing to do with a bag in this state."""
    second = scene.second
    if second is None:
        return
    allowed = takers(bag, scene.actor)
    if second.role not in allowed:
        yield refuse(Reason.SECOND_ROLE, person=second.name, role=second.role, allowed=roles(allowed))
    if second.role == Role.ICU_NURSE:
        yield from check_second_site(scene, bag.site)


@when("bag_handed_over")
def bag_handed_over(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Give the bag to the receiver."""
    p = fact.payload
    bag = stood(things, TreatmentBag, p["treatment_bag"])
    yield replace(in_new_hands(bag, p["receiver"]), refused=())
    yield signed_handoff(fact, bag.code, sound=p["cover_on"] and p["condition_good"])


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseBagHandoff(Command):
    """Step 14: the receiver does not take the bag; the custodian stays."""

    SPEC = Spec(
        14,
        "refuse_bag_handoff",
        N_("Refuse the handoff"),
        CARRIERS,
        "treatment_bag",
        "treatment_bag",
        Plane.OPEN,
        signed=REFUSE,
    )
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    why: str = choice(N_("Why"), *WHY)
    words: str = in_words()

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:
        """Return whether someone else holds it who might give it to this person."""
        too_soon = person.role == Role.COURIER and thing.status != "returned"
        return not held(thing, person) and not too_soon and not elsewhere(person, thing.site)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a person who holds it already, or who could not take it over."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        giver = scene.need(Person, bag.custodian)
        if giver.code == scene.actor.code:
            yield refuse(Reason.HOLDS_IT, code=bag.code)
            return
        allowed = takers(bag, giver)
        if scene.actor.role not in allowed:
            yield refuse(Reason.ROLE, role=scene.actor.role, allowed=roles(allowed))
        if elsewhere(scene.actor, bag.site):
            yield from check_site(scene, bag.site)
        yield from check_in_words(self.why, self.words)

    def record(self, scene: Scene) -> Recorded:
        """Record the refusal; the custodian is named again."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        return Recorded(open=self.change(bag.code, type="bag_handoff_refused", custodian=bag.custodian))


@when("bag_handoff_refused")
def bag_handoff_refused(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Note who did not take it, and why; the bag stays where it is."""
    yield replace(stood(things, TreatmentBag, fact.payload["treatment_bag"]), refused=refusal_of(fact))
