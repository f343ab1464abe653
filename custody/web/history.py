"""A code's history: every entry that speaks of it, with all that it holds, and what came before and after it.

A correction stands as an entry of its own, with the old value and the new; the entry that it corrects says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template
from flask_babel import gettext as _

from custody import trace
from custody.chain.correction import correctable, reading
from custody.chain.step import STEPS, fields_of
from custody.chain.things import Plane
from custody.ledger.entry import decode
from custody.record.entries import REFUSED, past_of, refusals_of
from custody.web import limits, reasons, values, words
from custody.web.showing import Showing
from custody.web.thing import look_up, name_of, read_or_404, showing_here, visible
from custody.web.who import connection, door, open_store, person, stores

bp = Blueprint("history", __name__)


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
    recorded: tuple[tuple[str, str], ...]
    """What the step put on record: each field's name and its value in words."""
    proof: tuple[tuple[str, str], ...]
    """Where it stands in the log, its times, how it was signed."""
    corrected: str
    """When it was corrected, where it was."""
    mine: bool
    """Whether this person recorded it, and something of it may be corrected."""


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
        origins=trace.origins(look_up, scanned.code, trace.carried_by(open_store(), connection(), scanned.code)),
        outcomes=trace.outcomes(look_up, scanned.code),
    )


def timeline(code: str) -> list[Line]:
    """Give every entry that speaks of a code, in the planes that this person may see, oldest first."""
    names = {code, *(thing.code for thing in visible(code))}
    found: list[tuple[dict[str, Any], Plane, int]] = []
    for plane, store in stores().items():
        places = sorted({place for name in names for place in store.mentions(connection(), name)})
        found += [(decode(store.entry(connection(), place)), plane, place) for place in places]
    found.sort(key=lambda one: one[0]["recorded_at"])
    corrections = {entry["payload"]["event"]: entry for entry, *_where in found if "corrects" in entry["payload"]}
    showing = showing_here()
    return [_line(entry, plane, place, corrections.get(entry["event"]), showing) for entry, plane, place in found]


def _line(entry: dict[str, Any], plane: Plane, place: int, correction: dict[str, Any] | None, showing: Showing) -> Line:
    refused = entry["type"] == REFUSED
    now = None if refused else reading(past_of(entry, plane, corrected=False))
    steps = dict.fromkeys((entry["step"], now.step if now else entry["step"]))
    titles = [STEPS[name].SPEC.title for name in steps]
    own = entry["actor"]["person"] == person().code and correction is None and now is not None
    return Line(
        at=_time(entry, "recorded_at", showing),
        title=" – ".join(_(title) for title in titles),
        refused=refused,
        reasons=tuple(reasons.say(item, door().protocol) for item in refusals_of(entry)),
        who=entry["actor"]["name"],
        second=name_of(entry["second"]) if entry["second"] else "",
        sealed=plane is Plane.SEALED,
        event=entry["event"],
        recorded=tuple(_recorded(entry, showing)),
        proof=tuple(_proof(entry, plane, place, showing)),
        corrected=_time(correction, "recorded_at", showing) if correction else "",
        mine=own and now is not None and not now.values.keys().isdisjoint(correctable(now.step)),
    )


def _time(entry: dict[str, Any], name: str, showing: Showing) -> str:
    return showing.time(datetime.fromisoformat(entry[name]))


def _recorded(entry: dict[str, Any], showing: Showing) -> list[tuple[str, str]]:
    """Give each value that the entry holds, by the name of its field; of a correction the old value and the new."""
    payload = entry["payload"]
    if "corrects" in payload:
        step, name = payload["corrects"], payload["field"]
        reads = [payload["reads"] | {name: payload[which]} for which in ("old", "new")]
        old, new = (values.said(step, name, read, showing) for read in reads)
        label = _(dict(fields_of(STEPS[step]))[name].label)
        beyond = [(_("Out of its limit"), text) for text in limits.told(entry)]
        return [(label, f"{old or '–'} → {new or '–'}"), (_("Reason"), payload["reason"]), *beyond]
    given = payload["fields"] if entry["type"] == REFUSED else payload
    command = STEPS[entry["step"]]
    beyond = [] if entry["type"] == REFUSED else [(_("Out of its limit"), text) for text in limits.told(entry)]
    there = {name: field for name, field in fields_of(command) if name in given and name != command.SPEC.key}
    told = [(_(field.label), values.said(entry["step"], name, given, showing)) for name, field in there.items()]
    return [*((label, value) for label, value in told if value), *beyond]


def _proof(entry: dict[str, Any], plane: Plane, place: int, showing: Showing) -> list[tuple[str, str]]:
    """Say where the entry stands, when it was done and by which device, and how it was signed."""
    where = _("sealed log, entry %(number)s") if plane is Plane.SEALED else _("open log, entry %(number)s")
    scan = ", ".join(entry["scan"].values())
    told = [
        (_("Record"), f"{where % {'number': place}}, {entry['event']}"),
        (_("Done at"), _time(entry, "occurred_at", showing)),
        (_("Received at"), _time(entry, "received_at", showing)),
        (_("Device"), " ".join(filter(None, (entry["device"], scan)))),
    ]
    for signature in entry["signatures"]:
        meaning, at = signature["meaning"], _time(signature, "signed_at", showing)
        quoted = _("“%(meaning)s.”", meaning=_(meaning))
        told.append((_("Signed"), f"{signature['name']}, {words.role(signature['role'])}: {quoted} {at}"))
    return [(label, value) for label, value in told if value]
