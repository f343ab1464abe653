"""On which line of a TOML file each of its keys stands: `tomllib` does not say.

The text has been parsed before, so that it is valid TOML and a plain scan is enough: headers, keys,
and values only as far as needed to find where the next key begins.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import Final

Where = tuple[str | int, ...]
"""Keys from the top of the file; numbers count from 0 in lists. `()` is the file itself."""

_BLANK: Final = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_STRING: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'",
    re.DOTALL,
)
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR: Final = re.compile(r"[^,\]}\n#]+")


def locate(text: str) -> dict[Where, int]:
    """Return the line, from 1, of each table, key and list item of a valid TOML text."""
    return _Scan(text.replace("\r\n", "\n")).lines


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Where, int] = {(): 1}
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._entries: dict[Where, int] = {}
        self._file()

    def _line(self) -> int:
        return bisect_right(self._starts, self.at)

    def _skip(self, pattern: re.Pattern[str] = _BLANK) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:  # the text was valid TOML
            raise AssertionError(self._line())
        self.at = found.end()
        return found[0]

    def _next(self, symbol: str) -> bool:
        """Pass blanks, and the symbol if it comes next."""
        self._skip()
        here = self.text.startswith(symbol, self.at)
        self.at += len(symbol) if here else 0
        return here

    def _file(self) -> None:
        table: Where = ()
        while self._skip() is not None and self.at < len(self.text):
            table = self._header() if self.text[self.at] == "[" else self._pair(table)

    def _header(self) -> Where:
        line, listed = self._line(), self._next("[[") or not self._next("[")
        *above, name = self._key()
        self._next("]]" if listed else "]")
        table: Where = ()
        for part in above:
            table = self._enter((*table, part), line)
        table = (*table, name)
        if listed:
            self.lines.setdefault(table, line)
            self._entries[table] = self._entries.get(table, -1) + 1
            table = (*table, self._entries[table])
        self.lines[table] = line
        return table

    def _enter(self, table: Where, line: int) -> Where:
        """Go into a table, the last one of a list of tables."""
        self.lines.setdefault(table, line)
        return (*table, self._entries[table]) if table in self._entries else table

    def _pair(self, table: Where) -> Where:
        """Note one `key = value`; give the table that it stands in."""
        line, where = self._line(), table
        for part in self._key():
            where = (*where, part)
            self.lines.setdefault(where, line)
        self._next("=")
        self._value(where)
        return table

    def _key(self) -> list[str]:
        parts: list[str] = []
        while not parts or self._next("."):
            self._skip()
            quoted = self.text[self.at] in "\"'"
            part = self._skip(_STRING if quoted else _BARE_KEY)
            parts.append(str(tomllib.loads(f"key = {part}")["key"]) if quoted else part)
        return parts

    def _value(self, where: Where) -> None:
        self._skip()
        first = self.text[self.at]
        if first == "[":
            self._list(where)
        elif first == "{":
            self._inline_table(where)
        else:
            self._skip(_STRING if first in "\"'" else _SCALAR)

    def _list(self, where: Where) -> None:
        self.at += 1
        item = 0
        while not self._next("]"):
            if not self._next(","):
                self.lines[*where, item] = self._line()
                self._value((*where, item))
                item += 1

    def _inline_table(self, where: Where) -> None:
        self.at += 1
        while not self._next("}"):
            if not self._next(","):
                self._pair(where)
