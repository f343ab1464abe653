"""What the rules already say of one scan, before the step is confirmed: while the wrong thing is still in the hand.

The step is tried with what was scanned so far, and with stand-ins for what is still to be entered; of all that the
rules then refuse, only what speaks of this scan is told. The step itself is decided when it is confirmed, as ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Final

from custody.chain.decide import check_signatures, check_thing
from custody.chain.fields import Field
from custody.chain.refusals import Reason, Refusal
from custody.chain.scene import Scene
from custody.chain.step import Command, fields_of

SECOND_BADGE: Final = "second_badge"
OF_PEOPLE: Final = frozenset(
    {Reason.SAME_PERSON, Reason.INACTIVE, Reason.SECOND_ROLE, Reason.SECOND_SITE, Reason.NOT_AWAY}
)
"""What can be wrong with a second person before they sign."""


def unfit(command: type[Command], given: Mapping[str, Any], name: str, code: str, scene: Scene) -> list[Refusal]:
    """Return what speaks against the code that was just scanned into the field `name`; `given` holds it too."""
    tried = command(**{field: given.get(field) or _stand_in(kind, scene) for field, kind in fields_of(command)})
    told = (
        refusal
        for refusal in _refusals(tried, scene)
        if (refusal.reason in OF_PEOPLE if name == SECOND_BADGE else _speaks_of(refusal, code))
        or (refusal.reason is Reason.SITE and name == command.SPEC.key)
    )
    found: list[Refusal] = []
    with suppress(LookupError, ArithmeticError):  # a rule that needs what is not entered yet
        found.extend(told)
    return found


def _refusals(tried: Command, scene: Scene) -> Iterator[Refusal]:
    yield from check_thing(tried, scene)
    yield from check_signatures(tried.SPEC, scene)
    yield from tried.check(scene)


def _speaks_of(refusal: Refusal, code: str) -> bool:
    return any(code in fact.split(", ") for fact in refusal.facts.values())


def _stand_in(kind: Field, scene: Scene) -> Any:
    """Return a value that a field might hold; a list or a text that holds nothing where it does not matter."""
    first = kind.choices[0][0] if kind.choices else ""
    known = {
        "quantity": kind.minimum or 0,
        "yes": True,
        "choice": first,
        "datetime": scene.now,
        "date": date.max.isoformat(),
        "scans": (),
        "words": (),
        "answers": (),
    }
    return known.get(kind.kind, "")
