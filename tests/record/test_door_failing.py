"""When something goes wrong in or under the door: nothing half done, nobody else hurt, the truth on asking again."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from custody.chain.apply import APPLIERS
from custody.chain.deviation import RaiseBenchDeviation, RaiseDeviation
from custody.chain.infusion import PauseInfusion
from custody.chain.ordering import Order
from custody.chain.things import Deviation, Participant, Plane, TreatmentBag
from custody.ledger.entry import EntryTooLong
from custody.record import door as doors
from custody.record.request import OutcomeUnknown
from custody.record.work import Defect
from tests.chain.journey import added
from tests.chain.people import ADMINISTRATOR, INVESTIGATOR, MONITOR, NURSE, TECHNICIAN, person
from tests.record.test_door_together import check, events, together

LATE = RaiseDeviation(what="late")
GOOD, BAD = RaiseDeviation(what="good"), RaiseDeviation(what="bad")


def raises(things, fact):
    yield from DEVIATION_RAISED(things, fact)
    raise ZeroDivisionError


def changes_another(things, fact):
    yield from DEVIATION_RAISED(things, fact)
    yield Deviation(code="another", status="open", about="")


def changes_nothing(things, fact):
    yield from ()


def changes_the_other_plane(things, fact):
    yield from APPLIERS["bench_deviation_raised"](things, fact)


DEVIATION_RAISED = APPLIERS["deviation_raised"]
DEFECTS = {raises: ZeroDivisionError, changes_another: Defect, changes_nothing: Defect, changes_the_other_plane: Defect}


@contextmanager
def defect(monkeypatch, applier):
    """Let a rule have a defect, for one text."""

    def wrong(things, fact):
        return (applier if fact.payload["what"] == "bad" else DEVIATION_RAISED)(things, fact)

    with monkeypatch.context() as patched:
        patched.setitem(APPLIERS, "deviation_raised", wrong)
        yield


@pytest.mark.parametrize("applier", DEFECTS)
def test_a_defect_in_one_step_hurts_no_other_of_its_commit(world, monkeypatch, applier):
    requests = [world.request(command, MONITOR) for command in (GOOD, BAD, GOOD, BAD, GOOD)]
    with defect(monkeypatch, applier):
        answers = together(world, requests)
    assert [type(answer).__name__ for answer in answers] == [
        "Answer" if request.command is GOOD else DEFECTS[applier].__name__ for request in requests
    ]
    assert [request.event for request in requests if request.event in events(world)] == [
        request.event for request in requests if request.command is GOOD
    ]
    assert [thing.what for thing in world.find(Deviation, "open")].count("good") == 3
    assert world.door.submit(requests[1]).done, "once mended, the same event is done"
    check(world)


def test_a_defect_in_the_sealed_half_undoes_the_open_one(journey, monkeypatch):
    world = journey.to("enrolled").world
    request = world.request(Order(participant=journey.wristband), INVESTIGATOR)
    with monkeypatch.context() as patched:
        patched.setitem(APPLIERS, "arm_allocated", lambda *_: 1 / 0)
        answers = together(world, [world.request(GOOD, MONITOR), request, world.request(GOOD, MONITOR)])
    assert [type(answer).__name__ for answer in answers] == ["Answer", "ZeroDivisionError", "Answer"]
    assert world.entries_of(request.event) == {Plane.OPEN: [], Plane.SEALED: []}
    assert world.get(Participant, journey.wristband).status == "enrolled"
    assert world.find(TreatmentBag, "ordered") == []
    assert world.door.submit(request).done
    check(world)


def test_an_entry_that_would_be_too_long_is_an_error_of_its_step_alone(world):
    long = RaiseDeviation(what="good")
    requests = [world.request(GOOD, MONITOR), world.request(long, MONITOR, scan={"raw": "x" * 70_000})]
    good, bad = together(world, requests)
    assert good.done
    assert isinstance(bad, EntryTooLong)
    assert requests[1].event not in events(world)
    check(world)


# --- the commit fails


class NetworkGone(OperationalError):
    """What a driver says when the database does not answer."""

    def __init__(self):
        super().__init__("COMMIT", {}, OSError("gone"))


@contextmanager
def failing(world, wrong, *, committed=False):
    """Let the next commit fail: before anything is kept, or after all of it is."""
    failed = []

    def fail(connection):
        if failed:
            return
        failed.append(1)
        if committed:
            connection.connection.driver_connection.commit()
        raise wrong

    event.listen(world.database._writer, "commit", fail)
    try:
        yield
    finally:
        event.remove(world.database._writer, "commit", fail)
    assert failed


@pytest.mark.parametrize("committed", [False, True], ids=["nothing kept", "all kept"])
def test_a_commit_that_fails_has_an_unknown_outcome_and_asking_again_tells(journey, committed):
    world = journey.to("infusing").world
    pause = world.request(PauseInfusion(treatment_bag=journey.bag), NURSE)
    deviation = world.request(RaiseBenchDeviation(what="spilt"), TECHNICIAN)
    request = world.request(LATE, MONITOR)
    world.door.submit(request)
    with failing(world, NetworkGone(), committed=committed):
        with pytest.raises(OutcomeUnknown) as caught:
            world.door.submit(pause)
        assert isinstance(caught.value.__cause__, NetworkGone)
    assert journey.thing().status == ("paused" if committed else "infusing")
    again = world.door.submit(pause)
    assert (again.done, again.again) == (True, committed)
    assert journey.thing().status == "paused"
    assert world.door.submit(request).again
    assert world.door.submit(deviation).done
    assert events(world).count(pause.event) == 1
    check(world)


@pytest.mark.parametrize("committed", [False, True], ids=["nothing kept", "all kept"])
def test_all_of_a_failed_commit_are_told_so_and_may_ask_again(world, committed):
    requests = [world.request(GOOD, MONITOR) for _ in range(8)]
    bad = world.request(LATE, replace(MONITOR, code="NOBODY"))
    first = world.request(LATE, MONITOR)
    world.door.submit(first)
    with failing_second(world, committed):
        answers = together(world, [*requests, bad])
    assert [type(answer).__name__ for answer in answers] == ["OutcomeUnknown"] * 8 + ["LookupError"]
    again = [world.door.submit(request) for request in requests]
    assert [answer.again for answer in again] == [committed] * 8
    assert all(answer.done for answer in again)
    check(world)


@contextmanager
def failing_second(world, committed):
    """As `failing`, but for the second commit: the first is of the step that the others waited for."""
    seen = []

    def fail(connection):
        seen.append(1)
        if len(seen) == 2:
            if committed:
                connection.connection.driver_connection.commit()
            raise NetworkGone

    event.listen(world.database._writer, "commit", fail)
    try:
        yield
    finally:
        event.remove(world.database._writer, "commit", fail)


def test_a_leading_thread_that_is_told_to_stop_leaves_a_door_that_works(journey):
    world = journey.to("infusing").world
    pause = world.request(PauseInfusion(treatment_bag=journey.bag), NURSE)
    with failing(world, KeyboardInterrupt()), pytest.raises(KeyboardInterrupt):
        world.door.submit(pause)
    assert journey.thing().status == "infusing"
    answer = world.door.submit(pause)
    assert (answer.done, answer.again) == (True, False)
    check(world)


def test_a_head_that_cannot_be_written_undoes_the_whole_commit(world, monkeypatch):
    request = world.request(LATE, MONITOR)
    with monkeypatch.context() as patched:
        patched.setattr(type(world.store(Plane.OPEN)), "write_head", lambda *_: 1 / 0)
        with pytest.raises(OutcomeUnknown):
            world.door.submit(request)
    assert request.event not in events(world)
    assert world.door.submit(request).done
    check(world)


def test_a_statement_that_fails_within_a_step_leaves_its_whole_commit_unknown(world, monkeypatch):
    """After an error the transaction may be in any state: nothing more is asked of it, and nothing of it is kept."""

    def gone(*_):
        raise NetworkGone

    requests = [world.request(GOOD, MONITOR), world.request(added(person("Zoe", "monitor")), ADMINISTRATOR)]
    with monkeypatch.context() as patched:
        patched.setattr(type(world.store(Plane.OPEN)), "find", gone)
        answers = together(world, [*requests, world.request(GOOD, MONITOR)])
    assert [type(answer).__name__ for answer in answers] == ["OutcomeUnknown"] * 3
    assert [request.event for request in requests if request.event in events(world)] == []
    assert [world.door.submit(request).again for request in requests] == [False, False]
    check(world)


def test_a_database_that_is_not_there_has_an_unknown_outcome(world, monkeypatch):
    request = world.request(LATE, MONITOR)
    with monkeypatch.context() as patched:
        patched.setattr(type(world.database), "writing", lambda _: broken_pool())
        with pytest.raises(OutcomeUnknown):
            world.door.submit(request)
    assert world.door.submit(request).done


@contextmanager
def broken_pool():
    raise NetworkGone
    yield


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_a_lost_connection_is_replaced(begin, server):
    world = begin().world
    assert events(world), "readers are connected as well"
    others = "SELECT pid FROM pg_stat_activity WHERE datname LIKE 'custody_%' AND pid <> pg_backend_pid()"
    server.run(f"SELECT pg_terminate_backend(pid) FROM ({others}) AS other")
    assert world.ask(LATE, MONITOR).done
    check(world)


def test_a_row_that_stands_where_the_next_entry_belongs_stops_the_door(world):
    stray = "INSERT INTO open_event VALUES (:place, 'stray', :entry)"
    with world.database.writing() as connection:
        connection.execute(text(stray), {"place": world.size(Plane.OPEN), "entry": b"{}"})
    with pytest.raises(OutcomeUnknown):
        world.ask(LATE, MONITOR)
    with pytest.raises(OutcomeUnknown) as caught:
        world.ask(LATE, MONITOR)
    assert type(caught.value.__cause__).__name__ == "TailBroken"


def test_the_queue_goes_on_after_any_failure(world, monkeypatch):
    monkeypatch.setattr(doors, "MOST_AT_ONCE", 2)
    with failing_second(world, committed=False):
        answers = together(world, [world.request(GOOD, MONITOR) for _ in range(7)])
    names = [type(answer).__name__ for answer in answers]
    assert names == ["OutcomeUnknown"] * 2 + ["Answer"] * 5
    check(world)
