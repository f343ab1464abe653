"""Which entries a code's history is made of: those that speak of it, and what was done with other things for it alone.

- Of a participant also the infusion of their bags, observations included.
- Of a treatment bag, for the unblinded, also the thawing of its cryobags; counting them speaks of it anyway.
- For the unblinded alone also each print of its label, by whomever: nobody blinded learns how often one was printed.

A blinded reader gets the open log's entries alone, so the same in both arms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from custody.chain.correction import reading
from custody.chain.roles import sees_arm
from custody.chain.step import STEPS
from custody.chain.things import (
    Cryobag,
    Participant,
    Plane,
    Preparation,
    Thing,
    preparation_code,
    printing_code,
    sealed_printing_code,
)
from custody.record.entries import REFUSED, past_of
from custody.web.seen import look_up, sight
from custody.web.who import person

Found = tuple[dict[str, Any], Plane, int]
"""An entry, its log, and where it stands there."""
INFUSION: Final = 16
THAW: Final = 8
"""Numbers of steps."""


def entries(code: str, things: list[Thing]) -> Iterator[Found]:
    """Yield every entry of a code's history, each once: those that speak of it, and those that belong to it."""
    known = set()
    prints = (printing_code(code), sealed_printing_code(code)) if sees_arm(person().role) else ()
    for found in sight().speaking_of(code, *(thing.code for thing in things), *prints):
        known.add(found[0]["event"])
        yield found
    for thing in things:
        if isinstance(thing, Participant):
            more = _steps(INFUSION, Plane.OPEN, thing.treatment_bags)
        elif isinstance(thing, Preparation):
            steps = _steps(THAW, Plane.SEALED, _cryobags_of(thing))
            more = (found for found in steps if _is_for(found[0], thing.code))
        else:
            continue
        yield from (found for found in more if found[0]["event"] not in known)


def _steps(number: int, wanted: Plane, codes: Iterable[str]) -> Iterator[Found]:
    """Yield the entries, in one plane, of a step with some things."""
    for entry, plane, place in sight().speaking_of(*codes):
        if plane is wanted and _number(entry, plane) == number:
            yield entry, plane, place


def _cryobags_of(preparation: Preparation) -> list[str]:
    """Give every cryobag that was ever taken for a preparation, a failed one too."""
    found = sight().speaking_of(preparation.code)
    coded = dict.fromkeys(code for entry, *_where in found for code in entry["things"])
    return [code for code in coded if any(isinstance(thing, Cryobag) for thing in look_up(code))]


def _is_for(entry: dict[str, Any], preparation: str) -> bool:
    """Say whether a cryobag was thawed for this preparation: before it may have been another's, and put back."""
    given = entry["payload"].get("fields", entry["payload"])
    return preparation_code(str(given.get("treatment_bag", ""))) == preparation


def _number(entry: dict[str, Any], plane: Plane) -> int:
    """Give the number of the step that an entry records, or corrects."""
    step = entry["step"] if entry["type"] == REFUSED else reading(past_of(entry, plane, corrected=False)).step
    return STEPS[step].SPEC.number
