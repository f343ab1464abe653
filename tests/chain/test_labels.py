"""Labels on paper: a reason for each print but the first, and the bench's prints are nobody's to see."""

import pytest

from custody import codes
from custody.chain.labels import BLANK_BY, DESIGN_OF, DESIGNS, MOST_AT_ONCE, PrintLabels, PrintLabelsSealed
from custody.chain.refusals import Reason
from custody.chain.roles import Role, sees_arm
from custody.chain.step import STEPS
from custody.chain.things import Plane, Printing, SealedPrinting, printing_code, sealed_printing_code

from .journey import Journey
from .people import BY_ROLE, COURIER, INSPECTOR, INVESTIGATOR, NURSE, STATISTICIAN, TECHNICIAN, UNBLINDED_INSPECTOR
from .ways import printing


@pytest.fixture
def journey():
    return Journey().to("ordered")


@pytest.fixture
def world(journey):
    return journey.world


def open_print(*labels, **more):
    return printing(PrintLabels, *labels, **more)


def sealed_print(*labels, **more):
    return printing(PrintLabelsSealed, *labels, **more)


def test_every_label_has_a_kind_and_words_and_every_blank_one_a_label():
    assert {design for design, _words in DESIGNS} == {*DESIGN_OF.values()}
    assert BLANK_BY.keys() < {*DESIGN_OF.values()}


def test_the_first_print_needs_no_reason_and_each_other_one_does(journey, world):
    world.do(open_print(journey.bag), NURSE)
    assert world.get(Printing, printing_code(journey.bag)).status == "printed"
    refusals = world.ask(open_print(journey.bag), NURSE)
    assert [refusal.reason for refusal in refusals] == [Reason.PRINTED_BEFORE]
    assert journey.bag in refusals[0].text
    world.do(open_print(journey.bag, reason="torn"), COURIER)


def test_who_sees_the_arm_prints_sealed_and_leaves_nothing_in_the_open_plane(journey, world):
    before = len(world.open_entries())
    world.do(sealed_print(journey.bag), TECHNICIAN)
    world.do(sealed_print(*journey.cryobags, design="cryobag"), TECHNICIAN)
    world.do(sealed_print(journey.bag, reason="smudged"), STATISTICIAN)
    assert len(world.open_entries()) == before
    assert world.get(SealedPrinting, sealed_printing_code(journey.bag)).PLANE is Plane.SEALED
    assert world.get(Printing, printing_code(journey.bag)) is None
    world.do(open_print(journey.bag), NURSE)  # and is asked for no reason: that would tell that the bench printed it


def test_who_sees_the_arm_is_told_of_prints_in_either_plane(journey, world):
    world.do(open_print(journey.bag), NURSE)
    assert world.reasons(sealed_print(journey.bag), TECHNICIAN) == {Reason.PRINTED_BEFORE}


def test_each_prints_in_their_own_plane_and_readers_print_nothing():
    for name, sealed in (("print_labels", False), ("print_labels_sealed", True)):
        assert {sees_arm(role) for role in STEPS[name].SPEC.by} == {sealed}
        assert STEPS[name].SPEC.plane is (Plane.SEALED if sealed else Plane.OPEN)
    both = STEPS["print_labels"].SPEC.by | STEPS["print_labels_sealed"].SPEC.by
    assert {*Role} - both == {Role.INSPECTOR, Role.UNBLINDED_INSPECTOR, Role.SYSTEM}


def test_inspectors_are_refused(journey, world):
    assert world.reasons(open_print(journey.bag), INSPECTOR) == {Reason.ROLE}
    assert world.reasons(sealed_print(journey.bag), UNBLINDED_INSPECTOR) == {Reason.ROLE}


def test_only_what_has_this_label_and_is_there_for_them_is_printed(journey, world):
    nowhere = world.mint("treatment_bag")
    assert world.reasons(open_print(nowhere), NURSE) == {Reason.UNKNOWN}
    assert world.reasons(open_print(journey.wristband), NURSE) == {Reason.UNKNOWN}
    for code in (journey.cryobags[0], world.mint("cryobag")):
        told = world.ask(open_print(code, design="cryobag"), NURSE)
        assert [(refusal.reason, refusal.facts) for refusal in told] == [(Reason.UNKNOWN, {"code": code})]
    assert world.reasons(open_print(), NURSE) == {Reason.MISSING}
    assert world.reasons(open_print(journey.bag, journey.bag), NURSE) == {Reason.SCANNED_TWICE}
    many = [world.mint("treatment_bag") for _number in range(MOST_AT_ONCE + 1)]
    assert Reason.TOO_MANY in world.reasons(open_print(*many), NURSE)
    assert world.reasons(open_print(journey.bag, copies=0), NURSE) == {Reason.OUT_OF_BOUNDS}


def test_blank_labels_are_of_things_that_are_not_there_and_by_whoever_uses_them(journey, world):
    blank, shipper = world.mint("participant"), world.mint("shipper")
    wristband = open_print(blank, design="wristband", blank=True)
    world.do(wristband, INVESTIGATOR)
    assert world.reasons(wristband, NURSE) == {Reason.PRINTED_BEFORE}
    assert world.reasons(open_print(shipper, design="shipper", blank=True), NURSE) == {Reason.NOT_BLANK}
    assert world.reasons(open_print(shipper, design="badge", blank=True), BY_ROLE[Role.ADMINISTRATOR]) == {
        Reason.NOT_BLANK
    }
    world.do(sealed_print(shipper, design="shipper", blank=True), TECHNICIAN)
    there = open_print(journey.wristband, design="wristband", blank=True)
    assert world.reasons(there, NURSE) == {Reason.EXISTS}
    for no_code in (shipper, "P", blank.lower(), "x" * 70):
        assert world.reasons(open_print(no_code, design="wristband", blank=True), NURSE) == {Reason.UNKNOWN}


def test_a_print_is_no_code_of_ours_that_somebody_could_scan(journey, world):
    world.do(open_print(journey.bag), NURSE)
    with pytest.raises(codes.CodeError):
        codes.read(printing_code(journey.bag))
