"""Names and bytes of tiles and entry bundles (C2SP tlog-tiles).

- Hashes: `tile/<L>/<N>[.p/<W>]`, concatenated 32-byte hashes.
- Entries: `tile/entries/<N>[.p/<W>]`, each a big-endian uint16 length and that many bytes.
- `<N>` stands in groups of three digits, all but the last behind an `x`: 1234067 is `x001/x234/067`.
- `.p/<W>` with 1 to 255 marks a partial tile at the right edge; a full one has 256 and no mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from custody.ledger.errors import LedgerError
from custody.ledger.proof import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH

HIGHEST_LEVEL: Final = 63
_PATH: Final = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class BadPath(LedgerError):
    """A text that names no tile and no bundle."""


class BadBundle(LedgerError):
    """Bytes that are no entry bundle, or no row of hashes; entries that fit in no bundle."""


class Place(NamedTuple):
    """One file of a log: a tile of a level (0 to 63), or the entry bundle when `level` is None."""

    level: int | None
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Give the path under the log's folder or URL."""
        return _path("entries" if self.level is None else str(self.level), self.number, self.width)


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """Give the path of a tile of hashes."""
    return _path(str(level), number, width)


def entries_path(number: int, width: int = TILE_WIDTH) -> str:
    """Give the path of an entry bundle."""
    return _path("entries", number, width)


def parse_path(path: str) -> Place:
    """Read a path; raise `BadPath` unless it is the one spelling of a tile or a bundle."""
    match = _PATH.fullmatch(path)
    if match:
        level = None if match[1] == "entries" else int(match[1])
        number = int(re.sub("[x/]", "", match[2]))
        place = Place(level, number, int(match[3]) if match[3] else TILE_WIDTH)
        partial = place.width < TILE_WIDTH or match[3] is None
        if partial and (level or 0) <= HIGHEST_LEVEL and place.path == path:
            return place
    message = f"expected tile/<0 to 63 or entries>/<x000/...>[.p/<1 to 255>], found {path[:80]!r}"
    raise BadPath(message)


def places(size: int) -> Iterator[Place]:
    """Name all files of a log of `size` entries but its checkpoint: bundles first, then by level."""
    yield from _row(None, size)
    level = 0
    while count := size >> TILE_HEIGHT * level:
        yield from _row(level, count)
        level += 1


def _row(level: int | None, count: int) -> Iterator[Place]:
    full, rest = divmod(count, TILE_WIDTH)
    for number in range(full):
        yield Place(level, number)
    if rest:
        yield Place(level, full, rest)


def _path(kind: str, number: int, width: int) -> str:
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{kind}/{name}{partial}"


# --- bytes ------------------------------------------------------------------------------------


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """Give the bundle of 1 to 256 entries of at most 65,535 bytes each; raise `BadBundle`."""
    if not 1 <= len(entries) <= TILE_WIDTH:
        message = f"a bundle has 1 to {TILE_WIDTH} entries, found {len(entries)}"
        raise BadBundle(message)
    try:
        return b"".join(len(entry).to_bytes(2) + entry for entry in entries)
    except OverflowError as wrong:
        message = f"an entry has at most 65535 bytes, found {max(map(len, entries))}"
        raise BadBundle(message) from wrong


def decode_entries(data: bytes) -> list[bytes]:
    """Give the entries of a bundle; raise `BadBundle` when the bytes do not come out even."""
    entries, end = split_entries(data)
    if end != len(data) or not 1 <= len(entries) <= TILE_WIDTH:
        message = (
            f"a bundle has 1 to {TILE_WIDTH} entries and ends with the last: "
            f"found {len(entries)}, ending at byte {end} of {len(data)}"
        )
        raise BadBundle(message)
    return entries


def split_entries(data: bytes) -> tuple[list[bytes], int]:
    """Give the whole entries in the bytes of a bundle, damaged or not, and where the last one ends or would end."""
    entries: list[bytes] = []
    place = 0
    while place < len(data) and len(entries) <= TILE_WIDTH:
        start = place + 2
        place = start + int.from_bytes(data[place:start])
        if place <= len(data):
            entries.append(data[start:place])
    return entries, place


def encode_hashes(hashes: Sequence[bytes]) -> bytes:
    """Give the bytes of a tile of 32-byte hashes."""
    return b"".join(hashes)


def decode_hashes(data: bytes) -> list[bytes]:
    """Give the hashes of a tile; raise `BadBundle` unless they are 1 to 256 of 32 bytes."""
    count, rest = divmod(len(data), HASH_BYTES)
    if rest or not 1 <= count <= TILE_WIDTH:
        message = f"a tile has 1 to {TILE_WIDTH} hashes of {HASH_BYTES} bytes, found {len(data)} bytes"
        raise BadBundle(message)
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]
