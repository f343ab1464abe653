"""Many at the door at once: grouped, each answered, nothing lost and nothing twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import event

from custody.chain.deviation import RaiseBenchDeviation, RaiseDeviation
from custody.chain.ordering import Order
from custody.chain.refusals import Reason
from custody.chain.things import Plane, Shipper
from custody.record import door as doors
from custody.store.database import Database
from tests.chain.journey import enrolment
from tests.chain.people import (
    COURIER,
    INVESTIGATOR,
    INVESTIGATOR_OF_DIJON,
    MONITOR,
    NURSE,
    RESPONSIBLE,
    SECOND_COURIER,
    SECOND_TECHNICIAN,
    TECHNICIAN,
)

LATE = RaiseDeviation(what="late")


def at_once(*calls):
    """Run all at the same time; give what each gave or raised."""
    start = threading.Barrier(len(calls))

    def run(call):
        start.wait()
        try:
            return call()
        except Exception as wrong:  # noqa: BLE001 - the test looks at it
            return wrong

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def submitting(world, requests, door=None):
    return [lambda request=request: (door or world.door).submit(request) for request in requests]


def check(world):
    """The logs open, their versions have no gaps, and the tables are what they say."""
    for plane in Plane:
        versions = {}
        for entry in world.entries(plane):
            for code, version in entry["things"].items():
                assert version == versions.get(code, 0) + 1, (plane, code)
                versions[code] = version
    assert world.differences() == []
    world.reopen()


def events(world):
    return [entry["event"] for plane in Plane for entry in world.entries(plane)]


class Gate:
    """A clock at which the first step waits until the others stand in the queue."""

    def __init__(self, world, waiting):
        self._clock, self._door, self._waiting = world.clock, world.door, waiting
        self._first = True
        self.entered = threading.Event()

    def now(self):
        if self._first:
            self._first = False
            self.entered.set()
            while len(self._door._queue) < self._waiting:
                threading.Event().wait(0.001)
        return self._clock.now()


def together(world, requests):
    """Submit some requests so that all but the first are committed together; give their answers."""
    first, door = world.request(LATE, NURSE), world.door
    gate = Gate(world, len(requests))
    door.world = replace(world.outside, clock=gate)
    waiting = threading.Thread(target=door.submit, args=[first])
    waiting.start()
    assert gate.entered.wait(60), "it leads before the others come"
    with ThreadPoolExecutor(len(requests)) as pool:
        submitted = [in_turn(door, pool, request) for request in requests]
    waiting.join()
    return [one.exception() or one.result() for one in submitted]


def in_turn(door, pool, request):
    """Submit one request, and wait until it stands in the queue behind the others."""
    before = len(door._queue)
    submitted = pool.submit(door.submit, request)
    while len(door._queue) == before and not submitted.done():
        threading.Event().wait(0.001)
    return submitted


def commits(world):
    """Count the commits from here on."""
    counted = []
    event.listen(world.database._writer, "commit", lambda _: counted.append(1))
    return counted


def test_one_event_from_sixteen_threads_is_recorded_once(world):
    request = world.request(LATE, MONITOR)
    answers = at_once(*submitting(world, [request] * 16))
    assert {replace(answer, again=False) for answer in answers} == {replace(answers[0], again=False)}
    assert [answer.again for answer in answers].count(False) == 1
    assert events(world).count(request.event) == 1
    check(world)


def test_one_event_with_different_bodies_at_once_is_recorded_once(world):
    event_id = world.event()
    requests = [world.request(RaiseDeviation(what=f"{n}"), MONITOR, event=event_id) for n in range(16)]
    answers = at_once(*submitting(world, requests))
    assert [type(answer).__name__ for answer in answers].count("EventReused") == 15
    assert events(world).count(event_id) == 1
    check(world)


def test_the_same_event_twice_in_one_commit_is_recorded_once(world):
    request = world.request(LATE, MONITOR)
    other = replace(request, command=RaiseDeviation(what="other"))
    first, second, third = together(world, [request, request, other])
    assert (first.again, second.again) == (False, True)
    assert type(third).__name__ == "EventReused"
    assert events(world).count(request.event) == 1
    check(world)


def test_what_was_on_record_before_is_found_in_any_commit(world):
    old = [world.request(LATE, MONITOR), world.request(RaiseBenchDeviation(what="spilt"), TECHNICIAN)]
    for request in old:
        world.door.submit(request)
    new = world.request(LATE, NURSE)
    answers = together(world, [old[0], new, new, old[1], old[0]])
    assert [answer.again for answer in answers] == [True, False, True, True, True]
    check(world)


def test_those_who_wait_are_committed_together_and_in_their_order(world):
    counted = commits(world)
    requests = [world.request(RaiseDeviation(what=f"{number}"), MONITOR) for number in range(31)]
    answers = together(world, requests)
    assert [answer.event for answer in answers] == [request.event for request in requests]
    recorded = [answer.recorded_at for answer in answers]
    assert recorded == sorted(recorded)
    assert len(counted) == 2
    check(world)


def test_no_commit_takes_more_than_its_share(world, monkeypatch):
    monkeypatch.setattr(doors, "MOST_AT_ONCE", 10)
    counted = commits(world)
    answers = together(world, [world.request(LATE, MONITOR) for _ in range(25)])
    assert all(answer.done for answer in answers)
    assert len(counted) == 1 + 3
    check(world)


def test_thirty_two_threads_are_all_answered(journey):
    world = journey.to("infusing").world
    before = len(events(world))

    def ward(_):
        return [world.ask(journey.observing(None), NURSE) for _ in range(10)]

    def bench(number):
        return [world.ask(RaiseBenchDeviation(what=f"{number}"), TECHNICIAN) for _ in range(10)]

    def wrong(_):
        return [world.ask(LATE, NURSE, replace(NURSE, code="NOBODY")) for _ in range(10)]

    work = [ward] * 16 + [bench] * 12 + [wrong] * 4
    answers = at_once(*(lambda one=one, number=number: one(number) for number, one in enumerate(work)))
    flat = [answer for some in answers for answer in some]
    assert len({answer.event for answer in flat}) == 320
    assert sum(answer.done for answer in flat) == 280
    assert len(events(world)) == before + 320
    assert set(events(world)) >= {answer.event for answer in flat}
    check(world)


def test_of_two_couriers_at_once_one_gets_the_shipper(journey):
    world = journey.to("packed").world
    requests = [world.request(journey.handing(), TECHNICIAN, courier) for courier in (COURIER, SECOND_COURIER) * 4]
    answers = at_once(*submitting(world, requests))
    done = [request for request, answer in zip(requests, answers, strict=True) if answer.done]
    assert len(done) == 1
    assert world.get(Shipper, journey.shipper).custodian == done[0].second
    refused = {refusal.reason for answer in answers for refusal in answer.refusals}
    assert Reason.NOT_CUSTODIAN in refused
    check(world)


def test_no_reader_ever_sees_half_a_step(journey):
    world = journey.world
    wristbands = []
    for doctor in (INVESTIGATOR, INVESTIGATOR_OF_DIJON):
        for _ in range(4):
            wristbands.append((doctor, world.mint("participant")))
            world.do(enrolment(world, wristbands[-1][1]), doctor)
    seen, over = [], threading.Event()

    def look():
        while not seen or not over.is_set():
            with world.reading(Plane.SEALED) as connection:
                ordered = {plane: store.find(connection, *kind) for plane, store, kind in halves(world)}
                seen.append([{kept.thing.code.split("/")[-1] for kept in kepts} for kepts in ordered.values()])

    watching = threading.Thread(target=look)
    watching.start()
    answers = at_once(*(lambda d=d, w=w: world.ask(Order(participant=w), d) for d, w in wristbands))
    over.set()
    watching.join()
    assert all(answer.done for answer in answers)
    assert all(first == second for first, second in seen)
    assert len(seen[-1][0]) <= 8
    check(world)


def halves(world):
    kinds = {Plane.OPEN: ("treatment_bag", "ordered"), Plane.SEALED: ("preparation", "ordered")}
    return [(plane, world.store(plane), kind) for plane, kind in kinds.items()]


# --- two doors


@pytest.fixture
def second(world):
    """Another process's worth: a door of its own on the same database."""
    database = Database(world.url)
    yield world.another_door(database)
    database.close()


def test_two_doors_alternate(journey, second):
    world = journey.to("infusing").world
    for number in range(6):
        door = (world.door, second)[number % 2]
        assert door.submit(world.request(journey.observing(None), NURSE)).done
        assert door.submit(world.request(RaiseBenchDeviation(what="x"), TECHNICIAN)).done
    repeated = world.request(journey.observing(15), NURSE)
    first = second.submit(repeated)
    assert world.door.submit(repeated) == replace(first, again=True)
    check(world)


def test_two_doors_at_once(journey, second):
    world = journey.to("infusing").world
    requests = [world.request(journey.observing(None), NURSE) for _ in range(60)]
    shared = [world.request(journey.observing(None), NURSE) for _ in range(20)]
    calls = [
        lambda door=door, some=some: [door.submit(request) for request in some]
        for door, part in ((world.door, requests[:30]), (second, requests[30:]))
        for some in (part[:15], part[15:], shared)
    ]
    answers = at_once(*calls)
    assert all(answer.done for some in answers for answer in some)
    assert sorted(events(world).count(request.event) for request in requests + shared) == [1] * 80
    check(world)


def test_a_door_sees_what_the_other_did_to_a_thing_it_remembers(journey, second):
    world = journey.to("released").world
    assert second.submit(world.request(journey.handing_bag(), TECHNICIAN, SECOND_TECHNICIAN)).done
    assert world.reasons(journey.handing_bag(), TECHNICIAN, RESPONSIBLE) == {Reason.NOT_CUSTODIAN}
    assert second.submit(world.request(journey.handing_bag(), SECOND_TECHNICIAN, TECHNICIAN)).done
    world.do(journey.packing(), TECHNICIAN)
    check(world)


def test_a_door_reads_anew_only_the_plane_in_which_the_other_wrote(journey, second, monkeypatch):
    world = journey.to("released").world
    opened, open_log = [], world.door._open_log

    def watched(plane, connection):
        opened.append(plane)
        return open_log(plane, connection)

    monkeypatch.setattr(world.door, "_open_log", watched)
    spilt = RaiseBenchDeviation(what="spilt")
    for command, person, plane in ((spilt, TECHNICIAN, Plane.SEALED), (LATE, NURSE, Plane.OPEN)):
        assert second.submit(world.request(command, person)).done
        for one in Plane:
            world.door.tail(one)
        opened.clear()
        world.do(spilt, TECHNICIAN)
        assert opened == [plane]
        assert {of for of, _ in world.door._memory} - {plane}, "what is known of the other plane stays known"
    check(world)


def test_what_is_remembered_may_be_forgotten_at_any_time(begin, monkeypatch):
    monkeypatch.setattr(doors, "MOST_REMEMBERED", 3)
    journey = begin().to("infused")
    assert len(journey.world.door._memory) <= 3
    journey.returned()
    check(journey.world)
