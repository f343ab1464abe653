"""What ends at the bench (step 17), sealed: cryobags are destroyed, preparations that nobody wants any more discarded.

- A cryobag that breaks while an order needs it leaves that order, which waits for another.
- A preparation is discarded when its order was cancelled, or overtaken by a corrected weight, once its cryobags are
  put back or destroyed: one that still holds enough of them stands reserved, and is not discarded.
- One that is diluted or covered is discarded while its order stands, for whatever reason two people sign (clumps, a
  leak, a label that is lost), and prepared anew under the same treatment code, with the same hour of expiry: all of it
  at the bench, so that the open plane learns nothing. Nobody orders again.
- The bag of what was diluted is destroyed with its label, and both people say so: else two bags bear one code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.bench import lighter, without
from custody.chain.dilution import MADE
from custody.chain.disposal import WITNESS
from custody.chain.fields import scan, text, yes
from custody.chain.ordering import overtaken
from custody.chain.preparation import counted_bags
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import BENCH, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.storage import emptied
from custody.chain.things import Cryobag, Participant, Plane, Preparation, Thing, TreatmentBag
from custody.chain.things import preparation_code as sealed_half
from custody.chain.transitions import FINAL

NEEDED = frozenset({"thawed", "counted"})
"""States of a cryobag that an order counts on."""


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

    def record(self, scene: Scene) -> Recorded:
        """Record the destruction: the location is free again, and an order may need another cryobag."""
        bag = scene.need(Cryobag, self.cryobag)
        left = without(scene, bag) if bag.status in NEEDED else {"preparation": ""}
        things = [code for code in (bag.code, bag.location, left["preparation"]) if code]
        return Recorded(sealed=self.change(*things, type="cryobag_destroyed", left=bag.location, **left))


@when("cryobag_destroyed")
def cryobag_destroyed(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """End the cryobag."""
    p = fact.payload
    bag = stood(things, Cryobag, p["cryobag"])
    yield replace(bag, status="destroyed", location="")
    if p["left"]:
        yield emptied(things, p["left"])
    if p["preparation"]:
        yield lighter(things, p)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardPreparation(Command):
    """Step 17: what was prepared is discarded; its order was cancelled since, or waits for another."""

    SPEC = Spec(
        17,
        "discard_preparation",
        N_("Discard the preparation"),
        frozenset({Role.CELL_TECHNICIAN}),
        "preparation",
        "treatment_bag",
        Plane.SEALED,
        signed=N_("I discarded this preparation"),
        second=BENCH,
        second_meaning=WITNESS,
    )
    treatment_bag: str = scan("treatment_bag", N_("Treatment code"))
    destroyed: bool = yes(N_("Bag and every label printed for it destroyed"))
    reason: str = text(N_("Reason"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield an order that stands with nothing prepared, a bag that is still there, cryobags that have not ended."""
        preparation = scene.need(Preparation, sealed_half(self.treatment_bag))
        if self.wanted(scene) and preparation.status not in MADE:
            yield refuse(Reason.NOT_CANCELLED, code=self.treatment_bag)
        if preparation.status in MADE and not self.destroyed:
            yield refuse(Reason.BAG_KEPT)
        bags = counted_bags(scene, preparation)
        waiting = [bag.code for bag in bags if bag.status not in FINAL["cryobag"]]
        if waiting:
            yield refuse(Reason.UNFINISHED, codes=", ".join(waiting))

    def record(self, scene: Scene) -> Recorded:
        """Record the end of the preparation, and whether its order waits for another."""
        code, anew = sealed_half(self.treatment_bag), self.wanted(scene)
        return Recorded(sealed=self.change(code, type="preparation_discarded", anew=anew))

    def wanted(self, scene: Scene) -> bool:
        """Return whether the order still stands."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        return bag.status != "cancelled" and not overtaken(bag, scene.need(Participant, bag.participant))


@when("preparation_discarded")
def preparation_discarded(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """End the preparation, or begin it anew; records of former times knew only the end."""
    preparation = stood(things, Preparation, sealed_half(fact.payload["treatment_bag"]))
    yield begun_anew(preparation) if fact.payload.get("anew") else replace(preparation, status="discarded")


def begun_anew(preparation: Preparation) -> Preparation:
    """Return a preparation as its order made it; cryobags and vials that were used up keep its code."""
    return replace(
        preparation,
        status="ordered",
        cryobags=(),
        expected_cells=0,
        actual_cells=0,
        drawn_ul=0,
        albumin_ul=0,
        vials=(),
        dilution_ended_at=None,
        preparers=(),
    )
