"""Corrections: by who recorded it, once, with a value that fits; things take it, records stay."""

from datetime import timedelta

import pytest

from custody.chain.correction import Correct, CorrectSealed, beyond, correctable
from custody.chain.lot import ReleaseLot
from custody.chain.ordering import Order
from custody.chain.refusals import REFUSED, Reason
from custody.chain.release import ReleaseForDispatch
from custody.chain.roles import Role
from custody.chain.step import STEPS, Change
from custody.chain.things import Cryobag, Lot, Participant, Person, Plane, Preparation, Shipper

from .journey import at, thawing
from .people import ADMINISTRATOR, INVESTIGATOR, NURSE, RESPONSIBLE, SECOND_NURSE, SECOND_TECHNICIAN, TECHNICIAN
from .trial import PROTOCOL
from .world import Entry


def event(journey, step):
    return next(entry.event for entry in reversed(journey.world.entries) if entry.step == step)


def correct(journey, step, field, value, *, sealed=False):
    cls = CorrectSealed if sealed else Correct
    return cls(event=event(journey, step), field=field, value=value, reason="typed wrong")


def last(journey):
    return journey.world.entries[-1].change


@pytest.fixture
def infused():
    return at("infused")


def test_the_bag_takes_the_right_value_and_the_wrong_record_stays(infused):
    before = [entry.change for entry in infused.world.entries]
    infused.world.do(correct(infused, "stop_infusion", "given_ul", "248,5"), NURSE)
    assert infused.thing().given_ul == 248_500
    assert [entry.change for entry in infused.world.entries[:-1]] == before


def test_a_correction_names_the_record_with_old_and_new_value(infused):
    wrong = event(infused, "stop_infusion")
    infused.world.do(correct(infused, "stop_infusion", "given_ul", "248.5"), NURSE)
    facts = last(infused).payload
    assert (facts["event"], facts["field"], facts["old"], facts["new"]) == (wrong, "given_ul", 250_000, 248_500)
    assert facts["reads"]["given_ul"] == 248_500
    assert facts["reason"] == "typed wrong"
    assert wrong in last(infused).about


@pytest.mark.parametrize(
    ("stage", "step", "field", "value", "reasons"),
    [
        ("diluted", "thaw", "bath_dc", 550, [Reason.TEMPERATURE]),
        ("diluted", "thaw", "bath_dc", 380, []),
        ("diluted", "dilute", "albumin_ul", 100_000, [Reason.VOLUME]),
        ("diluted", "dilute", "drawn_ul", 20_000, [Reason.DOSE]),
        ("diluted", "dilute", "drawn_ul", 90_000, [Reason.DOSE, Reason.VOLUME]),
        ("diluted", "dilute", "ended_at", "2026-03-02T00:00:00Z", [Reason.DILUTED_EARLY]),
        ("covered", "label_and_cover", "cover_on", False, [Reason.COVER]),
        ("packed", "pack", "logger_running", False, [Reason.LOGGER]),
        ("received", "hand_over", "temperature_dc", 250, [Reason.TEMPERATURE]),
        ("received", "hand_over", "seal_intact", False, [Reason.SEAL]),
        ("received", "hand_over", "condition_good", False, [Reason.CONDITION]),
        ("back", "hand_over_bag", "temperature_dc", 250, []),
        ("back", "hand_over_bag", "cover_on", False, [Reason.COVER]),
        ("infused", "bedside_check", "central_line", False, [Reason.CENTRAL_LINE]),
        ("enrolled", "enrol", "weight_g", 400_000, [Reason.WEIGHT]),
        ("infused", "stop_infusion", "given_ul", 1, []),
    ],
)
def test_a_truth_out_of_a_limit_is_told_and_goes_on_record(stage, step, field, value, reasons):
    world = at(stage).world
    was = next(entry for entry in reversed(world.entries) if entry.step == step).change.payload
    assert [refusal.reason for refusal in beyond(step, was, field, value, PROTOCOL)] == reasons


def test_what_was_out_of_its_limit_before_is_told_of_no_other_value():
    was = {"bath_dc": 550, "started_at": "", "ended_at": ""}
    assert beyond("thaw", was, "started_at", "2026-03-02T09:00:00Z", PROTOCOL) == []
    (told,) = beyond("thaw", was, "bath_dc", 560, PROTOCOL)
    assert told.text == "56 °C is outside 35 to 39 °C."


@pytest.mark.parametrize(
    ("to_give", "reasons"), [(True, [Reason.TEMPERATURE]), (False, []), (None, [Reason.TEMPERATURE])]
)
def test_a_bag_that_might_still_be_given_was_kept_cold(to_give, reasons):
    was = {"cover_on": True, "condition_good": True, "temperature_dc": 50}
    was |= {} if to_give is None else {"to_give": to_give}
    told = beyond("hand_over_bag", was, "temperature_dc", 250, PROTOCOL)
    assert [refusal.reason for refusal in told] == reasons


@pytest.mark.parametrize("stage", ["diluted", "released"])
@pytest.mark.parametrize(("step", "field"), [("thaw", "started_at"), ("dilute", "ended_at")])
def test_no_time_of_the_bench_is_corrected_to_before_what_it_follows(stage, step, field):
    journey = at(stage)
    early = journey.thing().ready_at - timedelta(minutes=PROTOCOL.hold + 1)
    wrong = correct(journey, step, field, early.isoformat(), sealed=True)
    assert journey.world.reasons(wrong, TECHNICIAN) == {Reason.TIME_BEFORE}
    bag = journey.cryobag()
    within = bag.reserved_at if step == "thaw" else bag.counted_at
    journey.world.do(correct(journey, step, field, within.isoformat(), sealed=True), TECHNICIAN)


def test_a_value_that_no_thing_holds_is_corrected_on_record_alone(infused):
    infused.world.do(correct(infused, "stop_infusion", "reason", "reaction"), NURSE)
    assert last(infused).things == ()
    assert set(last(infused).about) == {event(infused, "stop_infusion"), infused.bag, infused.wristband}


def test_nobody_corrects_what_someone_else_recorded(infused):
    refusals = infused.world.ask(correct(infused, "stop_infusion", "given_ul", "240"), SECOND_NURSE)
    assert [refusal.text for refusal in refusals] == ["Only Nina, who recorded it, may correct it."]


def test_a_correction_is_signed(infused):
    command = correct(infused, "stop_infusion", "given_ul", "240")
    assert infused.world.reasons(command, NURSE, signed=False) == {Reason.SIGNATURE}


def test_a_record_is_corrected_once_and_its_correction_after_that(infused):
    world = infused.world
    wrong = event(infused, "stop_infusion")
    world.do(correct(infused, "stop_infusion", "given_ul", "240"), NURSE)
    again = Correct(event=wrong, field="given_ul", value="245", reason="typed wrong twice")
    assert world.reasons(again, NURSE) == {Reason.ALREADY_CORRECTED}
    world.do(correct(infused, "correct", "given_ul", "245"), NURSE)
    world.do(correct(infused, "correct", "reason", "line"), NURSE)
    assert infused.thing().given_ul == 245_000
    assert (last(infused).payload["reads"]["given_ul"], last(infused).payload["reads"]["reason"]) == (245_000, "line")


def test_a_record_that_is_not_there_is_said(infused):
    command = Correct(event="no-such-event", field="given_ul", value="1", reason="x")
    assert infused.world.reasons(command, NURSE) == {Reason.UNKNOWN}


def test_a_record_of_the_other_plane_is_not_there(infused):
    command = Correct(event=event(infused, "dilute"), field="drawn_ul", value="1", reason="x")
    assert infused.world.reasons(command, TECHNICIAN) == {Reason.UNKNOWN}


def test_a_refused_step_changed_nothing_and_is_not_corrected(infused):
    refused = Change(REFUSED, (), {"fields": {"given_ul": 1}})
    infused.world.entries.append(Entry("e", "stop_infusion", Plane.OPEN, NURSE.code, refused, infused.world.now))
    command = Correct(event="e", field="given_ul", value="1", reason="x")
    assert infused.world.reasons(command, NURSE) == {Reason.REFUSED_STEP}


@pytest.mark.parametrize(
    ("step", "field", "value", "reason"),
    [
        ("stop_infusion", "given_ul", "a lot", Reason.NOT_A_NUMBER),
        ("stop_infusion", "given_ul", "1001", Reason.OUT_OF_BOUNDS),
        ("stop_infusion", "given_ul", "0.0001", Reason.TOO_EXACT),
        ("stop_infusion", "given_ul", "", Reason.MISSING),
        ("stop_infusion", "given_ul", "250.0", Reason.NOTHING_CORRECTED),
        ("stop_infusion", "reason", "boredom", Reason.NOT_A_CHOICE),
        ("stop_infusion", "words", "x" * 501, Reason.TOO_LONG),
        ("stop_infusion", "treatment_bag", "TXXX", Reason.NOT_CORRECTABLE),
        ("stop_infusion", "infused_s", "1800", Reason.NOT_CORRECTABLE),
        ("stop_infusion", "colour", "red", Reason.NOT_CORRECTABLE),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_refused(infused, step, field, value, reason):
    assert infused.world.reasons(correct(infused, step, field, value), NURSE) == {reason}


def test_all_that_is_wrong_with_a_correction_is_said_at_once(infused):
    infused.world.do(correct(infused, "stop_infusion", "given_ul", "240"), NURSE)
    wrong = next(entry.event for entry in infused.world.entries if entry.step == "stop_infusion")
    command = Correct(event=wrong, field="given_ul", value="many", reason="x")
    assert infused.world.reasons(command, SECOND_NURSE) == {
        Reason.NOT_AUTHOR,
        Reason.ALREADY_CORRECTED,
        Reason.NOT_A_NUMBER,
    }


@pytest.mark.parametrize(
    ("stage", "step", "field", "value", "person"),
    [
        ("infused", "stop_infusion", "given_ul", "999", NURSE),
        ("returned", "return_bag", "left_ul", "300", NURSE),
        ("destroyed", "destroy_bag", "lost_ul", "300", TECHNICIAN),
    ],
)
def test_more_than_the_bag_holds_is_no_correction(stage, step, field, value, person):
    journey = at(stage)
    assert journey.world.reasons(correct(journey, step, field, value), person) == {Reason.GIVEN}


def test_an_impossible_value_is_no_correction_of_a_correction_either(infused):
    infused.world.do(correct(infused, "stop_infusion", "given_ul", "240"), NURSE)
    assert infused.world.reasons(correct(infused, "correct", "given_ul", "999"), NURSE) == {Reason.GIVEN}


def test_times_are_not_corrected_out_of_their_order():
    journey = at("stocked")
    expiry = correct(journey, "register_lot", "expires_at", "2026-01-04T12:00+01:00", sealed=True)
    assert journey.world.reasons(expiry, TECHNICIAN) == {Reason.ORDER_OF_TIMES}
    thawed = at("covered")
    before = (journey.world.now - timedelta(days=1)).isoformat()
    ended = correct(thawed, "thaw", "ended_at", before, sealed=True)
    assert thawed.world.reasons(ended, TECHNICIAN) == {Reason.ORDER_OF_TIMES}


@pytest.mark.parametrize(
    ("stage", "step", "field", "person"),
    [("checked", "bedside_check", "cover_on", NURSE), ("in_transit", "hand_over", "seal_intact", TECHNICIAN)],
)
def test_a_truth_out_of_limits_may_be_told(stage, step, field, person):
    journey = at(stage)
    journey.world.do(correct(journey, step, field, "no"), person)
    assert (last(journey).payload["old"], last(journey).payload["new"]) == (True, False)


# --- what follows


def test_a_wrong_weight_is_for_the_order_to_judge():
    journey = at("enrolled")
    journey.world.do(correct(journey, "enrol", "weight_g", "25"), INVESTIGATOR)
    assert journey.thing(Participant).weight_g == 25_000
    assert journey.world.reasons(Order(participant=journey.wristband), INVESTIGATOR) == {Reason.WEIGHT}


@pytest.mark.parametrize("arm", ["MSC", "PLACEBO"])
def test_a_weight_corrected_after_the_order_stops_the_bench_in_both_arms(arm):
    journey = at("ordered", arm)
    journey.world.do(correct(journey, "enrol", "weight_g", "71"), INVESTIGATOR)
    reasons = journey.world.reasons(journey.dilution(), TECHNICIAN, SECOND_TECHNICIAN)
    assert Reason.WEIGHT_CHANGED in reasons
    covered = at("covered", arm)
    covered.world.do(correct(covered, "enrol", "weight_g", "71"), INVESTIGATOR)
    covered.world.now = covered.thing().ready_at
    release = ReleaseForDispatch(treatment_bag=covered.bag)
    assert covered.world.reasons(release, RESPONSIBLE) == {Reason.WEIGHT_CHANGED}


def test_a_corrected_draw_corrects_the_dose_and_the_release_judges_it():
    journey = at("covered")
    journey.world.do(correct(journey, "dilute", "drawn_ul", "41.0", sealed=True), TECHNICIAN)
    preparation = journey.thing(Preparation)
    assert (preparation.drawn_ul, preparation.actual_cells) == (41_000, 85_000_000)
    journey.world.now = journey.thing().ready_at
    release = ReleaseForDispatch(treatment_bag=journey.bag)
    assert journey.world.reasons(release, RESPONSIBLE) == {Reason.DOSE, Reason.VOLUME}


def test_a_corrected_end_of_dilution_is_judged_at_the_release():
    journey = at("covered")
    early = (journey.world.now - timedelta(minutes=60)).isoformat()
    journey.world.do(correct(journey, "dilute", "ended_at", early, sealed=True), TECHNICIAN)
    journey.world.now = journey.thing().ready_at
    release = ReleaseForDispatch(treatment_bag=journey.bag)
    assert journey.world.reasons(release, RESPONSIBLE) == {Reason.DILUTED_EARLY}


def test_a_time_is_not_corrected_into_the_future():
    journey = at("covered")
    later = (journey.world.now + timedelta(hours=1)).isoformat()
    assert journey.world.reasons(correct(journey, "dilute", "ended_at", later, sealed=True), TECHNICIAN) == {
        Reason.IN_FUTURE
    }


def test_the_end_of_a_thaw_is_held_by_its_cryobag():
    journey = at("covered")
    right = journey.world.get(Cryobag, journey.cryobags[0]).thawed_at + timedelta(minutes=1)
    journey.world.do(correct(journey, "thaw", "ended_at", right.isoformat(), sealed=True), TECHNICIAN)
    assert journey.cryobag().thawed_at == right


def test_a_lots_expiry_is_corrected_in_its_cryobags_too():
    journey = at("stocked")
    right = journey.world.now + timedelta(days=100)
    journey.world.do(correct(journey, "register_lot", "expires_at", right.isoformat(), sealed=True), TECHNICIAN)
    assert journey.thing(Lot).expires_at == right
    assert {journey.world.get(Cryobag, code).expires_at for code in journey.cryobags} == {right}


def test_a_thing_that_holds_another_value_by_now_keeps_it():
    journey = at("packed")
    journey.world.put(journey.world.get(Shipper, journey.shipper), seal="S2")
    journey.world.do(correct(journey, "pack", "seal", "S9"), TECHNICIAN)
    assert journey.world.get(Shipper, journey.shipper).seal == "S2"


def test_a_name_is_corrected():
    journey = at("stocked")
    wrong = next(e for e in journey.world.entries if NURSE.code in e.change.things)
    journey.world.do(Correct(event=wrong.event, field="name", value="Nina N.", reason="typo"), ADMINISTRATOR)
    assert journey.world.get(Person, NURSE.code).name == "Nina N."


def test_roles_codes_results_and_counts_are_not_corrected():
    fixed = {
        ("add_person", "role"),
        ("add_person", "site"),
        ("add_person", "login"),
        ("load_randomisation", "arms"),
        ("record_qc", "result"),
        ("count", "viability_permille"),
        ("register_lot", "cryobags"),
        ("enrol", "answers"),
        ("pack", "bags"),
    }
    assert [pair for pair in fixed if pair[1] in correctable(pair[0])] == []


def test_no_code_of_any_step_is_corrected():
    codes = [f for name in STEPS for f in correctable(name).values() if f.kind in {"scan", "scans", "answers", "words"}]
    assert codes == []


def test_who_only_reads_corrects_nothing():
    for command in (Correct, CorrectSealed):
        assert not command.SPEC.by & {Role.INSPECTOR, Role.UNBLINDED_INSPECTOR, Role.SYSTEM}


def test_who_registers_a_lot_changes_none_that_was_released():
    journey = at("ordered")
    journey.reserved()
    world, bag = journey.world, journey.cryobag()
    later = (bag.expires_at + timedelta(days=700)).isoformat()
    world.do(correct(journey, "register_lot", "expires_at", later, sealed=True), TECHNICIAN)
    lot = world.get(Lot, bag.lot)
    assert (lot.status, lot.released_by) == ("registered", "")
    world.wait(10)
    thaw = thawing(world, bag.code, journey.bag)
    assert world.reasons(thaw, TECHNICIAN) == {Reason.LOT_NOT_RELEASED}
    world.do(ReleaseLot(lot=lot.code), RESPONSIBLE)
    world.do(thaw, TECHNICIAN)


def test_a_bag_of_a_lot_whose_release_fell_is_not_dispatched():
    journey = at("covered")
    world = journey.world
    later = (journey.cryobag().expires_at + timedelta(days=700)).isoformat()
    world.do(correct(journey, "register_lot", "expires_at", later, sealed=True), TECHNICIAN)
    world.now = journey.thing().ready_at
    release = ReleaseForDispatch(treatment_bag=journey.bag)
    assert world.reasons(release, RESPONSIBLE) == {Reason.LOT_NOT_RELEASED}
