"""What a page says of a bag's last bedside check: when it was, and until when the infusion may start on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _

from custody.chain.bedside import check_lapsed, check_until
from custody.chain.roles import WARD
from custody.chain.things import Thing, TreatmentBag
from custody.web.offers import outdated
from custody.web.seen import showing_here, visible
from custody.web.showing import Shown
from custody.web.who import door, person


class Check(NamedTuple):
    """When a bag was checked, and until when that holds."""

    at: datetime
    until: datetime


def _of(bag: TreatmentBag) -> Check | None:
    """Give the check that a bag waits on to be started; None of any other."""
    until = check_until(bag, door().protocol)
    return Check(bag.checked_at, until) if bag.status == "checked" and bag.checked_at and until else None


def lapsed(thing: Thing) -> bool:
    """Say whether a bag is to be checked again before it is started."""
    return check_lapsed(thing, door().protocol, door().world.clock.now())


def facts(code: str) -> Iterator[Shown]:
    """Give when a bag was checked and how long that holds, to be read before the start is signed."""
    checks = [_of(thing) for thing in visible(code) if isinstance(thing, TreatmentBag)]
    for check in filter(None, checks):
        for label, at in ((_("Bedside check"), check.at), (_("Start by"), check.until)):
            yield Shown(label, showing_here().time(at), instant=at.isoformat())


def said(thing: Thing) -> str:
    """Say to the ward until when a checked bag may be started, or that it is to be checked again; else nothing."""
    if not isinstance(thing, TreatmentBag) or outdated(thing) or person().role not in WARD:
        return ""
    check = _of(thing)
    if check is None:
        return ""
    times = {"checked": showing_here().time(check.at), "until": showing_here().time(check.until)}
    if lapsed(thing):
        return _("Bedside check: %(checked)s, good until %(until)s: check again before the start.", **times)
    return _("Bedside check: %(checked)s. Start by %(until)s.", **times)
