"""What a step is, and the register of all of them.

A step is a frozen dataclass, its command: imperative, a few fields, each with the unit in its name.
Pages, API, command line and simulation build their input from these same fields. Its `SPEC` says who
may do it, what is scanned and how it is signed; `check` yields every failed condition and `record`
says what happened.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from custody.chain.fields import Field
from custody.chain.roles import Role, sees_arm
from custody.chain.things import Person, Plane, Thing
from custody.chain.transitions import TABLES

if TYPE_CHECKING:
    from custody.chain.protocol import Protocol
    from custody.chain.refusals import Reason, Refusal
    from custody.chain.scene import Scene
    from custody.chain.things import Person, Thing


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a text for translation; `chain` itself stays in English."""
    return text


@dataclass(frozen=True, slots=True)
class Spec:
    """The fixed facts of a step."""

    number: int
    """Its number in the step table; 0 for administration."""
    name: str
    title: str
    by: frozenset[Role]
    thing: str
    """The kind of thing whose page offers this step and whose table it must agree with."""
    key: str
    """The field that holds that thing's code."""
    plane: Plane
    signed: str = ""
    """The meaning of the signature, when one is needed."""
    may_sign: str = ""
    """The meaning of a signature that only some values ask for; a second person is asked for by the same ones."""
    beyond: str = ""
    """The meaning of the signature that puts on record what is out of a limit, for it has happened: without it the
    step is refused."""
    second: frozenset[Role] = frozenset()
    """Roles of the second person who signs, when one is needed."""
    second_meaning: str = ""
    both: bool = False
    """It looks at both planes, and may write both; `plane` is then the one of its refusals and of its person."""
    looks: bool = False
    """It is `both`, but only looks at the sealed plane, and writes the open one alone."""
    creates: bool = False
    """The key names a thing that is not there yet, or none at all."""
    urgent: bool = False
    """It may not wait: a device's clock that is ahead does not refuse it."""
    after_lock: bool = False
    """It records no new fact of the trial: it may still be done when the codes are open and so the data locked."""

    @property
    def moves(self) -> Mapping[str, tuple[str, ...]]:
        """Give the step's row of its thing's table."""
        return TABLES.get(self.thing, {}).get(self.name, {})


@dataclass(frozen=True, slots=True)
class Change:
    """What a step writes in one plane: a past-tense type, facts, and the things it changes."""

    type: str
    things: tuple[str, ...]
    payload: Mapping[str, Any]
    commits: Mapping[str, Any] | None = None
    """Sealed only: the value to which the open half of the same step commits."""
    about: tuple[str, ...] = ()
    """Codes, or events, that it speaks of without changing them: their timelines show it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The one record of a step: its open half, its sealed half, or both."""

    open: Change | None = None
    sealed: Change | None = None
    level: bool = False
    """The sealed log is filled up to a whole number of `record.work.LEVEL` entries, so that none can be counted."""


class Command:
    """Base of all steps."""

    SPEC: ClassVar[Spec]
    BEYOND: ClassVar[frozenset[Reason]] = frozenset()
    """Reasons that the signature `SPEC.beyond` overrules."""
    BEYOND_ON_PAPER: ClassVar[frozenset[Reason]] = frozenset()
    """Those that it overrules of a downtime form alone: what stands there was done, and nobody can be kept from it."""
    TOLD: ClassVar[tuple[str, ...]] = ()
    """Facts of its record that the door tells whoever did it, and nobody else, whatever their plane."""

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:  # noqa: ARG003 - for the steps that say more
        """Return whether a page need offer this step: false where this person could only be refused."""
        return True

    @classmethod
    def impossible(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:  # noqa: ARG003
        """Yield what cannot be, whatever the scene; `values` are as they go on record.

        The step and a correction of it ask alike. What is out of a limit but may have happened is no part of it.
        """
        yield from ()

    @classmethod
    def out_of_limits(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:  # noqa: ARG003
        """Yield what is out of a limit by itself, though it may have happened; `values` are as they go on record.

        The step is refused for it, but where `SPEC.beyond` was signed; a correction of it is told, for it is the truth.
        """
        yield from ()

    @classmethod
    def out_of_order(cls, values: Mapping[str, Any], scene: Scene) -> Iterator[Refusal]:  # noqa: ARG003
        """Yield each time that lies before what it has to follow; `values` are as they go on record.

        The step and a correction of it ask alike, the one of the things as they stand, the other as they stand by then.
        """
        yield from ()

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield every failed condition; the fixed ones (role, state, signature) come before."""
        yield from ()

    def record(self, scene: Scene) -> Recorded:
        """Say what happened; called only when nothing failed."""
        raise NotImplementedError

    def payload(self) -> dict[str, Any]:
        """Return the fields as they go on record."""
        return {
            f.name: recordable(getattr(self, f.name))
            for f in dataclasses.fields(self)  # type: ignore[arg-type]
        }

    def change(self, *things: str, type: str, **more: Any) -> Change:
        """Build a change from the fields, with derived facts beside them."""
        payload = self.payload()
        payload.update({name: recordable(value) for name, value in more.items()})
        return Change(type, things, payload)


def recordable(value: Any) -> Any:
    """Return a value as canonical JSON can hold it; times become UTC text."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, tuple | list):
        return [recordable(item) for item in value]
    return value


def parse_time(text: str) -> datetime:
    """Return the time that `recordable` wrote."""
    return datetime.fromisoformat(text)


SO_IT_WAS = N_("This is how it was, out of its limit: a deviation is raised")


def unless_signed(scene: Scene, spec: Spec, out: Iterator[Refusal]) -> Iterator[Refusal]:
    """Yield what is out of its limits, unless whoever did it signed that it was so."""
    if not any((signed.person, signed.meaning) == (scene.actor.code, spec.beyond) for signed in scene.signatures):
        yield from out


STEPS: dict[str, type[Command]] = {}
"""Every step by its name."""

_FIELDS: dict[str, tuple[tuple[str, Field], ...]] = {}
"""The fields of every step; to ask its class for them costs too much to do with every scan."""


C = TypeVar("C", bound=type[Command])


def step(cls: C) -> C:
    """Enter a command into the register, under its name."""
    STEPS[cls.SPEC.name] = cls
    _FIELDS[cls.SPEC.name] = tuple((f.name, f.metadata["field"]) for f in dataclasses.fields(cls))  # type: ignore[arg-type]
    return cls


def fields_of(command: type[Command]) -> tuple[tuple[str, Field], ...]:
    """Give the name and field of each value of a step."""
    return _FIELDS[command.SPEC.name]


def steps_for(role: str, kind: str, status: str, *, locked: bool) -> list[Spec]:
    """Return the steps that a role may do now with a thing of this kind in this state; fewer once the data are locked.

    An empty status is a code that is not recorded yet: the steps that begin with it, and not those that give a code.
    """
    return [
        command.SPEC
        for command in STEPS.values()
        if command.SPEC.thing == kind
        and role in command.SPEC.by
        and status in command.SPEC.moves
        and (status or command.SPEC.key)
        and (command.SPEC.plane is Plane.OPEN or sees_arm(role))
        and (command.SPEC.after_lock or not locked)
    ]
