"""The whole way of a bag, in both arms: what the open plane sees of it is the same."""

import pytest

from custody.chain.things import Participant, Plane, Preparation, TreatmentBag

from .journey import STAGES, Journey
from .people import SECOND_TECHNICIAN, TECHNICIAN


@pytest.fixture(scope="module")
def arms():
    return Journey("MSC").to("destroyed"), Journey("PLACEBO").to("destroyed")


@pytest.mark.parametrize("arm", ["MSC", "PLACEBO"])
def test_a_bag_goes_all_the_way(arm):
    journey = Journey(arm)
    statuses = []
    for stage in STAGES:
        getattr(journey, stage)()
        statuses.append(journey.thing().status if journey.bag else "")
    assert statuses[STAGES.index("ordered") :] == [
        "ordered",
        "ordered",
        "ordered",
        "released",
        "packed",
        "in_transit",
        "received",
        "checked",
        "infusing",
        "infused",
        "returned",
        "returned",
        "destroyed",
    ]
    assert journey.thing(Preparation).status == "released"
    assert journey.thing(Participant).status == "infused"


def test_the_arm_decides_what_is_in_the_bag(arms):
    doses = [journey.thing(Preparation).actual_cells for journey in arms]
    assert doses == [70_000_000, 0]


def test_the_open_plane_sees_the_same_steps_in_both_arms(arms):
    cells, albumin = ([(e.step, e.change.type, e.actor) for e in journey.world.open_entries()] for journey in arms)
    assert cells == albumin


def test_open_records_have_the_same_shape_and_size_in_both_arms(arms):
    cells, albumin = (journey.world.open_entries() for journey in arms)
    assert [shape(entry.change.payload) for entry in cells] == [shape(entry.change.payload) for entry in albumin]
    assert [entry.size for entry in cells] == [entry.size for entry in albumin]


def test_open_records_differ_in_their_random_codes_alone(arms):
    cells, albumin = (
        [masked(entry.change.payload, journey) for entry in journey.world.open_entries()] for journey in arms
    )
    assert cells == albumin


def test_what_the_open_plane_knows_of_a_bag_is_the_same_in_both_arms(arms):
    cells, albumin = (
        masked({name: getattr(journey.thing(), name) for name in TreatmentBag.__dataclass_fields__}, journey)
        for journey in arms
    )
    assert cells == albumin


def test_the_bench_leaves_nothing_in_the_open_plane_between_order_and_release(arms):
    for journey in arms:
        steps = [entry.step for entry in journey.world.open_entries()]
        assert steps[steps.index("order") + 1] == "release_for_dispatch"


def test_the_sealed_plane_commits_to_arm_place_participant_and_bag_in_both_arms(arms):
    for journey in arms:
        order = next(e for e in journey.world.entries if (e.step, e.plane) == ("order", Plane.SEALED))
        assert order.change.commits == {
            "arm": journey.arm,
            "participant": journey.wristband,
            "place": 1,
            "site": "NAN",
            "treatment_bag": journey.bag,
        }


def test_of_those_who_prepared_the_open_plane_learns_who_holds_the_bag_and_nobody_else(arms):
    for journey in arms:
        preparers = journey.thing(Preparation).preparers
        assert preparers == (TECHNICIAN.code, SECOND_TECHNICIAN.code) * 2
        (release,) = (entry.change for entry in journey.world.open_entries() if entry.step == "release_for_dispatch")
        assert release.payload == {"treatment_bag": journey.bag, "custodian": TECHNICIAN.code}


def shape(value):
    """Give a record without its values: keys, types, lengths."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def masked(value, journey):
    """Give a record with the journey's own random codes named by what they are."""
    text = repr(value)
    for name in ("bag", "wristband", "shipper"):
        text = text.replace(getattr(journey, name), f"<{name}>")
    return text
