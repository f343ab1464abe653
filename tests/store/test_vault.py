"""Boxes open with their key, in their place, whole; they and the tokens tell nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.store.vault import KEY_BYTES, SMALLEST, Vault, WrongKey

KEY = bytes(range(KEY_BYTES))
VAULT = Vault(KEY)
OVERHEAD = 12 + 16
"""Nonce and tag."""


@given(st.binary(max_size=5000), st.binary(max_size=40))
def test_a_box_gives_back_what_went_in(data, place):
    assert VAULT.open(VAULT.close(data, place), place) == data
    assert Vault(KEY).open(VAULT.close(data, place, smallest=16), place) == data


@given(st.binary(max_size=100), st.binary(max_size=40), st.binary(max_size=40))
def test_a_box_does_not_open_in_another_place(data, place, other):
    box = VAULT.close(data, place)
    if place != other:
        with pytest.raises(WrongKey):
            VAULT.open(box, other)


@given(st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES))
def test_a_box_does_not_open_with_another_key(key):
    if key != KEY:
        with pytest.raises(WrongKey):
            Vault(key).open(VAULT.close(b"arm", b"place"), b"place")


def test_a_box_with_any_bit_changed_does_not_open():
    box = VAULT.close(b"arm", b"place", smallest=16)
    for bit in range(8 * len(box)):
        changed = bytearray(box)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(WrongKey):
            VAULT.open(bytes(changed), b"place")


def test_a_box_that_was_cut_or_lengthened_does_not_open():
    box = VAULT.close(b"arm", b"place", smallest=16)
    for other in [*(box[:size] for size in range(len(box))), box + b"\x00"]:
        with pytest.raises(WrongKey):
            VAULT.open(other, b"place")


def test_the_same_content_never_gives_the_same_box():
    assert len({VAULT.close(b"arm", b"place") for _ in range(100)}) == 100


def test_a_boxs_length_tells_nothing_of_what_is_in_it():
    lengths = {len(VAULT.close(bytes(size), b"")) for size in range(0, SMALLEST - 3, 50)}
    assert lengths == {SMALLEST + OVERHEAD}


@given(st.integers(0, 70_000))
def test_a_long_content_is_padded_to_a_power_of_two(size):
    length = len(VAULT.close(bytes(size), b"")) - OVERHEAD
    assert length >= SMALLEST
    assert length & (length - 1) == 0
    assert length < 2 * (size + 4) or length == SMALLEST


@given(st.sampled_from(["event", "thing", "mention", "heap"]), st.text(max_size=20), st.text(max_size=20))
def test_a_token_names_one_thing_for_one_use_under_one_key(kind, name, other):
    token = VAULT.token(kind, name)
    assert token == Vault(KEY).token(kind, name)
    assert len(token) == 32
    assert token != VAULT.token("other", name)
    assert token != Vault(KEY[::-1]).token(kind, name)
    assert (token == VAULT.token(kind, other)) == (name == other)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match=f"32 bytes, found {length}"):
        Vault(bytes(length))
