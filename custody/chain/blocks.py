"""Permuted blocks: what a randomisation list has to be made of, whoever drew it.

- A list is blocks one after the other; each holds the arms in the trial's ratio. Its last block may be cut.
- So at no place are the arms further apart than the largest block lets them be.
- The sizes are the list's own secret: who enrols and knows them can work out the next arm, so investigators and their
  staff are kept from them (ICH E9, 2.3.2). They stand beside the list, sealed; the protocol file, which everybody may
  read, has ratio and strata alone.

    arms A B A A, blocks of 2:    no row of blocks from place 3 on
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse

LARGEST = 100
"""Places of one block."""


def is_size(text: str, smallest: Sequence[str]) -> bool:
    """Return whether a text is the size of a block that holds the arms in their ratio."""
    return text.isascii() and text.isdigit() and 0 < int(text[:4]) <= LARGEST and int(text) % len(smallest) == 0


def broken_at(arms: Sequence[str], smallest: Sequence[str], sizes: Sequence[int]) -> int | None:
    """Return the place, from 1, from which on a list is no row of blocks; None when it is one to its end."""
    share = Counter(smallest)
    whole = {size: Counter({arm: count * (size // len(smallest)) for arm, count in share.items()}) for size in sizes}
    starts, furthest = {0}, 0
    while starts:
        start = min(starts)
        starts.remove(start)
        furthest = max(furthest, start)
        for size, holds in whole.items():
            block = Counter(arms[start : start + size])
            if start + size < len(arms) and block == holds:
                starts.add(start + size)
            if start + size >= len(arms) and block <= holds:
                return None
    return furthest + 1


def check_list(protocol: Protocol, arms: Sequence[str], sizes: Sequence[str]) -> Iterator[Refusal]:
    """Yield block sizes that cannot be, and else the place from which on the list is not made of such blocks."""
    smallest = protocol.smallest_block
    wrong = [text for text in dict.fromkeys(sizes) if not is_size(text, smallest)]
    for text in wrong:
        yield refuse(Reason.BLOCK_SIZE, size=text, least=len(smallest), maximum=LARGEST)
    if wrong or not set(arms) <= set(smallest):
        return
    place = broken_at(arms, smallest, sorted({int(text) for text in sizes}))
    if place is not None:
        yield refuse(Reason.UNBALANCED, place=place, sizes=", ".join(sizes))


def too_few(protocol: Protocol, places: Mapping[str, int]) -> int | None:
    """Return how many places there are when every site has its list and they are fewer than participants."""
    wards = [site.code for site in protocol.sites if site.kind == "icu"]
    total = sum(places.get(site, 0) for site in wards)
    return total if all(site in places for site in wards) and total < protocol.participants else None
