"""What may go wrong on a participant's way, each in the place of one stage; the door refuses what it has to.

A fault of the cells that meets a bag without any waits for the next one that has some.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from custody import codes
from custody.chain.bedside import BedsideCheck
from custody.chain.bench import PutBack
from custody.chain.bench_disposal import DiscardPreparation
from custody.chain.deviation import CloseBenchDeviation, CloseDeviation, RaiseBenchDeviation, RaiseDeviation
from custody.chain.dispatch import Unpack
from custody.chain.disposal import ReturnBag
from custody.chain.entry_value import read_command
from custody.chain.handoff import RefuseHandoff
from custody.chain.infusion import PauseInfusion, StartInfusion
from custody.chain.ordering import CancelOrder, Order
from custody.chain.release import ReleaseForDispatch
from custody.chain.roles import Role
from custody.chain.things import Cryobag, Participant, Person
from custody.chain.unblinding import BreakCode, NotifySponsor
from custody.record.request import EventReused
from custody.simulate import bench, road, supply, ward
from custody.simulate.asking import Unexpected
from custody.simulate.play import Course, Play, Waits

KINDS: Final = (
    "wrong_scan",
    "viability",
    "refused_handoff",
    "reaction",
    "expired",
    "wrong_participant",
    "cancelled",
    "double_send",
    "low_viability",
    "late_start",
    "early_release",
    "unaccounted",
)
FETCHED: Final = (10, 35)
"""Minutes, least and most, to fetch another cryobag from the tank and thaw it."""
COUNTED: Final = (10, 40)
"""The same, to count its cells."""
LONGEST: Final = FETCHED[1] + COUNTED[1]
OF_CELLS: Final = ("viability", "low_viability")


# --- before the road --------------------------------------------------------------------------


def double_send(play: Play, course: Course) -> Waits:
    """Send an order twice, as a device does that saw no answer: it is one order. A nurse may not order at all."""
    yield play.after(play.between(5, 20))
    order = Order(participant=course.wristband)
    play.asker.refused(road.nurse(play, course), order)
    request = play.asker.request(ward.investigator(play, course), order)
    first = play.asker.submit(request)
    ward.took_order(play, course, first)
    if play.asker.submit(request).things != first.things:
        raise Unexpected(request.event)
    try:
        play.asker.submit(replace(request, command=Order(participant=play.fresh(codes.Kind.PARTICIPANT))))
    except EventReused:
        return
    raise Unexpected(request.event)


def counted(play: Play, course: Course) -> Waits:
    """Count, with a fault of the cells that waits for some."""
    has_cells = bool(bench.preparation(play, course).cryobags)
    if course.fault in OF_CELLS and not has_cells:
        play.waiting_faults.append(course.fault)
        course.fault = ""
    elif has_cells and not course.fault and play.waiting_faults:
        course.fault = play.waiting_faults.pop(0)
    yield play.due(course, "counted")
    protocol = play.protocol
    if course.fault == "viability" and protocol.viability_block:
        yield from second_thaw(play, course)
    elif course.fault == "low_viability" and protocol.viability_block < protocol.viability_warn:
        low_viability(play, course)
    bench.count_all(play, course)


def second_thaw(play: Play, course: Course) -> Waits:
    """Count too few living cells: the cryobag fails, another is thawed, the bench says why.

    How long that takes is drawn; it may outlast the hold, and the release is late then. There is no such thing in the
    arm of the diluent alone: it is what remains for the blinded to see, and the report gives its size.
    """
    began = play.now
    bad = bench.preparation(play, course).cryobags[0]
    bench.count(play, course, bad, play.protocol.viability_block * 4 // 5)
    bench.count_all(play, course)
    bench.reserve(play, course)
    yield drawn(play, *FETCHED)
    bench.thaw(play, course)
    technician, responsible = bench.technician(play, course), play.cast.one(Role.RESPONSIBLE_PERSON)
    raised = RaiseBenchDeviation(about=course.bag, what="Viability after thaw below the block limit", cause="")
    deviation = play.asker.ask(technician, raised).things[0]
    supply.destroy(play, bad, "viability below the block limit")
    yield drawn(play, *COUNTED)
    bench.count_all(play, course)
    course.delay = play.now - began
    closing = CloseBenchDeviation(deviation=deviation, cause="thaw too slow", action="another cryobag was thawed")
    play.asker.ask(responsible, closing)


def drawn(play: Play, least: int, most: int) -> datetime:
    """Give an instant some drawn minutes from now; fewer where the time until expiry is short."""
    minutes = play.between(60 * least, 60 * most) / 60
    return play.after(min(minutes, play.timetable.spare * minutes / LONGEST))


def soon(play: Play, course: Course, minutes: float) -> datetime:
    """Give the instant so many minutes from now, fewer where the bag expires soon."""
    left = ward.bag(play, course).expires_at - play.now
    return play.now + min(timedelta(minutes=minutes), left / 10)


def low_viability(play: Play, course: Course) -> None:
    """Count between block and warning limit: nothing is recorded until somebody signs for it."""
    cryobag = bench.preparation(play, course).cryobags[0]
    low = (play.protocol.viability_block + play.protocol.viability_warn) // 2
    play.asker.refused(bench.technician(play, course), bench.counting(play, cryobag, low))
    least = supply.expected_viability(play.protocol)
    generous = replace(bench.counting(play, cryobag, least), viability_permille=low)
    play.asker.ask(bench.technician(play, course), generous, may_sign=True)


def cancelled(play: Play, course: Course) -> Waits:
    """Cancel the order while the bench is at it: what was prepared is put back, destroyed, discarded."""
    yield play.due(course, "diluted")
    cancel = CancelOrder(treatment_bag=course.bag, reason="the participant left intensive care")
    play.asker.ask(ward.investigator(play, course), cancel)
    technician = bench.technician(play, course)
    for code in bench.preparation(play, course).cryobags:
        if play.get(Cryobag, code).status == "reserved":
            play.asker.ask(technician, PutBack(cryobag=code))
        else:
            supply.destroy(play, code, "order cancelled after the thaw")
    discard = DiscardPreparation(treatment_bag=course.bag, reason="order cancelled")
    play.asker.ask(technician, discard, play.cast.other(technician))
    course.over = True


def early_release(play: Play, course: Course) -> Waits:
    """Try to release before the hold has passed, and as one who prepared it."""
    command = ReleaseForDispatch(treatment_bag=course.bag)
    if play.protocol.hold and play.due(course, "released") > play.after(2):
        play.asker.refused(play.cast.one(Role.RESPONSIBLE_PERSON, number=course.number), command)
    play.asker.refused(bench.technician(play, course), command)
    yield from bench.released(play, course)


# --- on the road ------------------------------------------------------------------------------


def refused_handoff(play: Play, course: Course) -> Waits:
    """Find the seal broken: the courier does not take it; it is unpacked, and packed again under a new seal."""
    yield play.due(course, "collected")
    courier, packer = road.courier(play, course), road.holder(course)
    broken = replace(road.handing(play, course), seal_intact=False)
    play.asker.refused(packer, broken, courier)
    play.asker.ask(courier, RefuseHandoff(shipper=course.shipper, why="seal", words="seal torn"))
    deviation = raise_deviation(play, course, courier, "Seal of the shipper torn before the handoff")
    play.asker.ask(packer, Unpack(shipper=course.shipper, reason="seal torn"))
    play.shippers.setdefault(packer.code, []).append(course.shipper)
    road.pack(play, course)
    road.hand_over(play, course, courier)
    close_deviation(play, deviation, "caught on a shelf", "packed again under a new seal")


def raise_deviation(play: Play, course: Course, person: Person, what: str) -> str:
    """Raise a deviation about the bag; give its code."""
    return play.asker.ask(person, RaiseDeviation(about=course.bag, what=what)).things[0]


def close_deviation(play: Play, deviation: str, cause: str, action: str) -> None:
    """Close a deviation."""
    monitor = play.cast.one(Role.MONITOR)
    play.asker.ask(monitor, CloseDeviation(deviation=deviation, cause=cause, action=action))


# --- at the bedside ---------------------------------------------------------------------------


def wrong_scan(play: Play, course: Course) -> Waits:
    """Scan a stained label, then a shipper for the wristband."""
    yield play.due(course, "checked")
    nurse, second = road.holder(course), ward.investigator(play, course)
    stained = course.wristband[:-1] + ("B" if course.wristband[-1] != "B" else "C")
    for wristband in (stained, course.shipper):
        given = {"treatment_bag": course.bag, "wristband": wristband, "cover_on": "yes", "central_line": "yes"}
        command, faults = read_command(BedsideCheck, given)
        request = play.asker.request(nurse, ward.checking(course), second)
        asked = replace(request, command=command, given=given, faults=tuple(faults.values()))
        if play.asker.submit(asked).done:
            raise Unexpected(wristband)
    ward.check(play, course)


def wrong_participant(play: Play, course: Course) -> Waits:
    """Go to the wrong bed."""
    yield play.due(course, "checked")
    others = [one for state in ("enrolled", "ordered", "infused") for one in play.find(Participant, state)]
    wrong = next((one.code for one in others if one.code != course.wristband), "")
    if wrong:
        nurse, second = road.holder(course), ward.investigator(play, course)
        play.asker.refused(nurse, replace(ward.checking(course), wristband=wrong), second)
    ward.check(play, course)


def expired(play: Play, course: Course) -> Waits:
    """Come too late: the bag goes back unused, and another is ordered."""
    yield ward.bag(play, course).expires_at + timedelta(minutes=1)
    nurse = road.holder(course)
    play.asker.refused(nurse, ward.checking(course), ward.investigator(play, course))
    deviation = raise_deviation(play, course, nurse, "The bag expired before it could be given")
    course.given_ul = 0
    yield from ward.returned(play, course)
    yield from ward.closed(play, course)
    close_deviation(play, deviation, "the participant was in the operating theatre", "another bag was ordered")
    course.fault, course.again = "", True


def late_start(play: Play, course: Course) -> Waits:
    """Start too long after the check: it is refused, and the check is done again."""
    yield min(play.after(play.protocol.check_valid + 1), ward.bag(play, course).expires_at - timedelta(seconds=20))
    checked_at = ward.bag(play, course).checked_at
    if checked_at and play.now - checked_at > timedelta(minutes=play.protocol.check_valid):
        play.asker.refused(road.holder(course), StartInfusion(treatment_bag=course.bag))
    ward.check(play, course)
    yield soon(play, course, 1)
    ward.start(play, course)


def reaction(play: Play, course: Course) -> Waits:
    """Stop the infusion half way, for a reaction; the investigator has to know what was given."""
    half = play.protocol.infusion_planned / 2
    yield from ward.observed_until(play, course, play.after(half))
    nurse = road.holder(course)
    play.asker.ask(nurse, PauseInfusion(treatment_bag=course.bag, reason="skin rash"))
    deviation = raise_deviation(play, course, nurse, "Infusion stopped half way: skin rash")
    yield play.after(5)
    ward.stop(play, course, play.protocol.volume // 2, "reaction")
    play.asker.ask(ward.investigator(play, course), BreakCode(participant=course.wristband, why="reaction"))
    close_deviation(play, deviation, "reaction to the infusion", "stopped; observed on the ward")
    yield play.after(1)
    told = NotifySponsor(participant=course.wristband, told_at=play.now, how="by telephone")
    play.asker.ask(play.cast.one(Role.STATISTICIAN), told)


def unaccounted(play: Play, course: Course) -> Waits:
    """Forget half of what is left, then account for it."""
    yield from ward.observed_until(play, course, play.after(20))
    nurse = road.holder(course)
    forgotten = ReturnBag(treatment_bag=course.bag, left_ul=0, lost_ul=2 * play.protocol.account_tolerance + 20_000)
    play.asker.refused(nurse, forgotten, play.cast.other(nurse))
    ward.give_back(play, course)


STAGES: Final[Mapping[tuple[str, str], Callable[[Play, Course], Waits]]] = {
    ("double_send", "ordered"): double_send,
    ("", "counted"): counted,
    ("viability", "counted"): counted,
    ("low_viability", "counted"): counted,
    ("cancelled", "diluted"): cancelled,
    ("early_release", "released"): early_release,
    ("refused_handoff", "collected"): refused_handoff,
    ("wrong_scan", "checked"): wrong_scan,
    ("wrong_participant", "checked"): wrong_participant,
    ("expired", "checked"): expired,
    ("late_start", "started"): late_start,
    ("reaction", "infused"): reaction,
    ("unaccounted", "returned"): unaccounted,
}
"""(fault, stage) → what happens instead."""
