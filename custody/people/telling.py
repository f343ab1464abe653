"""An answer that is shown once: to the sign-in that asked for it, within a few minutes, then to a password alone.

Kept in memory: after a restart, or in another process, a password is asked for again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

LASTS: Final = timedelta(minutes=5)
MOST: Final = 10_000
"""Answers that wait to be shown; the oldest go first."""


class Tellings:
    """Keeps which answers may be shown, each once, and until when."""

    def __init__(self) -> None:
        """Begin with none."""
        self._until: dict[tuple[str, str], datetime] = {}

    def begin(self, event: str, sign_in: str, now: datetime) -> None:
        """Let a sign-in be shown the answer to an event, once."""
        self._until[event, sign_in] = now + LASTS
        while len(self._until) > MOST:
            self._until.pop(next(iter(self._until)), None)

    def take(self, event: str, sign_in: str, now: datetime) -> bool:
        """Say whether it may be shown now; it may not again."""
        until = self._until.pop((event, sign_in), None)
        return until is not None and now < until
