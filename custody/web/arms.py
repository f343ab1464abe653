"""The arms of all participants: a page and a file for everybody, from the moment that every code is open.

Until then there is no such page, for the unblinded neither: theirs is the bench.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, abort, render_template

from custody.chain.things import UNSEALING, Participant
from custody.export import arms as export
from custody.ledger.entry import decode
from custody.web import words
from custody.web.seen import showing_here
from custody.web.values import Named, named
from custody.web.who import connection, door, open_store, stores

bp = Blueprint("arms", __name__)


def _participants() -> list[Participant]:
    people = export.arms(open_store(), connection())
    return abort(404) if people is None else people


@bp.get("/arms")
def show() -> str:
    """Show them as a table."""
    protocol = door().protocol
    names = {arm.code: words.of(arm.name) for arm in protocol.arms}
    sites = {site.code: words.site(protocol, site.code) for site in protocol.sites}
    people = _participants()
    return render_template("arms/show.html", people=people, names=names, sites=sites, corrections=list(_corrections()))


def _corrections() -> Iterator[tuple[Named, str]]:
    """Yield the corrections made since the codes were opened, with their events: of the planes that are seen."""
    showing = showing_here()
    for store in stores().values():
        for place in store.mentions(connection(), UNSEALING):
            entry = decode(store.entry(connection(), place))
            if "codes_open" in entry["payload"] and (called := named(entry["event"], showing)):
                yield called, entry["event"]


@bp.get("/arms.csv")
def file() -> Response:
    """Give them as a file."""
    return Response(export.write_csv(_participants()), content_type="text/csv; charset=utf-8")
