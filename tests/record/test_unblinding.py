"""A code break through the door: told to who did it, at once and again; to nobody else, and nothing open moves."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from custody.chain.things import Plane
from custody.chain.unblinding import BreakCode
from custody.record.request import EventReused
from tests.chain.people import CAST, INVESTIGATOR, INVESTIGATOR_OF_DIJON, RESPONSIBLE
from tests.chain.ways import opened, told

ARMS = ("MSC", "PLACEBO")


def breaking(journey, **more):
    return BreakCode(**{"participant": journey.wristband, "why": "reaction"} | more)


@pytest.mark.parametrize("arm", ARMS)
def test_the_door_tells_the_arm_to_who_broke_the_code_and_tells_it_again_for_the_same_event(begin, arm):
    journey = begin(arm).to("ordered")
    world = journey.world
    request = world.request(breaking(journey), INVESTIGATOR)
    first, again = world.door.submit(request), world.door.submit(request)
    assert first.told["arm"] == again.told["arm"] == arm
    assert (first.told, first.recorded_at) == (again.told, again.recorded_at)
    assert (first.again, again.again) == (False, True)
    assert len(world.entries_of(request.event)[Plane.SEALED]) == 1
    world.reopen()
    assert world.door.told(request.event, INVESTIGATOR.code).told["arm"] == arm
    assert world.door.submit(request).told["arm"] == arm


def test_nobody_else_is_told_whoever_asks_with_the_same_event(begin):
    journey = begin().to("ordered")
    world = journey.world
    event = world.do(breaking(journey), INVESTIGATOR)
    for person in CAST:
        if person is not INVESTIGATOR:
            assert world.door.told(event, person.code) is None
    with pytest.raises(EventReused):
        world.ask(breaking(journey), INVESTIGATOR_OF_DIJON, event=event)


def test_only_a_code_break_is_told_again(begin):
    journey = begin().to("ordered")
    world = journey.world
    refused = world.ask(breaking(journey), INVESTIGATOR, signed=False)
    assert (refused.done, refused.told) == (False, {})
    assert world.door.told(refused.event, INVESTIGATOR.code) is None
    assert world.door.told(world.event(), INVESTIGATOR.code) is None
    world.do(breaking(journey), INVESTIGATOR)
    told(journey)
    notice = world.entries(Plane.SEALED)[-1]
    assert notice["step"] == "notify_sponsor"
    assert world.door.told(notice["event"], RESPONSIBLE.code) is None


def test_an_answer_never_writes_what_it_tells(begin):
    journey = begin().to("ordered")
    answer = journey.world.ask(breaking(journey), INVESTIGATOR)
    assert answer.told["arm"] == "MSC"
    assert "MSC" not in f"{answer!r} {answer}"
    assert answer.things == (), "a blinded person is given no sealed code"


@pytest.mark.parametrize("arm", ARMS)
def test_nothing_open_moves_neither_by_a_code_break_nor_by_one_that_is_refused(begin, arm):
    journey = begin(arm).to("ordered")
    world = journey.world
    before, heads, sizes = opened_rows(world), world.checkpoints(), {plane: world.size(plane) for plane in Plane}
    world.do(breaking(journey), INVESTIGATOR)
    world.do(opened(journey), INVESTIGATOR_OF_DIJON)
    for person in CAST:
        signed = person is INVESTIGATOR
        command = breaking(journey, participant=world.mint("participant") if signed else journey.wristband)
        if person is not INVESTIGATOR_OF_DIJON:
            assert not world.ask(command, person).done
    told(journey)
    assert world.checkpoints()[Plane.OPEN] == heads[Plane.OPEN]
    assert world.size(Plane.SEALED) == sizes[Plane.SEALED] + 3 + len(CAST) - 1
    assert opened_rows(world) == before
    assert world.differences() == []


def opened_rows(world):
    """Give all rows of all open tables."""
    with world.reading(Plane.OPEN) as connection:
        tables = sorted(name for name in SQLModel.metadata.tables if name.startswith("open_"))
        assert len(tables) > 3
        return {name: sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}")))) for name in tables}


def test_what_is_recorded_is_who_which_arm_when_and_why(begin):
    journey = begin().to("ordered")
    world = journey.world
    event = world.do(breaking(journey, why="other", reason="poisoning"), INVESTIGATOR)
    [entry] = world.entries_of(event)[Plane.SEALED]
    assert (entry["actor"]["person"], entry["type"]) == (INVESTIGATOR.code, "code_broken")
    assert entry["payload"] == {
        "participant": journey.wristband,
        "why": "other",
        "reason": "poisoning",
        "arm": "MSC",
        "at": entry["payload"]["at"],
        "other_sheet": "",
    }
    assert datetime.fromisoformat(entry["payload"]["at"]) == datetime.fromisoformat(entry["recorded_at"])
    assert [signature["meaning"] for signature in entry["signatures"]] == [BreakCode.SPEC.signed]
    assert journey.wristband in entry["about"], "it stands in the participant's history, for the unblinded"


def test_a_blinded_connection_reads_nothing_of_it(begin):
    journey = begin().to("ordered")
    event = journey.world.do(breaking(journey), INVESTIGATOR)
    with journey.world.reading(Plane.OPEN) as connection:
        assert journey.world.store(Plane.OPEN).place_of(connection, event) is None
