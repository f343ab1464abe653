"""What the door takes from outside: time and randomness. A simulation or a proof brings its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from custody.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class World:
    """The clock, and where salts and codes come from: the system's own, unless told otherwise."""

    clock: Clock = field(default_factory=SystemClock)
    random_bytes: Callable[[int], bytes] = secrets.token_bytes
