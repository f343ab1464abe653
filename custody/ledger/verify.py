"""Verifies an exported ledger, from its files alone, and collects all that can be found.

    report = verify_folder(Path("export"), trusted_vkeys=[...], older_checkpoint=note)
    for finding in report.findings: print(finding)

The folder: `open/`, perhaps `sealed/`, `vkeys`, `protocol.toml`, `README.txt`, and nothing else. A log
must be signed by every key that bears its origin as name (by all keys when none does).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from custody.ledger.checkpoint import Checkpoint, NoteError, open_note, read_unverified
from custody.ledger.keys import BadKey, Verifier
from custody.ledger.readme import KNOWN, README_TXT
from custody.ledger.report import Finding, Report
from custody.ledger.rules import OPEN, SEALED, Commitments, EntryRules
from custody.ledger.verify_log import CHECKPOINT, Heads, LogCheck, Progress, keys_of

__all__ = ["README_TXT", "Finding", "Progress", "Report", "verify_folder"]

VKEYS: Final = "vkeys"
PROTOCOL: Final = "protocol.toml"
README: Final = "README.txt"
_OLDER: Final = "older checkpoint"


def verify_folder(
    path: Path,
    trusted_vkeys: Sequence[str] | None = None,
    older_checkpoint: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check an exported ledger.

    `trusted_vkeys`: keys known from elsewhere; without them the folder's own are taken. `older_checkpoint`:
    a note kept from an earlier day, of one of the logs. `progress(log, done, total)` counts entries.
    Raises `BadKey` for a trusted key that is none; all else is in the report.
    """
    report = Report()
    trusted = [Verifier.from_vkey(vkey) for vkey in trusted_vkeys] if trusted_vkeys is not None else None
    present = _check_names(path, report)
    verifiers = _verifiers(path, trusted, report)
    protocol = _check_texts(path, report)
    older = _older(older_checkpoint, verifiers, report)
    commitments = Commitments(report)
    heads: dict[str, Checkpoint] = {}
    for log in present:
        mine = older if older and _origin(path / log) == older.origin else None
        rules = EntryRules(log, protocol, report)
        head = LogCheck(path / log, Heads(verifiers, mine), rules, commitments, report).run(progress)
        if head:
            heads[log] = head
    _check_origins(heads, older, report)
    _say(report, heads, commitments, trusted, older)
    return report.finish()


def _check_names(path: Path, report: Report) -> list[str]:
    """Check what lies in the folder itself; give the logs that are there."""
    present = {item.name for item in path.iterdir()} if path.is_dir() else set()
    required = {OPEN, VKEYS, PROTOCOL, README}
    for name in sorted(required - present):
        report.add(name, "file", "there", "missing")
    for name in sorted(present - required - {SEALED}):
        report.add(name, "file", "nothing of this name", "a file")
    for name in sorted(present & {VKEYS, PROTOCOL, README, OPEN, SEALED}):
        is_log, item = name in {OPEN, SEALED}, path / name
        if item.is_symlink() or item.is_dir() is not is_log:
            report.add(name, "file", "a folder" if is_log else "a file", "something else")
    return [log for log in (OPEN, SEALED) if (path / log).is_dir()]


# --- keys and older heads ---------------------------------------------------------------------


def _verifiers(path: Path, trusted: list[Verifier] | None, report: Report) -> list[Verifier]:
    """Read the folder's keys; give the trusted ones, or these when there are none."""
    own = _read_vkeys(path, report)
    if trusted is None:
        return own
    for key in own:
        if key not in trusted:
            report.not_covered.append(f"{VKEYS}: the key {key.name} {key.key_id.hex()} is not one you trust.")
    return trusted


def _read_vkeys(path: Path, report: Report) -> list[Verifier]:
    own: list[Verifier] = []
    *lines, rest = _read(path / VKEYS, report).split("\n")
    if rest or not lines:
        report.add(VKEYS, "keys", "lines, each ended by a newline", repr(rest[:80]))
    for number, line in enumerate(lines, 1):
        try:
            key = Verifier.from_vkey(line)
        except BadKey as wrong:
            report.add(f"{VKEYS}, line {number}", "key", "a vkey", wrong)
            continue
        if key in own:
            report.add(f"{VKEYS}, line {number}", "key", "each key once", f"{key.name} again")
        own.append(key)
    return own


def _older(note: str | None, verifiers: Sequence[Verifier], report: Report) -> Checkpoint | None:
    """Read the note kept from an earlier day; it counts even when its signatures do not hold."""
    if note is None:
        return None
    try:
        older, _ = read_unverified(note)
    except NoteError as wrong:
        report.add(_OLDER, "checkpoint", "a signed note", wrong)
        return None
    try:
        open_note(note, keys_of(older.origin, verifiers), require="any")
    except NoteError as wrong:
        report.add(_OLDER, "signature", "one by a key of the log", wrong)
    return older


def _origin(folder: Path) -> str | None:
    try:
        return read_unverified((folder / CHECKPOINT).read_bytes().decode())[0].origin
    except (OSError, ValueError):
        return None


def _check_origins(heads: dict[str, Checkpoint], older: Checkpoint | None, report: Report) -> None:
    origins = {head.origin for head in heads.values()}
    if len(origins) < len(heads):
        report.add(f"{SEALED}/{CHECKPOINT}", "origin", "another origin than the open log's", *origins)
    if older and older.origin not in origins:
        report.add(_OLDER, "origin", " or ".join(sorted(origins)) or "an origin", older.origin)


# --- texts ------------------------------------------------------------------------------------


def _check_texts(path: Path, report: Report) -> str | None:
    """Check the README; give the protocol's SHA-256 in hex, None when there is no protocol."""
    readme = sha256(_read(path / README, report).encode()).hexdigest()
    if readme not in KNOWN:
        report.add(README, "text", "a text that this program writes", f"SHA-256 {readme}")
    try:
        return sha256((path / PROTOCOL).read_bytes()).hexdigest()
    except OSError as wrong:
        report.add(PROTOCOL, "file", "a readable file", wrong)
        return None


def _read(path: Path, report: Report) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as wrong:
        report.add(path.name, "file", "a readable text in UTF-8", wrong)
        return ""


# --- what was covered -------------------------------------------------------------------------


def _say(
    report: Report,
    heads: dict[str, Checkpoint],
    commitments: Commitments,
    trusted: list[Verifier] | None,
    older: Checkpoint | None,
) -> None:
    """Say in sentences what was checked and what was not."""
    say, omit = report.covered.append, report.not_covered.append
    for log, head in heads.items():
        rest = "salts; versions, times and protocol where given" if log == SEALED else "versions, times and protocol"
        say(
            f"{log} ({head.origin}): signatures of the checkpoint; {head.size} entries, each canonical and hashed "
            f"anew; every tile; the root; no file missing or added; event ids; {rest}."
        )
    if SEALED in heads:
        say(f"commitments: {commitments.opened} opened from the sealed log.")
    else:
        omit("The sealed log is not in this folder.")
    if commitments.closed:
        omit(f"{commitments.closed} commitments of the open log were not opened.")
    if trusted is None:
        omit("The keys are the folder's own: compare vkeys with a copy from another source.")
    _say_older(report, heads, older)
    omit("Whether a step was allowed, and whether what people recorded is true.")


def _say_older(report: Report, heads: dict[str, Checkpoint], older: Checkpoint | None) -> None:
    if older:
        report.covered.append(f"older checkpoint of {older.origin}, {older.size} entries: held against the log.")
    for log, head in heads.items():
        if not older or head.origin != older.origin:
            report.not_covered.append(f"{log}: whether its end was cut off: no older checkpoint of it was given.")
