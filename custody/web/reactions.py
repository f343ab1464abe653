"""A serious reaction: told on the pages of its bag and participant, and first of all on the lists of who has to act.

It follows from what the ward recorded, alike in both arms. It stays on the lists as long as the participant is
observed, and a day longer; on the bag's page for ever.
"""

from __future__ import annotations

from flask_babel import gettext as _

from custody.chain.roles import Role
from custody.chain.things import Participant, Thing, TreatmentBag
from custody.web.showing import Showing
from custody.web.who import connection, open_store, person

SERIOUS = "serious"


def of(thing: Thing) -> TreatmentBag | None:
    """Give the bag that a serious reaction followed: the thing itself, or a bag of the participant."""
    codes = thing.treatment_bags if isinstance(thing, Participant) else ()
    kept = (open_store().thing(connection(), code) for code in codes)
    bags = [thing, *(one.thing for one in kept if one)]
    return next((bag for bag in bags if isinstance(bag, TreatmentBag) and bag.reaction == SERIOUS), None)


def to_do(bag: TreatmentBag) -> str:
    """Say what is to be done now: the infusion is held, and who answers for the participant hears of it."""
    held = {"infusing": _("Pause or stop the infusion."), "paused": _("Leave the infusion paused, or stop it.")}
    called = "" if person().role == Role.INVESTIGATOR else _("Call the investigator.")
    return " ".join(filter(None, (held.get(bag.status, ""), called)))


def at(bag: TreatmentBag, showing: Showing) -> str:
    """Say when it was observed."""
    return showing.time(bag.reaction_at) if bag.reaction_at else ""


def said(bag: TreatmentBag, showing: Showing) -> str:
    """Say in one sentence that it was, when, and what is to be done now."""
    told = _("Serious reaction, %(when)s", when=at(bag, showing))
    return f"{told}. {to_do(bag)}".rstrip()
