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


def read_head(log: str, source: Source, verifiers: Sequence[Verifier], report: Report) -> Checkpoint | None:
    """Give a log's head as written, its signatures checked; None when it cannot be read."""
    where = f"{log}/{CHECKPOINT}"
    try:
        note = source.read(CHECKPOINT).decode()
        head, lines = read_unverified(note)
    except (OSError, ValueError) as wrong:
        report.add_wrong(where, "checkpoint", "a signed note", wrong)
        return None
    try:
        open_note(note, keys_of(head.origin, verifiers))
    except NoteError as wrong:
        add_unsigned(where, head.origin, verifiers, wrong, report)
    _say_others(where, lines, verifiers, report)
    return head


def add_unsigned(where: str, origin: str, verifiers: Sequence[Verifier], wrong: NoteError, report: Report) -> None:
    """Report a note whose signatures do not hold; where no key is the log's that is what is wrong, and is said."""
    if any(key.name == origin for key in verifiers):
        report.add_wrong(where, "signature", "one by the keys of the log", wrong)
    else:
        report.add(where, "signature", f"a key of the log {origin}, to check it by", "none")


def keys_of(origin: str, verifiers: Sequence[Verifier]) -> Sequence[Verifier]:
    """Give the keys that must sign a log: those that bear its origin as name; all, when none does."""
    return [key for key in verifiers if key.name == origin] or verifiers


def _say_others(where: str, lines: Sequence[SignatureLine], verifiers: Sequence[Verifier], report: Report) -> None:
    known = {(key.name, key.key_id) for key in verifiers}
    others = [line for line in lines if (line.name, line.key_id) not in known]
    if others:
        names = ", ".join(f"{line.name} {line.key_id.hex()}" for line in others)
        report.not_covered.append(f"{where}: signatures by keys that are not known here: {names}.")
