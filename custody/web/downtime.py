"""The downtime forms of a person's role: printed beforehand, for the hours when no page answers."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, abort, current_app, render_template

from custody.chain.step import Spec
from custody.downtime import forms, twins
from custody.labelling import LabelError
from custody.web import labels, words
from custody.web.languages import zone
from custody.web.who import door, person

bp = Blueprint("downtime", __name__)


@bp.get("/downtime")
def show() -> str:
    """Show which steps of this person have a form."""
    return render_template("downtime/forms.html", specs=twins(person().role), kinds=words.KINDS)


@bp.get("/downtime/all.pdf")
def every() -> Response:
    """Give a sheet for each step of this person's role."""
    return _printed(twins(person().role))


@bp.get("/downtime/<name>.pdf")
def one(name: str) -> Response:
    """Give the sheet of one step."""
    return _printed(spec for spec in twins(person().role) if spec.name == name)


def _printed(specs: Iterable[Spec]) -> Response:
    """Give the sheets of some steps, each under a code of its own: nothing is on record of them until one is used."""
    wanted = list(specs)
    if not wanted:
        abort(404)
    base = current_app.extensions["config"].base_url
    world = door().world
    try:
        made = forms(door().protocol, wanted, zone(), base, world.random_bytes, world.clock.now())
    except LabelError as wrong:
        abort(labels.unprintable(labels.said(wrong)))
    return Response(made, content_type="application/pdf")
