"""The fields of a step: how each value is declared, and all that a form, a scanner or the API needs to know of it.

Each value has a unit in its name and is a whole number of that unit; it may be entered in another (`scale`).
`custody.chain.entry_value` reads what was entered, and checks it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Field:
    """How a value of a command is entered: what a form, a scanner or the API needs to know."""

    kind: str
    """scan, scans, quantity, choice, yes, text, words, date, datetime, answers."""
    label: str
    scans: str = ""
    """The kind of thing whose code belongs here; empty for any kind."""
    unit: str = ""
    scale: int = 1
    """Whole units of the record in one unit as entered: 1000 for grams entered in kg."""
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = True
    help: str = ""
    past: bool = False
    """A time that is over when the step is recorded."""
    blank: bool = False
    """To leave it empty says something too, or is not always right: no page calls it optional."""
    fixed: bool = False
    """Decided more than itself, so that a correction (step 23) is not enough: the step is done again."""


def scan(kind: str, label: str, *, required: bool = True, help: str = "") -> Any:
    """Declare a field that takes the code of one thing; `kind` is empty when any will do."""
    default = dataclasses.MISSING if required else ""
    spec = Field("scan", label, scans=kind, required=required, help=help, fixed=True)
    return dataclasses.field(default=default, metadata={"field": spec})


def scans(kind: str, label: str) -> Any:
    """Declare a field that takes the codes of several things."""
    spec = Field("scans", label, scans=kind, required=False, fixed=True)
    return dataclasses.field(default=(), metadata={"field": spec})


def quantity(label: str, unit: str, *, scale: int = 1, minimum: int = 0, maximum: int, fixed: bool = False) -> Any:
    """Declare a whole number entered in `unit`; bounds are in the record's unit."""
    return dataclasses.field(
        metadata={"field": Field("quantity", label, "", unit, scale, minimum, maximum, fixed=fixed)}
    )


def optional_quantity(label: str, unit: str, *, maximum: int, fixed: bool = False) -> Any:
    """Declare a whole number that may be left empty: None then."""
    spec = Field("quantity", label, unit=unit, minimum=0, maximum=maximum, required=False, fixed=fixed)
    return dataclasses.field(default=None, metadata={"field": spec})


def choice(label: str, *choices: tuple[str, str], required: bool = True, fixed: bool = False) -> Any:
    """Declare one value out of a few: (value on record, words for it)."""
    default = dataclasses.MISSING if required else ""
    spec = Field("choice", label, choices=choices, required=required, fixed=fixed)
    return dataclasses.field(default=default, metadata={"field": spec})


def yes(label: str, *, fixed: bool = False) -> Any:
    """Declare something the person states to be so."""
    return dataclasses.field(default=False, metadata={"field": Field("yes", label, required=False, fixed=fixed)})


def text(label: str, *, required: bool = True, help: str = "", fixed: bool = False) -> Any:
    """Declare free words, in one line."""
    spec = Field("text", label, maximum=LONGEST_TEXT, required=required, help=help, fixed=fixed)
    default = dataclasses.MISSING if required else ""
    return dataclasses.field(default=default, metadata={"field": spec})


def sometimes(label: str, *, help: str, fixed: bool = False) -> Any:
    """Declare free words that some values of the other fields ask for; `help` says which."""
    spec = Field("text", label, maximum=LONGEST_TEXT, required=False, help=help, blank=True, fixed=fixed)
    return dataclasses.field(default="", metadata={"field": spec})


def right_value(label: str, *, help: str) -> Any:
    """Declare what a correction puts in a value's place, as it is entered in the field that it corrects."""
    return sometimes(label, help=help, fixed=True)


def words(label: str, *, help: str = "") -> Any:
    """Declare a list of words: their order counts."""
    return dataclasses.field(metadata={"field": Field("words", label, help=help, fixed=True)})


def instant(label: str, *, past: bool = True) -> Any:
    """Declare a point in time; it is over when it is recorded, unless `past` is false."""
    return dataclasses.field(metadata={"field": Field("datetime", label, past=past)})


def day(label: str) -> Any:
    """Declare a calendar day, `YYYY-MM-DD`."""
    return dataclasses.field(metadata={"field": Field("date", label)})


def answers(label: str) -> Any:
    """Declare pairs of (question, answer)."""
    return dataclasses.field(default=(), metadata={"field": Field("answers", label, required=False, fixed=True)})
