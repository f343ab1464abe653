"""What a person did and signed, in words: for those who oversee the trial, and nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import gettext as _

from custody import trace
from custody.chain.roles import Role
from custody.chain.step import STEPS
from custody.chain.things import Person, Plane, Thing
from custody.web.seen import showing_here, sight
from custody.web.who import person

READERS: Final = frozenset({Role.MONITOR, Role.INSPECTOR, Role.UNBLINDED_INSPECTOR})
MOST: Final = 200
"""Records of a person on one page."""


@dataclass(frozen=True, slots=True)
class Did:
    """One record of a person, in words."""

    at: str
    title: str
    refused: bool
    second: bool
    sealed: bool
    things: tuple[str, ...]


def of(thing: Thing) -> list[Did] | None:
    """Give what a person did and signed, newest first, to those who oversee the trial; None for all else."""
    if not isinstance(thing, Person) or person().role not in READERS:
        return None
    showing = showing_here()
    return [
        Did(
            at=showing.time(datetime.fromisoformat(one.at)),
            title=_(STEPS[one.step].SPEC.title),
            refused=one.refused,
            second=one.second,
            sealed=one.plane is Plane.SEALED,
            things=one.things,
        )
        for one in trace.records(sight(), thing.code)
    ]
