"""A small app with the pages' macros and a scan of the real form, until the real app serves them."""

import importlib
import itertools
import pkgutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from flask import Flask, Response, current_app, redirect, render_template, request
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader

from custody import chain, codes, labelling
from custody.chain import step as steps
from custody.web import links
from custody.web.look_ahead import SCANNED_AGAIN

ROOT = Path(__file__).resolve().parents[2]
PAGES = Path(__file__).parent / "pages"
for each in pkgutil.iter_modules(chain.__path__, "custody.chain."):
    importlib.import_module(each.name)  # which enters its steps into the register
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; worker-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"

BAG = labelling.designs()["treatment_bag"].example["code"]
OTHER_BAG = "TBBBBBBBBBBU"
WRISTBAND = labelling.designs()["wristband"].example["code"]
BADGE = labelling.designs()["badge"].example["code"]
VIAL = "]d20103205000004004172812311000A1B2\x1d21S0001"
ANNE = "BBBBBBBBBBBB"
OTHER_BADGE = "BBBBBBBBBBCV"
KNOWN = {
    BAG: "Treatment bag",
    OTHER_BAG: "Treatment bag",
    WRISTBAND: "Participant CHOC-01-007",
    BADGE: "Ben Exemple",
    OTHER_BADGE: "Carla Exemple",
}


FIGURES = [
    ("Prescribed", "72.0", "10^6", "", "72 kg × 10⁶"),
    ("To draw", "14.4", "ml"),
    ("Albumin", "235.6", "ml"),
    ("Cells found", "1,250.75", "10^6"),
]
QUESTIONS = [("adult", "18 years or older"), ("two_organs", "At least two organ failures other than haemodynamic")]


TEST = "X-Test"
"""The header by which a browser's requests say of which test they are."""


def nothing_seen() -> SimpleNamespace:
    return SimpleNamespace(scans=[], steps=[], photos=[], refuse=[])


def begin(app: Flask) -> str:
    """Let a test begin, of which nothing was seen yet; give its name for the header."""
    app.seen, app.test = nothing_seen(), uuid4().hex
    return app.test


def seen() -> SimpleNamespace:
    """Give where a request is noted: what an earlier test's page sent at its end is none of this test's."""
    return current_app.seen if request.headers.get(TEST) == current_app.test else nothing_seen()


def create_app() -> Flask:
    app = Flask(__name__, static_folder=str(ROOT / "custody" / "web" / "static"), static_url_path="/static")
    app.jinja_env.filters["linked"] = links.linked
    app.config.update(
        SECRET_KEY="harness", BABEL_DEFAULT_LOCALE="en", WTF_CSRF_TIME_LIMIT=None, SEND_FILE_MAX_AGE_DEFAULT=3600
    )
    app.jinja_loader = ChoiceLoader([FileSystemLoader(ROOT / "templates"), FileSystemLoader(PAGES)])
    Babel(app)
    CSRFProtect(app)
    begin(app)
    app.context_processor(context)
    app.after_request(secure)
    add_scans(app)
    add_pages(app)
    return app


def context() -> dict[str, Any]:
    person = SimpleNamespace(code=ANNE, name="Anne Exemple", role="ICU nurse", site="Nancy, Hôpital Central")
    now = datetime.now(UTC)
    return {"person": person, "lang": "en", "now": now, "zone": "Europe/Paris", "trial": "CHOCMSC"}


def secure(response: Response) -> Response:
    worker = request.path == "/static/scan/worker.js"
    response.headers["Content-Security-Policy"] = WORKER_POLICY if worker else PAGE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    if not request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "no-store"
    return response


def refused(reason: str, text: str, advice: str) -> tuple[dict[str, Any], int]:
    return {"ok": False, "reason": reason, "text": text, "advice": advice}, 422


def what(raw: str, expects: str) -> tuple[dict[str, Any], int]:
    """Answer as the real scan does: what it is, or why not and what to do."""
    try:
        found = codes.read(raw)
    except codes.CodeError as error:
        return refused(error.reason, "This is no code of ours.", error.expected)
    kinds = [kind for kind in expects.split(",") if kind]
    if kinds and found.kind not in kinds and "any" not in kinds:
        text = f"This is a {found.kind}, not a {kinds[0]}."
        return refused("wrong_kind", text, "Put it aside and scan the right one.")
    if found.code not in KNOWN and found.kind != "albumin_vial":
        return refused("unknown", "This code is not known here.", "Ask the unit.")
    title = KNOWN.get(found.code, "Albumin vial")
    typed = codes.group(found.code)
    url = "" if found.kind == "albumin_vial" else "/thing"
    return {"ok": True, "kind": found.kind, "code": found.code, "typed": typed, "title": title, "url": url}, 200


def add_scans(app: Flask) -> None:
    def wants_json() -> bool:
        return request.accept_mimetypes.best == "application/json"

    @app.post("/scan")
    def scan():
        seen().scans.append(request.form.to_dict())
        answer, status = what(request.form["raw"], request.form.get("expects", ""))
        if wants_json():
            return answer, status
        return redirect(answer["url"], 303) if answer["ok"] else (render_template("scan.html", refused=answer), 422)

    @app.post("/scan/photo")
    def photo():
        found = labelling.decode(request.files["photo"].read())
        seen().photos.append(found)
        if not found:
            return refused("no_symbol", "No code found.", "Take it from nearer.")
        answer, status = what(found[0].text, "")
        return ({**answer, "raw": found[0].text}, status) if wants_json() else redirect("/thing", 303)


def step_page(app: Flask, name: str, refusals: tuple[str, ...] = ()) -> str:
    command = steps.STEPS[name]
    fixed = {"treatment_bag"} if name != "bedside_check" else set()
    values = {"treatment_bag": BAG} if fixed else {}
    if refusals:
        values |= request.form.to_dict()
    return render_template(
        "step.html",
        title=command.SPEC.title,
        all_fields=list(steps.fields_of(command)),
        values=values,
        fixed=fixed,
        typed={"treatment_bag": codes.group(BAG)},
        errors={"treatment_bag": refusals[0], "cover_on": "The opaque cover is needed."} if refusals else {},
        refusals=refusals,
        figures=FIGURES if name == "dilute" else (),
        questions=QUESTIONS,
        signed=command.SPEC.signed,
        second=command.SPEC.second_meaning,
        in_hand=name in SCANNED_AGAIN,
        event="0190a0b1-0000-4000-8000-000000000001",
    )


def moments() -> dict[str, Any]:
    now = datetime.now(UTC)
    started = datetime.fromisoformat(request.args.get("started", (now - timedelta(seconds=754)).isoformat()))
    return {"started": started, "expires": now + timedelta(minutes=130.5), "overdue": now - timedelta(minutes=4.5)}


def add_pages(app: Flask) -> None:
    polled = itertools.count(1)
    design = labelling.designs()["treatment_bag"]

    def thing() -> str:
        running = "paused" not in request.args
        return render_template("thing.html", typed=codes.group(BAG), paused_s=0, running=running, **moments())

    def worklist() -> str:
        return render_template("list.html", seconds=request.args.get("seconds", 15), count=0, **moments())

    for path, view in {
        "/": lambda: render_template("scan.html"),
        "/healthz": lambda: {"now": datetime.now(UTC).isoformat()},
        "/sign-in": lambda: render_template("session/sign_in.html", wrong="", name="", person=None),
        "/plain": lambda: render_template("plain.html"),
        "/thing": thing,
        "/worklist": worklist,
        "/worklist/part": lambda: render_template("cards.html", count=next(polled), **moments()),
        "/label": lambda: render_template("label.html", svg=labelling.fill(design.name, design.example).svg()),
        "/step/<name>": lambda name: step_page(app, name),
    }.items():
        app.add_url_rule(path, path, view)
    add_posts(app)


def add_posts(app: Flask) -> None:
    @app.post("/step/<name>")
    def step_done(name: str):
        seen().steps.append(request.form.to_dict())
        if seen().refuse:
            return step_page(app, name, tuple(seen().refuse.pop())), 422
        return redirect("/thing", 303)

    @app.post("/sign-in")
    def sign_in():
        seen().steps.append(request.form.to_dict())
        return redirect("/thing", 303)

    @app.post("/language")
    def language():
        seen().steps.append(request.form.to_dict())
        return redirect(request.form["next"], 303)

    @app.post("/done")
    def done():
        seen().steps.append(request.form.to_dict())
        return redirect("/thing", 303)
