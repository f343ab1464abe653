"""Loading a randomisation list: given as text or file, counted before the eyes, then signed.

What is counted (site, places, places of each arm, blocks) is shown before the signature; the order of the arms is not,
then or ever after. A list that was only counted is on no record.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from custody import intake
from custody.chain.administration import LoadRandomisation
from custody.chain.blocks import division, site_share
from custody.chain.decide import check_thing, is_locked
from custody.chain.fields import LONGEST_TEXT
from custody.chain.refusals import Reason, refuse
from custody.chain.step import fields_of
from custody.randomisation import RowError, is_file, read_rows
from custody.web import look_ahead, reasons, step, words
from custody.web.form import SHOWN_BY, Page
from custody.web.languages import zone
from custody.web.who import door, person
from custody.web.worklist.beside import unlisted

bp = Blueprint("randomisation", __name__)
SPEC: Final = LoadRandomisation.SPEC


@dataclass(frozen=True, slots=True)
class Counted:
    """What would be loaded, without the order of the arms."""

    site: str
    places: int
    share: int
    """Of the trial's participants, that this site has to expect."""
    arms: tuple[tuple[str, int], ...]
    blocks: tuple[tuple[int, int], ...]
    """(size, how many of them), for one way to divide the list."""
    first: int
    last: int

    @property
    def short(self) -> bool:
        """Say whether there are fewer places than the site's share."""
        return self.places < self.share


class Unreadable(ValueError):
    """What was given is no list; the text says why, in the reader's language."""


@bp.get("/do/load_randomisation")
def ask() -> str:
    """Ask for the list."""
    if person().role not in SPEC.by:
        abort(404)
    return _asked({}, [])


@bp.post("/do/load_randomisation")
def load() -> str | Response | tuple[str, int]:
    """Count what was given and ask for the signature; once it is signed, bring it to the door."""
    if person().role not in SPEC.by or "counted" in request.form:
        return step.do_first(SPEC.name)
    given = {name: request.form.get(name, "").strip() for name in ("site", "blocks")}
    try:
        text = _text()
        given["arms"] = text
        given["arms"] = " ".join(_arms(text, given["site"]))
    except Unreadable as wrong:
        return _asked(given, [str(wrong)]), 422
    command, problems = _read(given)
    if command is None or problems:
        return _asked(given | {"arms": text}, problems), 422
    return _counted(command, given, [], str(uuid4()))


def _text() -> str:
    """Give the list as it was pasted, or as the text of its file."""
    pasted, file = request.form.get("arms", "").strip(), request.files.get("file")
    data = file.read() if file else b""
    if pasted and data:
        raise Unreadable(_("Give the list once: as text, or as a file."))
    try:
        return pasted or data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as wrong:
        raise Unreadable(_("The file is no text in UTF-8.")) from wrong


def _arms(text: str, site: str) -> tuple[str, ...]:
    """Give a site's arms: of a file's text those of its rows, of any other text its words."""
    if not is_file(text):
        return tuple(text.split())
    try:
        lists = read_rows(text)
    except RowError as wrong:
        found = {"line": wrong.line, "expected": wrong.expected, "found": wrong.found[:LONGEST_TEXT]}
        raise Unreadable(_("Line %(line)s of the list: expected %(expected)s, found %(found)s.", **found)) from wrong
    if site and site not in lists:
        held = ", ".join(lists) or _("nothing")
        raise Unreadable(_("The list has no row of %(site)s; it has %(held)s.", site=site, held=held))
    return lists.get(site, ())


def _read(given: dict[str, str]) -> tuple[LoadRandomisation | None, list[str]]:
    """Give the command, and all that speaks against it but that it is short, which may be meant."""
    read = intake.read(LoadRandomisation, MultiDict(given), zone())
    if not isinstance(read.command, LoadRandomisation):
        return None, [reasons.say(item, door().protocol) for item in read.errors.values()]
    scene = look_ahead.scene(LoadRandomisation)
    if is_locked(scene):
        found = [refuse(Reason.UNSEALED)]
    else:
        found = [*check_thing(read.command, scene), *read.command.check(scene)]
    return read.command, [reasons.say(item, door().protocol) for item in found if item.reason is not Reason.SHORT_LIST]


def _asked(given: dict[str, str], problems: list[str]) -> str:
    protocol = door().protocol
    return render_template(
        "randomisation/ask.html",
        spec=SPEC,
        given=given,
        problems=problems,
        sites=[(site.code, site.name) for site in unlisted()],
        example=" ".join((*protocol.smallest_block, *reversed(protocol.smallest_block))),
        least=len(protocol.smallest_block),
    )


def _counted(command: LoadRandomisation, given: dict[str, str], refusals: list[str], event: str) -> str:
    return render_template(
        "randomisation/counted.html",
        spec=SPEC,
        given=given,
        counted=count(command),
        field=dict(fields_of(LoadRandomisation))["short"],
        refusals=refusals,
        event=event,
    )


def count(command: LoadRandomisation) -> Counted:
    """Count a list whose blocks are whole."""
    protocol = door().protocol
    blocks = division(command.arms, protocol.smallest_block, sorted({int(size) for size in command.blocks})) or (0,)
    arms = Counter(command.arms)
    return Counted(
        site=words.site(protocol, command.site),
        places=len(command.arms),
        share=site_share(protocol),
        arms=tuple((words.of(arm.name), arms[arm.code]) for arm in protocol.arms),
        blocks=tuple(sorted(Counter(blocks).items())),
        first=blocks[0],
        last=blocks[-1],
    )


def shown(page: Page) -> str:
    """Show again what the door refused: counted, where it can be, else as it was given."""
    given: dict[str, Any] = {name: page.values.get(name, "") for name in ("site", "arms", "blocks")}
    command, problems = _read(given)
    said = list(dict.fromkeys([*page.refusals, *page.errors.values()]))
    if command is None or problems:
        return _asked(given, said or problems)
    return _counted(command, given, said, page.event)


SHOWN_BY[SPEC.name] = shown
