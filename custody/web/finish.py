"""When a dilution may end at the earliest, for the printed expiry to hold: told from the order on, at the bench."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from custody.chain.expiry import earliest_dilution_end, minute_from
from custody.chain.things import Preparation, Thing
from custody.web.who import door

BEFORE = frozenset({"ordered", "reserved"})
"""States of a preparation that is not diluted yet."""


def earliest(things: Sequence[Thing | None]) -> str:
    """Say it of a preparation that waits for its dilution; empty for anything else, and for a cancelled order."""
    if any(thing is not None and thing.status == "cancelled" for thing in things):
        return ""
    found = (thing for thing in things if isinstance(thing, Preparation) and thing.status in BEFORE)
    preparation = next(found, None)
    if preparation is None:
        return ""
    bench = door().protocol.sites[0]
    end = bench.local(minute_from(earliest_dilution_end(door().protocol, preparation.ready_at)))
    return _("Finish the dilution at %(time)s at the earliest.", time=f"{end:%H:%M} {end.tzname()}")
