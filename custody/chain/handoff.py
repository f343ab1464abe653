"""Handoffs (step 14): giver and receiver sign on the spot; one custodian before and after.

- Only the custodian gives. Who receives becomes the custodian of the shipper and of every bag in it.
- Seal, condition and temperature are stated. A receiver who does not take it refuses, which is a
  step of its own: the custodian stays.
- A nurse of the destination opens the shipper: its bags are then received. A bag inside a closed
  shipper changes hands with the shipper alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.fields import choice, quantity, scan, text, yes
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import CARRIERS, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.things import Person, Plane, Shipper, Thing, TreatmentBag

GIVE = N_("I hand this over")
TAKE = N_("I take this over")
REFUSE = N_("I do not take this over")


def check_holder(scene: Scene, code: str, holder: str) -> Iterator[Refusal]:
    """Yield when the giver is not the custodian."""
    if holder != scene.actor.code:
        held_by = scene.get(Person, holder)
        yield refuse(Reason.NOT_CUSTODIAN, code=code, holder=held_by.name if held_by else holder)


def check_temperature(scene: Scene, temperature_dc: int) -> Iterator[Refusal]:
    """Yield a temperature outside the transport limits."""
    low, high = scene.protocol.transport_min, scene.protocol.transport_max
    if not low <= temperature_dc <= high:
        yield refuse(
            Reason.TEMPERATURE,
            found=f"{temperature_dc / 10:g}",
            minimum=f"{low / 10:g}",
            maximum=f"{high / 10:g}",
        )


def arrives(receiver: Person, destination: str) -> bool:
    """Return whether a handoff to this person is the arrival at the bedside's unit."""
    return receiver.role == Role.ICU_NURSE and receiver.site == destination


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

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a giver who does not hold it, a broken seal, a bad condition or temperature."""
        shipper = scene.need(Shipper, self.shipper)
        yield from check_holder(scene, shipper.code, shipper.custodian)
        if shipper.status == "packed" and not self.seal_intact:
            yield refuse(Reason.SEAL)
        if not self.condition_good:
            yield refuse(Reason.CONDITION)
        yield from check_temperature(scene, self.temperature_dc)
        second = scene.second
        if second is not None and second.role == Role.ICU_NURSE and second.site != shipper.destination:
            yield refuse(Reason.SITE, expected=shipper.destination, found=second.site)

    def record(self, scene: Scene) -> Recorded:
        """Record who holds it now."""
        shipper = scene.need(Shipper, self.shipper)
        receiver = receiving(scene)
        arrived = shipper.status == "packed" and arrives(receiver, shipper.destination)
        inside = shipper.bags if shipper.status == "packed" else ()
        return Recorded(
            open=self.change(
                shipper.code,
                *inside,
                type="handed_over",
                bags=inside,
                giver=scene.actor.code,
                receiver=receiver.code,
                arrived=arrived,
            )
        )


def receiving(scene: Scene) -> Person:
    """Return the second person, whom the fixed conditions made sure of."""
    if scene.second is None:
        message = "second person"
        raise LookupError(message)
    return scene.second


@when("handed_over")
def handed_over(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Give shipper and bags to the receiver; on arrival the bags come out."""
    p = fact.payload
    shipper = stood(things, Shipper, p["shipper"])
    yield replace(
        shipper,
        custodian=p["receiver"],
        status="opened" if p["arrived"] else shipper.status,
        bags=() if p["arrived"] else shipper.bags,
    )
    for code in p["bags"]:
        bag = stood(things, TreatmentBag, code)
        yield replace(
            bag,
            custodian=p["receiver"],
            status="received" if p["arrived"] else "in_transit",
            shipper="" if p["arrived"] else bag.shipper,
        )


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

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a giver who does not hold it, a bag in a shipper, a bad condition."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        if bag.shipper:
            yield refuse(Reason.IN_SHIPPER, code=bag.code, shipper=bag.shipper)
        yield from check_holder(scene, bag.code, bag.custodian)
        if not self.cover_on:
            yield refuse(Reason.COVER)
        if not self.condition_good:
            yield refuse(Reason.CONDITION)
        yield from check_temperature(scene, self.temperature_dc)
        second = scene.second
        if second is not None and second.role == Role.ICU_NURSE and second.site != bag.site:
            yield refuse(Reason.SITE, expected=bag.site, found=second.site)

    def record(self, scene: Scene) -> Recorded:
        """Record who holds it now."""
        receiver = receiving(scene)
        return Recorded(
            open=self.change(
                self.treatment_bag,
                type="bag_handed_over",
                giver=scene.actor.code,
                receiver=receiver.code,
            )
        )


@when("bag_handed_over")
def bag_handed_over(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Give the bag to the receiver."""
    p = fact.payload
    bag = stood(things, TreatmentBag, p["treatment_bag"])
    yield replace(bag, custodian=p["receiver"])


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseHandoff(Command):
    """Step 14: the receiver does not take the shipper; the custodian stays."""

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
    why: str = choice(
        N_("Why"),
        ("seal", N_("seal broken")),
        ("condition", N_("damaged or leaking")),
        ("temperature", N_("temperature")),
        ("wrong", N_("not the one expected")),
        ("other", N_("another reason")),
    )
    words: str = text(N_("In words"), required=False)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield when the person holds it already."""
        if scene.need(Shipper, self.shipper).custodian == scene.actor.code:
            yield refuse(Reason.SAME_PERSON)

    def record(self, scene: Scene) -> Recorded:
        """Record the refusal; the custodian is named again."""
        shipper = scene.need(Shipper, self.shipper)
        change = self.change(shipper.code, type="handoff_refused", custodian=shipper.custodian)
        return Recorded(open=change)


@when("handoff_refused")
def handoff_refused(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Leave the shipper as it is: the record itself is what counts."""
    yield stood(things, Shipper, fact.payload["shipper"])
