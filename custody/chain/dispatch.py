"""Pack (step 13): released bags of one destination go into a shipper with seal and logger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.fields import scan, scans, text, yes
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.things import Plane, Shipper, Thing, TreatmentBag


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

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield bags that may not go, mixed destinations and a logger that stands still."""
        bags = []
        for code in self.bags:
            bag = scene.get(TreatmentBag, code)
            if bag is None:
                yield refuse(Reason.UNKNOWN, code=code)
                continue
            bags.append(bag)
            if bag.status != "released":
                yield refuse(Reason.STATE, code=code, found=bag.status, expected="released")
            if bag.expires_at <= scene.now:
                expiry = scene.local(bag.expires_at)
                yield refuse(Reason.EXPIRED, code=code, expiry=expiry)
        if len(set(self.bags)) < len(self.bags):
            twice = next(code for code in self.bags if self.bags.count(code) > 1)
            yield refuse(Reason.SCANNED_TWICE, code=twice)
        if len({bag.site for bag in bags}) > 1:
            yield refuse(Reason.DESTINATION)
        if not self.logger_running:
            yield refuse(Reason.LOGGER)

    def record(self, scene: Scene) -> Recorded:
        """Record what is in the shipper and where it goes."""
        destination = scene.need(TreatmentBag, self.bags[0]).site
        return Recorded(open=self.change(self.shipper, *self.bags, type="packed", destination=destination))


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
        yield replace(bag, status="packed", shipper=p["shipper"], custodian=fact.actor)
