"""Sign-in, sign-out, and the choice of language."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from custody.people.sign_in import counted_as
from custody.people.sign_in import sign_in as signed_in
from custody.people.tries import Tries
from custody.web.languages import LANGUAGES
from custody.web.who import door

bp = Blueprint("session", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> AnyResponse | tuple[str, int] | str:
    """Ask for login and password; a wrong one or the other gets one answer."""
    if request.method == "GET":
        return render_template("session/sign_in.html", wrong="", name="", next=request.args.get("next", ""))
    name = request.form.get("name", "")
    tries: Tries = current_app.extensions["tries"]
    counted = counted_as(door().database, name)
    wait_s = tries.wait_s(counted)
    if wait_s:
        return _again(name, _("Too many wrong passwords: wait %(seconds)s s.", seconds=wait_s)), 429
    account = signed_in(door().database, name, request.form.get("password", ""))
    if account is None:
        tries.wrong(counted)
        return _again(name, _("Login or password is wrong.")), 422
    tries.right(counted)
    chosen = session.get("language")
    session.clear()
    session.permanent = True
    session["person"], session["epoch"] = account.person, account.epoch
    if chosen:
        session["language"] = chosen
    return redirect(_here(request.form.get("next", "")))


def _again(name: str, wrong: str) -> str:
    return render_template("session/sign_in.html", wrong=wrong, name=name, next=request.form.get("next", ""))


@bp.post("/sign-out")
def sign_out() -> AnyResponse:
    """Forget who this is; the language stays."""
    chosen = session.get("language")
    session.clear()
    if chosen:
        session["language"] = chosen
    return redirect(url_for("session.sign_in"))


@bp.post("/language")
def language() -> AnyResponse:
    """Keep the chosen language."""
    chosen = request.form.get("lang")
    if chosen in LANGUAGES:
        session["language"] = chosen
    response: Response | AnyResponse = redirect(_here(request.form.get("next", "")))
    return response


def _here(target: str) -> str:
    """Give a path of this service, the front page for anything else."""
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if inside else url_for("scan.home")
