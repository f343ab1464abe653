"""Small ledgers for tests: entries as the door writes them, keys of both kinds, exported folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from custody.ledger import checkpoint, commitment, entry, export, keys, tiles
from custody.ledger.report import Report
from custody.ledger.tree import Tree

PROTOCOL = b'name = "a trial"\n'
OPEN = "example.org/trial/open"
SEALED = "example.org/trial/sealed"
SALT = bytes(range(32))

Entry = dict[str, object]


def event_id(number: int) -> str:
    return str(UUID(int=number, version=4))


def at(second: int) -> str:
    return f"2026-11-24T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000000Z"


def open_entry(number: int, **more: object) -> Entry:
    """One event on one of three bags, whose versions rise in turn."""
    return {
        "v": 1,
        "event": event_id(number),
        "type": "thawed",
        "step": 8,
        "things": {f"BAG{number % 3}": number // 3 + 1},
        "about": [],
        "actor": {"person": "BKE", "role": "technologist", "note": "Zoë"},
        "occurred_at": at(number),
        "received_at": at(number),
        "recorded_at": at(number),
        "payload": {"minutes": number},
        "signatures": [],
        "protocol": sha256(PROTOCOL).hexdigest(),
    } | more


def sealed_entry(number: int, **more: object) -> Entry:
    return {"v": 1, "event": event_id(number), "payload": {"arm": "A"}, "salt": "5a" * 32} | more


def tree_of(entries: Sequence[bytes]) -> Tree:
    tree = Tree()
    for data in entries:
        tree.append(entry.leaf_hash(data))
    return tree


def head(origin: str, entries: Sequence[bytes]) -> checkpoint.Checkpoint:
    return checkpoint.Checkpoint(origin, len(entries), tree_of(entries).root())


@dataclass
class Ledger:
    """Entries of both logs, with the keys that sign them."""

    open_entries: list[Entry]
    sealed_entries: list[Entry] = field(default_factory=list)
    open_keys: list[keys.Signer] = field(default_factory=lambda: keys.generate(OPEN))
    sealed_keys: list[keys.Signer] = field(default_factory=lambda: keys.generate(SEALED))

    @property
    def vkeys(self) -> list[str]:
        return [key.vkey for key in [*self.open_keys, *self.sealed_keys]]

    def note(self, size: int | None = None) -> str:
        """The signed head of the open log at a size."""
        data = [entry.encode(item) for item in self.open_entries[:size]]
        return checkpoint.sign(head(OPEN, data), self.open_keys)

    def logs(self) -> Mapping[str, export.Log]:
        logs = {"open": export.Log([entry.encode(item) for item in self.open_entries], self.note())}
        if self.sealed_entries:
            sealed = [entry.encode(item) for item in self.sealed_entries]
            logs["sealed"] = export.Log(sealed, checkpoint.sign(head(SEALED, sealed), self.sealed_keys))
        return logs

    def write(self, folder: Path) -> Path:
        export.write_ledger(folder, self.logs(), self.vkeys, PROTOCOL)
        return folder


def small_ledger(count: int = 13) -> Ledger:
    """Thirteen open events; the third commits to what its sealed half says."""
    value = {"arm": "A"}
    openly = [open_entry(number) for number in range(count)]
    openly[3]["commitment"] = commitment.commit(SALT, value)
    opening = {"commits": value, "commitment_salt": SALT.hex()}
    return Ledger(openly, [sealed_entry(1), sealed_entry(3, **opening), sealed_entry(5)])


def large_ledger() -> Ledger:
    """Seven hundred open events: two full tiles, and a level above them."""
    return Ledger([open_entry(number) for number in range(700)], [sealed_entry(number) for number in range(300)])


def bundle(entries: Sequence[Entry]) -> bytes:
    return tiles.encode_entries([entry.encode(item) for item in entries])


def files(folder: Path) -> dict[str, Path]:
    """All files below a folder, by their names with slashes."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def told(report: Report) -> list[tuple[str, str]]:
    """What was found, and where."""
    return [(finding.where, finding.what) for finding in report.findings]
