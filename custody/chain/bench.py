"""The bench: cryobags for an order are reserved (step 7), or put back.

- Cells come from a released lot, first-expiring first, and enough of them for the weight at the
  viability expected.
- What an order has to expect of its cryobags is worked out anew at each step: as counted, or before
  that as the lot promises. Too little, and it needs another cryobag before the dilution.
- All of it is sealed: an arm of albumin alone has none of these steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.dose import viable_cells, within
from custody.chain.fields import scan, scans
from custody.chain.ordering import overtaken
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.things import Cryobag, Lot, Participant, Plane, Preparation, Thing, TreatmentBag
from custody.chain.things import preparation_code as sealed_half
from custody.chain.units import CellsPerMl, Microlitres

TECHNICIAN = frozenset({Role.CELL_TECHNICIAN})


def expected_viable(lot: Lot) -> int:
    """Return the viable cells that a cryobag of a lot should give."""
    return lot.cells_per_cryobag * lot.expected_viability_permille // 1000


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve(Command):
    """Step 7: set cryobags aside for an order."""

    SPEC = Spec(
        7,
        "reserve",
        N_("Reserve cryobags"),
        TECHNICIAN,
        "preparation",
        "treatment_bag",
        Plane.SEALED,
    )
    treatment_bag: str = scan("treatment_bag", N_("Treatment code"))
    cryobags: tuple[str, ...] = scans("cryobag", N_("Cryobags"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield bags that are not free, not first-expiring, or not enough cells."""
        preparation = scene.need(Preparation, sealed_half(self.treatment_bag))
        if preparation.prescribed_cells == 0:
            yield refuse(Reason.NO_CELLS)
            return
        yield from check_order_stands(scene, self.treatment_bag)
        if not self.cryobags:
            yield refuse(Reason.NO_CRYOBAG)
        if len(set(self.cryobags)) < len(self.cryobags):
            twice = next(code for code in self.cryobags if self.cryobags.count(code) > 1)
            yield refuse(Reason.SCANNED_TWICE, code=twice)
        bags = [scene.get(Cryobag, code) for code in self.cryobags]
        for code, bag in zip(self.cryobags, bags, strict=True):
            yield from unfit(scene, code, bag)
        yield from first_expiring(scene, [bag for bag in bags if bag])
        found = expected_cells(scene, (*preparation.cryobags, *self.cryobags))
        if found < preparation.prescribed_cells:
            expected = preparation.prescribed_cells
            yield refuse(Reason.NOT_ENOUGH_CELLS, found=found, expected=expected)

    def record(self, scene: Scene) -> Recorded:
        """Record which cryobags are set aside."""
        preparation = scene.need(Preparation, sealed_half(self.treatment_bag))
        return Recorded(
            sealed=self.change(
                preparation.code,
                *self.cryobags,
                type="cryobags_reserved",
                expected_cells=expected_cells(scene, (*preparation.cryobags, *self.cryobags)),
            )
        )


def check_order_stands(scene: Scene, treatment_bag: str) -> Iterator[Refusal]:
    """Yield when the order was cancelled meanwhile, or the weight corrected: the dose was for another."""
    bag = scene.need(TreatmentBag, treatment_bag)
    if bag.status != "ordered":
        yield refuse(Reason.STATE, code=bag.code, found=bag.status, expected="ordered")
    if overtaken(bag, scene.need(Participant, bag.participant)):
        yield refuse(Reason.WEIGHT_CHANGED)


def unfit(scene: Scene, code: str, bag: Cryobag | None) -> Iterator[Refusal]:
    """Yield why a cryobag cannot be taken."""
    if bag is None:
        yield refuse(Reason.UNKNOWN, code=code)
        return
    if bag.status != "stored":
        yield refuse(Reason.STATE, code=code, found=bag.status, expected="stored")
    yield from check_lot(scene, bag)
    if bag.expires_at <= scene.at:
        yield refuse(Reason.EXPIRED, code=code, expiry=scene.local(bag.expires_at))


def check_lot(scene: Scene, bag: Cryobag) -> Iterator[Refusal]:
    """Yield a lot that is not released, or whose release fell since by a correction."""
    lot = scene.need(Lot, bag.lot)
    if lot.status != "released":
        yield refuse(Reason.LOT_NOT_RELEASED, lot=lot.code, found=lot.status)


def first_expiring(scene: Scene, bags: list[Cryobag]) -> Iterator[Refusal]:
    """Yield the bag that should have been taken first, if one was passed over."""
    taken = {bag.code for bag in bags}
    last = max(bags, key=lambda bag: bag.expires_at, default=None)
    latest = last.expires_at if last else scene.at
    for lot in sorted(scene.find(Lot, "released"), key=lambda lot: (lot.expires_at, lot.code)):
        if not scene.at < lot.expires_at < latest:
            continue
        for code in lot.cryobags:
            bag = scene.need(Cryobag, code)
            if bag.status == "stored" and code not in taken:
                yield refuse(Reason.FIRST_EXPIRING, code=code, instead_of=last.code if last else "")
                return


def expected_cells(scene: Scene, cryobags: Iterable[str]) -> int:
    """Return the viable cells that some cryobags should give together; one that is not known gives none."""
    bags = [scene.get(Cryobag, code) for code in cryobags]
    return sum(cells_of(scene, bag) for bag in bags if bag)


def cells_of(scene: Scene, bag: Cryobag) -> int:
    """Return the viable cells of a cryobag: as counted, or before that as its lot promises."""
    if bag.status == "counted":
        return viable_cells(CellsPerMl(bag.viable_cells_per_ml), Microlitres(bag.volume_ul))
    return expected_viable(scene.need(Lot, bag.lot))


def enough(scene: Scene, preparation: Preparation, cells: int) -> bool:
    """Return whether so many cells can still come to a dose within tolerance."""
    asked = preparation.prescribed_cells
    return cells >= asked or within(cells, asked, scene.protocol.dose_tolerance)


@when("cryobags_reserved")
def cryobags_reserved(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Bind the cryobags to the order."""
    p = fact.payload
    preparation = stood(things, Preparation, sealed_half(p["treatment_bag"]))
    yield replace(
        preparation,
        status="reserved",
        cryobags=(*preparation.cryobags, *p["cryobags"]),
        expected_cells=p["expected_cells"],
    )
    for code in p["cryobags"]:
        bag = stood(things, Cryobag, code)
        yield replace(bag, status="reserved", treatment_bag=p["treatment_bag"], reserved_at=fact.occurred_at)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack(Command):
    """Step 7, undone: a reserved cryobag that is still frozen goes back to stock."""

    SPEC = Spec(7, "put_back", N_("Put back"), TECHNICIAN, "cryobag", "cryobag", Plane.SEALED)
    cryobag: str = scan("cryobag", N_("Cryobag"))

    def record(self, scene: Scene) -> Recorded:
        """Record that the cryobag is free again."""
        bag = scene.need(Cryobag, self.cryobag)
        left = without(scene, bag)
        return Recorded(sealed=self.change(bag.code, left["preparation"], type="cryobag_put_back", **left))


@when("cryobag_put_back")
def cryobag_put_back(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Unbind the cryobag from its order."""
    p = fact.payload
    yield replace(stood(things, Cryobag, p["cryobag"]), status="stored", treatment_bag="", reserved_at=None)
    yield lighter(things, p)


def without(scene: Scene, bag: Cryobag) -> dict[str, Any]:
    """Return the facts of an order that loses one cryobag."""
    preparation = scene.need(Preparation, sealed_half(bag.treatment_bag))
    kept = tuple(code for code in preparation.cryobags if code != bag.code)
    return rest(scene, preparation, kept, expected_cells(scene, kept))


def rest(scene: Scene, preparation: Preparation, kept: tuple[str, ...], cells: int) -> dict[str, Any]:
    """Return the facts of an order as some cryobags with some cells leave it."""
    return {
        "preparation": preparation.code,
        "cryobags": list(kept),
        "expected_cells": cells,
        "enough": enough(scene, preparation, cells),
    }


def lighter(things: Lookup, p: dict[str, Any]) -> Preparation:
    """Return an order's preparation after a cryobag was counted or lost: without enough, it waits for another."""
    return replace(
        stood(things, Preparation, p["preparation"]),
        status="reserved" if p["enough"] else "ordered",
        cryobags=tuple(p["cryobags"]),
        expected_cells=p["expected_cells"],
    )
