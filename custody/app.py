"""The service put together: wiring only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask, g, request
from flask_babel import get_locale
from flask_wtf import CSRFProtect

from custody import codes
from custody.chain.step import STEPS
from custody.chain.things import Person
from custody.config import NEVER, Config
from custody.people.telling import Tellings
from custody.people.tries import Tries
from custody.record.door import Door
from custody.web import (
    account,
    arms,
    downtime,
    errors,
    files,
    headers,
    health,
    history,
    idle,
    labels,
    languages,
    ledger,
    limits,
    links,
    metrics,
    prints,
    randomisation,
    registers,
    scan,
    scanner,
    step,
    thing,
    unblinding,
    who,
    words,
    worklist,
)
from custody.web import session as signing_in

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
SHIFT = timedelta(hours=12)
"""How long a sign-in holds: one shift."""
LARGEST_UPLOAD = 21_000_000


def create_app(door: Door, config: Config, secret: bytes | None = None) -> Flask:
    """Give the service over an open door; `secret` signs the session cookies."""
    app = Flask("custody", template_folder=str(TEMPLATES), static_folder=None)
    app.config.update(
        SECRET_KEY=secret or secrets.token_bytes(32),
        SESSION_COOKIE_NAME="custody",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=config.secure_cookies,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=SHIFT,
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=config.secure_cookies,
    )
    app.extensions["door"] = door
    app.extensions["config"] = config
    app.extensions["tries"] = Tries()
    app.extensions["tellings"] = Tellings()
    languages.start(app)
    files.start(app)
    headers.start(app)
    who.start(app)
    idle.start(app)
    metrics.start(app)
    CSRFProtect(app)
    errors.start(app)
    parts = (signing_in, scan, thing, history, step, randomisation, unblinding, account, arms, worklist)
    for part in (*parts, registers, labels, prints, downtime, scanner, ledger, health, metrics, idle):
        app.register_blueprint(part.bp)
    app.context_processor(_shared)
    app.jinja_env.filters.update(kind=words.kind, state=words.state, grouped=codes.group, linked=links.linked)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    return app


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads the page, in words; `code` tells a page whether it is still the same person."""

    code: str
    name: str
    role: str
    site: str


def _reader(door: Door, person: Person) -> Reader:
    return Reader(person.code, person.name, words.role(person.role), words.site(door.protocol, person.site))


def _shared() -> dict[str, object]:
    """Give what every page shows: who, where, when, in which language."""
    door = who.door()
    locale = get_locale()
    person = g.get("person")
    return {
        "person": _reader(door, person) if person else None,
        "lang": locale.language if locale else "fr",
        "now": door.world.clock.now(),
        "zone": languages.zone(),
        "trial": door.protocol.short_title,
        "beyond": limits.after(request.args.get("event", ""), request.args.get("did", "")) if person else None,
        "lock_after_s": int(idle.after().total_seconds()) if person and idle.after() < NEVER else 0,
        "lock_told_every_s": idle.told_every().total_seconds(),
        "lock_after_min": idle.after_minutes(),
        "did": STEPS[request.args["did"]].SPEC.title if request.args.get("did") in STEPS else "",
    }
