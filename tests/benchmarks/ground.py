"""A ledger in which one step can be done again and again: a bag that is being infused, observed by its nurse."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from custody.chain.observation import Observe
from custody.record.request import Request
from tests.web import journey
from tests.web.house import House, build


@dataclass
class Ground:
    """The house, and the bag that runs."""

    house: House
    bag: str
    folder: Path

    def request(self) -> Request:
        """Give one more observation, under a fresh event id."""
        now = self.house.clock.now()
        command = Observe(
            treatment_bag=self.bag,
            due_min=None,
            heart_rate_bpm=110,
            mean_pressure_mmhg=68,
            spo2_percent=96,
            temperature_dc=382,
            reaction="none",
        )
        return Request(
            event=str(uuid4()),
            step="observe",
            actor=self.house.people["nurse"],
            command=command,
            occurred_at=now,
            received_at=now,
        )


@contextmanager
def ground(database_url: str = "") -> Iterator[Ground]:
    """Make a ledger with a bag that is being infused."""
    with tempfile.TemporaryDirectory() as folder:
        house = build(Path(folder), database_url)
        bag = journey.infusing(house)
        yield Ground(house, bag, Path(folder))
        house.door.database.close()


def rate(work: Callable[[], object], callers: int, seconds: float) -> float:
    """Give how often `callers` threads do a piece of work in a second, together."""
    counts = [0] * callers
    end = time.perf_counter() + seconds

    def call(number: int) -> None:
        while time.perf_counter() < end:
            work()
            counts[number] += 1

    threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


def said(name: str, figure: float, limit: float, unit: str, goal: str) -> None:
    """Print one line: the figure, the limit, and the ratio."""
    print(f"{name:<44} {figure:>10,.1f} {unit:<9} limit {limit:>10,.1f}   ratio {figure / limit:5.2f}   goal {goal}")
