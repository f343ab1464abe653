"""The whole trial: everything that is there before, all participants, and the reconciliation at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from custody.chain.protocol import Protocol
from custody.chain.reconciliation import OPEN_KINDS, SEALED_KINDS, Reconcile, ReconcileSealed
from custody.chain.roles import Role
from custody.chain.things import Cryobag, Thing
from custody.chain.transitions import unfinished_states
from custody.clock import SetClock
from custody.randomisation import RandomBytes, SeededBytes, below
from custody.record.door import Door
from custody.simulate import faults, supply
from custody.simulate.asking import Asker
from custody.simulate.course import way
from custody.simulate.play import Course, Play
from custody.simulate.schedule import Schedule

START: Final = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
"""The simulated clock begins on a Monday."""
BEFORE_FIRST: Final = timedelta(days=7)
"""From the first lot to the first participant."""
BETWEEN: Final = timedelta(hours=20)
"""Between two participants, on average."""
ARRIVALS: Final = "arrivals"
"""What the bytes are for that say who falls ill where, and when."""


class TooMany(ValueError):
    """More participants than the trial's randomisation lists have places for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be simulated."""

    participants: int
    seed: int = 1
    faults: bool = False
    reconciled: bool = True
    """Whether both planes are reconciled at the end: who rehearses the end does that themselves."""


def play_trial(door: Door, clock: SetClock, plan: Plan, ended: Callable[[], None] = lambda: None) -> Play:
    """Play a whole trial through a door on a clock that is set; `ended` is called after each participant.

    Raises `custody.simulate.asking.Unexpected` when the door refuses what is right, or does what is wrong.
    """
    play = prepare(door, plan.seed)
    schedule = Schedule(clock)
    schedule.add(supply.supplies(play), clock.now(), endless=True)
    if plan.faults:
        schedule.add(supply.bad_lot(play, 900), clock.now() + timedelta(days=1), endless=True)
    random_bytes = SeededBytes(plan.seed, ARRIVALS)
    at = clock.now() + BEFORE_FIRST
    for course in courses(play.protocol, plan, random_bytes):
        schedule.add(way(play, course), at)
        at += BETWEEN * below(200, random_bytes) / 100
    schedule.run(ended=ended)
    finish(play, reconciled=plan.reconciled)
    return play


def prepare(door: Door, seed: int) -> Play:
    """Add the people and load the randomisation lists."""
    asker = Asker(door, SeededBytes(seed, "events"))
    play = Play(asker, supply.people(asker, door.protocol), SeededBytes(seed, "play"))
    supply.randomisation(play, SeededBytes(seed, "randomisation"))
    return play


def check_places(protocol: Protocol, plan: Plan) -> None:
    """Raise `TooMany` unless each site's randomisation list has a place for everybody who falls ill there."""
    taken: Counter[str] = Counter()
    for course in courses(protocol, plan, SeededBytes(plan.seed, ARRIVALS)):
        taken[course.site] += 1
        if taken[course.site] > protocol.participants:
            message = (
                f"expected at most {course.number} participants with seed {plan.seed}, found {plan.participants}: "
                f"the next would find no place on the list of {course.site}, which has {protocol.participants}"
            )
            raise TooMany(message)


def courses(protocol: Protocol, plan: Plan, random_bytes: RandomBytes) -> list[Course]:
    """Give the participants: a site each, and a fault for every one of the first, then for every other."""
    sites = [site.code for site in protocol.sites if site.kind == "icu"]
    return [
        Course(sites[below(len(sites), random_bytes)], number, fault(number) if plan.faults else "")
        for number in range(plan.participants)
    ]


def fault(number: int) -> str:
    """Give what goes wrong with a participant: each fault once at first, then each in every other round."""
    turn, place = divmod(number, len(faults.KINDS))
    return "" if turn % 2 else faults.KINDS[place]


def finish(play: Play, *, reconciled: bool = True) -> None:
    """Destroy the cryobags that are left over, and reconcile both planes."""
    for bag in play.find(Cryobag, "received", "stored", "failed"):
        supply.destroy(play, bag.code, "end of the trial")
    if not reconciled:
        return
    play.asker.ask(play.cast.one(Role.MONITOR), Reconcile())
    play.asker.ask(play.cast.one(Role.RESPONSIBLE_PERSON), ReconcileSealed())


def unreconciled(play: Play) -> list[str]:
    """Give the codes of all things that have not ended."""
    kinds: tuple[type[Thing], ...] = (*OPEN_KINDS, *SEALED_KINDS)
    return sorted(thing.code for kind in kinds for thing in play.find(kind, *unfinished_states(kind.KIND)))
