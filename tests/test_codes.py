"""What a scanned or typed text is. Vectors: ICCBBA ST-001 v6.2.2 and the texts it cites."""

import secrets
from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.codes import (
    ALPHABET,
    LENGTH,
    PREFIXES,
    CodeError,
    Kind,
    Reason,
    check_character,
    group,
    isbt_moment,
    mint,
    read,
    url,
)
from custody.gs1 import printed

BAG = "TNRUJUDFSCVJ"
VIAL = "(01)03205000004004(17)290930(10)abc123(21)S/1"
DINS = {
    "G123417654321": "A",
    "G123498654321": "H",
    "A999921123456": "3",
    "A999818123456": "N",
    "A999915000001": "M",
    "A999917345628": "*",
}
kinds = st.sampled_from(list(Kind))
own_codes = st.builds(lambda kind: mint(kind, secrets.token_bytes), kinds)


def reason(text: str) -> Reason:
    with pytest.raises(CodeError) as refused:
        read(text)
    assert refused.value.text == text
    assert refused.value.expected.endswith(".")
    return refused.value.reason


@given(kinds)
def test_a_minted_code_is_read_as_its_kind(kind: Kind) -> None:
    code = mint(kind, secrets.token_bytes)
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert (read(code).kind, read(code).code) == (kind, code)


def test_every_kind_has_its_own_prefix_of_the_alphabet() -> None:
    assert set(PREFIXES) == set(Kind)
    assert len(set(PREFIXES.values())) == len(Kind)
    assert set(PREFIXES.values()) <= set(ALPHABET)


def test_minting_draws_again_rather_than_favour_some_codes() -> None:
    draws = iter([b"\xff" * 8, bytes(8)])
    assert mint(Kind.TREATMENT_BAG, lambda _: next(draws)).startswith("TBBBBBBBBBB")
    assert next(draws, None) is None


def test_all_symbols_are_as_likely_at_every_place() -> None:
    codes = [mint(Kind.SEAL, secrets.token_bytes) for _ in range(17_000)]
    for place in range(1, LENGTH):
        counts = Counter(code[place] for code in codes)
        assert all(800 < counts[symbol] < 1200 for symbol in ALPHABET)


@pytest.mark.parametrize("code", [BAG, "CUSNGUEGPFGD", "PPSXBSJVUJVU"])
def test_every_single_wrong_symbol_is_caught(code: str) -> None:
    for place in range(LENGTH):
        for symbol in set(ALPHABET) - {code[place]}:
            wrong = code[:place] + symbol + code[place + 1 :]
            assert reason(wrong) in {Reason.WRONG_CHECK_SYMBOL, Reason.UNKNOWN_PREFIX}


@given(own_codes)
def test_every_swap_of_neighbours_is_caught(code: str) -> None:
    for place in range(LENGTH - 1):
        left, right = code[place], code[place + 1]
        if left != right:
            reason(code[:place] + right + left + code[place + 2 :])


@pytest.mark.parametrize(
    "text",
    [
        "tnru-judf-scvj",
        " TNRU JUDF SCVJ\r\n",
        "TNRU\u2011JUDF\u2011SCVJ",
        "HTTPS://CUSTODY.EXAMPLE/S/TNRUJUDFSCVJ",
        "https://localhost:8000/s/tnrujudfscvj",
        "]Q1HTTPS://CUSTODY.EXAMPLE/S/TNRUJUDFSCVJ",
        "]C0TNRUJUDFSCVJ",
    ],
)
def test_one_code_however_it_is_spelt(text: str) -> None:
    found = read(text)
    assert (found.kind, found.code, dict(found.fields)) == (Kind.TREATMENT_BAG, BAG, {})
    assert found.raw == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", Reason.EMPTY),
        (" - \n", Reason.EMPTY),
        ("]Q1", Reason.EMPTY),
        ("T" * 401, Reason.TOO_LONG),
        (BAG[:-1], Reason.WRONG_LENGTH),
        (BAG + "B", Reason.WRONG_LENGTH),
        ("hello", Reason.FOREIGN_SYMBOL),
        ("TNRUJUDFSCV1", Reason.FOREIGN_SYMBOL),
        ("TNRUJUDßCVJ", Reason.WRONG_KEYBOARD),
        ("\uff34NRUJUDFSCVJ", Reason.FOREIGN_SYMBOL),
        ("JNRUJUDFSCVJ", Reason.UNKNOWN_PREFIX),
        ("TNRUJUDFSCVK", Reason.WRONG_CHECK_SYMBOL),
        ("HTTPSM!!CUSTODY:EXAMPLE!S!" + BAG, Reason.WRONG_KEYBOARD),
        ("HTTPSÖ--CUSTODY.EXAMPLE-S-" + BAG, Reason.WRONG_KEYBOARD),
        ("https://custody.example/s/", Reason.WRONG_LENGTH),
        ("https://custody.example/elsewhere", Reason.FOREIGN_LINK),
        (f"https://custody.example/{BAG}", Reason.FOREIGN_LINK),
        ("https://id.gs1.org/01/03205000004004", Reason.NOT_GS1),
        ("https://id.gs1.org/01/03205000004005/10/abc", Reason.WRONG_ARTICLE),
        ("=A9999211234560", Reason.NOT_A_DIN),
        ("=O999921123456000", Reason.NOT_A_DIN),
        ("&>0180292359", Reason.NOT_A_DIN),
        ("3205000004004", Reason.NOT_A_DIN),
        ("A9999 21 123456 4", Reason.WRONG_CHECK_CHARACTER),
        ("=A99992112345664", Reason.WRONG_CHECK_CHARACTER),
        ("=+03000=A99992600012300=<S12954A0", Reason.NOT_A_DIN),
        ("=+02000=A99992600012300&>0189992359", Reason.NOT_A_DIN),
        ("]d2" + BAG, Reason.NOT_GS1),
        ("(01)03205000004005(10)abc", Reason.WRONG_ARTICLE),
        ("03205000004005/abc123/1", Reason.WRONG_ARTICLE),
        ("03205000004004//1", Reason.NOT_GS1),
        ("03205000004004/abc/1/2", Reason.NOT_GS1),
        ("03205000004004/abc 123/1", Reason.NOT_GS1),
        ("(01)03205000004004", Reason.NOT_GS1),
        ("(10)abc", Reason.NOT_GS1),
    ],
)
def test_a_text_that_is_no_code_is_refused_with_the_reason(text: str, why: Reason) -> None:
    assert reason(text) == why


@given(st.text(max_size=60) | st.text("=&+<>()]\x1d01AZ9/:.S-BT", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(CodeError):
        assert read(text).raw == text


@given(own_codes)
def test_a_code_read_from_a_read_code_is_the_same(code: str) -> None:
    assert read(read(group(code).lower()).code).code == code


@pytest.mark.parametrize(("din", "check"), DINS.items())
def test_donation_numbers_with_their_check_character(din: str, check: str) -> None:
    assert check_character(din) == check
    typed = f"{din[:5]} {din[5:7]} {din[7:]}"
    for text in (f"={din}00", din, f"{typed} {check}", typed.lower()):
        found = read(text)
        assert (found.kind, found.code, found.fields["check"]) == (Kind.LOT, din, check)


def test_flags_are_no_part_of_the_donation_number() -> None:
    assert read("=G12341765432170").fields == {"din": "G123417654321", "flag": "70", "check": "A"}
    assert read("=A99992112345615").code == read("=A99992112345600").code


def test_a_compound_message_gives_product_division_and_expiry() -> None:
    found = read("=+04000=A99992600012300=<S12954A0&>0260761645=(2001202603171545")
    assert found.kind is Kind.LOT
    assert found.code == "A999926000123"
    assert found.fields["product_code"] == "S1295"
    assert found.fields["division"] == "A0"
    assert found.fields["expiry"] == "2026-03-17T16:45"


def test_isbt_expiry() -> None:
    assert isbt_moment("&>0180292359") == "2018-01-29T23:59"
    assert isbt_moment("=>018029") == "2018-01-29T23:59"
    for wrong in ("&>0180002359", "&>0183662359", "&>0180292360", "018"):
        with pytest.raises(ValueError, match=r"expected|day|minute"):
            isbt_moment(wrong)


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


def test_what_a_printed_qr_holds() -> None:
    assert url(BAG) == "HTTPS://CUSTODY.EXAMPLE/S/TNRUJUDFSCVJ"
    assert read(url(BAG, "https://cells.chru-nancy.fr/")).code == BAG
    with pytest.raises(ValueError, match="at most 47"):
        url(BAG, "https://custody.a-very-long-name.example")


def test_groups_are_for_our_own_codes_alone() -> None:
    assert group(BAG) == "TNRU-JUDF-SCVJ"
    assert group("A999921123456") == "A999921123456"
