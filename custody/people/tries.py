"""How often a wrong password may be tried: five times in five minutes for each account, then one waits.

A right password ends the count. Nobody is locked out for good: at night there may be nobody to unlock. Each wrong
one is a line of the server's log (21 CFR 11.300(d): attempts at unauthorised use are detected). Counted in memory:
a service that is started anew begins anew.
"""

from __future__ import annotations

import logging
import math
import time
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

WRONG: Final = RateLimitItemPerMinute(5, 5)
"""Five wrong passwords in any five minutes."""
log = logging.getLogger("custody.sign_in")


class Tries:
    """Counts wrong passwords by account."""

    def __init__(self) -> None:
        """Begin with none."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def wait_s(self, account: str) -> int:
        """Give the seconds until another password may be tried: 0 for now."""
        reset, remaining = self._limiter.get_window_stats(WRONG, account)
        return 0 if remaining else max(1, math.ceil(reset - time.time()))

    def wrong(self, account: str) -> None:
        """Count a wrong password, and log it."""
        self._limiter.hit(WRONG, account)
        left = self._limiter.get_window_stats(WRONG, account).remaining
        log.warning("wrong password for %r, %d tries left", account, left)

    def right(self, account: str) -> None:
        """Count no more what was wrong before."""
        self._limiter.clear(WRONG, account)
