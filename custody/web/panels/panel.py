"""What a panel is: warnings, figures, cryobags to fetch, notes, ends, and facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

from custody.chain.things import Plane, Thing, TreatmentBag
from custody.web import ends
from custody.web.showing import Shown
from custody.web.who import connection, stores

T = TypeVar("T", bound=Thing)


@dataclass(frozen=True, slots=True)
class Figure:
    """One big number with its name; `how` says where it comes from."""

    name: str
    value: str
    how: str = ""

    @property
    def parts(self) -> tuple[str, str]:
        """Give the number and its unit, which is set smaller; a name or a code stays whole."""
        number, _space, unit = self.value.partition(" ")
        return (number, unit) if number[:1].isdigit() else (self.value, "")


@dataclass(frozen=True, slots=True)
class Fetch:
    """A cryobag to take, and where it is."""

    code: str
    where: str
    expires: str
    cells: str


@dataclass(slots=True)
class Panel:
    """What is shown beside one step's form."""

    figures: list[Figure] = field(default_factory=list)
    fetch: list[Fetch] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """What nobody may overlook: shown first, in red."""
    notes: list[str] = field(default_factory=list)
    ends: list[ends.End] = field(default_factory=list)
    ends_title: str = ""
    """Of the list of ends, where it is not what is signed for."""
    facts: list[Shown] = field(default_factory=list)
    """Of the thing itself, where it has to be read before it is signed."""
    facts_again: bool = False
    """Whether what is out of its limit is told with these facts: they say by how much."""

    @property
    def read(self) -> str:
        """Say which warnings whoever sends the form has read."""
        return digest(self.warnings)


def digest(warnings: Sequence[str]) -> str:
    """Give what a form says that it has shown; nothing where nothing warns."""
    return sha256(repr([*warnings]).encode()).hexdigest() if warnings else ""


def sealed(kind: type[T], code: str) -> T | None:
    """Give something of the sealed plane; None where there is none, and to whoever does not see that plane."""
    store = stores().get(Plane.SEALED)
    kept = store.thing(connection(), code) if store else None
    return kept.thing if kept and isinstance(kept.thing, kind) else None


def open_bag(code: str) -> TreatmentBag | None:
    """Give a treatment bag as everybody sees it."""
    kept = stores()[Plane.OPEN].thing(connection(), code)
    return kept.thing if kept and isinstance(kept.thing, TreatmentBag) else None
