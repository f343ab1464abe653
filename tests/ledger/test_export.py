"""Export: the layout of C2SP tlog-tiles to the byte, and nothing written over or half believed."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from custody.ledger import checkpoint, export, keys
from custody.ledger.entry import encode, leaf_hash
from custody.ledger.tiles import decode_entries, decode_hashes, places

from .ledgers import OPEN, PROTOCOL, Ledger, files, head, large_ledger, open_entry, small_ledger, tree_of

LARGE = large_ledger()
ENTRIES = [encode(item) for item in LARGE.open_entries]
NOTE = LARGE.note()


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 700])
def test_a_log_has_the_files_of_the_specification_and_no_others(tmp_path: Path, count: int) -> None:
    export.write_log(tmp_path / "log", ENTRIES[:count], LARGE.note(count))
    assert set(files(tmp_path / "log")) == {"checkpoint", *(place.path for place in places(count))}


def test_bundles_hold_the_entries_and_tiles_their_hashes(tmp_path: Path) -> None:
    export.write_log(tmp_path, ENTRIES, NOTE)
    bundles = [decode_entries((tmp_path / "tile/entries" / name).read_bytes()) for name in ("000", "001", "002.p/188")]
    assert [data for bundle in bundles for data in bundle] == ENTRIES
    tiles = [decode_hashes((tmp_path / "tile/0" / name).read_bytes()) for name in ("000", "001", "002.p/188")]
    assert [item for tile in tiles for item in tile] == list(map(leaf_hash, ENTRIES))
    above = [tree_of(bundle).root() for bundle in bundles[:2]]
    assert decode_hashes((tmp_path / "tile/1/000.p/2").read_bytes()) == above
    assert (tmp_path / "checkpoint").read_text() == NOTE


def test_an_entry_stands_behind_its_length_in_two_bytes(tmp_path: Path) -> None:
    longest = encode({"a": "x" * 65_527})
    note = checkpoint.sign(head(OPEN, [longest]), LARGE.open_keys)
    export.write_log(tmp_path, [longest], note)
    assert (tmp_path / "tile/entries/000.p/1").read_bytes() == b"\xff\xff" + longest
    assert (tmp_path / "tile/0/000.p/1").read_bytes() == sha256(b"\0" + longest).digest()


def test_a_ledger_has_both_logs_the_keys_and_the_protocol(tmp_path: Path) -> None:
    ledger = small_ledger()
    ledger.write(tmp_path / "x")
    lines = (tmp_path / "x/vkeys").read_text().splitlines()
    assert lines == ledger.vkeys
    assert [b64decode(line.split("+", 2)[2])[0] for line in lines] == [1, 6, 1, 6]
    assert (tmp_path / "x/protocol.toml").read_bytes() == PROTOCOL
    assert {item.name for item in (tmp_path / "x").iterdir()} == {
        "open",
        "sealed",
        "vkeys",
        "protocol.toml",
        "README.txt",
    }


def test_entries_are_taken_one_bundle_at_a_time(tmp_path: Path) -> None:
    written = []

    def watched() -> Iterator[bytes]:
        for number, data in enumerate(ENTRIES):
            if number % 256 == 0:
                written.append(len(files(tmp_path)))
            yield data

    export.write_log(tmp_path, watched(), NOTE)
    assert written == [0, 2, 4]


# --- refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize("entries", [ENTRIES[:-1], [*ENTRIES, b"{}"], ENTRIES[1:] + ENTRIES[:1], []])
def test_entries_that_do_not_fit_their_note_get_no_checkpoint(tmp_path: Path, entries: list[bytes]) -> None:
    with pytest.raises(export.ExportError, match="expected the 700 entries of root"):
        export.write_log(tmp_path / "log", entries, NOTE)
    assert not (tmp_path / "log/checkpoint").exists()


@pytest.mark.parametrize("name", ["open/checkpoint", "notes.txt", ".hidden"])
def test_nothing_is_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(export.ExportError, match="expected an empty folder"):
        small_ledger().write(tmp_path)
    assert {path: item.read_text() for path, item in files(tmp_path).items()} == {name: "mine"}


def test_an_empty_folder_may_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    small_ledger().write(tmp_path / "x")
    assert (tmp_path / "x/README.txt").exists()


def test_a_line_that_is_no_key_is_refused_before_any_log_is_written(tmp_path: Path) -> None:
    ledger = Ledger([open_entry(0)])
    with pytest.raises(keys.BadKey):
        export.write_ledger(tmp_path, ledger.logs(), [*ledger.vkeys, "nonsense"], PROTOCOL)
    assert files(tmp_path) == {}


def test_a_note_that_is_none_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(checkpoint.MalformedNote):
        export.write_log(tmp_path / "log", ENTRIES, "nonsense")
    assert not (tmp_path / "log").exists()


def test_an_entry_that_no_bundle_can_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at most 65535 bytes, found 65536"):
        export.write_log(
            tmp_path / "log", [bytes(65_536)], checkpoint.sign(head(OPEN, [bytes(65_536)]), LARGE.open_keys)
        )
