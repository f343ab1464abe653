"""A thing of each kind, whatever its fields hold, comes back from the tables as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.chain.things import KINDS
from custody.store.body import BadBody, pack, unpack

WORDS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = {
    str: WORDS,
    int: st.integers(-(2**53) + 1, 2**53 - 1),
    bool: st.booleans(),
    datetime: st.datetimes(timezones=st.just(UTC)).map(lambda instant: instant.replace(fold=0)),
    type(None): st.none(),
}


def values_of(hint):
    """Give anything that a field of this type may hold."""
    if hint in VALUES:
        return VALUES[hint]
    inside = get_args(hint)
    if get_origin(hint) is not tuple:
        return st.one_of([values_of(each) for each in inside])
    if inside[-1] is Ellipsis:
        return st.lists(values_of(inside[0]), max_size=3).map(tuple)
    return st.tuples(*map(values_of, inside))


def things(kind):
    cls = KINDS[kind]
    hints = {name: hint for name, hint in get_type_hints(cls).items() if name not in {"KIND", "PLANE"}}
    return st.builds(cls, **{name: values_of(hint) for name, hint in hints.items()})


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_thing_comes_back_as_it_was(kind, data):
    thing = data.draw(things(kind))
    body = pack(thing)
    again = unpack(kind, body)
    assert again == thing
    assert repr(again) == repr(thing), "the same types, too"
    assert pack(again) == body


def test_a_thing_with_a_time_of_another_zone_comes_back_at_the_same_instant():
    at = datetime(2026, 3, 29, 3, tzinfo=timezone(timedelta(hours=2)))
    cryobag = KINDS["cryobag"](code="C", status="stored", lot="L", expires_at=at, thawed_at=at)
    assert unpack("cryobag", pack(cryobag)) == cryobag


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("unicorn", b"{}", "expected a kind of thing, found 'unicorn'"),
        (
            "sealed_trial",
            b"{}",
            "expected the fields of a thing of kind sealed trial, found none called code, status, site",
        ),
        ("sealed_trial", b"{", "expected the fields of a thing of kind sealed trial, found no JSON"),
        ("sealed_trial", b"[]", "expected the fields of a thing of kind sealed trial, found JSON without fields"),
        (
            "location",
            b'{"code":"L","status":"free","site":"","name":"","temperature_class":""}',
            "expected the fields of a thing of kind location, found none called cryobag",
        ),
    ],
)
def test_a_row_that_holds_no_thing_is_told_in_words(kind, body, said):
    with pytest.raises(BadBody) as wrong:
        unpack(kind, body)
    assert str(wrong.value) == said


def test_a_value_of_another_type_is_told_without_the_value():
    cryobag = KINDS["cryobag"](code="C", status="stored", lot="L", expires_at=datetime(2026, 3, 1, tzinfo=UTC))
    with pytest.raises(BadBody, match=r"kind cryobag, found a value of another type$"):
        unpack("cryobag", pack(cryobag).replace(b'"2026-03-01T00:00:00Z"', b'"soon"'))
