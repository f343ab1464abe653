"""Labels to look at, to print, and to scan from the screen: one kind at a time, a few at once, or a single one."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from custody import codes
from custody.chain.roles import WARD, sees_arm
from custody.chain.things import Handoff, Person, Plane, Thing
from custody.labelling import Label, LabelError, designs, pdf, sheet
from custody.printing import BLANKS, NoLabel, Printer, has_label
from custody.store.plane import PlaneStore
from custody.web.seen import look_up, read_or_404
from custody.web.who import connection, door, person, stores

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
AT_ONCE = 8
"""Labels drawn on one page: a label takes some milliseconds to draw, and a screen shows no more."""
LONGEST_NUMBER = 6
MOST = 60
"""Labels on one print."""


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


@dataclass(frozen=True, slots=True)
class Group:
    """What is shown of the labels: those of one kind, of one lot's cryobags, or the one of a code."""

    kind: str
    lot: str = ""
    code: str = ""

    @property
    def address(self) -> dict[str, str]:
        """Give what leads to it."""
        asked = {"kind": self.kind, "lot": self.lot, "code": self.code}
        return {name: value for name, value in asked.items() if value}


@bp.get("/labels")
def all_labels() -> str:
    """Show labels of one kind, a few at once, to be scanned from the screen or printed; or a single one."""
    group = _asked()
    found = _codes(group)
    start = _number(request.args.get("from", "0"))
    labels, failed = _drawn(found[start : start + AT_ONCE])
    shown = [(label.code, label.title, Markup(label.svg())) for label in labels]  # noqa: S704 - our own drawing
    return render_template(
        "labels/set.html",
        kinds=_kinds(),
        group=group,
        labels=shown,
        failed=failed,
        earlier=max(0, start - AT_ONCE) if start else None,
        later=start + AT_ONCE if len(found) > start + AT_ONCE else None,
        blanks=_blanks(),
        most=MOST_BLANKS,
    )


@bp.get("/labels/set.pdf")
def printed_set() -> Response:
    """Give the labels of a group on sheets of A4."""
    labels, _failed = _drawn(_codes(_asked())[:MOST])
    if not labels:
        abort(404)
    return Response(sheet(labels, _("Labels")), content_type="application/pdf")


def _asked() -> Group:
    """Give the group that the address asks for; the first kind for anything else."""
    code, lot, kind = (request.args.get(name, "").strip() for name in ("code", "lot", "kind"))
    kinds = _kinds()
    if code:
        return Group("", code=code)
    return Group("cryobag", lot=lot) if lot and "cryobag" in kinds else Group(kind if kind in kinds else kinds[0])


def _kinds() -> list[str]:
    """Give the kinds of which this person may have labels: from their role alone, whatever there is."""
    bench = AT_THE_BENCH if sees_arm(person().role) else ()
    return [kind for kind, _states in (*ON_PAPER, *bench)]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else 0


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


def _drawn(found: list[str]) -> tuple[list[Label], list[str]]:
    """Give the labels of some codes, and what is wrong with those that cannot be printed."""
    made: list[Label] = []
    failed: list[str] = []
    for code in found:
        try:
            made.append(printer().label(code))
        except LabelError as wrong:
            failed.append(f"{codes.group(code)}: {wrong}")
    return made, failed


def _codes(group: Group) -> list[str]:
    """Give the codes of a group, in an order that follows from the codes alone."""
    if group.code:
        return _one(group.code)
    kept = [
        one.thing for state in _states(group.kind) for one in _store(group.kind).find(connection(), group.kind, state)
    ]
    return sorted(thing.code for thing in kept if _theirs(thing) and group.lot in {"", getattr(thing, "lot", "")})


def _one(text: str) -> list[str]:
    """Give the code that was typed or scanned, where it has a label that this person may see."""
    try:
        code = codes.read(text).code
    except codes.CodeError:
        return []
    return [code] if any(map(has_label, look_up(code))) else []


def _states(kind: str) -> tuple[str, ...]:
    return dict((*ON_PAPER, *AT_THE_BENCH))[kind]


def _store(kind: str) -> PlaneStore:
    return stores()[Plane.SEALED if kind in dict(AT_THE_BENCH) else Plane.OPEN]


def _theirs(thing: Thing) -> bool:
    """Say whether this person has to do with a label: their badge, their handoffs, what their ward has or awaits."""
    if isinstance(thing, Person):
        return person().role == "administrator" or thing.code == person().code
    if isinstance(thing, Handoff):
        return person().code in {thing.giver, thing.receiver}
    here = {thing.site, getattr(thing, "destination", "")}
    return person().role not in WARD or person().site in here
