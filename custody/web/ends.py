"""What a reconciliation is about: every thing with its state, what has not ended first, so that who signs sees it all.

Each half is of its plane alone: who signs for the open one sees nothing of the bench.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from custody.chain.things import Plane, Thing
from custody.chain.transitions import FINAL, states
from custody.web.who import connection, stores


@dataclass(frozen=True, slots=True)
class End:
    """A thing, its state, and whether that is a final one."""

    kind: str
    code: str
    """As it is scanned: of a preparation its treatment bag's."""
    number: str
    """Of a participant; empty for anything else."""
    status: str
    final: bool


def of(plane: Plane, kinds: Iterable[type[Thing]]) -> list[End]:
    """Give every thing of some kinds, as far as this person may see their plane."""
    store = stores().get(plane)
    if store is None:
        return []
    found = [
        End(kind.KIND, kept.thing.code.rpartition("/")[2], str(getattr(kept.thing, "number", "")), status, final)
        for kind in kinds
        for status in states(kind.KIND)
        for final in [status in FINAL[kind.KIND]]
        for kept in store.find(connection(), kind.KIND, status)
    ]
    order = [kind.KIND for kind in kinds]
    return sorted(found, key=lambda end: (end.final, order.index(end.kind), end.code))
