"""The demonstration: a trial that has run for weeks, with bags at every stage at this very moment.

All of it goes through the door, on a clock that is set weeks back and runs up to now; then the door is opened anew on
the machine's clock. Bags on their way are valid now: their orders are hours old, whatever day it is. The protocol is
the trial's own. Where it takes nobody just now (its week ends on Friday morning), participants were enrolled at the
last moment that it allows, and their bags ordered since.

People, names and values are invented, signatures are marked as simulated, and everybody has the same password.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from custody import codes
from custody.chain.administration import AddLocation
from custody.chain.deviation import RaiseDeviation
from custody.chain.lot import RecordQc
from custody.chain.protocol import Protocol
from custody.chain.roles import Role
from custody.chain.things import Plane, TreatmentBag
from custody.clock import SetClock
from custody.randomisation import SeededBytes
from custody.record.create import create_ledger
from custody.record.door import Door
from custody.record.world import World
from custody.simulate import supply, ward
from custody.simulate.asking import Asker
from custody.simulate.cast import give_accounts, members
from custody.simulate.course import way
from custody.simulate.play import Course, Play, Waits
from custody.simulate.schedule import Schedule
from custody.store.database import Database

ORIGIN: Final = "custody.example/demonstration"
PASSWORD: Final = "demodemo"  # noqa: S105 - the same for everybody, and printed
SEED: Final = 3
BEGAN: Final = timedelta(days=35)
"""How long the demonstration has been running."""

HISTORY: Final = (
    (28, ""),
    (25, "wrong_scan"),
    (21, "reaction"),
    (17, ""),
    (14, "refused_handoff"),
    (10, "viability"),
    (7, ""),
    (5, "wrong_participant"),
    (3, ""),
)
"""(days ago, what went wrong) of those whose way is over."""
NOW: Final = (
    ("enrolled", 35),
    ("enrolled", 20),
    ("enrolled", 90),
    ("ordered", 12),
    ("ordered", 25),
    ("diluted", 3),
    ("covered", 10),
    ("covered", 40),
    ("released", 6),
    ("packed", 4),
    ("collected", 15),
    ("delivered", 8),
    ("delivered", 14),
    ("started", 12),
    ("infused", 10),
    ("returned", 15),
)
"""(stage, minutes since) of those who are on their way at this moment."""
CRYOBAGS: Final = 24
"""In the lots in use."""
EXPIRED: Final = timedelta(days=19)
"""How long ago the first lot expired."""
ON_THEIR_WAY: Final = ("ordered", "released", "packed", "in_transit", "received")
DEVIATION: Final = "Temperature logger showed 9 °C for two minutes on arrival"


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made."""

    participants: int
    steps: int
    enrols_now: bool
    """Whether the protocol's week would take somebody who falls ill at this moment."""


def fill(
    database: Database, keys: Path, protocol_file: Path, now: datetime, ended: Callable[[], None] = lambda: None
) -> Filled:
    """Make a new ledger and fill it up to `now`; `ended` is called as each participant is done.

    Raises what `custody.record.create.create_ledger` raises. Open the door again to go on: with the machine's clock.
    """
    clock = SetClock(now - BEGAN)
    door = create_ledger(database, keys, ORIGIN, protocol_file, World(clock))
    asker = Asker(door, SeededBytes(SEED, "events"))
    play = Play(asker, supply.people(asker, door.protocol), SeededBytes(SEED, "play"))
    give_accounts(database, play.cast, PASSWORD)
    supply.randomisation(play, SeededBytes(SEED, "randomisation"))
    schedule = Schedule(clock)
    for waits, at in _waits(play, now):
        schedule.add(waits, at)
    schedule.run(until=now, ended=ended)
    clock.set(now)
    return Filled(len(HISTORY) + len(NOW), asker.steps, takes_now(door.protocol, now))


def takes_now(protocol: Protocol, now: datetime) -> bool:
    """Say whether somebody who falls ill at this moment may be enrolled, at any site."""
    return any(protocol.window.contains(site.local(now)) for site in protocol.sites if site.kind == "icu")


def is_stale(door: Door, now: datetime) -> bool:
    """Say whether every bag that was on its way has expired meanwhile."""
    with door.database.reading(Plane.OPEN) as connection:
        store = door.stores[Plane.OPEN]
        kept = [one for state in ON_THEIR_WAY for one in store.find(connection, TreatmentBag.KIND, state)]
    bags = [one.thing for one in kept if isinstance(one.thing, TreatmentBag)]
    return bool(bags) and all(bag.expires_at < now for bag in bags)


def logins(protocol: Protocol) -> list[str]:
    """Give the sign-in names of the demonstration's people."""
    return [member.login for member in members(protocol)]


# --- what is played ---------------------------------------------------------------------------


def _waits(play: Play, now: datetime) -> Iterator[tuple[Waits, datetime]]:
    yield _lots(play, now), now - BEGAN
    sites = [site.code for site in play.protocol.sites if site.kind == "icu"]
    for number, (days, fault) in enumerate(HISTORY):
        course = Course(sites[number % len(sites)], number, fault)
        moment = Moment.of(play, course.site, "", now - timedelta(days=days))
        yield _staged(play, course, moment, now), moment.enrolled
    for number, (stage, minutes) in enumerate(NOW):
        course = Course(sites[number % len(sites)], number, last=stage)
        moment = Moment.of(play, course.site, stage, now - timedelta(minutes=minutes))
        yield _staged(play, course, moment, now), moment.enrolled


def _lots(play: Play, now: datetime) -> Waits:
    """Have one lot expire with cells left, enough in use, and one that still waits for QC; and some free locations."""
    size = min(play.protocol.cryobags_per_lot_max, CRYOBAGS)
    lots = [(214, now - EXPIRED, min(size, CRYOBAGS // 3))]
    lots += [(231 + number, now + timedelta(days=600), size) for number in range(-(-CRYOBAGS // size))]
    for serial, expires_at, cryobags in lots:
        din = supply.register(play, serial, expires_at, cryobags)
        supply.enter_qc(play, din)
        yield play.after(60)
        supply.release(play, din)
    yield now - timedelta(days=2)
    technician = play.cast.one(Role.CELL_TECHNICIAN)
    din = supply.register(play, 262, now + timedelta(days=700), min(size, 6))
    for test in play.protocol.qc[: len(play.protocol.qc) // 2]:
        play.asker.ask(technician, RecordQc(lot=din, test=test.code, result=supply.within(test)))
    for place in range(1, 7):
        command = AddLocation(name=f"Tank 9, place {place}", temperature_class=play.protocol.storage_class)
        play.asker.ask(technician, command)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a participant of this hour fell ill, was enrolled, and had a bag ordered."""

    onset: datetime
    enrolled: datetime
    ordered: datetime

    @classmethod
    def of(cls, play: Play, site: str, stage: str, done: datetime) -> Moment:
        """Work back from when a stage is done; the enrolment as late as the protocol's week allows."""
        ordered = done - timedelta(minutes=play.timetable.at.get(stage, 0))
        wanted = ordered if stage == "enrolled" else ordered - timedelta(minutes=10)
        limit = timedelta(minutes=play.protocol.onset)
        onset = ward.eligible_at(play, site, wanted - limit / 4, -ward.SEARCH / 10)
        return cls(onset, min(wanted, onset + limit * 0.9), ordered)


def _staged(play: Play, course: Course, moment: Moment, now: datetime) -> Waits:
    """Go as far as the last stage, with the observations that are due since."""
    yield moment.enrolled
    ward.enrol(play, course, moment.onset)
    if course.last:
        play.waiting_faults.clear()
    if course.last == "enrolled":
        return
    yield moment.ordered
    ward.order(play, course)
    if course.last == "ordered":
        return
    course.first = "reserved"
    yield from way(play, course)
    if course.last == "delivered" and course.number % 2:
        nurse = play.cast.one(Role.ICU_NURSE, course.site, course.number)
        play.asker.ask(nurse, RaiseDeviation(about=course.bag, what=DEVIATION))
    yield from ward.observed_until(play, course, now)


# --- what a newcomer needs --------------------------------------------------------------------


VIALS: Final = 3
"""Of albumin: a preparation that fails takes another one."""


def labels_to_try(random_bytes: Callable[[int], bytes], now: datetime) -> list[tuple[str, str]]:
    """Give codes as they stand on labels that came from outside: to enrol somebody, to pack, to prepare a bag."""
    serial = f"{now:%d%H%M%S}"
    expiry = f"{now + timedelta(days=400):%y%m%d}"
    vials = [f"(01)09521234543213(17){expiry}(10)ALB1(21){serial}{number}" for number in range(VIALS)]
    return [
        ("wristband of a new participant", codes.group(codes.mint(codes.Kind.PARTICIPANT, random_bytes))),
        ("new shipper", codes.group(codes.mint(codes.Kind.SHIPPER, random_bytes))),
        *(("vial of albumin", vial) for vial in vials),
        ("new lot", f"=A9999{now.year % 100:02d}{int(serial) % 10**6:06d}00"),
    ]
