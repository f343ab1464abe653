"""What must hold between the entries of a log, without knowing what the events mean.

- `event`: a text, unique within the log.
- `things`: per code, versions rise by exactly 1 from 1. A gap or a repeat is a lost or a second history.
- `recorded_at`: UTC with microseconds (`2026-11-24T08:00:00.000000Z`); never goes back.
- `protocol`: the SHA-256, in hex, of the ledger's protocol.toml (see `custody.ledger.named_protocol`).
- In a sealed log: `salt` of 64 hex digits. There `recorded_at` and `protocol` may be left out.
- What the commitments come to is in `custody.ledger.openings`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeGuard

from custody.ledger.named_protocol import NamedProtocol
from custody.ledger.report import Report, said

OPEN: Final = "open"
SEALED: Final = "sealed"
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_HEX64: Final = re.compile(r"[0-9a-f]{64}")

Entry = Mapping[str, Any]


class EntryRules:
    """Checks the entries of one log in their order.

    Keeps one number per event and per thing: 150 MB for a million events.
    """

    def __init__(self, log: str, protocol: NamedProtocol, report: Report) -> None:
        """Take the log's name (`open` or `sealed`), and what takes the protocol that each entry names."""
        self._strict = log != SEALED
        self._protocol = protocol
        self._report = report
        self._events: dict[str, int] = {}
        self._versions: dict[str, int] = {}
        self._before: dict[str, int] = {}
        self._skipped = False
        self._latest = ""

    def check(self, index: int, where: str, entry: Entry) -> None:
        """Report everything that is wrong with the next entry; `where` is what the report calls it."""
        self._check_event(index, where, entry.get("event"))
        self._check_things(where, entry.get("things", {}))
        if self._strict or "recorded_at" in entry:
            self._check_time(where, entry.get("recorded_at"))
        if self._strict or "protocol" in entry:
            self._protocol.take(where, entry.get("protocol"))
        if not self._strict and not is_hex64(entry.get("salt")):
            self._report.add(where, "salt", "64 hex digits", said(entry.get("salt")))

    def skip(self) -> None:
        """Take note that entries could not be read: versions may have risen there, unseen."""
        self._before |= self._versions
        self._versions = {}
        self._skipped = True

    def _check_event(self, index: int, where: str, event: object) -> None:
        if not isinstance(event, str) or not event:
            self._report.add(where, "event id", "a text", said(event))
        elif (first := self._events.setdefault(event, index)) != index:
            self._report.add(where, "event id", "one that no other entry has", f"{event}, as in entry {first}")

    def _check_things(self, where: str, things: object) -> None:
        if not isinstance(things, dict):
            self._report.add(where, "things", "an object of code and version", said(things))
            return
        for code, version in things.items():
            known = self._versions.get(code)
            least = (self._before.get(code, 0) if known is None else known) + 1
            exactly = known is not None or not self._skipped
            if type(version) is not int or version < least or (exactly and version != least):
                self._report.add(where, "version", f"{code} at {least}", f"{code} at {said(version)}")
            self._versions[code] = version if type(version) is int else least

    def _check_time(self, where: str, time: object) -> None:
        if not _is_time(time):
            self._report.add(where, "recorded_at", "a time as 2026-11-24T08:00:00.000000Z", said(time))
        elif time < self._latest:
            self._report.add(where, "recorded_at", f"no time before {self._latest}", time)
        else:
            self._latest = time


def _is_time(value: object) -> TypeGuard[str]:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_hex64(value: object) -> TypeGuard[str]:
    """Say whether a value is 64 lower-case hex digits."""
    return isinstance(value, str) and _HEX64.fullmatch(value) is not None
