"""What is wrong with a protocol file: collected while it is read, said all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any, Final

from custody.protocols.lines import Where

_LONG: Final = 60


class ProtocolError(ValueError):
    """A protocol file that cannot be used. Each problem is a line: `chocmsc.toml:41: dose.tolerance: ...`."""

    def __init__(self, name: str, problems: Iterable[tuple[int, str]]) -> None:
        """Keep the problems in the order of their lines."""
        self.problems = tuple(f"{name}:{line}: {text}" for line, text in sorted(problems))
        super().__init__("\n".join(self.problems))


class Book:
    """Beside the file while it is read: where its keys are, what is wrong, and what vouches for its facts."""

    def __init__(self, lines: Mapping[Where, int]) -> None:
        """Begin with no problem."""
        self.lines = lines
        self.problems: list[tuple[int, str]] = []
        self.unconfirmed: list[tuple[int, str]] = []
        """Line and name of what the sponsor has to confirm."""
        self.sources: list[tuple[int, str, str]] = []
        """Line, name and source of the rest."""

    def line(self, where: Where) -> int:
        """Return the line of a key, or of the nearest table around it when it is not there."""
        while where not in self.lines:
            where = where[:-1]
        return self.lines[where]

    def note(self, where: Where, text: str) -> None:
        """Keep a problem with the key there."""
        self.problems.append((self.line(where), f"{spell(where)}: {text}"))

    def expected(self, where: Where, expected: str, found: Any) -> None:
        """Keep that a value is not what it has to be; a limit's value may stand on a line of its own."""
        value = (*where, "value")
        line = self.line(value if value in self.lines else where)
        said = found if isinstance(found, Shown) else show(found)
        self.problems.append((line, f"{spell(where)}: expected {expected}, found {said}"))


class Shown(str):
    """A value as the file has it, with its unit: not to be quoted."""

    __slots__ = ()


def spell(where: Where) -> str:
    """Write a place as `dose.tolerance` or `sites[2].zone`; lists count from 1."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in where)
    return "".join(parts).removeprefix(".")


def show(value: Any) -> str:
    """Write a value of the file as it would stand there, shortened."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"[{', '.join(map(show, value[:5]))}{', ...' if len(value) > 5 else ''}]"
    if isinstance(value, str):
        return f'"{_short(value)}"'
    if isinstance(value, bool):
        return str(value).lower()
    return _short(value.isoformat() if isinstance(value, date | time) else str(value))


def _short(text: str) -> str:
    plain = "".join(symbol if symbol.isprintable() else "\N{REPLACEMENT CHARACTER}" for symbol in text)
    return plain if len(plain) <= _LONG else f"{plain[:_LONG]}..."
