"""What was done at the bench follows what it needs: the order, the reservation, the thaw, the count.

People enter wall-clock times in whole minutes, and what came before is on record to the second: so within the same
minute the one may still follow the other. A clock that is a little ahead was believed: what follows does not wait
for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.scene import Scene


def check_follows(
    scene: Scene, name: str, entered: datetime, earlier: Mapping[str, datetime | None]
) -> Iterator[Refusal]:
    """Yield when a time lies before the latest of those that it has to follow; both are named as refusals do."""
    known = [(at, step) for step, at in earlier.items() if at is not None]
    if not known:
        return
    at, step = max(known)
    if entered < min(at, scene.at).replace(second=0, microsecond=0):
        yield refuse(Reason.TIME_BEFORE, later=name, earlier=step, at=scene.local(at))
