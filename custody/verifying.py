"""Verifies the ledger in use, where it lies: both logs from entry 0, and all that was made of them.

- The logs: every entry is hashed anew, and held against the stored tiles and the signed head (`ledger.verify`).
- With `replay`: all things anew from the logs, held against the tables that pages read; and the two indexes, by event
  and by code, held against the entries.

A ledger whose end is broken is not opened by the door; it is verified all the same, and what is wrong is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from custody.chain.things import Plane, Thing
from custody.ledger.entry import decode
from custody.ledger.keys import Algorithm, Verifier
from custody.ledger.report import Report, counted
from custody.ledger.source import RowsSource, Source
from custody.ledger.verify import Progress, Trust, verify
from custody.record import keyring
from custody.record.create import NoLedger, stores_of
from custody.record.keyring import Keyring
from custody.record.replay import CHUNK, replay
from custody.store import identity, schema
from custody.store.database import Database
from custody.store.open_store import OpenStore
from custody.store.plane import PlaneStore


@dataclass(frozen=True, slots=True)
class StoredRows:
    """One log's rows, as `ledger.source` reads them."""

    store: PlaneStore
    connection: Connection

    def note(self) -> str:
        """Give the head as it was signed at the last commit."""
        head = self.store.head(self.connection)
        if head is None:
            message = f"the {self.store.plane} log has no head"
            raise FileNotFoundError(message)
        return head.note

    def size(self) -> int:
        """Give the number of entries by their rows."""
        return self.store.size(self.connection)

    def entries(self, start: int, stop: int) -> Iterable[bytes]:
        """Give the entries of an interval, in order; raise `ValueError` for a row that holds no bytes."""
        try:
            yield from self.store.entries(self.connection, start, stop)
        except TypeError as wrong:
            message = f"a row of the {self.store.plane} log from {start} to {stop - 1} holds no bytes"
            raise ValueError(message) from wrong

    def tiles(self) -> Iterable[tuple[int, int]]:
        """Give level and number of every full tile."""
        return self.store.tile_places(self.connection)

    def tile(self, level: int, number: int) -> bytes:
        """Give the hashes of a full tile."""
        found = self.store.tile(self.connection, level, number)
        if found is None:
            message = f"tile {number} of level {level} of the {self.store.plane} log"
            raise FileNotFoundError(message)
        return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a verification in place is to hold the ledger against, and how far it is to go."""

    vkeys: Sequence[str] | None = None
    """Keys known from elsewhere; the key folder's own when None."""
    older: Sequence[str] = ()
    """Checkpoints kept from earlier days."""
    replayed: bool = False


def verify_here(database: Database, keys: Path, wanted: Wanted, progress: Progress | None = None) -> Report:
    """Verify the ledger of a database; raise `NoLedger`, `WrongSchema`, `KeysMissing`, `BadKey`."""
    with database.writing() as connection:
        if schema.version(connection) is None:
            message = f"{database.url!r} holds no ledger"
            raise NoLedger(message)
        schema.expect(connection)
    with database.reading(Plane.SEALED) as connection:
        known = identity.read(connection)
        ring = keyring.load(keys, known.origin)
        stores = stores_of(ring)
        logs: dict[str, Source] = {
            str(plane): RowsSource(StoredRows(store, connection)) for plane, store in stores.items()
        }
        trust = Trust(_verifiers(ring, wanted.vkeys), sha256(known.protocol).hexdigest(), wanted.older)
        report = verify(logs, trust, progress)
        if wanted.replayed:
            _replay(connection, stores, report, progress)
        else:
            report.not_covered.append("Whether pages show what the logs hold: --replay rebuilds every table.")
    if wanted.vkeys is None:
        report.not_covered.append("The keys are the server's own: give a copy from another source with --vkeys.")
    report.not_covered.append("ML-DSA-44: a commit is signed by Ed25519 alone, what is published by both.")
    return report


def _verifiers(ring: Keyring, vkeys: Sequence[str] | None) -> list[Verifier]:
    """Give the keys that sign each commit: those of Ed25519."""
    if vkeys is not None:
        known = [Verifier.from_vkey(vkey) for vkey in vkeys]
        return [key for key in known if key.algorithm is Algorithm.ED25519]
    signers = [signer for pair in ring.signers.values() for signer in pair]
    return [signer.verifier for signer in signers if signer.algorithm is Algorithm.ED25519]


# --- what was made of the logs ----------------------------------------------------------------


def _replay(
    connection: Connection, stores: Mapping[Plane, PlaneStore], report: Report, progress: Progress | None
) -> None:
    """Hold tables and indexes against the logs; a log that does not verify is not replayed."""
    if not report.ok:
        report.not_covered.append("Tables and indexes were not held against the logs: the logs are not in order.")
        return
    for finding in replay(connection, stores, progress):
        report.add(finding.where, finding.what, finding.expected, finding.found)
    if report.ok:
        for plane, store in stores.items():
            _check_indexes(connection, plane, store, report)
            _check_lists(connection, plane, store, report)
    else:
        report.not_covered.append("Lists and indexes were not held against the things: these are not in order.")
    report.finish()
    report.covered.append(
        "Replay: every thing that pages show, the lists they stand in, the indexes by event and code."
    )


def _check_indexes(connection: Connection, plane: Plane, store: PlaneStore, report: Report) -> None:
    """Hold the index by event, and the one by code, against what the entries say."""
    spoken: dict[str, list[int]] = defaultdict(list)
    for place, entry in _entries(connection, store):
        found = store.place_of(connection, entry["event"])
        if found != place:
            at = "nowhere" if found is None else f"at {found}"
            report.add(f"{plane}_event, entry {place}", "index", f"{entry['event']} at {place}", at)
        for code in (*entry["things"], *entry["about"]):
            spoken[code].append(place)
    for code, places in spoken.items():
        mentions = store.mentions(connection, code)
        if mentions != places:
            report.add(f"{plane}_mention, {code}", "index", _places(places), _places(mentions))
    rows = sum(map(len, spoken.values()))
    if (found := store.mention_count(connection)) != rows:
        report.add(f"{plane}_mention", "index", counted(rows, "row"), f"{found}")


def _places(places: Sequence[int]) -> str:
    return f"entries {', '.join(map(str, places))}" if places else "no entry"


def _entries(connection: Connection, store: PlaneStore) -> Iterator[tuple[int, dict[str, Any]]]:
    size = store.size(connection)
    for start in range(0, size, CHUNK):
        chunk = list(store.entries(connection, start, min(start + CHUNK, size)))
        yield from ((place, decode(data)) for place, data in enumerate(chunk, start))


def _check_lists(connection: Connection, plane: Plane, store: PlaneStore, report: Report) -> None:
    """Hold the lists by kind and state, site and holder against the things themselves."""
    things = [kept.thing for kept in store.everything(connection)]
    for kind, status in sorted({(thing.KIND, thing.status) for thing in things}):
        listed = [kept.thing.code for kept in store.find(connection, kind, status)]
        found = sorted(thing.code for thing in things if (thing.KIND, thing.status) == (kind, status))
        _compare(f"{plane}_thing, {kind} {status}", found, listed, report)
    if isinstance(store, OpenStore):
        _check_holders(connection, store, things, report)


def _check_holders(connection: Connection, store: OpenStore, things: Sequence[Thing], report: Report) -> None:
    """Hold the lists by site and by holder, which the open plane alone has, against the things."""
    for key in sorted({(thing.KIND, thing.status, thing.site) for thing in things}):
        here = [thing.code for thing in store.at_site(connection, *key)]
        found = sorted(thing.code for thing in things if (thing.KIND, thing.status, thing.site) == key)
        _compare(f"open_thing, {' '.join(key)}", found, here, report)
    for holder in sorted({getattr(thing, "custodian", "") for thing in things}):
        held = [thing.code for thing in store.held_by(connection, holder)]
        found = sorted(thing.code for thing in things if getattr(thing, "custodian", "") == holder)
        _compare(f"open_thing, held by {holder or 'nobody'}", found, held, report)


def _compare(where: str, expected: list[str], found: list[str], report: Report) -> None:
    missing, surplus = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    if missing:
        report.add(where, "list", f"one with {', '.join(missing)}", "one without")
    if surplus:
        report.add(where, "list", f"one without {', '.join(surplus)}", "one with")
    if not missing and not surplus and len(found) != len(expected):
        report.add(where, "list", f"{len(expected)} different codes", f"{len(found)}, some of them twice")
