"""Observations (step 16): vital signs at fixed minutes after the start, and any reaction.

- They go on after the bag is gone: the last are due a day later.
- They may be made a few minutes early, and entered at any time after.
- Of each minute there is one: a second would leave open which of them counts.
- A reaction keeps to no schedule: vital signs are recorded at any time after the start, and tick no minute off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.custody import check_site
from custody.chain.duration import spoken_min
from custody.chain.fields import choice, optional_quantity, quantity, scan, text
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import WARD
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, recordable, step
from custody.chain.step import parse_time as at
from custody.chain.things import Plane, Thing, TreatmentBag

EARLY = timedelta(minutes=5)
"""How much before its minute an observation may be made."""


def due_at(started_at: datetime, minute: int) -> datetime:
    """Return when an observation is due."""
    return started_at + timedelta(minutes=minute)


def observed_at(bag: TreatmentBag) -> dict[int, datetime]:
    """Return when vital signs were observed, by the minute for which they are on record."""
    return {minute: at(text) for minute, text in bag.observations}


def due_now(bag: TreatmentBag, protocol: Protocol, now: datetime) -> tuple[int, ...]:
    """Return the minutes whose observation may be made now and was not, in their order."""
    if bag.started_at is None:
        return ()
    open_ = (minute for minute in protocol.observations if minute not in observed_at(bag))
    return tuple(minute for minute in open_ if due_at(bag.started_at, minute) - EARLY <= now)


DEGREES = ("none", "mild", "serious")
"""Of a reaction, the worst last."""


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Observe(Command):
    """Step 16: vital signs at a due minute or between them, and any reaction."""

    SPEC = Spec(
        16,
        "observe",
        N_("Observe"),
        WARD,
        "treatment_bag",
        "treatment_bag",
        Plane.OPEN,
    )
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))
    due_min: int | None = optional_quantity(N_("Due at"), "min", maximum=100_000, fixed=True)
    """The protocol's minute; None when none was due."""
    heart_rate_bpm: int = quantity(N_("Heart rate"), "/min", maximum=350)
    mean_pressure_mmhg: int = quantity(N_("Mean arterial pressure"), "mmHg", maximum=300)
    spo2_percent: int = quantity(N_("SpO2"), "%", maximum=100)
    temperature_dc: int = quantity(N_("Temperature"), "°C", scale=10, maximum=450)
    reaction: str = choice(
        N_("Reaction"),
        ("none", N_("none")),
        ("mild", N_("mild")),
        ("serious", N_("serious")),
    )
    words: str = text(N_("In words"), required=False)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a bag that was not given, a minute that the protocol does not ask for, or a time before its turn."""
        bag = scene.need(TreatmentBag, self.treatment_bag)
        yield from check_site(scene, bag.site)
        if bag.started_at is None:
            yield refuse(Reason.NOT_STARTED, code=bag.code)
            return
        if self.due_min is None:
            if scene.occurred_at < bag.started_at:
                yield refuse(Reason.ORDER_OF_TIMES, later="occurred_at", earlier=scene.local(bag.started_at))
            return
        if self.due_min not in scene.protocol.observations:
            due = ", ".join(map(spoken_min, scene.protocol.observations))
            yield refuse(Reason.NOT_DUE, due=due, found=spoken_min(self.due_min))
            return
        earliest = due_at(bag.started_at, self.due_min) - EARLY
        if scene.occurred_at < earliest:
            yield refuse(Reason.OBSERVED_EARLY, due=spoken_min(self.due_min), earliest=scene.local(earliest))
        done = observed_at(bag).get(self.due_min)
        if done is not None:
            yield refuse(Reason.OBSERVED_ALREADY, due=spoken_min(self.due_min), at=scene.local(done))

    def record(self, scene: Scene) -> Recorded:
        """Record the signs."""
        return Recorded(open=self.change(self.treatment_bag, type="observed"))


@when("observed")
def observed(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Tick the due minute off, where one was due, and keep the worst reaction."""
    p = fact.payload
    bag = stood(things, TreatmentBag, p["treatment_bag"])
    done = {} if p["due_min"] is None else {p["due_min"]: recordable(fact.occurred_at)}
    bag = replace(bag, observations=tuple(sorted({**dict(bag.observations), **done}.items())))
    worse = DEGREES.index(p["reaction"]) > DEGREES.index(bag.reaction)
    yield replace(bag, reaction=p["reaction"], reaction_at=fact.occurred_at) if worse else bag
