"""Ten thousand texts into what reads: no crash, no wrong acceptance, a reason each; and wrong readers are caught."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message

from custody import codes, gs1, isbt
from custody.chain.entry_value import BadValue, read_value
from custody.chain.fields import Field
from custody.chain.step import STEPS, fields_of
from custody.people import sign_in
from tests.scanner import corpus, oracle
from tests.web import house as houses

TEXTS = corpus.texts()
SHARE = 0.8
"""Of what the oracle reads the product takes so much: one that refuses all would accept nothing wrong either."""


@cache
def named(text: str) -> oracle.Named | None:
    """Ask the oracle once."""
    return oracle.names(text)


def reading(text: str) -> oracle.Named | codes.CodeError:
    """Give what the product reads, or why it reads nothing."""
    try:
        found = codes.read(text)
    except codes.CodeError as wrong:
        return wrong
    vial = "gtin" in found.fields
    return str(found.kind), found.code, found.fields.get("expiry", "") if vial else ""


def test_the_texts_are_as_many_as_promised_and_the_same_each_time() -> None:
    assert len(TEXTS) == len(set(TEXTS)) == corpus.COUNT == 10_000
    assert corpus.texts(500) == TEXTS[:500]
    assert max(map(len, TEXTS)) >= corpus.HUGE - 100


def test_no_text_is_taken_for_what_it_is_not_and_each_that_is_refused_has_a_reason() -> None:
    accepted = refused = right = 0
    reasons: Counter[codes.Reason] = Counter()
    for text in TEXTS:
        found, truth = reading(text), named(text)
        right += truth is not None
        if isinstance(found, codes.CodeError):
            refused += 1
            reasons[found.reason] += 1
            assert (found.text, found.expected[-1:]) == (text, "."), text
        else:
            accepted += 1
            assert found == truth, text
    assert accepted + refused == corpus.COUNT
    assert reasons.keys() == set(codes.Reason) - {codes.Reason.TWO_EXPIRIES}, "each is met"
    assert accepted > SHARE * right


def test_each_right_text_is_read() -> None:
    said = [text for text in corpus.valid(corpus.Random(1)) if named(text)]
    assert [text for text in said if reading(text) != named(text)] == []


def _lenient_name(body: str) -> str:
    """Read an identifier as it was before: any other than a known one is a donation number's."""
    return body[:2] if body[:2] in isbt._STRUCTURES else body[0].replace("&", "=")


def _run_on(text: str) -> list[GS1ElementString]:
    return list(GS1Message.parse(text).element_strings)


WRONG_READERS: dict[str, tuple[object, str, Callable[..., object]]] = {
    "no check symbol": (codes, "_weighted", lambda _symbols: 0),
    "no check digit": (gs1, "_check_digit_fits", lambda _number: True),
    "no check character": (isbt, "check_character", lambda din: {"A": "A"}.get(din, "3")),
    "a bracket inside a value": (gs1, "_bracketed", lambda body: GS1Message.parse_hri(body).element_strings),
    "no separator": (gs1, "_strung", _run_on),
    "any length": (codes, "_read_own", lambda code, text, *_host: codes.Scanned(codes._KINDS[code[0]], code, {}, text)),
}
"""What would be taken wrongly if the reader lacked one of its checks: each has to be caught by the same comparison."""


@pytest.mark.parametrize("lacks", WRONG_READERS)
def test_a_reader_that_lacks_one_check_is_caught(lacks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, name, instead = WRONG_READERS[lacks]
    monkeypatch.setattr(owner, name, instead)
    assert any(_is_wrong(text) for text in TEXTS)


def _is_wrong(text: str) -> bool:
    try:
        found = reading(text)
    except (KeyError, IndexError):  # what the reader in place of ours stumbles over
        return False
    return not isinstance(found, codes.CodeError) and found != named(text)


def test_a_cut_code_is_never_said_to_be_long() -> None:
    """What is cut at its end is said to be cut, or to be what it still may be; it is never a wrong length of ours."""
    for text in corpus.valid(corpus.Random(2))[:60]:
        for end in range(1, len(text)):
            wrong = reading(text[:end])
            assert isinstance(wrong, codes.CodeError)
            assert wrong.reason is codes.Reason.TRUNCATED


# --- what stands before the reader ---------------------------------------------------------------


def scanned_fields() -> dict[str, Field]:
    """Give one field of each kind that a step scans."""
    fields = (field for command in STEPS.values() for _name, field in fields_of(command))
    return {field.scans: field for field in fields if field.kind in {"scan", "scans"}}


def test_no_text_in_a_field_of_a_step_becomes_another_thing() -> None:
    fields = [*scanned_fields().values()]
    assert len(fields) > 6
    for number, text in enumerate(TEXTS):
        field = fields[number % len(fields)]
        value: object = ()
        with suppress(BadValue):
            value = read_value(field, text)
        for one in value if isinstance(value, tuple) else filter(None, [value]):
            truth = named(one)
            assert truth, text
            assert field.scans in {"", truth[0]}, text
            assert one == truth[1] or truth[0] == "albumin_vial", text


def test_no_text_finds_another_account_than_its_own(tmp_path: Path) -> None:
    house = houses.build(tmp_path)
    texts = corpus.texts(2000, known=[*house.people.values(), *house.people])
    found = {text: sign_in.find(house.door.database, text) for text in texts}
    for text, account in found.items():
        truth = named(text)
        meant = {house.people.get(text.strip().lower(), ""), truth[1] if truth else ""}
        assert account is None or account.person in meant, text
    assert {account.person for account in found.values() if account} == set(house.people.values())
    house.door.database.close()
