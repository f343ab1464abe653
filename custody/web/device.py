"""Which device asks: a signed cookie from its first sign-in on; until then the address that it comes from.

Wrong passwords are counted for each (`custody.people.tries`). The cookie also says who was signed in last: the page
that one of them had open is nobody else's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeVar, cast

from flask import current_app, request, session
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from custody.people.tries import Tries, Wait

COOKIE: Final = "custody_device"
KEPT: Final = timedelta(days=400)
"""As long as browsers keep a cookie."""
LONGEST_PATH: Final = 500
"""Characters: a cookie holds no more than 4096 bytes."""
T = TypeVar("T")


def tried(account: str, check: Callable[[], T | None]) -> T | Wait | None:
    """Give what a password opens, None when it is wrong, or how long its account has to wait on this device."""
    return _tries().tried(account, _name(), check)


def last_try(account: str) -> bool:
    """Say whether one more wrong password lets the account wait on this device."""
    return _tries().left(account, _name()) == 1


def keep_page(path: str) -> None:
    """Keep the page that somebody wanted who has to sign in first: in the session, not in an address that all see."""
    if len(path) <= LONGEST_PATH:
        session["page"] = [_kept().get("person", ""), path]


def page_of(person: str) -> str:
    """Give the page that was kept, the front page where somebody else was signed in here last."""
    whose, path = session.get("page", ["", "/"])
    return str(path) if whose in ("", person) else "/"


def remember(response: Response, person: str) -> None:
    """Let the device be known from now on, by the name that it has already."""
    name = _kept().get("name") or current_app.extensions["door"].world.random_bytes(16).hex()
    keep(response, COOKIE, _signer().dumps({"name": name, "person": person}))


def keep(response: Response, name: str, value: str) -> None:
    """Let the device keep something under a name, and say it with each request."""
    response.set_cookie(
        name,
        value,
        max_age=KEPT,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _tries() -> Tries:
    return cast("Tries", current_app.extensions["tries"])


def _name() -> str:
    return str(_kept().get("name") or f"address {request.remote_addr}")


def _kept() -> dict[str, Any]:
    try:
        kept = _signer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return {}
    return kept if isinstance(kept, dict) else {}


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=COOKIE)
