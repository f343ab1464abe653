"""Each reading goes on record, accepted or not, before its answer is given; what was refused is listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any
from uuid import uuid4

from flask import abort, request
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from custody import intake
from custody.chain.reading import REFUSED, SOURCES, TYPED, Reading, Taken, of_source, reading
from custody.chain.things import Plane
from custody.ledger.entry import decode
from custody.record.request import EventReused, OutcomeUnknown, Request
from custody.web.who import connection, door, person, stores


def keep(raw: str, taken: Taken, *, source: str = TYPED, symbology: str = "") -> bool:
    """Put on record what was read, on which page, by what and when; False when it may not be on record.

    The same scan, sent again after its answer was lost, is one record. What it was taken for may be another then, for
    the thing may stand otherwise by now: that is told, and so it is a record of its own.
    """
    sent = _sent()
    made = reading(
        person().role,
        raw,
        taken,
        source=sent["source"] or source,
        symbology=sent["symbology"] or symbology,
        page=request.form.get("step", ""),
        thing=request.form.get("thing", ""),
    )
    try:
        _submit(made, sent)
    except OutcomeUnknown:
        return False
    return True


def _sent() -> dict[str, Any]:
    """Read what stands around a scan; a form without scripts names no event."""
    form = MultiDict(request.form)
    if not form.get("event"):
        form["event"] = str(uuid4())
    try:
        return intake.envelope_of(form)
    except ValidationError:
        abort(400)


def _submit(made: Reading, sent: Mapping[str, Any]) -> None:
    asked = _request(made, sent)
    try:
        door().submit(asked)
    except EventReused:
        door().submit(replace(asked, event=str(uuid4())))


def _request(made: Reading, sent: Mapping[str, Any]) -> Request:
    now, scanned_at = door().world.clock.now(), sent["occurred_at"]
    try:
        occurred_at = scanned_at.astimezone(UTC) if scanned_at else now
    except OverflowError:
        abort(400)
    return Request(
        event=str(sent["event"]),
        step=made.SPEC.name,
        actor=person().code,
        command=made,
        occurred_at=occurred_at,
        received_at=now,
        device=sent["device"],
        skew_s=sent["skew_s"],
    )


# --- lists ------------------------------------------------------------------------------------


def refused_count(plane: Plane) -> int:
    """Give how many readings a log holds that were refused."""
    return len(_places(plane, REFUSED))


def refused(plane: Plane, start: int, most: int) -> list[dict[str, Any]]:
    """Give some refused readings of a log, the newest first."""
    places = _places(plane, REFUSED)[::-1][start : start + most]
    return [decode(stores()[plane].entry(connection(), place)) for place in places]


def counted(plane: Plane) -> dict[str, int]:
    """Give how many readings of each source a log holds, refused or not."""
    return {source: len(_places(plane, of_source(source))) for source in SOURCES}


def _places(plane: Plane, name: str) -> list[int]:
    return stores()[plane].mentions(connection(), name)
