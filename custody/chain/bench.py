"""The bench, before the dilution: reserve (step 7), thaw (step 8), count (step 9).

- Cells come from a released lot, first-expiring first, and enough of them for the weight at the
  viability expected.
- A count below the block limit fails the cryobag: the order needs another. Between block and
  warning limit the technician signs that they accept it.
- All of it is sealed: an arm of albumin alone has none of these steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.fields import instant, quantity, scan, scans
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.step import parse_time as at
from custody.chain.storage import emptied
from custody.chain.things import Cryobag, Lot, Plane, Preparation, Thing, TreatmentBag
from custody.chain.things import preparation_code as sealed_half

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
        yield from cancelled(scene, self.treatment_bag)
        if len(set(self.cryobags)) < len(self.cryobags):
            twice = next(code for code in self.cryobags if self.cryobags.count(code) > 1)
            yield refuse(Reason.SCANNED_TWICE, code=twice)
        bags = [scene.get(Cryobag, code) for code in self.cryobags]
        for code, bag in zip(self.cryobags, bags, strict=True):
            yield from unfit(scene, code, bag)
        yield from first_expiring(scene, [bag for bag in bags if bag])
        found = preparation.expected_cells + expected_cells(scene, bags)
        if found < preparation.prescribed_cells:
            expected = preparation.prescribed_cells
            yield refuse(Reason.NOT_ENOUGH_CELLS, found=found, expected=expected)

    def record(self, scene: Scene) -> Recorded:
        """Record which cryobags are set aside."""
        bags = [scene.need(Cryobag, code) for code in self.cryobags]
        return Recorded(
            sealed=self.change(
                sealed_half(self.treatment_bag),
                *self.cryobags,
                type="cryobags_reserved",
                expected_cells=expected_cells(scene, [*bags]),
            )
        )


def cancelled(scene: Scene, treatment_bag: str) -> Iterator[Refusal]:
    """Yield when the order was cancelled meanwhile."""
    bag = scene.need(TreatmentBag, treatment_bag)
    if bag.status != "ordered":
        yield refuse(Reason.STATE, code=bag.code, found=bag.status, expected="ordered")


def unfit(scene: Scene, code: str, bag: Cryobag | None) -> Iterator[Refusal]:
    """Yield why a cryobag cannot be taken."""
    if bag is None:
        yield refuse(Reason.UNKNOWN, code=code)
        return
    if bag.status != "stored":
        yield refuse(Reason.STATE, code=code, found=bag.status, expected="stored")
    lot = scene.need(Lot, bag.lot)
    if lot.status != "released":
        yield refuse(Reason.LOT_NOT_RELEASED, lot=lot.code, found=lot.status)
    if bag.expires_at <= scene.now:
        yield refuse(Reason.EXPIRED, code=code, expiry=scene.local(bag.expires_at))


def first_expiring(scene: Scene, bags: list[Cryobag]) -> Iterator[Refusal]:
    """Yield the bag that should have been taken first, if one was passed over."""
    taken = {bag.code for bag in bags}
    latest = max((bag.expires_at for bag in bags), default=scene.now)
    for lot in sorted(scene.find(Lot, "released"), key=lambda lot: (lot.expires_at, lot.code)):
        if not scene.now < lot.expires_at < latest:
            continue
        for code in lot.cryobags:
            bag = scene.need(Cryobag, code)
            if bag.status == "stored" and code not in taken:
                yield refuse(Reason.FIRST_EXPIRING, code=code)
                return


def expected_cells(scene: Scene, bags: list[Cryobag | None]) -> int:
    """Return the viable cells that some cryobags should give together."""
    return sum(expected_viable(scene.need(Lot, bag.lot)) for bag in bags if bag)


@when("cryobags_reserved")
def cryobags_reserved(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Bind the cryobags to the order."""
    p = fact.payload
    preparation = stood(things, Preparation, sealed_half(p["treatment_bag"]))
    yield replace(
        preparation,
        status="reserved",
        cryobags=(*preparation.cryobags, *p["cryobags"]),
        expected_cells=preparation.expected_cells + p["expected_cells"],
    )
    for code in p["cryobags"]:
        bag = stood(things, Cryobag, code)
        yield replace(bag, status="reserved", treatment_bag=p["treatment_bag"])


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack(Command):
    """Step 7, undone: a reserved cryobag that is still frozen goes back to stock."""

    SPEC = Spec(7, "put_back", N_("Put back"), TECHNICIAN, "cryobag", "cryobag", Plane.SEALED)
    cryobag: str = scan("cryobag", N_("Cryobag"))

    def record(self, scene: Scene) -> Recorded:
        """Record that the cryobag is free again."""
        bag = scene.need(Cryobag, self.cryobag)
        lot = scene.need(Lot, bag.lot)
        return Recorded(
            sealed=self.change(
                bag.code,
                sealed_half(bag.treatment_bag),
                type="cryobag_put_back",
                treatment_bag=bag.treatment_bag,
                expected_cells=expected_viable(lot),
            )
        )


@when("cryobag_put_back")
def cryobag_put_back(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Unbind the cryobag from its order."""
    p = fact.payload
    yield replace(stood(things, Cryobag, p["cryobag"]), status="stored", treatment_bag="")
    yield without(things, p["treatment_bag"], p["cryobag"], p["expected_cells"])


def without(things: Lookup, treatment_bag: str, cryobag: str, cells: int) -> Preparation:
    """Return a preparation that lost one cryobag: it waits for another."""
    preparation = stood(things, Preparation, sealed_half(treatment_bag))
    left = preparation.expected_cells - cells
    return replace(
        preparation,
        status="reserved" if left >= preparation.prescribed_cells else "ordered",
        cryobags=tuple(code for code in preparation.cryobags if code != cryobag),
        expected_cells=left,
    )


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Thaw(Command):
    """Step 8: thaw a reserved cryobag in the water bath."""

    SPEC = Spec(8, "thaw", N_("Thaw"), TECHNICIAN, "cryobag", "cryobag", Plane.SEALED)
    cryobag: str = scan("cryobag", N_("Cryobag"))
    treatment_bag: str = scan("treatment_bag", N_("For treatment code"))
    started_at: datetime = instant(N_("Thaw started"))
    ended_at: datetime = instant(N_("Thaw ended"))
    bath_dc: int = quantity(N_("Water bath"), "°C", scale=10, minimum=0, maximum=1000)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a bag of another order, or impossible times and temperatures."""
        bag = scene.need(Cryobag, self.cryobag)
        if bag.treatment_bag != self.treatment_bag:
            yield refuse(Reason.NOT_RESERVED, code=bag.code)
        else:
            yield from cancelled(scene, self.treatment_bag)
        if bag.expires_at <= scene.now:
            yield refuse(Reason.EXPIRED, code=bag.code, expiry=scene.local(bag.expires_at))
        if self.ended_at <= self.started_at:
            yield refuse(Reason.ORDER_OF_TIMES, later="ended_at", earlier="started_at")
        if self.ended_at > scene.now:
            yield refuse(Reason.IN_FUTURE, what="ended_at")
        low, high = scene.protocol.bath_min, scene.protocol.bath_max
        if not low <= self.bath_dc <= high:
            yield refuse(
                Reason.TEMPERATURE,
                found=self.bath_dc / 10,
                minimum=low / 10,
                maximum=high / 10,
            )

    def record(self, scene: Scene) -> Recorded:
        """Record the thaw; the location is free again."""
        location = scene.need(Cryobag, self.cryobag).location
        return Recorded(sealed=self.change(self.cryobag, location, type="cryobag_thawed", left=location))


@when("cryobag_thawed")
def cryobag_thawed(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Mark the cryobag thawed and free its location."""
    p = fact.payload
    bag = stood(things, Cryobag, p["cryobag"])
    yield replace(bag, status="thawed", location="", thawed_at=at(p["ended_at"]))
    yield emptied(things, p["left"])


ACCEPT_LOW_VIABILITY = N_("I accept a viability below the warning limit")


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Command):
    """Step 9: viable cells and viability after the thaw."""

    SPEC = Spec(9, "count", N_("Count"), TECHNICIAN, "cryobag", "cryobag", Plane.SEALED)
    cryobag: str = scan("cryobag", N_("Cryobag"))
    viable_cells_per_ml: int = quantity(
        N_("Viable cells"), "10^6/ml", scale=1_000_000, minimum=0, maximum=10**12, fixed=True
    )
    volume_ul: int = quantity(N_("Volume"), "ml", scale=1000, minimum=1, maximum=1_000_000, fixed=True)
    viability_permille: int = quantity(N_("Viability"), "%", scale=10, minimum=0, maximum=1000, fixed=True)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield an unsigned low viability and more living cells than were frozen."""
        protocol = scene.protocol
        if protocol.viability_block <= self.viability_permille < protocol.viability_warn:
            signed = {(s.person, s.meaning) for s in scene.signatures}
            if (scene.actor.code, ACCEPT_LOW_VIABILITY) not in signed:
                yield refuse(
                    Reason.VIABILITY_WARNING,
                    found=self.viability_permille / 10,
                    limit=protocol.viability_warn / 10,
                )
        frozen = scene.need(Cryobag, self.cryobag).cells
        living = self.viable_cells_per_ml * self.volume_ul // 1000
        if living > 2 * frozen:
            yield refuse(Reason.COUNT, found=f"{living} viable cells of {frozen} frozen")

    def record(self, scene: Scene) -> Recorded:
        """Record the count; below the block limit the cryobag fails."""
        bag = scene.need(Cryobag, self.cryobag)
        failed = self.viability_permille < scene.protocol.viability_block
        cells = expected_viable(scene.need(Lot, bag.lot))
        return Recorded(
            sealed=self.change(
                bag.code,
                *([sealed_half(bag.treatment_bag)] if failed else []),
                type="cryobag_counted",
                treatment_bag=bag.treatment_bag,
                failed=failed,
                expected_cells=cells,
            )
        )


@when("cryobag_counted")
def cryobag_counted(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Keep the count; a failed cryobag leaves its order."""
    p = fact.payload
    yield replace(
        stood(things, Cryobag, p["cryobag"]),
        status="failed" if p["failed"] else "counted",
        viable_cells_per_ml=p["viable_cells_per_ml"],
        volume_ul=p["volume_ul"],
        viability_permille=p["viability_permille"],
    )
    if p["failed"]:
        yield without(things, p["treatment_bag"], p["cryobag"], p["expected_cells"])
