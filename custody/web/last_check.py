"""What a page says of a bag's last bedside check: when it was, and until when the infusion may start on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask_babel import gettext as _

from custody.chain.bedside import check_holds
from custody.chain.roles import WARD
from custody.chain.things import Thing, TreatmentBag
from custody.web.offers import outdated
from custody.web.seen import showing_here, visible
from custody.web.showing import Shown
from custody.web.who import door, person


def facts(code: str) -> Iterator[Shown]:
    """Give when a bag was checked and how long that holds, to be read before the start is signed."""
    for thing in visible(code):
        if isinstance(thing, TreatmentBag) and thing.status == "checked" and thing.checked_at:
            until = thing.checked_at + timedelta(minutes=door().protocol.check_valid)
            for label, at in ((_("Bedside check"), thing.checked_at), (_("Start by"), until)):
                yield Shown(label, showing_here().time(at), instant=at.isoformat())


def said(thing: Thing) -> str:
    """Say to the ward until when a checked bag may be started, or that it is to be checked again; else nothing."""
    if person().role not in WARD or outdated(thing):
        return ""
    found = {fact.label: fact.value for fact in facts(thing.code)}
    if not found or not isinstance(thing, TreatmentBag):
        return ""
    checked, until = found.values()
    if check_holds(thing, door().protocol, door().world.clock.now()):
        return _("Bedside check: %(checked)s. Start by %(until)s.", checked=checked, until=until)
    return _(
        "Bedside check: %(checked)s, good until %(until)s: check again before the start.", checked=checked, until=until
    )
