"""Why a step is refused, in the reader's words: the reason's sentence, filled with the facts on record.

The record keeps facts as chain wrote them: codes, states, field names, numbers with a point. Each is said here as
pages say it elsewhere. What is not in `_SAYERS` was typed by people, or is a name, and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Final

from flask_babel import format_decimal
from flask_babel import gettext as _

from custody import codes
from custody.chain.beyond import pairs
from custody.chain.duration import spoken_min
from custody.chain.entry_value import NUMERAL
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal
from custody.chain.step import N_, STEPS, fields_of
from custody.chain.things import Deviation
from custody.web import words
from custody.web.amounts import amount

TIMES: Final[Mapping[str, str]] = {
    "occurred_at": N_("the time at which it was done"),
    "onset": N_("the start of catecholamines"),
    "manufacture": N_("manufacture"),
    "expiry": N_("expiry"),
    "ended_at": N_("the end"),
    "started_at": N_("the start"),
    "thawed_at": N_("the end of the thaw"),
    "ordered_at": N_("the order"),
    "reserved_at": N_("the reservation"),
    "counted_at": N_("the last count"),
    "opened_at": N_("the opening of the sheet"),
    "randomised_at": N_("the randomisation"),
    "broken_at": N_("the code break"),
    "told_at": N_("the time at which the sponsor was told"),
}
"""Names of the times that refusals compare."""

DAYS: Final[Mapping[str, str]] = {
    "Mon": N_("Mon"),
    "Tue": N_("Tue"),
    "Wed": N_("Wed"),
    "Thu": N_("Thu"),
    "Fri": N_("Fri"),
    "Sat": N_("Sat"),
    "Sun": N_("Sun"),
}
FOUND: Final[Mapping[str, str]] = {**words.KINDS, **words.STATES}
"""What is found, or would have been expected."""
OF_CELLS: Final = frozenset({Reason.DOSE, Reason.NOT_ENOUGH_CELLS, Reason.MORE_CELLS, Reason.COUNT})
"""Reasons whose numbers are cells: they are said as pages say a dose."""
UNIT: Final = re.compile(r"\s\{unit\}")
"""Where a unit stands, with its space: a bare number has neither."""
VIAL: Final = re.compile(r"[0-9]{14}/([^/]+)/([^/]*)")
GROUPED_FROM: Final = 10_000
"""`1440` is read as it is, `70 000 000` cells are not."""
QUOTES: Final = "'\""
"""What a `CodeError` sets around the text that it found."""


def say(item: Refusal, protocol: Protocol) -> str:
    """Say why a step is refused; a record of former times that lacks a fact shows those it has."""
    facts = {name: _fact(name, value, item.reason, protocol) for name, value in item.facts.items()}
    sentence = _(item.reason.sentence)
    if not facts.get("unit", "a unit"):
        sentence = UNIT.sub("", sentence)
    try:
        return sentence.format_map(facts)
    except KeyError:
        return f"{_(item.reason.sentence)} {facts}"


def happened(deviation: Deviation, protocol: Protocol) -> str:
    """Say what a deviation is of: the words of who raised it, or the limits that were passed."""
    return deviation.what or " ".join(passed(deviation.out, protocol))


def passed(out: Iterable[Sequence[str]], protocol: Protocol) -> Iterator[str]:
    """Say each limit that was passed, as a record holds it: its reason, then names and facts by turns."""
    return (say(Refusal(Reason[name.upper()], dict(pairs(facts))), protocol) for name, *facts in out)


def _fact(name: str, value: str, reason: Reason, protocol: Protocol) -> str:
    if reason is Reason.NOT_SPELLED:
        return value
    if reason in OF_CELLS and name in {"found", "expected", "maximum"} and value.isdecimal():
        return amount("cells", int(value))
    if reason is Reason.NOT_DUE:
        return _due(value, protocol)
    if reason is Reason.UNREADABLE:
        return _unreadable(value)
    if not value:
        return _("no site") if reason in {Reason.SITE, Reason.SECOND_SITE} else ""
    sayer = _SAYERS.get(name)
    return sayer(value, protocol) if sayer else value


def _code(value: str, _protocol: Protocol) -> str:
    return ", ".join(_one_code(part) for part in value.split(", "))


def _one_code(value: str) -> str:
    """Say a code as eyes find it on its label: a vial's by batch and serial number."""
    vial = VIAL.fullmatch(value)
    if vial:
        return " · ".join(part.replace("%2F", "/").replace("%25", "%") for part in vial.groups() if part)
    return codes.group(value.rpartition("/")[2])


def _criterion(value: str, protocol: Protocol) -> str:
    for criterion in (*protocol.inclusion, *protocol.exclusion):
        if value in {criterion.code, criterion.text.en}:
            return words.of(criterion.text)
    return value


def _tests(value: str, protocol: Protocol) -> str:
    names = {test.code: words.of(test.name) for test in protocol.qc}
    return ", ".join(names.get(part, part) for part in value.split(", "))


def _label(value: str, protocol: Protocol) -> str:
    """Say a field's label; a result's is the name of its test."""
    return next((words.of(test.name) for test in protocol.qc if test.name.en == value), "") or _(value)


def _choices(value: str, protocol: Protocol) -> str:
    results = {code: words.of(text) for test in protocol.qc for code, text in test.results}
    return ", ".join(results.get(part) or _(_choice_words().get(part, part)) for part in value.split(", "))


def _value_name(value: str, _protocol: Protocol) -> str:
    return _(TIMES[value] if value in TIMES else _labels().get(value, value))


def _roles(value: str, _protocol: Protocol) -> str:
    return ", ".join(words.role(part) for part in value.split(", "))


def _number(value: str, _protocol: Protocol) -> str:
    return ", ".join(_one_number(part) for part in value.split(", "))


def _due(value: str, _protocol: Protocol) -> str:
    """Say minutes after the start as pages do; records of former times hold bare numbers of minutes."""
    return ", ".join(spoken_min(int(part)) if part.isdecimal() else part for part in value.split(", "))


def _one_number(value: str) -> str:
    if not NUMERAL.fullmatch(value):
        return value
    number = Decimal(value.replace(",", "."))
    return format_decimal(number, "#,##0.#########" if abs(number) >= GROUPED_FROM else "0.#########")


def _found(value: str, protocol: Protocol) -> str:
    """Say what was found or expected: a site, a stretch of the week, a temperature class, states, kinds, numbers."""
    if protocol.site(value):
        return words.site(protocol, value)
    if value[:3] in DAYS:
        return " ".join(_(DAYS[part]) if part in DAYS else part for part in value.split(" "))
    if value == protocol.storage_class:
        return words.of(protocol.storage_name)
    return ", ".join(_(FOUND[part]) if part in FOUND else _one_number(codes.group(part)) for part in value.split(", "))


def _unreadable(value: str) -> str:
    """Say why a code cannot be read, and what to do; `value` is the text of a `CodeError`."""
    expected, _between, text = value.partition(" Found: ")
    fitting = (reason for reason in codes.Reason if codes.CodeError(reason, "").expected == expected)
    why, advice = words.unreadable(next(fitting, codes.Reason.NOT_A_DIN))
    return f"{why} {advice} ({text.rstrip('.').strip(QUOTES)})" if text else value


@cache
def _labels() -> Mapping[str, str]:
    """Give the label of each field's name."""
    return {name: field.label for command in STEPS.values() for name, field in fields_of(command)}


@cache
def _choice_words() -> Mapping[str, str]:
    """Give the words of each choice's code."""
    fields = (field for command in STEPS.values() for _name, field in fields_of(command))
    choices = {code: text for field in fields for code, text in field.choices}
    return {"yes": N_("Yes"), "no": N_("No"), **choices, **words.ROLES}


_SAYERS: Final[Mapping[str, Callable[[str, Protocol], str]]] = {
    "code": _code,
    "codes": _code,
    "holder": _code,
    "criterion": _criterion,
    "test": _tests,
    "tests": _tests,
    "label": _label,
    "choices": _choices,
    "field": _value_name,
    "what": _value_name,
    "later": _value_name,
    "earlier": _value_name,
    "role": _roles,
    "allowed": _roles,
    "site": _found,
    "found": _found,
    "expected": _found,
    "window": _found,
    "minimum": _number,
    "maximum": _number,
    "limit": _number,
    "available": _number,
    "tolerance": _number,
    "least": _number,
    "due": _due,
    "unit": lambda value, _protocol: words.unit(value),
}
"""Per name of a fact, how it is said."""
