"""What the stages of a simulated trial share: the door, the people, the time, chance, and how to look something up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from custody import codes
from custody.chain.things import Person, Plane, Thing
from custody.randomisation import RandomBytes, below
from custody.record.door import Door
from custody.simulate.asking import Asker
from custody.simulate.cast import Cast
from custody.simulate.timetable import Timetable

T = TypeVar("T", bound=Thing)
Waits = Iterator[datetime]
"""A stage: it yields until when it waits, and does its steps in between."""


@dataclass
class Course:
    """One participant on their way through the trial."""

    site: str
    number: int = 0
    """Picks the people, so that they take turns."""
    fault: str = ""
    """What goes wrong on the way: see `faults`."""
    last: str = ""
    """The stage after which it stops; to the end when empty."""
    wristband: str = ""
    bag: str = ""
    ordered_at: datetime | None = None
    delay: timedelta = timedelta(0)
    """By how much it is behind the timetable."""
    holder: Person | None = None
    """Who holds the bag."""
    shipper: str = ""
    started_at: datetime | None = None
    given_ul: int = 0
    observed: int = 0
    """How many of the observations are done."""
    first: str = "enrolled"
    """The stage at which it begins."""
    again: bool = False
    """The bag is lost: another is ordered."""
    over: bool = False
    """It ended before its last stage."""


@dataclass
class Play:
    """The stage on which all courses are played."""

    asker: Asker
    cast: Cast
    random_bytes: RandomBytes
    shippers: dict[str, list[str]] = field(default_factory=dict)
    """Empty shippers by who holds them."""
    waiting_faults: list[str] = field(default_factory=list)
    """Faults of the cells, which wait for a participant whose bag holds any."""

    late: dict[str, list[float]] = field(default_factory=dict)
    """By arm, of each release the minutes after the bag's `ready_at`."""

    def __post_init__(self) -> None:
        """Work out the timetable."""
        self.protocol = self.door.protocol
        self.timetable = Timetable.of(self.protocol)

    @property
    def door(self) -> Door:
        """Give the door."""
        return self.asker.door

    # --- time

    @property
    def now(self) -> datetime:
        """Give the simulated instant."""
        return self.door.world.clock.now()

    def after(self, minutes: float) -> datetime:
        """Give the instant so many minutes from now."""
        return self.now + timedelta(minutes=minutes)

    def due(self, course: Course, stage: str) -> datetime:
        """Give the instant at which a stage of an ordered bag is done, behind the timetable if need be."""
        if course.ordered_at is None:
            raise LookupError(stage)
        return course.ordered_at + timedelta(minutes=self.timetable.at[stage]) + course.delay

    # --- chance

    def between(self, low: int, high: int) -> int:
        """Draw a whole number, both ends included."""
        return low + below(max(high - low, 0) + 1, self.random_bytes)

    def fresh(self, kind: codes.Kind) -> str:
        """Give a code as it stands on a label that was printed beforehand."""
        return codes.mint(kind, self.random_bytes)

    # --- things

    def get(self, kind: type[T], code: str) -> T:
        """Give a thing as it stands; raise `LookupError`."""
        with self.door.database.reading(kind.PLANE) as connection:
            kept = self.door.stores[kind.PLANE].thing(connection, code)
        if kept is None or not isinstance(kept.thing, kind):
            raise LookupError(code)
        return kept.thing

    def find(self, kind: type[T], *states: str) -> list[T]:
        """Give all things of a kind in some states."""
        with self.door.database.reading(kind.PLANE) as connection:
            store = self.door.stores[kind.PLANE]
            found = [kept.thing for state in states for kept in store.find(connection, kind.KIND, state)]
        return [thing for thing in found if isinstance(thing, kind)]

    def count(self, plane: Plane) -> int:
        """Give the number of events of a log."""
        with self.door.database.reading(plane) as connection:
            head = self.door.stores[plane].head(connection)
        return head.size if head else 0
