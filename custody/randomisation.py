"""Randomisation lists: permuted blocks of mixed sizes, each site by itself, and such lists as CSV files.

- Every list is as likely as any other: numbers are drawn by rejection from bytes of the system's randomness, and a
  block is shuffled by Fisher and Yates. Python's `random` is nowhere used.
- A list ends with a whole block, so it may be a few places longer than asked; one that does not was cut: it is refused.
- The sizes of the blocks are given with each list, and kept with it, sealed (see `custody.chain.blocks`).
- A file has the columns site, place, arm; the places of a site are 1, 2, 3 and so on, in that order.
- `SeededBytes` gives the same bytes for the same seed: for simulations, never for a trial.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final, TypeVar

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from custody.chain.blocks import LARGEST, broken_at, division, is_size, whole_blocks
from custody.chain.protocol import Protocol

T = TypeVar("T")
RandomBytes = Callable[[int], bytes]
COLUMNS: Final = ("site", "place", "arm")
MOST_TOLD: Final = 20
"""Problems of a file that are told one by one."""


class SeededBytes:
    """Bytes that follow from a seed: AES-256 in counter mode. For simulations alone."""

    def __init__(self, seed: int | str, use: str) -> None:
        """Begin the stream of a seed; another `use` gives another stream."""
        key = sha256(f"custody-simulation-v1\x00{use}\x00{seed}".encode()).digest()
        self._stream = Cipher(AES(key), CTR(bytes(16))).encryptor()

    def __call__(self, count: int) -> bytes:
        """Give the next bytes."""
        return self._stream.update(bytes(count))


def below(limit: int, random_bytes: RandomBytes) -> int:
    """Draw a whole number from 0 up to, not including, `limit`: each as likely."""
    size = (limit.bit_length() + 7) // 8
    fair = 256**size // limit * limit
    while (drawn := int.from_bytes(random_bytes(size))) >= fair:
        pass
    return drawn % limit


def shuffled(items: Iterable[T], random_bytes: RandomBytes) -> list[T]:
    """Give the items in an order of which each is as likely (Fisher and Yates)."""
    mixed = list(items)
    for place in range(len(mixed) - 1, 0, -1):
        other = below(place + 1, random_bytes)
        mixed[place], mixed[other] = mixed[other], mixed[place]
    return mixed


def permuted_blocks(
    smallest: Sequence[str], sizes: Sequence[int], places: int, random_bytes: RandomBytes
) -> tuple[str, ...]:
    """Draw one list of at least `places` places; `smallest` is the least block that holds the arms in their ratio."""
    drawn: list[str] = []
    while len(drawn) < places:
        size = sizes[below(len(sizes), random_bytes)]
        drawn += shuffled([*smallest] * (size // len(smallest)), random_bytes)
    return tuple(drawn)


def lists_for(
    protocol: Protocol, sizes: Sequence[int], places: int, random_bytes: RandomBytes
) -> dict[str, tuple[str, ...]]:
    """Draw a list of at least `places` places, in blocks of these sizes, for each site that takes participants."""
    return {
        site.code: permuted_blocks(protocol.smallest_block, sizes, places, random_bytes)
        for site in protocol.sites
        if site.kind == "icu"
    }


def read_sizes(text: str, protocol: Protocol) -> tuple[int, ...]:
    """Read block sizes such as `4,6`; raise `SizeError` for one that does not hold the arms in their ratio."""
    found = [part.strip() for part in text.split(",")]
    least = len(protocol.smallest_block)
    for part in found:
        if not is_size(part, protocol.smallest_block):
            message = f"expected block sizes that are multiples of {least} up to {LARGEST}, as 4,6; found {part[:40]!r}"
            raise SizeError(message)
    return tuple(sorted({int(part) for part in found}))


class SizeError(ValueError):
    """A size of which no block holds the arms in their ratio."""


# --- files ------------------------------------------------------------------------------------


class ListError(ValueError):
    """A file that is no randomisation list of the trial. Each problem is a line: `list.csv:7: ...`."""

    def __init__(self, name: str, problems: Sequence[tuple[int, str]]) -> None:
        """Keep the problems, as many as one can read."""
        lines = [f"{name}:{line}: {text}" for line, text in problems[:MOST_TOLD]]
        if len(problems) > MOST_TOLD:
            lines.append(f"{name}: and {len(problems) - MOST_TOLD} more")
        self.problems = tuple(lines)
        super().__init__("\n".join(lines))


def write_csv(lists: Mapping[str, Sequence[str]]) -> str:
    """Write lists as a file."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for site, arms in lists.items():
        rows.writerows((site, place, arm) for place, arm in enumerate(arms, 1))
    return text.getvalue()


def read_csv(data: bytes, name: str, protocol: Protocol, sizes: Sequence[int]) -> dict[str, tuple[str, ...]]:
    """Read a file, with commas or semicolons, of lists in blocks of these sizes; `ListError` says all that is wrong."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        raise ListError(name, [(line, "expected text in UTF-8")]) from wrong
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        if header != [*COLUMNS]:
            raise ListError(name, [(1, f"expected the columns {', '.join(COLUMNS)}, found {first.strip()[:60]!r}")])
        found = _Found(protocol, sizes)
        for row in rows:
            found.take(rows.line_num, [cell.strip() for cell in row])
    except csv.Error as wrong:
        raise ListError(name, [(rows.line_num, f"not CSV: {wrong}")]) from wrong
    problems = [*found.problems, *found.ends()]
    if problems:
        raise ListError(name, problems)
    return {site: tuple(arms) for site, arms in found.lists.items()}


class RowError(ValueError):
    """A row that is none of a list's: its line, what was expected there, and what was found."""

    def __init__(self, line: int, expected: str, found: str) -> None:
        """Keep all three."""
        self.line, self.expected, self.found = line, expected, found
        super().__init__(f"line {line}: expected {expected}, found {found}")


def is_file(text: str) -> bool:
    """Say whether a text begins as a file of lists does."""
    first = text.partition("\n")[0].replace(";", ",").lower()
    return [cell.strip() for cell in first.split(",")] == [*COLUMNS]


def read_rows(text: str) -> dict[str, tuple[str, ...]]:
    """Read the text of a file into arms by site; raise `RowError`. Whether sites and arms are right the rules say."""
    rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    next(rows)
    lists: dict[str, list[str]] = {}
    for row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) != len(COLUMNS):
            raise RowError(rows.line_num, ", ".join(COLUMNS), ", ".join(cells))
        site, place, arm = cells
        arms = lists.setdefault(site, [])
        if place != str(len(arms) + 1):
            raise RowError(rows.line_num, f"{site}, {len(arms) + 1}", f"{site}, {place}")
        arms.append(arm)
    return {site: tuple(arms) for site, arms in lists.items()}


class _Found:
    """What was read so far, and what is wrong with it."""

    def __init__(self, protocol: Protocol, sizes: Sequence[int]) -> None:
        self._arms = [arm.code for arm in protocol.arms]
        self._smallest = protocol.smallest_block
        self._sizes = sizes
        self._sites = [site.code for site in protocol.sites if site.kind == "icu"]
        self.lists: dict[str, list[str]] = {}
        self.problems: list[tuple[int, str]] = []
        self._lines: dict[str, list[int]] = {}
        """Line of each place."""
        self._out_of_step: set[str] = set()
        """Sites of which a place was wrong: all that follow are shifted, and not told again."""

    def take(self, line: int, row: list[str]) -> None:
        """Take one row."""
        if not any(row):
            return
        wrong = [*self._wrong(row)] if len(row) == len(COLUMNS) else [f"expected 3 values, found {len(row)}"]
        self.problems += [(line, text) for text in wrong]
        if len(row) == len(COLUMNS) and row[0] in self._sites:
            self.lists.setdefault(row[0], []).append(row[2])
            self._lines.setdefault(row[0], []).append(line)

    def _wrong(self, row: list[str]) -> Iterator[str]:
        site, place, arm = row
        if site not in self._sites:
            yield f"site: expected one of {', '.join(self._sites)}, found {site[:40]!r}"
            return
        expected = len(self.lists.get(site, ())) + 1
        if place != str(expected) and site not in self._out_of_step:
            self._out_of_step.add(site)
            again = " (it stands above already)" if place.isdigit() and 0 < int(place[:9]) < expected else ""
            yield f"place: expected {expected}, the next of {site}, found {place[:40]!r}{again}"
        if arm not in self._arms:
            yield f"arm: expected one of {', '.join(self._arms)}, found {arm[:40]!r}"

    def ends(self) -> Iterator[tuple[int, str]]:
        """Yield that there is no list, and the place from which on a list is not made of such blocks."""
        if not self.lists:
            yield 1, "expected at least one place, found none"
        sizes = " or ".join(map(str, self._sizes))
        for site, arms in self.lists.items():
            if site in self._out_of_step or not set(arms) <= set(self._arms):
                continue
            place = broken_at(arms, self._smallest, self._sizes)
            if place is not None:
                said = f"{site}: expected blocks of {sizes} that hold the arms in the protocol's ratio"
                yield self._lines[site][place - 1], f"{said}, found none from place {place} on"
            elif division(arms, self._smallest, self._sizes) is None:
                cut = len(arms) - max(whole_blocks(arms, self._smallest, self._sizes))
                said = f"{site}: expected a list that ends with a whole block of {sizes}"
                yield self._lines[site][-1], f"{said}, found its last {cut} places to be none: was the file cut?"
