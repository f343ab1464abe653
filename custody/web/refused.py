"""A handoff that somebody refused: told to whoever holds the thing, whoever refused it, the ward and the monitor.

It stays told until the thing is handed over after all, returned or destroyed.
"""

from __future__ import annotations

from typing import Final

from custody.chain.roles import WARD, Role
from custody.chain.things import Shipper, Thing, TreatmentBag
from custody.chain.transitions import SHIPPER, TREATMENT_BAG
from custody.web.showing import Showing
from custody.web.who import connection, open_store, person

FOLLOW: Final = frozenset({Role.MONITOR, Role.RESPONSIBLE_PERSON})
"""Who sees all of them: they close the deviation."""
WHERE: Final = ((Shipper.KIND, SHIPPER["refuse_handoff"]), (TreatmentBag.KIND, TREATMENT_BAG["refuse_bag_handoff"]))
"""In which states a thing is handed over by itself; of a shipper and the bags in it the shipper is listed."""


def said(thing: Thing, showing: Showing) -> str:
    """Say who did not take a thing over, when and why; nothing where nobody refused."""
    refused = getattr(thing, "refused", ())
    return showing.refused(refused) if refused else ""


def listed() -> list[Shipper | TreatmentBag]:
    """Give what was refused and concerns this person."""
    found = [
        kept.thing
        for kind, states in WHERE
        for state in states
        for kept in open_store().find(connection(), kind, state)
    ]
    return [
        thing for thing in found if isinstance(thing, Shipper | TreatmentBag) and thing.refused and _concerns(thing)
    ]


def _concerns(thing: Shipper | TreatmentBag) -> bool:
    theirs = thing.destination if isinstance(thing, Shipper) else thing.site
    ward = person().role in WARD and person().site == theirs
    return ward or person().role in FOLLOW or person().code in {thing.custodian, thing.refused[0]}
