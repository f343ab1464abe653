"""The preparation: dilute (step 10), label and cover (step 11).

- The dose is weight x cells per kg within the tolerance; prescribed and actual are both kept. An arm
  of the diluent alone takes albumin and nothing else, with the same two people.
- What ended too early, or is out in dose or volume, can never be released. It is recorded when it is signed to be so.
- A vial that carries no serial number is told from the next of its batch by a code that it gets here.
- The label printed is read back by scan: the symbol read equals the one meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from custody import codes
from custody.chain import dilution
from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.at_scan import unusable
from custody.chain.bench import check_order_stands
from custody.chain.bench_times import check_follows
from custody.chain.expiry import earliest_dilution_end, ordered_at
from custody.chain.fields import instant, quantity, scan, scans, yes
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import BENCH, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, SO_IT_WAS, Command, Recorded, Spec, recordable, step, unless_signed
from custody.chain.step import parse_time as at
from custody.chain.things import AlbuminVial, Cryobag, Plane, Preparation, Thing
from custody.chain.things import preparation_code as sealed_half


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Dilute(Command):
    """Step 10: bring the dose into albumin; a second person verifies."""

    SPEC = Spec(
        10,
        "dilute",
        N_("Dilute"),
        frozenset({Role.CELL_TECHNICIAN}),
        "preparation",
        "treatment_bag",
        Plane.SEALED,
        signed=N_("I prepared this bag"),
        second=BENCH,
        second_meaning=N_("I verified this preparation"),
        beyond=SO_IT_WAS,
    )
    BEYOND = frozenset({Reason.DILUTED_EARLY, Reason.DOSE, Reason.VOLUME})
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    vials: tuple[str, ...] = scans("albumin_vial", N_("Albumin vials"))
    drawn_ul: int = quantity(N_("Suspension drawn"), "ml", scale=1000, maximum=1_000_000)
    albumin_ul: int = quantity(N_("Albumin"), "ml", scale=1000, maximum=1_000_000)
    ended_at: datetime = instant(N_("Dilution ended"))

    @classmethod
    def out_of_limits(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:
        """Yield an end before its time, and a bag that does not hold what the protocol asks for."""
        yield from dilution.out_of_limits(values, protocol)

    @classmethod
    def out_of_order(cls, values: Mapping[str, Any], scene: Scene) -> Iterator[Refusal]:
        """Yield a dilution that ended before its order, or before the last thaw or count of its cryobags."""
        preparation = scene.need(Preparation, sealed_half(values["treatment_bag"]))
        yield from check_follows(scene, "ended_at", at(values["ended_at"]), before_dilution(scene, preparation))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield wrong vials and cells, and what is out of its limits unless it is signed to be so."""
        yield from check_order_stands(scene, self.treatment_bag)
        yield from bad_vials(self, scene)
        preparation = scene.need(Preparation, sealed_half(self.treatment_bag))
        wrong = [*bad_cells(self, scene, preparation)]
        yield from wrong
        facts = self.facts(scene, preparation)
        if any(refusal.reason in UNCOUNTED for refusal in wrong):
            facts.pop("counted")
        yield from unless_signed(scene, self.SPEC, self.out_of_limits({**self.payload(), **facts}, scene.protocol))

    def facts(self, scene: Scene, preparation: Preparation) -> dict[str, Any]:
        """Return what its limits follow from, as it goes on record."""
        return {
            "prescribed_cells": preparation.prescribed_cells,
            "counted": counted_suspensions(scene, preparation),
            "earliest_end": recordable(earliest_dilution_end(scene.protocol, preparation.ready_at)),
        }

    def record(self, scene: Scene) -> Recorded:
        """Record the dilution with prescribed and actual dose."""
        preparation = scene.need(Preparation, sealed_half(self.treatment_bag))
        vials = [codes.read(raw) for raw in self.vials]
        named = [vial.code if vial.fields.get("serial") else scene.mint(codes.Kind.ALBUMIN_VIAL) for vial in vials]
        return Recorded(
            sealed=self.change(
                preparation.code,
                *preparation.cryobags,
                *named,
                type="bag_diluted",
                cryobags=preparation.cryobags,
                vial_codes=named,
                vial_gtins=[vial.fields["gtin"] for vial in vials],
                vial_batches=[vial.fields["batch"] for vial in vials],
                vial_expiries=[vial.fields["expiry"] for vial in vials],
                actual_cells=drawn_cells(scene, preparation, self.drawn_ul),
                **self.facts(scene, preparation),
            )
        )


def before_dilution(scene: Scene, preparation: Preparation) -> dict[str, datetime | None]:
    """Return when a preparation was ordered, and when the last of its cryobags was thawed and counted."""
    bags = counted_bags(scene, preparation)
    return {
        "ordered_at": ordered_at(scene.protocol, preparation.ready_at),
        "thawed_at": max((bag.thawed_at for bag in bags if bag.thawed_at), default=None),
        "counted_at": max((bag.counted_at for bag in bags if bag.counted_at), default=None),
    }


def bad_vials(command: Dilute, scene: Scene) -> Iterator[Refusal]:
    """Yield vials that were used before, scanned twice, expired, of another trial, or that say no expiry."""
    if not command.vials:
        yield refuse(Reason.NO_VIAL)
    seen: set[str] = set()
    for vial in map(codes.read, command.vials):
        if vial.fields.get("serial"):
            if vial.code in seen:
                yield refuse(Reason.SCANNED_TWICE, code=vial.code)
            seen.add(vial.code)
            if scene.get(AlbuminVial, vial.code) is not None:
                yield refuse(Reason.VIAL_USED, code=vial.code)
        if not vial.fields.get("expiry"):
            yield refuse(Reason.NO_EXPIRY, code=vial.code)
        yield from unusable(vial, scene.protocol, scene.local(scene.at))


def counted_bags(scene: Scene, preparation: Preparation) -> list[Cryobag]:
    """Return the cryobags of an order, in the order in which they are emptied."""
    return [scene.need(Cryobag, code) for code in preparation.cryobags]


def counted_suspensions(scene: Scene, preparation: Preparation) -> list[tuple[int, int]]:
    """Return (viable cells per ml, µl) of each cryobag of an order, in the order in which they are emptied."""
    return [(bag.viable_cells_per_ml, bag.volume_ul) for bag in counted_bags(scene, preparation)]


UNCOUNTED = frozenset({Reason.NO_CELLS, Reason.CELLS_NEEDED, Reason.MORE_CELLS, Reason.NOT_COUNTED})
"""Reasons for which nothing can be said of a dose."""


def bad_cells(command: Dilute, scene: Scene, preparation: Preparation) -> Iterator[Refusal]:
    """Yield what is wrong with the cells: none where they belong, some where they do not."""
    if preparation.prescribed_cells == 0:
        if command.drawn_ul:
            yield refuse(Reason.NO_CELLS)
        return
    if preparation.status != "reserved":
        yield from too_few(preparation) if preparation.cryobags else [refuse(Reason.CELLS_NEEDED)]
        return
    bags = counted_bags(scene, preparation)
    waiting = [bag.code for bag in bags if bag.status != "counted"]
    if waiting:
        yield refuse(Reason.NOT_COUNTED, codes=", ".join(waiting))
        return
    available = sum(bag.volume_ul for bag in bags)
    if command.drawn_ul > available:
        yield refuse(Reason.DRAWN, found=f"{command.drawn_ul / 1000:g}", available=f"{available / 1000:g}")


def too_few(preparation: Preparation) -> Iterator[Refusal]:
    """Yield that the cryobags of an order, as they were counted, do not hold its dose."""
    if preparation.status == "ordered" and preparation.prescribed_cells:
        code = preparation.code.partition("/")[2]
        found, expected = preparation.expected_cells, preparation.prescribed_cells
        yield refuse(Reason.MORE_CELLS, code=code, found=found, expected=expected)


def drawn_cells(scene: Scene, preparation: Preparation, drawn_ul: int) -> int:
    """Return the viable cells in what was drawn."""
    return dilution.cells_in(drawn_ul, counted_suspensions(scene, preparation))


@when("bag_diluted")
def bag_diluted(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Use up cryobags and vials; keep the dose."""
    p = fact.payload
    preparation = stood(things, Preparation, sealed_half(p["treatment_bag"]))
    yield replace(
        preparation,
        status="diluted",
        actual_cells=p["actual_cells"],
        drawn_ul=p["drawn_ul"],
        albumin_ul=p["albumin_ul"],
        vials=tuple(p["vial_codes"]),
        dilution_ended_at=at(p["ended_at"]),
        preparers=(fact.actor, fact.second),
    )
    for code in p["cryobags"]:
        yield replace(stood(things, Cryobag, code), status="used")
    yield from used_vials(p)


def used_vials(p: dict[str, Any]) -> Iterator[Thing]:
    """Make the vials that were used."""
    facts = zip(p["vial_codes"], p["vial_gtins"], p["vial_batches"], p["vial_expiries"], strict=True)
    for code, gtin, batch, expiry in facts:
        yield AlbuminVial(
            code=code,
            status="used",
            gtin=gtin,
            batch=batch,
            expiry=expiry,
            treatment_bag=p["treatment_bag"],
        )


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAndCover(Command):
    """Step 11: label, read the printed symbol back, cover bag and line."""

    SPEC = Spec(
        11,
        "label_and_cover",
        N_("Label and cover"),
        frozenset({Role.CELL_TECHNICIAN}),
        "preparation",
        "treatment_bag",
        Plane.SEALED,
        signed=N_("I labelled and covered this bag"),
        second=BENCH,
        second_meaning=N_("I verified label and cover"),
    )
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    label_read: str = scan(
        "treatment_bag", N_("Label on the bag"), help=N_("Read it back: scan the label that the bag bears.")
    )
    cover_on: bool = yes(N_("Opaque cover on bag and line"))

    @classmethod
    def out_of_limits(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:  # noqa: ARG003
        """Yield a missing cover."""
        if not values["cover_on"]:
            yield refuse(Reason.COVER)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a label that is not this bag's, and a missing cover."""
        yield from check_order_stands(scene, self.treatment_bag)
        if self.label_read != self.treatment_bag:
            yield refuse(Reason.WRONG_LABEL, found=self.label_read, expected=self.treatment_bag)
        yield from self.out_of_limits(self.payload(), scene.protocol)

    def record(self, scene: Scene) -> Recorded:
        """Record that label and cover are right."""
        return Recorded(sealed=self.change(sealed_half(self.treatment_bag), type="bag_covered"))


@when("bag_covered")
def bag_covered(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Mark the preparation ready for its release."""
    preparation = stood(things, Preparation, sealed_half(fact.payload["treatment_bag"]))
    people = (*preparation.preparers, fact.actor, fact.second)
    yield replace(preparation, status="covered", preparers=people)
