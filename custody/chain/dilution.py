"""The limits of a dilution: the volume of the bag, the dose in it, and the earliest end for the printed expiry.

What is out of them is no preparation that can ever be released. It may have happened all the same, and then it goes
on record, signed for; so may a correction bring it there. All ask here, so that they never judge apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from custody.chain.dose import viable_cells, within
from custody.chain.expiry import earliest_dilution_end, minute_from
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.step import parse_time as at
from custody.chain.things import Preparation
from custody.chain.units import CellsPerMl, Microlitres

MADE = frozenset({"diluted", "covered"})
"""States of a preparation of which there is a bag, at the bench."""


def cells_in(drawn_ul: int, counted: Iterable[tuple[int, int]]) -> int:
    """Return the viable cells in what was drawn; `counted`: (viable cells per ml, µl), each emptied before the next."""
    cells, left = 0, drawn_ul
    for concentration, held in counted:
        volume = min(left, held)
        cells += viable_cells(CellsPerMl(concentration), Microlitres(volume))
        left -= volume
    return cells


def out_of_limits(values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:
    """Yield what is wrong with a dilution as it is on record; records of former times say less of themselves."""
    if "earliest_end" in values:
        yield from _early(protocol, at(values["ended_at"]), at(values["earliest_end"]))
    if "counted" in values:
        cells = cells_in(values["drawn_ul"], values["counted"])
        yield from _dose(protocol, cells, values["prescribed_cells"])
    yield from _volume(protocol, values["drawn_ul"] + values["albumin_ul"])


def never_released(protocol: Protocol, preparation: Preparation) -> list[Refusal]:
    """Return what keeps a preparation from ever being released; nothing before there is any of it."""
    if preparation.status not in MADE or preparation.dilution_ended_at is None:
        return []
    earliest = earliest_dilution_end(protocol, preparation.ready_at)
    return [
        *_early(protocol, preparation.dilution_ended_at, earliest),
        *_dose(protocol, preparation.actual_cells, preparation.prescribed_cells),
        *_volume(protocol, preparation.drawn_ul + preparation.albumin_ul),
    ]


def _early(protocol: Protocol, ended: datetime, earliest: datetime) -> Iterator[Refusal]:
    if ended < earliest:
        bench = protocol.sites[0]
        yield refuse(Reason.DILUTED_EARLY, ended=bench.said(ended), earliest=bench.said(minute_from(earliest)))


def _dose(protocol: Protocol, cells: int, asked: int) -> Iterator[Refusal]:
    tolerance = protocol.dose_tolerance
    if not within(cells, asked, tolerance):
        yield refuse(Reason.DOSE, found=cells, expected=asked, tolerance=f"{tolerance / 10:g}")


def _volume(protocol: Protocol, volume_ul: int) -> Iterator[Refusal]:
    asked = protocol.volume
    if not within(volume_ul, asked, protocol.volume_tolerance):
        yield refuse(Reason.VOLUME, found=f"{volume_ul / 1000:g}", expected=f"{asked / 1000:g}")
