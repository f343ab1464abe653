"""Signatures, made by entering the password again: whose fit, and why the others do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from custody import codes
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.scene import Signature
from custody.chain.step import Spec
from custody.chain.things import Person
from custody.people.signature import sign
from custody.people.tries import LONGEST_WAIT_MIN, Wait
from custody.web import device
from custody.web.who import connection, door, open_store, person


def signatures(
    spec: Spec,
    sent: Mapping[str, Any],
    second: str,
    now: datetime,
    beyond: str = "",
    receiver: Person | None = None,
) -> tuple[tuple[Signature, ...], list[Refusal]]:
    """Give the signatures whose passwords fit, and a fault for each that does not.

    Of a second person who may not sign here no password is looked at: the door refuses their role. `receiver`: who
    signs in the place of whoever is signed in.
    """
    own = [meaning for meaning in (spec.signed or spec.may_sign, beyond) if meaning]
    signers = [(receiver or person(), sent["password"], own)]
    kept = open_store().thing(connection(), second) if second else None
    if kept and isinstance(kept.thing, Person) and kept.thing.role in spec.second:
        signers.append((kept.thing, sent["second_password"], [spec.second_meaning]))
    made_by: list[Signature] = []
    faults = []
    for who, password, meanings in signers:
        made = _signed(who, password, meanings[0], now) if password and meanings else None
        if isinstance(made, Signature):
            made_by += [replace(made, meaning=meaning) for meaning in meanings]
        elif made is not None:
            faults.append(made)
    return tuple(made_by), faults


def _signed(who: Person, password: str, meaning: str, now: datetime) -> Signature | Refusal:
    """Give a signature, or why it is none: a wrong password, or too many of them before."""
    made = device.tried(who.code, lambda: sign(door().database, who, password, meaning, now))
    if isinstance(made, Wait):
        return refuse(Reason.TRIES, person=who.name, minutes=made.minutes)
    if made is None and device.last_try(who.code):
        return refuse(Reason.LAST_TRY, person=who.name, minutes=LONGEST_WAIT_MIN)
    return made or refuse(Reason.WRONG_PASSWORD, person=who.name)


def badge(text: str) -> str:
    """Give the code on a badge, as it came when it is none: the door then says that it is unknown."""
    try:
        return codes.read(text).code if text.strip() else ""
    except codes.CodeError:
        return text.strip()[:40]
