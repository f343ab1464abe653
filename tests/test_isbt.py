"""ISBT 128 by its syntax. Vectors: ICCBBA ST-001 v6.2.2 and the texts it cites; own ones of facilities A9990-9."""

from __future__ import annotations

import pytest

from custody.codes import CodeError, Kind, Reason, read
from custody.isbt import check_character, moment
from tests.test_codes import reason

DINS = {
    "G123417654321": "A",
    "G123498654321": "H",
    "A999921123456": "3",
    "A999818123456": "N",
    "A999915000001": "M",
    "A999917345628": "*",
}
COMPOUND = "=+04000=A99992600012300=<S12954A0&>0260761645=(2001202603171545"
CHAIN = "&/CHA999926000042"


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
    assert moment("&>0180292359") == "2018-01-29T23:59"
    assert moment("=>018029") == "2018-01-29T23:59"
    for wrong in ("&>0180002359", "&>0183662359", "&>0180292360", "018"):
        with pytest.raises(ValueError, match=r"expected|day|minute"):
            moment(wrong)


def test_a_chain_of_identity_is_said_to_be_one_and_is_never_a_lot() -> None:
    assert reason(CHAIN) == Reason.CHAIN_OF_IDENTITY
    assert reason("]C0" + CHAIN) == Reason.CHAIN_OF_IDENTITY
    assert reason("&/CHA99992600AB42") == Reason.CHAIN_OF_IDENTITY, "its last six are letters or digits"
    for wrong in ("&/XXA999926000042", "&/CHO999926000042", CHAIN + "0", "=/CHA999926000042"):
        assert reason(wrong) == Reason.NOT_A_DIN


def test_in_a_compound_message_it_is_a_field_beside_the_donation_number() -> None:
    found = read("=+03000=A99992600012300=<S12954A0" + CHAIN)
    assert (found.kind, found.code) == (Kind.LOT, "A999926000123")
    assert found.fields["chain_of_identity"] == "CHA999926000042"
    assert reason("=+01000" + CHAIN) == Reason.NOT_A_DIN, "it names no lot"


@pytest.mark.parametrize("text", ["=<S12954A0", "&>0180292359", "=>018029", "=(2001202603171545", "=%5100", "=,A00000"])
def test_another_symbol_of_the_same_label_is_said_to_be_one(text: str) -> None:
    assert reason(text) == Reason.OTHER_STRUCTURE


@pytest.mark.parametrize(
    "text",
    [
        "&A99992112345600",
        "=+01000&A99992112345600",
        "=+02000=<S12954A0&A99992112345600",
        "==A99992112345600",
        "=A99992112345600=<S12954A0",
        "=;A99992112345600",
        "=$A999921123450102",
        "=A99992112345600X",
        "X=A99992112345600",
        "SEC FR00A123A999926000123 A00S12950A020260317",
        "A9999 21 123456 3 3",
        "=+01000=A99992112345600=A99982012345600",
        "=+02000=A99992112345600=A99992112345600",
    ],
)
def test_a_donation_number_is_never_read_from_a_part_of_something_else(text: str) -> None:
    with pytest.raises(CodeError):
        read(text)


@pytest.mark.parametrize("text", ["=A99992112345600", COMPOUND, CHAIN, "&>0180292359"])
def test_what_is_cut_off_is_said_to_be(text: str) -> None:
    for end in range(2 if text[0] == "&" or text == COMPOUND else 1, len(text)):
        assert reason(text[:end]) == Reason.TRUNCATED, text[:end]


def test_a_typed_donation_number_that_is_cut_off_is_said_to_be() -> None:
    assert [reason("A9999 21 123456"[:end]) for end in range(10, 15)] == [Reason.TRUNCATED] * 5
    assert reason("A9999 2") == Reason.FOREIGN_SYMBOL, "too little to tell"
