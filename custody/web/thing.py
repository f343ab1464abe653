"""A thing's page: what it is, its state, the next steps that this person may do; and its timeline.

What a person may not know of does not exist for them: the answer to a sealed code and to an unknown one is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from custody import codes, trace
from custody.chain.correction import correctable
from custody.chain.step import STEPS, steps_for
from custody.chain.things import Lot, Person, Plane, Thing
from custody.ledger.entry import decode
from custody.printing import DESIGN_OF
from custody.record.entries import REFUSED, refusals_of
from custody.web import offers, reasons
from custody.web.observations import schedule
from custody.web.showing import Showing
from custody.web.who import connection, door, open_store, person, stores

bp = Blueprint("thing", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a timeline."""

    at: str
    title: str
    refused: bool
    reasons: tuple[str, ...]
    who: str
    second: str
    sealed: bool
    event: str
    mine: bool
    """Whether this person recorded it, and something of it may be corrected."""


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
    begin = steps_for(person().role, scanned.kind, "")
    if not begin:
        abort(404)
    return render_template("thing/new.html", code=scanned.code, kind=scanned.kind, steps=begin)


def _show(code: str, things: list[Thing]) -> str:
    showing = showing_here()
    return render_template(
        "thing/show.html",
        code=code,
        things=things,
        facts={thing.KIND: showing.facts(thing) for thing in things},
        steps=offers.leading(things, look_up),
        others=offers.others(things),
        main=things[0],
        qc=showing.qc(things[0]) if isinstance(things[0], Lot) else [],
        next=_nearest(things),
        labelled=DESIGN_OF,
        observations=schedule(things[0], showing.time),
    )


@bp.get("/s/<path:code>/history")
def history(code: str) -> str:
    """Show a code's timeline, what it came from and what became of it."""
    scanned = read_or_404(code)
    things = visible(scanned.code)
    if not things:
        abort(404)
    return render_template(
        "thing/history.html",
        code=scanned.code,
        main=things[0],
        lines=timeline(scanned.code),
        origins=trace.origins(look_up, scanned.code),
        outcomes=trace.outcomes(look_up, scanned.code),
    )


# --- what this person may see -----------------------------------------------------------------


def read_or_404(code: str) -> codes.Scanned:
    """Read a code from an address."""
    try:
        return codes.read(code)
    except codes.CodeError:
        abort(404)


def look_up(code: str) -> list[Thing]:
    """Give the things of a code in the planes that this person may see."""
    found = (store.thing(connection(), code) for store in stores().values())
    return [kept.thing for kept in found if kept]


def visible(code: str) -> list[Thing]:
    """Give a code's halves, the open one first."""
    return trace.halves(look_up, code)


def name_of(code: str) -> str:
    """Name the person of a badge."""
    kept = open_store().thing(connection(), code)
    return kept.thing.name if kept and isinstance(kept.thing, Person) else codes.group(code)


def showing_here() -> Showing:
    """Give what shows things to this person."""
    return Showing(door().protocol, person().site, name_of)


def _nearest(things: list[Thing]) -> dict[str, Any]:
    """Give what the page counts: down to ready or expiry, or up since the infusion began."""
    bag = things[0]
    if bag.KIND != "treatment_bag":
        return {}
    started = getattr(bag, "started_at", None)
    if started and bag.status in {"infusing", "paused"}:
        planned = door().protocol.infusion_planned * 60
        return {"since": started, "paused_s": _paused(bag), "running": bag.status == "infusing", "planned_s": planned}
    if bag.status == "ordered":
        return {"until": getattr(bag, "ready_at"), "label": _("Ready"), "hoped": True}  # noqa: B009 - a treatment bag's alone
    if bag.status in {"released", "packed", "in_transit", "received", "checked"}:
        return {"until": getattr(bag, "expires_at"), "label": _("Expires")}  # noqa: B009
    return {}


def _paused(bag: Thing) -> int:
    """Give the seconds paused, a pause that still lasts included."""
    paused, since = getattr(bag, "paused_s", 0), getattr(bag, "paused_at", None)
    lasting = (door().world.clock.now() - since).total_seconds() if since else 0
    return int(paused + lasting)


# --- the timeline -----------------------------------------------------------------------------


def timeline(code: str) -> list[Line]:
    """Give every entry that speaks of a code, in the planes that this person may see, oldest first."""
    showing = showing_here()
    names = {code, *(thing.code for thing in visible(code))}
    found = []
    for plane, store in stores().items():
        places = sorted({place for name in names for place in store.mentions(connection(), name)})
        found += [(decode(store.entry(connection(), place)), plane) for place in places]
    found.sort(key=lambda pair: pair[0]["recorded_at"])
    return [_line(entry, showing, sealed=plane is Plane.SEALED) for entry, plane in found]


def _line(entry: dict[str, Any], showing: Showing, *, sealed: bool) -> Line:
    spec = STEPS[entry["step"]].SPEC
    return Line(
        at=showing.time(datetime.fromisoformat(entry["recorded_at"])),
        title=_(spec.title),
        refused=entry["type"] == REFUSED,
        reasons=tuple(reasons.say(item, door().protocol) for item in refusals_of(entry)),
        who=entry["actor"]["name"],
        second=name_of(entry["second"]) if entry["second"] else "",
        sealed=sealed,
        event=entry["event"],
        mine=entry["actor"]["person"] == person().code
        and entry["type"] != REFUSED
        and not entry["payload"].keys().isdisjoint(correctable(entry["step"])),
    )
