"""The bench: reserve, thaw, count, dilute, label and cover, release (steps 7 to 12).

Each stage waits for its minute of the timetable, the same in all arms; an arm of the diluent alone has nothing to
do before the dilution.
"""

from __future__ import annotations

from datetime import timedelta

from custody.chain.bench import Reserve
from custody.chain.dose import to_draw
from custody.chain.preparation import Dilute, LabelAndCover
from custody.chain.release import ReleaseForDispatch
from custody.chain.roles import Role
from custody.chain.thaw import Count, Thaw
from custody.chain.things import Cryobag, Person, Preparation, TreatmentBag, preparation_code
from custody.chain.units import Cells
from custody.simulate import supply
from custody.simulate.play import Course, Play, Waits

VIAL_UL = 100_000
"""Albumin in a vial."""


def preparation(play: Play, course: Course) -> Preparation:
    """Give the sealed half of the course's bag, as the bench sees it."""
    return play.get(Preparation, preparation_code(course.bag))


def technician(play: Play, course: Course) -> Person:
    """Give who prepares this bag."""
    return play.cast.one(Role.CELL_TECHNICIAN, number=course.number)


def reserved(play: Play, course: Course) -> Waits:
    """Step 7: set aside as many cryobags as the dose needs, first-expiring first."""
    yield play.due(course, "reserved")
    reserve(play, course)


def reserve(play: Play, course: Course) -> None:
    """Reserve what is missing for the dose."""
    order = preparation(play, course)
    if not order.prescribed_cells:
        return
    missing, taken = order.prescribed_cells - order.expected_cells, []
    for bag in supply.stock(play):
        if missing > 0:
            taken.append(bag.code)
            missing -= supply.promised(play, [bag])
    if taken:
        play.asker.ask(technician(play, course), Reserve(treatment_bag=course.bag, cryobags=tuple(taken)))


def thawed(play: Play, course: Course) -> Waits:
    """Step 8: thaw what is reserved."""
    yield play.due(course, "thawed")
    thaw(play, course)


def thaw(play: Play, course: Course) -> None:
    """Thaw each cryobag of the order that is still frozen."""
    protocol = play.protocol
    for code in preparation(play, course).cryobags:
        bag = play.get(Cryobag, code)
        if bag.status == "reserved":
            begun = play.now - timedelta(minutes=play.between(3, 6))
            command = Thaw(
                cryobag=code,
                treatment_bag=course.bag,
                started_at=max(begun, bag.reserved_at or begun),
                ended_at=play.now - timedelta(seconds=play.between(10, 50)),
                bath_dc=(protocol.bath_min + protocol.bath_max) // 2,
            )
            play.asker.ask(technician(play, course), command)


def counted(play: Play, course: Course) -> Waits:
    """Step 9: count what is thawed."""
    yield play.due(course, "counted")
    count_all(play, course)


def count_all(play: Play, course: Course) -> None:
    """Count each thawed cryobag: as good as its lot promised, or better."""
    for code in preparation(play, course).cryobags:
        if play.get(Cryobag, code).status == "thawed":
            least = supply.expected_viability(play.protocol)
            count(play, course, code, play.between(least, min(1000, least + 80)))


def counting(play: Play, cryobag: str, viability: int) -> Count:
    """Give the count of a cryobag of which so many cells in a thousand live."""
    volume = min(20_000, max(play.protocol.volume // 10, 1))
    living = supply.cells_per_cryobag(play.protocol) * viability // 1000
    return Count(
        cryobag=cryobag,
        viable_cells_per_ml=-(-living * 1000 // volume),
        volume_ul=volume,
        viability_permille=viability,
    )


def count(play: Play, course: Course, cryobag: str, viability: int) -> None:
    """Count one cryobag, and accept a low viability with a signature."""
    low = viability < play.protocol.viability_warn
    play.asker.ask(technician(play, course), counting(play, cryobag, viability), may_sign=low)


def diluted(play: Play, course: Course) -> Waits:
    """Step 10: bring the dose into albumin, before a second person."""
    yield play.due(course, "diluted")
    dilute(play, course)


def dilute(play: Play, course: Course) -> None:
    """Draw the dose and fill up with albumin."""
    order = preparation(play, course)
    bags = tuple(play.get(Cryobag, code) for code in order.cryobags)
    drawn = to_draw(Cells(order.prescribed_cells), bags).total
    albumin = play.protocol.volume - drawn
    command = Dilute(
        treatment_bag=course.bag,
        vials=tuple(vial(play) for _ in range(-(-albumin // VIAL_UL))),
        drawn_ul=drawn,
        albumin_ul=albumin,
        ended_at=play.now,
    )
    first = technician(play, course)
    play.asker.ask(first, command, play.cast.other(first))


def vial(play: Play) -> str:
    """Give what is on a vial of albumin, in GS1's demonstration range."""
    expiry = play.now + timedelta(days=400)
    serial = play.between(10**8, 10**9 - 1)
    return f"(01)09521234543213(17){expiry:%y%m%d}(10)ALB{expiry:%y%m}(21){serial}"


def covered(play: Play, course: Course) -> Waits:
    """Step 11: label, read the label back, cover."""
    yield play.due(course, "covered")
    course.holder = technician(play, course)
    command = LabelAndCover(treatment_bag=course.bag, label_read=course.bag, cover_on=True)
    play.asker.ask(course.holder, command, play.cast.other(course.holder))
    course.delay = max(course.delay - timedelta(minutes=play.timetable.slack), timedelta(0))


def released(play: Play, course: Course) -> Waits:
    """Step 12: release for dispatch, once the hold has passed."""
    yield play.due(course, "released")
    responsible = play.cast.one(Role.RESPONSIBLE_PERSON, number=course.number)
    play.asker.ask(responsible, ReleaseForDispatch(treatment_bag=course.bag))
    after = play.now - play.get(TreatmentBag, course.bag).ready_at
    play.late.setdefault(preparation(play, course).arm, []).append(after / timedelta(minutes=1))
