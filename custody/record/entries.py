"""One event as it stands in a log, and what `apply` needs of it: one shape for live work and for replay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from custody.chain.apply import Fact
from custody.chain.refusals import Reason, Refusal
from custody.chain.roles import sees_arm
from custody.chain.scene import Opening, PastRecord, Signature
from custody.chain.step import STEPS, Change
from custody.chain.things import Person, Plane
from custody.ledger import entry as canonical
from custody.record.request import Answer, Request

REFUSED = "step_refused"
FILLER = "filler"
FORMAT = 1
MOST_GIVEN = 32_768
"""Bytes of a refused step's input and reasons that are kept whole."""
LONGEST_GIVEN = 200
"""Characters of each field that are kept of a longer one."""
MOST_NAMED = 20
"""Fields, and reasons, that are kept of it."""

Entry = dict[str, Any]


def stamp(instant: datetime) -> str:
    """Write an instant as the ledger does: UTC, microseconds, Z."""
    return f"{instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def digest(request: Request) -> str:
    """Give SHA-256 of what was asked, hex: a retry has the same."""
    return sha256(canonical.canonical(request.asked())).hexdigest()


def frame(request: Request, actor: Person, protocol: str) -> Entry:
    """Build what all entries of a step have: who, when, where, signed how, under which protocol."""
    return {
        "v": FORMAT,
        "event": request.event,
        "step": request.step,
        "request": digest(request),
        "actor": {"person": actor.code, "name": actor.name, "role": actor.role, "site": actor.site},
        "second": request.second,
        "device": request.device,
        "skew_s": request.skew_s,
        "scan": dict(request.scan),
        "occurred_at": stamp(request.occurred_at),
        "received_at": stamp(request.received_at),
        "signatures": [_signature(signature) for signature in request.signatures],
        "protocol": protocol,
    }


def _signature(signature: Signature) -> dict[str, str]:
    return {
        "person": signature.person,
        "name": signature.name,
        "role": signature.role,
        "meaning": signature.meaning,
        "signed_at": stamp(signature.signed_at),
        "method": signature.method,
    }


def done(shared: Entry, change: Change, versions: Mapping[str, int], about: tuple[str, ...]) -> Entry:
    """Build the entry of a step that was done, in one plane."""
    return {
        **shared,
        "type": change.type,
        "things": dict(versions),
        "about": list(about),
        "payload": dict(change.payload),
    }


def filler(shared: Entry, event: str) -> Entry:
    """Build an entry that says nothing and changes nothing; sealed, it looks like any other."""
    rest = {name: value for name, value in shared.items() if name not in {"request", "scan", "signatures"}}
    empty: Entry = {"scan": {}, "signatures": [], "type": FILLER, "things": {}, "about": [], "payload": {}}
    return rest | empty | {"event": event}


def refused(shared: Entry, request: Request, about: tuple[str, ...], refusals: tuple[Refusal, ...]) -> Entry:
    """Build the entry of a step that was refused: all its reasons, and what was given.

    What would not fit into an entry is cut; `request`, its digest, is of the whole.
    """
    payload: Entry = {
        "fields": request.asked()["fields"],
        "reasons": [{"reason": str(item.reason), "facts": dict(item.facts)} for item in refusals],
    }
    if len(canonical.canonical(payload)) > MOST_GIVEN:
        told = [item | {"facts": _cut(item["facts"])} for item in payload["reasons"][:MOST_NAMED]]
        payload = {"fields": _cut(payload["fields"]), "reasons": told, "cut": True}
    return {**shared, "type": REFUSED, "things": {}, "about": list(about), "payload": payload}


def _cut(values: Mapping[str, Any]) -> dict[str, str]:
    kept = list(values.items())[:MOST_NAMED]
    return {name[:LONGEST_GIVEN]: str(value)[:LONGEST_GIVEN] for name, value in kept}


def fact_of(entry: Entry, plane: Plane) -> Fact:
    """Give what `apply` needs of an entry."""
    return Fact(
        event=entry["event"],
        type=entry["type"],
        plane=plane,
        actor=entry["actor"]["person"],
        second=entry["second"],
        site=entry["actor"]["site"],
        occurred_at=datetime.fromisoformat(entry["occurred_at"]),
        payload=entry["payload"],
    )


def past_of(entry: Entry, plane: Plane, *, corrected: bool) -> PastRecord:
    """Give what a correction needs of the record that it names."""
    return PastRecord(
        event=entry["event"],
        type=entry["type"],
        step=entry["step"],
        plane=plane,
        actor=entry["actor"]["person"],
        things=tuple(entry["things"]),
        payload=entry["payload"],
        corrected=corrected,
    )


def opening_of(entry: Entry) -> Opening | None:
    """Give what opens the commitment of a sealed entry's open half; None when that has none."""
    if "commitment_salt" not in entry:
        return None
    return Opening(entry["event"], entry["commitment_salt"], entry["commits"])


def refusals_of(entry: Entry) -> tuple[Refusal, ...]:
    """Give the reasons of a refused step; none for a step that was done."""
    if entry["type"] != REFUSED:
        return ()
    return tuple(Refusal(Reason[item["reason"].upper()], item["facts"]) for item in entry["payload"]["reasons"])


def answer_of(entry: Entry, plane: Plane, *, again: bool) -> Answer:
    """Give the answer that an entry is the record of: no sealed code to a blinded person, but what the step tells."""
    at = datetime.fromisoformat(entry["recorded_at"])
    hidden = plane is Plane.SEALED and not sees_arm(entry["actor"]["role"])
    things = () if hidden else tuple(sorted(entry["things"]))
    return Answer(entry["event"], refusals_of(entry), things, at, again, told_by(entry))


def told_by(entry: Entry) -> dict[str, Any]:
    """Give what an entry tells the person who made it; nothing for a step that was refused."""
    names = STEPS[entry["step"]].TOLD if entry["type"] != REFUSED else ()
    return {name: entry["payload"][name] for name in names}
