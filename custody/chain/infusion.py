"""The infusion (step 16): start, pause, resume, stop.

- It starts within a few minutes of the bedside check. Who prepared the bag never gives it: roles of the bench and of
  the ward exclude each other, and a badge has one role for good.
- An infusion is recorded as it happened: its times are those of the bedside. Whether the bag is still good is
  judged on the server's clock.
- 30 minutes and the whole volume are expected. A much shorter or longer infusion, or less given, is on record as
  such: it happened. But then the record says why: `complete` or another reason alone would leave that open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.bedside import check_expiry, check_holds
from custody.chain.custody import check_contents, check_site
from custody.chain.dose import within
from custody.chain.downtime import OF_THE_HOUR, unless_on_paper
from custody.chain.fields import choice, quantity, scan, sometimes, text
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, SO_IT_WAS, Command, Recorded, Spec, step
from custody.chain.things import Participant, Plane, Thing, TreatmentBag

NURSE = frozenset({Role.ICU_NURSE})


def infusion_step(name: str, title: str, signed: str = "", beyond: str = "") -> Spec:
    """Describe one of the nurse's steps on a treatment bag."""
    return Spec(16, name, title, NURSE, "treatment_bag", "treatment_bag", Plane.OPEN, signed, beyond=beyond)


def check_order(scene: Scene, bag: TreatmentBag) -> Iterator[Refusal]:
    """Yield when the step happened before the one that it follows."""
    started = bag.started_at and bag.started_at + timedelta(seconds=bag.paused_s)
    before = bag.paused_at or started or bag.checked_at
    if before is not None and scene.occurred_at < before:
        yield refuse(Reason.ORDER_OF_TIMES, later="occurred_at", earlier=scene.local(before))


def check_ward(scene: Scene, bag: TreatmentBag) -> Iterator[Refusal]:
    """Yield a person of another site, and a time before the former step's."""
    yield from check_site(scene, bag.site)
    yield from check_order(scene, bag)


def infused_s(bag: TreatmentBag, now: datetime) -> int:
    """Return the seconds that the infusion ran, pauses left out."""
    if bag.started_at is None:
        return 0
    end = bag.stopped_at or bag.paused_at or now
    return int((end - bag.started_at).total_seconds()) - bag.paused_s


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class StartInfusion(Command):
    """Step 16: the infusion begins."""

    SPEC = infusion_step("start_infusion", N_("Start the infusion"), N_("I start this infusion"), SO_IT_WAS)
    BEYOND_ON_PAPER = OF_THE_HOUR
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield an outdated check and an expired bag."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        yield from check_ward(scene, bag)
        yield from unless_on_paper(scene, self.SPEC, self._outdated(scene, bag))

    def _outdated(self, scene: Scene, bag: TreatmentBag) -> Iterator[Refusal]:
        if not check_holds(bag, scene.protocol, scene.occurred_at):
            reason = Reason.CHECK_LONG_BEFORE if scene.downtime else Reason.CHECK_TOO_OLD
            yield refuse(reason, limit=scene.protocol.check_valid)
        yield from check_expiry(scene, bag)

    def record(self, scene: Scene) -> Recorded:
        """Record the start."""
        return Recorded(open=self.change(self.treatment_bag, type="infusion_started"))


@when("infusion_started")
def infusion_started(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Run the infusion's clock."""
    bag = stood(things, TreatmentBag, fact.payload["treatment_bag"])
    yield replace(bag, status="infusing", started_at=fact.occurred_at)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class PauseInfusion(Command):
    """Step 16: the infusion is held."""

    SPEC = infusion_step("pause_infusion", N_("Pause"))
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    reason: str = text(N_("Reason"), required=False)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield when the person works elsewhere."""
        yield from check_ward(scene, scene.need(TreatmentBag, self.treatment_bag))

    def record(self, scene: Scene) -> Recorded:
        """Record the pause."""
        return Recorded(open=self.change(self.treatment_bag, type="infusion_paused"))


@when("infusion_paused")
def infusion_paused(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Hold the infusion's clock."""
    bag = stood(things, TreatmentBag, fact.payload["treatment_bag"])
    yield replace(bag, status="paused", paused_at=fact.occurred_at)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeInfusion(Command):
    """Step 16: the infusion goes on."""

    SPEC = infusion_step("resume_infusion", N_("Resume"), beyond=SO_IT_WAS)
    BEYOND_ON_PAPER = frozenset({Reason.EXPIRED})
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield when the person works elsewhere, or the bag expired meanwhile."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        yield from check_ward(scene, bag)
        yield from unless_on_paper(scene, self.SPEC, check_expiry(scene, bag))

    def record(self, scene: Scene) -> Recorded:
        """Record that it goes on."""
        return Recorded(open=self.change(self.treatment_bag, type="infusion_resumed"))


def pause_s(bag: TreatmentBag, until: datetime) -> int:
    """Return the seconds paused so far."""
    if bag.paused_at is None:
        return bag.paused_s
    return bag.paused_s + max(0, int((until - bag.paused_at).total_seconds()))


@when("infusion_resumed")
def infusion_resumed(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Let the infusion's clock run on."""
    bag = stood(things, TreatmentBag, fact.payload["treatment_bag"])
    paused = pause_s(bag, fact.occurred_at)
    yield replace(bag, status="infusing", paused_at=None, paused_s=paused)


UNEXPLAINED = frozenset({"complete", "other"})
"""Reasons to stop that do not say why volume or duration are other than expected."""


def ran_s(bag: TreatmentBag, until: datetime) -> int:
    """Return the seconds that an infusion will have run when it stops then."""
    return infused_s(replace(bag, stopped_at=until, paused_s=pause_s(bag, until)), until)


def as_planned(protocol: Protocol, seconds: int) -> bool:
    """Return whether an infusion of so many seconds is neither short nor long."""
    return protocol.infusion_short * 60 <= seconds <= protocol.infusion_long * 60


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class StopInfusion(Command):
    """Step 16: the infusion ends, complete or not."""

    SPEC = infusion_step("stop_infusion", N_("Stop the infusion"), N_("I stop this infusion"))
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    given_ul: int = quantity(N_("Volume given"), "ml", scale=1000, maximum=1_000_000)
    reason: str = choice(
        N_("Why it stops"),
        ("complete", N_("complete")),
        ("reaction", N_("reaction")),
        ("line", N_("line or pump")),
        ("death", N_("death")),
        ("other", N_("another reason")),
    )
    words: str = sometimes(N_("In words"), help=N_("Needed when volume or duration is not as expected: why."))

    @classmethod
    def impossible(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:
        """Yield more given than the bag held."""
        yield from check_contents(values["given_ul"], protocol)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield when the person works elsewhere, or what is not as expected stays unexplained."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        yield from check_ward(scene, bag)
        if self.reason in UNEXPLAINED and not self.words:
            yield from self.unexpected(scene, bag)

    def unexpected(self, scene: Scene, bag: TreatmentBag) -> Iterator[Refusal]:
        """Yield less given, or another duration, than the protocol expects: alike in all arms."""
        protocol, seconds = scene.protocol, ran_s(bag, scene.occurred_at)
        less = self.given_ul < protocol.volume
        if less and not within(self.given_ul, protocol.volume, protocol.volume_tolerance):
            found, expected = f"{self.given_ul / 1000:g}", f"{protocol.volume / 1000:g}"
            yield refuse(Reason.VOLUME_UNEXPLAINED, found=found, expected=expected)
        if seconds >= 0 and not as_planned(protocol, seconds):
            limits = {"minimum": protocol.infusion_short, "maximum": protocol.infusion_long}
            yield refuse(Reason.DURATION_UNEXPLAINED, found=seconds // 60, **limits)

    def record(self, scene: Scene) -> Recorded:
        """Record the end, how long it ran, and whether that is as planned."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        seconds = ran_s(bag, scene.occurred_at)
        return Recorded(
            open=self.change(
                bag.code,
                bag.participant,
                type="infusion_stopped",
                participant=bag.participant,
                infused_s=seconds,
                as_planned=as_planned(scene.protocol, seconds),
            )
        )


@when("infusion_stopped")
def infusion_stopped(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Stop the infusion's clock."""
    p = fact.payload
    bag = stood(things, TreatmentBag, p["treatment_bag"])
    yield replace(
        bag,
        status="infused",
        stopped_at=fact.occurred_at,
        paused_s=pause_s(bag, fact.occurred_at),
        paused_at=None,
        given_ul=p["given_ul"],
    )
    yield replace(stood(things, Participant, p["participant"]), status="infused")
