"""What waits for whom: nothing that is only planned is called late, nothing that is due is forgotten."""

from __future__ import annotations

import re

from custody import codes
from tests.web import journey
from tests.web.house import House


def listed(house: House, login: str, title: str) -> str:
    """Give one section of somebody's list."""
    page = house.browser(login).get("/worklist").text
    return next((part for part in page.split("</section>") if re.search(rf"<h2>{title}\b", part)), "")


def test_an_order_that_was_planned_for_now_is_not_called_late(house: House) -> None:
    bag = journey.ordered(house, journey.enrolled(house))
    assert "in 2 h" in listed(house, "nurse", "Ordered")
    house.clock.advance(minutes=200)
    for page in (listed(house, "nurse", "Ordered"), house.browser("nurse").get(f"/s/{bag}").text):
        assert re.search(r"planned (\d+ h )?\d+ min ago", page)
        assert "late" not in re.findall(r'class="clock([^"]*)"', page)[0]


def test_a_bag_that_expires_is(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    journey.released(house, bag)
    house.clock.advance(minutes=600)
    assert 'class="clock late"' in listed(house, "nurse", "On their way")


def test_an_observation_that_is_due_is_asked_for_until_a_day_after_the_last(house: House) -> None:
    bag = journey.infusing(house)
    nurse = house.browser("nurse")
    assert ">0 min<" in listed(house, "nurse", "Observations due"), "while it runs too"
    for minute in (0, 15, 30):
        house.clock.advance(minutes=15 if minute else 0)
        nurse.did(bag, "observe", due_min=str(minute), reaction="none", **journey.SIGNS)
    nurse.did(bag, "stop_infusion", given_ul="250", reason="complete")
    nurse.did(bag, "destroy_bag", "nurse2", left_ul="0", lost_ul="0", reason="empty")
    assert listed(house, "nurse", "Observations due") == ""
    house.clock.advance(minutes=30)
    section = listed(house, "nurse", "Observations due")
    assert f'href="/s/{bag}"' in section
    assert ">1 h<" in section
    assert listed(house, "faraway", "Observations due") == ""
    nurse.did(bag, "observe", due_min="60", reaction="none", **journey.SIGNS)
    assert listed(house, "nurse", "Observations due") == ""
    house.clock.advance(minutes=23 * 60)
    assert ">6 h<" in listed(house, "nurse", "Observations due")
    house.clock.advance(minutes=25 * 60)
    assert listed(house, "nurse", "Observations due") == ""


def test_the_list_counts_no_pause_that_still_lasts(house: House) -> None:
    bag = journey.infusing(house)
    house.clock.advance(minutes=4)
    house.browser("nurse").did(bag, "pause_infusion")
    house.clock.advance(minutes=9)
    for page in (listed(house, "nurse", "Infusing"), house.browser("nurse").get(f"/s/{bag}").text):
        assert re.search(r'role="timer"[^>]*>04:0\d<', page)


def test_a_bag_that_was_infused_is_listed_to_who_holds_it_and_to_the_ward_with_their_name(house: House) -> None:
    bag = journey.infusing(house)
    house.clock.advance(minutes=30)
    house.browser("nurse").did(bag, "stop_infusion", given_ul="250", reason="complete")
    assert f'href="/s/{bag}"' in listed(house, "nurse", "Infused: return or destroy")
    assert listed(house, "nurse", r"Infused(?!:)") == ""
    for login in ("nurse2", "doctor"):
        assert listed(house, login, "Infused: return or destroy") == ""
        assert ">with Nurse<" in listed(house, login, r"Infused(?!:)")
    assert listed(house, "faraway", r"Infused(?!:)") == ""


def test_a_courier_sees_where_a_shipper_goes_and_until_when_its_bag_can_be_given(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    waits = listed(house, "resp", "To release for dispatch")
    assert f'href="/s/{bag}"' in waits
    assert f'href="/s/{bag}"' not in listed(house, "resp", "Orders to prepare")
    assert "It waits to be released for dispatch." in house.browser("tech").get(f"/s/{bag}").text
    journey.released(house, bag)
    assert "Scan a shipper to pack it." in house.browser("tech").get(f"/s/{bag}").text
    assert "Tech holds it." in house.browser("nurse").get(f"/s/{bag}").text
    shipper = house.fresh(codes.Kind.SHIPPER)
    house.browser("tech").did(shipper, "pack", bags=bag, seal="0042", logger="TL-7", logger_running="yes")
    collect = listed(house, "courier", "Shippers to collect")
    assert "For Réanimation médicale, Hôpital Central, Nancy" in collect
    assert "Expires" in collect
    assert "Tech hands it over to you" in house.browser("courier").get(f"/s/{shipper}").text


def test_observations_due_are_the_first_list_of_the_ward(house: House) -> None:
    bag = journey.infusing(house)
    house.clock.advance(minutes=20)
    for login in ("nurse", "doctor"):
        titles = re.findall(r"<h2>([^<]+?) *<", house.browser(login).get("/worklist").text)
        assert titles[0] == "Observations due", login
    assert f'href="/s/{bag}"' in listed(house, "nurse", "Observations due")


def test_a_returned_bag_stays_on_the_list_of_who_holds_it(house: House) -> None:
    bag = journey.infusing(house)
    house.clock.advance(minutes=30)
    nurse = house.browser("nurse")
    nurse.did(bag, "stop_infusion", given_ul="250", reason="complete")
    nurse.did(bag, "return_bag", "nurse2", left_ul="0", lost_ul="0")
    assert f'href="/s/{bag}"' in listed(house, "nurse", "Returned, in my hands")
    assert listed(house, "nurse2", "Returned, in my hands") == ""


def test_a_lot_that_waits_for_a_signature_alone_is_named_to_whoever_signs(house: House) -> None:
    tech, tests = house.browser("tech"), house.door.protocol.qc
    tech.did(journey.DIN, "register_lot", **journey.lot_facts(house))
    for test in tests:
        assert journey.DIN in listed(house, "resp", "Lots in quarantine").replace(" ", "")
        assert not listed(house, "resp", "Lots to release")
        tech.did(journey.DIN, f"record_qc?test={test.code}", result=journey.good(test))
    assert journey.DIN in listed(house, "resp", "Lots to release").replace(" ", "")
    assert journey.DIN not in listed(house, "resp", "Lots in quarantine").replace(" ", "")
    assert not listed(house, "tech", "Lots to release")
    house.browser("resp").did(journey.DIN, "release_lot")
    assert not listed(house, "resp", "Lots to release")
