"""Both arms, the whole way, by the pages alone."""

from __future__ import annotations

from pathlib import Path

from custody.chain.things import Plane
from custody.record.replay import replay
from tests.web import journey
from tests.web.house import build


def test_one_bag_of_each_arm_goes_the_whole_way_by_the_pages(tmp_path: Path) -> None:
    house = build(tmp_path)
    cryobags = journey.lot(house)
    bags = [journey.whole(house, cryobags) for _ in range(2)]
    for bag in bags:
        assert "destroyed" in house.browser("nurse").get(f"/s/{bag}").text
    with house.door.database.reading(Plane.SEALED) as connection:
        assert list(replay(connection, house.door.stores)) == []
