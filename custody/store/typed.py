"""Values of the type that their column was made for: SQLite takes any into any column, PostgreSQL none but its own.

What somebody wrote there beside the door is told with its table and row, and is no crash of whoever reads it.
"""

from __future__ import annotations

from typing import Final, TypeVar

T = TypeVar("T", bytes, int, str)
NAMES: Final[dict[type, str]] = {
    bytes: "bytes",
    int: "a whole number",
    str: "text",
    float: "a number",
    type(None): "nothing",
}
DIGITS: Final = 16
"""Of a key that is bytes, in hex: enough to find its row."""


class Mistyped(ValueError):
    """A value of another type than its column's: where it stands, and what it is; never itself, it may be sealed."""

    def __init__(self, where: str, column: str, expected: type, found: type) -> None:
        """Take table and row, the column, and both types."""
        self.where = where
        self.column = column
        self.expected = NAMES[expected]
        self.found = NAMES.get(found, "something else")
        super().__init__(f"{where}, {column}: expected {self.expected}, found {self.found}")


def typed(kind: type[T], value: object, table: str, row: object, column: str) -> T:
    """Give a value as it was read; raise `Mistyped` where it is none of this kind."""
    if isinstance(value, kind):
        return value
    raise Mistyped(place(table, row), column, kind, type(value))


def place(table: str, key: object) -> str:
    """Name a row by its table and its key, which may be of several columns."""
    keys = key if isinstance(key, tuple) else (key,)
    return f"{table}, row {' '.join(f'{one.hex()[:DIGITS]}…' if isinstance(one, bytes) else str(one) for one in keys)}"
