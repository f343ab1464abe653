"""Openings in the open log: each is held against the commitment that its event made; none is missing at the end."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from custody.ledger.commitment import commit
from custody.ledger.report import Report
from custody.ledger.verify import verify_folder

from .ledgers import Entry, Ledger, event_id, open_entry, told

LIST = ["MSC", "PLACEBO", "PLACEBO", "MSC"]
FILE = "open/tile/entries/000.p/9"


def salt(number: int) -> str:
    return f"{number:02x}" * 32


def order(participant: str, place: int, bag: str, arm: str = "") -> dict[str, object]:
    return {
        "arm": arm or LIST[place - 1],
        "participant": participant,
        "place": place,
        "site": "NAN",
        "treatment_bag": bag,
    }


VALUES = {
    1: {"arms": LIST, "site": "NAN"},
    2: order("PT1", 1, "TB1"),
    4: order("PT2", 2, "TB2"),
    5: order("PT1", 1, "TB3"),
}


def ledger_of(values: dict[int, dict[str, Any]], opened: list[list[int]], *, complete: bool = True) -> Ledger:
    """Nine events, some of which commit to values; the last ones open some of them."""
    entries = [open_entry(number) for number in range(9)]
    for number, value in values.items():
        entries[number]["commitment"] = commit(bytes.fromhex(salt(number)), value)
    for place, numbers in enumerate(opened):
        openings = [{"event": event_id(n), "salt": salt(n), "value": deepcopy(values[n])} for n in numbers]
        last = complete and place == len(opened) - 1
        entries[9 - len(opened) + place] |= {
            "type": "commitments_opened",
            "payload": {"openings": openings, "complete": last},
        }
    return Ledger(entries)


def verified(folder: Path, ledger: Ledger) -> Report:
    return verify_folder(ledger.write(folder), ledger.vkeys)


def openings(ledger: Ledger, entry: int = 8) -> list[Entry]:
    payload: Any = ledger.open_entries[entry]["payload"]
    found: list[Entry] = payload["openings"]
    return found


def claimed(report: Report) -> bool:
    """Whether the report says that all participants have their list's places."""
    return any("participants have the places" in line for line in report.covered)


@pytest.fixture
def unsealed() -> Ledger:
    return ledger_of(VALUES, [[1, 2], [4, 5]])


def test_what_fits_is_counted_without_the_sealed_log(tmp_path: Path, unsealed: Ledger) -> None:
    report = verified(tmp_path / "x", unsealed)
    assert report.findings == []
    covered = "\n".join(report.covered)
    assert "commitments: 4 made, 4 opened in the open log; by these, participants have the places" in covered
    assert claimed(report)
    assert not [line for line in report.not_covered if "commitment" in line]


def test_before_the_unsealing_nothing_is_covered_and_that_is_said(tmp_path: Path) -> None:
    report = verified(tmp_path / "x", ledger_of(VALUES, []))
    assert report.ok
    assert not [line for line in report.covered if "commitments" in line]
    assert any("4 commitments could not be opened; all are opened" in line for line in report.not_covered)


def test_an_unsealing_that_stopped_half_way_is_no_finding(tmp_path: Path) -> None:
    report = verified(tmp_path / "x", ledger_of(VALUES, [[4]], complete=False))
    assert report.ok
    assert "commitments: 4 made, 1 opened in the open log so far." in report.covered
    assert any("3 commitments could not be opened" in line for line in report.not_covered)


def changed_arm(ledger: Ledger) -> None:
    openings(ledger, 7)[1]["value"] = VALUES[2] | {"arm": "PLACEBO"}


def another_list(ledger: Ledger) -> None:
    openings(ledger, 7)[0]["value"] = VALUES[1] | {"arms": LIST[1:]}


def swapped_salts(ledger: Ledger) -> None:
    one, other = openings(ledger)
    one["salt"], other["salt"] = other["salt"], one["salt"]


def swapped_events(ledger: Ledger) -> None:
    one, other = openings(ledger)
    one["event"], other["event"] = other["event"], one["event"]


def missing(ledger: Ledger) -> None:
    openings(ledger).pop()


def unknown_order(ledger: Ledger) -> None:
    openings(ledger).append({"event": event_id(3), "salt": salt(3), "value": order("PT9", 3, "TB9")})


def twice(ledger: Ledger) -> None:
    openings(ledger).append(deepcopy(openings(ledger)[0]))


def short_salt(ledger: Ledger) -> None:
    openings(ledger)[0]["salt"] = "00"


def no_openings(ledger: Ledger) -> None:
    ledger.open_entries[8]["payload"] = {"openings": 3, "complete": True}


def later_commitment(ledger: Ledger) -> None:
    ledger.open_entries.append(open_entry(9, commitment=commit(bytes(32), {"arm": "MSC"})))


TAMPERED: dict[Callable[[Ledger], None], list[tuple[str, str]]] = {
    changed_arm: [(f"{FILE}, entry 7, opening 1", "opening"), (f"{FILE}, entry 2", "opening")],
    another_list: [(f"{FILE}, entry 7, opening 0", "opening"), (f"{FILE}, entry 1", "opening")],
    swapped_salts: [
        (f"{FILE}, entry 8, opening 0", "opening"),
        (f"{FILE}, entry 8, opening 1", "opening"),
        (f"{FILE}, entry 4", "opening"),
        (f"{FILE}, entry 5", "opening"),
    ],
    swapped_events: [
        (f"{FILE}, entry 8, opening 0", "opening"),
        (f"{FILE}, entry 8, opening 1", "opening"),
        (f"{FILE}, entry 4", "opening"),
        (f"{FILE}, entry 5", "opening"),
    ],
    missing: [(f"{FILE}, entry 5", "opening")],
    unknown_order: [(f"{FILE}, entry 8, opening 2", "opening")],
    twice: [(f"{FILE}, entry 8, opening 2", "opening")],
    short_salt: [(f"{FILE}, entry 8, opening 0", "opening"), (f"{FILE}, entry 4", "opening")],
    no_openings: [
        (f"{FILE}, entry 8", "opening"),
    ],
    later_commitment: [("open/tile/entries/000.p/10, entry 9", "opening")],
}


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda tamper: tamper.__name__)
def test_whoever_holds_the_keys_and_rewrites_an_opening_is_found(
    tmp_path: Path, unsealed: Ledger, tamper: Callable[[Ledger], None]
) -> None:
    tamper(unsealed)
    report = verified(tmp_path / "x", unsealed)
    assert told(report) == TAMPERED[tamper]
    assert not claimed(report)


def test_a_finding_names_the_codes_and_the_event(tmp_path: Path, unsealed: Ledger) -> None:
    changed_arm(unsealed)
    not_fitting, absent = map(str, verified(tmp_path / "x", unsealed).findings)
    assert f"of {event_id(2)} (BAG2), found" in not_fitting
    assert "'PT1'" in not_fitting
    assert f"an opening of the commitment of {event_id(2)} (BAG2), as all are since {FILE}, entry 8" in absent


@pytest.mark.parametrize(
    ("values", "at", "said"),
    [
        (
            {4: order("PT2", 3, "TB2")},
            4,
            "expected place 2 of the list of NAN, PLACEBO, found place 3, PLACEBO",
        ),
        ({4: order("PT2", 2, "TB2", "MSC")}, 4, "expected place 2 of the list of NAN, PLACEBO, found place 2, MSC"),
        ({4: order("PT2", 1, "TB2")}, 4, "expected place 2 of the list of NAN, PLACEBO, found place 1, MSC, for PT2"),
        ({5: order("PT1", 3, "TB3")}, 5, "expected place 1 of the list of NAN, MSC, found place 3, PLACEBO, for PT1"),
        ({1: {"arms": ["MSC"], "site": "NAN"}}, 4, "expected place 2 of the list of NAN, none, found place 2, PLACEBO"),
    ],
)
def test_an_order_that_did_not_get_the_next_place_of_its_list_is_found(
    tmp_path: Path, values: dict[int, dict[str, Any]], at: int, said: str
) -> None:
    """Though all openings fit: a place that was forced, skipped, used twice, or given anew."""
    report = verified(tmp_path / "x", ledger_of(VALUES | values, [[1, 2, 4, 5]]))
    (finding,) = report.findings
    assert (finding.where, finding.what) == (f"{FILE}, entry {at}", "allocation")
    assert said in str(finding)
    assert not claimed(report)
    assert any("4 opened in the open log." in line for line in report.covered), "the count that holds is said"


@pytest.mark.parametrize(
    "value", [{"site": ["NAN"], "arms": LIST}, {"site": "NAN", "arms": 3}, {"place": True, "site": "NAN"}, {}]
)
def test_a_value_of_another_form_is_left_alone(tmp_path: Path, value: dict[str, Any]) -> None:
    report = verified(tmp_path / "x", ledger_of(VALUES | {6: value}, [[1, 2, 4, 5, 6]]))
    assert report.findings == []


def test_with_the_sealed_log_both_openings_are_tried(tmp_path: Path, unsealed: Ledger) -> None:
    half = {"event": event_id(2), "salt": "5a" * 32, "commitment_salt": salt(2)}
    good = replace(unsealed, sealed_entries=[half | {"commits": VALUES[2]}])
    report = verified(tmp_path / "good", good)
    assert report.ok
    assert "commitments: 4 made, 1 opened from the sealed log." in report.covered
    bad = replace(unsealed, sealed_entries=[half | {"commits": VALUES[2] | {"arm": "PLACEBO"}}])
    assert told(verified(tmp_path / "bad", bad)) == [("sealed/tile/entries/000.p/1, entry 0", "commitment")]
