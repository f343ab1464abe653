"""Who holds a bag was called away: a colleague takes over, and whoever has to know of it finds it at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from custody.chain.things import Plane
from tests.web import journey
from tests.web.house import House, errors
from tests.web.test_downtime import on_the_ward
from tests.web.test_offers import offered
from tests.web.test_worklist import listed

WHY = "called to the operating theatre"


@pytest.fixture
def bag(house: House) -> str:
    """Give a bag that a nurse received."""
    return on_the_ward(house)[0]


def handoff(house: House) -> str:
    with house.door.database.reading(Plane.OPEN) as connection:
        [kept] = house.door.stores[Plane.OPEN].find(connection, "handoff", "taken_over")
    return kept.thing.code


def deviation(house: House) -> str:
    with house.door.database.reading(Plane.OPEN) as connection:
        [kept] = house.door.stores[Plane.OPEN].find(connection, "deviation", "open")
    return kept.thing.code


def test_it_is_the_one_next_step_under_who_holds_the_bag(house: House, bag: str) -> None:
    page = house.browser("nurse2").get(f"/s/{bag}").text
    assert "Nurse holds it. If Nurse is not there, take over before a witness." in page
    form = house.browser("nurse2").get(f"/s/{bag}/do/take_over_bag").text
    assert "Nurse holds it. A deviation is raised, which the monitor closes." in form
    assert offered(house, "nurse2", bag) == (["take_over_bag"], ["refuse_bag_handoff"])
    for login in ("nurse", "faraway", "courier", "tech", "doctor", "monitor"):
        assert "take_over_bag" not in str(offered(house, login, bag)), login


def test_whoever_took_over_checks_the_bag_at_the_bed(house: House, bag: str) -> None:
    nurse2 = house.browser("nurse2")
    nurse2.did(bag, "take_over_bag", "doctor", reason=WHY)
    assert offered(house, "nurse2", bag)[0] == ["bedside_check"]
    assert offered(house, "nurse", bag)[0] == ["take_over_bag"]


def test_after_the_infusion_it_stands_under_who_returns_or_destroys_it(house: House) -> None:
    bag = journey.infusing(house)
    house.clock.advance(minutes=30)
    assert "take_over_bag" not in str(offered(house, "nurse2", bag)), "while it runs any nurse of the ward acts"
    house.browser("nurse").did(bag, "stop_infusion", given_ul="250", reason="complete")
    assert "Nurse holds it, and returns or destroys it." in house.browser("nurse2").get(f"/s/{bag}").text
    assert offered(house, "nurse2", bag)[0] == ["observe", "take_over_bag"]
    nurse2 = house.browser("nurse2")
    nurse2.did(bag, "take_over_bag", "doctor", reason=WHY)
    nurse2.did(bag, "destroy_bag", "doctor", left_ul="0", lost_ul="0", reason="empty")


def test_where_something_else_leads_on_it_stands_aside(house: House, bag: str) -> None:
    wristband = re.search(r'href="/s/(P[A-Z]{11})"', house.browser("nurse").get(f"/s/{bag}").text)[1]  # type: ignore[index]
    checked = {"wristband": wristband, "cover_on": "yes", "central_line": "yes"}
    house.browser("nurse").did(bag, "bedside_check", "nurse2", **checked)
    leading, others = offered(house, "nurse2", bag)
    assert leading == ["start_infusion"]
    assert "take_over_bag" in others


def test_the_absent_one_is_told_on_their_first_page_for_a_fortnight(house: House, bag: str) -> None:
    house.browser("nurse2").did(bag, "take_over_bag", "doctor", reason=WHY)
    told = listed(house, "nurse", "Taken over from you")
    assert re.search(r"Taken over by Nurse2, 2026-03-10 \d\d:\d\d CET\.", told)
    assert f'href="/s/{bag}"' in told
    for login in ("nurse2", "doctor", "faraway", "courier", "monitor"):
        assert listed(house, login, "Taken over from you") == "", login
    house.clock.advance(hours=24 * 14)
    assert listed(house, "nurse", "Taken over from you") == ""


def test_the_monitor_and_the_inspector_find_it_among_the_deviations(house: House, bag: str) -> None:
    house.browser("nurse2").did(bag, "take_over_bag", "doctor", reason=WHY)
    said = "Taken over from Nurse by Nurse2, "
    for page in (
        listed(house, "monitor", "Open deviations"),
        house.browser("inspector").get("/registers/deviations").text,
    ):
        assert said in page
        assert WHY in page
    assert said in house.browser("monitor").get(f"/s/{deviation(house)}/do/close_deviation").text
    house.browser("monitor").did(deviation(house), "close_deviation", cause="night shift", action="two nurses on call")
    assert listed(house, "monitor", "Open deviations").count("card") == 0


def test_history_and_trace_mark_it(house: House, bag: str) -> None:
    house.browser("nurse2").did(bag, "take_over_bag", "doctor", reason=WHY)
    page = house.browser("inspector").get(f"/s/{bag}/history").text
    line = next(row for row in page.split("<tr ") if "Take over from a colleague who is away" in row)
    for text in ("taken over</span>", "Taken over from: Nurse", f"Why they are not there: {WHY}", "Nurse2, Doctor"):
        assert text in line, text
    assert page.count("taken over</span>") == 2, "in the timeline, and of the handoff among what became of it"
    assert f'href="/s/{handoff(house)}/history"' in page.partition("What became of it")[2]
    shown = house.browser("inspector").get(f"/s/{handoff(house)}").text
    assert re.search(r"<dt>Taken over from</dt><dd>Nurse</dd>.*<dt>Taken over by</dt><dd>Nurse2</dd>", shown, re.DOTALL)
    assert "Given by" not in shown


def test_what_nobody_gave_has_no_slip(house: House, bag: str) -> None:
    nurse2 = house.browser("nurse2")
    nurse2.did(bag, "take_over_bag", "doctor", reason=WHY)
    assert "Print the label" not in nurse2.get(f"/s/{handoff(house)}").text
    assert nurse2.get(f"/labels/{handoff(house)}.pdf").status_code == 404


def test_the_absent_one_cannot_witness_it(house: House, bag: str) -> None:
    nurse2 = house.browser("nurse2")
    refused = nurse2.step(bag, "take_over_bag", "nurse", reason=WHY)
    assert errors(refused.text) == ["Nurse holds it and is here: they hand it over, and both of you sign."]
    page = {"step": "take_over_bag", "thing": bag, "fits": "person:second_badge"}
    answer = nurse2.send("/scan", {"raw": house.people["nurse"], **page}, headers={"Accept": "application/json"})
    assert "Nurse holds it and is here" in answer.text


def test_it_may_be_done_on_paper_and_entered_later(house: House, bag: str) -> None:
    done_at = house.clock.now() + timedelta(minutes=5)
    house.clock.advance(minutes=60)
    wall = f"{done_at + timedelta(hours=1):%Y-%m-%dT%H:%M}"
    house.browser("nurse2").did(bag, "take_over_bag", "doctor", reason=WHY, done_at=wall)
    assert f"Taken over by Nurse2, {wall.replace('T', ' ')} CET." in listed(house, "nurse", "Taken over from you")


def test_the_bench_takes_over_from_the_bench(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    journey.released(house, bag)
    assert "take_over_bag" in str(offered(house, "tech2", bag))
    house.browser("tech2").did(bag, "take_over_bag", "resp", reason=WHY)
    assert listed(house, "tech", "Taken over from you") != ""
