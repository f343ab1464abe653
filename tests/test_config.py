"""Settings that cannot be are told at the start, not when they are used."""

import pytest

from custody import codes
from custody.config import LONGEST_BASE, BadSetting, Config

CODE = codes.mint(codes.Kind.TREATMENT_BAG, bytes)


def base_url(text: str) -> str:
    return Config.read({"CUSTODY_BASE_URL": text}).base_url


@pytest.mark.parametrize(
    "text", ["https://custody.chru-nancy.fr", "http://localhost:8000/", "HTTP://[::1]:80", f"https://{'h' * 24}"]
)
def test_a_qr_begins_with_what_our_own_scanner_knows_again(text: str) -> None:
    assert codes.read(codes.url(CODE, base_url(text))).code == CODE


@pytest.mark.parametrize(
    "text",
    ["custody.chru-nancy.fr", "https://h.example/custody", "ftp://h", "https://", "https://h?x", f"https://{'h' * 25}"],
)
def test_one_that_fits_on_no_label_or_is_no_link_of_ours_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(BadSetting, match="CUSTODY_BASE_URL: expected https://HOST, at most 32 characters, found"):
        base_url(text)


def test_there_is_as_much_room_as_a_qr_leaves() -> None:
    assert LONGEST_BASE + len("/S/") + codes.LENGTH == codes.LONGEST_URL
    assert base_url("") == "https://custody.example"
