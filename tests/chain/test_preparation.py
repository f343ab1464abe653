"""The preparation: dose and volume within tolerance, vials that are good, a label that is this bag's, a cover."""

from datetime import timedelta

import pytest

from custody.chain.dilution import never_released
from custody.chain.ordering import CancelOrder
from custody.chain.preparation import LabelAndCover
from custody.chain.refusals import Reason
from custody.chain.things import AlbuminVial, Preparation

from .journey import Journey, at, vial
from .people import INVESTIGATOR, RESPONSIBLE, SECOND_TECHNICIAN, TECHNICIAN
from .trial import PROTOCOL


@pytest.fixture
def counted():
    journey = at("ordered")
    journey.reserved()
    journey.thawed()
    journey.counted()
    return in_time(journey)


def in_time(journey):
    """Wait until a dilution may end."""
    journey.world.now = journey.thing().ready_at - timedelta(minutes=PROTOCOL.lead)
    return journey


def dilute(journey, **more):
    return journey.world.reasons(journey.dilution(**more), TECHNICIAN, SECOND_TECHNICIAN)


def diluted(journey, **more):
    journey.world.do(journey.dilution(**more), TECHNICIAN, SECOND_TECHNICIAN)
    return journey.thing(Preparation)


def test_prescribed_and_actual_dose_are_both_kept(counted):
    preparation = diluted(counted, drawn_ul=15_000, albumin_ul=235_000)
    assert (preparation.prescribed_cells, preparation.actual_cells) == (70_000_000, 75_000_000)
    assert counted.cryobag().status == "used"


@pytest.mark.parametrize(("drawn_ul", "found"), [(12_599, 62_995_000), (15_401, 77_005_000)])
def test_a_dose_out_of_tolerance_is_refused(counted, drawn_ul, found):
    command = counted.dilution(drawn_ul=drawn_ul, albumin_ul=250_000 - drawn_ul)
    refusals = counted.world.ask(command, TECHNICIAN, SECOND_TECHNICIAN)
    assert [refusal.text for refusal in refusals] == [f"Dose {found} cells; 70000000 ± 10 % is asked for."]


@pytest.mark.parametrize("drawn_ul", [12_600, 15_400])
def test_the_limits_of_tolerance_belong_to_it(counted, drawn_ul):
    assert diluted(counted, drawn_ul=drawn_ul, albumin_ul=250_000 - drawn_ul).status == "diluted"


@pytest.mark.parametrize("albumin_ul", [223_499, 248_501])
def test_a_volume_out_of_tolerance_is_refused(counted, albumin_ul):
    assert dilute(counted, albumin_ul=albumin_ul) == {Reason.VOLUME}


@pytest.mark.parametrize(
    ("more", "reasons"),
    [
        ({"drawn_ul": 12_000, "albumin_ul": 238_000}, [Reason.DOSE]),
        ({"albumin_ul": 200_000}, [Reason.VOLUME]),
        ({"drawn_ul": 1_000, "albumin_ul": 100_000}, [Reason.DOSE, Reason.VOLUME]),
    ],
)
def test_what_can_never_be_released_is_recorded_when_it_is_signed_to_be_so(counted, more, reasons):
    assert dilute(counted, **more) == set(reasons)
    counted.world.do(counted.dilution(**more), TECHNICIAN, SECOND_TECHNICIAN, beyond=True)
    found = never_released(PROTOCOL, counted.thing(Preparation))
    assert [refusal.reason for refusal in found] == reasons


def test_a_dilution_that_ended_too_early_is_recorded_only_when_it_is_signed_to_be_so():
    journey = at("ordered", "PLACEBO")
    journey.world.wait(30)
    command = journey.dilution(ended_at=journey.world.now)
    (early,) = journey.world.ask(command, TECHNICIAN, SECOND_TECHNICIAN)
    assert early.reason is Reason.DILUTED_EARLY
    journey.world.do(command, TECHNICIAN, SECOND_TECHNICIAN, beyond=True)
    assert never_released(PROTOCOL, journey.thing(Preparation)) == [early]


def test_the_earliest_end_is_told_in_whole_minutes_that_are_late_enough():
    journey = at("ordered", "PLACEBO")
    journey.world.put(journey.thing(Preparation), ready_at=journey.thing().ready_at + timedelta(seconds=20))
    (early,) = journey.world.ask(journey.dilution(ended_at=journey.world.now), TECHNICIAN, SECOND_TECHNICIAN)
    earliest = journey.thing().ready_at - timedelta(minutes=PROTOCOL.lead)
    assert early.facts["earliest"] == PROTOCOL.sites[0].said(earliest + timedelta(minutes=1))


def test_the_signature_of_what_is_out_of_limits_overrules_nothing_else(counted):
    command = counted.dilution(vials=(), albumin_ul=200_000)
    refusals = counted.world.ask(command, TECHNICIAN, SECOND_TECHNICIAN, beyond=True)
    assert [refusal.reason for refusal in refusals] == [Reason.NO_VIAL]


def test_no_more_is_drawn_than_was_counted(counted):
    assert dilute(counted, drawn_ul=17_001, albumin_ul=233_000) == {Reason.DRAWN, Reason.DOSE}


def test_cells_are_reserved_before_the_dilution():
    assert dilute(in_time(at("ordered"))) == {Reason.CELLS_NEEDED}


def test_cells_that_were_counted_and_are_too_few_are_named_so():
    journey = at("ordered")
    journey.reserved()
    journey.thawed()
    journey.counted(viable_cells_per_ml=3_000_000)
    [refusal] = in_time(journey).world.ask(journey.dilution(drawn_ul=14_000), TECHNICIAN, SECOND_TECHNICIAN)
    assert refusal.reason is Reason.MORE_CELLS
    assert (refusal.facts["found"], refusal.facts["expected"]) == ("51000000", "70000000")


def test_cells_are_counted_before_the_dilution():
    journey = in_time(at("ordered"))
    journey.reserved()
    refusals = journey.world.ask(journey.dilution(), TECHNICIAN, SECOND_TECHNICIAN)
    assert [refusal.reason for refusal in refusals] == [Reason.NOT_COUNTED]
    assert [refusal.text for refusal in refusals] == [f"Not yet counted: {journey.cryobags[0]}."]


def test_an_arm_of_albumin_alone_takes_no_cells():
    journey = in_time(at("ordered", "PLACEBO"))
    assert dilute(journey, drawn_ul=14_000, albumin_ul=236_000) == {Reason.NO_CELLS}
    assert diluted(journey).actual_cells == 0


def refused_end(journey, ended_at):
    refusals = journey.world.ask(journey.dilution(ended_at=ended_at), TECHNICIAN, SECOND_TECHNICIAN, beyond=True)
    return [(refusal.reason, refusal.facts["earlier"]) for refusal in refusals]


def test_a_dilution_ends_after_the_last_count(counted):
    counted.world.put(counted.cryobag(), counted_at=counted.world.now)
    early = counted.world.now - timedelta(minutes=1)
    assert refused_end(counted, early) == [(Reason.TIME_BEFORE, "counted_at")]
    diluted(counted, ended_at=counted.world.now)


def test_a_dilution_ends_after_the_thaw(counted):
    counted.world.put(counted.cryobag(), counted_at=None)
    early = counted.cryobag().thawed_at - timedelta(minutes=1)
    assert refused_end(counted, early) == [(Reason.TIME_BEFORE, "thawed_at")]


@pytest.mark.parametrize("arm", ["MSC", "PLACEBO"])
def test_a_dilution_ends_after_the_order(arm):
    journey = at("ordered", arm)
    if arm == "MSC":
        journey.reserved()
        journey.thawed()
        journey.counted()
        journey.world.put(journey.cryobag(), thawed_at=None, counted_at=None)
    early = journey.thing().ready_at - timedelta(minutes=PROTOCOL.hold + 1)
    assert refused_end(journey, early) == [(Reason.TIME_BEFORE, "ordered_at")]


def test_a_dilution_is_over_when_it_is_recorded(counted):
    assert dilute(counted, ended_at=counted.world.now + timedelta(minutes=2)) == {Reason.IN_FUTURE}


def test_nothing_is_diluted_for_a_cancelled_order(counted):
    counted.world.do(CancelOrder(treatment_bag=counted.bag, reason="died"), INVESTIGATOR)
    assert dilute(counted) == {Reason.STATE}


# --- vials


def test_a_vial_is_needed(counted):
    assert dilute(counted, vials=()) == {Reason.NO_VIAL}


def test_an_expired_vial_is_refused(counted):
    assert dilute(counted, vials=(vial(expiry="260301"),)) == {Reason.VIAL_EXPIRED}


def test_a_vial_that_is_for_another_trial_is_refused(counted):
    assert dilute(counted, vials=(f"{vial()}\x1d7240NCT99999999",)) == {Reason.OTHER_TRIAL}
    assert diluted(counted, vials=(f"{vial()}\x1d7240NCT00000000",)).status == "diluted"


def test_when_a_vial_expires_to_the_minute_goes_on_record(counted):
    timed = "(01)03205000004004(10)abc(21)7(7003)2909301430"
    diluted(counted, vials=(timed,))
    [used] = [thing for thing in counted.world.things.values() if thing.KIND == "albumin_vial"]
    assert used.expiry == "2029-09-30T14:30"


def test_a_vial_is_good_on_the_last_of_its_days(counted):
    assert diluted(counted, vials=(vial(expiry="260302"),)).status == "diluted"


def test_a_vial_that_does_not_say_when_it_expires_is_refused(counted):
    assert dilute(counted, vials=(vial(expiry=""),)) == {Reason.NO_EXPIRY}


def test_a_vial_scanned_twice_is_said(counted):
    assert dilute(counted, vials=(vial("5"), vial("5"))) == {Reason.SCANNED_TWICE}


def test_a_vial_that_was_used_before_is_refused(counted):
    other = Journey("PLACEBO").to("diluted")
    counted.world.things |= {key: thing for key, thing in other.world.things.items() if thing.KIND == "albumin_vial"}
    assert dilute(counted) == {Reason.VIAL_USED}


def test_two_vials_of_a_batch_without_serial_numbers_are_two_vials(counted):
    preparation = diluted(counted, vials=(vial(""), vial("")))
    used = [counted.world.get(AlbuminVial, code) for code in preparation.vials]
    assert len({item.code for item in used}) == 2
    assert {(item.gtin, item.batch, item.expiry) for item in used} == {("03205000004004", "B1", "2027-12-31")}


def test_a_batch_without_serial_numbers_may_be_used_again():
    journey = in_time(at("ordered", "PLACEBO"))
    diluted(journey, vials=(vial(""),))
    journey.world.do(CancelOrder(treatment_bag=journey.bag, reason="spilt"), INVESTIGATOR)
    journey.ordered()
    in_time(journey)
    diluted(journey, vials=(vial(""),))
    assert len([*journey.world.of("albumin_vial")]) == 2


def test_what_is_no_vial_is_said(counted):
    assert dilute(counted, vials=(counted.shipper, "nonsense")) == {Reason.WRONG_KIND, Reason.UNREADABLE}


def test_all_that_is_wrong_with_a_dilution_is_said_at_once(counted):
    more = {"vials": (vial("1", expiry="250101"), vial("1", expiry="")), "drawn_ul": 1_000, "albumin_ul": 100_000}
    assert dilute(counted, **more) == {
        Reason.VIAL_EXPIRED,
        Reason.SCANNED_TWICE,
        Reason.NO_EXPIRY,
        Reason.DOSE,
        Reason.VOLUME,
    }


# --- label and cover


def cover(journey, **more):
    fields = {"treatment_bag": journey.bag, "label_read": journey.bag, "cover_on": True}
    return LabelAndCover(**fields | more)


def test_the_label_read_back_is_this_bags():
    journey = at("diluted")
    other = journey.world.mint("treatment_bag")
    assert journey.world.reasons(cover(journey, label_read=other), TECHNICIAN, RESPONSIBLE) == {Reason.WRONG_LABEL}


def test_the_cover_is_on():
    journey = at("diluted")
    assert journey.world.reasons(cover(journey, cover_on=False), TECHNICIAN, RESPONSIBLE) == {Reason.COVER}


def test_nothing_is_labelled_for_a_cancelled_order():
    journey = at("diluted")
    journey.world.do(CancelOrder(treatment_bag=journey.bag, reason="died"), INVESTIGATOR)
    assert journey.world.reasons(cover(journey), TECHNICIAN, RESPONSIBLE) == {Reason.STATE}
