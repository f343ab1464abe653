"""What a rule may look at: who acts, when, under which protocol, and the things as they stand.

`now`, fresh codes and salts come in from outside, so that the rules stay pure; what they gave is in
the record, and a replay never asks again. A blinded step's scene does not hold the sealed plane.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from custody.chain.things import Plane, Thing

if TYPE_CHECKING:
    from custody.chain import protocol
    from custody.chain.things import Person

T = TypeVar("T", bound=Thing)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it stands in the signed bytes: who, what it means, when, how proved.

    21 CFR 11.50: printed name, date and time, and meaning are part of the signed record.
    """

    person: str
    name: str
    role: str
    meaning: str
    signed_at: datetime
    method: str


@dataclass(frozen=True, slots=True)
class PastRecord:
    """A record that a correction names."""

    event: str
    type: str
    step: str
    plane: Plane
    actor: str
    things: tuple[str, ...]
    payload: dict[str, object]
    corrected: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment: the event whose open record holds it, its salt in hex, and the value."""

    event: str
    salt: str
    value: Mapping[str, Any]


class Things(Protocol):
    """Where the things are looked up: the door's view of the database."""

    def get(self, kind: type[T], code: str) -> T | None:
        """Return a thing as it stands now, or None."""

    def find(self, kind: type[T], status: str) -> Sequence[T]:
        """Return all things of a kind in a state, in the order of their codes."""

    def past(self, event: str, plane: Plane) -> PastRecord | None:
        """Return a record of a plane by its event id."""

    def opening(self, code: str) -> Opening | None:
        """Return what opens the commitment that was made with a sealed thing, or None when none was."""

    def changed_at(self, plane: Plane, code: str) -> datetime | None:
        """Return when that was done which changed a thing last, but for `downtime.HOLDS_NONE_BACK`, or None."""


class SealedPlaneClosed(LookupError):
    """A step of the open plane tried to look at a sealed thing: a defect of the rule."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a rule sees."""

    actor: Person
    now: datetime
    occurred_at: datetime
    protocol: protocol.Protocol
    things: Things
    mint: Callable[[str], str]
    """Give a fresh opaque code for a kind of thing."""
    signatures: tuple[Signature, ...] = ()
    second: Person | None = None
    sealed: bool = False
    """Whether this step may look at the sealed plane."""
    event: str = ""
    downtime: bool = False
    """Whether it was done on paper while the network was down, and is entered later."""

    @property
    def at(self) -> datetime:
        """Give when the step was done, as far as rules believe it: now, but for what was done on paper."""
        return self.occurred_at if self.downtime else self.now

    def get(self, kind: type[T], code: str) -> T | None:
        """Return a thing, or None."""
        if kind.PLANE is Plane.SEALED and not self.sealed:
            raise SealedPlaneClosed(kind.KIND)
        return self.things.get(kind, code)

    def need(self, kind: type[T], code: str) -> T:
        """Return a thing that the step's fixed conditions already made sure of."""
        thing = self.get(kind, code)
        if thing is None:
            raise LookupError(code)
        return thing

    def find(self, kind: type[T], status: str) -> Sequence[T]:
        """Return all things of a kind in a state."""
        if kind.PLANE is Plane.SEALED and not self.sealed:
            raise SealedPlaneClosed(kind.KIND)
        return self.things.find(kind, status)

    def opening(self, code: str) -> Opening | None:
        """Return what opens the commitment that was made with a sealed thing."""
        if not self.sealed:
            raise SealedPlaneClosed(code)
        return self.things.opening(code)

    def changed_at(self, kind: type[T], code: str) -> datetime | None:
        """Return when that was done which changed a thing last, or None."""
        if kind.PLANE is Plane.SEALED and not self.sealed:
            raise SealedPlaneClosed(kind.KIND)
        return self.things.changed_at(kind.PLANE, code)

    def local(self, instant: datetime, site: str = "") -> str:
        """Write an instant as the site's clocks show it, with the zone's abbreviation."""
        return self.protocol.said(instant, site or self.actor.site)
