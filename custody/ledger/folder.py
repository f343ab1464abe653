"""What lies in an exported ledger's folder beside its logs: the keys, the protocol, the README, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from custody.ledger.keys import BadKey, Verifier
from custody.ledger.readme import KNOWN
from custody.ledger.report import Report
from custody.ledger.rules import OPEN, SEALED
from custody.ledger.source import FolderSource

VKEYS: Final = "vkeys"
PROTOCOL: Final = "protocol.toml"
README: Final = "README.txt"
_TEXTS: Final = {VKEYS, PROTOCOL, README}
_LOGS: Final = {OPEN, SEALED}


def is_exported(path: Path) -> bool:
    """Say whether a folder is an exported ledger, whole or not: at least two of the names are there."""
    return sum((path / name).exists() for name in _TEXTS | _LOGS) > 1


def open_logs(path: Path, report: Report) -> dict[str, FolderSource]:
    """Check what lies in the folder itself; give the logs that are there."""
    present = {item.name for item in path.iterdir()} if path.is_dir() else set()
    for name in sorted((_TEXTS | {OPEN}) - present):
        report.add(name, "file", "a folder" if name == OPEN else "a file", "none")
    for name in sorted(present - _TEXTS - _LOGS):
        report.add(name, "file", "nothing of this name", "something")
    for name in sorted(present & (_TEXTS | _LOGS)):
        is_log, item = name in _LOGS, path / name
        if item.is_symlink() or not (item.is_dir() if is_log else item.is_file()):
            report.add(name, "file", "a folder" if is_log else "a file", "something else")
    return {log: _source(path / log, report) for log in sorted(_LOGS) if (path / log).is_dir()}


def _source(folder: Path, report: Report) -> FolderSource:
    source = FolderSource(folder)
    for name, kind in source.odd.items():
        report.add(f"{folder.name}/{name}", "file", "files only", kind)
    return source


def check_keys(path: Path, trusted: Sequence[Verifier] | None, report: Report) -> Sequence[Verifier]:
    """Check the folder's keys; give the trusted ones, or the folder's own when there are none."""
    own = _read_vkeys(path, report)
    if trusted is None:
        report.not_covered.append("The keys are the folder's own: compare vkeys with a copy from another source.")
        return own
    for key in own:
        if key not in trusted:
            report.not_covered.append(f"{VKEYS}: the key {key.name} {key.key_id.hex()} is not one you trust.")
    return trusted


def check_texts(path: Path, report: Report) -> str | None:
    """Check the README; give the protocol's SHA-256 in hex, None when there is no protocol."""
    readme, protocol = _read(path / README, report), _read(path / PROTOCOL, report)
    if readme is not None and (found := sha256(readme).hexdigest()) not in KNOWN:
        report.add(README, "text", "a text that this program writes", f"SHA-256 {found}")
    return sha256(protocol).hexdigest() if protocol is not None else None


def _read_vkeys(path: Path, report: Report) -> list[Verifier]:
    own: list[Verifier] = []
    data = _read(path / VKEYS, report)
    if data is None:
        return own
    *lines, rest = data.decode(errors="replace").split("\n")
    if rest or not lines:
        report.add(VKEYS, "keys", "lines, each ended by a newline", repr(rest[:80]))
    for number, line in enumerate(lines, 1):
        where = f"{VKEYS}, line {number}"
        try:
            key = Verifier.from_vkey(line)
        except BadKey as wrong:
            report.add_wrong(where, "key", "a vkey", wrong)
            continue
        if key in own:
            report.add(where, "key", "each key once", f"that of {key.name} again")
        own.append(key)
    return own


def _read(path: Path, report: Report) -> bytes | None:
    """Give the bytes of a file; None when there is none, which is reported by name, or it cannot be read."""
    try:
        if path.is_file():
            return path.read_bytes()
    except OSError as wrong:
        report.add(path.name, "file", "a readable file", wrong.strerror or wrong)
    return None
