"""What a form sent, as the request to the door: fields, people, signatures, times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from flask import abort, request
from marshmallow import ValidationError

from custody import intake
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.step import Command
from custody.intake import Intake
from custody.record.request import Request
from custody.web import elsewhere, turned_down
from custody.web.seen import showing_here
from custody.web.signatures import badge, signatures
from custody.web.who import door, person

SENT_WITHIN: Final = timedelta(minutes=2)
"""What was confirmed is with the server by then, or was held up."""


def build(command: type[Command], read: Intake, late: intake.Downtime | None = None) -> Request:
    """Build the request to the door from what was sent: fields, people, signatures, times.

    `late` is what a downtime form adds: its time is when the step was done, whatever the device says.
    """
    now = door().world.clock.now()
    try:
        sent = intake.envelope_of(request.form)
    except ValidationError:
        abort(400)
    second = badge(sent["second_badge"])
    beyond = command.SPEC.beyond if request.form.get("beyond") == agreed(read) else ""
    receiver = turned_down.receiver(command.SPEC, read.given.get(command.SPEC.key, ""), second)
    if receiver:
        sent, second = {**sent, "password": sent["second_password"]}, ""
    signed, faults = signatures(command.SPEC, sent, second, now, beyond, receiver)
    occurred = late.done_at if late else sent["occurred_at"]
    clock = [] if late or command.SPEC.urgent else [*_clock(occurred, now, held_up=bool(sent["held_up"]))]
    return Request(
        event=str(sent["event"]),
        step=command.SPEC.name,
        actor=receiver.code if receiver and signed else person().code,  # nobody acts here without their password
        command=read.command,
        occurred_at=occurred.astimezone(UTC) if occurred else now,
        received_at=now,
        second=second,
        signatures=signed,
        device=sent["device"],
        skew_s=sent["skew_s"],
        scan={name: sent[name] for name in ("source", "symbology") if sent[name]} | _paper(late),
        given=read.given,
        faults=(*read.errors.values(), *faults, *clock, *elsewhere.refused(command, read.given)),
        downtime=late is not None,
    )


def _paper(late: intake.Downtime | None) -> dict[str, str]:
    """Say that it came from paper, and from which sheet."""
    if late is None:
        return {}
    return {"source": "paper"} | ({"form": late.form} if late.form else {})


def _clock(occurred: datetime | None, now: datetime, *, held_up: bool) -> Iterator[Refusal]:
    """Yield a time that is long over, of what was sent as soon as it was confirmed: that device's clock is wrong."""
    if occurred and not held_up and now - occurred > SENT_WITHIN:
        at, here = (showing_here().time(instant) for instant in (occurred, now))
        yield refuse(Reason.CLOCK_BEHIND, at=at, now=here)


def agreed(read: Intake) -> str:
    """Give what a confirmation of values out of their limits confirms: of a correction the value, else all of them."""
    given = [*sorted(read.given.items()), request.form.get("done_at", "")]
    return read.given.get("value") or sha256(repr(given).encode()).hexdigest()
