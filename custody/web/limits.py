"""What is out of a limit and went on record, as a correction or signed to be so: everybody is told of it.

It is told before it is confirmed, after, and in the history; each time with where the deviation is raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _

from custody import codes
from custody.chain.beyond import RAISED, kind_on
from custody.chain.correction import Correction, Reading, beyond, correctable, reading
from custody.chain.entry_value import BadValue, read_value
from custody.chain.step import STEPS, recordable
from custody.chain.thaw import Count
from custody.chain.things import Lot, Participant, Plane, TreatmentBag
from custody.record.entries import past_of
from custody.web import reasons
from custody.web.amounts import amount
from custody.web.values import entry_of
from custody.web.who import connection, door, open_store, person, stores


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a correction, or a count, before it is confirmed."""

    beyond: tuple[str, ...] = ()
    """What it brings out of its limits, in words."""
    orders: tuple[str, ...] = ()
    """Codes of the orders that it overtakes."""
    lots: tuple[str, ...] = ()
    """Lots whose release falls by it."""
    ends: tuple[str, ...] = ()
    """What can be taken back by nothing, in words."""

    def __bool__(self) -> bool:
        """Return whether anything is."""
        return bool(self.beyond or self.orders or self.lots or self.ends)


@dataclass(frozen=True, slots=True)
class Beyond:
    """What is out of its limits, in words, and the address where its deviation is raised."""

    texts: tuple[str, ...]
    deviation: str
    raised: str = ""
    """Code of the one that the step raised by itself."""
    kind: str = ""


def before(correction: Correction) -> Told:
    """Say what has to be known of a correction before it is confirmed."""
    return Told(_asked(correction), _orders(correction), _lots(correction))


def of_count(count: Count) -> Told:
    """Say before it is confirmed that a count takes its cryobag from the order for good: it may be a slip."""
    protocol = door().protocol
    if not count.fails(protocol):
        return Told()
    found, least = amount("percent", count.viability_permille), amount("percent", protocol.viability_block)
    return Told(ends=(_("Viability %(found)s is below %(limit)s.", found=found, limit=least),))


def _asked(correction: Correction) -> tuple[str, ...]:
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


def _orders(correction: Correction) -> tuple[str, ...]:
    """Give the orders that a correction would overtake: whoever makes it cancels them, and orders again."""
    found = entry_of(correction.event)
    if correction.field != "weight_g" or found is None or found[0]["actor"]["person"] != person().code:
        return ()
    was = reading(past_of(*found, corrected=False))
    people = [kept.thing for code in was.things if (kept := open_store().thing(connection(), code))]
    bags = [one.treatment_bags[-1] for one in people if isinstance(one, Participant) and one.treatment_bags]
    waiting = {kept.thing.code for kept in open_store().find(connection(), TreatmentBag.KIND, "ordered")}
    return tuple(code for code in bags if code in waiting)


def _lots(correction: Correction) -> tuple[str, ...]:
    """Give the released lots that a correction is about: the responsible person releases them anew, or does not."""
    found = entry_of(correction.event)
    if found is None or found[1] is not Plane.SEALED or found[0]["actor"]["person"] != person().code:
        return ()
    was = reading(past_of(*found, corrected=False))
    store = stores()[Plane.SEALED]
    lots = [kept.thing for code in was.things if (kept := store.thing(connection(), code))]
    held = (one for one in lots if isinstance(one, Lot) and one.status == "released")
    return tuple(one.code for one in held if hasattr(one, correction.field))


def told(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what an entry put on record out of its limits: as a correction, or signed to be so."""
    payload = entry["payload"]
    if "corrects" not in payload:
        return tuple(reasons.passed(payload.get(RAISED, {}).get("out", ()), door().protocol))
    was = Reading(payload["corrects"], tuple(payload["things"]), payload["reads"] | {payload["field"]: payload["old"]})
    return _said(was, payload["field"], payload["new"])


def after(event: str, step: str) -> Beyond | None:
    """Give what to say once a step is on record; None where all is within its limits."""
    found = entry_of(event)
    if found is None or found[0]["step"] != step:
        return None
    entry, plane = found
    texts = told(entry)
    raised = entry["payload"].get(RAISED, {}).get("deviation", "")
    return Beyond(texts, deviation(_about(entry), plane), raised, kind_on(plane).KIND) if texts else None


def _about(entry: Mapping[str, Any]) -> list[str]:
    payload = entry["payload"]
    return payload["things"] if "corrects" in payload else [payload[STEPS[entry["step"]].SPEC.key]]


def deviation(things: list[str], plane: Plane) -> str:
    """Give the address where a deviation about the first of some things is raised, in their plane."""
    step = "raise_bench_deviation" if plane is Plane.SEALED else "raise_deviation"
    scanned = (code.rpartition("/")[2] for code in things)
    about = next((code for code in scanned if codes.group(code) != code), "")
    return f"/do/{step}" + (f"?{urlencode({'about': about})}" if about else "")


def _said(was: Reading, field: str, new: Any) -> tuple[str, ...]:
    protocol = door().protocol
    return tuple(reasons.say(item, protocol) for item in beyond(was.step, was.values, field, new, protocol))
