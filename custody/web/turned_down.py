"""A handoff that is out of a limit is turned down, there and then: by whoever would receive it, on the giver's page.

The receiver's badge and password stand for who refuses; whoever holds the thing, and is signed in, cannot refuse it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlencode

from custody.chain.custody import held
from custody.chain.refusals import Reason, Refusal
from custody.chain.step import Spec
from custody.chain.things import Person
from custody.web.seen import look_up
from custody.web.who import person

REFUSAL_OF: Final[Mapping[str, str]] = {"hand_over": "refuse_handoff", "hand_over_bag": "refuse_bag_handoff"}
REFUSALS: Final = frozenset(REFUSAL_OF.values())
WHY: Final = {Reason.SEAL: "seal", Reason.CONDITION: "condition", Reason.TEMPERATURE: "temperature"}
"""What is out of a limit, and the reason for which it is refused then."""
KEPT: Final = frozenset({"why", "words", "second_badge"})
"""What the giver's form knew already, as the link to the refusal says it."""


def link(spec: Spec, code: str, given: Mapping[str, str], second: str, refusals: Iterable[Refusal]) -> str:
    """Give where a handoff is refused for what is out of a limit, with what was entered; empty where nothing is."""
    found = [item.reason for item in refusals]
    whys = [why for reason, why in WHY.items() if reason in found]
    if spec.name not in REFUSAL_OF or not whys:
        return ""
    words = f"{given['temperature_dc']} °C" if Reason.TEMPERATURE in found else ""
    kept = {"why": whys[0], "words": words, "second_badge": second}
    return f"/s/{code}/do/{REFUSAL_OF[spec.name]}?{urlencode({name: value for name, value in kept.items() if value})}"


def on_givers_page(spec: Spec, code: str) -> bool:
    """Say whether this is the refusal of what the signed-in person holds: somebody else refuses it."""
    return spec.name in REFUSALS and any(held(thing, person()) for thing in look_up(code))


def receiver(spec: Spec, code: str, badge: str) -> Person | None:
    """Give who refuses on the giver's page, where their role may."""
    if not badge or not on_givers_page(spec, code):
        return None
    found = (thing for thing in look_up(badge) if isinstance(thing, Person) and thing.role in spec.by)
    return next(found, None)
