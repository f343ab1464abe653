"""The observations of an infusion as a page shows them: which were recorded, which one is due, which come later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from custody.chain.duration import spoken_min
from custody.chain.observation import Observe, due_at, due_now, observed_at
from custody.chain.things import Thing, TreatmentBag
from custody.web.who import door, locked, person


@dataclass(frozen=True, slots=True)
class Due:
    """One observation of an infusion."""

    minute: int
    name: str
    at: datetime
    clock: str
    """`at` in the site's zone, with its date when that is not the date of the start."""
    state: str
    """`recorded`, `due` or `later`."""
    url: str
    """Of its form, where this person may fill it in now."""


def schedule(thing: Thing, time: Callable[[datetime], str]) -> list[Due]:
    """Give the observations of a bag whose infusion began; none of anything else."""
    if not isinstance(thing, TreatmentBag) or thing.started_at is None:
        return []
    waiting, recorded = due(thing), observed_at(thing)
    may = person().role in Observe.SPEC.by and person().site == thing.site and not locked()
    return [
        Due(
            minute,
            spoken_min(minute),
            due_at(thing.started_at, minute),
            _clock(time(due_at(thing.started_at, minute)), time(thing.started_at)),
            "recorded" if minute in recorded else "due" if minute in waiting else "later",
            f"/s/{thing.code}/do/observe?due_min={minute}" if may and minute in waiting else "",
        )
        for minute in door().protocol.observations
    ]


def _clock(time: str, start: str) -> str:
    """Leave the date out where it is the date of the start."""
    day, _space, hour = time.partition(" ")
    return hour if start.startswith(day) else time


def due(thing: Thing) -> tuple[int, ...]:
    """Give the minutes whose observation may be made now and was not."""
    return due_now(thing, door().protocol, door().world.clock.now()) if isinstance(thing, TreatmentBag) else ()
