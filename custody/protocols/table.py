"""One table of a protocol file, read key by key.

What is missing or wrong is noted in the book and an empty value given in its place, so that reading
goes on and all problems are found. A table that is not there asks for nothing more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from custody.chain.protocol import Words
from custody.protocols.lines import Where
from custody.protocols.problems import Book

LONGEST_TEXT: Final = 300
CONFIRM: Final = "sponsor"


class Table:
    """A table, and which of its keys were asked for."""

    def __init__(self, book: Book, where: Where, content: Mapping[str, Any] | None) -> None:
        """Begin reading; without content the table is not there."""
        self.book = book
        self.where = where
        self.content = content
        self._asked: dict[str, None] = {}
        self._inner: list[Table] = []

    def has(self, key: str) -> bool:
        """Return whether a key that may be left out is there."""
        self._asked[key] = None
        return self.content is not None and key in self.content

    def take(self, key: str) -> Any:
        """Return what stands at a key; None, and a problem, when nothing does."""
        if self.has(key):
            return (self.content or {})[key]
        if self.content is not None:
            self.book.note((*self.where, key), "missing")
        return None

    def expected(self, key: str, expected: str, found: Any) -> None:
        """Note that the value of a key is not what it has to be."""
        self.book.expected((*self.where, key), expected, found)

    def table(self, key: str) -> Self:
        """Return the table at a key."""
        found = self.take(key)
        if found is not None and not isinstance(found, dict):
            self.expected(key, "a table", found)
            found = None
        return self._open((*self.where, key), found)

    def tables(self, key: str) -> list[Self]:
        """Return the tables of the list at a key, at least one."""
        found = self.take(key)
        if found is None:
            return []
        if not isinstance(found, list) or not found or not all(isinstance(item, dict) for item in found):
            self.expected(key, "a list of tables", found)
            return []
        return [self._open((*self.where, key, index), item) for index, item in enumerate(found)]

    def _open(self, where: Where, content: Mapping[str, Any] | None) -> Self:
        inner = type(self)(self.book, where, content)
        self._inner.append(inner)
        return inner

    def text(self, key: str, pattern: str = ".+", what: str = "words") -> str:
        """Return a text on one line that can be seen and printed; "" when there is none."""
        found = self.take(key)
        if found is None:
            return ""
        if not isinstance(found, str) or not _visible(found) or not re.fullmatch(pattern, found):
            self.expected(key, what, found)
            return ""
        return found

    def words(self) -> Words:
        """Return this table's text in both languages."""
        return Words(self.text("en"), self.text("fr"))

    def choice(self, key: str, options: Iterable[str]) -> str:
        """Return one of a few words."""
        known = tuple(options)
        listed = ", ".join(f'"{option}"' for option in known)
        return self.text(key, "|".join(map(re.escape, known)), listed if len(known) == 1 else f"one of {listed}")

    def yes(self, key: str) -> bool:
        """Return true or false; false when left out."""
        found = self.take(key) if self.has(key) else False
        if not isinstance(found, bool):
            self.expected(key, "true or false", found)
        return found is True

    def whole(self, key: str, low: int, high: int) -> int | None:
        """Return a bare whole number within bounds."""
        return whole(self.book, (*self.where, key), self.take(key), low, high)

    def vouched(self, name: str) -> None:
        """Note under a name where this table's facts are from, or that the sponsor has to confirm them."""
        if self.content is None:
            return
        if self.has("source") == self.has("confirm"):
            how = "both" if self.has("source") else "neither"
            self.book.note(self.where, f'expected source = "..." or confirm = "{CONFIRM}", found {how}')
        elif self.has("source"):
            self.book.sources.append((self.book.line(self.where), name, self.text("source")))
        elif self.choice("confirm", [CONFIRM]):
            self.book.unconfirmed.append((self.book.line(self.where), name))

    def skip(self) -> None:
        """Ask for nothing more: what is wrong with the table as a whole was noted."""
        self.content = None

    def end(self) -> None:
        """Note every key that nobody asked for, here and in the tables inside."""
        for key in self.content or {}:
            if key not in self._asked:
                self.book.note((*self.where, key), f"unknown key; known here: {', '.join(sorted(self._asked))}")
        for inner in self._inner:
            inner.end()


def whole(book: Book, where: Where, found: Any, low: int, high: int) -> int | None:
    """Return a value that is a whole number within bounds, else None and a problem unless it is missing."""
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or not low <= found <= high:
        book.expected(where, f"a whole number from {low} to {high}", found)
        return None
    return found


def _visible(text: str) -> bool:
    """Return whether a text has something to see and nothing that cannot be seen or printed."""
    hidden = any(unicodedata.category(symbol).startswith("C") for symbol in text)
    return not hidden and text == text.strip() and 0 < len(text) <= LONGEST_TEXT
