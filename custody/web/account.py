"""A person's password: chosen by themselves, or given by the administrator. That it happened is on record.

The record comes first: a password is never another one without a record that says who changed it.
"""

from __future__ import annotations

from uuid import uuid4

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from custody import intake
from custody.chain.administration import GivePassword
from custody.chain.roles import sees_arm
from custody.chain.things import Person
from custody.people import passwords
from custody.people.signature import fits
from custody.people.tries import Wait
from custody.record.request import EventReused, Request
from custody.store import accounts
from custody.web import device, reasons, words
from custody.web.seen import read_or_404
from custody.web.signatures import badge, signatures
from custody.web.who import connection, door, open_store, person

bp = Blueprint("account", __name__)


@bp.route("/s/<code>/password", methods=["GET", "POST"])
def password(code: str) -> str | Response | tuple[str, int]:
    """Ask for the new password, and for one's own to prove who asks."""
    kept = open_store().thing(connection(), read_or_404(code).code)
    if not kept or not isinstance(kept.thing, Person) or not GivePassword.offered(kept.thing, person()):
        abort(404)
    if request.method == "GET":
        return _page(kept.thing, "", str(uuid4()))
    wrong = _wrong(request.form.get("new", ""), request.form.get("again", ""))
    return _refused(kept.thing, wrong) if wrong else _give(kept.thing, request.form["new"])


def _wrong(new: str, again: str) -> str:
    """Say what is wrong with what was entered; nothing when all is well."""
    if not passwords.SHORTEST <= len(new) <= passwords.LONGEST:
        bounds = {"least": passwords.SHORTEST, "most": passwords.LONGEST}
        return _("A password has %(least)s to %(most)s characters.", **bounds)
    if new != again:
        return _("The two are not the same.")
    given = request.form.get("password", "")
    return _unproved(person(), given, _("This is not your present password."))


def _unproved(whose: Person, given: str, wrong: str) -> str:
    """Say what speaks against a password: `wrong`, or that too many were; nothing when it is theirs."""
    found = device.tried(whose.code, lambda: fits(door().database, whose, given) or None)
    if isinstance(found, Wait):
        return _("Too many wrong passwords on this device: wait %(minutes)s min.", minutes=found.minutes)
    return "" if found else wrong


def _give(whose: Person, new: str) -> Response | tuple[str, int]:
    asked = _asked(whose)
    secret = passwords.keep(new)
    other = _("This form was sent before with other content: check what is on record.")
    try:
        answer = door().submit(asked)
    except EventReused:
        return _refused(whose, other)
    if not answer.done:
        return _refused(whose, " ".join(reasons.say(item, door().protocol) for item in answer.refusals))
    if not answer.again:
        _keep(whose, secret)
    elif unlike := _unproved(whose, new, other):  # one record, one password: this one would be a second
        return _refused(whose, unlike)
    return redirect(url_for("thing.show", code=whose.code, did="give_password"), code=303)


def _asked(whose: Person) -> Request:
    """Build the request to the door; signed, where what it opens tells the arm to somebody else."""
    now = door().world.clock.now()
    try:
        sent = intake.envelope_of(request.form)
    except ValidationError:
        abort(400)
    second = badge(sent["second_badge"]) if _opens_the_arm(whose) else ""
    signed, faults = signatures(GivePassword.SPEC, sent, second, now) if _opens_the_arm(whose) else ((), [])
    return Request(
        event=str(sent["event"]),
        step="give_password",
        actor=person().code,
        command=GivePassword(person=whose.code),
        occurred_at=now,
        received_at=now,
        second=second,
        signatures=signed,
        faults=tuple(faults),
    )


def _opens_the_arm(whose: Person) -> bool:
    """Say whether the password is of somebody else who sees the arm."""
    return sees_arm(whose.role) and whose.code != person().code


def _keep(whose: Person, secret: str) -> None:
    with door().database.writing() as writer:
        accounts.keep(writer, whose.code, whose.login, secret)
    if whose.code == person().code:
        session["epoch"] = session.get("epoch", 0) + 1


def _page(whose: Person, wrong: str, event: str) -> str:
    spec = GivePassword.SPEC if _opens_the_arm(whose) else None
    roles = ", ".join(sorted(map(words.role, spec.second))) if spec else ""
    return render_template(
        "account/password.html",
        whose=whose,
        wrong=wrong,
        event=event,
        spec=spec,
        roles=roles,
        values=request.form,
    )


def _refused(whose: Person, wrong: str) -> tuple[str, int]:
    return _page(whose, wrong, str(uuid4())), 422
