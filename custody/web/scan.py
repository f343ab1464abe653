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
from custody.chain.at_scan import at_scan
from custody.chain.downtime import has_twin
from custody.chain.reading import (
    DOES_NOT_FIT,
    DOUBTED,
    FORM,
    SOMEONE_ELSES,
    UNKNOWN,
    WRONG_KIND,
    Taken,
    doubted,
    understood,
)
from custody.chain.roles import BENCH
from custody.chain.step import N_, STEPS, steps_for
from custody.chain.things import Participant, Person, Thing, code_of
from custody.chain.trial_number import read_number
from custody.export import arms
from custody.labelling import LabelError, decode
from custody.web import elsewhere, look_ahead, readings, reasons, registers, vials, words, worklist
from custody.web.who import connection, door, locked, open_store, person, stores, watched
from custody.web.worklist import beside

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


NOT_KEPT: Final = "not_kept"
"""Reason of an answer whose reading may not be on record: the scan is sent again, under the same event."""
ASIDE: Final = N_("Put it aside and scan the right one.")
NOT_NOW: Final = N_("It is the one of this page, but not now: its own page says what comes next.")
"""What to do about the right thing, where it is in the wrong state."""
INSTEAD: Final = {
    codes.Kind.LOCATION: N_("Scan another place."),
    codes.Kind.PERSON: N_("Scan the badge of somebody else."),
    codes.Kind.PARTICIPANT: N_("Make sure first who lies here, and that this page is theirs."),
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
    note: str = ""
    """What speaks against it, whatever the step: it expired, or it is of another ward."""


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
        beginnings=beside.beginnings(),
        unconfirmed=beside.unconfirmed(),
        checkpoints=beside.kept_checkpoints(),
        unsealed=arms.are_open(open_store(), connection()),
    )


@bp.post("/scan")
def scan() -> Response | tuple[Response, int] | tuple[str, int]:
    """Say what was scanned: by redirect to a browser's form, as JSON to a script."""
    raw = request.form.get("raw", "")
    return _answer(_on_record(raw, look_up(raw, _expected(), request.form.get("keys", ""))), raw)


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
    best = next((place for place, one in enumerate(found) if isinstance(one, Hit)), 0)
    raw, symbology = texts[best], reads[best].symbology
    if _by_script():  # which sends what was read as a scan, once it is believed
        return _answer(found[best], raw, symbology)
    return _answer(_on_record(raw, found[best], source="photo", symbology=symbology), raw)


def _on_record(raw: str, found: Hit | Miss, **read_by: str) -> Hit | Miss:
    """Give an answer once its reading is on record; a scan of nothing is none."""
    if not raw.strip() or readings.keep(raw, _taken(raw, found), **read_by):
        return found
    return Miss(NOT_KEPT, _("Not sure that it is on record: send it again."), "")


def _taken(raw: str, found: Hit | Miss) -> Taken:
    scanned = understood(raw)
    if isinstance(found, Miss):
        return Taken(scanned.kind, scanned.code, found.reason) if scanned else Taken(reason=found.reason)
    return Taken(scanned.kind, scanned.code) if scanned else Taken(found.kind, found.code)


def _expected() -> list[str]:
    """Give the kinds that the page has fields for; empty when any will do."""
    kinds = [kind for kind in request.form.get("expects", "").split(",") if kind]
    return [] if "any" in kinds else kinds


def look_up(raw: str, expects: list[str], keys: str = "") -> Hit | Miss:
    """Say what a scanned text is to this person, among the kinds that are expected (all, when none is named).

    `keys`: what the scanner's keys say on a US keyboard; where that is another code, neither is taken.
    """
    try:
        scanned = codes.read(raw)
    except codes.CodeError as error:
        return _by_number(raw, expects) or _unreadable(error, keys)
    thing = _known(scanned)
    against = list(at_scan(scanned, thing, door().protocol, look_ahead.done_at(), person().site))
    note = " ".join(reasons.say(refusal, door().protocol) for refusal in against)
    unusable = Miss(against[0].reason, note, _(ASIDE)) if against and thing is None else None
    wrong = _against(scanned, thing, expects, keys, unusable)
    if wrong:
        return wrong
    title = _title(scanned, thing)
    if scanned.kind is codes.Kind.ALBUMIN_VIAL:
        note = f"{note} {vials.doubt(scanned)}".strip()
        return Hit(scanned.kind, scanned.raw, title, vials.typed(scanned), scanned.code if thing else "", note)
    return Hit(scanned.kind, scanned.code, title, codes.group(scanned.code), scanned.code, note)


def _against(
    scanned: codes.Scanned, thing: Thing | None, expects: list[str], keys: str, unusable: Miss | None
) -> Miss | None:
    """Give why a code is not taken; None where it is.

    `unusable`: what a code says of itself that is not on record, to whoever holds it: nobody learns more.
    """
    other = doubted(scanned, keys)
    if other:
        return _doubted(scanned, other)
    at_once = _other_kind(scanned.kind, expects) or _someone_elses(scanned) or unusable
    if at_once:
        return at_once
    if thing is None and not _may_begin(scanned.kind, expects):
        return _unused_vial(scanned) if _is_vial_here(scanned) else _unknown(codes.group(scanned.code))
    wrong = look_ahead.against(scanned)
    own = scanned.code == request.form.get("thing", "")
    return Miss(DOES_NOT_FIT, wrong, _(NOT_NOW if own else INSTEAD.get(scanned.kind, ASIDE))) if wrong else None


def _someone_elses(scanned: codes.Scanned) -> Miss | None:
    """Say that a label is another service's, by where its link leads."""
    if not elsewhere.is_elsewhere(scanned):
        return None
    why = _("This label is of another service, %(host)s.", host=scanned.host)
    return Miss(SOMEONE_ELSES, why, _("Look for the label of this trial."))


def _other_kind(kind: codes.Kind, expects: list[str]) -> Miss | None:
    """Say that another kind of thing is to be scanned; None for one that fits, or that this page can look up.

    A downtime form fits every step that has one, and none asks for it.
    """
    if kind is codes.Kind.DOWNTIME_FORM and _may_be_on_paper():
        return None
    if expects and kind not in expects:
        wanted = _(" or ").join(words.kind(one) for one in expects)
        found = words.kind(kind)
        return Miss(
            WRONG_KIND,
            _("Wrong thing: %(found)s.", found=found),
            _("Scan this instead: %(wanted)s.", wanted=wanted),
        )
    if kind is codes.Kind.DOWNTIME_FORM and not expects:
        told = _("Scan first what it is about: its step has “Done earlier, on paper”.")
        return Miss(FORM, _("This is a downtime form."), told)
    return None


def _may_be_on_paper() -> bool:
    """Say whether the page that asks is of a step that may be done on a downtime form."""
    command = STEPS.get(request.form.get("step", ""))
    return command is not None and has_twin(command.SPEC)


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
    if person().role in BENCH:
        advice = _("Check that it belongs to this trial. If it does, raise a deviation.")
    return Miss(UNKNOWN, _("%(code)s is not known here.", code=code), advice)


def _is_vial_here(scanned: codes.Scanned) -> bool:
    return scanned.kind is codes.Kind.ALBUMIN_VIAL and bool(scanned.fields) and vials.at_the_bench()


def _unused_vial(vial: codes.Scanned) -> Miss:
    """Say what a vial is that nobody has used yet, to whoever may use it, and where it is scanned."""
    what = _("%(what)s: %(found)s.", what=_title(vial, None), found=vials.typed(vial))
    where = _("It is scanned on the page of the dilution: scan the treatment bag first.")
    return Miss(UNKNOWN, what, f"{vials.doubt(vial)} {where}".strip())


def _unreadable(error: codes.CodeError, keys: str) -> Miss:
    """Say why a text is no code, and what it would be: by the keys that the scanner pressed, where they are known.

    That of a link cut off before its code is told by where our links lead.
    """
    meant = doubted(None, keys)
    if meant:
        why, advice = words.unreadable(codes.Reason.WRONG_KEYBOARD)
        seems = _("Its keys say %(code)s.", code=codes.group(meant.code))
        return Miss(codes.Reason.WRONG_KEYBOARD, why, f"{advice} {seems}")
    cut = error.reason is codes.Reason.FOREIGN_LINK and codes.begins_link(error.text, elsewhere.base())
    reason = codes.Reason.TRUNCATED if cut else error.reason
    why, advice = words.unreadable(reason)
    return Miss(reason, why, f"{advice} {words.garbled(error.garbled)}".strip())


def _doubted(scanned: codes.Scanned, other: codes.Scanned) -> Miss:
    """Say that a scanner may have been misread: both codes are shown, to be compared with the label."""
    both = {"code": codes.group(scanned.code), "other": codes.group(other.code)}
    return Miss(
        DOUBTED,
        _("%(code)s, or %(other)s by the scanner's keys?", **both),
        _("Set scanner and computer to the same keyboard, use the camera, or type what is on the label."),
    )


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


def _may_begin(kind: codes.Kind, expects: list[str]) -> bool:
    """Say whether a code that the record does not know yet may be used here."""
    if expects or kind is codes.Kind.DOWNTIME_FORM:
        return kind in MAY_BE_NEW
    return bool(steps_for(person().role, kind, "", locked=locked()))


def _by_script() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _answer(found: Hit | Miss, raw: str, symbology: str = "") -> Response | tuple[Response, int] | tuple[str, int]:
    seen = {"symbology": symbology} if symbology else {}
    if isinstance(found, Miss):
        status = 503 if found.reason == NOT_KEPT else 422
        if not _by_script():
            return _home(found, raw), status
        told = {"reason": found.reason, "text": found.text, "advice": found.advice}
        return jsonify(ok=False, raw=raw, **told, **seen), status
    url = url_for("thing.show", code=found.page) if found.page else ""
    if not _by_script():
        return redirect(url or url_for("scan.home"), code=303)
    told = {"kind": found.kind, "code": found.code, "typed": found.typed, "title": found.title, "note": found.note}
    return jsonify(ok=True, url=url, **told, **seen)
