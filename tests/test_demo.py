"""The demonstration: bags at every stage at this moment, whatever day it is, and all of it by the rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from custody import codes, demo, protocols
from custody.chain.labels import DESIGN_OF
from custody.chain.release import ReleaseForDispatch
from custody.chain.roles import Role
from custody.chain.things import (
    KINDS,
    Cryobag,
    Deviation,
    Lot,
    Participant,
    Person,
    Plane,
    Preparation,
    Thing,
    TreatmentBag,
    preparation_code,
)
from custody.chain.transitions import states
from custody.clock import SetClock
from custody.labelling import decode
from custody.people.sign_in import sign_in
from custody.printing import Printer
from custody.randomisation import SeededBytes
from custody.record.create import LedgerExists, open_door
from custody.record.door import Door
from custody.record.world import World
from custody.simulate.asking import Asker
from custody.simulate.cast import members
from custody.store.database import Database
from custody.verifying import Wanted, verify_here

CHOCMSC = protocols.builtin()["chocmsc"]
AURORA = Path(__file__).parent / "protocols" / "aurora.toml"
TUESDAY = datetime(2026, 3, 10, 13, 30, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 14, 10, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 16, 7, 10, tzinfo=UTC)
"""08:10 in Nancy: the week's window opened ten minutes ago."""
FRIDAY = datetime(2026, 3, 13, 7, 5, tzinfo=UTC)
"""08:05: it closed five minutes ago."""
T = TypeVar("T", bound=Thing)


@dataclass
class Filled:
    """A demonstration, opened again as it is served."""

    door: Door
    keys: Path
    now: datetime

    def all(self, kind: type[T], *only: str) -> list[T]:
        with self.door.database.reading(kind.PLANE) as connection:
            store = self.door.stores[kind.PLANE]
            found = [
                one.thing for state in only or states(kind.KIND) for one in store.find(connection, kind.KIND, state)
            ]
        return [thing for thing in found if isinstance(thing, kind)]

    def look_up(self, code: str) -> list[Thing]:
        with self.door.database.reading(Plane.SEALED) as connection:
            kept = (store.thing(connection, code) for store in self.door.stores.values())
            return [one.thing for one in kept if one]

    def preparation(self, bag: TreatmentBag) -> Preparation:
        (found,) = self.look_up(preparation_code(bag.code))
        assert isinstance(found, Preparation)
        return found


def filled(folder: Path, now: datetime, protocol: Path = CHOCMSC) -> Filled:
    database = Database(f"sqlite:///{folder / 'custody.db'}")
    demo.fill(database, folder / "keys", protocol, now)
    door = open_door(database, folder / "keys", World(SetClock(now + timedelta(minutes=1))))
    return Filled(door, folder / "keys", now)


@pytest.fixture(scope="module")
def tuesday(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return filled(tmp_path_factory.mktemp("tuesday"), TUESDAY)


# --- what is there


@pytest.mark.parametrize("now", [TUESDAY, SATURDAY, MONDAY, FRIDAY], ids=lambda now: f"{now:%A}")
def test_bags_are_at_every_stage_whatever_day_it_is(tmp_path: Path, now: datetime) -> None:
    made = filled(tmp_path, now)
    stages = Counter(bag.status for bag in made.all(TreatmentBag))
    assert stages["destroyed"] == len(demo.HISTORY)
    for stage in ("released", "packed", "in_transit", "infusing", "infused", "returned"):
        assert stages[stage] == 1, stage
    assert stages["received"] == 2
    bench = Counter(made.preparation(bag).status for bag in made.all(TreatmentBag, "ordered"))
    assert bench == {"ordered": 2, "diluted": 1, "covered": 2}
    assert len(made.all(Participant, "enrolled")) == 3
    assert verify_here(made.door.database, made.keys, Wanted(replayed=True)).findings == []


def test_bags_on_their_way_are_valid_now(tuesday: Filled) -> None:
    bags = tuesday.all(TreatmentBag, *demo.ON_THEIR_WAY, "infusing")
    assert all(bag.expires_at > tuesday.now + timedelta(minutes=45) for bag in bags)
    assert not demo.is_stale(tuesday.door, tuesday.now)
    assert demo.is_stale(tuesday.door, tuesday.now + timedelta(hours=8))


def test_one_hold_has_passed_and_one_is_about_to(tuesday: Filled) -> None:
    ready = sorted(
        (bag.ready_at - tuesday.now).total_seconds() / 60
        for bag in tuesday.all(TreatmentBag, "ordered")
        if tuesday.preparation(bag).status == "covered"
    )
    assert ready[0] < 0 < ready[1] < 30


def test_both_arms_are_at_the_bench_and_on_the_ward(tuesday: Filled) -> None:
    for stage in ("ordered", "received", "destroyed"):
        arms = {tuesday.preparation(bag).arm for bag in tuesday.all(TreatmentBag, stage)}
        assert arms == {"MSC", "PLACEBO"}, stage


def test_one_lot_is_in_use_one_waits_for_qc_and_one_has_expired_with_cells_left(tuesday: Filled) -> None:
    lots = {lot.code: lot for lot in tuesday.all(Lot)}
    stored = Counter(bag.lot for bag in tuesday.all(Cryobag, "stored"))
    (waiting,) = [lot for lot in lots.values() if lot.status == "registered"]
    (expired,) = [lot for lot in lots.values() if lot.expires_at < tuesday.now]
    (in_use,) = [lot for lot in lots.values() if lot.status == "released" and lot.expires_at > tuesday.now]
    assert stored[expired.code] > 0
    assert stored[in_use.code] > 8
    assert 0 < len(waiting.qc) < len(tuesday.door.protocol.qc)


def test_one_deviation_is_open(tuesday: Filled) -> None:
    (deviation,) = tuesday.all(Deviation, "open")
    assert deviation.what == demo.DEVIATION
    assert tuesday.all(Deviation, "closed")


def test_it_says_whether_somebody_can_be_enrolled_now() -> None:
    protocol = protocols.load(CHOCMSC)
    assert [demo.takes_now(protocol, now) for now in (TUESDAY, SATURDAY, MONDAY, FRIDAY)] == [True, False, True, False]


def test_another_trial_can_be_demonstrated(tmp_path: Path) -> None:
    made = filled(tmp_path, TUESDAY, AURORA)
    stages = Counter(bag.status for bag in made.all(TreatmentBag))
    assert stages["infusing"] == stages["in_transit"] == stages["released"] == 1
    assert verify_here(made.door.database, made.keys, Wanted(replayed=True)).findings == []


# --- what can be done with it


def test_everybody_can_sign_in(tuesday: Filled) -> None:
    people = {person.login: person for person in tuesday.all(Person, "active")}
    assert set(people) == set(demo.logins(tuesday.door.protocol))
    for member in members(tuesday.door.protocol):
        if member.login in {"admin", "technician", "nurse-nan"}:
            account = sign_in(tuesday.door.database, member.login, demo.PASSWORD)
            assert account is not None
            assert account.person == people[member.login].code
    assert sign_in(tuesday.door.database, "admin", "something else") is None


def test_work_goes_on_where_the_demonstration_stopped(tmp_path: Path) -> None:
    made = filled(tmp_path, TUESDAY)
    asker = Asker(made.door, SeededBytes(1, "test"))
    responsible = made.all(Person)[[one.role for one in made.all(Person)].index(Role.RESPONSIBLE_PERSON)]
    bags = [bag for bag in made.all(TreatmentBag, "ordered") if made.preparation(bag).status == "covered"]
    ready, held = sorted(bags, key=lambda bag: bag.ready_at)
    asker.ask(responsible, ReleaseForDispatch(treatment_bag=ready.code))
    asker.refused(responsible, ReleaseForDispatch(treatment_bag=held.code))


def labelled(made: Filled) -> list[Thing]:
    """Give everything that bears a label, a few where there are many of a kind."""
    return [thing for kind in DESIGN_OF for thing in made.all(KINDS[kind])[:12]]


def test_every_label_reads_back_as_its_thing(tuesday: Filled) -> None:
    printer = Printer(tuesday.door.protocol, tuesday.look_up, "https://custody.example")
    things = labelled(tuesday)
    assert {thing.KIND for thing in things} == set(DESIGN_OF)
    for thing in things:
        read = {codes.read(one.text).code for one in decode(printer.label(thing.code).png())}
        assert read == {thing.code}, thing


def test_the_labels_from_outside_are_codes_of_their_kinds() -> None:
    labels = demo.labels_to_try(SeededBytes(1, "test"), TUESDAY)
    kinds = [codes.read(text).kind for _, text in labels]
    vials = [codes.Kind.ALBUMIN_VIAL] * demo.VIALS
    assert kinds == [codes.Kind.PARTICIPANT, codes.Kind.SHIPPER, *vials, codes.Kind.LOT]


def test_a_ledger_that_is_there_is_never_filled(tmp_path: Path) -> None:
    filled(tmp_path, TUESDAY)
    with pytest.raises(LedgerExists):
        demo.fill(Database(f"sqlite:///{tmp_path / 'custody.db'}"), tmp_path / "other", CHOCMSC, TUESDAY)
