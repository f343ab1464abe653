"""What must hold between entries, whoever signed otherwise: each breach is told at its entry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from custody.ledger import checkpoint, commitment, export
from custody.ledger.entry import encode, leaf_hash
from custody.ledger.named_protocol import NamedProtocol
from custody.ledger.rules import EntryRules
from custody.ledger.tree import Tree
from custody.ledger.verify import Report, verify_folder

from .ledgers import OPEN, PROTOCOL, SALT, Entry, at, event_id, sealed_entry, small_ledger, told

LEDGER = small_ledger()
ENTRIES = LEDGER.open_entries
OTHER = "0" * 64


def verify_open(folder: Path, place: int, change: Entry) -> Report:
    """Verify a ledger of which one open entry is another, all hashes and signatures fitting."""
    changed = [*ENTRIES[:place], ENTRIES[place] | change, *ENTRIES[place + 1 :]]
    return verify_folder(replace(LEDGER, open_entries=changed).write(folder), LEDGER.vkeys)


def verify_sealed(folder: Path, place: int, entry: Entry) -> Report:
    sealed = [*LEDGER.sealed_entries[:place], entry, *LEDGER.sealed_entries[place + 1 :]]
    return verify_folder(replace(LEDGER, sealed_entries=sealed).write(folder), LEDGER.vkeys)


@pytest.mark.parametrize(
    ("change", "what", "expected", "found"),
    [
        ({"event": event_id(2)}, "event id", "one that no other entry has", f"{event_id(2)}, as in entry 2"),
        ({"event": ""}, "event id", "a text", "''"),
        ({"event": None}, "event id", "a text", "nothing"),
        ({"event": 7}, "event id", "a text", "7"),
        ({"things": {"BAG2": 3}}, "version", "BAG2 at 2", "BAG2 at 3"),
        ({"things": {"BAG2": 1}}, "version", "BAG2 at 2", "BAG2 at 1"),
        ({"things": {"BAG2": 0}}, "version", "BAG2 at 2", "BAG2 at 0"),
        ({"things": {"BAG2": "2"}}, "version", "BAG2 at 2", "BAG2 at '2'"),
        ({"things": {"BAG2": True}}, "version", "BAG2 at 2", "BAG2 at True"),
        ({"things": {"BAG2": 2, "NEW": 2}}, "version", "NEW at 1", "NEW at 2"),
        ({"things": ["BAG2"]}, "things", "an object of code and version", "['BAG2']"),
        ({"recorded_at": at(3)}, "recorded_at", f"no time before {at(4)}", at(3)),
        ({"recorded_at": "2026-11-24T00:00:05Z"}, "recorded_at", "a time as", "'2026-11-24T00:00:05Z'"),
        ({"recorded_at": "2026-11-24T00:00:05.000000+00:00"}, "recorded_at", "a time as", "+00:00"),
        ({"recorded_at": "2026-13-24T00:00:05.000000Z"}, "recorded_at", "a time as", "2026-13-24"),
        ({"recorded_at": "2026-02-29T00:00:05.000000Z"}, "recorded_at", "a time as", "2026-02-29"),
        ({"recorded_at": None}, "recorded_at", "a time as", "nothing"),
        ({"recorded_at": 5}, "recorded_at", "a time as", "5"),
        ({"protocol": OTHER}, "protocol", "of protocol.toml", OTHER),
        ({"protocol": None}, "protocol", "of protocol.toml", "nothing"),
        ({"commitment": "A" * 64}, "commitment", "64 hex digits", "AAAA"),
        ({"commitment": 1}, "commitment", "64 hex digits", "1"),
    ],
)
def test_a_breach_is_told_at_its_entry(tmp_path: Path, change: Entry, what: str, expected: str, found: str) -> None:
    first = verify_open(tmp_path / "x", 5, change).findings[0]
    assert (first.where, first.what) == ("open/tile/entries/000.p/13, entry 5", what)
    assert expected in first.expected
    assert found in first.found


def test_a_version_left_out_is_told_once_and_the_next_ones_follow_on(tmp_path: Path) -> None:
    report = verify_open(tmp_path / "x", 5, {"things": {"BAG2": 3}})
    assert [(line.where[-7:], line.expected, line.found) for line in report.findings] == [
        ("entry 5", "BAG2 at 2", "BAG2 at 3"),
        ("entry 8", "BAG2 at 4", "BAG2 at 3"),
    ]


def test_two_entries_of_one_instant_are_in_order(tmp_path: Path) -> None:
    assert verify_open(tmp_path / "x", 5, {"recorded_at": at(4)}).ok


def test_an_entry_that_names_nothing_missing_is_in_order(tmp_path: Path) -> None:
    assert "things" not in sealed_entry(1)
    assert verify_open(tmp_path / "x", 12, {"things": {}, "more": [None]}).ok


@pytest.mark.parametrize("key", ["event", "recorded_at", "protocol"])
def test_what_every_open_entry_must_say_may_not_be_left_out(tmp_path: Path, key: str) -> None:
    entry = {name: value for name, value in ENTRIES[5].items() if name != key}
    folder = replace(LEDGER, open_entries=[*ENTRIES[:5], entry, *ENTRIES[6:]]).write(tmp_path / "x")
    what = "event id" if key == "event" else key
    assert ("open/tile/entries/000.p/13, entry 5", what) in told(verify_folder(folder, LEDGER.vkeys))


# --- canonical --------------------------------------------------------------------------------

PLAIN = encode(ENTRIES[5])
SPELLINGS = {
    "a blank": PLAIN.replace(b":", b": ", 1),
    "another order": b'{"v":1,' + PLAIN[1:-7] + b"}",
    "an escape": PLAIN.replace("ë".encode(), b"\\u00eb"),
    "a float": PLAIN.replace(b'"minutes":5', b'"minutes":5.0'),
    "a key twice": PLAIN.replace(b'"minutes":5', b'"minutes":5,"minutes":5'),
    "a list": b"[" + PLAIN + b"]",
    "no JSON": b"thawed at 8",
    "nothing": b"",
    "no UTF-8": PLAIN.replace("ë".encode(), b"\xeb"),
    "a newline": PLAIN + b"\n",
}


@pytest.mark.parametrize("data", SPELLINGS.values(), ids=SPELLINGS)
def test_an_entry_in_another_spelling_is_told_though_hashes_and_signatures_fit(tmp_path: Path, data: bytes) -> None:
    assert data != PLAIN
    entries = [data if place == 5 else encode(entry) for place, entry in enumerate(ENTRIES)]
    tree = Tree()
    for item in entries:
        tree.append(leaf_hash(item))
    note = checkpoint.sign(checkpoint.Checkpoint(OPEN, 13, tree.root()), LEDGER.open_keys)
    export.write_ledger(tmp_path / "x", {"open": export.Log(entries, note)}, LEDGER.vkeys, PROTOCOL)
    assert told(verify_folder(tmp_path / "x", LEDGER.vkeys)) == [("open/tile/entries/000.p/13, entry 5", "entry")]


# --- the sealed log ---------------------------------------------------------------------------


@pytest.mark.parametrize("salt", [None, "", "5A" * 32, "5a" * 31, 7])
def test_a_sealed_entry_needs_its_salt(tmp_path: Path, salt: object) -> None:
    found = told(verify_sealed(tmp_path / "x", 2, sealed_entry(5) | {"salt": salt}))
    assert found == [("sealed/tile/entries/000.p/3, entry 2", "salt")]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"recorded_at": "yesterday"}, "recorded_at"),
        ({"protocol": OTHER}, "protocol"),
        ({"things": {"BAG9": 2}}, "version"),
        ({"event": event_id(1)}, "event id"),
    ],
)
def test_what_a_sealed_entry_does_say_must_hold(tmp_path: Path, change: Entry, what: str) -> None:
    found = told(verify_sealed(tmp_path / "x", 2, sealed_entry(5) | change))
    assert found == [("sealed/tile/entries/000.p/3, entry 2", what)]


OPENING = {"commits": {"arm": "A"}, "commitment_salt": SALT.hex()}


@pytest.mark.parametrize(
    "opening",
    [
        {"commits": {"arm": "B"}, "commitment_salt": SALT.hex()},
        {"commits": {"arm": "A"}, "commitment_salt": "00" * 32},
        {"commits": {"arm": "A"}, "commitment_salt": "00"},
        {"commits": {"arm": "A"}},
        {"commits": ["A"], "commitment_salt": SALT.hex()},
        {"commits": None, "commitment_salt": SALT.hex()},
    ],
)
def test_a_sealed_half_must_open_its_commitment(tmp_path: Path, opening: dict[str, Any]) -> None:
    assert commitment.opens(str(ENTRIES[3]["commitment"]), SALT, OPENING["commits"])
    assert verify_sealed(tmp_path / "good", 1, sealed_entry(3, **OPENING)).ok
    report = verify_sealed(tmp_path / "bad", 1, sealed_entry(3, **opening))
    assert told(report) == [("sealed/tile/entries/000.p/3, entry 1", "commitment")]


def test_a_commitment_that_no_sealed_half_opens_is_counted(tmp_path: Path) -> None:
    report = verify_sealed(tmp_path / "x", 1, sealed_entry(3))
    assert report.ok
    assert any("commitments hold: 1 commitment could not be opened" in line for line in report.not_covered)


# --- behind what could not be read ------------------------------------------------------------


def test_versions_may_have_risen_in_an_entry_that_cannot_be_read_but_not_fallen() -> None:
    report = Report()
    rules = EntryRules("open", NamedProtocol(None), report)
    rules.check(0, "0", ENTRIES[0] | {"things": {"A": 1, "B": 1}})
    rules.skip()
    rules.check(2, "2", ENTRIES[2] | {"things": {"A": 4, "B": 1, "C": 2, "D": 0}})
    rules.check(3, "3", ENTRIES[3] | {"things": {"A": 6}})
    assert [(line.where, line.expected, line.found) for line in report.findings] == [
        ("2", "B at 2", "B at 1"),
        ("2", "D at 1", "D at 0"),
        ("3", "A at 5", "A at 6"),
    ]
