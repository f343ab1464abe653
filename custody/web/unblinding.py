"""The answer to an emergency code break (step 21): for whoever broke the code, and for nobody else.

No connection of a blinded person can read a sealed table, so the answer comes from the door, by the event's id and the
person who asks; everybody else gets what an unknown address gets. The arm stands in the page alone: in no address, in
no log, in no cache.
"""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, abort, render_template
from flask_babel import gettext as _

from custody import codes
from custody.chain.things import CodeBreak, Participant
from custody.web.seen import number_of, read_or_404, showing_here
from custody.web.who import connection, door, open_store, person

bp = Blueprint("unblinding", __name__)


@bp.get("/s/<code>/told/<event>")
def told(code: str, event: str) -> str:
    """Show the arm, large, to who broke the code; again when the page is loaded again."""
    participant = read_or_404(code).code
    answer = door().told(event, person().code)
    if answer is None or answer.told["participant"] != participant:
        abort(404)
    protocol = door().protocol
    return render_template(
        "unblinding/told.html",
        code=participant,
        number=number_of(participant),
        arm=protocol.arm(answer.told["arm"]),
        at=showing_here().time(datetime.fromisoformat(answer.told["at"])),
        other_sheet=answer.told["other_sheet"],
        phone=protocol.contact.emergency_phone,
    )


def without_waiting(participant: str) -> str:
    """Say what else there is in an emergency, while a device has to wait."""
    kept = open_store().thing(connection(), participant)
    sheet = codes.group(kept.thing.code_sheet) if kept and isinstance(kept.thing, Participant) else ""
    phone = door().protocol.contact.emergency_phone
    return _(
        "Without waiting: another device, the telephone (%(phone)s), or the participant’s sealed sheet (%(sheet)s).",
        phone=phone,
        sheet=sheet or "–",
    )


def said(broken: CodeBreak, first: int = 0) -> list[str]:
    """Say of each code break, from the `first` on, who, when and why; never the arm."""
    showing = showing_here()
    return [showing.broken(one) for one in broken.breaks[first:]]
