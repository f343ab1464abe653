"""Both arms, the whole way, by the pages alone, on either database."""

from __future__ import annotations

from custody.chain.things import Plane
from custody.record.replay import replay
from tests.web import journey
from tests.web.house import House


def test_one_bag_of_each_arm_goes_the_whole_way_by_the_pages(either: House) -> None:
    cryobags = journey.lot(either)
    bags = [journey.whole(either, cryobags) for _ in range(2)]
    for bag in bags:
        assert "destroyed" in either.browser("nurse").get(f"/s/{bag}").text
    with either.door.database.reading(Plane.SEALED) as connection:
        assert list(replay(connection, either.door.stores)) == []
