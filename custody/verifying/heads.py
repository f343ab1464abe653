"""What stands in rows of its own beside the logs: each head, and the name of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from custody.chain.things import TRIAL, Plane, Trial
from custody.ledger.checkpoint import NoteError, read_unverified
from custody.ledger.entry import decode
from custody.ledger.errors import LedgerError
from custody.ledger.report import Report, said
from custody.record.keyring import origin_of
from custody.record.log import differing
from custody.store.body import BadBody
from custody.store.identity import Identity
from custody.store.plane import Head, PlaneStore
from custody.store.typed import Mistyped


def check_heads(connection: Connection, ledger: str, stores: Mapping[Plane, PlaneStore], report: Report) -> None:
    """Hold each head's row against the note that was signed: with one that differs the door opens no log."""
    before = report.count
    for plane, store in stores.items():
        try:
            head = store.head(connection)
        except Mistyped as wrong:
            report.add(wrong.where, wrong.column, wrong.expected, wrong.found)
            continue
        if head is None:
            report.add(f"{plane}_head", "row", "a row", "none")
            continue
        try:
            signed, _ = read_unverified(head.note)
        except NoteError as wrong:
            report.add_wrong(f"{plane}_head", "note", "a signed note", wrong)
            continue
        for name, expected, found in differing(head, signed, origin_of(ledger, plane)):
            report.add(f"{plane}_head", name, f"{expected}, as signed", found)
        _check_time(connection, store, head, signed.size, report)
    if report.count == before:
        report.covered.append("The row of each head: name, size and root as signed, time of the last entry.")


def _check_time(connection: Connection, store: PlaneStore, head: Head, size: int, report: Report) -> None:
    """Hold the open head's time against the last entry's; the sealed one has none, nor has a log without entries."""
    expected = ""
    if store.plane is Plane.OPEN and size:
        try:
            last = decode(store.entry(connection, size - 1))
            expected = datetime.fromisoformat(last["recorded_at"]).isoformat()
        except (LedgerError, IndexError, KeyError, TypeError, ValueError):
            return  # the entry is reported with its log
    if size and head.recorded_at != expected:
        report.add(f"{store.plane}_head", "recorded_at", expected or "none", said(head.recorded_at))


def check_name(connection: Connection, known: Identity, store: PlaneStore, report: Report) -> None:
    """Hold the ledger's name, by which its keys are called, against the one under which the trial started."""
    try:
        kept = store.thing(connection, TRIAL)
    except BadBody:
        return  # found by a replay
    trial = kept.thing if kept else None
    if isinstance(trial, Trial) and trial.origin != known.origin:
        report.add("ledger", "origin", trial.origin, said(known.origin))
    elif isinstance(trial, Trial):
        report.covered.append("The ledger's name, against the start of the trial; its protocol, against each entry.")
