"""A log in a database verifies like the same log in a folder; what is done to its rows is told alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from custody.ledger import checkpoint
from custody.ledger.entry import encode, leaf_hash
from custody.ledger.export import write_log
from custody.ledger.source import RowsSource
from custody.ledger.tree import Tree
from custody.ledger.verify import Report, Trust, verify

from .ledgers import PROTOCOL, Ledger, at, files, large_ledger, open_entry, small_ledger, told

LARGE = large_ledger()
PROTOCOL_HASH = sha256(PROTOCOL).hexdigest()


@dataclass
class Table:
    """A log's rows in SQLite: what an application has to give."""

    database: sqlite3.Connection

    def note(self) -> str:
        return self.database.execute("SELECT note FROM head").fetchone()[0]

    def size(self) -> int:
        return self.database.execute("SELECT coalesce(max(place) + 1, 0) FROM event").fetchone()[0]

    def entries(self, start: int, stop: int) -> Iterable[bytes]:
        query = "SELECT entry FROM event WHERE place >= ? AND place < ? ORDER BY place"
        for (data,) in self.database.execute(query, (start, stop)):
            if data == b"sealed":
                message = "a sealed row does not open"
                raise ValueError(message)
            yield data

    def tiles(self) -> Iterable[tuple[int, int]]:
        return self.database.execute("SELECT level, number FROM tile")

    def tile(self, level: int, number: int) -> bytes:
        query = "SELECT hashes FROM tile WHERE level = ? AND number = ?"
        row = self.database.execute(query, (level, number)).fetchone()
        if row is None:
            message = f"no tile {level}/{number}"
            raise FileNotFoundError(message)
        return row[0]


def stored(entries: list[bytes], note: str) -> sqlite3.Connection:
    """Store a log as the door does: entries, the tiles that were filled, the last head."""
    database, tree = sqlite3.connect(":memory:"), Tree()
    database.execute("CREATE TABLE event (place INTEGER PRIMARY KEY, entry BLOB)")
    database.execute("CREATE TABLE tile (level INTEGER, number INTEGER, hashes BLOB)")
    database.execute("CREATE TABLE head (note TEXT)")
    for place, data in enumerate(entries):
        database.execute("INSERT INTO event VALUES (?, ?)", (place, data))
        for tile in tree.append(leaf_hash(data)):
            database.execute("INSERT INTO tile VALUES (?, ?, ?)", (tile.level, tile.number, b"".join(tile.hashes)))
    database.execute("INSERT INTO head VALUES (?)", (note,))
    return database


def open_rows(ledger: Ledger) -> sqlite3.Connection:
    return stored([encode(item) for item in ledger.open_entries], ledger.note())


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(open_rows(LARGE)) as database:
        yield database


def verify_rows(database: sqlite3.Connection, older: str | None = None) -> Report:
    verifiers = [key.verifier for key in LARGE.open_keys]
    return verify({"open": RowsSource(Table(database))}, Trust(verifiers, PROTOCOL_HASH, [older] if older else []))


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 700])
def test_rows_give_the_very_files_of_an_export(tmp_path: Path, count: int) -> None:
    entries, note = [encode(item) for item in LARGE.open_entries[:count]], LARGE.note(count)
    write_log(tmp_path, entries, note)
    with closing(stored(entries, note)) as database:
        source = RowsSource(Table(database))
        found = {name: source.read(name) for name in source.names()}
    assert found == {name: path.read_bytes() for name, path in files(tmp_path).items()}


def test_rows_in_order_give_no_finding_and_say_what_was_covered(database: sqlite3.Connection) -> None:
    seen: list[tuple[str, int, int]] = []
    verifiers = [key.verifier for key in LARGE.open_keys]
    trust = Trust(verifiers, PROTOCOL_HASH, [LARGE.note(300)])
    report = verify({"open": RowsSource(Table(database))}, trust, lambda *done: seen.append(done))
    assert (report.findings, report.ok) == ([], True)
    assert "open (example.org/trial/open): signatures of the checkpoint; 700 entries" in report.covered[0]
    assert "The sealed log is not here." in report.not_covered
    assert seen[-1] == ("open", 700, 700)


def test_both_logs_are_held_against_each_other() -> None:
    ledger = small_ledger()
    notes = {log: logged.note for log, logged in ledger.logs().items()}
    keys = [key.verifier for key in [*ledger.open_keys, *ledger.sealed_keys]]
    sealed = [encode(item) for item in ledger.sealed_entries]
    with closing(open_rows(ledger)) as opened, closing(stored(sealed, notes["sealed"])) as closed:
        logs = {"sealed": RowsSource(Table(closed)), "open": RowsSource(Table(opened))}
        report = verify(logs, Trust(keys, PROTOCOL_HASH))
    assert report.ok
    assert "commitments: 1 made, 1 opened from the sealed log." in report.covered


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        ("DELETE FROM event WHERE place = 300", "tile/entries/001, entry 300", "bundle"),
        ("DELETE FROM event WHERE place = 600", "tile/entries/002.p/188, entry 600", "bundle"),
        ("DELETE FROM event WHERE place = 699", "tile/entries/002.p/188, entry 699", "bundle"),
        ("DELETE FROM event WHERE place = 699", "tile/entries/002.p/188", "file"),
        ("DELETE FROM event WHERE place >= 512", "checkpoint", "size"),
        ("INSERT INTO event SELECT 700, entry FROM event WHERE place = 699", "tile/entries/002.p/189", "file"),
        ("UPDATE event SET entry = CAST('sealed' AS BLOB) WHERE place = 300", "tile/entries/001, entry 300", "bundle"),
        ("UPDATE event SET entry = CAST('[1]' AS BLOB) WHERE place = 300", "tile/entries/001, entry 300", "entry"),
        ("UPDATE event SET entry = CAST('[1]' AS BLOB) WHERE place = 300", "tile/0/001, hash 44, entry 300", "tile"),
        ("UPDATE event SET entry = zeroblob(70000) WHERE place = 3", "tile/entries/000, entry 3", "bundle"),
        ("UPDATE event SET place = -1 WHERE place = 3", "tile/entries/000, entry 3", "bundle"),
        ("UPDATE tile SET hashes = zeroblob(8192) WHERE number = 1", "tile/0/001, hash 0, entry 256", "tile"),
        ("UPDATE tile SET hashes = x'00' WHERE number = 1", "tile/0/001, hash 0, entry 256", "tile"),
        ("UPDATE tile SET hashes = x'' WHERE number = 0", "tile/0/000, hash 0, entry 0", "tile"),
        ("UPDATE tile SET hashes = x'' WHERE number = 0", "tile/1/000.p/2", "tile"),
        ("DELETE FROM tile WHERE number = 1", "tile/0/001", "file"),
        ("INSERT INTO tile VALUES (0, 2, zeroblob(8192))", "tile/0/002", "file"),
        ("INSERT INTO tile VALUES (1, 0, zeroblob(8192))", "tile/1/000", "file"),
        ("UPDATE head SET note = replace(note, '700', '699')", "checkpoint", "signature"),
        ("UPDATE head SET note = ''", "checkpoint", "checkpoint"),
    ],
)
def test_a_change_to_the_rows_is_told_where_it_was_made(
    database: sqlite3.Connection, change: str, where: str, what: str
) -> None:
    assert database.execute(change).rowcount > 0
    assert (f"open/{where}", what) in told(verify_rows(database))


def test_an_entry_lost_from_the_middle_raises_no_alarm_about_the_others(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM event WHERE place = 300")
    assert told(verify_rows(database)) == [("open/tile/entries/001, entry 300", "bundle")]


def test_what_is_wrong_with_the_other_entries_of_its_bundle_is_found_too(database: sqlite3.Connection) -> None:
    """Of a full bundle by the stored hashes; of the last one by the rules between entries alone, for it has none."""
    database.execute("DELETE FROM event WHERE place IN (300, 600)")
    for place in (310, 610):
        changed = encode(LARGE.open_entries[place] | {"recorded_at": at(1)})
        database.execute("UPDATE event SET entry = ? WHERE place = ?", (changed, place))
    report = verify_rows(database)
    found = told(report)
    for number, place, stored in (("001", 300, True), ("002.p/188", 600, False)):
        file = f"open/tile/entries/{number}"
        assert (f"{file}, entry {place}", "bundle") in found
        assert (f"{file}, entry {place + 10}", "recorded_at") in found
        assert ((f"{file}, entry {place + 10}", "hash") in found) is stored
    assert "open: 2 entries could not be read, so nothing of them was checked." in report.not_covered


def test_rows_rewritten_and_signed_anew_do_not_fit_an_older_checkpoint() -> None:
    forged = Ledger([*LARGE.open_entries], open_keys=LARGE.open_keys)
    forged.open_entries[5] = open_entry(5, occurred_at=at(4))
    with closing(open_rows(forged)) as database:
        assert verify_rows(database).ok
        assert told(verify_rows(database, LARGE.note(300))) == [("open, entries 0 to 299", "older checkpoint")]


def test_the_key_of_each_commit_may_be_the_only_one_asked_for() -> None:
    """The door signs a commit by Ed25519 alone; both keys sign what is published."""
    quick = LARGE.open_keys[0]
    head = checkpoint.read_unverified(LARGE.note())[0]
    with closing(stored([encode(item) for item in LARGE.open_entries], checkpoint.sign(head, [quick]))) as database:
        logs = {"open": RowsSource(Table(database))}
        assert verify(logs, Trust([quick.verifier], PROTOCOL_HASH)).ok
        assert told(verify_rows(database)) == [("open/checkpoint", "signature")]


def test_an_unknown_protocol_is_said_to_be_unchecked(database: sqlite3.Connection) -> None:
    report = verify({"open": RowsSource(Table(database))}, Trust([key.verifier for key in LARGE.open_keys]))
    assert report.ok
    assert "Whether the entries name the right protocol: it was not given." in report.not_covered
    assert told(verify({"open": RowsSource(Table(database))}, Trust([LARGE.open_keys[0].verifier], "0" * 64)))[0] == (
        "protocol.toml",
        "protocol",
    )


def test_no_open_log_is_a_finding() -> None:
    assert told(verify({}, Trust([]))) == [("open", "log")]
