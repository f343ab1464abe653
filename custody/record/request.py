"""What is asked of the door, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import custody.chain  # noqa: F401 - registers every step
from custody.chain.refusals import Refusal
from custody.chain.scene import Signature
from custody.chain.step import STEPS, Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One step that a person asks for. The same `event` is the same step, for ever.

    `command` is None when the input could not be read: `given` then holds it as it came, and `faults` what
    was wrong with it. Both go on record as a refused step.
    """

    event: str
    """UUID, made by whoever asks, once per step: a retry brings it again."""
    step: str
    actor: str
    """Badge code of the person who asks."""
    command: Command | None
    occurred_at: datetime
    received_at: datetime
    second: str = ""
    """Badge code of the second person, when there is one."""
    signatures: tuple[Signature, ...] = ()
    device: str = ""
    skew_s: int = 0
    """Seconds by which the device's clock was ahead."""
    scan: Mapping[str, str] = field(default_factory=dict)
    """How the code came in: `source`, `symbology`, `raw`; of what was done on paper `form`, the code of its sheet."""
    downtime: bool = False
    """Whether it was done on paper while the network was down: `occurred_at` is what stands on the form."""
    given: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Refusal, ...] = ()

    def __post_init__(self) -> None:
        """Raise `ValueError` for what no caller of ours may ask: it could not be answered the same for ever."""
        _expect(str(_uuid(self.event)) == self.event, "an event id that is a UUID in its one spelling", self.event)
        _expect(self.step in STEPS, "the name of a step", self.step)
        named = self.command is None or self.command.SPEC.name == self.step
        _expect(named, f"a command of the step {self.step}", self.command)
        _expect(self.command is not None or bool(self.faults), "what is wrong with an input that cannot be read", "")

    def asked(self) -> dict[str, Any]:
        """Give what makes two requests the same: step, fields and people; not the time of the try, but a form's."""
        fields = self.command.payload() if self.command else dict(self.given)
        signed = sorted([s.person, s.meaning] for s in self.signatures)
        paper = {"downtime": [self.occurred_at.isoformat(), self.scan.get("form", "")]} if self.downtime else {}
        people = {"actor": self.actor, "second": self.second, "signed": signed}
        return {"step": self.step, "fields": fields, **people, **paper}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _expect(holds: bool, expected: str, found: object) -> None:
    if not holds:
        message = f"expected {expected}, found {found!r}"
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request; nothing in it is beyond what its person may know."""

    event: str
    refusals: tuple[Refusal, ...]
    things: tuple[str, ...]
    """Codes that the step changed, sorted: a retry gives the same."""
    recorded_at: datetime
    again: bool = False
    """Whether it had been answered before."""
    told: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)
    """What the step tells this person alone: kept out of any log, and never in an address."""

    @property
    def done(self) -> bool:
        """Say whether the step was recorded as done."""
        return not self.refusals


class EventReused(ValueError):
    """An event id that came before with another step or other fields."""


class OutcomeUnknown(RuntimeError):
    """The commit failed: ask again with the same event id to learn what became of it."""
