"""A bag's whole way through the door, on both databases, in both arms."""

import pytest

from tests.chain.journey import STAGES


@pytest.mark.parametrize("arm", ["MSC", "PLACEBO"])
def test_a_bag_goes_from_the_freezer_to_the_bedside(begin, arm):
    journey = begin(arm)
    for stage in STAGES[1:]:
        getattr(journey, stage)()
    assert journey.thing().status == "destroyed"
    assert journey.world.differences() == []
