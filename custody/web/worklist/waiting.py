"""What stands in a state, nearest to its hour first; what is observed still."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from custody.chain.observation import due_at
from custody.chain.things import Thing, TreatmentBag
from custody.web.who import connection, door, open_store


def bags(status: str, site: str = "") -> list[TreatmentBag]:
    """Give the treatment bags in a state, of one site or of all, nearest to their hour first."""
    if site:
        found = open_store().at_site(connection(), "treatment_bag", status, site)
    else:
        found = [kept.thing for kept in open_store().find(connection(), "treatment_bag", status)]
    return sorted((bag for bag in found if isinstance(bag, TreatmentBag)), key=lambda bag: (bag.ready_at, bag.code))


def things(kind: str, status: str, site: str = "") -> list[Thing]:
    """Give the things in a state, of one site or of all."""
    if site:
        return open_store().at_site(connection(), kind, status, site)
    return [kept.thing for kept in open_store().find(connection(), kind, status)]


def followed(site: str) -> list[TreatmentBag]:
    """Give the bags whose participant is observed, or was until yesterday."""
    over = [bag for status in ("infusing", "paused", "infused", "returned", "destroyed") for bag in bags(status, site)]
    ended = door().world.clock.now() - ENTERED_LATE
    last = max(door().protocol.observations, default=0)
    return [bag for bag in over if bag.started_at and due_at(bag.started_at, last) > ended]


ENTERED_LATE: Final = timedelta(days=1)
"""How long after the last observation the list still asks for one that was not entered."""
