"""Verifies a ledger from its bytes alone, and collects all that can be found.

    report = verify_folder(Path("export"), trusted_vkeys=[...], older_checkpoints=[note])
    for finding in report.findings: print(finding)

The folder: `open/`, perhaps `sealed/`, `vkeys`, `protocol.toml`, `README.txt`, and nothing else. A log
must be signed by every key that bears its origin as name (by all keys when none does). A ledger that is in
a database is verified by the same code: `verify({"open": RowsSource(...)}, Trust(...))`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from custody.ledger.checkpoint import Checkpoint, NoteError, open_note, read_unverified
from custody.ledger.coverage import Seen, say
from custody.ledger.folder import check_keys, check_texts, open_logs
from custody.ledger.heads import Heads, add_keyless, add_unsigned, keys_of
from custody.ledger.keys import Verifier
from custody.ledger.named_protocol import NamedProtocol
from custody.ledger.openings import Commitments
from custody.ledger.readme import README_TXT
from custody.ledger.report import Finding, Report
from custody.ledger.rules import OPEN, SEALED, EntryRules
from custody.ledger.source import CHECKPOINT, Source
from custody.ledger.verify_log import Asked, LogCheck, Progress

__all__ = ["README_TXT", "Finding", "Progress", "Report", "Trust", "verify", "verify_folder"]

_OLDER: Final = "older checkpoint"


@dataclass(frozen=True, slots=True)
class Trust:
    """What a ledger is held against, known from elsewhere."""

    verifiers: Sequence[Verifier]
    """The keys that must have signed."""
    protocol: str | None = None
    """SHA-256 of the protocol's file, in hex; None when unknown."""
    older: Sequence[str] = ()
    """Checkpoint notes kept from earlier days, of any of the logs."""
    given: bool = False
    """Whether the keys were given, perhaps those of one log alone; else they are the ledger's own, of all its logs."""


def verify(logs: Mapping[str, Source], trust: Trust, progress: Progress | None = None) -> Report:
    """Check logs by their names, `open` and perhaps `sealed`, wherever they are.

    `progress(log, done, total)` counts entries. Whatever is wrong is in the report.
    """
    report = Report()
    _check(logs, trust, report, progress)
    return report.finish()


def verify_folder(
    path: Path,
    trusted_vkeys: Sequence[str] | None = None,
    older_checkpoints: Sequence[str] = (),
    progress: Progress | None = None,
) -> Report:
    """Check an exported ledger.

    `trusted_vkeys`: keys known from elsewhere; without them the folder's own are taken. `older_checkpoints`:
    notes kept from earlier days, of any of the logs. `progress(log, done, total)` counts entries.
    Raises `BadKey` for a trusted key that is none; all else is in the report.
    """
    report = Report()
    trusted = [Verifier.from_vkey(vkey) for vkey in trusted_vkeys] if trusted_vkeys is not None else None
    logs = open_logs(path, report)
    known = check_keys(path, trusted, report)
    trust = Trust(known, check_texts(path, report), older_checkpoints, given=trusted is not None)
    _check(logs, trust, report, progress)
    return report.finish()


def _check(logs: Mapping[str, Source], trust: Trust, report: Report, progress: Progress | None) -> None:
    """Check log by log: the open one first, because the sealed one opens what it committed to."""
    origins = {log: _origin(source) for log, source in logs.items()}
    older = _older(trust, frozenset(origins.values()), report)
    commitments, protocol = Commitments(report), NamedProtocol(trust.protocol)
    heads: dict[str, Checkpoint] = {}
    read: dict[str, int] = {}
    for log, source in sorted(logs.items()):
        mine = tuple(one for one in older if one.origin == origins[log])
        asked = Asked(EntryRules(log, protocol, report), commitments)
        check = LogCheck(log, source, Heads(trust.verifiers, mine, trust.given), asked, report)
        if head := check.run(progress):
            heads[log], read[log] = head, check.read
    commitments.finish()
    protocol.finish(report)
    _check_origins(heads, older, report)
    if report.unsigned.keys() == heads.keys():  # none of the logs that are here has a key: nothing would be verified
        for log, origin in report.unsigned.items():
            add_keyless(f"{log}/{CHECKPOINT}", origin, report)
    say(report, Seen(heads, read, commitments, older), protocol=trust.protocol is not None)


def _older(trust: Trust, here: frozenset[str | None], report: Report) -> list[Checkpoint]:
    """Read the notes kept from earlier days; they count even when their signatures do not hold.

    Of one whose log is not here nothing can be said but that: `_check_origins` does.
    """
    found = []
    for note in trust.older:
        try:
            older, _ = read_unverified(note)
        except NoteError as wrong:
            report.add_wrong(_OLDER, "checkpoint", "a signed note", wrong)
            continue
        found.append(older)
        if older.origin not in here:
            continue
        try:
            open_note(note, keys_of(older.origin, trust.verifiers), require="any")
        except NoteError as wrong:
            add_unsigned(_OLDER, older.origin, Heads(trust.verifiers, given=trust.given), wrong, report)
    return found


def _origin(source: Source) -> str | None:
    try:
        return read_unverified(source.read(CHECKPOINT).decode())[0].origin
    except (OSError, ValueError):
        return None


def _check_origins(heads: dict[str, Checkpoint], older: Sequence[Checkpoint], report: Report) -> None:
    origins = {head.origin for head in heads.values()}
    if OPEN not in heads:
        report.add(OPEN, "log", "a log with a readable checkpoint", "none")
    if len(origins) < len(heads):
        report.add(f"{SEALED}/{CHECKPOINT}", "origin", "another origin than the open log's", *origins)
    for one in older:
        if one.origin not in origins:
            here = " or ".join(sorted(origins)) or "any"
            report.add(_OLDER, "origin", f"one of a log that is here, {here}", f"one of {one.origin}")
