"""A stretch of the week on the wall clock: when a trial takes participants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""ISO 8601 order: Monday is 1."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the week, wall clock: from (weekday, minutes) up to, not including, the end.

    Weekdays as in ISO 8601: Monday is 1. An end before the start lies in the next week; an end equal
    to the start is a week later, so that every moment is in the window.
    """

    start_day: int
    start_minute: int
    end_day: int
    end_minute: int

    def contains(self, local: datetime) -> bool:
        """Return whether a local wall-clock time lies in the window, exactly: its ends are whole minutes."""
        start = self.start_day * 1440 + self.start_minute
        end = self.end_day * 1440 + self.end_minute
        now = local.isoweekday() * 1440 + local.hour * 60 + local.minute
        return start <= now < end if start < end else not end <= now < start

    def __str__(self) -> str:
        """Say it as `Mon 08:00 - Fri 08:00`."""
        return f"{_clock(self.start_day, self.start_minute)} - {_clock(self.end_day, self.end_minute)}"


def _clock(day: int, minute: int) -> str:
    return f"{DAYS[day - 1]} {minute // 60:02d}:{minute % 60:02d}"
