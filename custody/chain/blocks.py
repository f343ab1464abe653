"""Permuted blocks: what a randomisation list has to be made of, whoever drew it.

- A list is whole blocks one after the other; each holds the arms in the trial's ratio. One that ends inside a block
  was cut on its way: it is refused.
- So at no place are the arms further apart than the largest block lets them be.
- A protocol gives the number of participants of the whole trial. A site may enrol more than its share of them, so its
  list is usually longer; a shorter one is loaded when it is said to be meant so.
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
QUOTED = 3
"""Characters around a word in a record: its quotes and a comma."""
SHEET = 12 + QUOTED
"""Characters of the code of a place's emergency sheet."""
MOST_WRITTEN = 63_000
"""Characters of a list in its record, where arms stand twice: an entry of the ledger has at most 65,535 bytes."""


def is_size(text: str, smallest: Sequence[str]) -> bool:
    """Return whether a text is the size of a block that holds the arms in their ratio."""
    return text.isascii() and text.isdigit() and 0 < int(text[:4]) <= LARGEST and int(text) % len(smallest) == 0


def whole_blocks(arms: Sequence[str], smallest: Sequence[str], sizes: Sequence[int]) -> dict[int, int]:
    """Return after how many places a row of whole blocks may end, and the size of a block that ends there."""
    share = Counter(smallest)
    whole = {size: Counter({arm: count * (size // len(smallest)) for arm, count in share.items()}) for size in sizes}
    ends = {0: 0}
    for start in range(len(arms)):
        for size, holds in whole.items() if start in ends else ():
            end = start + size
            if end <= len(arms) and end not in ends and Counter(arms[start:end]) == holds:
                ends[end] = size
    return ends


def division(arms: Sequence[str], smallest: Sequence[str], sizes: Sequence[int]) -> tuple[int, ...] | None:
    """Return the sizes of whole blocks that make up a list, one of the ways there are; None where it is cut."""
    ends = whole_blocks(arms, smallest, sizes)
    found: list[int] = []
    end = len(arms)
    while end:
        if end not in ends:
            return None
        found.append(ends[end])
        end -= ends[end]
    return tuple(reversed(found))


def broken_at(arms: Sequence[str], smallest: Sequence[str], sizes: Sequence[int]) -> int | None:
    """Return the place, from 1, from which on a list is no row of blocks; None when it is one, even if cut."""
    ends = whole_blocks(arms, smallest, sizes)
    share, largest = Counter(smallest), max(sizes, default=0)
    for start in ends:
        rest = Counter(arms[start : start + largest])
        fitting = (size for size in sizes if len(arms) - start <= size)
        if any(all(rest[arm] <= share[arm] * (size // len(smallest)) for arm in rest) for size in fitting):
            return None
    return max(ends) + 1


def check_list(protocol: Protocol, arms: Sequence[str], sizes: Sequence[str]) -> Iterator[Refusal]:
    """Yield block sizes that cannot be, and else the place from which on the list is not made of such blocks."""
    smallest = protocol.smallest_block
    wrong = [text for text in dict.fromkeys(sizes) if not is_size(text, smallest)]
    for text in wrong:
        yield refuse(Reason.BLOCK_SIZE, size=text, least=len(smallest), maximum=LARGEST)
    if wrong or not set(arms) <= set(smallest):
        return
    place = broken_at(arms, smallest, sorted({int(text) for text in sizes}))
    numbers = sorted({int(text) for text in sizes})
    if place is not None:
        yield refuse(Reason.UNBALANCED, place=place, sizes=", ".join(sizes))
    elif division(arms, smallest, numbers) is None:
        found = len(arms) - max(whole_blocks(arms, smallest, numbers))
        yield refuse(Reason.CUT_LIST, found=found, sizes=", ".join(sizes))


def site_share(protocol: Protocol) -> int:
    """Return how many of the trial's participants a site has to expect: as many as each other site."""
    wards = sum(site.kind == "icu" for site in protocol.sites)
    return -(-protocol.participants // max(wards, 1))


def check_length(protocol: Protocol, arms: Sequence[str], *, short: bool) -> Iterator[Refusal]:
    """Yield a list longer than its record can be, or shorter than the site's share and not said to be meant so."""
    share = site_share(protocol)
    written = sum(2 * (len(arm) + QUOTED) + SHEET for arm in arms)
    if written > MOST_WRITTEN:
        yield refuse(Reason.LONG_LIST, found=len(arms), maximum=len(arms) * MOST_WRITTEN // written)
    if len(arms) < share and not short:
        yield refuse(Reason.SHORT_LIST, found=len(arms), expected=share)


def too_few(protocol: Protocol, places: Mapping[str, int]) -> int | None:
    """Return how many places there are when every site has its list and they are fewer than participants."""
    wards = [site.code for site in protocol.sites if site.kind == "icu"]
    total = sum(places.get(site, 0) for site in wards)
    return total if all(site in places for site in wards) and total < protocol.participants else None
