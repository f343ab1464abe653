"""The road: pack, hand over to the courier, hand over to the nurse, and everything back to the unit.

Steps 13 and 14. Shippers come back empty and are used again.
"""

from __future__ import annotations

from itertools import pairwise

from custody import codes
from custody.chain.bag_handoff import HandOverBag
from custody.chain.dispatch import Pack
from custody.chain.handoff import HandOverShipper
from custody.chain.roles import Role
from custody.chain.things import Person
from custody.simulate.play import Course, Play, Waits


def holder(course: Course) -> Person:
    """Give who holds the bag; raise `LookupError` before anybody does."""
    if course.holder is None:
        raise LookupError(course.bag)
    return course.holder


def courier(play: Play, course: Course) -> Person:
    """Give who carries this bag."""
    return play.cast.one(Role.COURIER, number=course.number)


def nurse(play: Play, course: Course) -> Person:
    """Give the nurse who receives and infuses this bag."""
    return play.cast.one(Role.ICU_NURSE, course.site, course.number)


def packed(play: Play, course: Course) -> Waits:
    """Step 13: pack the bag, in a shipper that came back or in a new one."""
    yield play.due(course, "packed")
    pack(play, course)


def pack(play: Play, course: Course) -> None:
    """Pack the bag under a new seal."""
    packer = holder(course)
    empty = play.shippers.get(packer.code)
    course.shipper = empty.pop() if empty else play.fresh(codes.Kind.SHIPPER)
    command = Pack(
        shipper=course.shipper,
        bags=(course.bag,),
        seal=play.fresh(codes.Kind.SEAL),
        logger=play.fresh(codes.Kind.LOGGER),
        logger_running=True,
    )
    play.asker.ask(packer, command)


def temperature(play: Play) -> int:
    """Draw a temperature within the transport limits."""
    low, high = play.protocol.transport_min, play.protocol.transport_max
    return play.between(low + (high - low) // 4, high - (high - low) // 4)


def handing(play: Play, course: Course) -> HandOverShipper:
    """Give the handoff of a shipper in order."""
    celsius = temperature(play)
    return HandOverShipper(shipper=course.shipper, seal_intact=True, condition_good=True, temperature_dc=celsius)


def hand_over(play: Play, course: Course, receiver: Person) -> None:
    """Step 14: give the shipper, and the bag in it, to somebody."""
    play.asker.ask(holder(course), handing(play, course), receiver)
    course.holder = receiver


def collected(play: Play, course: Course) -> Waits:
    """Step 14: the courier takes the shipper."""
    yield play.due(course, "collected")
    hand_over(play, course, courier(play, course))


def delivered(play: Play, course: Course) -> Waits:
    """Step 14: the nurse takes the shipper and opens it."""
    yield play.due(course, "delivered")
    hand_over(play, course, nurse(play, course))


def back(play: Play, course: Course) -> None:
    """Step 14: the returned bag and the empty shipper go back to the unit, by the courier."""
    ways = holder(course), courier(play, course), play.cast.one(Role.CELL_TECHNICIAN, number=course.number)
    for giver, receiver in pairwise(ways):
        bag = HandOverBag(
            treatment_bag=course.bag, cover_on=True, condition_good=True, temperature_dc=temperature(play)
        )
        play.asker.ask(giver, bag, receiver)
        play.asker.ask(giver, handing(play, course), receiver)
    course.holder = ways[-1]
    play.shippers.setdefault(ways[-1].code, []).append(course.shipper)
