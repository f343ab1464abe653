"""A thing's page: what it is, its state, the next steps that this person may do.

What a person may not know of does not exist for them: the answer to a sealed code and to an unknown one is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from custody.chain.infusion import pause_s
from custody.chain.labels import READERS
from custody.chain.protocol import Contact
from custody.chain.roles import WARD, Role
from custody.chain.step import steps_for
from custody.chain.things import Cryobag, Lot, Participant, Preparation, Thing, TreatmentBag
from custody.printing import has_label
from custody.web import finish, last_check, offers, overtaken, panels, reactions, refused, unblinding
from custody.web.observations import schedule
from custody.web.seen import look_up, name_of, number_of, read_or_404, showing_here, versions, visible
from custody.web.who import connection, door, locked, open_store, person

bp = Blueprint("thing", __name__)


@bp.get("/S/<code>")
def printed(code: str) -> Response:
    """Take what a phone's own camera opened: a printed QR is in upper case."""
    return redirect(url_for("thing.show", code=code))


@bp.get("/s/<path:code>")
def show(code: str) -> str | Response | tuple[str, int]:
    """Show a thing, or what may be begun with a code that is not recorded yet."""
    scanned = read_or_404(code)
    things = visible(scanned.code)
    if things:
        return _show(scanned.code, things)
    begin = steps_for(person().role, scanned.kind, "", locked=locked())
    if not begin:
        abort(404)
    return render_template("thing/new.html", code=scanned.code, kind=scanned.kind, steps=begin)


def _show(code: str, things: list[Thing]) -> str:
    showing = showing_here()
    reacted = reactions.of(things[0])
    steps = offers.leading(things, look_up)
    others = offers.others(things)
    disposal = offers.disposal(things[0], name_of)
    away = [] if steps and not disposal else [offer for offer in others if offer.spec.name in offers.TAKE_OVER]
    return render_template(
        "thing/show.html",
        code=code,
        things=things,
        facts={thing.KIND: showing.facts(thing) for thing in things},
        steps=steps,
        away=away,
        others=[offer for offer in others if offer not in away],
        emergency=offers.emergency(things[0]),
        told=unblinding.way_back(things[0]),
        spoilt=offers.spoilt(things),
        not_yet=offers.not_yet(things),
        awaited=offers.awaited(things, name_of, away),
        disposal=disposal,
        deviation=offers.deviation(things),
        refused=refused.said(things[0], showing),
        reaction=reactions.at(reacted, showing) if reacted else "",
        reacted=reacted,
        to_do=reactions.to_do(reacted) if reacted else "",
        phones=_phones(),
        warnings=_warnings(things, code),
        overtaken=overtaken.said() if overtaken.order_in(things) else "",
        main=things[0],
        number=number_of(code),
        states=_orders(things[0]),
        expired=offers.outdated(things[0]) or offers.ended_in_pause(things[0]),
        lapsed=last_check.lapsed(things[0]),
        on_paper=offers.on_paper(things),
        qc=showing.qc(things[0]) if isinstance(things[0], Lot) else [],
        next=_nearest(things),
        labelled=has_label(things[0]),
        prints=person().role not in READERS,
        versions=versions(code),
        window=finish.earliest(things) or last_check.said(things[0]),
        observations=schedule(things[0], showing.time),
    )


def _warnings(things: Sequence[Thing], code: str) -> list[str]:
    """Say in red what nobody may overlook here: of a lot a failed result, of cells that they are too few."""
    thing = things[0]
    if isinstance(thing, Cryobag) and thing.status in offers.COUNTED:
        return panels.missing(thing.treatment_bag)
    if any(isinstance(half, Preparation) for half in things):
        return panels.warnings("dilute", code)
    return panels.warnings("release_lot", code) if isinstance(thing, Lot) else []


@bp.get("/s/<path:code>/changed")
def changed(code: str) -> Response:
    """Tell an open page to show itself anew once the thing is another than when it was made: on every device."""
    now = versions(read_or_404(code).code)
    if not now:
        abort(404)
    answer = Response(status=204)
    if request.args.get("seen") != now:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _phones() -> Contact | None:
    """Give whom to call, to those who carry and give: they look at this page at night."""
    return door().protocol.contact if person().role in WARD | {Role.COURIER} else None


def _orders(thing: Thing) -> dict[str, tuple[str, bool, bool]]:
    """Give state, expired and lapsed of each bag of a participant: one may be cancelled, and another live."""
    codes = thing.treatment_bags if isinstance(thing, Participant) else ()
    bags = [kept.thing for code in codes if (kept := open_store().thing(connection(), code))]
    return {bag.code: (bag.status, offers.outdated(bag), last_check.lapsed(bag)) for bag in bags}


def _nearest(things: list[Thing]) -> dict[str, Any]:
    """Give what the page counts: down to ready or expiry, or up since the infusion began."""
    bag = things[0]
    if not isinstance(bag, TreatmentBag):
        return {}
    if bag.started_at and bag.status in {"infusing", "paused"}:
        planned, paused = door().protocol.infusion_planned * 60, pause_s(bag, door().world.clock.now())
        running = bag.status == "infusing"
        return {"since": bag.started_at, "paused_s": paused, "running": running, "planned_s": planned}
    if bag.status == "ordered":
        return {"until": bag.ready_at, "label": _("Ready"), "hoped": True}
    if bag.status in {"released", "packed", "in_transit", "received", "checked"}:
        return {"until": bag.expires_at, "label": _("Expires")}
    return {}
