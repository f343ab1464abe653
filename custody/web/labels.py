"""Labels to look at, and to scan from the screen: one kind at a time, a few at once, or a single one.

They are printed in `custody.web.prints`, where each print is put on record.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from custody import codes
from custody.chain.labels import BLANK_BY, DESIGN_OF, MOST_AT_ONCE, READERS
from custody.chain.roles import WARD, sees_arm
from custody.chain.things import Handoff, Person, Plane, Thing
from custody.labelling import Label, LabelError, designs
from custody.printing import NoLabel, Printer
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
AT_ONCE = 8
"""Labels drawn on one page: a label takes some milliseconds to draw, and a screen shows no more."""
LONGEST_NUMBER = 6


def printer() -> Printer:
    """Give what fills labels for this person: from what they may see."""
    return Printer(door().protocol, look_up, current_app.extensions["config"].base_url)


@bp.get("/labels/<code>.svg")
def picture(code: str) -> Response:
    """Give one label as a picture."""
    return Response(_label(read_or_404(code).code).svg(), content_type="image/svg+xml; charset=utf-8")


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
    group = asked()
    found = codes_of(group)
    start = number(request.args.get("from", "0"))
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
        prints=person().role not in READERS,
        most=MOST_AT_ONCE,
    )


def said(wrong: LabelError) -> str:
    """Say in the reader's language why a label cannot be printed."""
    return _(wrong.sentence, **wrong.facts)


def asked() -> Group:
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


def number(text: str) -> int:
    """Read a number of an address; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else 0


def _blanks() -> dict[str, str]:
    """Give the designs that this person prints beforehand, each with its title."""
    return {name: designs()[name].title for name, by in BLANK_BY.items() if person().role in by}


def _label(code: str) -> Label:
    try:
        return printer().label(code)
    except NoLabel:
        abort(404)
    except LabelError as wrong:
        abort(unprintable(f"{codes.group(code)}: {said(wrong)}"))


def unprintable(why: str) -> Response:
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
            failed.append(f"{codes.group(code)}: {said(wrong)}")
    return made, failed


def codes_of(group: Group) -> list[str]:
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
    return [code] if any(thing.KIND in DESIGN_OF for thing in look_up(code)) else []


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
