"""Look at a code, or at a picture of one: what it is, and what may be done with it."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from custody.cli.failing import Refused, Wrong
from custody.cli.opening import Commands, add_as_blinded, add_place, settings, viewing
from custody.cli.saying import say, say_json, say_table

if TYPE_CHECKING:
    from custody.chain.things import Thing
    from custody.codes import Scanned
    from custody.config import Config
    from custody.labelling import Read


def add(commands: Commands) -> None:
    """Add the family's commands."""
    code = commands.add_parser("code", help="say what a scanned or typed code is, or why it is none")
    code.add_argument("text", metavar="TEXT")
    code.add_argument("--json", action="store_true", help="answer in JSON")
    code.set_defaults(do=_code)
    scan = commands.add_parser("scan", help="read a picture of a label; say what it is and what may be done")
    scan.add_argument("image", metavar="IMAGE", help="a PNG, JPEG or WebP picture")
    add_as_blinded(scan)
    scan.add_argument("--json", action="store_true", help="answer in JSON")
    add_place(scan)
    scan.set_defaults(do=_scan)


# --- a code -----------------------------------------------------------------------------------


def described(scanned: Scanned) -> dict[str, Any]:
    """Say what a code is: kind, spelling for eyes, fields, check symbol."""
    from custody import codes

    fields = dict(scanned.fields)
    own = codes.group(scanned.code) != scanned.code
    check = scanned.code[-1] if own else fields.get("check") or fields.get("gtin", "")[-1:]
    return {
        "ok": True,
        "kind": str(scanned.kind),
        "code": scanned.code,
        "typed": codes.group(scanned.code),
        "check": check,
        "fields": fields,
    }


def misread(text: str, base: str = "") -> tuple[Scanned | None, dict[str, Any]]:
    """Read a text; give what it is, or why it is none. Where our links lead (`base`), one that is cut off is known."""
    from custody import codes

    try:
        scanned = codes.read(text)
    except codes.CodeError as wrong:
        if base and wrong.reason is codes.Reason.FOREIGN_LINK and codes.begins_link(text, base):
            wrong = codes.CodeError(codes.Reason.TRUNCATED, text)
        answer = {"ok": False, "reason": str(wrong.reason), "found": text, "expected": wrong.expected}
        garbled = wrong.garbled and {"keyboard": wrong.garbled.keyboard, "meant": wrong.garbled.code}
        return None, answer | (garbled or {})
    return scanned, described(scanned)


def _code(given: argparse.Namespace) -> int:
    from custody import codes

    scanned, answer = misread(given.text)
    if given.json:
        say_json(answer)
    elif scanned is None:
        meant = f" On {answer['keyboard']} it is {codes.group(answer['meant'])}." if answer.get("meant") else ""
        message = f"no code ({answer['reason']}): {answer['expected']} Found: {given.text[:60]!r}.{meant}"
        raise Refused(message)
    else:
        _say_code(answer)
    return 0 if scanned else 1


def _say_code(answer: dict[str, Any]) -> None:
    say(f"{answer['kind'].replace('_', ' ')} {answer['typed']}")
    rows = {"code": answer["code"], "check symbol": answer["check"], **answer["fields"]}
    for name, value in rows.items():
        if value and name != "check":
            say(f"  {name.replace('_', ' '):<16}{value}")


# --- a picture --------------------------------------------------------------------------------


def _scan(given: argparse.Namespace) -> int:
    from custody.labelling import LabelError, decode

    path = Path(given.image)
    try:
        reads = decode(path.read_bytes())
    except LabelError as wrong:
        message = f"{path}: {wrong}"
        raise Wrong(message) from wrong
    config = settings(given)
    answers = [_read(read, config, as_blinded=given.as_blinded) for read in reads]
    if given.json:
        say_json(answers)
    elif not answers:
        message = f"{path}: no symbol was found: expected a QR, DataMatrix or Code 128, sharp and whole"
        raise Refused(message)
    else:
        _say_reads(answers)
    return 0 if any(answer["ok"] for answer in answers) else 1


def _read(read: Read, config: Config, *, as_blinded: bool) -> dict[str, Any]:
    gs1 = read.aim if read.aim in {"]d2", "]C1", "]Q3"} else ""
    scanned, answer = misread(gs1 + read.text, config.base_url)
    answer = {"symbology": read.symbology, "text": read.text, **answer}
    if scanned is None:
        return answer
    known = {"things": None, "steps": [], "notes": []} | _known(config, scanned, as_blinded=as_blinded)
    if scanned.host not in {"", urlsplit(config.base_url).netloc.lower()} and known["things"] == []:
        expected = f"The label is of another service, {scanned.host}: look for the label of this trial."
        return answer | {"ok": False, "reason": "someone_elses", "found": read.text, "expected": expected}
    return answer | known


def _known(config: Config, scanned: Scanned, *, as_blinded: bool) -> dict[str, Any]:
    """Say how a thing stands in the ledger in use and what may be done with it; nothing where there is no ledger."""
    from custody.chain.at_scan import at_scan
    from custody.chain.preparation import Dilute
    from custody.chain.roles import EVERYBODY
    from custody.chain.step import steps_for
    from custody.chain.things import UNSEALING
    from custody.clock import SystemClock
    from custody.codes import Kind
    from custody.trace import halves

    try:
        with viewing(config, as_blinded=as_blinded) as view:
            things, locked = halves(view.look_up, scanned.code), bool(view.look_up(UNSEALING))
            protocol, now = view.protocol, SystemClock().now()
    except Wrong:
        return {}
    looked_at: list[Thing | None] = [*things] or [None]
    notes = {refusal.text for thing in looked_at for refusal in at_scan(scanned, thing, protocol, now, "")}
    states = [(thing.KIND, thing.status) for thing in things] or [(str(scanned.kind), "")]
    steps: dict[str, dict[str, Any]] = {}
    for kind, status in states:
        for role in sorted(EVERYBODY):
            for spec in steps_for(role, kind, status, locked=locked):
                steps.setdefault(spec.name, {"step": spec.name, "title": spec.title, "by": []})["by"].append(str(role))
    if scanned.kind is Kind.ALBUMIN_VIAL and not (things or notes or locked):  # it is scanned on its bag's page
        steps["dilute"] = {"step": "dilute", "title": Dilute.SPEC.title, "by": sorted(map(str, Dilute.SPEC.by))}
    return {
        "things": [{"kind": kind, "status": status} for kind, status in states if status],
        "steps": [*steps.values()],
        "notes": sorted(notes),
    }


def _say_reads(answers: Sequence[dict[str, Any]]) -> None:
    told: set[str] = set()
    for answer in answers:
        if answer.get("code") in told:
            say(f"{answer['symbology']}: the same")
            continue
        told.add(answer.get("code", ""))
        if not answer["ok"]:
            say(f"{answer['symbology']}: no code ({answer['reason']}): {answer['expected']}")
            continue
        say(f"{answer['symbology']}: {answer['kind'].replace('_', ' ')} {answer['typed']}")
        if expiry := answer["fields"].get("expiry"):
            say(f"  expires {expiry}")
        if answer["things"] is None:
            say("  no ledger is in use here: state and steps are not known")
            continue
        for thing in answer["things"]:
            say(f"  {thing['kind'].replace('_', ' ')}: {thing['status'].replace('_', ' ')}")
        if not answer["things"]:
            say("  not yet recorded")
        for note in answer["notes"]:
            say(f"  {note}")
        rows = [(step["title"], ", ".join(step["by"]).replace("_", " ")) for step in answer["steps"]]
        say_table(("what may be done", "by"), rows or [("nothing now", "")], indent="  ")
