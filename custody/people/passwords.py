"""Passwords: argon2id, in the least costly setting that OWASP's Password Storage Cheat Sheet allows.

A signature at the bedside may not take half a second: 19 MiB, two passes, one lane is some 20 ms here.
"""

from __future__ import annotations

import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST: Final = 8
LONGEST: Final = 200
_hasher: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_bound: Final = threading.BoundedSemaphore(4)
"""How many are worked out at once: each takes 19 MiB and a core."""
_NOBODYS: Final = _hasher.hash("a password that nobody has")


class BadPassword(ValueError):
    """A password that is too short or too long to be kept."""


def keep(password: str) -> str:
    """Give the hash to keep; raise `BadPassword` unless it has 8 to 200 characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        message = f"a password has {SHORTEST} to {LONGEST} characters, this one {len(password)}"
        raise BadPassword(message)
    with _bound:
        return _hasher.hash(_spelled(password))


def fits(secret: str | None, password: str) -> bool:
    """Say whether a password is the one that was kept; takes as long when there is none (`secret` None)."""
    with _bound:
        try:
            _hasher.verify(secret or _NOBODYS, _spelled(password[: LONGEST + 1]))
        except (Argon2Error, InvalidHashError, UnicodeEncodeError):
            return False
    return bool(secret)


def _spelled(password: str) -> str:
    """Give the one spelling of a password: an é may be typed as one character or as two (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
