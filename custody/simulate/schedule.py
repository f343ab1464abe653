"""Many courses at once on one clock: whoever waits shortest goes next."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from custody.clock import SetClock
from custody.simulate.play import Waits


@dataclass
class Schedule:
    """What waits, by the instant until which it waits."""

    clock: SetClock
    _waiting: list[tuple[datetime, int, bool, Waits]] = field(default_factory=list)
    _added: int = 0
    _open: int = 0

    def add(self, waits: Waits, at: datetime, *, endless: bool = False) -> None:
        """Begin something at an instant; nobody waits for the end of what is endless."""
        self._added += 1
        self._open += not endless
        heapq.heappush(self._waiting, (at, self._added, endless, waits))

    def run(self, until: datetime | None = None, ended: Callable[[], None] = lambda: None) -> None:
        """Go on until all has ended, or to an instant; `ended` is called at each end."""
        while self._open and (until is None or self._waiting[0][0] <= until):
            at, number, endless, waits = heapq.heappop(self._waiting)
            self.clock.set(max(at, self.clock.now()))
            try:
                heapq.heappush(self._waiting, (next(waits), number, endless, waits))
            except StopIteration:
                self._open -= not endless
                ended()
