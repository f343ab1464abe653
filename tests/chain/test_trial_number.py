"""A trial number is read however many zeros were typed, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from custody.chain.trial_number import read_number, trial_number
from tests.chain.trial import PROTOCOL

WARD = next(site.code for site in PROTOCOL.sites if site.kind == "icu")
UNIT = PROTOCOL.sites[0].code


@pytest.mark.parametrize("text", [f"{WARD}-007", f"{WARD.lower()}-7", f" {WARD}-0007 "])
def test_the_same_number_in_other_spellings(text: str) -> None:
    assert read_number(PROTOCOL, text) == (WARD, trial_number(WARD, 7))


@pytest.mark.parametrize(
    "text", ["", WARD, f"{WARD}-", f"{UNIT}-007", "ZZZ-007", f"{WARD}-7a", f"{WARD}-{10**9}", f"{WARD}-²"]
)
def test_what_is_no_trial_number(text: str) -> None:
    assert read_number(PROTOCOL, text) is None
