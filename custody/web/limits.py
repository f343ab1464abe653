"""A correction whose right value is out of a limit: it is the truth and goes on record, and everybody is told so.

It is told before it is confirmed, after, and in the history; each time with where the deviation is raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from custody import codes
from custody.chain.correction import Correction, Reading, beyond, correctable, reading
from custody.chain.entry_value import BadValue, read_value
from custody.chain.step import recordable
from custody.chain.things import Plane
from custody.record.entries import past_of
from custody.web import reasons
from custody.web.values import entry_of
from custody.web.who import door, person


@dataclass(frozen=True, slots=True)
class Beyond:
    """What is out of its limits, in words, and the address where its deviation is raised."""

    texts: tuple[str, ...]
    deviation: str


def asked(correction: Correction) -> tuple[str, ...]:
    """Say what a correction would bring out of its limits; nothing where the door will refuse it anyhow."""
    found = entry_of(correction.event)
    if found is None or found[0]["actor"]["person"] != person().code:
        return ()
    was = reading(past_of(*found, corrected=False))
    field = correctable(was.step).get(correction.field)
    if field is None or correction.field not in was.values:
        return ()
    try:
        new = recordable(read_value(field, correction.value))
    except BadValue:
        return ()
    return _said(was, correction.field, new)


def told(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what the correction of an entry brought out of its limits; nothing of any other entry."""
    payload = entry["payload"]
    if "corrects" not in payload:
        return ()
    was = Reading(payload["corrects"], tuple(payload["things"]), payload["reads"] | {payload["field"]: payload["old"]})
    return _said(was, payload["field"], payload["new"])


def after(event: str) -> Beyond | None:
    """Give what to say once a correction is on record; None where all is within its limits."""
    found = entry_of(event)
    if found is None:
        return None
    entry, plane = found
    texts = told(entry)
    return Beyond(texts, deviation(entry["payload"]["things"], plane)) if texts else None


def deviation(things: list[str], plane: Plane) -> str:
    """Give the address where a deviation about the first of some things is raised, in their plane."""
    step = "raise_bench_deviation" if plane is Plane.SEALED else "raise_deviation"
    scanned = (code.rpartition("/")[2] for code in things)
    about = next((code for code in scanned if codes.group(code) != code), "")
    return f"/do/{step}" + (f"?{urlencode({'about': about})}" if about else "")


def _said(was: Reading, field: str, new: Any) -> tuple[str, ...]:
    protocol = door().protocol
    return tuple(reasons.say(item, protocol) for item in beyond(was.step, was.values, field, new, protocol))
