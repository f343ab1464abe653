"""The bedside check (step 15): right participant, right bag, right state, by two people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.custody import check_holder, check_second_site, check_site, held
from custody.chain.downtime import unless_on_paper
from custody.chain.fields import scan, yes
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import WARD, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, SO_IT_WAS, Command, Recorded, Spec, step
from custody.chain.things import Participant, Person, Plane, Thing, TreatmentBag


def check_expiry(scene: Scene, bag: TreatmentBag) -> Iterator[Refusal]:
    """Yield that a bag has expired; of paper that it had, for nobody stops what ran then."""
    if scene.at >= bag.expires_at:
        reason = Reason.EXPIRED if scene.downtime else Reason.BAG_EXPIRED
        yield refuse(reason, code=bag.code, expiry=scene.local(bag.expires_at))


def check_until(bag: TreatmentBag, protocol: Protocol) -> datetime | None:
    """Return until when the infusion may start on the last bedside check; None of a bag that was not checked."""
    return bag.checked_at and bag.checked_at + timedelta(minutes=protocol.check_valid)


def check_holds(bag: TreatmentBag, protocol: Protocol, at: datetime) -> bool:
    """Return whether the last bedside check is recent enough to start the infusion at some time."""
    until = check_until(bag, protocol)
    return until is not None and at <= until


def check_lapsed(thing: Thing, protocol: Protocol, now: datetime) -> bool:
    """Return whether a bag waits to be started, and has to be checked at the bed once more before it is."""
    return isinstance(thing, TreatmentBag) and thing.status == "checked" and not check_holds(thing, protocol, now)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class BedsideCheck(Command):
    """Step 15: wristband and bag are scanned at the bed, and a second person looks too."""

    SPEC = Spec(
        15,
        "bedside_check",
        N_("Bedside check"),
        frozenset({Role.ICU_NURSE}),
        "treatment_bag",
        "treatment_bag",
        Plane.OPEN,
        signed=N_("I checked participant and bag"),
        second=WARD,
        second_meaning=N_("I checked participant and bag too"),
        beyond=SO_IT_WAS,
    )
    BEYOND_ON_PAPER = frozenset({Reason.EXPIRED, Reason.COVER, Reason.CENTRAL_LINE})
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    wristband: str = scan("participant", N_("Wristband"))
    cover_on: bool = yes(N_("Opaque cover on bag and line"))
    central_line: bool = yes(N_("Central venous line"))

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:
        """Return whether the person holds it."""
        return held(thing, person)

    @classmethod
    def out_of_limits(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:  # noqa: ARG003
        """Yield a missing cover, and another line than a central venous one."""
        if not values["cover_on"]:
            yield refuse(Reason.COVER)
        if not values["central_line"]:
            yield refuse(Reason.CENTRAL_LINE)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield every reason not to give this bag to this participant now."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        participant = scene.get(Participant, self.wristband)
        if participant is None:
            yield refuse(Reason.UNKNOWN, code=self.wristband)
        elif bag.participant != self.wristband:
            right = scene.need(Participant, bag.participant)
            yield refuse(Reason.WRONG_PARTICIPANT, code=self.wristband, found=participant.number, expected=right.number)
        yield from check_site(scene, bag.site)
        yield from check_second_site(scene, bag.site)
        yield from check_holder(scene, bag.code, bag.custodian)
        yield from unless_on_paper(scene, self.SPEC, self._out(scene, bag))

    def _out(self, scene: Scene, bag: TreatmentBag) -> Iterator[Refusal]:
        yield from check_expiry(scene, bag)
        yield from self.out_of_limits(self.payload(), scene.protocol)

    def record(self, scene: Scene) -> Recorded:
        """Record the check; it holds for a few minutes."""
        change = self.change(self.treatment_bag, type="bedside_checked")
        return Recorded(open=replace(change, about=(self.wristband,)))


@when("bedside_checked")
def bedside_checked(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Let the infusion start."""
    bag = stood(things, TreatmentBag, fact.payload["treatment_bag"])
    yield replace(bag, status="checked", checked_at=fact.occurred_at)
