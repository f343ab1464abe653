"""The scan page, one for everybody: it says what this is, and what one may do with it.

A scan comes by camera, by keyboard wedge or typed, and all three reach the same field. A code of the sealed
plane and a code that does not exist get one answer from a blinded person's page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from custody import codes
from custody.chain.step import N_, STEPS, steps_for
from custody.chain.things import Participant, Person, Thing, code_of
from custody.chain.trial_number import read_number
from custody.export import arms
from custody.labelling import LabelError, decode
from custody.web import look_ahead, registers, words, worklist
from custody.web.who import connection, door, locked, open_store, person, stores, watched

bp = Blueprint("scan", __name__)

MAY_BE_NEW: Final = frozenset(
    {
        codes.Kind.ALBUMIN_VIAL,
        codes.Kind.LOT,
        codes.Kind.SHIPPER,
        codes.Kind.PARTICIPANT,
        codes.Kind.CODE_SHEET,
        codes.Kind.DOWNTIME_FORM,
    }
)
"""Kinds whose code stands on a label before the record knows it."""


ASIDE: Final = N_("Put it aside and scan the right one.")
INSTEAD: Final = {
    codes.Kind.LOCATION: N_("Scan another place."),
    codes.Kind.PERSON: N_("Scan the badge of somebody else."),
}
"""What to do about a thing that does not fit, where it is none to put aside."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A code that is one of ours to use."""

    kind: str
    code: str
    title: str
    """What it is, in words."""
    typed: str
    """The code for eyes."""
    page: str
    """The code under which its page is found; empty for a vial that nobody has used yet."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A scan that cannot be used: why, and what to do."""

    reason: str
    text: str
    advice: str


@bp.get("/")
def home() -> str:
    """Show the scan field and what waits for this person."""
    return _home(None, "")


def _home(miss: Miss | None, raw: str) -> str:
    did = STEPS.get(request.args.get("did", ""))
    return render_template(
        "scan/home.html",
        miss=miss,
        raw=raw,
        watched=did is not None and watched(did.SPEC),
        sections=worklist.sections(),
        registers=registers.offered(),
        beginnings=worklist.beginnings(),
        unconfirmed=worklist.unconfirmed(),
        checkpoints=worklist.kept_checkpoints(),
        unsealed=arms.are_open(open_store(), connection()),
    )


@bp.post("/scan")
def scan() -> Response | tuple[Response, int] | tuple[str, int]:
    """Say what was scanned: by redirect to a browser's form, as JSON to a script."""
    raw = request.form.get("raw", "")
    expects = _expected()
    return _answer(look_up(raw, expects), raw)


@bp.post("/scan/photo")
def photo() -> Response | tuple[Response, int] | tuple[str, int]:
    """Read a photograph of a label, where the browser cannot."""
    picture = request.files.get("photo")
    expects = _expected()
    try:
        reads = decode(picture.read()) if picture else []
    except LabelError:
        return _answer(Miss("not_a_picture", _("This is no picture."), _("Take a photograph of the label.")), "")
    if not reads:
        nothing = Miss("no_symbol", _("No symbol was found."), _("Hold the camera closer, in better light."))
        return _answer(nothing, "")
    texts = [(read.aim if read.aim in {"]d2", "]C1", "]Q3"} else "") + read.text for read in reads]
    found = [look_up(text, expects) for text in texts]
    hit = next((one for one in found if isinstance(one, Hit)), found[0])
    return _answer(hit, texts[0])


def _expected() -> list[str]:
    """Give the kinds that the page has fields for; empty when any will do."""
    kinds = [kind for kind in request.form.get("expects", "").split(",") if kind]
    return [] if "any" in kinds else kinds


def look_up(raw: str, expects: list[str]) -> Hit | Miss:
    """Say what a scanned text is to this person, among the kinds that are expected (all, when none is named)."""
    try:
        scanned = codes.read(raw)
    except codes.CodeError as error:
        why, advice = words.unreadable(error.reason)
        garbled = Miss(error.reason, why, f"{advice} {words.garbled(error.garbled)}".strip())
        return _by_number(raw, expects) or garbled
    other = _other_kind(scanned.kind, expects)
    if other:
        return other
    thing = _known(scanned)
    if thing is None and not _may_begin(scanned.kind, expects):
        return _unknown(codes.group(scanned.code))
    wrong = look_ahead.against(scanned)
    if wrong:
        return Miss("does_not_fit", wrong, _(INSTEAD.get(scanned.kind, ASIDE)))
    title = _title(scanned, thing)
    if scanned.kind is codes.Kind.ALBUMIN_VIAL:
        return Hit(scanned.kind, scanned.raw, title, _vial(scanned), scanned.code if thing else "")
    return Hit(scanned.kind, scanned.code, title, codes.group(scanned.code), scanned.code)


def _other_kind(kind: codes.Kind, expects: list[str]) -> Miss | None:
    """Say that another kind of thing is to be scanned; None for one that fits, or that this page can look up."""
    if expects and kind not in expects:
        wanted = _(" or ").join(words.kind(one) for one in expects)
        found = words.kind(kind)
        return Miss(
            "wrong_kind",
            _("Wrong thing: %(found)s.", found=found),
            _("Scan this instead: %(wanted)s.", wanted=wanted),
        )
    if kind is codes.Kind.DOWNTIME_FORM and not expects:
        told = _("Scan first what it is about: its step has “Done earlier, on paper”.")
        return Miss("form", _("This is a downtime form."), told)
    return None


def _by_number(raw: str, expects: list[str]) -> Hit | Miss | None:
    """Give the participant of a number; one that nobody has is as unknown as a code. None for any other text.

    On a step's page the wristband itself is scanned: a number that is typed proves nothing there.
    """
    known = read_number(door().protocol, raw)
    if known is None or expects or request.form.get("step"):
        return None
    site, number = known
    kind = Participant.KIND
    found = open_store().numbered(connection(), site, number)
    if found is None:
        return _unknown(number)
    title = f"{words.kind(kind).capitalize()} {number}"
    return Hit(kind, found.code, title, codes.group(found.code), found.code)


def _unknown(code: str) -> Miss:
    advice = _("Check that it belongs to this trial. If it does, call the cell therapy unit.")
    return Miss("unknown", _("%(code)s is not known here.", code=code), advice)


def _known(scanned: codes.Scanned) -> Thing | None:
    code = code_of(scanned.kind, scanned.code)
    found = (store.thing(connection(), code) for store in stores().values())
    return next((kept.thing for kept in found if kept), None)


def _title(scanned: codes.Scanned, thing: Thing | None) -> str:
    """Say what was scanned as people call it: a badge by its name, a wristband by its number, a place by its name."""
    if isinstance(thing, Person):
        return f"{thing.name}, {words.role(thing.role)}"
    kind = words.kind(scanned.kind)
    called = getattr(thing, "name", "") or getattr(thing, "number", "")
    return f"{kind[:1].upper()}{kind[1:]} {called}".strip()


def _vial(scanned: codes.Scanned) -> str:
    """Give what eyes find on a vial: its batch and its serial number."""
    return " · ".join(scanned.fields[name] for name in ("batch", "serial") if name in scanned.fields)


def _may_begin(kind: codes.Kind, expects: list[str]) -> bool:
    """Say whether a code that the record does not know yet may be used here."""
    if expects:
        return kind in MAY_BE_NEW
    return bool(steps_for(person().role, kind, "", locked=locked()))


def _answer(found: Hit | Miss, raw: str) -> Response | tuple[Response, int] | tuple[str, int]:
    script = request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    if isinstance(found, Miss):
        if script:
            answer = jsonify(ok=False, reason=found.reason, text=found.text, advice=found.advice, raw=raw)
            return answer, 422
        return _home(found, raw), 422
    url = url_for("thing.show", code=found.page) if found.page else ""
    if script:
        return jsonify(ok=True, kind=found.kind, code=found.code, typed=found.typed, title=found.title, url=url)
    return redirect(url or url_for("scan.home"), code=303)
