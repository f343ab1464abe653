"""One participant's way, stage by stage; a fault takes the place of some of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from custody.simulate import bench, faults, road, ward
from custody.simulate.play import Course, Play, Waits

Stage = Callable[[Play, Course], Waits]

STAGES: Final[Mapping[str, Stage]] = {
    "enrolled": ward.enrolled,
    "ordered": ward.ordered,
    "reserved": bench.reserved,
    "thawed": bench.thawed,
    "counted": bench.counted,
    "diluted": bench.diluted,
    "covered": bench.covered,
    "released": bench.released,
    "packed": road.packed,
    "collected": road.collected,
    "delivered": road.delivered,
    "checked": ward.checked,
    "started": ward.started,
    "infused": ward.infused,
    "returned": ward.returned,
    "closed": ward.closed,
    "observed": ward.observed,
}


def way(play: Play, course: Course) -> Waits:
    """Go from stage to stage, until the last, or until it is over."""
    while not course.over:
        yield from _round(play, course)
        if not course.again:
            return
        course.again, course.first = False, "ordered"


def _round(play: Play, course: Course) -> Waits:
    names = list(STAGES)
    for name in names[names.index(course.first) :]:
        yield from faults.STAGES.get((course.fault, name), STAGES[name])(play, course)
        if course.over or course.again or name == course.last:
            return
