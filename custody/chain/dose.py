"""The dose: what is prescribed, what to draw, what to top up.

    prescribed = cells per kg x weight                      viable cells
    to draw    = prescribed / viable cells per ml           of the counted suspension
    top-up     = volume of the bag - drawn                  albumin

Worked example: 70 kg x 10^6/kg = 70 x 10^6 viable cells; counted 5 x 10^6 viable cells/ml: draw
14.0 ml, top up with 236.0 ml to 250 ml.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from custody.chain.units import Cells, CellsPerMl, Microlitres, PerMille


class Suspension(Protocol):
    """A counted cryobag."""

    @property
    def viable_cells_per_ml(self) -> int:
        """Viable cells in a millilitre."""

    @property
    def volume_ul(self) -> int:
        """Microlitres in the bag."""


@dataclass(frozen=True, slots=True)
class Draw:
    """How much to draw of each suspension, in their order, and what that comes to."""

    volumes: tuple[Microlitres, ...]
    cells: Cells

    @property
    def total(self) -> Microlitres:
        """The whole volume drawn."""
        return Microlitres(sum(self.volumes))


def viable_cells(concentration: CellsPerMl, volume: Microlitres) -> Cells:
    """Return the viable cells in a volume."""
    return Cells(concentration * volume // 1000)


def to_draw(prescribed: Cells, suspensions: tuple[Suspension, ...]) -> Draw:
    """Return what to draw, bag after bag, until the dose is reached or the bags are empty."""
    volumes: list[Microlitres] = []
    cells = 0
    for bag in suspensions:
        missing = prescribed - cells
        wanted = -(-missing * 1000 // bag.viable_cells_per_ml) if bag.viable_cells_per_ml else 0
        volume = Microlitres(max(0, min(wanted, bag.volume_ul)))
        volumes.append(volume)
        cells += viable_cells(CellsPerMl(bag.viable_cells_per_ml), volume)
    return Draw(tuple(volumes), Cells(cells))


def within(actual: int, asked: int, tolerance: PerMille) -> bool:
    """Return whether a quantity is within a tolerance of what was asked for."""
    return abs(actual - asked) * 1000 <= asked * tolerance
