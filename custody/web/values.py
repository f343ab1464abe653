"""A step's values in the reader's words: what a field's choices are, and how a value on record is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from custody import codes
from custody.chain.correction import NOTHING, correctable, reading
from custody.chain.duration import spoken_min
from custody.chain.field_check import amount
from custody.chain.fields import Field
from custody.chain.reading import READINGS
from custody.chain.step import N_, STEPS, fields_of
from custody.chain.things import Plane
from custody.ledger.entry import decode
from custody.record.entries import past_of
from custody.web import words
from custody.web.amounts import as_entered
from custody.web.seen import name_of
from custody.web.showing import Showing
from custody.web.who import connection, door, stores


def chosen(step: str, name: str, kind: Field, values: Mapping[str, Any]) -> Field:
    """Give a field that the protocol has the choices of as a choice; any other as it is."""
    protocol = door().protocol
    choices: tuple[tuple[str, str], ...] = ()
    if (step, name) == ("record_qc", "test"):
        choices = tuple((test.code, words.of(test.name)) for test in protocol.qc)
    elif (step, name) == ("record_qc", "result"):
        found = next((test for test in protocol.qc if test.code == values.get("test")), None)
        choices = tuple((code, words.of(text)) for code, text in found.results) if found else ()
        if found and not choices:
            return replace(kind, kind="quantity", unit=words.unit(found.unit))
    elif (step, name) == ("observe", "due_min"):
        minutes = tuple((str(minute), spoken_min(minute)) for minute in protocol.observations)
        # Nothing entered is a choice in words here, the one that stands until another is made.
        return replace(kind, kind="choice", choices=(("", _("Now, not scheduled")), *minutes), required=True)
    elif kind.kind == "text" and name == "site":
        choices = tuple((site.code, site.name) for site in protocol.sites)
    elif name == "role":
        choices = tuple((code, words.role(code)) for code, _code in kind.choices)
    elif step in READINGS and name == "page":
        choices = tuple((page, _(STEPS[page].SPEC.title)) for page in (values.get("page"),) if page)
    elif step in READINGS:
        choices = tuple((code, words.of_reading(name, code)) for code, _code in kind.choices)
    elif name == "temperature_class":
        choices = ((protocol.storage_class, words.of(protocol.storage_name)),)
    return replace(kind, kind="choice", choices=choices) if choices else kind


def said(step: str, name: str, values: Mapping[str, Any], showing: Showing) -> str:
    """Say a value that a step put on record: with its unit, a choice by its words, a time in the reader's zone."""
    kind = chosen(step, name, dict(fields_of(STEPS[step]))[name], values)
    value = values[name]
    if value in ("", None, [], ()):
        return dict(kind.choices).get("", "")
    return _SAYERS.get(kind.kind, _text)(kind, value, showing)


def _text(_kind: Field, value: Any, _showing: Showing) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _choice(kind: Field, value: Any, _showing: Showing) -> str:
    return _(dict(kind.choices).get(str(value), str(value)))


def _yes(_kind: Field, value: Any, _showing: Showing) -> str:
    return {"True": _("Yes"), "False": _("No")}.get(str(value), str(value))


def _quantity(kind: Field, value: Any, _showing: Showing) -> str:
    number = amount(value, kind.scale) if isinstance(value, int) else str(value)
    return f"{as_entered(number)} {kind.unit.replace('10^6', '× 10⁶')}".strip()


def _instant(_kind: Field, value: Any, showing: Showing) -> str:
    try:
        return showing.time(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _codes(_kind: Field, value: Any, _showing: Showing) -> str:
    return ", ".join(map(_code, value if isinstance(value, list | tuple) else [str(value)]))


def _code(code: str) -> str:
    """Write a code; that of a place after its name, by which people know it."""
    grouped = codes.group(code)
    known = name_of(code) if code.startswith(codes.PREFIXES[codes.Kind.LOCATION]) else grouped
    return grouped if known == grouped else f"{known} {grouped}"


def _answers(_kind: Field, value: Any, _showing: Showing) -> str:
    protocol = door().protocol
    texts = {item.code: words.of(item.text) for item in (*protocol.inclusion, *protocol.exclusion)}
    pairs = value if isinstance(value, list | tuple) else [word.partition("=")[::2] for word in str(value).split()]
    spoken = {"yes": _("Yes"), "no": _("No")}
    return "; ".join(f"{texts.get(code, code)} – {spoken.get(answer, answer)}" for code, answer in pairs)


_SAYERS: dict[str, Callable[[Field, Any, Showing], str]] = {
    "choice": _choice,
    "yes": _yes,
    "quantity": _quantity,
    "datetime": _instant,
    "scan": _codes,
    "scans": _codes,
    "answers": _answers,
}


def entry_of(event: str) -> tuple[dict[str, Any], Plane] | None:
    """Give the entry of an event in the planes that this person may see."""
    for plane, store in stores().items():
        place = store.place_of(connection(), event) if event else None
        if place is not None:
            return decode(store.entry(connection(), place)), plane
    return None


@dataclass(frozen=True, slots=True)
class Named:
    """A record as people call it, and the code in whose history it stands; empty where it changed no such thing."""

    words: str
    code: str


def named(event: str, showing: Showing) -> Named | None:
    """Name a record by its step, its things, and when it was recorded; None for one that this person may not see."""
    found = entry_of(event)
    if found is None:
        return None
    entry, plane = found
    now = reading(past_of(entry, plane, corrected=False))
    at = showing.time(datetime.fromisoformat(entry["recorded_at"]))
    things = dict.fromkeys(code.rpartition("/")[2] for code in now.things)
    coded = [code for code in things if codes.group(code) != code]
    words = ", ".join((_(STEPS[now.step].SPEC.title), *map(codes.group, coded), at))
    own = now.values.get(STEPS[now.step].SPEC.key)
    return Named(words, own if own in things else next(iter(coded), ""))


def corrected(event: str, field: str) -> Field | None:
    """Give a record's field as it was entered, for its right value: to leave it empty says something too."""
    found = entry_of(event)
    if found is None:
        return None
    now = reading(past_of(*found, corrected=False))
    kind = correctable(now.step).get(field)
    if kind is None or field not in now.values:
        return None
    shown = chosen(now.step, field, kind, now.values)
    if shown.kind == "yes":
        return replace(shown, kind="choice", choices=(("yes", N_("Yes")), ("no", N_("No"))), required=True)
    return shown if shown.required else replace(shown, blank=True, help=NOTHING)


def correctable_fields(event: str, showing: Showing) -> Iterator[tuple[str, str]]:
    """Yield the fields of a record that a correction may name, each with its value as it reads now."""
    found = entry_of(event)
    if found is None:
        return
    entry, plane = found
    now = reading(past_of(entry, plane, corrected=False))
    for name, kind in correctable(now.step).items():
        if name in now.values and kind.kind != "answers":
            value = said(now.step, name, now.values, showing)
            yield name, _("%(label)s: %(value)s", label=_(kind.label), value=value)
