"""A step's form as its page shows it: the fields with their choices, what was given, and what was wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from flask import render_template

from custody import intake
from custody.chain.downtime import FIELDS, has_twin
from custody.chain.fields import Field
from custody.chain.roles import sees_arm
from custody.chain.step import N_, Command, Spec, fields_of
from custody.chain.things import Plane, Thing
from custody.web import last_check, limits, offers, panels, turned_down, values, words
from custody.web.look_ahead import SCANNED_AGAIN
from custody.web.seen import number_of, showing_here, visible
from custody.web.who import door, person, watched

NUMBERS: Final = frozenset({"event", "seal", "logger"})
"""Texts that are no free words."""
WARD_READS: Final = N_("The ward reads this: no word on the content.")
CORRECTIONS: Final = frozenset({"correct", "correct_sealed"})
SHOWN_BY: Final[dict[str, Callable[[Page], str]]] = {}
"""Steps whose form is another page's, and what renders it there."""


@dataclass(slots=True)
class Page:
    """What a step's page shows: its fields as they were given, and what was wrong with them."""

    command: type[Command]
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    event: str = ""
    known: frozenset[str] = frozenset()
    """Fields that the thing itself tells, and nobody enters."""
    told: limits.Told = limits.Told()
    """What is out of its limits, or what a correction overtakes: told once, then confirmed."""
    agreed: str = ""
    """What the confirmation says to be so: sent with other values, it confirms nothing."""
    turned_down: str = ""
    """Where a handoff that is out of a limit is refused."""

    def show(self) -> str:
        """Render it."""
        spec = self.command.SPEC
        if spec.name in SHOWN_BY and person().role in spec.by:
            return SHOWN_BY[spec.name](self)
        return render_template(
            "step/form.html",
            page=self,
            spec=spec,
            fields=[(name, _choices(spec, name, kind, self.values)) for name, kind in self._fields()],
            sent_as=intake.SENT_AS,
            code=self.code,
            things=_shown(spec, self.code),
            number=number_of(self.code) if self.code else "",
            expired=any(map(offers.outdated, visible(self.code))) if self.code else False,
            lapsed=any(map(last_check.lapsed, visible(self.code))) if self.code else False,
            known=self.known,
            questions=_questions() if spec.name == "enrol" else (),
            downtime=_on_paper() if has_twin(spec) else {},
            second_roles=", ".join(sorted(words.role(role) for role in spec.second)),
            receiver_roles=", ".join(sorted(words.role(role) for role in spec.by))
            if turned_down.on_givers_page(spec, self.code)
            else "",
            panel=self._panel(),
            in_hand=spec.name in SCANNED_AGAIN,
            phones=door().protocol.contact if spec.urgent else None,
        )

    def _panel(self) -> panels.Panel:
        """Give what stands beside the form: nothing where somebody blinded signs, or for who may not do the step."""
        spec = self.command.SPEC
        if watched(spec) or person().role not in spec.by:
            return panels.Panel()
        return panels.of(spec.name, self.code or str(self.values.get("event", "")))

    def _fields(self) -> Iterator[tuple[str, Field]]:
        """Give the fields that the form asks for: what changed since a refusal, where there was one."""
        refused = any(getattr(thing, "refused", ()) for thing in visible(self.code)) if self.code else False
        for name, kind in fields_of(self.command):
            if name != "changed":
                yield name, kind
            elif refused:
                yield name, replace(kind, required=True)


def _on_paper() -> dict[str, Field]:
    """Give what a downtime form adds. No browser may insist on it: folded away, it would keep back every other step."""
    return {name: replace(kind, required=False, blank=kind.required) for name, kind in FIELDS.items()}


def _shown(spec: Spec, code: str) -> list[Thing]:
    """Give the halves of a thing that a step's page speaks of: where somebody blinded signs, nothing sealed."""
    return [thing for thing in visible(code) if thing.PLANE is Plane.OPEN or not watched(spec)] if code else []


def _choices(spec: Spec, name: str, kind: Field, given: Mapping[str, Any]) -> Field:
    """Give a field as the form shows it: with its choices, where protocol or record have them."""
    field = values.chosen(spec.name, name, kind, given)
    if spec.name in CORRECTIONS and name == "value":
        field = values.corrected(str(given.get("event", "")), str(given.get("field", ""))) or kind
        field = replace(field, label=kind.label)
    choices = field.choices if field is not kind else ()
    if (name, kind.kind) == ("field", "text"):
        choices = tuple(values.correctable_fields(str(given.get("event", "")), showing_here()))
    literal = _literals(choices)
    if literal:
        return replace(field, kind="choice", choices=literal)
    return replace(field, help=WARD_READS) if _read_by_ward(spec, name, field) else field


def _read_by_ward(spec: Spec, name: str, field: Field) -> bool:
    """Say whether it takes words of a person who sees the arm, for all to read."""
    openly = spec.plane is Plane.OPEN and sees_arm(person().role)
    return openly and field.kind == "text" and name not in NUMBERS


def _literals(choices: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Give texts of protocol or record as the pages' gettext takes them, to which each % would be a place to fill."""
    return tuple((code, text.replace("%", "%%")) for code, text in choices)


def _questions() -> list[tuple[str, str]]:
    """Give the criteria of enrolment in the reader's words."""
    protocol = door().protocol
    return [(item.code, words.of(item.text)) for item in (*protocol.inclusion, *protocol.exclusion)]
