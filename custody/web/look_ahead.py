"""A scan on a step's page is held against the rules at once: red while the wrong thing is still in the hand.

The page says which step it is, of which thing, what was scanned so far, and which field a kind would go into. A
blinded person's scan is held against the open plane alone, as the step itself will be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from flask import request
from flask_babel import gettext as _

from custody import codes
from custody.chain.look_ahead import SECOND_BADGE, unfit
from custody.chain.refusals import Refusal
from custody.chain.scene import Opening, PastRecord, Scene
from custody.chain.step import STEPS, Command, fields_of
from custody.chain.things import Person, Plane, Thing
from custody.intake import downtime_of
from custody.web import reasons
from custody.web.languages import zone
from custody.web.who import connection, door, person, plane, stores

T = TypeVar("T", bound=Thing)
SCANNED_AGAIN: Final = frozenset({"bedside_check", "thaw", "count"})
"""Steps whose thing has to be in the hand: it is scanned on their page, whatever page led there."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The things that this person may see, as rules look them up."""

    def get(self, kind: type[T], code: str) -> T | None:
        """Give a thing as it stands, or None."""
        store = stores().get(kind.PLANE)
        kept = store.thing(connection(), code) if store else None
        return kept.thing if kept and isinstance(kept.thing, kind) else None

    def find(self, kind: type[T], status: str) -> Sequence[T]:
        """Give all things of a kind in a state."""
        store = stores().get(kind.PLANE)
        found = store.find(connection(), kind.KIND, status) if store else []
        return [kept.thing for kept in found if isinstance(kept.thing, kind)]

    def past(self, event: str, plane: Plane) -> PastRecord | None:
        """Give no record: no scan names one."""
        del event, plane
        return None

    def opening(self, code: str) -> Opening | None:
        """Give no opening: no scan needs one."""
        del code
        return None

    def changed_at(self, plane: Plane, code: str) -> datetime | None:
        """Give no time: what was done on paper is looked at when it is confirmed."""
        del plane, code
        return None


def against(scanned: codes.Scanned) -> str:
    """Say in words what speaks against a scan on the page of a step; nothing on any other page."""
    command = STEPS.get(request.form.get("step", ""))
    name = dict(pair.split(":", 1) for pair in request.form.get("fits", "").split(",") if ":" in pair).get(scanned.kind)
    if command is None or name is None or person().role not in command.SPEC.by:
        return ""
    page = request.form.get("thing", "")
    if name == command.SPEC.key and page and scanned.code != page:
        return _(
            "This is %(found)s; the page is for %(wanted)s.", found=codes.group(scanned.code), wanted=codes.group(page)
        )
    if command.SPEC.plane is Plane.SEALED and plane() is Plane.OPEN:
        return ""  # what such a step asks for cannot be seen from here: the door alone says
    given = {command.SPEC.key: page} if command.SPEC.key and page else {}  # whichever is scanned first
    second = Seen().get(Person, scanned.code) if name == SECOND_BADGE else None
    found = unfit(command, {**given, **_given(command, name, scanned)}, name, scanned.code, scene(command, second))
    signable = command.BEYOND_ON_PAPER if on_paper() else frozenset()
    return " ".join(reasons.say(refusal, door().protocol) for refusal in found if refusal.reason not in signable)


def _given(command: type[Command], name: str, scanned: codes.Scanned) -> Mapping[str, Any]:
    """Give what was scanned so far, the new one included, as the step will hold it."""
    value = scanned.raw if scanned.kind is codes.Kind.ALBUMIN_VIAL else scanned.code
    given: dict[str, Any] = {}
    for field, kind in fields_of(command):
        lines = [line for line in request.form.get(f"given.{field}", "").split("\n") if line]
        lines += [value] if field == name else []
        if kind.kind == "scans":
            given[field] = tuple(lines)
        elif kind.kind == "scan" and lines:
            given[field] = lines[-1]
    return given


def in_the_way(command: type[Command], code: str) -> list[Refusal]:
    """Return what the door would refuse of a step that asks for nothing but its thing, if any, and signatures."""
    return list(command(**{command.SPEC.key: code} if code else {}).check(scene(command)))


def on_paper() -> bool:
    """Say whether the step of this page is entered from paper: the part for that is unfolded there, or filled in."""
    return bool(request.form.get("on_paper")) or downtime_of(request.form, zone()) is not None


def done_at() -> datetime:
    """Give when the step of this page is done: now, or when it was on paper."""
    late = downtime_of(request.form, zone())
    return (late and late.done_at) or door().world.clock.now()


def scene(command: type[Command], second: Person | None = None) -> Scene:
    """Give what a step's rules look at, as far as this person may see it, at this moment."""
    return Scene(
        actor=person(),
        now=door().world.clock.now(),
        occurred_at=done_at(),
        protocol=door().protocol,
        things=Seen(),
        mint=lambda kind: kind,
        second=second,
        sealed=command.SPEC.plane is Plane.SEALED or command.SPEC.both,
        downtime=on_paper(),
    )
