"""Labels to look at, to print, and to scan from the screen."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from custody import codes
from custody.chain.roles import WARD, sees_arm
from custody.chain.things import Handoff, Person, Thing
from custody.labelling import Label, LabelError, designs, pdf, sheet
from custody.printing import BLANKS, NoLabel, Printer
from custody.store.sealed_store import SealedStore
from custody.web.seen import look_up, read_or_404
from custody.web.who import connection, door, open_store, person, stores

bp = Blueprint("labels", __name__)

ON_PAPER = (
    ("person", ("active",)),
    ("participant", ("enrolled", "ordered", "infused")),
    ("treatment_bag", ("ordered", "released", "packed", "in_transit", "received", "checked", "infusing")),
    ("shipper", ("packed", "opened")),
    ("handoff", ("signed",)),
)
"""What the printed set holds, of the open plane; the bench's people get theirs besides."""
AT_THE_BENCH = (
    ("cryobag", ("received", "stored", "reserved", "thawed", "counted")),
    ("location", ("free", "occupied")),
)
MOST_BLANKS = 40
"""Labels printed beforehand at once: a few sheets."""
MOST = 60
"""Labels of one kind in the set: a newcomer needs a few, not a freezer full."""


def printer() -> Printer:
    """Give what fills labels for this person: from what they may see."""
    return Printer(door().protocol, look_up, current_app.extensions["config"].base_url)


@bp.get("/labels/<code>.svg")
def picture(code: str) -> Response:
    """Give one label as a picture."""
    return Response(_label(read_or_404(code).code).svg(), content_type="image/svg+xml; charset=utf-8")


@bp.get("/labels/<code>.pdf")
def page(code: str) -> Response:
    """Give one label at its own size, for a label printer."""
    label = _label(read_or_404(code).code)
    return Response(pdf([label], label.title), content_type="application/pdf")


@bp.get("/labels")
def all_labels() -> str:
    """Show the set: every label that this person may see, to be scanned from the screen or printed."""
    labels, failed = _set()
    shown = [(label.code, label.title, Markup(label.svg())) for label in labels]  # noqa: S704 - our own drawing
    return render_template("labels/set.html", labels=shown, failed=failed, blanks=_blanks(), most=MOST_BLANKS)


@bp.get("/labels/set.pdf")
def printed_set() -> Response:
    """Give the set on sheets of A4."""
    labels, _failed = _set()
    if not labels:
        abort(404)
    return Response(sheet(labels, _("Labels")), content_type="application/pdf")


@bp.get("/labels/blank/<design>.pdf")
def blank(design: str) -> Response:
    """Give labels printed beforehand, each under a fresh code: it comes on record when it is first scanned."""
    if design not in _blanks():
        abort(404)
    asked = request.args.get("count", "1").strip()
    count = int(asked) if asked.isdecimal() and len(asked) <= len(str(MOST_BLANKS)) else 0
    if not 1 <= count <= MOST_BLANKS:
        abort(_unprintable(_("Expected 1 to %(most)s labels.", most=MOST_BLANKS)))
    source = door().world.random_bytes
    fresh = [codes.mint(BLANKS[design].kind, source) for _number in range(count)]
    made = [printer().blank(design, code, person().site if person().role in WARD else "") for code in fresh]
    return Response(sheet(made, _("Labels")), content_type="application/pdf")


def _blanks() -> dict[str, str]:
    """Give the designs that this person prints beforehand, each with its title."""
    return {name: designs()[name].title for name, one in BLANKS.items() if person().role in one.by}


def _label(code: str) -> Label:
    try:
        return printer().label(code)
    except NoLabel:
        abort(404)
    except LabelError as wrong:
        abort(_unprintable(f"{codes.group(code)}: {wrong}"))


def _unprintable(why: str) -> Response:
    """Say why a label cannot be printed: it is refused, never cut."""
    page = render_template("error.html", what=_("Cannot be printed:"), advice=why)
    return Response(page, 422, content_type="text/html; charset=utf-8")


def _set() -> tuple[list[Label], list[str]]:
    """Give the labels of the set, and what is wrong with those that cannot be printed."""
    found: list[Label] = []
    failed: list[str] = []
    for code in _codes():
        try:
            found.append(printer().label(code))
        except LabelError as wrong:
            failed.append(f"{codes.group(code)}: {wrong}")
    return found, failed


def _codes() -> list[str]:
    """Give the codes of the set, in an order that follows from the codes alone."""
    found = []
    for kind, states in ON_PAPER:
        mine = [kept.thing for state in states for kept in open_store().find(connection(), kind, state)]
        found += sorted(thing.code for thing in mine if _theirs(thing))[:MOST]
    for store in stores().values():
        if isinstance(store, SealedStore) and sees_arm(person().role):
            for bench_kind, bench_states in AT_THE_BENCH:
                kept = [one for state in bench_states for one in store.find(connection(), bench_kind, state)]
                found += [one.thing.code for one in kept[:MOST]]
    return found


def _theirs(thing: Thing) -> bool:
    """Say whether this person has to do with a label: their badge, their handoffs, what their ward has or awaits."""
    if isinstance(thing, Person):
        return person().role == "administrator" or thing.code == person().code
    if isinstance(thing, Handoff):
        return person().code in {thing.giver, thing.receiver}
    here = {thing.site, getattr(thing, "destination", "")}
    return person().role not in WARD or person().site in here
