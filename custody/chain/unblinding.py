"""Emergency code break (step 21): an investigator learns the arm of one participant, at once and alone.

- Nobody and nothing may delay it: no second person, no site (participants are moved), no state of any bag, no
  quarantine, no device's clock. What it needs is an arm, which there is from the first order on, and a signature.
- When the service is down the sealed sheet is opened instead, and recorded afterwards with the time of then. That it
  was another participant's sheet keeps nothing from being recorded: it is told.
- It is sealed, and so is its refusal: nobody blinded can see that it happened. Only who did it is told the arm.
- What is recorded afterwards has to follow what it speaks of: a sheet is opened after the randomisation, the sponsor
  told after the code break.
- It may be done again, by anybody who may do it at all; each is a record, and each waits until the sponsor was told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.bench_times import check_follows
from custody.chain.expiry import ordered_at
from custody.chain.fields import choice, instant, scan, sometimes, text
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Change, Command, Recorded, Spec, parse_time, recordable, step
from custody.chain.things import (
    Allocation,
    CodeBreak,
    CodeSheet,
    Participant,
    Plane,
    Stratum,
    Thing,
    TreatmentBag,
    allocation_code,
    code_break_code,
    stratum_code,
)

INVESTIGATORS = frozenset({Role.INVESTIGATOR})
OTHER = "other"
FOR_ANOTHER = N_("Needed for another reason.")
REASONS = (
    ("reaction", N_("Serious reaction")),
    ("treatment", N_("The next treatment depends on it")),
    (OTHER, N_("Another reason")),
)


class Unblinding(Command):
    """What both ways of breaking the code have in common: here, and by the printed sheet."""

    __slots__ = ()
    TOLD: ClassVar[tuple[str, ...]] = ("participant", "arm", "at", "other_sheet")
    participant: str
    why: str
    reason: str

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a participant who has no arm yet, and a reason that is left open."""
        if scene.get(Participant, self.participant) is None:
            yield refuse(Reason.UNKNOWN, code=self.participant)
        elif scene.get(Allocation, allocation_code(self.participant)) is None:
            yield refuse(Reason.NO_ARM, code=self.participant)
        if self.why == OTHER and not self.reason:
            yield refuse(Reason.MISSING, label=N_("Reason, in words"))

    def broken(self, scene: Scene, at: datetime, other_sheet: str = "") -> Recorded:
        """Record who learnt which arm, when and why."""
        facts: dict[str, Any] = {
            **self.payload(),
            "arm": scene.need(Allocation, allocation_code(self.participant)).arm,
            "at": recordable(at),
            "other_sheet": other_sheet,
        }
        code = code_break_code(self.participant)
        return Recorded(sealed=Change("code_broken", (code,), facts, about=(self.participant,)))


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class BreakCode(Unblinding):
    """Step 21: learn the arm of one participant, now.

    ICH E6(R3) 3.15.2: in an emergency the investigator unblinds without undue delay or hindrance.
    """

    SPEC = Spec(
        21,
        "break_code",
        N_("Break the code"),
        INVESTIGATORS,
        "code_break",
        "participant",
        Plane.SEALED,
        signed=N_("In an emergency I break the code of this one participant"),
        creates=True,
        urgent=True,
        after_lock=True,
    )
    participant: str = scan("participant", N_("Wristband"))
    why: str = choice(N_("Why the code is broken"), *REASONS, fixed=True)
    reason: str = sometimes(N_("Reason, in words"), help=FOR_ANOTHER, fixed=True)

    def record(self, scene: Scene) -> Recorded:
        """Record it as of now, for now it is told: whatever the device's clock says."""
        return self.broken(scene, scene.now)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOpenedSheet(Unblinding):
    """Step 21: the sealed sheet was opened while the service was down; it is entered afterwards."""

    SPEC = Spec(
        21,
        "record_opened_sheet",
        N_("Record an opened emergency sheet"),
        INVESTIGATORS,
        "code_break",
        "participant",
        Plane.SEALED,
        signed=N_("In an emergency I opened this sheet"),
        creates=True,
        urgent=True,
        after_lock=True,
    )
    participant: str = scan("participant", N_("Wristband"))
    sheet: str = scan("code_sheet", N_("Emergency sheet that was opened"))
    opened_at: datetime = instant(N_("Opened at"))
    why: str = choice(N_("Why the code is broken"), *REASONS, fixed=True)
    reason: str = sometimes(N_("Reason, in words"), help=FOR_ANOTHER, fixed=True)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield what is wrong with any code break, and a sheet that was opened before there was an arm to learn."""
        yield from Unblinding.check(self, scene)
        participant = scene.get(Participant, self.participant)
        first = (
            scene.get(TreatmentBag, participant.treatment_bags[0])
            if participant and participant.treatment_bags
            else None
        )
        if first is not None:
            randomised = ordered_at(scene.protocol, first.ready_at)
            yield from check_follows(scene, "opened_at", self.opened_at, {"randomised_at": randomised})

    def record(self, scene: Scene) -> Recorded:
        """Record it at the time of then, and whether the sheet was another's."""
        sheet = scene.get(CodeSheet, self.sheet)
        theirs = sheet is not None and sheet.participant == self.participant
        return self.broken(scene, self.opened_at, "" if theirs else self.sheet)


@when("code_broken")
def code_broken(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Note one more, of which the sponsor is still to be told."""
    p = fact.payload
    code = code_break_code(p["participant"])
    before = things.get(CodeBreak, code) or CodeBreak(code=code, status="", participant=p["participant"])
    one = (fact.actor, p["at"], p["why"], p["reason"], p["other_sheet"])
    yield replace(before, status="broken", breaks=(*before.breaks, one))


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySponsor(Command):
    """Step 21: the sponsor and the unblinded monitor were told, after the fact."""

    SPEC = Spec(
        21,
        "notify_sponsor",
        N_("Record that the sponsor was told"),
        frozenset({Role.RESPONSIBLE_PERSON, Role.STATISTICIAN}),
        "code_break",
        "participant",
        Plane.SEALED,
        signed=N_("The sponsor and the unblinded monitor were told that this code was broken"),
        after_lock=True,
    )
    participant: str = scan("participant", N_("Wristband"))
    told_at: datetime = instant(N_("Told at"))
    how: str = text(N_("How, and whom"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a notice that is older than a code break which it is to tell of."""
        known = scene.need(CodeBreak, code_break_code(self.participant))
        last = max((parse_time(one[1]) for one in known.breaks), default=None)
        yield from check_follows(scene, "told_at", self.told_at, {"broken_at": last})

    def record(self, scene: Scene) -> Recorded:
        """Record when and how."""
        change = self.change(code_break_code(self.participant), type="sponsor_notified")
        return Recorded(sealed=replace(change, about=(self.participant,)))


@when("sponsor_notified")
def sponsor_notified(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Note that the sponsor knows of all of them."""
    known = stood(things, CodeBreak, code_break_code(fact.payload["participant"]))
    yield replace(known, status="reported", told=len(known.breaks))


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class PrintCodeSheets(Command):
    """Step 21: the statistician prints the sealed sheets of a site, one for each place of its list."""

    SPEC = Spec(
        21,
        "print_code_sheets",
        N_("Print the emergency sheets"),
        frozenset({Role.STATISTICIAN}),
        "stratum",
        "site",
        Plane.SEALED,
        signed=N_("I keep these sheets from everybody blinded until they are folded and closed"),
    )
    site: str = text(N_("Site"), fixed=True)

    def record(self, scene: Scene) -> Recorded:
        """Record how many."""
        stratum = scene.need(Stratum, stratum_code(self.site))
        return Recorded(sealed=self.change(stratum.code, type="code_sheets_printed", sheets=len(stratum.sheets)))


@when("code_sheets_printed")
def code_sheets_printed(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Count the printing."""
    stratum = stood(things, Stratum, stratum_code(fact.payload["site"]))
    yield replace(stratum, printings=stratum.printings + 1)
