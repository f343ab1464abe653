"""Commitments: what opens them, and that nothing else does."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
import rfc8785

from custody.ledger import commitment
from custody.ledger.entry import NotCanonical

SALT = bytes(range(32))
VALUE = {"arm": "A", "lot": "L-7", "bags": [1, 2]}
SEALED = commitment.commit(SALT, VALUE)


def test_a_commitment_is_the_hash_of_prefix_salt_and_canonical_json() -> None:
    assert sha256(b"custody-commit-v1" + SALT + rfc8785.dumps(VALUE)).hexdigest() == SEALED


def test_salt_and_value_open_it_whatever_the_order_of_the_keys() -> None:
    assert commitment.opens(SEALED, SALT, dict(reversed(VALUE.items())))


@pytest.mark.parametrize("value", [{}, VALUE | {"arm": "B"}, VALUE | {"more": None}, VALUE | {"bags": [2, 1]}])
def test_another_value_does_not_open_it(value: dict[str, Any]) -> None:
    assert not commitment.opens(SEALED, SALT, value)


def test_no_bit_of_the_salt_may_differ() -> None:
    for bit in range(256):
        other = (int.from_bytes(SALT) ^ 1 << bit).to_bytes(32)
        assert not commitment.opens(SEALED, other, VALUE)


def test_the_same_value_under_another_salt_looks_unrelated() -> None:
    assert commitment.commit(SALT[::-1], VALUE) != SEALED


@pytest.mark.parametrize("text", ["", "é", SEALED[:-1], SEALED.upper(), SEALED + "0", SEALED[:-1] + "\n"])
def test_a_commitment_has_one_spelling(text: str) -> None:
    assert not commitment.opens(text, SALT, VALUE)


@pytest.mark.parametrize("salt", [b"", bytes(16), bytes(31), bytes(33)])
def test_a_salt_of_another_length_is_refused(salt: bytes) -> None:
    with pytest.raises(commitment.SaltLengthError, match=f"found {len(salt)}"):
        commitment.commit(salt, VALUE)


def test_a_value_without_canonical_form_is_refused() -> None:
    with pytest.raises(NotCanonical):
        commitment.commit(SALT, {"dose": 1.5})
