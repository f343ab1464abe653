"""What an exported ledger tells of those who changed it: outsiders first, then the holder of its keys."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from custody.ledger import checkpoint, keys
from custody.ledger.verify import Report, verify_folder

from .ledgers import OPEN, Entry, Ledger, at, bundle, event_id, files, large_ledger, open_entry, small_ledger, told

SMALL = small_ledger()
NOT_KEPT = "whether it was cut off or rewritten by whoever holds the keys: no older checkpoint"
BUNDLE = "open/tile/entries/000.p/13"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return SMALL.write(tmp_path / "ledger")


def verify(folder: Path, *older: str) -> Report:
    return verify_folder(folder, SMALL.vkeys, older)


def signed_anew(entries: list[Entry], folder: Path) -> Path:
    """Write what the holder of the keys can: other entries, under hashes and signatures that fit them."""
    return replace(SMALL, open_entries=entries).write(folder)


# --- what is in order -------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 13, 256, 700])
def test_an_exported_ledger_verifies_without_a_finding(tmp_path: Path, count: int) -> None:
    ledger = Ledger([open_entry(number) for number in range(count)])
    folder = ledger.write(tmp_path / "ledger")
    for vkeys in (ledger.vkeys, None):
        for older in ([], [ledger.note(0)], [ledger.note(count // 2), ledger.note()]):
            report = verify_folder(folder, vkeys, older)
            assert (report.findings, report.ok) == ([], True)


def test_the_report_says_what_it_covers_and_what_it_does_not(folder: Path) -> None:
    report = verify(folder, SMALL.note(5))
    covered, not_covered = "\n".join(report.covered), "\n".join(report.not_covered)
    assert "open (example.org/trial/open): signatures of the checkpoint; 13 entries" in covered
    assert "commitments: 1 made, 1 opened from the sealed log" in covered
    assert "older checkpoint of example.org/trial/open, 5 entries" in covered
    assert f"sealed: {NOT_KEPT}" in not_covered
    assert f"open: {NOT_KEPT}" not in not_covered
    assert "open: whether others once stood in place of, or after, the 8 entries after the newest older" in not_covered
    assert "whether what people recorded is true" in not_covered


NOT_OPENED = (
    "Whether the open log's commitments hold: 1 commitment could not be opened; "
    "all are opened in the open log when the trial is unsealed."
)


def test_without_keys_or_the_sealed_log_the_report_says_so(tmp_path: Path) -> None:
    folder = replace(SMALL, sealed_entries=[]).write(tmp_path / "ledger")
    report = verify_folder(folder)
    assert report.ok
    assert {
        "The keys are the folder's own: compare vkeys with a copy from another source.",
        "The sealed log is not here.",
        NOT_OPENED,
    } <= set(report.not_covered)


def test_progress_counts_the_entries_of_each_log(tmp_path: Path) -> None:
    ledger, seen = large_ledger(), []
    verify_folder(ledger.write(tmp_path / "x"), ledger.vkeys, progress=lambda *args: seen.append(args))
    assert seen == [("open", done, 700) for done in (256, 512, 700)] + [("sealed", done, 300) for done in (256, 300)]


DENIED: dict[str, tuple[str, Callable[[Path], object]]] = {
    "signatures": ("signatures of the checkpoint", lambda at: (at / "open/checkpoint").write_text(STRANGE)),
    "entries": ("canonical and hashed anew", lambda at: spoil(at / BUNDLE)),
    "tiles": ("every tile", lambda at: spoil(at / "open/tile/0/000.p/13")),
    "root": ("the root", lambda at: (at / "open/checkpoint").write_text(OTHER_ROOT)),
    "files": ("no file missing", lambda at: (at / "open/more").touch()),
    "protocol": ("the protocol", lambda at: (at / "protocol.toml").write_text("other = 1\n")),
}
"""Per part of what is said to be checked, what somebody does to a folder that this part denies."""
STRANGE = Ledger(SMALL.open_entries).note()
OTHER_ROOT = checkpoint.sign(checkpoint.Checkpoint(OPEN, 13, bytes(32)), SMALL.open_keys)


def spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("part", DENIED)
def test_what_a_finding_denies_is_not_said_to_be_checked(folder: Path, part: str) -> None:
    said, change = DENIED[part]

    def checked() -> str:
        return next(line for line in verify(folder).covered if line.startswith("open ("))

    assert said in checked()
    change(folder)
    assert said not in checked()
    assert "event ids" in checked(), "what nothing denies is said"


# --- an outsider changes entries --------------------------------------------------------------

CHANGES: dict[str, Callable[[list[Entry]], list[Entry]]] = {
    "dropped": lambda old: [*old[:5], *old[6:]],
    "inserted": lambda old: [*old[:5], open_entry(5, event=event_id(99)), *old[5:]],
    "repeated": lambda old: [*old[:5], old[4], *old[5:]],
    "swapped": lambda old: [*old[:5], old[6], old[5], *old[7:]],
    "changed": lambda old: [*old[:5], old[5] | {"payload": {"minutes": 500}}, *old[6:]],
}
ANY_CHANGE = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)


@ANY_CHANGE
def test_entries_changed_in_their_bundle_are_found_where_they_stood(
    folder: Path, change: Callable[[list[Entry]], list[Entry]]
) -> None:
    (folder / BUNDLE).write_bytes(bundle(change(SMALL.open_entries)))
    found = told(verify(folder))
    assert any(where in {f"{BUNDLE}, entry 5", "open/tile/0/000.p/13, hash 5, entry 5"} for where, _ in found), found


@ANY_CHANGE
def test_entries_changed_with_all_their_hashes_do_not_fit_the_signed_head(
    folder: Path, tmp_path: Path, change: Callable[[list[Entry]], list[Entry]]
) -> None:
    forged = signed_anew(change(SMALL.open_entries), tmp_path / "forged")
    (forged / "open/checkpoint").write_bytes((folder / "open/checkpoint").read_bytes())
    assert any(where.startswith(("open/checkpoint", "open/tile/entries/000.p/13")) for where, _ in told(verify(forged)))


def test_the_rest_of_a_log_is_checked_behind_a_damaged_bundle(tmp_path: Path) -> None:
    ledger = large_ledger()
    ledger.open_entries[600] |= {"recorded_at": at(1)}
    folder = ledger.write(tmp_path / "x")
    (folder / "open/tile/entries/001").write_bytes(bundle(ledger.open_entries[256:300] + ledger.open_entries[301:512]))
    assert told(verify_folder(folder, ledger.vkeys)) == [
        ("open/tile/entries/001, entry 300", "bundle"),
        ("open/tile/entries/002.p/188, entry 600", "recorded_at"),
    ]


SECOND = {"recorded_at": at(1)}
"""What is wrong with another entry of the bundle."""
DAMAGES: dict[str, tuple[Callable[[list[Entry]], bytes], set[int], int]] = {
    "dropped": (lambda those: bundle([*those[:44], *those[45:]]), {300}, 1),
    "two dropped": (lambda those: bundle([*those[:44], *those[45:60], *those[61:]]), {300, 316}, 2),
    "put in": (lambda those: bundle([*those[:44], open_entry(999)]) + bundle(those[44:]), {300}, 0),
    "a length changed": (lambda those: longer(bundle(those), bundle(those[:44]), 9), {300}, 1),
    "a length beyond the end": (lambda those: longer(bundle(those), bundle(those[:44]), 0xF000), {300}, 1),
    "cut in the middle": (lambda those: bundle(those)[: len(bundle(those[:44])) + 50], {300}, 212),
}
"""What is done to a bundle; at which entries that is told; how many of its entries cannot be read any more."""


def longer(whole: bytes, before: bytes, more: int) -> bytes:
    """Give a bundle with another length before the entry that begins behind some bytes."""
    length = int.from_bytes(whole[len(before) : len(before) + 2]) + more
    return before + length.to_bytes(2) + whole[len(before) + 2 :]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_second_tampering_is_seen_at_once_in_a_damaged_bundle(tmp_path: Path, damage: str) -> None:
    spoilt, told_at, unread = DAMAGES[damage]
    ledger = large_ledger()
    for number in (290, 400):
        ledger.open_entries[number] |= SECOND
    folder = ledger.write(tmp_path / "x")
    (folder / "open/tile/entries/001").write_bytes(spoilt(ledger.open_entries[256:512]))
    report = verify_folder(folder, ledger.vkeys)
    seen = [290] if damage == "cut in the middle" else [290, 400]
    expected = {(number, "recorded_at") for number in seen} | {(number, "bundle") for number in told_at}
    file = "open/tile/entries/001, entry"
    assert set(told(report)) == {(f"{file} {number}", what) for number, what in expected}
    told_of = [line for line in report.not_covered if "could not be read" in line]
    assert [line.split()[1] for line in told_of] == [str(unread)] * bool(unread)


def test_every_entry_that_is_not_what_its_hash_says_is_named(tmp_path: Path) -> None:
    ledger = large_ledger()
    folder = ledger.write(tmp_path / "x")
    changed = {300: {"payload": 1}, 410: {"payload": 2}}
    those = [entry | changed.get(number, {}) for number, entry in enumerate(ledger.open_entries[256:512], 256)]
    (folder / "open/tile/entries/001").write_bytes(bundle(those))
    found = [where for where, what in told(verify_folder(folder, ledger.vkeys)) if what == "tile"]
    assert {f"open/tile/0/001, hash {number - 256}, entry {number}" for number in changed} <= set(found)


def test_a_changed_protocol_is_one_finding_and_an_entry_of_another_protocol_is_its_own(tmp_path: Path) -> None:
    ledger = large_ledger()
    folder = ledger.write(tmp_path / "x")
    (folder / "protocol.toml").write_text("other = 1\n")
    (finding,) = verify_folder(folder, ledger.vkeys).findings
    assert (finding.where, finding.what) == ("protocol.toml", "protocol")
    assert "as 700 of 700 entries name it" in finding.expected
    for number in range(100, 140):
        ledger.open_entries[number] |= {"protocol": "0" * 64}
    other = ledger.write(tmp_path / "y")
    found = verify_folder(other, ledger.vkeys).findings
    assert [one.where for one in found[:30]] == [f"open/tile/entries/000, entry {number}" for number in range(100, 130)]
    assert "in 10 more entries" in found[30].found
    assert len(found) == 31
    (other / "protocol.toml").write_text("other = 1\n")
    assert "as 660 of 700 entries name it" in verify_folder(other, ledger.vkeys).findings[0].expected


def test_a_bundle_without_its_hashes_ends_the_reading_and_is_said(tmp_path: Path) -> None:
    ledger = large_ledger()
    folder = ledger.write(tmp_path / "x")
    (folder / "open/tile/entries/001").unlink()
    (folder / "open/tile/0/001").unlink()
    report = verify_folder(folder, ledger.vkeys)
    assert {("open/tile/entries/001", "file"), ("open/tile/0/001", "file"), ("open/checkpoint", "size")} <= set(
        told(report)
    )


# --- the holder of the keys rewrites ----------------------------------------------------------

RULES_THAT_TELL = {
    "dropped": ("open/tile/entries/000.p/12, entry 7", "version"),
    "inserted": ("open/tile/entries/000.p/14, entry 6", "version"),
    "repeated": ("open/tile/entries/000.p/14, entry 5", "event id"),
    "swapped": ("open/tile/entries/000.p/13, entry 6", "recorded_at"),
}


@pytest.mark.parametrize("kind", RULES_THAT_TELL)
def test_a_rewriting_signed_anew_still_breaks_the_rules_between_entries(tmp_path: Path, kind: str) -> None:
    found = told(verify(signed_anew(CHANGES[kind](SMALL.open_entries), tmp_path / "forged")))
    assert RULES_THAT_TELL[kind] in found


@ANY_CHANGE
@pytest.mark.parametrize("size", [6, 12])
def test_history_rewritten_and_signed_anew_does_not_fit_an_older_checkpoint(
    tmp_path: Path, change: Callable[[list[Entry]], list[Entry]], size: int
) -> None:
    forged = signed_anew(change(SMALL.open_entries), tmp_path / "forged")
    assert (f"open, entries 0 to {size - 1}", "older checkpoint") in told(verify(forged, SMALL.note(size)))


def test_what_came_after_the_older_checkpoint_is_not_vouched_for(tmp_path: Path) -> None:
    forged = signed_anew(CHANGES["changed"](SMALL.open_entries), tmp_path / "forged")
    for report in (verify(forged, SMALL.note(5)), verify(forged)):
        assert report.ok
        assert any("whoever holds the keys" in line for line in report.not_covered if line.startswith("open: "))
    whole = verify(forged, replace(SMALL, open_entries=CHANGES["changed"](SMALL.open_entries)).note())
    assert not any("whoever holds the keys" in line for line in whole.not_covered if line.startswith("open: "))


def test_a_rewriting_of_a_large_log_is_caught_wherever_the_older_checkpoint_ends(tmp_path: Path) -> None:
    ledger = large_ledger()
    notes = {size: ledger.note(size) for size in (300, 301, 512, 700)}
    ledger.open_entries[300] |= {"payload": {"minutes": 1}}
    folder = ledger.write(tmp_path / "forged")
    caught = {size for size, note in notes.items() if not verify_folder(folder, ledger.vkeys, [note]).ok}
    assert caught == {301, 512, 700}


@pytest.mark.parametrize("size", [0, 1, 12])
def test_a_tail_cut_off_and_signed_anew_is_caught_by_an_older_checkpoint_only(tmp_path: Path, size: int) -> None:
    cut = signed_anew(SMALL.open_entries[:size], tmp_path / "cut")
    assert ("open/checkpoint", "cut") in told(verify(cut, SMALL.note()))
    alone = verify(cut)
    assert any(line.startswith(f"open: {NOT_KEPT}") for line in alone.not_covered)


def test_a_tail_cut_off_without_the_keys_is_caught_at_once(folder: Path) -> None:
    (folder / BUNDLE).write_bytes(bundle(SMALL.open_entries[:-1]))
    assert (f"{BUNDLE}, entry 12", "bundle") in told(verify(folder))


# --- heads and keys ---------------------------------------------------------------------------


def test_other_keys_than_the_trusted_ones_are_found_in_both_logs(folder: Path) -> None:
    strangers = [key.vkey for key in [*keys.generate(OPEN), *keys.generate("example.org/trial/sealed")]]
    report = verify_folder(folder, strangers)
    assert told(report) == [("open/checkpoint", "signature"), ("sealed/checkpoint", "signature")]
    assert sum("is not one you trust" in line for line in report.not_covered) == 4


@pytest.mark.parametrize("number", range(4))
def test_each_trusted_key_must_have_signed(folder: Path, number: int) -> None:
    vkeys = SMALL.vkeys
    vkeys[number] = keys.generate(vkeys[number].split("+")[0])[number % 2].vkey
    log = "open" if number < 2 else "sealed"
    assert told(verify_folder(folder, vkeys)) == [(f"{log}/checkpoint", "signature")]


KEYLESS = {
    "older checkpoint": "example.org/trial/open",
    "open/checkpoint": "example.org/trial/open",
    "sealed/checkpoint": "example.org/trial/sealed",
}


def test_keys_that_are_none_of_the_logs_are_said_to_be_none(folder: Path) -> None:
    elsewhere = [key.vkey for key in keys.generate("example.org/other")]
    report = verify_folder(folder, elsewhere, [SMALL.note(5)])
    assert [str(one) for one in report.findings] == [
        f"{where}: signature: expected a key of the log {origin}, to check it by, found none"
        for where, origin in KEYLESS.items()
    ]


@pytest.mark.parametrize("log", ["open", "sealed"])
def test_a_log_of_which_no_key_was_given_is_not_verified_and_not_wrong(folder: Path, log: str) -> None:
    theirs = slice(2, 4) if log == "open" else slice(0, 2)
    report = verify_folder(folder, SMALL.vkeys[theirs], [SMALL.note(5)])
    assert report.findings == []
    assert report.unsigned == {log: f"example.org/trial/{log}"}
    lines = "\n".join(report.not_covered)
    assert f"{log}/checkpoint: who signed it: no key of the log example.org/trial/{log} was given." in lines
    assert ("older checkpoint: who signed it" in lines) is (log == "open")
    (covered,) = [line for line in report.covered if line.startswith(f"{log} (")]
    assert "signatures" not in covered
    assert "the root" in covered


def test_where_no_log_has_a_key_that_was_given_nothing_is_verified(folder: Path) -> None:
    shutil.rmtree(folder / "sealed")
    report = verify_folder(folder, SMALL.vkeys[2:])
    assert told(report) == [("open/checkpoint", "signature")]


def test_the_folders_own_keys_are_those_of_all_its_logs(folder: Path) -> None:
    own = (folder / "vkeys").read_text().splitlines(keepends=True)
    (folder / "vkeys").write_text("".join(own[:2]))
    assert told(verify_folder(folder)) == [("sealed/checkpoint", "signature")]


def test_no_trusted_key_at_all_is_not_the_same_as_none_given(folder: Path) -> None:
    assert not verify_folder(folder, []).ok
    assert verify_folder(folder, None).ok


def test_a_trusted_key_that_is_none_is_refused(folder: Path) -> None:
    with pytest.raises(keys.BadKey):
        verify_folder(folder, ["nonsense"])


def test_a_ledger_signed_anew_by_strangers_verifies_against_its_own_keys_only(tmp_path: Path) -> None:
    forged = Ledger(SMALL.open_entries, SMALL.sealed_entries).write(tmp_path / "forged")
    assert verify_folder(forged).ok
    assert {where for where, _ in told(verify(forged))} == {"open/checkpoint", "sealed/checkpoint"}


def test_a_signature_by_a_witness_is_named_and_does_no_harm(folder: Path) -> None:
    witness = keys.generate("witness.example/w1")[0]
    path = folder / "open/checkpoint"
    note = path.read_text()
    path.write_text(note + checkpoint.signature_line(checkpoint.read_unverified(note)[0], witness))
    report = verify(folder)
    assert report.ok
    assert any(f"witness.example/w1 {witness.verifier.key_id.hex()}" in line for line in report.not_covered)


def test_the_older_checkpoint_must_be_one_of_this_ledger(folder: Path) -> None:
    stranger = Ledger(SMALL.open_entries).note(5)
    assert told(verify(folder, stranger)) == [("older checkpoint", "signature")]
    assert told(verify(folder, "nonsense")) == [("older checkpoint", "checkpoint")]
    other = keys.generate("example.org/other")
    head = checkpoint.read_unverified(stranger)[0]
    elsewhere = checkpoint.sign(replace(head, origin="example.org/other"), other)
    assert told(verify(folder, elsewhere)) == [("older checkpoint", "origin")]


def test_an_older_checkpoint_of_a_log_that_is_not_here_is_one_finding_that_says_so(folder: Path) -> None:
    older = (folder / "sealed/checkpoint").read_text()
    shutil.rmtree(folder / "sealed")
    vkeys = folder / "vkeys"
    vkeys.write_text("".join(line for line in vkeys.read_text().splitlines(keepends=True) if "/open+" in line))
    (finding,) = verify_folder(folder, older_checkpoints=[older]).findings
    assert "expected one of a log that is here, example.org/trial/open, found one of example.org/trial/sealed" in str(
        finding
    )


def test_a_forged_older_checkpoint_is_held_against_the_log_all_the_same(folder: Path) -> None:
    stranger = Ledger(SMALL.open_entries[::-1]).note(5)
    found = told(verify(folder, stranger))
    assert found == [("older checkpoint", "signature"), ("open, entries 0 to 4", "older checkpoint")]


def test_an_older_checkpoint_of_the_sealed_log_counts_for_it(folder: Path, tmp_path: Path) -> None:
    older = (folder / "sealed/checkpoint").read_text()
    assert verify(folder, older).ok
    cut = replace(SMALL, sealed_entries=SMALL.sealed_entries[:2]).write(tmp_path / "cut")
    assert told(verify(cut, older)) == [("sealed/checkpoint", "cut")]


def test_every_older_checkpoint_counts_of_one_log_and_of_both(folder: Path, tmp_path: Path) -> None:
    notes = (SMALL.note(3), SMALL.note(5), (folder / "sealed/checkpoint").read_text())
    report = verify(folder, *notes)
    assert report.ok
    assert sum("older checkpoint" in line for line in report.covered) == 3
    assert not any("no older checkpoint" in line for line in report.not_covered)
    cut = replace(SMALL, open_entries=SMALL.open_entries[:4], sealed_entries=SMALL.sealed_entries[:2])
    found = told(verify(cut.write(tmp_path / "cut"), *notes))
    assert ("open/checkpoint", "cut") in found
    assert ("sealed/checkpoint", "cut") in found


def test_a_checkpoint_of_another_ledger_is_not_said_to_be_held_against_it(folder: Path) -> None:
    other = keys.generate("example.org/other")
    head = replace(checkpoint.read_unverified(SMALL.note(5))[0], origin="example.org/other")
    report = verify(folder, checkpoint.sign(head, other))
    assert not any("older checkpoint" in line for line in report.covered)


def test_one_log_given_out_as_both_is_found(folder: Path) -> None:
    for name, path in files(folder / "open").items():
        (folder / "sealed" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "sealed" / name).write_bytes(path.read_bytes())
    assert ("sealed/checkpoint", "origin") in told(verify(folder))


@pytest.mark.parametrize("size", [14, 300, 70_000, 2**62])
def test_a_head_of_another_size_is_told_without_a_walk_through_all_that_is_missing(folder: Path, size: int) -> None:
    head = checkpoint.Checkpoint(OPEN, size, bytes(32))
    (folder / "open/checkpoint").write_text(checkpoint.sign(head, SMALL.open_keys))
    report = verify(folder)
    assert not report.ok
    assert any(where.startswith("open/") for where, _ in told(report))
    assert len(report.findings) <= 40


def test_an_older_checkpoint_signed_by_one_key_of_the_log_is_enough(folder: Path) -> None:
    quick = checkpoint.sign(checkpoint.read_unverified(SMALL.note(5))[0], SMALL.open_keys[:1])
    assert verify(folder, quick).ok


def test_a_log_whose_name_no_key_bears_must_be_signed_by_all_keys(tmp_path: Path) -> None:
    signers = keys.generate("example.org/hospital")
    ledger = Ledger(SMALL.open_entries, open_keys=signers, sealed_keys=[])
    folder = ledger.write(tmp_path / "ledger")
    assert verify_folder(folder, ledger.vkeys).ok
    (folder / "open/checkpoint").write_text(checkpoint.sign(checkpoint.read_unverified(ledger.note())[0], signers[:1]))
    assert told(verify_folder(folder, ledger.vkeys)) == [("open/checkpoint", "signature")]
