"""One step, one screen: what it needs, one big confirm, one request to the door.

The form is built from the step's own fields, so page, API and command line ask for the same. The event's id is made
when the page is: pressing twice, or sending again after the Wi-Fi came back, is the same step.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from custody import codes, intake
from custody.chain.correction import Correction
from custody.chain.downtime import FIELDS, OF_THE_HOUR, has_twin
from custody.chain.refusals import Reason
from custody.chain.step import STEPS, Command, Spec, fields_of
from custody.chain.thaw import Count
from custody.chain.things import Deviation, Plane
from custody.chain.unsealing import Unseal
from custody.export import arms
from custody.intake import Intake
from custody.record.request import Answer, EventReused, OutcomeUnknown
from custody.web import (
    limits,
    panels,
    reasons,
    turned_down,
    unblinding,
    values,
)
from custody.web.form import CORRECTIONS, Page
from custody.web.languages import zone
from custody.web.look_ahead import SCANNED_AGAIN
from custody.web.observations import due
from custody.web.offers import PAGES
from custody.web.seen import read_or_404, showing_here, visible
from custody.web.signatures import badge
from custody.web.submission import agreed, build
from custody.web.who import door, open_store, person, watched

bp = Blueprint("step", __name__)
LINKED: Final = frozenset({"test", "event", "field", "about", "due_min", "sheet"})
"""Fields that a link may fill in."""
ASKED_OF_NOBODY: Final = frozenset({"test", "event", "field"})
"""Fields that only a link fills in: the others mean what they mean under these, and a refusal changes none."""
CLOSED: Final = frozenset({"closed"})
"""States of a deviation, or an account, from which nothing leads on."""
IN_HAND: Final = frozenset({"pack", "unpack", "hand_over", "hand_over_bag"})
"""Steps that only who holds the thing does, and whose page nobody else need fill in to learn that."""
ELSEWHERE: Final = frozenset(
    {"print_code_sheets", "show_randomisation", "print_labels", "print_labels_sealed", "read", "read_sealed"}
)
"""Steps without a form here: the record is of what a command of the terminal writes or shows, a print, or a scan."""


@bp.get("/s/<path:code>/do/<name>")
def ask(code: str, name: str) -> str | Response:
    """Show the step for a thing; the thing itself, where its state is past the step, or others hold it."""
    command = _step(name)
    scanned = read_or_404(code)
    if _is_past(command.SPEC, scanned.code):
        return redirect(url_for("thing.show", code=scanned.code))
    known = _known(command.SPEC, scanned.code) | _linked(command)
    if not _is_theirs(command, scanned.code) or not ASKED_OF_NOBODY & dict(fields_of(command)).keys() <= known.keys():
        return redirect(url_for("thing.show", code=scanned.code))
    values = _suggested(name, scanned.code) | known | _kept(name)
    return Page(command, scanned.code, values, event=str(uuid4()), known=frozenset(known)).show()


def _kept(name: str) -> dict[str, Any]:
    """Give what the form of a handoff knew when it turned into a refusal."""
    return {kept: request.args[kept] for kept in turned_down.KEPT & request.args.keys() if name in turned_down.REFUSALS}


def _is_past(spec: Spec, code: str) -> bool:
    """Say whether a thing is there and has ended otherwise than this step could go on from."""
    return any(spec.thing == thing.KIND and thing.status in CLOSED - spec.moves.keys() for thing in visible(code))


def _is_theirs(command: type[Command], code: str) -> bool:
    """Say whether they have it in their hands where the step is for who has: else its page says who that is."""
    if command.SPEC.name not in IN_HAND:
        return True
    here = [thing for thing in visible(code) if command.SPEC.thing == thing.KIND]
    return all(command.offered(thing, person()) for thing in here)


@bp.get("/do/<name>")
def ask_first(name: str) -> str | Response:
    """Show a step that begins with no code, as raising a deviation does."""
    command = _step(name)
    known = _linked(command)
    if name in CORRECTIONS:
        event = str(known.get("event", ""))
        if _own_plane(event) is Plane.SEALED and name == "correct":
            return redirect(url_for("step.ask_first", name="correct_sealed", **known))
        fields = list(values.correctable_fields(event, showing_here()))
        if known.get("field") not in dict(fields):
            panel = panels.of(name, event)
            return render_template("step/which.html", spec=command.SPEC, event=event, fields=fields, panel=panel)
    return Page(command, "", known, event=str(uuid4()), known=frozenset(known)).show()


def _own_plane(event: str) -> Plane:
    """Give the plane of an event that this person recorded, open where it is in both: nobody else corrects it."""
    found = values.entry_of(event)
    if found is None or found[0]["actor"]["person"] != person().code:
        abort(404)
    return found[1]


@bp.post("/s/<path:code>/do/<name>")
def do(code: str, name: str) -> Response | tuple[str, int]:
    """Ask the door for the step, which refuses a role that may not: show what came of it."""
    return _do(_asked(name), read_or_404(code).code)


@bp.post("/do/<name>")
def do_first(name: str) -> Response | tuple[str, int]:
    """Ask the door for a step that begins with no code."""
    return _do(_asked(name), "")


def _asked(name: str) -> type[Command]:
    """Give a step that has its form here: one with a page of its own, or of a command, is done there and nowhere else.

    Who may do it, the door says.
    """
    return abort(404) if name not in STEPS or name in ELSEWHERE or name in PAGES else STEPS[name]


def _do(command: type[Command], code: str) -> Response | tuple[str, int]:
    read = intake.read(command, request.form, zone(), _wall_clocks(command))
    if _told(read) and request.form.get("beyond") != agreed(read):
        return _again(command, code, read, [])
    if _unread(command, code or read.given.get(command.SPEC.key, "")):
        since = _("Not recorded yet: something was recorded since this page was opened. Read it; then confirm again.")
        return _again(command, code, read, [since])
    late = intake.downtime_of(request.form, zone()) if has_twin(command.SPEC) else None
    read = read if late is None else replace(read, errors={**read.errors, **late.errors})
    asked = build(command, read, late)
    try:
        answer = door().submit(asked)
    except EventReused:
        return _again(
            command, code, read, [_("This form was sent before with other content: check what is on record.")]
        )
    except OutcomeUnknown:
        unsure = [_("Not sure that it is on record: send it again.")]
        return _filled(command, code, read, unsure, {}, asked.event).show(), 503
    if answer.done:
        if answer.told and asked.signatures:
            unblinding.begin(answer.event)
        return _done(command, code, answer)
    untimed = OF_THE_HOUR if late and not _is_over(late.done_at) else frozenset()
    others = [item for item in answer.refusals if item not in read.errors.values() and item.reason not in untimed]
    if turned_down.on_givers_page(command.SPEC, code):
        others = [item for item in others if item.reason is not Reason.HOLDS_IT] or others
    signable = command.BEYOND | (command.BEYOND_ON_PAPER if late else frozenset())
    shown = [reasons.say(item, door().protocol) for item in others if item.reason not in signable]
    if command.SPEC.urgent and any(item.reason in {Reason.LAST_TRY, Reason.TRIES} for item in answer.refusals):
        shown.append(unblinding.without_waiting(code))
    if late and any(item.reason is Reason.STATE for item in others):
        shown.append(_("Sheets are entered in the order in which their steps were done."))
    told = limits.Told(tuple(reasons.say(item, door().protocol) for item in others if item.reason in signable))
    link = turned_down.link(command.SPEC, code, read.given, badge(request.form.get("second_badge", "")), others)
    page = _filled(command, code, read, shown, _errors(read), str(uuid4()))
    return replace(page, told=told or page.told, turned_down=link).show(), 422


def _unread(command: type[Command], code: str) -> bool:
    """Say whether a form comes from before its warning, for something that is still to be done.

    What was done already, and comes late from paper or a device without a connection, goes on record as it was; what
    is decided at the bench is decided when it is sent.
    """
    form, spec = request.form, command.SPEC
    done_before = form.get("done_at") or (form.get("held_up") and spec.plane is Plane.OPEN)
    if done_before or person().role not in spec.by:
        return False
    told = panels.digest(panels.warnings(spec.name, code))
    return told not in {"", form.get("warned")} and values.entry_of(form.get("event", "")) is None


def _is_over(done_at: datetime | None) -> bool:
    """Say whether a form has a time that can be: only of such a one the rules are asked as of then."""
    return done_at is not None and done_at <= door().world.clock.now()


def _errors(read: Intake) -> dict[str, str]:
    """Say what is wrong with each field: it stands beside it."""
    return {name: reasons.say(item, door().protocol) for name, item in read.errors.items()}


def _again(command: type[Command], code: str, read: Intake, refusals: list[str]) -> tuple[str, int]:
    """Show the form again with all that was given, under a new event id: one that was refused is on record."""
    return _filled(command, code, read, refusals, {}, str(uuid4())).show(), 422


def _filled(
    command: type[Command], code: str, read: Intake, refusals: list[str], errors: dict[str, str], event: str
) -> Page:
    """Give the form with all that was given; what was known before it was sent still is."""
    given = {name for name in ASKED_OF_NOBODY & read.given.keys() if read.given[name]}
    known = frozenset(_known(command.SPEC, code)) | given
    return Page(command, code, _entered(command, read), errors, refusals, event, known, _told(read), agreed(read))


def _told(read: Intake) -> limits.Told:
    """Say what a correction, or a count, would bring out of its limits or to an end; nothing of any other step."""
    command = read.command
    if isinstance(command, Correction):
        return limits.before(command)
    if isinstance(command, Count) and person().role in command.SPEC.by:
        return limits.of_count(command)
    return limits.Told()


def _wall_clocks(command: type[Command]) -> frozenset[str]:
    """Name the text that is a time of the site's clock: the right value of a time."""
    if not issubclass(command, Correction):
        return frozenset()
    field = values.corrected(request.form.get("record", ""), request.form.get("field", ""))
    return frozenset({"value"} if field and field.kind == "datetime" else ())


def _done(command: type[Command], code: str, answer: Answer) -> Response:
    """Show the thing as it is, or the arms; the front page where whoever signed beside would see its sealed half."""
    spec = command.SPEC
    if answer.told:
        return redirect(url_for("unblinding.told", code=answer.told["participant"], event=answer.event), code=303)
    if command is Unseal and _all_open():
        return redirect(url_for("arms.show", did=spec.name), code=303)
    target = code or next((thing for thing in answer.things if codes.group(thing) != thing), "")
    told = spec.name in CORRECTIONS or spec.beyond
    did: dict[str, Any] = {"did": spec.name} | ({"event": answer.event} if told else {})
    called = values.named(request.form.get("record", ""), showing_here()) if spec.name in CORRECTIONS else None
    if called and called.code:
        return redirect(url_for("history.history", code=called.code, **did), code=303)
    if not target or (watched(spec) and any(thing.PLANE is Plane.SEALED for thing in visible(target))):
        return redirect(url_for("scan.home", **did), code=303)
    return redirect(url_for("thing.show", code=target, **did), code=303)


def _all_open() -> bool:
    """Say whether the step that was just done opened the last codes: this page's own connection is of before it."""
    with door().database.reading(Plane.OPEN) as now:
        return arms.are_open(open_store(), now)


def _step(name: str) -> type[Command]:
    """Give a step that this person's role may do; others do not exist for them."""
    command = _asked(name)
    if person().role not in command.SPEC.by:
        abort(404)
    return command


def _entered(command: type[Command], read: Intake) -> dict[str, Any]:
    """Give what was entered as the form shows it again: nothing is lost but passwords."""
    values: dict[str, Any] = dict(read.given)
    for name, kind in fields_of(command):
        if kind.kind == "answers":
            values[name] = dict(word.split("=", 1) for word in read.given[name].split())
        elif kind.kind == "datetime" or (issubclass(command, Correction) and name == "value"):
            values[name] = request.form.get(name, "")
    for name in ("second_badge", *FIELDS):
        values[name] = request.form.get(name, "")
    return values


def _linked(command: type[Command]) -> dict[str, Any]:
    """Give the fields that the link to the page filled in: which test, which record, what it is about."""
    return {name: request.args[name] for name, _ in fields_of(command) if name in LINKED and request.args.get(name)}


def _suggested(name: str, code: str) -> dict[str, Any]:
    """Give what stands in the form until somebody changes it.

    Of the observations the one that waits longest; of a deviation what its raiser knew of cause and action.
    """
    things = visible(code)
    if name == "observe":
        waiting = [one for thing in things for one in due(thing)]
        return {"due_min": str(waiting[0])} if waiting else {}
    raised = next((thing for thing in things if isinstance(thing, Deviation)), None)
    return {"cause": raised.cause, "action": raised.action} if raised else {}


def _known(spec: Spec, code: str) -> dict[str, Any]:
    """Give the fields that the thing itself tells."""
    known: dict[str, Any] = {spec.key: code} if spec.key and spec.name not in SCANNED_AGAIN else {}
    for thing in visible(code):
        bag = getattr(thing, "treatment_bag", "")
        if bag and spec.key != "treatment_bag":
            known["treatment_bag"] = bag
    return known
