"""Return or destroy (step 17): what is left is accounted for, before a witness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.fields import quantity, scan, text
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import BENCH, CARRIERS, WARD, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.storage import emptied
from custody.chain.things import Cryobag, Plane, Thing, TreatmentBag

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


def check_place(scene: Scene, bag: TreatmentBag) -> Iterator[Refusal]:
    """Yield when a nurse of another site disposes of it."""
    if scene.actor.role == Role.ICU_NURSE and scene.actor.site != bag.site:
        yield refuse(Reason.SITE, expected=bag.site, found=scene.actor.site)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnBag(Command):
    """Step 17: the bag, used or not, goes back to the cell therapy unit."""

    SPEC = disposal("return_bag", N_("Return the bag"), N_("I return this bag"))
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    left_ul: int = quantity(N_("Volume left"), "ml", scale=1000, maximum=1_000_000)
    lost_ul: int = quantity(N_("Volume lost"), "ml", scale=1000, maximum=1_000_000)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a volume that is not accounted for."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        yield from check_place(scene, bag)
        yield from check_account(scene, bag, self.left_ul, self.lost_ul)

    def record(self, scene: Scene) -> Recorded:
        """Record the return."""
        return Recorded(open=self.change(self.treatment_bag, type="bag_returned"))


@when("bag_returned")
def bag_returned(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """End the bag's use."""
    bag = stood(things, TreatmentBag, fact.payload["treatment_bag"])
    yield replace(bag, status="returned")


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyBag(Command):
    """Step 17: the bag is destroyed."""

    SPEC = disposal("destroy_bag", N_("Destroy the bag"), N_("I destroyed this bag"))
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    left_ul: int = quantity(N_("Volume left"), "ml", scale=1000, maximum=1_000_000)
    lost_ul: int = quantity(N_("Volume lost"), "ml", scale=1000, maximum=1_000_000)
    reason: str = text(N_("Reason"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a volume that is not accounted for."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        yield from check_place(scene, bag)
        yield from check_account(scene, bag, self.left_ul, self.lost_ul)

    def record(self, scene: Scene) -> Recorded:
        """Record the destruction."""
        return Recorded(open=self.change(self.treatment_bag, type="bag_destroyed"))


@when("bag_destroyed")
def bag_destroyed(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """End the bag."""
    bag = stood(things, TreatmentBag, fact.payload["treatment_bag"])
    yield replace(bag, status="destroyed")


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyCryobag(Command):
    """Step 17: a cryobag that failed, expired or is left over is destroyed."""

    SPEC = Spec(
        17,
        "destroy_cryobag",
        N_("Destroy the cryobag"),
        frozenset({Role.CELL_TECHNICIAN}),
        "cryobag",
        "cryobag",
        Plane.SEALED,
        signed=N_("I destroyed this cryobag"),
        second=BENCH,
        second_meaning=WITNESS,
    )
    cryobag: str = scan("cryobag", N_("Cryobag"))
    reason: str = text(N_("Reason"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a counted cryobag that an order still needs."""
        bag = scene.need(Cryobag, self.cryobag)
        if bag.status in {"thawed", "counted"} and bag.treatment_bag:
            order = scene.need(TreatmentBag, bag.treatment_bag)
            if order.status == "ordered":
                yield refuse(Reason.STATE, code=bag.code, found=bag.status, expected="failed, stored")

    def record(self, scene: Scene) -> Recorded:
        """Record the destruction; the location is free again."""
        left = scene.need(Cryobag, self.cryobag).location
        things = (self.cryobag, *([left] if left else []))
        return Recorded(sealed=self.change(*things, type="cryobag_destroyed", left=left))


@when("cryobag_destroyed")
def cryobag_destroyed(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """End the cryobag."""
    p = fact.payload
    bag = stood(things, Cryobag, p["cryobag"])
    yield replace(bag, status="destroyed", location="")
    if p["left"]:
        yield emptied(things, p["left"])
