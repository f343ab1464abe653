"""Pack (step 13): released bags of one destination go into a shipper with seal and logger; and unpack.

- Who packs holds the bags, and the shipper when it has been used before: nothing changes hands here.
- A shipper that never left is unpacked into released bags. One that came back is unpacked too; its bags are
  received at the unit, to be returned or destroyed, and never go out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.custody import check_holder, held
from custody.chain.fields import scan, scans, text, yes
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.things import Person, Plane, Shipper, Thing, TreatmentBag


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Pack(Command):
    """Step 13: pack released bags; the packer holds the shipper until the handoff."""

    SPEC = Spec(
        13,
        "pack",
        N_("Pack"),
        frozenset({Role.CELL_TECHNICIAN}),
        "shipper",
        "shipper",
        Plane.OPEN,
        creates=True,
    )
    shipper: str = scan("shipper", N_("Shipper"))
    bags: tuple[str, ...] = scans("treatment_bag", N_("Treatment bags"))
    seal: str = text(N_("Seal number"))
    logger: str = text(N_("Temperature logger"))
    logger_running: bool = yes(N_("The logger is running"))

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:
        """Return whether the person holds it; on the way to a new one there is no thing to ask of."""
        return held(thing, person)

    @classmethod
    def out_of_limits(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:  # noqa: ARG003
        """Yield a logger that stands still."""
        if not values["logger_running"]:
            yield refuse(Reason.LOGGER)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield bags that may not go or are held by others, mixed destinations, a logger that stands still."""
        shipper = scene.get(Shipper, self.shipper)
        if shipper is not None:
            yield from check_holder(scene, shipper.code, shipper.custodian)
        yield from bad_bags(scene, self.bags)
        yield from self.out_of_limits(self.payload(), scene.protocol)

    def record(self, scene: Scene) -> Recorded:
        """Record what is in the shipper and where it goes."""
        destination = scene.need(TreatmentBag, self.bags[0]).site
        return Recorded(open=self.change(self.shipper, *self.bags, type="packed", destination=destination))


def bad_bags(scene: Scene, codes: tuple[str, ...]) -> Iterator[Refusal]:
    """Yield why bags may not go together."""
    if not codes:
        yield refuse(Reason.NO_BAG)
    if len(set(codes)) < len(codes):
        twice = next(code for code in codes if codes.count(code) > 1)
        yield refuse(Reason.SCANNED_TWICE, code=twice)
    bags = [scene.get(TreatmentBag, code) for code in codes]
    for code, bag in zip(codes, bags, strict=True):
        yield from bad_bag(scene, code, bag)
    if len({bag.site for bag in bags if bag}) > 1:
        yield refuse(Reason.DESTINATION)


def bad_bag(scene: Scene, code: str, bag: TreatmentBag | None) -> Iterator[Refusal]:
    """Yield why a bag may not go."""
    if bag is None:
        yield refuse(Reason.UNKNOWN, code=code)
        return
    if bag.status != "released":
        yield refuse(Reason.STATE, code=code, found=bag.status, expected="released")
    else:
        yield from check_holder(scene, code, bag.custodian)
    if bag.expires_at <= scene.at:
        yield refuse(Reason.EXPIRED, code=code, expiry=scene.local(bag.expires_at))


@when("packed")
def packed(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Close the shipper around its bags."""
    p = fact.payload
    yield Shipper(
        code=p["shipper"],
        status="packed",
        site=fact.site,
        seal=p["seal"],
        logger=p["logger"],
        bags=tuple(p["bags"]),
        destination=p["destination"],
        custodian=fact.actor,
    )
    for code in p["bags"]:
        bag = stood(things, TreatmentBag, code)
        yield replace(bag, status="packed", shipper=p["shipper"], custodian=fact.actor, refused=())


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Unpack(Command):
    """Step 13, undone: the bags come out of a shipper at the cell therapy unit."""

    SPEC = Spec(13, "unpack", N_("Unpack"), frozenset({Role.CELL_TECHNICIAN}), "shipper", "shipper", Plane.OPEN)
    shipper: str = scan("shipper", N_("Shipper"))
    reason: str = text(N_("Reason"))

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:
        """Return whether the person holds it."""
        return held(thing, person)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield when someone else holds it."""
        shipper = scene.need(Shipper, self.shipper)
        yield from check_holder(scene, shipper.code, shipper.custodian)

    def record(self, scene: Scene) -> Recorded:
        """Record which bags came out."""
        bags = scene.need(Shipper, self.shipper).bags
        return Recorded(open=self.change(self.shipper, *bags, type="unpacked", bags=bags))


@when("unpacked")
def unpacked(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Open the shipper; a bag that never left can be packed again."""
    p = fact.payload
    yield replace(stood(things, Shipper, p["shipper"]), status="opened", bags=(), refused=())
    for code in p["bags"]:
        bag = stood(things, TreatmentBag, code)
        yield replace(bag, status="released" if bag.status == "packed" else "received", shipper="", refused=())
