"""How often a wrong password may be tried, whichever way it comes in: one count for all of them, then one waits.

- Five times in five minutes for each account on each device; a right password there ends that count, and no other.
- Fifty times in an hour for each account on all devices that it has not been on: whoever goes from device to device
  waits too, and keeps nobody out who works where they always do.
- A password that has to wait is not looked at: it tells nothing, right or wrong.

Nobody is locked out for good: at night there may be nobody to unlock. Each wrong one is a line of the server's log
(21 CFR 11.300(d): attempts at unauthorised use are detected). Counted in memory: a service that is started anew
begins anew.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

ON_A_DEVICE: Final = RateLimitItemPerMinute(5, 5)
"""Five wrong passwords of one account in any five minutes on one device."""
ANYWHERE: Final = RateLimitItemPerHour(50)
"""Fifty wrong passwords of one account in any hour, on devices that are strange to it."""
LONGEST_WAIT_MIN: Final = ON_A_DEVICE.get_expiry() // 60
"""Minutes that one waits on a device at most."""
MOST_KNOWN: Final = 10_000
"""Pairs of account and device that are kept in mind; the oldest go first."""
log = logging.getLogger("custody.sign_in")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many were wrong: nothing was looked at."""

    seconds: int
    """Until another password may be tried: at least 1."""

    @property
    def minutes(self) -> int:
        """Give it in whole minutes, rounded up: after so many another may be tried for sure."""
        return math.ceil(self.seconds / 60)


class Counts(MemoryStorage):
    """Keeps counts; one that is ended is not ended while the library's timer, a thread of its own, looks at it.

    `limits` 5.8.0 takes no lock there, and its timer fails on a count that is gone meanwhile.
    """

    def clear(self, key: str) -> None:
        """End a count."""
        with self.locks[key]:
            super().clear(key)


class Tries:
    """Counts wrong passwords by account and device."""

    def __init__(self) -> None:
        """Begin with none."""
        self._limiter = MovingWindowRateLimiter(Counts())
        self._known: dict[tuple[str, str], None] = {}

    def tried(self, account: str, device: str, check: Callable[[], T | None]) -> T | Wait | None:
        """Give what a password opens, None when it is wrong; `check` is asked only where nobody has to wait.

        It counts before it is looked at: of many that come at once no more are looked at than of those in a row.
        """
        pair = (account, device)
        if pair not in self._known and not self._limiter.test(ANYWHERE, account):
            return self._wait(ANYWHERE, account)
        if not self._limiter.hit(ON_A_DEVICE, *pair):
            return self._wait(ON_A_DEVICE, *pair)
        found = check()
        if found is None:
            self._wrong(account, device)
        else:
            self._right(pair)
        return found

    def left(self, account: str, device: str) -> int:
        """Give how many more wrong passwords are looked at on a device, as things are."""
        return self._limiter.get_window_stats(ON_A_DEVICE, account, device).remaining

    def _wait(self, limit: RateLimitItem, *counted: str) -> Wait:
        reset = self._limiter.get_window_stats(limit, *counted).reset_time
        return Wait(max(1, math.ceil(reset - time.time())))

    def _wrong(self, account: str, device: str) -> None:
        self._limiter.hit(ANYWHERE, account)
        log.warning("wrong password for %r on %s, %d tries left", account, device, self.left(account, device))

    def _right(self, pair: tuple[str, str]) -> None:
        self._limiter.clear(ON_A_DEVICE, *pair)
        self._known[pair] = None
        while len(self._known) > MOST_KNOWN:
            self._known.pop(next(iter(self._known)), None)
