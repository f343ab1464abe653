"""What was entered, as the record holds it: the one place for pages, API, command line and corrections.

- `read_value` turns a text into a value, or says what was expected.
- `read_command` builds a whole step from its texts, or gives all that is wrong with them at once.

Quantities are exact: `37,5` kg is 37500 g, and what is finer than the record's unit is refused, not rounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Final

from custody import codes
from custody.chain.field_check import amount, check_value, shown
from custody.chain.fields import Field
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.step import Command, fields_of

NUMERAL: Final = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,9})?")
BLANKS: Final = re.compile(r"[ \t\r\n]+")
"""Not `str.split`: it would also split a GS1 code at its separator, ASCII 29."""
BETWEEN: Final = re.compile(r"[ \t\r\n,;]+")
"""What stands between the words of a list, whichever way somebody writes lists."""
TRUE: Final = frozenset({"yes", "on", "true"})
FALSE: Final = frozenset({"", "no", "off", "false"})


class BadValue(ValueError):
    """A text that is no value of its field: `refusal` says what was found and what was expected."""

    def __init__(self, refusal: Refusal) -> None:
        """Keep the refusal."""
        self.refusal = refusal
        super().__init__(refusal.text)


def read_value(field: Field, text: str) -> Any:
    """Return what was entered as the record holds it; raise `BadValue`."""
    value = _READERS[field.kind](field, text.strip(" \t\r\n\u00a0"))
    for refusal in check_value(field, value):
        raise BadValue(refusal)
    return value


def read_command(command: type[Command], given: Mapping[str, str]) -> tuple[Command | None, dict[str, Refusal]]:
    """Build a step from what was entered, or give what is wrong with each of its fields."""
    values, faults, known = {}, {}, dict(fields_of(command))
    for name, field in known.items():
        try:
            values[name] = read_value(field, given.get(name, ""))
        except BadValue as bad:
            faults[name] = bad.refusal
    for name in given.keys() - known.keys():
        faults[name] = refuse(Reason.NOT_A_FIELD, field=shown(name))
    return (None if faults else command(**values)), faults


# --- from text --------------------------------------------------------------------------------


def _read_quantity(field: Field, text: str) -> int | None:
    number = text.replace("\u2212", "-")
    if not number:
        return None
    if not NUMERAL.fullmatch(number):
        raise _bad(Reason.NOT_A_NUMBER, field, text)
    value = Fraction(number.replace(",", ".")) * field.scale
    if value.denominator != 1:
        raise _bad(Reason.TOO_EXACT, field, text, least=amount(1, field.scale), unit=field.unit)
    return int(value)


def _read_time(field: Field, text: str) -> datetime | str:
    if not text:
        return ""
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise _bad(Reason.NOT_A_TIME, field, text)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise _bad(Reason.NOT_A_TIME, field, text) from wrong


def _read_yes(field: Field, text: str) -> bool:
    if text.lower() in TRUE | FALSE:
        return text.lower() in TRUE
    raise _bad(Reason.NOT_A_CHOICE, field, text, choices="yes, no")


def _read_words(_: Field, text: str) -> tuple[str, ...]:
    return tuple(word for word in BLANKS.split(text) if word)


def _read_scan(field: Field, text: str) -> str:
    return _code(field, text) if text else ""


def _read_scans(field: Field, text: str) -> tuple[str, ...]:
    return tuple(_code(field, word) for word in _read_words(field, text))


def _code(field: Field, text: str) -> str:
    """Return the one spelling of a code; a vial's stays as scanned, for it says batch and expiry too."""
    if field.scans == codes.Kind.ALBUMIN_VIAL:
        return text
    try:
        return codes.read(text).code
    except codes.CodeError as wrong:
        raise BadValue(refuse(Reason.UNREADABLE, what=wrong)) from wrong


def _read_answers(field: Field, text: str) -> tuple[tuple[str, str], ...]:
    pairs = [word.partition("=") for word in _read_words(field, text)]
    for question, equals, _ in pairs:
        if not (question and equals):
            raise _bad(Reason.NOT_A_CHOICE, field, question, choices="criterion=yes, criterion=no")
    return tuple((question, answer) for question, _, answer in pairs)


def _bad(reason: Reason, field: Field, text: str, **facts: object) -> BadValue:
    return BadValue(refuse(reason, label=field.label, text=shown(text), **facts))


_READERS: Final[Mapping[str, Callable[[Field, str], Any]]] = {
    "scan": _read_scan,
    "scans": _read_scans,
    "quantity": _read_quantity,
    "choice": lambda _, text: text,
    "yes": _read_yes,
    "text": lambda _, text: BLANKS.sub(" ", text),
    "words": lambda _, text: tuple(word for word in BETWEEN.split(text) if word),
    "date": lambda _, text: text,
    "datetime": _read_time,
    "answers": _read_answers,
}
