"""What a protocol file says, as the rules use it. Loaded by `custody.protocols`.

Each limit is data of the trial; nothing of any one trial is written in the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from custody.chain.units import (
    Cells,
    DeciCelsius,
    Grams,
    Microlitres,
    Minutes,
    PerMille,
)


@dataclass(frozen=True, slots=True)
class Words:
    """A text in the languages of the trial."""

    en: str
    fr: str


@dataclass(frozen=True, slots=True)
class Arm:
    """A randomised arm; `cells_per_kg` is 0 where the bag holds the diluent alone."""

    code: str
    name: Words
    cells_per_kg: int


@dataclass(frozen=True, slots=True)
class Site:
    """A hospital unit of the trial, with the zone in which its clocks are read."""

    code: str
    name: str
    kind: str
    """`cell_therapy_unit` or `icu`."""
    zone: str

    def local(self, instant: datetime) -> datetime:
        """Return an instant as this site's wall clock shows it."""
        return instant.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class Criterion:
    """One inclusion or exclusion criterion, answered yes or no at enrolment."""

    code: str
    text: Words


@dataclass(frozen=True, slots=True)
class QcTest:
    """One test of the release specification.

    A numeric test has `minimum` and `maximum` (either may be None) in `unit`, times `scale`; a test
    without both passes when its result is `expected`.
    """

    code: str
    name: Words
    unit: str
    scale: int
    minimum: int | None
    maximum: int | None
    expected: str

    def passes(self, result: str) -> bool:
        """Return whether a result, as entered, is within specification."""
        if self.expected:
            return result == self.expected
        try:
            value = int(result)
        except ValueError:
            return False
        return not (
            (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum)
        )


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the week, wall clock: from (weekday, minutes) up to, not including, the end.

    Weekdays as in ISO 8601: Monday is 1.
    """

    start_day: int
    start_minute: int
    end_day: int
    end_minute: int

    def contains(self, local: datetime) -> bool:
        """Return whether a local wall-clock time lies in the window, exact to the microsecond."""
        start = (self.start_day * 1440 + self.start_minute) * 60_000_000
        end = (self.end_day * 1440 + self.end_minute) * 60_000_000
        minute = local.isoweekday() * 1440 + local.hour * 60 + local.minute
        now = minute * 60_000_000 + local.second * 1_000_000 + local.microsecond
        return start <= now < end if start <= end else not end <= now < start

    def __str__(self) -> str:
        """Say it as `Mon 08:00 - Fri 08:00`."""
        days = ("", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

        def clock(day: int, minute: int) -> str:
            return f"{days[day]} {minute // 60:02d}:{minute % 60:02d}"

        return f"{clock(self.start_day, self.start_minute)} - {clock(self.end_day, self.end_minute)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One trial. Quantities are in the unit of their type and name."""

    id: str
    hash: str
    """SHA-256 of the file, hex; in each record."""
    title: Words
    sponsor: str
    registry: str
    participants: int
    arms: tuple[Arm, ...]
    sites: tuple[Site, ...]
    inclusion: tuple[Criterion, ...]
    exclusion: tuple[Criterion, ...]
    qc: tuple[QcTest, ...]
    block_sizes: tuple[int, ...]
    window: Window
    onset: Minutes
    weight_min: Grams
    weight_max: Grams
    volume: Microlitres
    volume_tolerance: PerMille
    dose_tolerance: PerMille
    viability_block: PerMille
    viability_warn: PerMille
    cryobags_per_lot_max: int
    storage_class: str
    bath_min: DeciCelsius
    bath_max: DeciCelsius
    transport_min: DeciCelsius
    transport_max: DeciCelsius
    hold: Minutes
    lead: Minutes
    shelf_life: Minutes
    check_valid: Minutes
    infusion_planned: Minutes
    infusion_short: Minutes
    infusion_long: Minutes
    observations: tuple[Minutes, ...]
    account_tolerance: Microlitres
    albumin_percent: int
    unconfirmed: tuple[str, ...]
    """Names of the limits that the sponsor still has to confirm."""

    def arm(self, code: str) -> Arm:
        """Return an arm of the trial; KeyError when it has none of that code."""
        for arm in self.arms:
            if arm.code == code:
                return arm
        raise KeyError(code)

    def site(self, code: str) -> Site | None:
        """Return a site of the trial, or None."""
        return next((site for site in self.sites if site.code == code), None)

    def prescribed(self, arm: Arm, weight: Grams) -> Cells:
        """Return the dose in viable cells: cells per kg times weight, rounded to the nearest."""
        return Cells((arm.cells_per_kg * weight + 500) // 1000)
