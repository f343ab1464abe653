"""What was entered becomes what the record holds, exactly, or is refused with what was expected."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from custody.chain.bench import Reserve
from custody.chain.enrolment import Enrol
from custody.chain.entry_value import BadValue, read_command, read_value
from custody.chain.field_check import amount
from custody.chain.fields import Field
from custody.chain.infusion import StopInfusion
from custody.chain.refusals import Reason
from custody.chain.step import STEPS, fields_of
from custody.ledger.entry import encode

from .anything import fitting, one_of_each
from .people import NURSE

WEIGHT = Field("quantity", "Weight", "", "kg", 1000, 1, 500_000)
WARMTH = Field("quantity", "Temperature", "", "°C", 10, -2000, 1000)
CHOICE = Field("choice", "Why", choices=(("seal", "seal broken"), ("other", "another reason")))
WORDS = Field("text", "In words", maximum=500)
TIME = Field("datetime", "Ended")
DAY = Field("date", "Made on")
YES = Field("yes", "Seal intact", required=False)
BAG = Field("scan", "Bag", scans="treatment_bag")
CODE = NURSE.code


def written(field, value):
    """Give a value as it would be entered."""
    if value is None:
        return ""
    if field.kind == "quantity":
        return amount(value, field.scale)
    if field.kind == "yes":
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat()
    if field.kind == "answers":
        return " ".join(f"{question}={answer}" for question, answer in value)
    return " ".join(value) if isinstance(value, tuple) else str(value)


def refusal(field, text):
    with pytest.raises(BadValue) as caught:
        read_value(field, text)
    assert str(caught.value) == caught.value.refusal.text
    return caught.value.refusal


@pytest.mark.parametrize(
    ("text", "grams"),
    [("37.5", 37_500), ("37,5", 37_500), (" 70 ", 70_000), ("0.001", 1), ("070", 70_000), ("70\u00a0", 70_000)],
)
def test_a_quantity_is_read_exactly_with_point_or_comma(text, grams):
    assert read_value(WEIGHT, text) == grams


@pytest.mark.parametrize(("text", "tenths"), [("-19.6", -196), ("\u221219,6", -196), ("-0", 0), ("4", 40)])
def test_a_temperature_may_be_below_zero(text, tenths):
    assert read_value(WARMTH, text) == tenths


@pytest.mark.parametrize(
    "text", ["heavy", "70 kg", "1e3", "1.2.3", "+70", "٧٠", "7\u00b2", "0x1F", ".5", "5.", "1'000", "NaN", "9" * 16]
)
def test_what_is_no_number_is_refused(text):
    assert refusal(WEIGHT, text).reason is Reason.NOT_A_NUMBER


def test_what_is_more_exact_than_the_record_is_refused_and_not_rounded():
    assert refusal(WEIGHT, "70.0001").text == (
        "Weight: 70.0001 is more exact than can be kept: whole steps of 0.001 kg."
    )


@pytest.mark.parametrize("text", ["0", "500.001", "-70"])
def test_a_quantity_out_of_bounds_is_refused_in_its_own_unit(text):
    assert refusal(WEIGHT, text).text == f"Weight: {text} is outside 0.001 to 500 kg."


@pytest.mark.parametrize("field", [WEIGHT, CHOICE, WORDS, TIME, DAY, BAG])
def test_what_has_to_be_entered_is_said_by_its_label(field):
    assert refusal(field, " ").text == f"{field.label}: nothing was entered."


def test_a_choice_is_one_of_a_few():
    assert read_value(CHOICE, "seal") == "seal"
    assert refusal(CHOICE, "Seal").text == "Why: Seal is none of seal, other."


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("on", True), ("", False), ("no", False), ("TRUE", True)])
def test_a_statement_is_yes_or_no(text, value):
    assert read_value(YES, text) is value


def test_a_statement_is_nothing_else():
    assert refusal(YES, "perhaps").reason is Reason.NOT_A_CHOICE


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-29T14:30+02:00", datetime(2026, 3, 29, 12, 30, tzinfo=UTC)),
        ("2026-03-29T12:30:05.25Z", datetime(2026, 3, 29, 12, 30, 5, 250_000, tzinfo=UTC)),
    ],
)
def test_a_time_has_an_offset_and_is_kept_in_utc(text, utc):
    assert read_value(TIME, text) == utc
    assert read_value(TIME, text).tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-03-29T14:30", "half past two", "2026-02-30T10:00Z", "0001-01-01T00:00+14:00"])
def test_a_time_without_offset_or_that_is_none_is_refused(text):
    assert refusal(TIME, text).reason is Reason.NOT_A_TIME


def test_a_day_is_a_day_of_the_calendar():
    assert read_value(DAY, "2028-02-29") == "2028-02-29"
    for text in ("2026-02-29", "20260203", "29.02.2028", "2026-W10-1"):
        assert refusal(DAY, text).reason is Reason.NOT_A_DATE


def test_words_become_one_line():
    assert read_value(WORDS, "  leaking\r\n\tat the  port ") == "leaking at the port"


@pytest.mark.parametrize("text", ["a\x00b", "a\x1db", "a\u2028b", "a\u202eb", "a\ud800b"])
def test_words_that_cannot_be_printed_are_refused(text):
    assert refusal(WORDS, text).reason is Reason.NOT_PRINTABLE


@pytest.mark.parametrize("field", [WEIGHT, CHOICE, TIME, DAY, YES])
def test_what_was_found_can_go_on_record_whatever_it_is(field):
    encode(dict(refusal(field, "a\ud800b" + "x" * 1000).facts))


def test_words_have_an_end():
    assert read_value(WORDS, "é" * 500) == "é" * 500
    assert refusal(WORDS, "é" * 501).text == "In words: at most 500 characters, 501 found."


def test_a_code_is_taken_in_each_of_its_spellings():
    person = Field("scan", "Badge", scans="person")
    grouped = f"{CODE[:4]}-{CODE[4:8]}-{CODE[8:]}".lower()
    for text in (CODE, grouped, f"https://custody.example/s/{CODE}"):
        assert read_value(person, text) == CODE
    assert refusal(BAG, CODE).reason is Reason.WRONG_KIND
    assert refusal(BAG, "TBXKJHRENPUB").reason is Reason.UNREADABLE


def test_codes_are_separated_by_blanks_and_lines():
    people = Field("scans", "Badges", scans="person", required=False)
    assert read_value(people, f"{CODE}\n {CODE}\r\n") == (CODE, CODE)
    assert read_value(people, "") == ()


def test_a_vials_code_keeps_its_separators():
    vials = Field("scans", "Vials", scans="albumin_vial")
    raw = "010320500000400417271231" + "10B1\x1d211"
    assert read_value(vials, f"{raw} {raw}") == (raw, raw)


def test_answers_are_pairs():
    field = Field("answers", "Criteria", required=False)
    assert read_value(field, "adult=yes\ndying=no") == (("adult", "yes"), ("dying", "no"))
    assert refusal(field, "adult").reason is Reason.NOT_A_CHOICE


@given(some.integers(-(10**15), 10**15), some.sampled_from([1, 10, 1000, 1_000_000]))
def test_an_amount_is_written_exactly(value, scale):
    assert Fraction(amount(value, scale)) == Fraction(value, scale)


@given(some.integers(1, 500_000))
def test_what_is_written_is_read_back(grams):
    assert read_value(WEIGHT, written(WEIGHT, grams)) == grams


@pytest.fixture(scope="module")
def known():
    journey, known = one_of_each()
    return journey.world, known


@pytest.mark.parametrize("name", sorted(STEPS))
def test_every_step_is_read_back_from_what_it_would_be_entered_as(name, known):
    command = fitting(name, *known)
    entered = {field_name: written(field, getattr(command, field_name)) for field_name, field in fields_of(STEPS[name])}
    assert read_command(STEPS[name], entered) == (command, {})


def test_a_whole_step_tells_all_that_is_wrong_with_it():
    command, faults = read_command(
        StopInfusion, {"treatment_bag": "nonsense", "given_ul": "much", "words": "x" * 501, "colour": "red"}
    )
    assert command is None
    assert {name: refusal.reason for name, refusal in faults.items()} == {
        "treatment_bag": Reason.UNREADABLE,
        "given_ul": Reason.NOT_A_NUMBER,
        "reason": Reason.MISSING,
        "words": Reason.TOO_LONG,
        "colour": Reason.NOT_A_FIELD,
    }


def test_a_step_with_lists_is_read():
    command, faults = read_command(Reserve, {"treatment_bag": "", "cryobags": ""})
    assert (command, list(faults)) == (None, ["treatment_bag"])
    assert read_command(Enrol, {})[1].keys() == {"participant", "weight_g", "onset_at", "consent"}
