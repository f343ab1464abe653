"""What a verification says it checked, and what it cannot say: sentences for the reader of the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from custody.ledger.checkpoint import Checkpoint
from custody.ledger.openings import Commitments
from custody.ledger.report import Report, counted
from custody.ledger.rules import OPEN, SEALED

BESIDE: Final = ("protocol.toml", "entries")
"""What is no log, but a finding about its entries may be told of."""

SIGNATURES: Final = "signatures of the checkpoint"


class Seen(NamedTuple):
    """What a verification came to see."""

    heads: Mapping[str, Checkpoint]
    """Of each log that has one that can be read."""
    read: Mapping[str, int]
    """How many of its entries could be read."""
    commitments: Commitments
    older: Sequence[Checkpoint]


def say(report: Report, seen: Seen, *, protocol: bool) -> None:
    """Say what was checked of the logs, as far as no finding denies it; `protocol`: whether its hash was known."""
    for log, head in seen.heads.items():
        read = seen.read[log]
        if checked := _log(report, log, head, read, protocol=protocol):
            report.covered.append(checked)
        if read < head.size:
            lost = counted(head.size - read, "entry", "entries")
            which = "it" if head.size - read == 1 else "them"
            report.not_covered.append(f"{log}: {lost} could not be read, so nothing of {which} was checked.")
    _say_commitments(report, seen.heads, seen.commitments)
    if not protocol:
        report.not_covered.append("Whether the entries name the right protocol: it was not given.")
    _say_older(report, seen.heads, seen.older)
    report.not_covered.append(
        "Whether a step was allowed, whether what people recorded is true, and whether it was they who signed in."
    )


def _log(report: Report, log: str, head: Checkpoint, read: int, *, protocol: bool) -> str:
    """Give one sentence of all that holds of a log; empty when a finding denies each part of it."""
    parts = _parts(log, head, read, protocol=protocol)
    held = [said for said, denying in parts if not any(report.told_of(where, *denying) for where in (log, *BESIDE))]
    held = [said for said in held if said != SIGNATURES or log not in report.unsigned]
    if head.size and not read:
        held.append("nothing else")
    return f"{log} ({head.origin}): {'; '.join(held)}." if held else ""


def _parts(log: str, head: Checkpoint, read: int, *, protocol: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each thing that was checked, with the kinds of findings that deny it."""
    yield SIGNATURES, ("checkpoint", "signature")
    if head.size and not read:
        return
    entries = _entries(head) if read == head.size else f"{read} of {_entries(head)}"
    hashed = "canonical and hashed anew" if head.size == 1 else "each canonical and hashed anew"
    yield f"{entries}, {hashed}", ("entry", "hash")
    if read == head.size:
        yield "every tile", ("tile", "bundle")
        yield "the root", ("root", "size", "entries")
        yield "no file missing or added", ("file",)
    given = " where given" if log == SEALED else ""
    yield "event ids", ("event id",)
    if log == SEALED:
        yield "salts", ("salt",)
    yield f"versions and times{given}", ("version", "things", "recorded_at")
    if protocol:
        yield f"the protocol{given}", ("protocol",)


def _entries(head: Checkpoint) -> str:
    return counted(head.size, "entry", "entries")


def _say_commitments(report: Report, heads: Mapping[str, Checkpoint], commitments: Commitments) -> None:
    made = f"commitments: {commitments.made} made"
    if SEALED in heads:
        report.covered.append(f"{made}, {commitments.from_sealed} opened from the sealed log.")
    else:
        report.not_covered.append("The sealed log is not here.")
    if commitments.complete and not report.told_of(OPEN, "commitment", "opening", "allocation"):
        report.covered.append(
            f"{made}, {commitments.in_the_open} opened in the open log; by these, participants have the places of "
            "their site's list in the order of their first orders, and its arms."
        )
    elif commitments.in_the_open:
        so_far = "" if commitments.complete else " so far"
        report.covered.append(f"{made}, {commitments.in_the_open} opened in the open log{so_far}.")
    if commitments.closed:
        closed = counted(commitments.closed, "commitment")
        why = "" if commitments.complete else "; all are opened in the open log when the trial is unsealed"
        report.not_covered.append(f"Whether the open log's commitments hold: {closed} could not be opened{why}.")


def _say_older(report: Report, heads: Mapping[str, Checkpoint], older: Sequence[Checkpoint]) -> None:
    """Say how far older checkpoints vouch for each log: whoever holds the keys signs another one anew."""
    for log, head in heads.items():
        mine = [one for one in older if one.origin == head.origin]
        if not report.told_of(log, "cut", "older checkpoint"):
            report.covered += [
                f"older checkpoint of {one.origin}, {_entries(one)}: held against the log." for one in mine
            ]
        newest = max((one.size for one in mine), default=None)
        if newest is None:
            report.not_covered.append(
                f"{log}: whether it was cut off or rewritten by whoever holds the keys: no older checkpoint of it was "
                "given, kept by somebody outside."
            )
        elif newest < head.size:
            later = f"the {counted(head.size - newest, 'entry', 'entries')} after the newest older checkpoint"
            report.not_covered.append(
                f"{log}: whether others once stood in place of, or after, {later}: whoever holds the keys can rewrite "
                "these."
            )
