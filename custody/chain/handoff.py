"""Handoffs (step 14): giver and receiver sign on the spot; one custodian before and after.

- Only the custodian gives. Who receives becomes the custodian of the shipper and of every bag in it.
- Seal, condition and temperature are stated, and have to be right on the way out. A receiver who does not take it
  refuses, which is a step of its own: the custodian stays. Nobody refuses who could not take it: a nurse of
  another ward.
- A refusal stays with the shipper and the bags in it until they are handed over after all: in words, what changed.
- A nurse of the destination opens the shipper: its bags are then received. A bag inside a closed
  shipper changes hands with the shipper alone.
- What was refused comes back to the cell therapy unit as it is: nothing keeps a broken seal on the road.
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
    in_words,
    receiving,
    refusal_of,
    signed_handoff,
    since_refused,
)
from custody.chain.fields import choice, quantity, scan, yes
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import BENCH, CARRIERS, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.temperature import check_within
from custody.chain.things import Person, Plane, Shipper, Thing, TreatmentBag

GIVE = N_("I hand this over")
TAKE = N_("I take this over")
REFUSE = N_("I do not take this over")
WHY = (
    ("seal", N_("seal broken")),
    ("condition", N_("damaged or leaking")),
    ("temperature", N_("temperature")),
    ("wrong", N_("not the one expected")),
    ("other", N_("another reason")),
)


def arrives(receiver: Person, destination: str) -> bool:
    """Return whether a handoff to this person is the arrival at the bedside's unit."""
    return receiver.role == Role.ICU_NURSE and receiver.site == destination


def comes_back(scene: Scene) -> bool:
    """Return whether the shipper comes back to the cell therapy unit."""
    return receiving(scene).role in BENCH and scene.actor.role not in BENCH


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverShipper(Command):
    """Step 14: a shipper, with all that is in it, goes from hand to hand."""

    SPEC = Spec(
        14,
        "hand_over",
        N_("Hand over"),
        CARRIERS,
        "shipper",
        "shipper",
        Plane.OPEN,
        signed=GIVE,
        second=CARRIERS,
        second_meaning=TAKE,
    )
    shipper: str = scan("shipper", N_("Shipper"))
    seal_intact: bool = yes(N_("Seal intact"))
    condition_good: bool = yes(N_("Condition good"))
    temperature_dc: int = quantity(N_("Temperature"), "°C", scale=10, minimum=-2000, maximum=1000)
    changed: str = since_refused()

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:
        """Return whether the person holds it."""
        return held(thing, person)

    @classmethod
    def out_of_limits(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:
        """Yield a broken seal, a bad condition or temperature of a shipper with bags in it."""
        if not values["bags"]:
            return
        if not values["seal_intact"]:
            yield refuse(Reason.SEAL)
        if not values["condition_good"]:
            yield refuse(Reason.CONDITION)
        yield from check_within(values["temperature_dc"], protocol.transport_min, protocol.transport_max)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a giver who does not hold it, a broken seal, a bad condition or temperature."""
        shipper = scene.need(Shipper, self.shipper)
        yield from check_holder(scene, shipper.code, shipper.custodian)
        yield from check_since_refused(scene, shipper.refused, self.changed)
        if shipper.status != "packed" or scene.second is None:
            return
        if scene.second.role == Role.ICU_NURSE:
            yield from check_second_site(scene, shipper.destination)
        if not comes_back(scene):
            yield from self.out_of_limits({**self.payload(), "bags": shipper.bags}, scene.protocol)

    def record(self, scene: Scene) -> Recorded:
        """Record who holds it now."""
        shipper = scene.need(Shipper, self.shipper)
        receiver = receiving(scene)
        closed = shipper.status == "packed"
        inside = shipper.bags if closed else ()
        handoff = scene.mint(codes.Kind.HANDOFF)
        return Recorded(
            open=self.change(
                shipper.code,
                *inside,
                handoff,
                type="handed_over",
                handoff=handoff,
                bags=inside,
                giver=scene.actor.code,
                receiver=receiver.code,
                left=not {scene.actor.role, receiver.role} <= BENCH,
                arrived=closed and arrives(receiver, shipper.destination),
            )
        )


@when("handed_over")
def handed_over(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Give shipper and bags to the receiver; on arrival the bags come out."""
    p = fact.payload
    shipper = stood(things, Shipper, p["shipper"])
    yield replace(
        shipper,
        custodian=p["receiver"],
        given_by=p["giver"],
        refused=(),
        status="opened" if p["arrived"] else shipper.status,
        bags=() if p["arrived"] else shipper.bags,
    )
    for code in p["bags"]:
        bag = stood(things, TreatmentBag, code)
        moving = "in_transit" if p["left"] else bag.status
        yield replace(
            bag,
            custodian=p["receiver"],
            refused=(),
            status="received" if p["arrived"] else moving,
            shipper="" if p["arrived"] else bag.shipper,
        )
    yield signed_handoff(fact, shipper.code, sound=p["seal_intact"] and p["condition_good"])


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseHandoff(Command):
    """Step 14: the receiver does not take the shipper; the custodian stays, and it shows until it is handed over."""

    SPEC = Spec(
        14,
        "refuse_handoff",
        N_("Refuse the handoff"),
        CARRIERS,
        "shipper",
        "shipper",
        Plane.OPEN,
        signed=REFUSE,
    )
    shipper: str = scan("shipper", N_("Shipper"))
    why: str = choice(N_("Why"), *WHY)
    words: str = in_words()

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:
        """Return whether someone else holds it who might give it to this person."""
        return not held(thing, person) and not (isinstance(thing, Shipper) and elsewhere(person, thing.destination))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a person who holds it already, or who could not take it over."""
        shipper = scene.need(Shipper, self.shipper)
        if shipper.custodian == scene.actor.code:
            yield refuse(Reason.HOLDS_IT, code=shipper.code)
        if elsewhere(scene.actor, shipper.destination):
            yield from check_site(scene, shipper.destination)
        yield from check_in_words(self.why, self.words)

    def record(self, scene: Scene) -> Recorded:
        """Record the refusal, of the bags inside too; the custodian is named again."""
        shipper = scene.need(Shipper, self.shipper)
        facts = {"custodian": shipper.custodian, "bags": shipper.bags}
        return Recorded(open=self.change(shipper.code, *shipper.bags, type="handoff_refused", **facts))


@when("handoff_refused")
def handoff_refused(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Note who did not take it, and why; shipper and bags stay where they are."""
    p = fact.payload
    yield replace(stood(things, Shipper, p["shipper"]), refused=refusal_of(fact))
    for code in p["bags"]:
        yield replace(stood(things, TreatmentBag, code), refused=refusal_of(fact))
