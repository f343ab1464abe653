"""Printing labels: chosen and looked at, put on record, and only then handed out as a file.

- What is shown before is drawn from the very pages that are printed. A preview is no print, and leaves no record.
- A label that does not fit, or a symbol that does not read back, keeps the whole print from being made: nothing is on
  record then, and the page says which label it is and why.
- The record comes first; its event is the file's address. Who lost the network in between sends the same form again,
  is led to the same file, and it is the same to the byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from custody import codes, intake
from custody.chain.labels import (
    BLANK_BY,
    DESIGN_OF,
    FORMS,
    MOST_AT_ONCE,
    MOST_COPIES,
    Print,
    PrintLabels,
    PrintLabelsSealed,
)
from custody.chain.roles import WARD, sees_arm
from custody.chain.step import fields_of
from custody.labelling import Label, LabelError, Page, designs, of_pages, roll, roll_pages, sheet_pages
from custody.ledger.entry import decode
from custody.printing import BLANKS, NoLabel
from custody.record.entries import REFUSED
from custody.record.request import EventReused, OutcomeUnknown
from custody.web import device, labels, look_ahead, reasons
from custody.web.languages import zone
from custody.web.seen import look_up, visible
from custody.web.submission import build
from custody.web.who import connection, door, person, stores

bp = Blueprint("prints", __name__)
PRINTER: Final = "custody_printer"
"""The cookie by which a device proposes what it printed on last: its printer does not change from label to label."""
HANDED_OUT: Final = timedelta(hours=1)
"""For so long a record gives its file: after that it is another print."""
SHOWN: Final = 4
"""Pages of a roll that are shown at once; of sheets it is one."""
LONGEST_NUMBER: Final = 4


@dataclass(frozen=True, slots=True)
class Failed:
    """One label that cannot be printed, and why, in the reader's language."""

    code: str
    title: str
    why: str


@dataclass(slots=True)
class Asked:
    """What is to be printed, as the page has it."""

    codes: list[str]
    design: str
    blank: bool = False
    form: str = FORMS[0][0]
    copies: str = "1"
    reason: str = ""
    page: int = 1
    left: int = 0
    """How many more labels the group has than fit into one print."""
    refusals: list[str] = field(default_factory=list)
    event: str = ""
    printed: bool = False
    """Whether one of them was printed before, as this person may know."""

    @property
    def address(self) -> dict[str, Any]:
        """Give what leads to the same page: the labels one by one."""
        blank = {"blank": self.design} if self.blank else {}
        return {"labels": self.codes, "form": self.form, "copies": self.each, **blank}

    @property
    def each(self) -> int:
        """Give how many copies the page shows."""
        return min(max(labels.number(self.copies), 1), MOST_COPIES)


def command() -> type[Print]:
    """Give the step of this person's plane."""
    return PrintLabelsSealed if sees_arm(person().role) else PrintLabels


@bp.get("/prints/new")
def ask() -> str | tuple[str, int]:
    """Show what would be printed, and how; the last chance to see that it is the right thing."""
    asked = _chosen(request.args)
    if person().role not in command().SPEC.by or not asked.codes:
        abort(404)
    asked.event = str(uuid4())
    asked.printed = _printed(asked.codes)
    return _show(asked)


@bp.post("/prints")
def make() -> AnyResponse | tuple[str, int]:
    """Put a print on record, once all of it can be printed; lead to its file."""
    read = intake.read(command(), request.form, zone())
    if isinstance(read.command, Print) and person().role in command().SPEC.by:
        _made, failed = made(read.command, door().world.clock.now())
        if failed:
            return _page(_sent(), failed=failed)
    sent = build(command(), read)
    try:
        answer = door().submit(sent)
    except EventReused:
        return _again([_("This form was sent before with other content: check what is on record.")])
    except OutcomeUnknown:
        asked = _sent()
        asked.event, asked.refusals = sent.event, [_("Not sure that it is on record: send it again.")]
        return _show(asked), 503
    if not answer.done:
        return _again([reasons.say(item, door().protocol) for item in answer.refusals])
    to_the_file = redirect(url_for("prints.done", event=answer.event), code=303)
    device.keep(to_the_file, PRINTER, request.form.get("form", ""))
    return to_the_file


@bp.get("/prints/<event>")
def done(event: str) -> str:
    """Hand out what was put on record: one way to the paper, and how to print it again."""
    record, _at = _recorded(event)
    return render_template("prints/done.html", event=event, zpl=record.form.startswith("zpl"), record=record)


@bp.get("/prints/<event>.pdf")
def as_pdf(event: str) -> Response:
    """Give a print's pages."""
    return _file(event, "application/pdf", "pdf", zpl=False)


@bp.get("/prints/<event>.zpl")
def as_zpl(event: str) -> Response:
    """Give a print as a label printer takes it."""
    return _file(event, "text/plain; charset=us-ascii", "zpl", zpl=True)


def _file(event: str, kind: str, ending: str, *, zpl: bool) -> Response:
    record, at = _recorded(event)
    if record.form.startswith("zpl") is not zpl:
        abort(404)
    data, failed = made(record, at)
    if failed:
        abort(labels.unprintable("; ".join(f"{one.code} {one.why}" for one in failed)))
    shown = "attachment" if zpl else "inline"
    named = {"Content-Disposition": f'{shown}; filename="{record.design}-{event[:8]}.{ending}"'}
    return Response(data, content_type=kind, headers=named)


def _recorded(event: str) -> tuple[Print, datetime]:
    """Give a print of this person's that is on record, and when that was; else there is nothing at this address."""
    kind = command()
    store = stores()[kind.SPEC.plane]
    place = store.place_of(connection(), event)
    entry = decode(store.entry(connection(), place)) if place is not None else {}
    if not entry or entry["type"] == REFUSED or entry["step"] != kind.SPEC.name:
        abort(404)
    at = datetime.fromisoformat(entry["recorded_at"])
    if entry["actor"]["person"] != person().code:
        abort(404)
    if door().world.clock.now() - at > HANDED_OUT:
        abort(labels.unprintable(_("This was printed more than an hour ago: print it again.")))
    facts = entry["payload"]
    return kind(**{**facts, "labels": tuple(facts["labels"])}), at


# --- what is printed --------------------------------------------------------------------------


def made(asked: Print, at: datetime) -> tuple[bytes, list[Failed]]:
    """Make the file of a print, of a time; or say what keeps it from being made. Every symbol was read back."""
    found, failed = drawn(list(asked.labels), asked.design, blank=asked.blank)
    if failed or not found:
        return b"", failed
    try:
        if asked.form.startswith("zpl"):
            return roll(found, int(asked.form.removeprefix("zpl_")), asked.copies).encode("ascii"), []
        return of_pages(pages(found, asked.form, asked.copies), title(asked.design), at), []
    except LabelError as wrong:
        return b"", [Failed("", title(asked.design), labels.said(wrong))]


def drawn(asked: Sequence[str], design: str, *, blank: bool) -> tuple[list[Label], list[Failed]]:
    """Fill the labels of some codes; say which cannot be filled. What may not be seen is in neither."""
    found: list[Label] = []
    failed: list[Failed] = []
    printer, site = labels.printer(), person().site if person().role in WARD else ""
    for code in asked[:MOST_AT_ONCE]:
        try:
            if not blank:
                found.append(printer.label(code))
            elif design in BLANKS:
                found.append(printer.blank(design, code, site))
        except (NoLabel, codes.CodeError):
            continue
        except LabelError as wrong:
            failed.append(Failed(code, title(design), labels.said(wrong)))
    return found, failed


def pages(found: Sequence[Label], form: str, copies: int) -> list[Page]:
    """Lay labels out as they are printed: copies of one beside each other."""
    each = [label for label in found for _copy in range(copies)]
    return sheet_pages(each, title(each[0].design.name)) if form == "sheet" else roll_pages(each)


def title(design: str) -> str:
    """Give the title of a design, which is in French and English."""
    known = designs().get(design)
    return known.title if known else design


def _printed(asked: Sequence[str]) -> bool:
    """Say whether a label was printed before, as far as the door would say so to this person."""
    scene = look_ahead.scene(command())
    one = command()(labels=tuple(asked), design="", form="", copies=1)
    return any(one.printed(scene, code) for code in asked)


# --- the page ---------------------------------------------------------------------------------


def _chosen(args: MultiDict[str, str]) -> Asked:
    """Read what an address asks for: labels one by one, blank ones, or a group."""
    form = args.get("form") or request.cookies.get(PRINTER, "")
    asked = Asked(
        codes=list(dict.fromkeys(map(_spelt, args.getlist("labels"))))[:MOST_AT_ONCE],
        design=args.get("blank", ""),
        blank=args.get("blank", "") in BLANKS,
        form=form if form in dict(FORMS) else FORMS[0][0],
        copies=args.get("copies", "1")[:LONGEST_NUMBER],
        reason=args.get("reason", ""),
        page=max(labels.number(args.get("page", "1")), 1),
    )
    if asked.design and not asked.blank:
        abort(404)
    if asked.blank:
        _mint(asked, args.get("count", ""))
    else:
        start = labels.number(args.get("from", "0"))
        found = asked.codes or labels.codes_of(labels.asked())[start:]
        asked.codes, asked.left = found[:MOST_AT_ONCE], max(0, len(found) - MOST_AT_ONCE)
        asked.design = next((DESIGN_OF[thing.KIND] for thing in _labelled(asked.codes[:1])), "")
        asked.codes = [code for code in asked.codes if asked.design in _designs(code)]
    return asked


def _spelt(text: str) -> str:
    try:
        return codes.read(text).code
    except codes.CodeError:
        return ""


def _labelled(found: Sequence[str]) -> list[Any]:
    return [thing for code in found for thing in look_up(code) if thing.KIND in DESIGN_OF]


def _designs(code: str) -> set[str]:
    return {DESIGN_OF[thing.KIND] for thing in _labelled([code])}


def _mint(asked: Asked, count: str) -> None:
    """Give blank labels their codes, once: they stay while the page is shown anew."""
    if person().role not in BLANK_BY[asked.design]:
        abort(404)
    kind = BLANKS[asked.design].kind
    if any(not code or visible(code) or codes.read(code).kind is not kind for code in asked.codes):
        abort(404)
    if asked.codes:
        return
    wanted = labels.number(count)
    if not 1 <= wanted <= MOST_AT_ONCE:
        abort(labels.unprintable(_("Expected 1 to %(most)s labels.", most=MOST_AT_ONCE)))
    asked.codes = [codes.mint(kind, door().world.random_bytes) for _number in range(wanted)]


def _sent() -> Asked:
    """Read again what a form held."""
    form = request.form
    asked = Asked(
        codes=[line for text in form.getlist("labels") for line in text.split()][:MOST_AT_ONCE],
        design=form.get("design", ""),
        blank=form.get("blank", "") == "yes",
        form=form.get("form", "") if form.get("form", "") in dict(FORMS) else FORMS[0][0],
        copies=form.get("copies", "1")[:LONGEST_NUMBER],
        reason=form.get("reason", ""),
        event=str(uuid4()),
        printed=True,
    )
    asked.codes = [code for code in map(_spelt, asked.codes) if code]
    return asked


def _again(refusals: list[str]) -> tuple[str, int]:
    asked = _sent()
    asked.refusals = refusals
    return _show(asked), 422


def _show(asked: Asked) -> str:
    return _page(asked)[0]


def _page(asked: Asked, failed: list[Failed] | None = None) -> tuple[str, int]:
    """Show the page, with the pages that would be printed, or with what keeps them from it."""
    found, wrong = drawn(asked.codes, asked.design, blank=asked.blank)
    failed = wrong or failed or []
    laid = [] if failed or not found else pages(found, asked.form, asked.each)
    at_once = 1 if asked.form == "sheet" else SHOWN
    start = (min(asked.page, -(-len(laid) // at_once) or 1) - 1) * at_once
    shown = [(number, one) for number, one in enumerate(laid, 1)][start : start + at_once]
    page = render_template(
        "prints/new.html",
        asked=asked,
        failed=failed,
        good=[label.code for label in found],
        title=title(asked.design),
        forms=FORMS,
        most_copies=MOST_COPIES,
        pages=len(laid),
        shown=[(n, Markup(one.svg(_("Page %(number)s", number=n)))) for n, one in shown],  # noqa: S704 - our own drawing
        earlier=start // at_once if start else 0,
        later=start // at_once + 2 if start + at_once < len(laid) else 0,
        sheet=asked.form == "sheet",
        here=asked.address,
        reason=dict(fields_of(command()))["reason"],
    )
    return page, 422 if failed and request.method == "POST" else 200
