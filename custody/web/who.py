"""Who asks, on which connection: default deny, one reader per request, of the person's own plane.

Every route needs a signed-in person but those named in `PUBLIC`. Whoever has no account any more, whose
account was closed, or whose password changed since, is signed out.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Final, cast

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from sqlalchemy import Connection

from custody.chain.roles import sees_arm
from custody.chain.step import Spec
from custody.chain.things import UNSEALING, Person, Plane
from custody.record.door import Door
from custody.store import accounts
from custody.store.open_store import OpenStore
from custody.store.plane import PlaneStore
from custody.web import device, idle

NOBODYS: Final = frozenset({"static", "health.alive", "health.ready", "metrics.metrics"})
"""Routes that are the same for everybody: nobody is looked up for them."""
PUBLIC: Final = NOBODYS | {"session.sign_in", "session.language", "ledger.vkeys"}


def door() -> Door:
    """Give the door of this service."""
    return cast("Door", current_app.extensions["door"])


def person() -> Person:
    """Give whoever is signed in; called only behind the default deny."""
    return cast("Person", g.person)


def plane() -> Plane:
    """Give the plane that the signed-in person may read: an undefined role reads the open one."""
    return Plane.SEALED if sees_arm(person().role) else Plane.OPEN


def watched(spec: Spec) -> bool:
    """Say whether a blinded person may stand beside this one, who sees the arm, to sign as the second."""
    return plane() is Plane.SEALED and not all(map(sees_arm, spec.second))


def connection() -> Connection:
    """Give this request's connection: it reads what the person's plane may see, and nothing else."""
    if "connection" not in g:
        g.connection = g.stack.enter_context(door().database.reading(plane()))
    return cast("Connection", g.connection)


def locked() -> bool:
    """Say whether the codes are open, or begin to be: what records a new fact of the trial is offered no more."""
    if "locked" not in g:
        g.locked = open_store().thing(connection(), UNSEALING) is not None
    return cast("bool", g.locked)


def open_store() -> OpenStore:
    """Give the open plane's tables."""
    return cast("OpenStore", stores()[Plane.OPEN])


def stores() -> Mapping[Plane, PlaneStore]:
    """Give the tables that this person's plane may see."""
    known = door().stores
    return known if plane() is Plane.SEALED else {Plane.OPEN: known[Plane.OPEN]}


def enter() -> Response | None:
    """Find out who asks, before each request; send others to the sign-in."""
    g.stack = ExitStack()
    g.person = None if request.endpoint in NOBODYS else _signed_in()
    g.behind = None  # whose sign-in is locked: until the password is given nobody is signed in
    if g.person is not None and idle.is_locked():
        g.person, g.behind = None, g.person
    here = g.person or g.behind
    site = door().protocol.site(here.site) if here else None
    g.zone = site.zone if site else door().protocol.sites[0].zone
    if g.person is not None or request.endpoint in PUBLIC or request.endpoint is None:
        return None
    if g.behind is not None:
        return _behind_the_lock()
    return _to_the_sign_in(url_for("session.sign_in"))


def _behind_the_lock() -> Response | None:
    """Answer a locked sign-in: a list that refreshes itself stands still, a page asks for the password first."""
    if request.endpoint in idle.BEHIND:
        return None
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Trigger": "custody:look"})
    return _to_the_sign_in(url_for("session.sign_in", locked=1))


def _to_the_sign_in(address: str) -> Response:
    if _opens_a_page():
        device.keep_page(request.full_path.rstrip("?"))
    return cast("Response", redirect(address))


def _opens_a_page() -> bool:
    """Say whether somebody goes to a page, and no script or picture of one is fetched."""
    fetched = "HX-Request" in request.headers or "text/html" not in request.headers.get("Accept", "text/html")
    return request.method == "GET" and not fetched


def _signed_in() -> Person | None:
    code, epoch = session.get("person"), session.get("epoch")
    if not isinstance(code, str) or not isinstance(epoch, int) or "sign_in" not in session:
        return None
    found = accounts.signed_in(door().database, code, epoch)
    if found is None:
        session.clear()
    return found


def leave(_: Any) -> None:
    """Give the connection back."""
    stack = g.pop("stack", None)
    if stack is not None:
        stack.close()


def start(app: Flask) -> None:
    """Guard every route."""
    app.before_request(enter)
    app.teardown_request(leave)
