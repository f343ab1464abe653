"""Enrolment (step 5): every rule of eligibility, evaluated on the clock in the site's zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.eligibility import criteria, on_the_clock
from custody.chain.fields import answers, choice, instant, quantity, scan
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.things import TRIAL, Participant, Plane, Thing, Trial
from custody.chain.trial_number import trial_number


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Enrol(Command):
    """Step 5: an investigator enrols a participant at their own site."""

    SPEC = Spec(
        5,
        "enrol",
        N_("Enrol a participant"),
        frozenset({Role.INVESTIGATOR}),
        "participant",
        "participant",
        Plane.OPEN,
        signed=N_("This person is eligible and consent is signed"),
        creates=True,
    )
    participant: str = scan("participant", N_("Wristband"))
    weight_g: int = quantity(N_("Weight"), "kg", scale=1000, minimum=1, maximum=500_000)
    onset_at: datetime = instant(N_("Catecholamine started"), past=False)
    """Judged by eligibility, to the microsecond."""
    consent: str = choice(
        N_("Consent signed by"),
        ("participant", N_("the participant")),
        ("relative", N_("a relative")),
        ("reliable_person", N_("a reliable person")),
    )
    answers: tuple[tuple[str, str], ...] = answers(N_("Criteria"))

    @classmethod
    def out_of_limits(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:
        """Yield a weight for which the trial has no dose."""
        yield from check_weight(protocol, values["weight_g"])

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield every rule of eligibility that fails."""
        protocol = scene.protocol
        site = protocol.site(scene.actor.site)
        if site is None or site.kind != "icu":
            yield refuse(Reason.SITE_UNKNOWN, site=scene.actor.site)
        else:
            yield from on_the_clock(protocol, site, self.onset_at, scene.at)
        yield from criteria(protocol, dict(self.answers))
        yield from self.out_of_limits(self.payload(), protocol)

    def record(self, scene: Scene) -> Recorded:
        """Record the enrolment under the site's next trial number."""
        trial = scene.need(Trial, TRIAL)
        number = dict(trial.enrolled).get(scene.actor.site, 0) + 1
        return Recorded(
            open=self.change(
                self.participant,
                TRIAL,
                type="participant_enrolled",
                number=trial_number(scene.actor.site, number),
            )
        )


def check_weight(protocol: Protocol, weight_g: int) -> Iterator[Refusal]:
    """Yield a weight for which the trial has no dose."""
    if not protocol.weight_min <= weight_g <= protocol.weight_max:
        yield refuse(
            Reason.WEIGHT,
            found=f"{weight_g / 1000:g}",
            minimum=f"{protocol.weight_min / 1000:g}",
            maximum=f"{protocol.weight_max / 1000:g}",
        )


@when("participant_enrolled")
def participant_enrolled(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Make the participant and count them for their site; a trial that was reconciled runs again."""
    p = fact.payload
    yield Participant(
        code=p["participant"],
        status="enrolled",
        site=fact.site,
        number=p["number"],
        weight_g=p["weight_g"],
        enrolled_by=fact.actor,
    )
    trial = stood(things, Trial, TRIAL)
    counts = dict(trial.enrolled)
    counts[fact.site] = counts.get(fact.site, 0) + 1
    yield replace(trial, status="running", enrolled=tuple(sorted(counts.items())))
