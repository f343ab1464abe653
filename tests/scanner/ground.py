"""A house with one of everything on record, its codes the same each time, and the texts that are tried on it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

import pytest

from custody import codes
from custody.record.world import World
from tests.scanner import corpus
from tests.web import house as houses
from tests.web import journey
from tests.web.house import House

ALL = "CUSTODY_TEST_ALL_TEXTS"
"""Set in the environment, every entry gets every text: half an hour instead of a minute."""
BEGINS = {
    "tech": frozenset({"lot", "shipper", "location"}),
    "nurse": frozenset({"shipper"}),
}
"""Kinds of which each may begin a new one with a label that was printed beforehand."""


@dataclass(frozen=True)
class Ground:
    """The house, what is on record in it, and the texts."""

    house: House
    folder: Path
    known: dict[str, str]
    """Kind of each code."""
    texts: list[str]

    def some(self, count: int) -> list[str]:
        """Give some texts from all over, among them all codes on record; all of them where that is asked for."""
        step = 1 if ALL in os.environ else len(self.texts) // count
        return [*self.known, *corpus.ATTACKS, *self.texts[::step]]


def build(folder: Path) -> Ground:
    """Put one of everything on record."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(houses, "World", partial(World, random_bytes=Random(corpus.SEED).randbytes))
        house = houses.build(folder)
    cryobags = journey.lot(house)
    wristband = journey.enrolled(house)
    bag = journey.ordered(house, wristband)
    known = {journey.DIN: "lot", wristband: "participant", bag: "treatment_bag"}
    known |= dict.fromkeys(cryobags, "cryobag") | dict.fromkeys(house.locations, "location")
    known |= dict.fromkeys(house.people.values(), "person")
    written = [f"={journey.DIN}00", *(code for code in known if code != journey.DIN)]
    links = [codes.url(code) for code in (wristband, bag, *cryobags)]
    return Ground(house, folder, known, corpus.texts(known=[*written, *links]))
