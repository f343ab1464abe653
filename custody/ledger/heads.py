"""The signed head of a log that is being verified, and what it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from custody.ledger.checkpoint import Checkpoint, NoteError, SignatureLine, open_note, read_unverified
from custody.ledger.keys import Verifier
from custody.ledger.report import Report
from custody.ledger.source import CHECKPOINT, Source


@dataclass(frozen=True, slots=True)
class Heads:
    """What a log's head is held against: trusted keys, and older heads of the same log."""

    verifiers: Sequence[Verifier]
    older: Sequence[Checkpoint] = ()
    given: bool = False
    """Whether somebody gave the keys, who may have had those of one log alone; else they are the ledger's own."""


def read_head(log: str, source: Source, heads: Heads, report: Report) -> Checkpoint | None:
    """Give a log's head as written, its signatures checked; None when it cannot be read."""
    where = f"{log}/{CHECKPOINT}"
    try:
        note = source.read(CHECKPOINT).decode()
        head, lines = read_unverified(note)
    except (OSError, ValueError) as wrong:
        report.add_wrong(where, "checkpoint", "a signed note", wrong)
        return None
    try:
        open_note(note, keys_of(head.origin, heads.verifiers))
    except NoteError as wrong:
        if add_unsigned(where, head.origin, heads, wrong, report):
            report.unsigned[log] = head.origin
            return head
    _say_others(where, lines, heads.verifiers, report)
    return head


def add_unsigned(where: str, origin: str, heads: Heads, wrong: NoteError, report: Report) -> bool:
    """Report a note whose signatures do not hold, or that no key is there to check them by.

    Who was given the keys of the ledger's other log alone knows no wrong of this one: that is said, and True returned.
    """
    if any(key.name == origin for key in heads.verifiers):
        report.add_wrong(where, "signature", "one by the keys of the log", wrong)
    elif heads.given and any(_ledger(key.name) == _ledger(origin) for key in heads.verifiers):
        report.not_covered.append(f"{where}: who signed it: no key of the log {origin} was given.")
        return True
    else:
        add_keyless(where, origin, report)
    return False


def add_keyless(where: str, origin: str, report: Report) -> None:
    """Report a note that there is no key to check by."""
    report.add(where, "signature", f"a key of the log {origin}, to check it by", "none")


def _ledger(origin: str) -> str:
    """Give the name of the ledger that a log is one of two of."""
    return origin.rpartition("/")[0]


def keys_of(origin: str, verifiers: Sequence[Verifier]) -> Sequence[Verifier]:
    """Give the keys that must sign a log: those that bear its origin as name; all, when none does."""
    return [key for key in verifiers if key.name == origin] or verifiers


def _say_others(where: str, lines: Sequence[SignatureLine], verifiers: Sequence[Verifier], report: Report) -> None:
    known = {(key.name, key.key_id) for key in verifiers}
    others = [line for line in lines if (line.name, line.key_id) not in known]
    if others:
        names = ", ".join(f"{line.name} {line.key_id.hex()}" for line in others)
        report.not_covered.append(f"{where}: signatures by keys that are not known here: {names}.")
