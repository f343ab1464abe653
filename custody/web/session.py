"""Sign-in, sign-out, and the choice of language."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from custody.people.sign_in import counted_as
from custody.people.sign_in import sign_in as signed_in
from custody.people.tries import Wait
from custody.web import device, idle
from custody.web.languages import LANGUAGES
from custody.web.who import door

bp = Blueprint("session", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> AnyResponse | tuple[str, int] | str:
    """Ask for login and password; a wrong one or the other gets one answer."""
    if request.method == "GET":
        return render_template("session/sign_in.html", wrong="", name=g.behind.login if g.behind else "")
    name, database = request.form.get("name", ""), door().database
    password = request.form.get("password", "")
    account = device.tried(counted_as(database, name), lambda: signed_in(database, name, password))
    if isinstance(account, Wait):
        return _again(
            name, _("Too many wrong passwords on this device: wait %(minutes)s min.", minutes=account.minutes)
        ), 429
    if account is None:
        return _again(name, _("Login or password is wrong.")), 422
    chosen, page = session.get("language"), device.page_of(account.person)
    session.clear()
    session.permanent = True
    session["person"], session["epoch"] = account.person, account.epoch
    session["sign_in"] = door().world.random_bytes(16).hex()
    if chosen:
        session["language"] = chosen
    response: Response | AnyResponse = redirect(page)
    device.remember(response, account.person)
    idle.begin(response)
    return response


def _again(name: str, wrong: str) -> str:
    return render_template("session/sign_in.html", wrong=wrong, name=name)


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
