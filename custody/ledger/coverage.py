"""What a verification says it checked, and what it cannot say: sentences for the reader of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from custody.ledger.checkpoint import Checkpoint
from custody.ledger.openings import Commitments
from custody.ledger.report import Report, counted
from custody.ledger.rules import SEALED


class Seen(NamedTuple):
    """What a verification came to see."""

    heads: Mapping[str, Checkpoint]
    """Of each log that has one that can be read."""
    read: Mapping[str, int]
    """How many of its entries could be read."""
    commitments: Commitments
    older: Sequence[Checkpoint]


def say(report: Report, seen: Seen, *, protocol: bool) -> None:
    """Say what was checked of the logs; `protocol`: whether the protocol's hash was known."""
    for log, head in seen.heads.items():
        read = seen.read[log]
        report.covered.append(_log(log, head, read, protocol=protocol))
        if read < head.size:
            lost = counted(head.size - read, "entry", "entries")
            report.not_covered.append(f"{log}: {lost} could not be read, so nothing of them was checked.")
    _say_commitments(report, seen.heads, seen.commitments)
    if not protocol:
        report.not_covered.append("Whether the entries name the right protocol: it was not given.")
    _say_older(report, seen.heads, seen.older)
    report.not_covered.append(
        "Whether a step was allowed, whether what people recorded is true, and whether it was they who signed in."
    )


def _log(log: str, head: Checkpoint, read: int, *, protocol: bool) -> str:
    name = f"{log} ({head.origin}): signatures of the checkpoint"
    if head.size and not read:
        return f"{name}, and nothing else."
    rules = "versions and times, and the protocol" if protocol else "versions and times"
    rest = f"event ids; {f'salts; {rules} where given' if log == SEALED else rules}"
    if read < head.size:
        return f"{name}; {read} of {_entries(head)}, each canonical and hashed anew; {rest}."
    return (
        f"{name}; {_entries(head)}, each canonical and hashed anew; every tile; the root; "
        f"no file missing or added; {rest}."
    )


def _entries(head: Checkpoint) -> str:
    return counted(head.size, "entry", "entries")


def _say_commitments(report: Report, heads: Mapping[str, Checkpoint], commitments: Commitments) -> None:
    made = f"commitments: {commitments.made} made"
    if SEALED in heads:
        report.covered.append(f"{made}, {commitments.from_sealed} opened from the sealed log.")
    else:
        report.not_covered.append("The sealed log is not here.")
    if commitments.complete:
        report.covered.append(
            f"{made}, {commitments.in_the_open} opened in the open log; by these, participants have the places of "
            "their site's list in the order of their first orders, and its arms."
        )
    elif commitments.in_the_open:
        report.covered.append(f"{made}, {commitments.in_the_open} opened in the open log so far.")
    if commitments.closed:
        closed = counted(commitments.closed, "commitment")
        why = "" if commitments.complete else "; all are opened in the open log when the trial is unsealed"
        report.not_covered.append(f"Whether the open log's commitments hold: {closed} could not be opened{why}.")


def _say_older(report: Report, heads: Mapping[str, Checkpoint], older: Sequence[Checkpoint]) -> None:
    origins = {head.origin for head in heads.values()}
    for one in older:
        if one.origin in origins:
            report.covered.append(f"older checkpoint of {one.origin}, {_entries(one)}: held against the log.")
    for log, head in heads.items():
        if head.origin not in {one.origin for one in older}:
            report.not_covered.append(f"{log}: whether its end was cut off: no older checkpoint of it was given.")
