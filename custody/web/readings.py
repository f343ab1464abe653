"""Each reading goes on record, accepted or not, before its answer is given; what was refused is listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any, cast
from uuid import uuid4

from flask import abort, g, request
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from custody import intake
from custody.chain.reading import READ, REFUSED, SOURCES, TYPED, Reading, Taken, of_source, reading
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
    return len(_places(REFUSED)) if plane is Plane.OPEN else len(_refused_sealed())


def refused(plane: Plane, start: int, most: int) -> list[dict[str, Any]]:
    """Give some refused readings of a log, the newest first."""
    if plane is Plane.SEALED:
        return _refused_sealed()[::-1][start : start + most]
    store = stores()[plane]
    return [decode(store.entry(connection(), place)) for place in _places(REFUSED)[::-1][start : start + most]]


def counted(plane: Plane) -> Counter[str]:
    """Give how many readings of each source a log holds, refused or not."""
    if plane is Plane.SEALED:
        return Counter(entry["payload"]["source"] for entry in _sealed())
    return Counter({source: len(_places(of_source(source))) for source in SOURCES})


def _places(name: str) -> list[int]:
    return stores()[Plane.OPEN].mentions(connection(), name)


def _refused_sealed() -> list[dict[str, Any]]:
    return [entry for entry in _sealed() if entry["payload"]["reason"]]


def _sealed() -> list[dict[str, Any]]:
    """Give all readings of the sealed log, once for a page, by one pass over it: they stand there under no name."""
    if "readings" not in g:
        store = stores()[Plane.SEALED]
        every = store.entries(connection(), 0, store.size(connection()))
        entries = (decode(data) for data in every if READ.encode() in data)
        g.readings = [entry for entry in entries if entry["type"] == READ]
    return cast("list[dict[str, Any]]", g.readings)
