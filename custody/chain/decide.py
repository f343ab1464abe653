"""Runs one command against a scene: what was recorded, or every failed condition at once.

The fixed conditions, in this order, for each step:

- the role may do it, and the account is open;
- the codes are not open yet: from the first opening on the data are locked, whatever else is wrong. What records no
  new fact of the trial goes on (`Spec.after_lock`): deviations, corrections, accounts, and a code break, which nobody
  may delay;
- each value fits its field, whichever way it came in;
- the scanned thing is there (or not yet, when the step makes it) and stands in a state of its row;
- the signature, and the second person's, are there, by the right people, never the same one (where only some values
  ask for them, the step's own conditions say which);
- nothing happened in the future (a device's clock may be off by a minute, and what is urgent does not ask it); an
  earlier time is welcome, for what was done without a network is entered afterwards.

Then the step's own: first what cannot be, whatever the scene. A step with a value that does not fit, or whose thing is
missing or in another state, is not asked for its own conditions: they would speak of things that are not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from custody.chain.beyond import is_signed, with_deviation
from custody.chain.downtime import check_downtime
from custody.chain.field_check import check_values
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.scene import Scene
from custody.chain.step import Command, Recorded, Spec, fields_of
from custody.chain.things import KINDS, UNSEALING, Unsealing, code_of
from custody.chain.transitions import NEW

CLOCK_TOLERANCE = timedelta(minutes=1)


def decide(command: Command, scene: Scene) -> Recorded | tuple[Refusal, ...]:
    """Return the record of a step, or all the reasons why it is refused."""
    spec = command.SPEC
    who = [*check_role(spec, scene)]
    if who:
        return tuple(who)
    if is_locked(scene) and not spec.after_lock:
        return (refuse(Reason.UNSEALED),)
    what = [*check_values(command), *check_thing(command, scene)]
    failed = [*what, *check_signatures(spec, scene), *(() if spec.urgent else check_time(scene))]
    if not what:
        failed += check_downtime(command, scene) if scene.downtime else ()
        failed += check_past(command, scene)
        failed += command.impossible(command.payload(), scene.protocol)
        failed += command.out_of_order(command.payload(), scene)
        failed += command.check(scene)
    if failed:
        return tuple(failed)
    recorded = command.record(scene)
    return with_deviation(command, recorded, scene) if is_signed(command, scene) else recorded


def check_role(spec: Spec, scene: Scene) -> Iterator[Refusal]:
    """Yield what is wrong with the person; nothing else is looked at then: it might tell."""
    if scene.actor.status != "active":
        yield refuse(Reason.INACTIVE, person=scene.actor.name)
    if scene.actor.role not in spec.by:
        yield refuse(Reason.ROLE, role=scene.actor.role, allowed=roles(spec.by))


def is_locked(scene: Scene) -> bool:
    """Return whether the codes are open, or begin to be: the data are locked from then on (ICH E9, 5.1)."""
    return scene.get(Unsealing, UNSEALING) is not None


def check_thing(command: Command, scene: Scene) -> Iterator[Refusal]:
    """Yield what is wrong with the thing that was scanned."""
    spec = command.SPEC
    code = str(getattr(command, spec.key)) if spec.key else ""
    thing = scene.get(KINDS[spec.thing], code_of(spec.thing, code)) if code else None
    if thing is None:
        if code and not spec.creates:
            yield refuse(Reason.UNKNOWN, code=code)
    elif spec.moves.keys() == {NEW}:
        yield refuse(Reason.EXISTS, code=code)
    elif thing.status not in spec.moves:
        expected = ", ".join(sorted(state for state in spec.moves if state))
        yield refuse(Reason.STATE, code=code, found=thing.status, expected=expected)


def check_signatures(spec: Spec, scene: Scene) -> Iterator[Refusal]:
    """Yield which signatures are missing or by the wrong person."""
    signed_by = {(s.person, s.meaning) for s in scene.signatures}
    if spec.signed and (scene.actor.code, spec.signed) not in signed_by:
        yield refuse(Reason.SIGNATURE)
    second = scene.second
    if not spec.second or (spec.may_sign and second is None):
        return
    if second is None:
        yield refuse(Reason.SECOND_PERSON)
        return
    if second.code == scene.actor.code:
        yield refuse(Reason.SAME_PERSON)
    if second.status != "active":
        yield refuse(Reason.INACTIVE, person=second.name)
    if second.role not in spec.second:
        yield refuse(Reason.SECOND_ROLE, person=second.name, role=second.role, allowed=roles(spec.second))
    elif (second.code, spec.second_meaning) not in signed_by:
        yield refuse(Reason.SECOND_PERSON)


def check_time(scene: Scene) -> Iterator[Refusal]:
    """Yield when the step claims to have happened later than now."""
    if scene.occurred_at <= scene.now + CLOCK_TOLERANCE:
        return
    if scene.downtime:
        yield refuse(Reason.IN_FUTURE, what="occurred_at")
    else:
        at, now = scene.local(scene.occurred_at), scene.local(scene.now)
        yield refuse(Reason.CLOCK_AHEAD, at=at, now=now)


def check_past(command: Command, scene: Scene) -> Iterator[Refusal]:
    """Yield each time that has to be over and is not: now, or when the step was done, where a form tells it later."""
    for name, field in fields_of(type(command)):
        at = getattr(command, name) if field.past else None
        if at and at > scene.now + CLOCK_TOLERANCE:
            yield refuse(Reason.IN_FUTURE, what=name)
        elif at and scene.downtime and at > scene.occurred_at + CLOCK_TOLERANCE:
            yield refuse(Reason.TIME_BEFORE, later="occurred_at", earlier=name, at=scene.local(at))


def roles(some: frozenset[object]) -> str:
    """Name roles in a fixed order."""
    return ", ".join(sorted(str(role) for role in some))
