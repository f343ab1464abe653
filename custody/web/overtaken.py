"""An order that a corrected weight overtook: said wherever it is met, in words of the open plane alone.

Whoever ordered cancels it and orders again; until then the bench prepares nothing more for it.
"""

from __future__ import annotations

from typing import Final

from flask_babel import gettext as _

from custody.chain.ordering import overtaken
from custody.chain.roles import BENCH
from custody.chain.things import Cryobag, Participant, Plane, Thing, TreatmentBag
from custody.web.who import connection, open_store, person

PREPARING: Final = frozenset({"reserve", "thaw", "count", "dilute", "label_and_cover", "release_for_dispatch"})
"""Steps of the bench that lead on to a bag."""


def order_of(thing: Thing) -> TreatmentBag | None:
    """Give the overtaken order that a thing belongs to: a participant's last, a bag's own, a cryobag's."""
    match thing:
        case Participant():
            code = thing.treatment_bags[-1] if thing.treatment_bags else ""
        case Cryobag():
            code = thing.treatment_bag
        case _:
            code = thing.code
    bag = _open(code)
    if not isinstance(bag, TreatmentBag):
        return None
    participant = _open(bag.participant)
    return bag if isinstance(participant, Participant) and overtaken(bag, participant) else None


def order_in(things: list[Thing]) -> TreatmentBag | None:
    """Give the overtaken order of what a page shows."""
    return next(
        (
            bag
            for thing in things
            if thing.PLANE is Plane.OPEN or isinstance(thing, Cryobag)
            if (bag := order_of(thing))
        ),
        None,
    )


def said() -> str:
    """Say what is to be done with it: by whoever ordered, and by the bench meanwhile."""
    told = _("Weight corrected after the order: it has to be cancelled and ordered again.")
    bench = _("Prepare nothing more for it; discard what is prepared.")
    return f"{told} {bench}" if person().role in BENCH else told


def _open(code: str) -> Thing | None:
    kept = open_store().thing(connection(), code) if code else None
    return kept.thing if kept else None
