"""A code's history: every entry that speaks of it, with all that it holds, and what came before and after it.

A correction stands as an entry of its own, with the old value and the new; the entry that it corrects says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, abort, render_template
from flask_babel import gettext as _

from custody import codes, trace
from custody.chain.correction import correctable, reading
from custody.chain.step import STEPS, fields_of
from custody.chain.things import AlbuminVial, Lot, Person, Plane
from custody.record.entries import REFUSED, past_of, refusals_of
from custody.web import belonging, limits, reasons, records, values, words
from custody.web.belonging import Found
from custody.web.last_check import lapsed
from custody.web.offers import outdated
from custody.web.seen import look_up, name_of, number_of, read_or_404, showing_here, sight, visible
from custody.web.showing import Showing
from custody.web.who import door, person

bp = Blueprint("history", __name__)

WRITTEN_AS_THEY_ARE: Final = frozenset({Lot.KIND, AlbuminVial.KIND})
"""Kinds with a page whose codes are not ours to group; what has no page (the trial, a list) is no link."""


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
    others: tuple[tuple[str, str], ...]
    """Kind and code of the other things that the step was about."""
    recorded: tuple[tuple[str, str], ...]
    """What the step put on record: each field's name and its value in words."""
    proof: tuple[tuple[str, str], ...]
    """Where it stands in the log, its times, how it was signed."""
    corrected: str
    """When it was corrected, where it was."""
    taken_over: bool
    """Whether custody was taken over from somebody who was away."""
    after_opening: bool
    """Whether it corrects when the codes were open already."""
    mine: bool
    """Whether this person recorded it, and something of it may be corrected."""


@bp.get("/s/<path:code>/history")
def history(code: str) -> str:
    """Show a code's timeline, what it came from and what became of it."""
    scanned = read_or_404(code)
    things = visible(scanned.code)
    if not things:
        abort(404)
    origins, outcomes = trace.origins(sight(), scanned.code), trace.outcomes(sight(), scanned.code)
    shown = (scanned.code, *(link.code for link in (*origins, *outcomes)))
    return render_template(
        "thing/history.html",
        code=scanned.code,
        main=things[0],
        named=things[0].name if isinstance(things[0], Person) else number_of(scanned.code),
        expired={code for code in shown if any(map(outdated, look_up(code)))},
        lapsed={code for code in shown if any(map(lapsed, look_up(code)))},
        lines=timeline(scanned.code),
        origins=origins,
        outcomes=outcomes,
        sites={site.code: site.name for site in door().protocol.sites},
        records=records.of(things[0]),
        most=records.MOST,
    )


def timeline(code: str) -> list[Line]:
    """Give every entry that speaks of a code, in the planes that this person may see, oldest first.

    And what was done elsewhere for it alone: of a participant the infusion of their bags, of a bag the bench's steps
    with its cryobags.
    """
    things = visible(code)
    names = {code, *(thing.code for thing in things)}
    found = sorted(belonging.entries(code, things), key=lambda one: one[0]["recorded_at"])
    corrections = {entry["payload"]["event"]: entry for entry, *_where in found if "corrects" in entry["payload"]}
    showing = showing_here()
    return [_line(one, names, corrections.get(one[0]["event"]), showing) for one in found]


def _line(found: Found, names: set[str], correction: dict[str, Any] | None, showing: Showing) -> Line:
    entry, plane, place = found
    refused = entry["type"] == REFUSED
    now = None if refused else reading(past_of(entry, plane, corrected=False))
    steps = dict.fromkeys((entry["step"], now.step if now else entry["step"]))
    titles = [STEPS[name].SPEC.title for name in steps]
    recorded = _recorded(entry, showing)
    own = entry["actor"]["person"] == person().code and correction is None and now is not None
    return Line(
        at=_time(entry, "recorded_at", showing),
        title=" – ".join(_(title) for title in titles),
        refused=refused or trace.is_refused_reading(entry),
        reasons=tuple(reasons.say(item, door().protocol) for item in refusals_of(entry)),
        who=entry["actor"]["name"],
        second=name_of(entry["second"]) if entry["second"] else "",
        sealed=plane is Plane.SEALED,
        event=entry["event"],
        recorded=(*_on_paper(entry, showing), *recorded),
        others=tuple(_others(entry, names, " ".join(value for _label, value in recorded))),
        proof=tuple(_proof(entry, plane, place, showing)),
        taken_over="held_by" in entry["payload"],
        after_opening="codes_open" in entry["payload"],
        corrected=_time(correction, "recorded_at", showing) if correction else "",
        mine=own and now is not None and not now.values.keys().isdisjoint(correctable(now.step)),
    )


def _others(entry: dict[str, Any], names: set[str], told: str) -> Iterator[tuple[str, str]]:
    """Yield kind and code of each other thing that an entry speaks of, and that its values do not tell."""
    for code in dict.fromkeys(map(trace.whole, (*entry["things"], *entry["about"]))):
        for thing in look_up(code)[:1] if code not in names and codes.group(code) not in told else ():
            if codes.group(code) != code or thing.KIND in WRITTEN_AS_THEY_ARE:
                yield thing.KIND, code


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
    held_by = payload.get("held_by")
    taken = [(_("Taken over from"), name_of(held_by))] if held_by else []
    return [*taken, *((label, value) for label, value in told if value), *beyond]


def _on_paper(entry: dict[str, Any], showing: Showing) -> Iterator[tuple[str, str]]:
    """Yield when it was done, and on which sheet, of what was entered afterwards."""
    if entry["scan"].get("source") == "paper":
        yield _("Done on paper"), _time(entry, "occurred_at", showing)
    if form := entry["scan"].get("form", ""):
        yield _("Downtime form"), codes.group(form)


def _proof(entry: dict[str, Any], plane: Plane, place: int, showing: Showing) -> list[tuple[str, str]]:
    """Say where the entry stands, when it was done and by which device, and how it was signed."""
    where = _("sealed log, entry %(number)s") if plane is Plane.SEALED else _("open log, entry %(number)s")
    scan = ", ".join(value for name, value in entry["scan"].items() if name != "form")
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
