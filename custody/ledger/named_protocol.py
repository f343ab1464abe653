"""The protocol that entries name, held against the file: a file that no entry names is told once, and not by each."""

from __future__ import annotations

from collections import Counter, defaultdict

from custody.ledger.report import MOST_OF_A_KIND, Report, counted, said


class NamedProtocol:
    """What the entries of all logs name as their protocol."""

    def __init__(self, known: str | None) -> None:
        """Take the SHA-256 of the file, in hex; None when it is not known, and nothing is said."""
        self.known = known
        self._counts: Counter[str] = Counter()
        self._where: defaultdict[str, list[str]] = defaultdict(list)
        """Per value that is not the file's, the first entries that name it."""

    def take(self, where: str, protocol: object) -> None:
        """Note what an entry names."""
        value = protocol if isinstance(protocol, str) and protocol.isalnum() else said(protocol)
        self._counts[value] += 1
        if protocol != self.known and len(self._where[value]) < MOST_OF_A_KIND:
            self._where[value].append(where)

    def finish(self, report: Report) -> None:
        """Report the file when no entry names it, and each entry that names another protocol than the others do."""
        if self.known is None or not self._counts:
            return
        right = self.known
        if right not in self._counts:
            right, number = self._counts.most_common(1)[0]
            by = f"as {number} of {counted(self._counts.total(), 'entry names it', 'entries name it')}"
            report.add("protocol.toml", "protocol", f"SHA-256 {right}, {by}", self.known)
        for value, where in self._where.items():
            if value != right:
                self._tell(value, where, right, report)

    def _tell(self, value: str, where: list[str], right: str, report: Report) -> None:
        for one in where:
            report.add(one, "protocol", f"SHA-256 {right} of protocol.toml", value)
        if more := self._counts[value] - len(where):
            report.add("entries", "protocol", f"SHA-256 {right} of protocol.toml", f"{value} in {more} more entries")
