"""The answer to an emergency code break (step 21): for whoever broke the code, and for nobody else.

No connection of a blinded person can read a sealed table, so the answer comes from the door, by the event's id and the
person who asks; everybody else gets what an unknown address gets. The arm stands in the page alone: in no address, in
no log, in no cache.

It is shown once: to the sign-in that broke the code, at once, without another tap; and for five minutes at most. A page
that is loaded again, reached by Back, or opened on another device asks for the password first.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from custody import codes
from custody.chain.things import CodeBreak, Participant, Thing, code_break_code
from custody.chain.unblinding import INVESTIGATORS
from custody.people.signature import fits
from custody.people.telling import LASTS, Tellings
from custody.people.tries import Wait
from custody.record.request import Answer
from custody.web import device
from custody.web.seen import number_of, read_or_404, showing_here
from custody.web.who import connection, door, open_store, person

bp = Blueprint("unblinding", __name__)


def begin(event: str) -> None:
    """Let this sign-in be shown the answer, once: whoever is signed in has just given their password."""
    _tellings().begin(event, session["sign_in"], door().world.clock.now())


@bp.get("/s/<code>/told/<event>")
def told(code: str, event: str) -> Response | str:
    """Show the arm, large, to who has just broken the code; later ask them for their password first."""
    participant, answer = _told(code, event)
    if not _tellings().take(event, session["sign_in"], door().world.clock.now()):
        return _ask(participant, "")
    return _shown(participant, answer)


@bp.post("/s/<code>/told/<event>")
def tell_again(code: str, event: str) -> AnyResponse | tuple[str, int]:
    """Show it once more, to the right password: a wrong one counts as any other does."""
    participant, _answer = _told(code, event)
    whose = person()
    found = device.tried(whose.code, lambda: fits(door().database, whose, request.form.get("password", "")) or None)
    if isinstance(found, Wait):
        wrong = _("Too many wrong passwords on this device: wait %(minutes)s min.", minutes=found.minutes)
        return _ask(participant, f"{wrong} {without_waiting(participant)}"), 429
    if found is None:
        return _ask(participant, _("This is not your present password.")), 422
    begin(event)
    return redirect(request.path, code=303)


def _told(code: str, event: str) -> tuple[str, Answer]:
    """Give whose code was broken and what was told; an unknown address for anybody else's."""
    participant = read_or_404(code).code
    answer = door().told(event, person().code)
    if answer is None or answer.told["participant"] != participant:
        abort(404)
    return participant, answer


def way_back(thing: Thing) -> str:
    """Give the address of the answer to the last code break of whoever asks, of a participant; nothing to all others.

    It leads to who broke the code, and asks them for their password: the page with the link tells no arm.
    """
    if not isinstance(thing, Participant) or person().role not in INVESTIGATORS:
        return ""
    events = door().tellings(code_break_code(thing.code), person().code)
    return url_for("unblinding.told", code=thing.code, event=events[-1]) if events else ""


def _shown(participant: str, answer: Answer) -> Response:
    protocol = door().protocol
    page = render_template(
        "unblinding/told.html",
        code=participant,
        number=number_of(participant),
        arm=protocol.arm(answer.told["arm"]),
        at=showing_here().time(datetime.fromisoformat(answer.told["at"])),
        other_sheet=answer.told["other_sheet"],
        phone=protocol.contact.emergency_phone,
        lasts_s=int(LASTS.total_seconds()),
    )
    response = make_response(page)
    response.headers["X-Shown"] = "once"
    return response


def _ask(participant: str, wrong: str) -> str:
    return render_template("unblinding/ask.html", code=participant, number=number_of(participant), wrong=wrong)


def _tellings() -> Tellings:
    return cast("Tellings", current_app.extensions["tellings"])


def without_waiting(participant: str) -> str:
    """Say what else there is in an emergency, while a device has to wait."""
    return _(
        "Without waiting: another device, the telephone (%(phone)s), or the participant’s sealed sheet (%(sheet)s).",
        **_elsewhere(participant),
    )


def without_answer(participant: str) -> str:
    """Say the same to whoever has the form open, and no connection."""
    return _(
        "No answer? Another device, the telephone (%(phone)s), or the participant’s sealed sheet (%(sheet)s).",
        **_elsewhere(participant),
    )


def _elsewhere(participant: str) -> dict[str, str]:
    """Give the telephone number for unblinding, and the code of a participant's sealed sheet."""
    kept = open_store().thing(connection(), participant)
    sheet = codes.group(kept.thing.code_sheet) if kept and isinstance(kept.thing, Participant) else ""
    return {"phone": door().protocol.contact.emergency_phone, "sheet": sheet or "–"}


def said(broken: CodeBreak, first: int = 0) -> list[str]:
    """Say of each code break, from the `first` on, who, when and why; never the arm."""
    showing = showing_here()
    return [showing.broken(one) for one in broken.breaks[first:]]
