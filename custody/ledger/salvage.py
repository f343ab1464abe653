"""What can still be read of a bundle that does not come out even: each entry whose hash stands in the tile of hashes.

An entry was dropped, put in, or the length before one was changed: whatever follows is not where it was. It is found
again by its hash: an entry is an object of JSON behind its length in two bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from custody.ledger.entry import leaf_hash


def salvage(data: bytes, leaves: Sequence[bytes]) -> dict[int, bytes]:
    """Give the entries that are known by their leaf hashes, by their numbers in the bundle."""
    known = {leaf: number for number, leaf in enumerate(leaves)}
    found: dict[int, bytes] = {}
    at = 0
    while 0 <= at < len(data):
        entry, end = _entry(data, at)
        number = known.get(leaf_hash(entry)) if end <= len(data) else None
        if number is None:
            at = _next(data, at + 1)
        else:
            found.setdefault(number, entry)
            at = end
    return found


def runs(numbers: Iterable[int]) -> Iterator[range]:
    """Give numbers that rise as runs without a gap."""
    run = range(0)
    for number in numbers:
        if run and number != run.stop:
            yield run
            run = range(0)
        run = range(run.start if run else number, number + 1)
    if run:
        yield run


def _entry(data: bytes, at: int) -> tuple[bytes, int]:
    """Give the bytes of the entry whose length stands at a place, and where it ends."""
    end = at + 2 + int.from_bytes(data[at : at + 2])
    return data[at + 2 : end], end


def _next(data: bytes, at: int) -> int:
    """Give the first place from here on where the length of an object may stand; -1 when there is none."""
    while (brace := data.find(b"{", at + 2)) >= 0:
        at = brace - 2
        entry, end = _entry(data, at)
        if end <= len(data) and entry.endswith(b"}"):
            return at
        at += 1
    return -1
