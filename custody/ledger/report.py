"""What a verification found, what it covered, and what it cannot say."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

MOST_OF_A_KIND: Final = 30
"""Findings of one kind in one log that are told one by one; the rest is counted."""
LONGEST_VALUE: Final = 200
"""Characters of what was expected or found that are told."""
_SAID: Final = re.compile(
    r"(?:(?P<of>(?:(?!expected ).)*): )?expected (?P<expected>.*?), found (?P<found>.*)", re.DOTALL
)
"""How this package's errors say what is wrong."""


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
    unsigned: dict[str, str] = field(default_factory=dict)
    """Logs that are not verified, because no key of theirs was given, with their origins."""
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def ok(self) -> bool:
        """Say whether nothing was found."""
        return not self._counts

    @property
    def count(self) -> int:
        """Give how many findings there are, those that are not told one by one included."""
        return self._counts.total()

    def take(self, other: Report) -> Report:
        """Take over all that another report says, before what this one says; what both found once."""
        self.findings = list(dict.fromkeys([*other.findings, *self.findings]))
        self.covered[:0], self.not_covered[:0] = other.covered, other.not_covered
        self._counts += other._counts
        return self

    def told_of(self, log: str, *kinds: str) -> bool:
        """Say whether something of these kinds was found in a log or file."""
        return any((log, kind) in self._counts for kind in kinds)

    def add(self, where: str, what: str, expected: object, found: object) -> None:
        """Keep a finding, its values shortened; the kind is what was wrong in which log or file."""
        kind = _shown(re.split("[/,]", where, maxsplit=1)[0]), what
        self._counts[kind] += 1
        if self._counts[kind] <= MOST_OF_A_KIND:
            self.findings.append(Finding(_shown(where), what, _shown(str(expected)), _shown(str(found))))

    def add_wrong(self, where: str, what: str, expected: str, wrong: Exception) -> None:
        """Keep what an error says: what it expected and found, where it says so, else that it was raised."""
        said = _SAID.fullmatch(str(wrong))
        if said is None:
            self.add(where, what, expected, wrong)
        else:
            of = f" ({said['of']})" if said["of"] else ""
            self.add(where, what, f"{said['expected']}{of}", said["found"])

    def finish(self) -> Report:
        """Say how many findings of each kind were not told one by one."""
        for (log, what), count in self._counts.items():
            if count > MOST_OF_A_KIND:
                expected = f"at most {MOST_OF_A_KIND} to be listed"
                self.findings.append(Finding(log, what, expected, f"{count - MOST_OF_A_KIND} more of this kind"))
        return self


def counted(number: int, noun: str, many: str = "") -> str:
    """Give a number and what it counts: `1 entry`, `2 entries`."""
    return f"{number} {noun if number == 1 else many or f'{noun}s'}"


def said(value: object) -> str:
    """Say a value that an entry holds; `nothing` where it holds none."""
    return "nothing" if value is None else repr(value)


def _shown(text: str) -> str:
    """Give a text as one line that a terminal and UTF-8 can carry: the files that it comes from may be hostile."""
    short = text[:LONGEST_VALUE]
    return short if short.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short)
