"""What a thing's page offers: what leads on, apart from it what else may be done, and nothing that could only fail."""

from __future__ import annotations

import re

from custody import codes
from tests.web import journey
from tests.web.house import House


def offered(house: House, login: str, code: str) -> tuple[list[str], list[str]]:
    """Give the steps under "Next" and those under "Other steps"."""
    page = house.browser(login).get(f"/s/{code}").text
    leading, _, others = page.partition('class="aside"')
    return tuple(re.findall(r'class="action" href="/s/[^"]*/do/(\w+)"', part) for part in (leading, others))  # type: ignore[return-value]


def test_the_bench_is_offered_what_the_order_still_needs(house: House) -> None:
    cryobags = journey.lot(house)
    cells = journey.ordered(house, journey.enrolled(house))
    assert offered(house, "tech", cells) == (["reserve"], [])
    house.browser("tech").did(cells, "reserve", cryobags=cryobags[0])
    assert offered(house, "tech", cells) == (["dilute", "reserve"], [])


def test_a_bag_of_albumin_alone_is_diluted_at_once(house: House) -> None:
    journey.ordered(house, journey.enrolled(house))
    albumin = journey.ordered(house, journey.enrolled(house, "58"))
    assert offered(house, "tech", albumin) == (["dilute"], [])
    assert '>0 <span class="unit">ml' in house.browser("tech").get(f"/s/{albumin}/do/dilute").text


def test_a_preparation_is_discarded_once_its_order_is_cancelled_and_nothing_else(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    assert offered(house, "tech", bag) == ([], [])
    assert offered(house, "resp", bag) == (["release_for_dispatch"], [])
    house.browser("doctor").did(bag, "cancel_order", reason="died")
    assert offered(house, "tech", bag) == ([], ["discard_preparation"])
    assert offered(house, "resp", bag) == ([], [])


def test_what_does_not_lead_on_is_never_the_big_button(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    journey.released(house, bag)
    shipper = house.fresh(codes.Kind.SHIPPER)
    house.browser("tech").did(shipper, "pack", bags=bag, seal="0042", logger="TL-7", logger_running="yes")
    assert offered(house, "tech", shipper) == (["hand_over"], ["unpack"])
    assert offered(house, "courier", shipper) == ([], ["refuse_handoff"])


def test_the_ward_that_a_shipper_goes_to_may_refuse_it_and_send_it_back(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    journey.released(house, bag)
    shipper = house.fresh(codes.Kind.SHIPPER)
    house.browser("tech").did(shipper, "pack", bags=bag, seal="0042", logger="TL-7", logger_running="yes")
    assert offered(house, "nurse", shipper) == ([], ["refuse_handoff"])
    assert offered(house, "faraway", shipper) == ([], [])
    stated = {"seal_intact": "yes", "condition_good": "yes", "temperature_dc": "5"}
    house.browser("tech").did(shipper, "hand_over", "nurse", **stated)
    assert offered(house, "nurse", shipper) == (["hand_over"], [])
