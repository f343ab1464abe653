"""Brings simulated people's steps to the door, each signed as the step asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from custody.chain.refusals import Refusal
from custody.chain.scene import Signature
from custody.chain.step import Command, Spec
from custody.chain.things import Person
from custody.randomisation import RandomBytes
from custody.record.door import Door
from custody.record.request import Answer, Request

SIMULATED = "simulated"
"""How a simulated signature was proved: as the record says it, for ever."""


class Unexpected(AssertionError):
    """A step that was refused although the simulation did it right, or was done although it was wrong."""


class Asker:
    """Asks the door, counts the answers, and is surprised by none."""

    def __init__(self, door: Door, random_bytes: RandomBytes) -> None:
        """Take the door, whose clock tells the time, and where event ids come from."""
        self.door = door
        self._random_bytes = random_bytes
        self.steps = 0
        self.refused_steps = 0
        self.refused_for: Counter[str] = Counter()
        """How often each reason was given."""

    def request(
        self, actor: Person, command: Command, second: Person | None = None, *, may_sign: bool = False
    ) -> Request:
        """Build the request for a step, done now, with all signatures that it needs."""
        now = self.door.world.clock.now()
        return Request(
            event=str(UUID(bytes=self._random_bytes(16), version=4)),
            step=command.SPEC.name,
            actor=actor.code,
            command=command,
            occurred_at=now,
            received_at=now,
            second=second.code if second else "",
            signatures=tuple(_signatures(command.SPEC, actor, second, now, may_sign=may_sign)),
        )

    def submit(self, request: Request) -> Answer:
        """Bring one request to the door."""
        answer = self.door.submit(request)
        self.steps += 1
        if not answer.again:
            self.refused_steps += not answer.done
            self.refused_for.update(str(item.reason) for item in answer.refusals)
        return answer

    def ask(self, actor: Person, command: Command, second: Person | None = None, *, may_sign: bool = False) -> Answer:
        """Have a step done; raise `Unexpected` when it is refused."""
        answer = self.submit(self.request(actor, command, second, may_sign=may_sign))
        if not answer.done:
            raise Unexpected(_said(command, actor, answer.refusals))
        return answer

    def refused(self, actor: Person, command: Command, second: Person | None = None) -> Answer:
        """Have a step refused; raise `Unexpected` when it is done."""
        answer = self.submit(self.request(actor, command, second))
        if answer.done:
            raise Unexpected(_said(command, actor, ()))
        return answer


def _signatures(
    spec: Spec, actor: Person, second: Person | None, now: datetime, *, may_sign: bool
) -> Iterator[Signature]:
    for person, meaning in (
        (actor, spec.signed),
        (actor, spec.may_sign if may_sign else ""),
        (second, spec.second_meaning),
    ):
        if person is not None and meaning:
            yield Signature(person.code, person.name, person.role, meaning, now, SIMULATED)


def _said(command: Command, actor: Person, refusals: tuple[Refusal, ...]) -> str:
    became = " / ".join(item.text for item in refusals) or "it was done"
    return f"{command.SPEC.name} by {actor.name} ({actor.role}): {became}"
