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

TO_USE: Final = frozenset({"registered", "released", "received", "stored", "reserved"})
"""States of a lot, and of a cryobag, that is still to be used."""


def expired(bag: TreatmentBag, now: datetime) -> bool:
    """Return whether a bag that is still to be given can be given no more."""
    return bag.status in TO_GIVE and bag.expires_at <= now


def passed(thing: Thing, now: datetime) -> datetime | None:
    """Return the expiry of a thing that is still to be used and can be used no more; None of any other."""
    if isinstance(thing, TreatmentBag):
        return thing.expires_at if expired(thing, now) else None
    if isinstance(thing, Lot | Cryobag) and thing.status in TO_USE and thing.expires_at <= now:
        return thing.expires_at
    return None


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
