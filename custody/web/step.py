"""One step, one screen: what it needs, one big confirm, one request to the door.

The form is built from the step's own fields, so page, API and command line ask for the same. The event's id is made
when the page is: pressing twice, or sending again after the Wi-Fi came back, is the same step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import uuid4

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from custody import codes, intake
from custody.chain.correction import Correction
from custody.chain.downtime import FIELDS, OF_THE_HOUR, has_twin
from custody.chain.fields import Field
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import sees_arm
from custody.chain.scene import Signature
from custody.chain.step import N_, STEPS, Command, Spec, fields_of
from custody.chain.things import Deviation, Person, Plane, Thing
from custody.chain.unsealing import Unseal
from custody.export import arms
from custody.intake import Intake
from custody.people.signature import sign
from custody.people.tries import LONGEST_WAIT_MIN, Wait
from custody.record.request import Answer, EventReused, OutcomeUnknown, Request
from custody.web import (
    device,
    elsewhere,
    limits,
    offers,
    panels,
    reasons,
    turned_down,
    unblinding,
    values,
    words,
)
from custody.web.languages import zone
from custody.web.look_ahead import SCANNED_AGAIN
from custody.web.observations import due
from custody.web.offers import PAGES
from custody.web.seen import number_of, read_or_404, showing_here, visible
from custody.web.who import connection, door, open_store, person, watched

bp = Blueprint("step", __name__)
SENT_WITHIN: Final = timedelta(minutes=2)
"""What was confirmed is with the server by then, or was held up."""
LINKED: Final = frozenset({"test", "event", "field", "about", "due_min", "sheet"})
"""Fields that a link may fill in."""
ASKED_OF_NOBODY: Final = frozenset({"test", "event", "field"})
"""Fields that only a link fills in: the others mean what they mean under these, and a refusal changes none."""
NUMBERS: Final = frozenset({"event", "seal", "logger"})
"""Texts that are no free words."""
WARD_READS: Final = N_("The ward reads this: no word on the content.")
CLOSED: Final = frozenset({"closed"})
"""States of a deviation, or an account, from which nothing leads on."""
IN_HAND: Final = frozenset({"pack", "unpack", "hand_over", "hand_over_bag"})
"""Steps that only who holds the thing does, and whose page nobody else need fill in to learn that."""
CORRECTIONS: Final = frozenset({"correct", "correct_sealed"})
ELSEWHERE: Final = frozenset(
    {"print_code_sheets", "show_randomisation", "print_labels", "print_labels_sealed", "read", "read_sealed"}
)
"""Steps without a form here: the record is of what a command of the terminal writes or shows, a print, or a scan."""


SHOWN_BY: Final[dict[str, Callable[[Page], str]]] = {}
"""Steps whose form is another page's, and what renders it there."""


@dataclass(slots=True)
class Page:
    """What a step's page shows: its fields as they were given, and what was wrong with them."""

    command: type[Command]
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    event: str = ""
    known: frozenset[str] = frozenset()
    """Fields that the thing itself tells, and nobody enters."""
    told: limits.Told = limits.Told()
    """What is out of its limits, or what a correction overtakes: told once, then confirmed."""
    agreed: str = ""
    """What the confirmation says to be so: sent with other values, it confirms nothing."""
    turned_down: str = ""
    """Where a handoff that is out of a limit is refused."""

    def show(self) -> str:
        """Render it."""
        spec = self.command.SPEC
        if spec.name in SHOWN_BY and person().role in spec.by:
            return SHOWN_BY[spec.name](self)
        return render_template(
            "step/form.html",
            page=self,
            spec=spec,
            fields=[(name, _choices(spec, name, kind, self.values)) for name, kind in self._fields()],
            sent_as=intake.SENT_AS,
            code=self.code,
            things=_shown(spec, self.code),
            number=number_of(self.code) if self.code else "",
            expired=any(map(offers.outdated, visible(self.code))) if self.code else False,
            known=self.known,
            questions=_questions() if spec.name == "enrol" else (),
            downtime=_on_paper() if has_twin(spec) else {},
            second_roles=", ".join(sorted(words.role(role) for role in spec.second)),
            receiver_roles=", ".join(sorted(words.role(role) for role in spec.by))
            if turned_down.on_givers_page(spec, self.code)
            else "",
            panel=panels.of(spec.name, self.code or str(self.values.get("event", "")))
            if not watched(spec)
            else panels.Panel(),
        )

    def _fields(self) -> Iterator[tuple[str, Field]]:
        """Give the fields that the form asks for: what changed since a refusal, where there was one."""
        refused = any(getattr(thing, "refused", ()) for thing in visible(self.code)) if self.code else False
        for name, kind in fields_of(self.command):
            if name != "changed":
                yield name, kind
            elif refused:
                yield name, replace(kind, required=True)


def _on_paper() -> dict[str, Field]:
    """Give what a downtime form adds. No browser may insist on it: folded away, it would keep back every other step."""
    return {name: replace(kind, required=False, blank=kind.required) for name, kind in FIELDS.items()}


def _shown(spec: Spec, code: str) -> list[Thing]:
    """Give the halves of a thing that a step's page speaks of: where somebody blinded signs, nothing sealed."""
    return [thing for thing in visible(code) if thing.PLANE is Plane.OPEN or not watched(spec)] if code else []


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
    if _told(read) and request.form.get("beyond") != _agreed(read):
        return _again(command, code, read, [])
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
    shown = [reasons.say(item, door().protocol) for item in others if item.reason not in command.BEYOND]
    if command.SPEC.urgent and any(item.reason in {Reason.LAST_TRY, Reason.TRIES} for item in answer.refusals):
        shown.append(unblinding.without_waiting(code))
    if late and any(item.reason is Reason.STATE for item in others):
        shown.append(_("Sheets are entered in the order in which their steps were done."))
    told = limits.Told(tuple(reasons.say(item, door().protocol) for item in others if item.reason in command.BEYOND))
    link = turned_down.link(command.SPEC, code, read.given, badge(request.form.get("second_badge", "")), others)
    page = _filled(command, code, read, shown, _errors(read), str(uuid4()))
    return replace(page, told=told or page.told, turned_down=link).show(), 422


def _is_over(done_at: datetime | None) -> bool:
    """Say whether a form has a time that can be: only of such a one the rules are asked as of then."""
    return done_at is not None and done_at <= door().world.clock.now()


def _errors(read: Intake) -> dict[str, str]:
    """Say what is wrong with each field: it stands beside it."""
    return {name: reasons.say(item, door().protocol) for name, item in read.errors.items()}


def _again(command: type[Command], code: str, read: Intake, refusals: list[str]) -> tuple[str, int]:
    """Show the form again with all that was given, under a new event id: the refused one is on record."""
    return _filled(command, code, read, refusals, {}, str(uuid4())).show(), 422


def _filled(
    command: type[Command], code: str, read: Intake, refusals: list[str], errors: dict[str, str], event: str
) -> Page:
    """Give the form with all that was given; what was known before it was sent still is."""
    given = {name for name in ASKED_OF_NOBODY & read.given.keys() if read.given[name]}
    known = frozenset(_known(command.SPEC, code)) | given
    return Page(command, code, _entered(command, read), errors, refusals, event, known, _told(read), _agreed(read))


def _told(read: Intake) -> limits.Told:
    """Say what a correction would bring out of its limits, and which orders it would overtake; nothing of any other."""
    return limits.before(read.command) if isinstance(read.command, Correction) else limits.Told()


def _wall_clocks(command: type[Command]) -> frozenset[str]:
    """Name the text that is a time of the site's clock: the right value of a time."""
    if not issubclass(command, Correction):
        return frozenset()
    field = values.corrected(request.form.get("record", ""), request.form.get("field", ""))
    return frozenset({"value"} if field and field.kind == "datetime" else ())


def _agreed(read: Intake) -> str:
    """Give what a confirmation of values out of their limits confirms: of a correction the value, else all of them."""
    return read.given.get("value") or sha256(repr(sorted(read.given.items())).encode()).hexdigest()


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


# --- the request ------------------------------------------------------------------------------


def build(command: type[Command], read: Intake, late: intake.Downtime | None = None) -> Request:
    """Build the request to the door from what was sent: fields, people, signatures, times.

    `late` is what a downtime form adds: its time is when the step was done, whatever the device says.
    """
    now = door().world.clock.now()
    try:
        sent = intake.envelope_of(request.form)
    except ValidationError:
        abort(400)
    second = badge(sent["second_badge"])
    beyond = command.SPEC.beyond if request.form.get("beyond") == _agreed(read) else ""
    receiver = turned_down.receiver(command.SPEC, read.given.get(command.SPEC.key, ""), second)
    if receiver:
        sent, second = {**sent, "password": sent["second_password"]}, ""
    signed, faults = signatures(command.SPEC, sent, second, now, beyond, receiver)
    occurred = late.done_at if late else sent["occurred_at"]
    clock = [] if late or command.SPEC.urgent else [*_clock(occurred, now, held_up=bool(sent["held_up"]))]
    return Request(
        event=str(sent["event"]),
        step=command.SPEC.name,
        actor=receiver.code if receiver and signed else person().code,  # nobody acts here without their password
        command=read.command,
        occurred_at=occurred.astimezone(UTC) if occurred else now,
        received_at=now,
        second=second,
        signatures=signed,
        device=sent["device"],
        skew_s=sent["skew_s"],
        scan={name: sent[name] for name in ("source", "symbology") if sent[name]} | _paper(late),
        given=read.given,
        faults=(*read.errors.values(), *faults, *clock, *elsewhere.refused(command, read.given)),
        downtime=late is not None,
    )


def _paper(late: intake.Downtime | None) -> dict[str, str]:
    """Say that it came from paper, and from which sheet."""
    if late is None:
        return {}
    return {"source": "paper"} | ({"form": late.form} if late.form else {})


def _clock(occurred: datetime | None, now: datetime, *, held_up: bool) -> Iterator[Refusal]:
    """Yield a time that is long over, of what was sent as soon as it was confirmed: that device's clock is wrong."""
    if occurred and not held_up and now - occurred > SENT_WITHIN:
        at, here = (showing_here().time(instant) for instant in (occurred, now))
        yield refuse(Reason.CLOCK_BEHIND, at=at, now=here)


def signatures(
    spec: Spec,
    sent: Mapping[str, Any],
    second: str,
    now: datetime,
    beyond: str = "",
    receiver: Person | None = None,
) -> tuple[tuple[Signature, ...], list[Refusal]]:
    """Give the signatures whose passwords fit, and a fault for each that does not.

    Of a second person who may not sign here no password is looked at: the door refuses their role. `receiver`: who
    signs in the place of whoever is signed in.
    """
    own = [meaning for meaning in (spec.signed or spec.may_sign, beyond) if meaning]
    signers = [(receiver or person(), sent["password"], own)]
    kept = open_store().thing(connection(), second) if second else None
    if kept and isinstance(kept.thing, Person) and kept.thing.role in spec.second:
        signers.append((kept.thing, sent["second_password"], [spec.second_meaning]))
    made_by: list[Signature] = []
    faults = []
    for who, password, meanings in signers:
        made = _signed(who, password, meanings[0], now) if password and meanings else None
        if isinstance(made, Signature):
            made_by += [replace(made, meaning=meaning) for meaning in meanings]
        elif made is not None:
            faults.append(made)
    return tuple(made_by), faults


def _signed(who: Person, password: str, meaning: str, now: datetime) -> Signature | Refusal:
    """Give a signature, or why it is none: a wrong password, or too many of them before."""
    made = device.tried(who.code, lambda: sign(door().database, who, password, meaning, now))
    if isinstance(made, Wait):
        return refuse(Reason.TRIES, person=who.name, minutes=made.minutes)
    if made is None and device.last_try(who.code):
        return refuse(Reason.LAST_TRY, person=who.name, minutes=LONGEST_WAIT_MIN)
    return made or refuse(Reason.WRONG_PASSWORD, person=who.name)


def badge(text: str) -> str:
    """Give the code on a badge, as it came when it is none: the door then says that it is unknown."""
    try:
        return codes.read(text).code if text.strip() else ""
    except codes.CodeError:
        return text.strip()[:40]


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


def _choices(spec: Spec, name: str, kind: Field, given: Mapping[str, Any]) -> Field:
    """Give a field as the form shows it: with its choices, where protocol or record have them."""
    field = values.chosen(spec.name, name, kind, given)
    if spec.name in CORRECTIONS and name == "value":
        field = values.corrected(str(given.get("event", "")), str(given.get("field", ""))) or kind
        field = replace(field, label=kind.label)
    choices = field.choices if field is not kind else ()
    if (name, kind.kind) == ("field", "text"):
        choices = tuple(values.correctable_fields(str(given.get("event", "")), showing_here()))
    literal = _literals(choices)
    if literal:
        return replace(field, kind="choice", choices=literal)
    return replace(field, help=WARD_READS) if _read_by_ward(spec, name, field) else field


def _read_by_ward(spec: Spec, name: str, field: Field) -> bool:
    """Say whether it takes words of a person who sees the arm, for all to read."""
    openly = spec.plane is Plane.OPEN and sees_arm(person().role)
    return openly and field.kind == "text" and name not in NUMBERS


def _literals(choices: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Give texts of protocol or record as the pages' gettext takes them, to which each % would be a place to fill."""
    return tuple((code, text.replace("%", "%%")) for code, text in choices)


def _questions() -> list[tuple[str, str]]:
    """Give the criteria of enrolment in the reader's words."""
    protocol = door().protocol
    return [(item.code, words.of(item.text)) for item in (*protocol.inclusion, *protocol.exclusion)]


def _known(spec: Spec, code: str) -> dict[str, Any]:
    """Give the fields that the thing itself tells."""
    known: dict[str, Any] = {spec.key: code} if spec.key and spec.name not in SCANNED_AGAIN else {}
    for thing in visible(code):
        bag = getattr(thing, "treatment_bag", "")
        if bag and spec.key != "treatment_bag":
            known["treatment_bag"] = bag
    return known
