"""What was taken over from a custodian who was away: told to them on their first page, and with its deviation."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask_babel import gettext as _

from custody.chain.take_over import TAKEN_OVER
from custody.chain.things import Deviation, Handoff
from custody.web.seen import name_of, showing_here
from custody.web.who import connection, door, open_store, person

TOLD_FOR: Final = timedelta(days=14)
"""How long it stands on the first page of who was away."""


def from_me() -> list[Handoff]:
    """Give what was taken over from this person lately, the newest first."""
    since = door().world.clock.now() - TOLD_FOR
    found = [kept.thing for kept in open_store().find(connection(), Handoff.KIND, TAKEN_OVER)]
    mine = [one for one in found if isinstance(one, Handoff) and one.giver == person().code and one.at > since]
    return sorted(mine, key=lambda one: (one.at, one.code), reverse=True)


def to_whom(taken: Handoff) -> str:
    """Say who took it over, and when."""
    said = {"person": name_of(taken.receiver), "when": showing_here().time(taken.at)}
    return _("Taken over by %(person)s, %(when)s.", **said)


def said(deviation: Deviation) -> str:
    """Say of the deviation of a take-over from whom, by whom and when; nothing of any other."""
    kept = open_store().thing(connection(), deviation.about)
    if kept is None or not isinstance(kept.thing, Handoff) or kept.thing.status != TAKEN_OVER:
        return ""
    taken = kept.thing
    told = {"holder": name_of(taken.giver), "person": name_of(taken.receiver), "when": showing_here().time(taken.at)}
    return _("Taken over from %(holder)s by %(person)s, %(when)s.", **told)
