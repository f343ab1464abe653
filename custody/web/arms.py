"""The arms of all participants: a page and a file for everybody, from the moment that every code is open.

Until then there is no such page, for the unblinded neither: theirs is the bench.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template

from custody.chain.things import Participant
from custody.export import arms as export
from custody.web import words
from custody.web.who import connection, door, open_store

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
    return render_template("arms/show.html", people=_participants(), names=names, sites=sites)


@bp.get("/arms.csv")
def file() -> Response:
    """Give them as a file."""
    return Response(export.write_csv(_participants()), content_type="text/csv; charset=utf-8")
