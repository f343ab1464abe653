"""The bench, before the dilution: thaw (step 8) and count (step 9).

- A count below the block limit fails the cryobag: the order needs another. Between block and
  warning limit the technician signs that they accept it. A later count replaces the former.
- A bath out of its limits goes on record when it is signed to have been so: the cells are counted, or destroyed.
- All of it is sealed: an arm of albumin alone has none of these steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.bench import TECHNICIAN, check_lot, check_order_stands, expected_cells, lighter, rest, without
from custody.chain.bench_times import check_follows
from custody.chain.dose import viable_cells
from custody.chain.expiry import ordered_at
from custody.chain.fields import instant, quantity, scan
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.scene import Scene
from custody.chain.step import N_, SO_IT_WAS, Command, Recorded, Spec, step, unless_signed
from custody.chain.step import parse_time as at
from custody.chain.storage import emptied
from custody.chain.temperature import check_within
from custody.chain.things import Cryobag, Lot, Plane, Preparation, Thing
from custody.chain.things import preparation_code as sealed_half
from custody.chain.units import CellsPerMl, Microlitres


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Thaw(Command):
    """Step 8: thaw a reserved cryobag in the water bath."""

    SPEC = Spec(8, "thaw", N_("Thaw"), TECHNICIAN, "cryobag", "cryobag", Plane.SEALED, beyond=SO_IT_WAS)
    BEYOND = frozenset({Reason.TEMPERATURE})
    cryobag: str = scan("cryobag", N_("Cryobag"))
    treatment_bag: str = scan("treatment_bag", N_("For treatment code"))
    started_at: datetime = instant(N_("Thaw started"))
    ended_at: datetime = instant(N_("Thaw ended"))
    bath_dc: int = quantity(N_("Water bath"), "°C", scale=10, minimum=0, maximum=1000)

    @classmethod
    def impossible(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:  # noqa: ARG003
        """Yield a thaw that ends before it starts."""
        if at(values["ended_at"]) <= at(values["started_at"]):
            yield refuse(Reason.ORDER_OF_TIMES, later="ended_at", earlier="started_at")

    @classmethod
    def out_of_limits(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:
        """Yield a bath that was too cold or too warm."""
        yield from check_within(values["bath_dc"], protocol.bath_min, protocol.bath_max)

    @classmethod
    def out_of_order(cls, values: Mapping[str, Any], scene: Scene) -> Iterator[Refusal]:
        """Yield a thaw that began before its order, or before the cryobag was set aside for it."""
        bag, order = scene.need(Cryobag, values["cryobag"]), sealed_half(values["treatment_bag"])
        if order == sealed_half(bag.treatment_bag):
            ready = scene.need(Preparation, order).ready_at
            earlier = {"ordered_at": ordered_at(scene.protocol, ready), "reserved_at": bag.reserved_at}
            yield from check_follows(scene, "started_at", at(values["started_at"]), earlier)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a bag of another order, or a bath that was too cold or too warm unless it is signed to be so."""
        bag = scene.need(Cryobag, self.cryobag)
        if bag.treatment_bag != self.treatment_bag:
            yield refuse(Reason.NOT_RESERVED, code=bag.code)
        else:
            yield from check_order_stands(scene, self.treatment_bag)
        yield from check_lot(scene, bag)
        if bag.expires_at <= scene.at:
            yield refuse(Reason.EXPIRED, code=bag.code, expiry=scene.local(bag.expires_at))
        yield from unless_signed(scene, self.SPEC, self.out_of_limits(self.payload(), scene.protocol))

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


MOST_COUNTED = 2
"""More living cells than so many times the frozen ones is a slip of the pen (a decimal point)."""
ACCEPT_LOW_VIABILITY = N_("I accept a viability below the warning limit")


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Command):
    """Step 9: viable cells and viability after the thaw."""

    SPEC = Spec(9, "count", N_("Count"), TECHNICIAN, "cryobag", "cryobag", Plane.SEALED, may_sign=ACCEPT_LOW_VIABILITY)
    cryobag: str = scan("cryobag", N_("Cryobag"))
    viable_cells_per_ml: int = quantity(
        N_("Viable cells"), "10^6/ml", scale=1_000_000, minimum=0, maximum=10**12, fixed=True
    )
    volume_ul: int = quantity(N_("Volume"), "ml", scale=1000, minimum=1, maximum=1_000_000, fixed=True)
    viability_permille: int = quantity(N_("Viability"), "%", scale=10, minimum=0, maximum=1000, fixed=True)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a count before the thaw's end, an unsigned low viability and more living cells than were frozen."""
        protocol, bag = scene.protocol, scene.need(Cryobag, self.cryobag)
        yield from check_follows(scene, "occurred_at", scene.occurred_at, {"thawed_at": bag.thawed_at})
        if protocol.viability_block <= self.viability_permille < protocol.viability_warn:
            signed = {(s.person, s.meaning) for s in scene.signatures}
            if (scene.actor.code, ACCEPT_LOW_VIABILITY) not in signed:
                yield refuse(
                    Reason.VIABILITY_WARNING,
                    found=self.viability_permille / 10,
                    limit=protocol.viability_warn / 10,
                )
        frozen = scene.need(Lot, bag.lot).cells_per_cryobag
        living = viable_cells(CellsPerMl(self.viable_cells_per_ml), Microlitres(self.volume_ul))
        if living > MOST_COUNTED * frozen:
            yield refuse(Reason.COUNT, found=living, maximum=frozen)

    def record(self, scene: Scene) -> Recorded:
        """Record the count; below the block limit the cryobag fails."""
        bag = scene.need(Cryobag, self.cryobag)
        failed = self.fails(scene.protocol)
        left = without(scene, bag) if failed else self.counted(scene, bag)
        change = self.change(bag.code, left["preparation"], type="cryobag_counted", failed=failed, **left)
        return Recorded(sealed=change)

    def fails(self, protocol: Protocol) -> bool:
        """Return whether too few cells live for the cryobag to be used."""
        return self.viability_permille < protocol.viability_block

    def counted(self, scene: Scene, bag: Cryobag) -> dict[str, Any]:
        """Return the facts of the order once this count is known."""
        preparation = scene.need(Preparation, sealed_half(bag.treatment_bag))
        others = [code for code in preparation.cryobags if code != bag.code]
        living = viable_cells(CellsPerMl(self.viable_cells_per_ml), Microlitres(self.volume_ul))
        return rest(scene, preparation, preparation.cryobags, expected_cells(scene, others) + living)


@when("cryobag_counted")
def cryobag_counted(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Keep the count; a failed cryobag leaves its order, which may need another."""
    p = fact.payload
    yield replace(
        stood(things, Cryobag, p["cryobag"]),
        status="failed" if p["failed"] else "counted",
        counted_at=fact.occurred_at,
        viable_cells_per_ml=p["viable_cells_per_ml"],
        volume_ul=p["volume_ul"],
        viability_permille=p["viability_permille"],
    )
    yield lighter(things, p)
