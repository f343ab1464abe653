"""Receipts: what a recipient holds, and what an alteration of it gives."""

from __future__ import annotations

import pytest

from custody.ledger import checkpoint, entry, keys, receipt
from custody.ledger.proof import ProofError, RootMismatch, node_hash
from custody.ledger.tree import inclusion_proof

from .ledgers import OPEN, head, open_entry, tree_of

ENTRIES = [entry.encode(open_entry(number)) for number in range(11)]
SIGNERS = keys.generate(OPEN)
VERIFIERS = [signer.verifier for signer in SIGNERS]
NOTE = checkpoint.sign(head(OPEN, ENTRIES), SIGNERS)
TILES = {(tile.level, tile.number): tile.hashes for tile in tree_of(ENTRIES).partial_tiles()}
LEAF = entry.leaf_hash(ENTRIES[7])
PATH = inclusion_proof(7, 11, lambda level, number, _width: TILES[level, number])
RECEIPT = receipt.build(7, LEAF, PATH, NOTE)


def test_a_receipt_proves_its_entry_and_no_other() -> None:
    parsed = receipt.Receipt.parse(RECEIPT.text())
    assert parsed == RECEIPT
    assert parsed.verify(LEAF, VERIFIERS).size == 11
    with pytest.raises(RootMismatch):
        parsed.verify(entry.leaf_hash(ENTRIES[6]), VERIFIERS)


def test_the_text_is_that_of_the_specification() -> None:
    lines = RECEIPT.text().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 7"]
    assert lines[2 + len(PATH)] == ""
    assert "\n".join(lines[3 + len(PATH) :]) == NOTE


def test_extra_data_is_carried_but_proves_nothing() -> None:
    carrying = receipt.build(7, LEAF, PATH, NOTE, ENTRIES[7])
    assert carrying.text().split("\n")[1].startswith("extra ")
    assert receipt.Receipt.parse(carrying.text()).extra == ENTRIES[7]


def test_a_receipt_that_would_not_hold_is_not_made() -> None:
    with pytest.raises(ProofError):
        receipt.build(6, LEAF, PATH, NOTE)


TEXT = RECEIPT.text()
FIRST = TEXT.split("\n")[2]
LOOSE = FIRST[:-2] + chr(ord(FIRST[-2]) + 1) + "="


@pytest.mark.parametrize(
    "text",
    ["", "c2sp.org/tlog-proof@v1", TEXT.replace("@v1", "@v2", 1), TEXT[1:], " " + TEXT, TEXT + "\n", TEXT[:-1]]
    + [TEXT.replace("index 7", new, 1) for new in ("index 07", "index -7", "index", "index  7", "index +7", "Index 7")]
    + [TEXT.replace("index 7", new, 1) for new in ("extra \nindex 7", "extra A\nindex 7", "x\nindex 7", "index ٧")]
    + [TEXT.replace(FIRST, new, 1) for new in (FIRST[:-4], FIRST[:-1], LOOSE, FIRST + " ", (FIRST + "\n") * 70)]
    + [TEXT.replace("\n\n", "\n", 1), TEXT.replace("\n", "\r\n")],
)
def test_another_spelling_is_refused(text: str) -> None:
    with pytest.raises((receipt.BadReceipt, checkpoint.NoteError)):
        receipt.Receipt.parse(text)


@pytest.mark.parametrize("change", [("index 7", "index 6"), ("index 7", "index 11"), (FIRST + "\n", "")])
def test_another_place_or_path_does_not_verify(change: tuple[str, str]) -> None:
    with pytest.raises(ProofError):
        receipt.Receipt.parse(TEXT.replace(*change, 1)).verify(LEAF, VERIFIERS)


def test_the_short_form_fits_on_a_slip() -> None:
    short = receipt.short_form(LEAF)
    assert len(short) == 49
    assert receipt.is_short_form(short.lower().replace(" ", ""), LEAF)
    assert not receipt.is_short_form(short[:-1] + ("0" if short[-1] != "0" else "1"), LEAF)
    assert not receipt.is_short_form(short[:-1], LEAF)


def test_a_slip_names_event_place_root_and_entry() -> None:
    short = receipt.short_receipt(open_entry(7)["event"], LEAF, RECEIPT)
    assert short.event == "00000000-0000-4000-8000-000000000007"
    assert short.place == "7/11"
    assert short.root.replace(" ", "") == head(OPEN, ENTRIES).root.hex()[:16].upper()
    assert [len(group) for group in short.root.split(" ")] == [4, 4, 4, 4]
    assert receipt.is_short_form(short.leaf, LEAF)


def test_large_numbers_on_a_slip_are_grouped_for_the_eye() -> None:
    leaf, last = bytes(32), 1_234_566
    path, root = [], leaf
    for height in range(last.bit_count()):
        path.append(bytes([height]) * 32)
        root = node_hash(path[-1], root)
    note = checkpoint.sign(checkpoint.Checkpoint(OPEN, last + 1, root), SIGNERS)
    short = receipt.short_receipt("an event", leaf, receipt.build(last, leaf, path, note))
    assert short.place == "1 234 566/1 234 567"


def test_no_slip_is_printed_for_the_receipt_of_another_entry() -> None:
    with pytest.raises(RootMismatch):
        receipt.short_receipt("an event", entry.leaf_hash(ENTRIES[6]), RECEIPT)
