"""When each stage comes, in minutes after the order: from the protocol alone, so that it fits any trial.

    order --- bench --- diluted -- covered -- ready: released -- packed -- collected -- delivered -- checked -- started
              |------- hold -------------------|------------- what is left of the shelf life ----------------------|

- The dilution ends once the printed expiry allows it (`ready - lead`), or when the bench is through.
- On the road all takes its usual time, or less where the shelf life is short.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from custody.chain.protocol import Protocol

BENCH: Final[Mapping[str, float]] = {"reserved": 5, "thawed": 15, "counted": 25, "diluted": 35}
"""Minutes from the start of the bench."""
ROAD: Final[Mapping[str, float]] = {"packed": 5, "collected": 12, "delivered": 42, "checked": 50}
"""Minutes from the release."""
START: Final = 4.0
"""Minutes from the bedside check to the start, when the protocol allows as much."""
SHARE: Final = 0.6
"""Share of the time until expiry that may be used up."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """Minutes after the order at which each stage is done."""

    at: Mapping[str, float]
    expiry: float

    @property
    def slack(self) -> float:
        """Give the minutes by which the bag may be covered later without being released later: what the hold hides."""
        left = self.at["released"] - self.at["covered"]
        return left - _part(1, left)

    @property
    def spare(self) -> float:
        """Give the minutes between the usual start and the expiry of which a delay may take a part."""
        return SHARE * (self.expiry - self.at["started"])

    @classmethod
    def of(cls, protocol: Protocol) -> Timetable:
        """Work it out."""
        expiry = protocol.hold - protocol.lead + protocol.shelf_life
        bench = min(1.0, SHARE * expiry / 2 / BENCH["diluted"])
        diluted = max(protocol.hold - protocol.lead + _part(2, protocol.shelf_life), BENCH["diluted"] * bench)
        at = {name: diluted - (BENCH["diluted"] - minute) * bench for name, minute in BENCH.items()}
        at["covered"] = diluted + _part(8, expiry - diluted)
        ready = max(protocol.hold, at["covered"])
        at["released"] = ready + _part(1, expiry - ready)
        road = min(1.0, SHARE * (expiry - at["released"]) / (ROAD["checked"] + START))
        at |= {name: at["released"] + minute * road for name, minute in ROAD.items()}
        at["started"] = at["checked"] + min(START * road, protocol.check_valid / 2)
        at["infused"] = at["started"] + protocol.infusion_planned
        at["returned"] = at["infused"] + 25
        at["back"] = at["returned"] + 60
        return cls(at, expiry)


def _part(minutes: float, left: float) -> float:
    """Give the usual time, or a tenth of what is left when that is less."""
    return min(minutes, left / 10)
