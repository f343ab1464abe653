"""Whether a value fits its field: bounds, choices, lengths, codes of the right kind.

The fixed conditions of a step that pages, API and simulation share: a value that came past no form is checked too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from custody import codes
from custody.chain.fields import Field
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.step import Command, fields_of

LONGEST_SHOWN: Final = 60
LONGEST_WORD: Final = 80
MOST: Final = 50
"""Codes or answers in one field, so that a step with all that is wrong with it fits into one entry of the ledger."""
LONGEST_LIST: Final = 2000
"""Words in one field: the places of a randomisation list."""


def check_value(field: Field, value: Any) -> Iterator[Refusal]:
    """Yield what is wrong with a value of a field; the rules of the step come after."""
    if value in ("", (), None):
        if field.required:
            yield refuse(Reason.MISSING, label=field.label)
    else:
        yield from _CHECKS[field.kind](field, value)


def check_values(command: Command) -> Iterator[Refusal]:
    """Yield what is wrong with the values of a step."""
    for name, field in fields_of(type(command)):
        yield from check_value(field, getattr(command, name))


def shown(text: object) -> str:
    """Return the beginning of what was entered, fit to stand in a refusal and so on record."""
    return str(text)[:LONGEST_SHOWN].encode(errors="replace").decode()


def amount(value: int, scale: int) -> str:
    """Write a whole number of the record's unit in the unit of entry: 37500 g as `37.5` kg."""
    whole, rest = divmod(abs(value), scale)
    decimals = f"{rest / scale:.9f}"[1:].rstrip("0").rstrip(".")
    return f"{'-' if value < 0 else ''}{whole}{decimals}"


def _check_quantity(field: Field, value: Any) -> Iterator[Refusal]:
    if type(value) is not int:
        yield refuse(Reason.NOT_A_NUMBER, label=field.label, text=shown(value))
        return
    low, high = field.minimum, field.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        limits = {"minimum": amount(low or 0, field.scale), "maximum": amount(high or 0, field.scale)}
        text = amount(value, field.scale)
        yield refuse(Reason.OUT_OF_BOUNDS, label=field.label, text=text, unit=field.unit, **limits)


def _check_choice(field: Field, value: Any) -> Iterator[Refusal]:
    known = [choice for choice, _ in field.choices]
    if value not in known:
        yield refuse(Reason.NOT_A_CHOICE, label=field.label, text=shown(value), choices=", ".join(known))


def _check_yes(field: Field, value: Any) -> Iterator[Refusal]:
    if type(value) is not bool:
        yield refuse(Reason.NOT_A_CHOICE, label=field.label, text=shown(value), choices="yes, no")


def _check_text(field: Field, value: str) -> Iterator[Refusal]:
    if field.maximum is not None and len(value) > field.maximum:
        yield refuse(Reason.TOO_LONG, label=field.label, maximum=field.maximum, found=len(value))
    if not all(map(printable, value)):
        yield refuse(Reason.NOT_PRINTABLE, label=field.label)


def printable(character: str) -> bool:
    """Return whether a character may go on record: none that breaks a line or turns the reading order."""
    if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
        return False
    return unicodedata.bidirectional(character) not in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def _check_time(field: Field, value: datetime) -> Iterator[Refusal]:
    if value.tzinfo is None:
        yield refuse(Reason.NOT_A_TIME, label=field.label, text=value.isoformat())


def _check_date(field: Field, value: str) -> Iterator[Refusal]:
    try:
        found = date.fromisoformat(value).isoformat()
    except ValueError:
        found = ""
    if found != value:
        yield refuse(Reason.NOT_A_DATE, label=field.label, text=shown(value))


def _check_word(field: Field, value: str) -> Iterator[Refusal]:
    yield from _check_text(replace(field, maximum=LONGEST_WORD), value)


def _check_words(field: Field, value: tuple[str, ...]) -> Iterator[Refusal]:
    yield from _check_many(field, value, LONGEST_LIST)
    wrong = (refusal for word in value[:LONGEST_LIST] for refusal in _check_word(field, word))
    yield from islice(wrong, MOST)


def _check_scan(field: Field, value: str) -> Iterator[Refusal]:
    """Yield when a code is not of its kind, or not in the spelling of the record."""
    if not field.scans:
        yield from _check_word(field, value)
        return
    try:
        scanned = codes.read(f"={value}00" if field.scans == codes.Kind.LOT else value)
    except codes.CodeError as wrong:
        yield refuse(Reason.UNREADABLE, what=wrong)
        return
    if scanned.kind != field.scans:
        yield refuse(Reason.WRONG_KIND, code=scanned.code, found=scanned.kind, expected=field.scans)
    elif scanned.code != value and scanned.kind is not codes.Kind.ALBUMIN_VIAL:
        yield refuse(Reason.NOT_SPELLED, found=shown(value), expected=scanned.code)


def _check_scans(field: Field, value: tuple[str, ...]) -> Iterator[Refusal]:
    yield from _check_many(field, value)
    for code in value[:MOST]:
        yield from _check_scan(field, code)


def _check_answers(field: Field, value: tuple[tuple[str, str], ...]) -> Iterator[Refusal]:
    yield from _check_many(field, value)
    for pair in value[:MOST]:
        yield from _check_words(field, pair)


def _check_many(field: Field, value: tuple[Any, ...], maximum: int = MOST) -> Iterator[Refusal]:
    if len(value) > maximum:
        yield refuse(Reason.TOO_MANY, label=field.label, maximum=maximum, found=len(value))


_CHECKS: Final[Mapping[str, Callable[[Field, Any], Iterator[Refusal]]]] = {
    "scan": _check_scan,
    "scans": _check_scans,
    "quantity": _check_quantity,
    "choice": _check_choice,
    "yes": _check_yes,
    "text": _check_text,
    "words": _check_words,
    "date": _check_date,
    "datetime": _check_time,
    "answers": _check_answers,
}
