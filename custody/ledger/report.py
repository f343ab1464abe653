"""What a verification found, what it covered, and what it cannot say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

MOST_OF_A_KIND: Final = 20
"""Findings of one kind in one log that are told one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be.

    `where` names log, file and entry as far as they are known: `open/tile/entries/000.p/13, entry 12`.
    """

    where: str
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        """Give one line."""
        return f"{self.where}: {self.what}: expected {self.expected}, found {self.found}"


@dataclass(slots=True)
class Report:
    """All findings, and sentences for the reader; `ok` when nothing was found."""

    findings: list[Finding] = field(default_factory=list)
    covered: list[str] = field(default_factory=list)
    not_covered: list[str] = field(default_factory=list)
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def ok(self) -> bool:
        """Say whether nothing was found."""
        return not self._counts

    def add(self, where: str, what: str, expected: object, found: object) -> None:
        """Keep a finding; values are shortened to 200 characters."""
        kind = where.split("/", 1)[0], what
        self._counts[kind] += 1
        if self._counts[kind] <= MOST_OF_A_KIND:
            self.findings.append(Finding(where, what, str(expected)[:200], str(found)[:200]))

    def finish(self) -> Report:
        """Say how many findings of each kind were not told one by one."""
        for (log, what), count in self._counts.items():
            if count > MOST_OF_A_KIND:
                expected = f"{MOST_OF_A_KIND} at most are listed"
                self.findings.append(Finding(log, what, expected, f"{count - MOST_OF_A_KIND} more of this kind"))
        return self
