"""What a record does to the things: the one code that live work and replay share.

Each past-tense type has one function that takes the things as they stood and the facts of the
record, and yields the things as they stand after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from custody.chain.beyond import raised_by
from custody.chain.things import Plane, Thing

T = TypeVar("T", bound=Thing)


@dataclass(frozen=True, slots=True)
class Fact:
    """A record as `apply` needs it, from a live step or from the ledger alike."""

    event: str
    type: str
    plane: Plane
    actor: str
    second: str
    site: str
    occurred_at: datetime
    payload: dict[str, Any]


class Lookup(Protocol):
    """Where the things are as they stood before."""

    def get(self, kind: type[T], code: str) -> T | None:
        """Return a thing, or None."""


Applier = Callable[[Lookup, Fact], Iterable[Thing]]

APPLIERS: dict[str, Applier] = {}


def when(type: str) -> Callable[[Applier], Applier]:
    """Register what a type of record does."""

    def register(applier: Applier) -> Applier:
        APPLIERS[type] = applier
        return applier

    return register


def apply(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Yield the things that a record changes, as they stand after it."""
    applier = APPLIERS.get(fact.type)
    if applier is not None:
        yield from applier(things, fact)
    yield from raised_by(fact.payload, fact.plane, fact.actor, fact.site)


def stood(things: Lookup, kind: type[T], code: str) -> T:
    """Return a thing that the record says is there."""
    thing = things.get(kind, code)
    if thing is None:
        message = f"{kind.KIND} {code} is named by a record but is not there"
        raise LookupError(message)
    return thing
