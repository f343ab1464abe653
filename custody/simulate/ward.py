"""The ward: enrol, order, check at the bedside, infuse and observe, return.

Steps 5, 6 and 15 to 17. Observations go on after the bag is gone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from custody import codes
from custody.chain.bedside import BedsideCheck
from custody.chain.disposal import DestroyBag, ReturnBag
from custody.chain.enrolment import Enrol
from custody.chain.infusion import StartInfusion, StopInfusion
from custody.chain.observation import Observe
from custody.chain.ordering import Order
from custody.chain.roles import Role
from custody.chain.things import Person, TreatmentBag
from custody.record.request import Answer
from custody.simulate.play import Course, Play, Waits
from custody.simulate.road import back, holder

SEARCH = timedelta(minutes=30)
LONGEST_SEARCH = timedelta(days=15)


def investigator(play: Play, course: Course) -> Person:
    """Give the physician of the ward."""
    return play.cast.one(Role.INVESTIGATOR, course.site, course.number)


def eligible_at(play: Play, site: str, instant: datetime, step: timedelta = SEARCH) -> datetime:
    """Give the nearest instant from this one on (backwards for a negative step) that the week's window holds."""
    place = next(one for one in play.protocol.sites if one.code == site)
    end = instant + LONGEST_SEARCH * (1 if step > timedelta(0) else -1)
    while not play.protocol.window.contains(place.local(instant)):
        instant += step
        if abs(end - instant) > LONGEST_SEARCH:
            raise LookupError(str(play.protocol.window))
    return instant


def onset_before(play: Play) -> timedelta:
    """Draw how long before the enrolment the onset was: well within the limit."""
    return timedelta(minutes=play.between(play.protocol.onset // 8, play.protocol.onset // 2))


def enrolled(play: Play, course: Course) -> Waits:
    """Step 5: somebody falls ill within the week's window, and is enrolled within the limit."""
    before = onset_before(play)
    onset = eligible_at(play, course.site, play.now - before)
    yield onset + before
    enrol(play, course, onset)


def enrol(play: Play, course: Course, onset: datetime) -> None:
    """Enrol a participant."""
    protocol = play.protocol
    light, heavy = protocol.weight_min, protocol.weight_max
    answers = [(item.code, "yes") for item in protocol.inclusion] + [(item.code, "no") for item in protocol.exclusion]
    course.wristband = play.fresh(codes.Kind.PARTICIPANT)
    command = Enrol(
        participant=course.wristband,
        weight_g=play.between(light + (heavy - light) // 8, light + (heavy - light) // 2) // 100 * 100,
        onset_at=onset,
        consent=("participant", "relative", "reliable_person")[play.between(0, 2)],
        answers=tuple(answers),
    )
    play.asker.ask(investigator(play, course), command)


def ordered(play: Play, course: Course) -> Waits:
    """Step 6: randomise, and order the bag."""
    yield play.after(play.between(5, 20))
    order(play, course)


def order(play: Play, course: Course) -> None:
    """Order a bag."""
    took_order(play, course, play.asker.ask(investigator(play, course), Order(participant=course.wristband)))


def took_order(play: Play, course: Course, answer: Answer) -> None:
    """Keep which bag was ordered, and when."""
    course.bag = next(code for code in answer.things if codes.read(code).kind is codes.Kind.TREATMENT_BAG)
    course.ordered_at, course.delay = play.now, timedelta(0)
    course.started_at, course.given_ul = None, 0


def checking(course: Course) -> BedsideCheck:
    """Give the bedside check of a bag in order."""
    return BedsideCheck(treatment_bag=course.bag, wristband=course.wristband, cover_on=True, central_line=True)


def checked(play: Play, course: Course) -> Waits:
    """Step 15: two people check wristband and bag."""
    yield play.due(course, "checked")
    check(play, course)


def check(play: Play, course: Course) -> None:
    """Check at the bedside; the second is a nurse or the physician, in turn."""
    nurse = holder(course)
    second = play.cast.other(nurse) if course.number % 2 else investigator(play, course)
    play.asker.ask(nurse, checking(course), second)


def started(play: Play, course: Course) -> Waits:
    """Step 16: the infusion starts."""
    yield play.due(course, "started")
    start(play, course)


def start(play: Play, course: Course) -> None:
    """Start the infusion."""
    play.asker.ask(holder(course), StartInfusion(treatment_bag=course.bag))
    course.started_at, course.observed = play.now, 0


def observed_until(play: Play, course: Course, end: datetime) -> Waits:
    """Make the observations that are due, and wait until the end."""
    minutes = play.protocol.observations
    while course.started_at and course.observed < len(minutes):
        due = course.started_at + timedelta(minutes=minutes[course.observed])
        if due > end:
            break
        yield max(due, play.now)
        observe(play, course, minutes[course.observed])
        course.observed += 1
    yield max(end, play.now)


def observe(play: Play, course: Course, minute: int, reaction: str = "none") -> None:
    """Record vital signs, such as people in intensive care have them."""
    command = Observe(
        treatment_bag=course.bag,
        due_min=minute,
        heart_rate_bpm=play.between(82, 124),
        mean_pressure_mmhg=play.between(62, 84),
        spo2_percent=play.between(91, 99),
        temperature_dc=play.between(364, 391),
        reaction=reaction,
    )
    play.asker.ask(play.cast.one(Role.ICU_NURSE, course.site, course.number + 1), command)


def infused(play: Play, course: Course) -> Waits:
    """Step 16: the bag runs in, with the observations that are due meanwhile."""
    if course.started_at is None:
        raise LookupError(course.bag)
    planned = play.protocol.infusion_planned
    yield from observed_until(play, course, course.started_at + timedelta(minutes=planned))
    spared = play.protocol.volume * play.protocol.volume_tolerance // 3000
    stop(play, course, play.protocol.volume - play.between(0, spared))


def stop(play: Play, course: Course, given_ul: int, reason: str = "complete") -> None:
    """Stop the infusion."""
    course.given_ul = given_ul
    play.asker.ask(holder(course), StopInfusion(treatment_bag=course.bag, given_ul=given_ul, reason=reason))


def left(play: Play, course: Course) -> int:
    """Give what is left in the bag."""
    return max(play.protocol.volume - course.given_ul, 0)


def returned(play: Play, course: Course) -> Waits:
    """Step 17: the bag is returned before a witness, or destroyed on the ward, in turn."""
    yield from observed_until(play, course, play.after(play.timetable.at["returned"] - play.timetable.at["infused"]))
    give_back(play, course)


def give_back(play: Play, course: Course) -> None:
    """Return the bag."""
    nurse = holder(course)
    command = ReturnBag(treatment_bag=course.bag, left_ul=left(play, course), lost_ul=0)
    play.asker.ask(nurse, command, play.cast.other(nurse))


def closed(play: Play, course: Course) -> Waits:
    """Bring bag and shipper back to the unit, and destroy the bag there (steps 14 and 17)."""
    yield from observed_until(play, course, play.after(play.timetable.at["back"] - play.timetable.at["returned"]))
    back(play, course)
    keeper = holder(course)
    command = DestroyBag(treatment_bag=course.bag, left_ul=left(play, course), lost_ul=0, reason="end of its way")
    play.asker.ask(keeper, command, play.cast.other(keeper))


def observed(play: Play, course: Course) -> Waits:
    """Step 16: the last observations."""
    if course.started_at:
        last = max(play.protocol.observations)
        yield from observed_until(play, course, course.started_at + timedelta(minutes=last))


def bag(play: Play, course: Course) -> TreatmentBag:
    """Give the course's bag as it stands."""
    return play.get(TreatmentBag, course.bag)
