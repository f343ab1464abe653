"""What has to agree in a protocol, once each value is right by itself.

    short <= planned <= long        minimum <= maximum        block <= warn
    lead <= hold                    the dilution may not have to end before the order
    lead < shelf life               or the bag would expire before it is ready
    account tolerance >= volume x its tolerance, or a bag at the edge could never be accounted for

A value that was wrong by itself is not compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from custody.chain.protocol import Arm, Site
from custody.protocols.limits import LIMITS, Limit, written
from custody.protocols.problems import Book, Shown
from custody.protocols.sections import CELL_THERAPY_UNIT, ICU

Values = Mapping[str, tuple[int, ...]]
"""Each limit's values by its attribute."""

_BY_ATTRIBUTE: Final = {limit.attribute: limit for limit in LIMITS}
_ORDER: Final = (
    ("weight_min", "weight_max"),
    ("viability_block", "viability_warn"),
    ("bath_min", "bath_max"),
    ("transport_min", "transport_max"),
    ("infusion_short", "infusion_planned"),
    ("infusion_planned", "infusion_long"),
    ("lead", "hold"),
)


def agree(book: Book, values: Values) -> None:
    """Note every limit that does not agree with another."""
    for lower, upper in _ORDER:
        if lower in values and upper in values and values[lower] > values[upper]:
            _note(book, values, upper, f"at least {_said(values, lower)}")
    if "lead" in values and "shelf_life" in values and values["shelf_life"] <= values["lead"]:
        _note(book, values, "shelf_life", f"more than {_said(values, 'lead')}, or the bag expires before it is ready")
    if {"volume", "volume_tolerance", "account_tolerance"} <= values.keys():
        least = values["volume"][0] * values["volume_tolerance"][0] // 1000
        if values["account_tolerance"][0] < least:
            said = written(_BY_ATTRIBUTE["account_tolerance"].measure, least)
            _note(book, values, "account_tolerance", f"at least {said}, which dose.volume_tolerance allows")
    if list(values.get("observations", ())) != sorted(set(values.get("observations", ()))):
        book.note(_where("observations"), "expected times in rising order")


def ratio(book: Book, values: Values, arms: tuple[Arm, ...]) -> None:
    """Note a ratio that has not one number for each arm."""
    shares = values.get("ratio", ())
    if len(arms) > 1 and shares and len(shares) != len(arms):
        book.expected(_where("ratio"), f"one number for each of the {len(arms)} arms", len(shares))


def trial(book: Book, arms: tuple[Arm, ...], sites: tuple[Site, ...]) -> None:
    """Note arms between which nothing is compared, and a trial without a place to prepare or to infuse."""
    if len(arms) == 1:
        book.note(("arms",), "expected at least two arms, found 1")
    if arms and not any(arm.cells_per_kg for arm in arms):
        book.note(("arms",), "expected at least one arm with cells, found none")
    for kind in (ICU, CELL_THERAPY_UNIT):
        if sites and not any(site.kind in {kind, ""} for site in sites):
            book.note(("sites",), f'expected at least one site of kind "{kind}", found none')


def _where(attribute: str) -> tuple[str, str]:
    limit = _BY_ATTRIBUTE[attribute]
    return limit.section, limit.key


def _said(values: Values, attribute: str) -> str:
    limit: Limit = _BY_ATTRIBUTE[attribute]
    return f"{limit.name} ({written(limit.measure, values[attribute][0])})"


def _note(book: Book, values: Values, attribute: str, expected: str) -> None:
    found = Shown(written(_BY_ATTRIBUTE[attribute].measure, values[attribute][0]))
    book.expected(_where(attribute), expected, found)
