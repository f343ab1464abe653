"""When a treatment bag is ready and when it expires: from the order alone, in both arms.

The printed hour must not tell the arm, and thawing takes time. So

    ready_at = order + hold
    expiry   = ready_at - lead + shelf life

and dilution has to end at `ready_at - lead` or later (checked at the release for dispatch), so that
the printed expiry is never later than the end of dilution plus the shelf life.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from custody.chain.protocol import Protocol
from custody.chain.things import Cryobag, Lot, Thing, TreatmentBag

TO_GIVE: Final = frozenset({"released", "packed", "in_transit", "received", "checked"})
"""States of a bag that is still to be given: in all others its expiry says nothing any more."""

TO_USE: Final = {
    TreatmentBag.KIND: TO_GIVE,
    Lot.KIND: frozenset({"registered", "released"}),
    Cryobag.KIND: frozenset({"received", "stored", "reserved"}),
}
"""The same of all that expires."""


def passed(thing: Thing, now: datetime) -> datetime | None:
    """Return the expiry of a thing that is still to be used and can be used no more; None of any other."""
    if not isinstance(thing, TreatmentBag | Lot | Cryobag):
        return None
    to_use = thing.status in TO_USE[thing.KIND]
    return thing.expires_at if to_use and thing.expires_at <= now else None


def expired(thing: Thing, now: datetime) -> bool:
    """Return whether what is still to be given or used can be so no more."""
    return passed(thing, now) is not None


def expired_in_pause(thing: Thing, now: datetime) -> bool:
    """Return whether a bag expired while its infusion is paused: it is stopped, and goes on no more."""
    return isinstance(thing, TreatmentBag) and thing.status == "paused" and thing.expires_at <= now


def ready_at(protocol: Protocol, ordered_at: datetime) -> datetime:
    """Return when the bag may leave the cell therapy unit."""
    return ordered_at + timedelta(minutes=protocol.hold)


def ordered_at(protocol: Protocol, ready: datetime) -> datetime:
    """Return when a bag was ordered that may leave at `ready`."""
    return ready - timedelta(minutes=protocol.hold)


def earliest_dilution_end(protocol: Protocol, ready: datetime) -> datetime:
    """Return the earliest end of dilution for which the printed expiry holds."""
    return ready - timedelta(minutes=protocol.lead)


def minute_from(instant: datetime) -> datetime:
    """Return the first whole minute from an instant on: what people who enter whole minutes are told to wait for."""
    return instant + timedelta(microseconds=-(instant.second * 1_000_000 + instant.microsecond) % 60_000_000)


def expires_at(protocol: Protocol, ready: datetime) -> datetime:
    """Return the printed expiry."""
    return earliest_dilution_end(protocol, ready) + timedelta(minutes=protocol.shelf_life)
