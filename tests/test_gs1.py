"""GS1 codes: a vial's, and those that are recognised as somebody else's. Article and check digit: ST-001, figure 17."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.codes import Kind, Reason, read
from custody.gs1 import may_lack_separator, printed
from tests.test_codes import reason

VIAL = "(01)03205000004004(17)290930(10)abc123(21)S/1"
ARTICLE = "0103205000004004"


@pytest.mark.parametrize(
    "text",
    [
        VIAL,
        "]d20103205000004004172909 30".replace(" ", "") + "10abc123\x1d21S/1",
        "]C1010320500000400417290930" + "10abc123\x1d21S/1",
        "]Q3010320500000400417290930" + "10abc123\x1d21S/1",
        "010320500000400417290930" + "10abc123\x1d21S/1",
        "010320500000400417290930" + "10abc123^]21S/1",
        "\x1d010320500000400421S/1\x1d10abc123<GS>17290930",
        "https://id.gs1.org/01/03205000004004/10/abc123/21/S%2F1?17=290930",
    ],
)
def test_an_albumin_vial_however_its_gs1_code_arrives(text: str) -> None:
    found = read(text)
    assert (found.kind, found.code) == (Kind.ALBUMIN_VIAL, "03205000004004/abc123/S%2F1")
    assert dict(found.fields) == {
        "gtin": "03205000004004",
        "batch": "abc123",
        "expiry": "2029-09-30",
        "serial": "S/1",
    }


@pytest.mark.parametrize(
    ("text", "doubted"),
    [
        ("010320500000400417290930" + "10abc12321S1", True),
        ("0103205000004004" + "10abc12317290930", True),
        ("010320500000400417290930" + "10abc12321S1\x1d", False),
        ("010320500000400417290930" + "10abc123", False),
        ("010320500000400417290930" + "1021S1", False),
        ("(01)03205000004004(10)abc12321S1", False),
        ("03205000004004/abc12321S1", False),
        ("https://id.gs1.org/01/03205000004004/10/abc12321S1", False),
    ],
)
def test_a_batch_that_may_hold_what_followed_it_is_told_by_the_lack_of_any_separator(text: str, doubted: bool) -> None:
    found = read(text)
    assert may_lack_separator(found.fields, found.raw) is doubted


def test_a_vial_without_a_serial_number_is_named_by_its_batch() -> None:
    found = read("(01)03205000004004(17)090930(10)abc123")
    assert found.code == "03205000004004/abc123/"
    assert found.fields["expiry"] == "2009-09-30"


@given(st.text("!%/2F5aZ_", min_size=1, max_size=20), st.text("!%/2F5aZ_", max_size=20))
def test_a_vial_is_read_as_the_record_prints_it(batch: str, serial: str) -> None:
    code = printed({"gtin": "03205000004004", "batch": batch, "serial": serial})
    found = read(code)
    assert (found.kind, found.code) == (Kind.ALBUMIN_VIAL, code)
    assert (found.fields["batch"], found.fields.get("serial", "")) == (batch, serial)
    assert "expiry" not in found.fields


@pytest.mark.parametrize("place", range(14))
def test_every_wrong_digit_of_an_article_number_is_caught(place: int) -> None:
    right = "03205000004004"
    for digit in set("0123456789") - {right[place]}:
        wrong = f"{right[:place]}{digit}{right[place + 1 :]}"
        assert reason(f"{wrong}/abc123/1") == Reason.WRONG_ARTICLE


def check_digit(digits: str) -> str:
    """Give it by the book: from the right, weights 3, 1, 3."""
    return str(-sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits))) % 10)


GSRN = "95212345678901234"
GSRN += check_digit(GSRN)
SSCC = "19521234567890123"
SSCC += check_digit(SSCC)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"(8018){GSRN}", Reason.RECIPIENT_GSRN),
        (f"8018{GSRN}", Reason.RECIPIENT_GSRN),
        (f"]d28018{GSRN}\x1d80191", Reason.RECIPIENT_GSRN),
        (f"https://id.gs1.org/8018/{GSRN}", Reason.RECIPIENT_GSRN),
        (f"(8017){GSRN}", Reason.PROVIDER_GSRN),
        (f"]C18017{GSRN}", Reason.PROVIDER_GSRN),
        (f"(00){SSCC}", Reason.SSCC),
        (f"]C100{SSCC}", Reason.SSCC),
        (f"https://id.gs1.org/00/{SSCC}", Reason.SSCC),
        (f"(00){SSCC}(01)03205000004004(10)abc123", Reason.SSCC),
        (f"(8018){GSRN[:-1]}{(int(GSRN[-1]) + 1) % 10}", Reason.WRONG_CHECK_DIGIT),
        (f"(00){SSCC[:-1]}{(int(SSCC[-1]) + 1) % 10}", Reason.WRONG_CHECK_DIGIT),
    ],
)
def test_a_hospital_s_wristband_or_badge_and_a_carrier_s_label_are_said_to_be_so(text: str, why: Reason) -> None:
    assert reason(text) == why


@pytest.mark.parametrize(
    ("text", "expiry"),
    [
        ("(01)03205000004004(10)abc123(7003)2909301430", "2029-09-30T14:30"),
        (f"]d2{ARTICLE}10abc123\x1d70032909301430", "2029-09-30T14:30"),
        ("https://id.gs1.org/01/03205000004004/10/abc123?7003=2909301430", "2029-09-30T14:30"),
        ("(01)03205000004004(17)290930(7003)2909301430(10)abc123", "2029-09-30T14:30"),
        ("(01)03205000004004(17)290200(10)abc123", "2029-02-28"),
    ],
)
def test_when_a_vial_expires_by_the_day_or_to_the_minute(text: str, expiry: str) -> None:
    assert read(text).fields["expiry"] == expiry


@pytest.mark.parametrize("moment", ["2909001430", "2913011430", "2909302430", "2909309999", "290930143", "29093014300"])
def test_a_time_of_expiry_that_does_not_exist_is_none(moment: str) -> None:
    assert reason(f"(01)03205000004004(7003){moment}(10)abc123") == Reason.NOT_GS1


def test_a_vial_that_says_two_days_of_expiry_is_refused() -> None:
    assert reason("(01)03205000004004(17)290930(7003)2910011430(10)abc123") == Reason.TWO_EXPIRIES


def test_the_trial_that_a_vial_is_for_is_read() -> None:
    assert read("(01)03205000004004(10)abc123(7240)NCT02883803").fields["protocol"] == "NCT02883803"


@pytest.mark.parametrize(
    "text",
    [
        "(01)03205000004004(10)abc(def",
        "(01)03205000004004x(10)abc",
        "()(01)03205000004004(10)abc",
        "(01)03205000004004(10)abc(10)def",
        "(01)03205000004004(10)abc\x1d",
        "(01)0320500000400\u0664(10)abc",
        f"]d2{ARTICLE}10abc#21S1",
        f"]d2{ARTICLE}10{'A' * 20}21S1",
        f"]d2{ARTICLE}7003290930143010abc123",
        "https://id.gs1.org/01/03205000004004/10/abc?17=290930&17=300930",
        "https://id.gs1.org/01/03205000004004?10=abc&%310=def",
        "https://id.gs1.org/01/03205000004004/10/ab%zz",
        "https://id.gs1.org/01/03205000004004/10/abc?17&290930",
        "https://id.gs1.org/01/0320\n5000004004/10/abc",
        "03205000004004/abc%2f/1",
        "03205000004004/abc#/1",
    ],
)
def test_what_is_not_read_whole_is_not_read(text: str) -> None:
    assert reason(text) == Reason.NOT_GS1


@pytest.mark.parametrize(
    "text",
    [
        "(01)0320500000",
        "(01)03205000004004(1",
        "(01)03205000004004(10",
        "(01)03205000004004(10)",
        "(01)03205000004004(10)abc(17)2909",
        f"]d2{ARTICLE[:-3]}",
        f"]d2{ARTICLE}172909",
        f"]d2{ARTICLE}10abc\x1d1",
        f"]d2{ARTICLE}10abc\x1d7003290930",
        f"]d28018{GSRN[:-1]}",
        "https://id.gs1.org/01/03205000004004/10",
        "https://id.gs1.org/01/03205000004004/10/",
        "https://id.gs1.org/01/03205000004004/10/abc?17=2909",
        f"https://id.gs1.org/8018/{GSRN[:9]}",
    ],
)
def test_an_element_string_that_is_cut_off_is_said_to_be(text: str) -> None:
    assert reason(text) == Reason.TRUNCATED
