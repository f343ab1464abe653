"""What a protocol file says, as the rules use it. Loaded by `custody.protocols`.

Each limit is data of the trial; nothing of any one trial is written in the rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from custody.chain.units import (
    Cells,
    DeciCelsius,
    Grams,
    Microlitres,
    Minutes,
    PerMille,
)
from custody.chain.week import Window

_NUMERAL: Final = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,9})?")


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
    address: str = ""
    phone: str = ""
    investigator: str = ""
    """Name on the labels of the site's treatment bags; "" at a cell therapy unit."""

    def local(self, instant: datetime) -> datetime:
        """Return an instant as this site's wall clock shows it."""
        return instant.astimezone(ZoneInfo(self.zone))

    def said(self, instant: datetime) -> str:
        """Write an instant as this site's clocks show it, with the zone's abbreviation."""
        local = self.local(instant)
        return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One inclusion or exclusion criterion, answered yes or no at enrolment."""

    code: str
    text: Words


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call about product and trial, at any hour: Regulation (EU) 536/2014, Annex VI A.1 (a)."""

    name: str
    address: str
    phone: str
    emergency_phone: str
    """Emergency unblinding."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is asked about a participant on each of its days after the infusion."""

    code: str
    text: Words
    kind: str
    """`score`, `days`, `yes_no` or `events` (side effects, each tied to its bag)."""
    days: tuple[int, ...]
    primary: bool
    or_exit: bool
    """On the day of death or of leaving the unit, if that is earlier."""
    maximum: int | None
    """Highest score, or number of days; None without a number."""


@dataclass(frozen=True, slots=True)
class QcTest:
    """One test of the release specification.

    A numeric test has `minimum` and `maximum` (either may be None) in `unit`, times `scale`; a test
    without both passes when its result is `expected`, one of `results`.
    """

    code: str
    name: Words
    unit: str
    scale: int
    minimum: int | None
    maximum: int | None
    expected: str
    results: tuple[tuple[str, Words], ...] = ()
    """What a test without numbers can give: (result on record, words for it)."""

    def passes(self, result: str) -> bool:
        """Return whether a result, as entered in `unit` (`85.2` or `85,2`), is within specification."""
        if self.expected:
            return result == self.expected
        if not _NUMERAL.fullmatch(result):
            return False
        value = Fraction(result.replace(",", ".")) * self.scale
        return not (
            (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum)
        )


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
    ratio: tuple[int, ...]
    """Participants of each arm to those of the others, in the order of `arms`; block sizes stand in no protocol."""
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
    """Names of the limits that the sponsor still has to confirm, as in the file: `dose.tolerance`."""
    sources: tuple[tuple[str, str], ...] = ()
    """(name, where it is from) of all others."""
    short_title: str = ""
    reference: str = ""
    """The sponsor's own number of the trial."""
    condition: Words = Words("", "")
    design: Words = Words("", "")
    route: Words = Words("", "")
    storage_name: Words = Words("", "")
    contact: Contact = Contact("", "", "", "")
    outcomes: tuple[Outcome, ...] = ()
    retention_years: int = 0
    """How long records are kept after the expiry of the product."""

    @property
    def last_day(self) -> int:
        """Return the day on which the follow-up ends."""
        return max((day for outcome in self.outcomes for day in outcome.days), default=0)

    def arm(self, code: str) -> Arm:
        """Return an arm of the trial; KeyError when it has none of that code."""
        for arm in self.arms:
            if arm.code == code:
                return arm
        raise KeyError(code)

    @property
    def smallest_block(self) -> tuple[str, ...]:
        """Return the arms of the smallest block that holds them in their ratio."""
        return tuple(arm.code for arm, share in zip(self.arms, self.ratio, strict=True) for _ in range(share))

    def site(self, code: str) -> Site | None:
        """Return a site of the trial, or None."""
        return next((site for site in self.sites if site.code == code), None)

    def said(self, instant: datetime, site: str) -> str:
        """Write an instant as a site's clocks show it, with the zone's abbreviation; as it came where there is none."""
        place = self.site(site)
        return place.said(instant) if place else f"{instant:%Y-%m-%d %H:%M} {instant.tzname()}"

    def prescribed(self, arm: Arm, weight: Grams) -> Cells:
        """Return the dose in viable cells: cells per kg times weight, rounded to the nearest."""
        return Cells((arm.cells_per_kg * weight + 500) // 1000)
