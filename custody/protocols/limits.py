"""Every quantity of a protocol: its place in the file, its units, its bounds. Nothing has a default.

A limit is `{ value, unit, source or confirm }`, in a clinician's unit; the rules get whole numbers of
the units in `custody.chain.units`. 0.5 kg is 500 g; 250.0005 ml is no whole number of microlitres and
is refused, as the ledger has no fractions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from custody.protocols.problems import Shown
from custody.protocols.table import Table

_DECIMALS: Final = 12
_DIGITS: Final = 15
"""Numbers of more decimals or digits are of no use, and could take for ever to work out exactly."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A kind of quantity."""

    what: str
    units: Mapping[str, int]
    """Units of the file, each with the whole units of the record in it; bounds are said in the first."""
    step: str
    """One whole unit of the record."""


TIME: Final = Measure("a time", {"min": 1, "h": 60, "d": 1440}, "1 min")
WEIGHT: Final = Measure("a weight", {"kg": 1000, "g": 1}, "1 g")
VOLUME: Final = Measure("a volume", {"ml": 1000, "l": 1_000_000}, "0.001 ml")
SHARE: Final = Measure("a percentage", {"%": 10}, "0.1 %")
PERCENT: Final = Measure("a percentage", {"%": 1}, "1 %")
TEMPERATURE: Final = Measure("a temperature", {"°C": 10}, "0.1 °C")
DOSE: Final = Measure("a dose", {"10^6/kg": 1_000_000, "cells/kg": 1}, "1 cell/kg")
PEOPLE: Final = Measure("a number", {"participants": 1}, "1")
BAGS: Final = Measure("a number", {"cryobags": 1}, "1")
YEARS: Final = Measure("a time", {"years": 1}, "1 year")


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: the attribute of `Protocol`, its place, and its bounds in units of the record."""

    attribute: str
    section: str
    key: str
    measure: Measure
    low: int
    high: int
    many: bool = False

    @property
    def name(self) -> str:
        """Its name in the file."""
        return f"{self.section}.{self.key}"


LIMITS: Final = (
    Limit("participants", "trial", "participants", PEOPLE, 1, 100_000),
    Limit("ratio", "randomisation", "ratio", PEOPLE, 1, 100, many=True),
    Limit("onset", "window", "onset", TIME, 1, 43_200),
    Limit("weight_min", "dose", "weight_min", WEIGHT, 1, 500_000),
    Limit("weight_max", "dose", "weight_max", WEIGHT, 1, 500_000),
    Limit("volume", "dose", "volume", VOLUME, 1_000, 1_000_000),
    Limit("volume_tolerance", "dose", "volume_tolerance", SHARE, 0, 1_000),
    Limit("dose_tolerance", "dose", "tolerance", SHARE, 0, 1_000),
    Limit("albumin_percent", "dose", "albumin", PERCENT, 1, 100),
    Limit("cryobags_per_lot_max", "storage", "cryobags_per_lot", BAGS, 1, 999),
    Limit("bath_min", "bench", "bath_min", TEMPERATURE, 0, 1_000),
    Limit("bath_max", "bench", "bath_max", TEMPERATURE, 0, 1_000),
    Limit("viability_block", "bench", "viability_block", SHARE, 0, 1_000),
    Limit("viability_warn", "bench", "viability_warn", SHARE, 0, 1_000),
    Limit("transport_min", "transport", "temperature_min", TEMPERATURE, -2_000, 1_000),
    Limit("transport_max", "transport", "temperature_max", TEMPERATURE, -2_000, 1_000),
    Limit("hold", "timing", "hold", TIME, 0, 43_200),
    Limit("lead", "timing", "lead", TIME, 0, 43_200),
    Limit("shelf_life", "timing", "shelf_life", TIME, 1, 43_200),
    Limit("check_valid", "infusion", "check_valid", TIME, 1, 1_440),
    Limit("infusion_planned", "infusion", "planned", TIME, 1, 1_440),
    Limit("infusion_short", "infusion", "short", TIME, 0, 1_440),
    Limit("infusion_long", "infusion", "long", TIME, 1, 1_440),
    Limit("observations", "infusion", "observations", TIME, 0, 100_000, many=True),
    Limit("account_tolerance", "infusion", "account_tolerance", VOLUME, 0, 1_000_000),
    Limit("retention_years", "records", "retention", YEARS, 1, 100),
)


def quantities(table: Table, limit: Limit, name: str) -> tuple[int, ...] | None:
    """Return the values of a limit, one unless it has many; None, and a problem, when one is wrong."""
    entry = table.table(limit.key)
    entry.vouched(name)
    if entry.content is None:
        return None
    unit = entry.choice("unit", limit.measure.units)
    found = entry.take("value")
    if not unit or found is None:
        return None
    if limit.many and not (isinstance(found, list) and found):
        table.expected(limit.key, "a list of numbers", found)
        return None
    values = [measured(table, limit, item, unit) for item in (found if limit.many else [found])]
    good = tuple(value for value in values if value is not None)
    return good if len(good) == len(values) else None


def measured(table: Table, limit: Limit, found: Any, unit: str) -> int | None:
    """Return a number of a file's unit as whole units of the record, within the limit's bounds."""
    measure, scale = limit.measure, limit.measure.units[unit]
    if not _is_number(found):
        table.expected(limit.key, "a number", found)
    elif not _in_reach(found):
        table.expected(limit.key, f"a number up to 10^{_DIGITS} with at most {_DECIMALS} decimals", found)
    else:
        value = Fraction(found) * scale
        shown = Shown(found if unit == "%" else f"{found} {unit}")
        if not limit.low <= value <= limit.high:
            table.expected(limit.key, f"{measure.what} {bounds(measure, limit.low, limit.high)}", shown)
        elif value.denominator != 1:
            table.expected(limit.key, f"a whole number of {measure.step}", shown)
        else:
            return int(value)
    return None


def bounds(measure: Measure, low: int, high: int) -> str:
    """Say bounds in the measure's first unit: `from 0 to 100`, `from 1 to 1440 min`."""
    unit, scale = next(iter(measure.units.items()))
    said = f"from {low / scale:.12g} to {high / scale:.12g}"
    return said if unit == "%" else f"{said} {unit}"


def written(measure: Measure, value: int) -> str:
    """Write a quantity of the record in the measure's first unit."""
    unit, scale = next(iter(measure.units.items()))
    return f"{value / scale:.12g} {unit}"


def _is_number(found: Any) -> bool:
    if isinstance(found, Decimal):
        return found.is_finite()
    return isinstance(found, int) and not isinstance(found, bool)


def _in_reach(found: int | Decimal) -> bool:
    if not -(10**_DIGITS) <= found <= 10**_DIGITS:
        return False
    exponent = found.as_tuple().exponent if isinstance(found, Decimal) else 0
    return isinstance(exponent, int) and exponent >= -_DECIMALS
