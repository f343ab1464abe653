"""The preparation: dilute (step 10), label and cover (step 11), release for dispatch (step 12).

- The dose is weight x cells per kg within the tolerance; prescribed and actual are both kept. An arm
  of the diluent alone takes albumin and nothing else, with the same two people.
- The label printed is read back by scan: the symbol read equals the one meant.
- The release for dispatch is the first open record since the order, not before `ready_at` (the
  blinding hold), and only when the dilution did not end too early for the printed expiry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from custody import codes
from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.bench import cancelled
from custody.chain.dose import within
from custody.chain.expiry import earliest_dilution_end
from custody.chain.fields import instant, quantity, scan, scans, yes
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import BENCH, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Change, Command, Recorded, Spec, step
from custody.chain.step import parse_time as at
from custody.chain.things import AlbuminVial, Cryobag, Plane, Preparation, Thing, TreatmentBag
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
    )
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    vials: tuple[str, ...] = scans("albumin_vial", N_("Albumin vials"))
    drawn_ul: int = quantity(N_("Suspension drawn"), "ml", scale=1000, maximum=1_000_000)
    albumin_ul: int = quantity(N_("Albumin"), "ml", scale=1000, maximum=1_000_000)
    ended_at: datetime = instant(N_("Dilution ended"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield wrong vials, a wrong volume, a dose out of tolerance and impossible times."""
        yield from cancelled(scene, self.treatment_bag)
        yield from bad_vials(self, scene)
        preparation = scene.need(Preparation, sealed_half(self.treatment_bag))
        yield from bad_dose(self, scene, preparation)
        protocol = scene.protocol
        volume = self.drawn_ul + self.albumin_ul
        if not within(volume, protocol.volume, protocol.volume_tolerance):
            found, expected = volume / 1000, protocol.volume / 1000
            yield refuse(Reason.VOLUME, found=f"{found:g}", expected=f"{expected:g}")
        if self.ended_at > scene.now:
            yield refuse(Reason.IN_FUTURE, what="ended_at")

    def record(self, scene: Scene) -> Recorded:
        """Record the dilution with prescribed and actual dose."""
        preparation = scene.need(Preparation, sealed_half(self.treatment_bag))
        vials = [codes.read(raw) for raw in self.vials]
        return Recorded(
            sealed=self.change(
                preparation.code,
                *preparation.cryobags,
                *(vial.code for vial in vials),
                type="bag_diluted",
                cryobags=preparation.cryobags,
                vial_codes=[vial.code for vial in vials],
                vial_batches=[vial.fields.get("batch", "") for vial in vials],
                vial_expiries=[vial.fields.get("expiry", "") for vial in vials],
                prescribed_cells=preparation.prescribed_cells,
                actual_cells=drawn_cells(scene, preparation, self.drawn_ul),
                volume_ul=self.drawn_ul + self.albumin_ul,
            )
        )


def bad_vials(command: Dilute, scene: Scene) -> Iterator[Refusal]:
    """Yield vials that are unreadable, used before, scanned twice or expired."""
    if not command.vials:
        yield refuse(Reason.NO_VIAL)
    seen: set[str] = set()
    for raw in command.vials:
        try:
            vial = codes.read(raw)
        except codes.CodeError as error:
            yield refuse(Reason.UNREADABLE, what=str(error))
            continue
        if vial.kind is not codes.Kind.ALBUMIN_VIAL:
            yield refuse(Reason.WRONG_KIND, code=vial.code, found=vial.kind, expected="albumin_vial")
            continue
        if vial.code in seen:
            yield refuse(Reason.SCANNED_TWICE, code=vial.code)
        seen.add(vial.code)
        if scene.get(AlbuminVial, vial.code) is not None:
            yield refuse(Reason.VIAL_USED, code=vial.code)
        expiry = vial.fields.get("expiry", "")
        if expiry and expiry < scene.local(scene.now)[:10]:
            yield refuse(Reason.VIAL_EXPIRED, code=vial.code, expiry=expiry)


def bad_dose(command: Dilute, scene: Scene, preparation: Preparation) -> Iterator[Refusal]:
    """Yield what is wrong with the cells: none where they belong, some where they do not."""
    if preparation.prescribed_cells == 0:
        if command.drawn_ul:
            yield refuse(Reason.NO_CELLS)
        return
    if preparation.status != "reserved":
        yield refuse(Reason.CELLS_NEEDED)
        return
    bags = [scene.need(Cryobag, code) for code in preparation.cryobags]
    waiting = [bag.code for bag in bags if bag.status != "counted"]
    if waiting:
        yield refuse(Reason.NOT_COUNTED, codes=", ".join(waiting))
        return
    if command.drawn_ul > sum(bag.volume_ul for bag in bags):
        found, expected = command.drawn_ul / 1000, sum(bag.volume_ul for bag in bags) / 1000
        yield refuse(Reason.VOLUME, found=f"{found:g}", expected=f"{expected:g}")
    actual = drawn_cells(scene, preparation, command.drawn_ul)
    tolerance = scene.protocol.dose_tolerance
    if not within(actual, preparation.prescribed_cells, tolerance):
        yield refuse(
            Reason.DOSE,
            found=actual,
            expected=preparation.prescribed_cells,
            tolerance=f"{tolerance / 10:g}",
        )


def drawn_cells(scene: Scene, preparation: Preparation, drawn_ul: int) -> int:
    """Return the viable cells in what was drawn: bag after bag, each emptied before the next."""
    cells, left = 0, drawn_ul
    for code in preparation.cryobags:
        bag = scene.need(Cryobag, code)
        volume = min(left, bag.volume_ul)
        cells += bag.viable_cells_per_ml * volume // 1000
        left -= volume
    return cells


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
    facts = zip(p["vial_codes"], p["vial_batches"], p["vial_expiries"], strict=True)
    for code, batch, expiry in facts:
        yield AlbuminVial(
            code=code,
            status="used",
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
    label_read: str = scan("treatment_bag", N_("Scan the label on the bag"))
    cover_on: bool = yes(N_("Opaque cover on bag and line"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a label that is not this bag's, and a missing cover."""
        yield from cancelled(scene, self.treatment_bag)
        if self.label_read != self.treatment_bag:
            yield refuse(Reason.WRONG_LABEL, found=self.label_read, expected=self.treatment_bag)
        if not self.cover_on:
            yield refuse(Reason.COVER)

    def record(self, scene: Scene) -> Recorded:
        """Record that label and cover are right."""
        return Recorded(sealed=self.change(sealed_half(self.treatment_bag), type="bag_covered"))


@when("bag_covered")
def bag_covered(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Mark the preparation ready for its release."""
    preparation = stood(things, Preparation, sealed_half(fact.payload["treatment_bag"]))
    people = (*preparation.preparers, fact.actor, fact.second)
    yield replace(preparation, status="covered", preparers=people)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseForDispatch(Command):
    """Step 12: the responsible person lets the bag go; the open plane learns of it."""

    SPEC = Spec(
        12,
        "release_for_dispatch",
        N_("Release for dispatch"),
        frozenset({Role.RESPONSIBLE_PERSON}),
        "preparation",
        "treatment_bag",
        Plane.SEALED,
        signed=N_("I release this bag for dispatch"),
        both=True,
    )
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a hold not yet passed, an expired bag, and a release by who prepared it."""
        yield from cancelled(scene, self.treatment_bag)
        bag = scene.need(TreatmentBag, self.treatment_bag)
        if scene.now < bag.ready_at:
            yield refuse(Reason.TOO_EARLY, earliest=scene.local(bag.ready_at))
        if scene.now >= bag.expires_at:
            yield refuse(Reason.EXPIRED, code=bag.code, expiry=scene.local(bag.expires_at))
        preparation = scene.need(Preparation, sealed_half(self.treatment_bag))
        ended = preparation.dilution_ended_at
        earliest = earliest_dilution_end(scene.protocol, bag.ready_at)
        if ended is not None and ended < earliest:
            yield refuse(Reason.TOO_EARLY, earliest=scene.local(earliest))
        if scene.actor.code in preparation.preparers:
            yield refuse(Reason.SAME_PERSON)

    def record(self, scene: Scene) -> Recorded:
        """Record the release in both planes, alike in both arms."""
        preparation = scene.need(Preparation, sealed_half(self.treatment_bag))
        facts = {"treatment_bag": self.treatment_bag}
        return Recorded(
            open=Change(
                "bag_released",
                (self.treatment_bag,),
                {**facts, "preparers": list(preparation.preparers)},
            ),
            sealed=Change("preparation_released", (preparation.code,), facts),
        )


@when("bag_released")
def bag_released(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Let the bag be packed; it is in the releasing person's custody."""
    p = fact.payload
    yield replace(
        stood(things, TreatmentBag, p["treatment_bag"]),
        status="released",
        custodian=fact.actor,
        preparers=tuple(p["preparers"]),
    )


@when("preparation_released")
def preparation_released(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """End the preparation."""
    preparation = stood(things, Preparation, sealed_half(fact.payload["treatment_bag"]))
    yield replace(preparation, status="released")
