"""A step that was signed to be out of its limits raises its deviation itself, in the same record: none is forgotten.

What it lacks, cause and action, is entered when it is closed (step 20).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from custody import codes
from custody.chain.scene import Scene
from custody.chain.step import Change, Command, Recorded
from custody.chain.things import Deviation, Plane, SealedDeviation

RAISED = "raised"
"""Key of a record's payload that holds the deviation it raised."""


def is_signed(command: Command, scene: Scene) -> bool:
    """Return whether whoever did the step signed that it was out of its limits."""
    signed = {(one.person, one.meaning) for one in scene.signatures}
    return bool(command.SPEC.beyond) and (scene.actor.code, command.SPEC.beyond) in signed


def with_deviation(command: Command, recorded: Recorded, scene: Scene) -> Recorded:
    """Return a step's record, with the deviation that it raises in its plane where anything is out of its limits."""
    without = tuple(one for one in scene.signatures if one.meaning != command.SPEC.beyond)
    passed = [*command.check(replace(scene, signatures=without))]
    if not passed:
        return recorded
    code = scene.mint(codes.Kind.DEVIATION)
    out = [[str(one.reason), *chain.from_iterable(one.facts.items())] for one in passed]
    raised = {"deviation": code, "about": str(getattr(command, command.SPEC.key)), "out": out}
    return replace(
        recorded,
        open=recorded.open and _raising(recorded.open, code, raised),
        sealed=recorded.sealed and _raising(recorded.sealed, code, raised),
    )


def _raising(change: Change, code: str, raised: dict[str, Any]) -> Change:
    return replace(change, things=(*change.things, code), payload={**change.payload, RAISED: raised})


def kind_on(plane: Plane) -> type[Deviation]:
    """Return what a deviation of a plane is."""
    return SealedDeviation if plane is Plane.SEALED else Deviation


def raised_by(payload: dict[str, Any], plane: Plane, actor: str, site: str) -> Iterator[Deviation]:
    """Yield the deviation that a record of a plane raised by itself, if it did."""
    if RAISED in payload:
        raised = payload[RAISED]
        out = tuple(map(tuple, raised["out"]))
        yield kind_on(plane)(
            code=raised["deviation"], status="open", site=site, about=raised["about"], out=out, raised_by=actor
        )


def pairs(flat: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield name and fact of what stands flat, one after the other."""
    each = iter(flat)
    return zip(each, each, strict=True)
