"""Randomise and order (step 6), and cancel an order.

- The arm is the next place of the site's stratum; it goes to the sealed plane alone. The open half
  holds a commitment to it, in both arms, and a treatment code that is random.
- It also holds the code of the place's emergency sheet, random in both arms: which envelope to open when the server
  is down (step 21).
- A weight that is corrected overtakes the order that stands: nothing is prepared for it any more.
- It takes a place for ever, so it is signed, before the eyes whose it is, of what weight and where.
- A place is never used twice. A participant whose order was cancelled keeps their arm, and its sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from custody import codes
from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.custody import check_site
from custody.chain.enrolment import check_weight
from custody.chain.expiry import expires_at, ready_at
from custody.chain.fields import scan, text
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Change, Command, Recorded, Spec, recordable, step
from custody.chain.step import parse_time as at
from custody.chain.things import (
    Allocation,
    CodeSheet,
    Participant,
    Plane,
    Preparation,
    Stratum,
    Thing,
    TreatmentBag,
    allocation_code,
    preparation_code,
    stratum_code,
)
from custody.chain.units import Grams


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Command):
    """Step 6: randomise, once, and order a treatment bag."""

    SPEC = Spec(
        6,
        "order",
        N_("Randomise and order"),
        frozenset({Role.INVESTIGATOR}),
        "participant",
        "participant",
        Plane.OPEN,
        both=True,
        signed=N_("I order this preparation"),
    )
    participant: str = scan("participant", N_("Wristband"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a participant of another site, a weight without dose, or a stratum without a place left."""
        participant = scene.need(Participant, self.participant)
        yield from check_site(scene, participant.site)
        yield from check_weight(scene.protocol, participant.weight_g)
        if scene.get(Allocation, allocation_code(participant.code)) is None:
            stratum = scene.get(Stratum, stratum_code(participant.site))
            if stratum is None or stratum.taken >= len(stratum.arms):
                yield refuse(Reason.NO_PLACE)

    def record(self, scene: Scene) -> Recorded:
        """Record the order in the open plane and the arm in the sealed one."""
        participant = scene.need(Participant, self.participant)
        bag = scene.mint(codes.Kind.TREATMENT_BAG)
        ready = ready_at(scene.protocol, scene.now)
        sheet = participant.code_sheet or next_sheet(scene, participant)
        facts = {"participant": participant.code, "treatment_bag": bag, "code_sheet": sheet}
        shown = recordable(ready), recordable(expires_at(scene.protocol, ready))
        return Recorded(
            open=Change(
                "bag_ordered",
                (participant.code, bag, sheet),
                {**facts, "ready_at": shown[0], "expires_at": shown[1]},
            ),
            sealed=allocated(scene, participant, bag, shown[0]),
        )


def next_sheet(scene: Scene, participant: Participant) -> str:
    """Return the code of the emergency sheet that belongs to the next place of a participant's site."""
    stratum = scene.need(Stratum, stratum_code(participant.site))
    return stratum.sheets[stratum.taken]


def allocated(scene: Scene, participant: Participant, bag: str, ready: str) -> Change:
    """Build the sealed half: the participant's arm, drawn now or kept from the first order."""
    kept = scene.get(Allocation, allocation_code(participant.code))
    stratum = scene.get(Stratum, stratum_code(participant.site))
    things = [allocation_code(participant.code), preparation_code(bag)]
    if kept is not None:
        arm, place, drawn = kept.arm, kept.place, False
    else:
        if stratum is None:
            raise LookupError(participant.site)
        arm, place, drawn = stratum.arms[stratum.taken], stratum.taken, True
        things.append(stratum.code)
    prescribed = scene.protocol.prescribed(scene.protocol.arm(arm), Grams(participant.weight_g))
    payload: dict[str, Any] = {
        "participant": participant.code,
        "treatment_bag": bag,
        "arm": arm,
        "place": place,
        "drawn": drawn,
        "weight_g": participant.weight_g,
        "prescribed_cells": prescribed,
        "ready_at": ready,
    }
    commits = {
        "arm": arm,
        "participant": participant.code,
        "place": place + 1,
        "site": participant.site,
        "treatment_bag": bag,
    }
    return Change("arm_allocated", tuple(things), payload, commits)


@when("bag_ordered")
def bag_ordered(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Make the treatment bag that is now expected, and say whose the emergency sheet is."""
    p = fact.payload
    participant = stood(things, Participant, p["participant"])
    yield replace(
        participant,
        status="ordered",
        treatment_bags=(*participant.treatment_bags, p["treatment_bag"]),
        code_sheet=p["code_sheet"],
    )
    yield TreatmentBag(
        code=p["treatment_bag"],
        status="ordered",
        site=participant.site,
        participant=participant.code,
        weight_g=participant.weight_g,
        ready_at=at(p["ready_at"]),
        expires_at=at(p["expires_at"]),
        code_sheet=p["code_sheet"],
    )
    yield CodeSheet(code=p["code_sheet"], status="assigned", site=participant.site, participant=participant.code)


@when("arm_allocated")
def arm_allocated(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Take the place and open the preparation."""
    p = fact.payload
    if p["drawn"]:
        stratum = stood(things, Stratum, stratum_code(fact.site))
        yield replace(stratum, taken=stratum.taken + 1)
    yield Allocation(
        code=allocation_code(p["participant"]),
        status="allocated",
        site=fact.site,
        arm=p["arm"],
        place=p["place"],
    )
    yield Preparation(
        code=preparation_code(p["treatment_bag"]),
        status="ordered",
        site=fact.site,
        participant=p["participant"],
        arm=p["arm"],
        weight_g=p["weight_g"],
        ready_at=at(p["ready_at"]),
        prescribed_cells=p["prescribed_cells"],
    )


def overtaken(bag: TreatmentBag, participant: Participant) -> bool:
    """Return whether the weight was corrected since an order that is not released yet: it is cancelled, and made anew.

    Alike in both arms, though albumin alone has no dose: a replacement must not tell the arm.
    """
    return bag.status == "ordered" and bag.weight_g != participant.weight_g


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder(Command):
    """Step 6: the investigator cancels an order that was not yet released for dispatch."""

    SPEC = Spec(
        6,
        "cancel_order",
        N_("Cancel the order"),
        frozenset({Role.INVESTIGATOR}),
        "treatment_bag",
        "treatment_bag",
        Plane.OPEN,
        signed=N_("I cancel this order"),
    )
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    reason: str = text(N_("Reason"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield when the order is another site's."""
        yield from check_site(scene, scene.need(TreatmentBag, self.treatment_bag).site)

    def record(self, scene: Scene) -> Recorded:
        """Record that the bag is not wanted any more."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        return Recorded(
            open=self.change(bag.code, bag.participant, type="order_cancelled", participant=bag.participant)
        )


@when("order_cancelled")
def order_cancelled(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """End the bag; the participant may be ordered for again."""
    p = fact.payload
    yield replace(stood(things, TreatmentBag, p["treatment_bag"]), status="cancelled")
    yield replace(stood(things, Participant, p["participant"]), status="enrolled")
