"""Entries: one spelling, the one of RFC 8785."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as some

from custody.ledger import entry

SAFE = 2**53 - 1
ASCII = some.text(some.characters(max_codepoint=0x7F), max_size=8)
TEXTS = some.text(some.characters(exclude_categories=["Cs"]))
SCALARS = some.none() | some.booleans() | some.integers(-SAFE, SAFE) | TEXTS
VALUES = some.recursive(
    SCALARS, lambda inner: some.lists(inner, max_size=4) | some.dictionaries(ASCII, inner, max_size=4), max_leaves=20
)


@given(some.dictionaries(ASCII, VALUES, max_size=6))
def test_the_fast_path_writes_what_rfc8785_writes(value: dict[str, Any]) -> None:
    data = entry.encode(value)
    assert data == rfc8785.dumps(value)
    assert entry.decode(data) == value


@pytest.mark.parametrize("char", [*map(chr, range(0x20)), '"', "\\", "/", "\x7f", "\x80", "\u2028", "\ufeff", "🩸"])
def test_control_and_odd_characters_are_spelt_as_rfc8785_spells_them(char: str) -> None:
    value = {"text": char, "ok" + char if char.isascii() else "key": char}
    assert entry.encode(value) == rfc8785.dumps(value)


class Colour(StrEnum):
    RED = "red"


def test_tuples_are_arrays_and_text_enums_are_texts() -> None:
    assert entry.encode({"a": (1, Colour.RED)}) == b'{"a":[1,"red"]}'


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": {"b": [1, {"c": 1.0}]}}, "/a/b/1/c"),
        ({"a": float("nan")}, "/a"),
        ({"a": -0.0}, "/a"),
        ({"é": 1}, "/é"),
        ({"a": [{"\u0080": 1}]}, "/a/0/\u0080"),
        ({"a": UUID(int=1)}, "/a"),
        ({"a": datetime(2026, 1, 1, tzinfo=UTC)}, "/a"),
    ],
)
def test_what_rfc8785_would_write_otherwise_is_refused_by_its_path(value: dict[str, Any], path: str) -> None:
    with pytest.raises(entry.NotCanonical, match=path):
        entry.encode(value)


CYCLE: dict[str, Any] = {}
CYCLE["a"] = CYCLE


@pytest.mark.parametrize(
    "value",
    [{"a": "\ud800"}, {"\udc00": 1}, {"a": 2**53}, {"a": -(2**53)}, {"a": 2**70}, {1: 2}, CYCLE]
    + [{"a": b"x"}, {"a": {1, 2}}, {"a": Decimal(1)}],
)
def test_what_json_cannot_say_is_refused(value: dict[Any, Any]) -> None:
    with pytest.raises(entry.NotCanonical):
        entry.encode(value)


def test_an_entry_fills_at_most_the_length_of_a_bundle() -> None:
    assert len(entry.encode({"a": "x" * 65_527})) == 65_535
    with pytest.raises(entry.EntryTooLong, match="65536"):
        entry.encode({"a": "x" * 65_528})


@pytest.mark.parametrize(
    "data",
    [b'{"b":1,"a":2}', b'{ "a":1}', b'{"a":1}\n', b'{"a":1,"a":1}', b'{"a":1.0}', b'{"a":1e3}', b'{"a":-0}', b"[]"]
    + [
        b"",
        b"null",
        b'"a"',
        b'{"a":"\\u00e9"}',
        b'{"a":"\\/"}',
        b'{"a":"\\u000A"}',
        b'{"a":01}',
        b'\xef\xbb\xbf{"a":1}',
    ]
    + [
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
        b'{"a":9007199254740992}',
        b"[" * 100_000,
        b'{"a":' * 2000,
        b'{"\xc3\xa9":1}',
    ],
)
def test_bytes_of_another_spelling_are_refused(data: bytes) -> None:
    with pytest.raises(entry.NotCanonical):
        entry.decode(data)


@given(some.binary(max_size=60))
def test_any_bytes_decode_to_themselves_or_are_refused(data: bytes) -> None:
    try:
        value = entry.decode(data)
    except entry.NotCanonical:
        return
    assert entry.encode(value) == data
