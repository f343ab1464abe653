"""A sign-in that nobody used for some minutes is locked: the password of its person opens it again, where it stands.

- Use is what a hand does: a page gone to, a form sent, a scan, and what an open page says of its keys and touches, at
  most once a minute. What a page does by itself is none: lists that refresh, the question whether something changed.
- Locked, nothing is shown or recorded; the page that stands open stays, with all that was typed. The lock follows from
  one's own use alone: it tells nothing of the bench.
- When it was used last stands in a signed cookie, bound to its sign-in. Without that cookie it is locked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, cast

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request, session
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as AnyResponse

from custody.config import NEVER, Config
from custody.people.signature import fits
from custody.people.tries import Wait
from custody.record.door import Door
from custody.web import device

bp = Blueprint("idle", __name__)
COOKIE: Final = "custody_used"
TOLD_EVERY: Final = timedelta(minutes=1)
"""The cookie is written no oftener, and open pages say no oftener that they are used."""
BEHIND: Final = frozenset({"idle.left", "idle.unlock", "session.sign_out"})
"""Routes that a locked sign-in is answered."""


@bp.get("/lock")
def left() -> Response:
    """Say in how many seconds it locks, to an open page: to ask is no use."""
    return jsonify(left_s=0 if g.behind else int(_left().total_seconds()))


@bp.post("/used")
def used() -> Response:
    """Take notice that a page is used, as of any form that is sent."""
    return Response(status=204)


@bp.post("/unlock")
def unlock() -> tuple[Response, int] | Response:
    """Open it again by the password of whoever is signed in: wrong ones count as any other."""
    whose = g.behind
    if whose is None:
        return jsonify(ok=True)
    found = device.tried(whose.code, lambda: fits(_door().database, whose, request.form.get("password", "")) or None)
    if isinstance(found, Wait):
        wrong = _("Too many wrong passwords on this device: wait %(minutes)s min.", minutes=found.minutes)
        return jsonify(ok=False, text=wrong), 429
    if found is None:
        return jsonify(ok=False, text=_("This is not your present password.")), 422
    answer = jsonify(ok=True)
    begin(answer)
    return answer


def is_locked() -> bool:
    """Say whether nobody used this sign-in for so long."""
    return after() < NEVER and _left() <= timedelta()


def begin(response: AnyResponse) -> None:
    """Count from now on."""
    used_at = int(_now().timestamp())
    response.set_cookie(
        COOKIE,
        _signer().dumps([session["sign_in"], used_at]),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def after() -> timedelta:
    """Give how long a sign-in may stay unused."""
    return cast("Config", current_app.extensions["config"]).lock_after


def after_minutes() -> str:
    """Give it in minutes, as people read it; nothing where no sign-in is locked."""
    return f"{after().total_seconds() / 60:g}" if after() < NEVER else ""


def told_every() -> timedelta:
    """Give how often its use is told at most: a lock of less than some minutes needs it oftener."""
    return min(TOLD_EVERY, after() / 4)


def note(response: Response) -> Response:
    """Keep when it was used last, where this request is a use of it."""
    if g.get("person") and after() < NEVER and _is_use() and after() - _left() >= told_every():
        begin(response)
    return response


def _is_use() -> bool:
    """Say whether a hand did this: it sent a form, or went to a page.

    A browser that says so tells which pages it went to by itself: one that shows itself anew once something changed.
    """
    if "HX-Request" in request.headers or request.endpoint in BEHIND:
        return False
    if request.method != "GET":
        return True
    if "Sec-Fetch-Mode" in request.headers:
        return request.headers.get("Sec-Fetch-User") == "?1"
    return "text/html" in request.headers.get("Accept", "text/html")


def _left() -> timedelta:
    return after() - (_now() - _used_at()) if after() < NEVER else NEVER


def _used_at() -> datetime:
    """Give when this sign-in was used last; the beginning of time where nobody can say."""
    try:
        kept: Any = _signer().loads(request.cookies.get(COOKIE, ""))
        sign_in, at = kept
    except (BadSignature, TypeError, ValueError):
        sign_in, at = "", 0
    return datetime.fromtimestamp(at if sign_in == session["sign_in"] else 0, tz=_now().tzinfo)


def _now() -> datetime:
    return _door().world.clock.now()


def _door() -> Door:
    return cast("Door", current_app.extensions["door"])


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=COOKIE)


def start(app: Flask) -> None:
    """Notice each use."""
    app.after_request(note)
