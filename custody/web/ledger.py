"""The logs as others read them: C2SP tlog-tiles over HTTP.

Entries tell of people's health: one has to be signed in, and for the sealed log unblinded. The entries of the sealed
log hold the randomisation lists, so they are the unblinded inspector's alone: whoever is at the bench and reads the
arms to come could choose for whom they are.

A checkpoint holds no word of anybody's health: a name, a size, a root hash, signatures. Its size is the same in both
arms, but who reads it again and again counts the steps of three wards as they happen, and so sees when somebody falls
ill and is enrolled. That is the business of those in the trial: a checkpoint is for whoever is signed in, and theirs to
give to whoever keeps it outside, now and then. Each log needs its own: the open log's says nothing of a record that
vanished from the sealed one. But the sealed log's size counts the bench's records, which tells the arm while a bag is
prepared: it is for who sees the arm, and is offered to those of them who are outside the bench, to be kept by somebody
unblinded.

The public keys never change, tell no arm, and are worth the more the more people have them: those of both logs are
given to everybody, so that whoever is handed a log can tell whose it is.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app

from custody.chain.roles import Role, sees_arm
from custody.chain.things import Plane
from custody.export.ledger import BOTH, keys_of
from custody.ledger.proof import TILE_WIDTH
from custody.ledger.tiles import BadPath, Place, encode_entries, parse_path
from custody.record.log import read_hashes
from custody.store import identity
from custody.store.database import Database
from custody.web.languages import zone
from custody.web.who import door, person

bp = Blueprint("ledger", __name__)
FOREVER = "private, max-age=31536000, immutable"


@bp.get("/ledger/vkeys")
def vkeys() -> Response:
    """Give the public keys of both logs, one a line: the file that an export of both has."""
    with door().database.reading(Plane.OPEN) as reader:
        known = identity.read(reader)
    lines = (current_app.extensions["config"].keys / "vkeys").read_text().splitlines()
    return _text("".join(f"{line}\n" for line in keys_of(known.origin, lines, BOTH)))


@bp.get("/ledger/<log>/checkpoint.txt")
def kept(log: str) -> Response:
    """Give a log's present checkpoint as a file to be kept, with its date in the name."""
    plane = _plane(log)
    response = _text(door().checkpoint(plane))
    today = door().world.clock.now().astimezone(ZoneInfo(zone()))
    response.headers["Content-Disposition"] = f'attachment; filename="checkpoint-{plane}-{today:%Y-%m-%d}.txt"'
    return response


@bp.get("/ledger/<log>/<path:path>")
def file(log: str, path: str) -> Response:
    """Give a checkpoint, a tile of hashes, or a bundle of entries."""
    plane = _plane(log)
    if path == "checkpoint":
        return _text(door().checkpoint(plane))
    try:
        place = parse_path(path)
    except BadPath:
        abort(404)
    if plane is Plane.SEALED and place.level is None and person().role != Role.UNBLINDED_INSPECTOR:
        abort(404)
    data = _bytes(door().database, plane, place)
    response = Response(data, content_type="application/octet-stream")
    if plane is Plane.OPEN and place.level is not None:  # hashes alone: entries stay on no shared tablet
        response.headers["Cache-Control"] = FOREVER
    return response


def _text(text: str) -> Response:
    return Response(text, content_type="text/plain; charset=utf-8")


def _plane(log: str) -> Plane:
    if log == Plane.OPEN:
        return Plane.OPEN
    if log == Plane.SEALED and sees_arm(person().role):
        return Plane.SEALED
    return abort(404)


def _bytes(database: Database, plane: Plane, place: Place) -> bytes:
    """Read one file of a log; a partial tile stays readable after it has filled up."""
    start = place.number * TILE_WIDTH
    with database.reading(plane) as connection:
        store = door().stores[plane]
        if place.level is None:
            entries = list(store.entries(connection, start, start + place.width))
            if len(entries) < place.width:
                abort(404)
            return encode_entries(entries)
        found = read_hashes(store, connection, place)
    if found is None:
        abort(404)
    return found
