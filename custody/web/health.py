"""Whether the service lives, and whether it may be used."""

from __future__ import annotations

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from custody.chain.things import Plane
from custody.record.log import Log
from custody.store import accounts
from custody.web.errors import log
from custody.web.who import door

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """Answer at all, and say what time it is: open pages work out from it how far their device's clock is off."""
    return jsonify(status="alive", now=door().world.clock.now().isoformat())


@bp.get("/readyz")
def ready() -> Response | tuple[Response, int]:
    """Say whether the database is in its place, people can sign in, and the open log's tail is in order.

    Anybody may ask, so the answer, and how long it takes, follow from accounts and the open log alone; the sealed one
    is verified when the door opens it, and by `custody verify`.
    """
    if open_log() is None:
        return jsonify(status="not ready"), 503
    return jsonify(status="ready")


def open_log() -> Log | None:
    """Give the open log as the database has it now, its tail verified; None when anything is wrong there."""
    try:
        door().database.in_place()
        accounts.count(door().database)
        return door().tail(Plane.OPEN)
    except Exception as wrong:  # noqa: BLE001 - whatever it is: no, and the log says where
        log("not ready", wrong)
        return None
