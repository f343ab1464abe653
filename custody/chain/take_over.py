"""Custody of a colleague who is away (step 14): taken over before a witness, without the signature of who held it.

- For a custodian who was called away, so that the bag does not expire in a hand that is not there. A custodian who is
  there hands over: nobody witnesses their own absence.
- A colleague alone takes over: of the same site, and of a role that stands in for the other one (the bench for the
  bench, a nurse for a nurse, a courier for a courier). The witness is of that site too; couriers have none to compare.
- One custodian before and after, as with any handoff. Its own kind of handoff is kept, `taken_over`, never `signed`,
  and a deviation is raised with the reason: the monitor closes it.
- What was refused stays refused, and a bedside check was for the hands that made it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from custody import codes
from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.custody import check_second_site, check_site, held, in_new_hands
from custody.chain.decide import roles
from custody.chain.disposal import WITNESS
from custody.chain.fields import scan, text
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import BENCH, CARRIERS, WARD, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.things import Deviation, Handoff, Person, Plane, Shipper, Thing, TreatmentBag

TAKEN_OVER = "taken_over"
STANDS_IN = N_("I take this over from a colleague who is away")
WHY = N_("Why they are not there")


def taking_over(name: str, kind: str) -> Spec:
    """Describe how a kind of thing is taken over."""
    return Spec(
        14,
        name,
        N_("Take over from a colleague who is away"),
        CARRIERS,
        kind,
        kind,
        Plane.OPEN,
        signed=STANDS_IN,
        second=CARRIERS | WARD,
        second_meaning=WITNESS,
    )


def stand_ins(holder: Person) -> frozenset[Role]:
    """Return the roles of those who may take over what a person holds."""
    return BENCH if holder.role in BENCH else frozenset({Role(holder.role)})


def may_stand_in(person: Person, holder: Person) -> bool:
    """Return whether a person may take over what another one holds."""
    return person.code != holder.code and person.role in stand_ins(holder) and person.site == holder.site


def check_absent(scene: Scene, thing: Shipper | TreatmentBag) -> Iterator[Refusal]:
    """Yield who is no colleague of the custodian, or is the custodian, and a witness who is, or is not on the spot."""
    holder = scene.need(Person, thing.custodian)
    if holder.code == scene.actor.code:
        yield refuse(Reason.HOLDS_IT, code=thing.code)
        return
    allowed = stand_ins(holder)
    if scene.actor.role not in allowed:
        yield refuse(Reason.ROLE, role=scene.actor.role, allowed=roles(allowed))
    yield from check_site(scene, holder.site)
    if holder.site:
        yield from check_second_site(scene, holder.site)
    if scene.second is not None and scene.second.code == holder.code:
        yield refuse(Reason.NOT_AWAY, person=holder.name)


def taken_over(command: Command, scene: Scene, thing: Shipper | TreatmentBag, *inside: str) -> Recorded:
    """Build the record: who held it, who has it, and the deviation that says why."""
    handoff, deviation = scene.mint(codes.Kind.HANDOFF), scene.mint(codes.Kind.DEVIATION)
    facts: dict[str, Any] = {"handoff": handoff, "deviation": deviation, "bags": inside}
    facts |= {"held_by": thing.custodian, "taken_by": scene.actor.code}
    change = command.change(thing.code, *inside, handoff, deviation, type=f"{thing.KIND}_taken_over", **facts)
    return Recorded(open=change)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOverShipper(Command):
    """Step 14: a shipper, with all that is in it, is taken over from a colleague who is away."""

    SPEC = taking_over("take_over", "shipper")
    shipper: str = scan("shipper", N_("Shipper"))
    reason: str = text(WHY)

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:
        """Return whether somebody else holds it."""
        return not held(thing, person)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield who may not stand in for the custodian, or not witness it."""
        yield from check_absent(scene, scene.need(Shipper, self.shipper))

    def record(self, scene: Scene) -> Recorded:
        """Record who holds it now."""
        shipper = scene.need(Shipper, self.shipper)
        return taken_over(self, scene, shipper, *shipper.bags)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOverBag(Command):
    """Step 14: a bag that is not in a closed shipper is taken over from a colleague who is away."""

    SPEC = taking_over("take_over_bag", "treatment_bag")
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    reason: str = text(WHY)

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:
        """Return whether somebody else holds it."""
        return not held(thing, person)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield who may not stand in for the custodian, or not witness it."""
        yield from check_absent(scene, scene.need(TreatmentBag, self.treatment_bag))

    def record(self, scene: Scene) -> Recorded:
        """Record who holds it now."""
        return taken_over(self, scene, scene.need(TreatmentBag, self.treatment_bag))


@when("shipper_taken_over")
def shipper_taken_over(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Give shipper and bags to who took them over; nothing else of them changes."""
    p = fact.payload
    yield replace(stood(things, Shipper, p["shipper"]), custodian=p["taken_by"])
    for code in p["bags"]:
        yield replace(stood(things, TreatmentBag, code), custodian=p["taken_by"])
    yield from on_record(fact, p["shipper"])


@when("treatment_bag_taken_over")
def treatment_bag_taken_over(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Give the bag to who took it over."""
    p = fact.payload
    yield in_new_hands(stood(things, TreatmentBag, p["treatment_bag"]), p["taken_by"])
    yield from on_record(fact, p["treatment_bag"])


def on_record(fact: Fact, item: str) -> Iterator[Thing]:
    """Yield the handoff that was none, and the deviation about it."""
    p = fact.payload
    yield Handoff(
        code=p["handoff"],
        status=TAKEN_OVER,
        site=fact.site,
        item=item,
        giver=p["held_by"],
        receiver=p["taken_by"],
        at=fact.occurred_at,
        sound=False,
    )
    yield Deviation(
        code=p["deviation"],
        status="open",
        site=fact.site,
        about=p["handoff"],
        what=p["reason"],
        raised_by=fact.actor,
    )
