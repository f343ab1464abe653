"""Verifies the ledger in use, where it lies: both logs from entry 0, and all that was made of them.

- The database: it has its tables and the triggers that keep them append-only, and no others; each value is of its
  column's type; SQLite finds its own file sound.
- The logs: every entry is hashed anew, and held against the stored tiles and the signed head (`ledger.verify`).
- What stands beside them: the row of each head, against its signed note; the name of the ledger; the accounts.
- With `replay`: all things anew from the logs, held against the tables that pages read; and the two indexes, by event
  and by code, held against the entries.

A ledger whose end is broken is not opened by the door; it is verified all the same, and what is wrong is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, NoResultFound

from custody.chain.things import Plane
from custody.ledger.keys import Algorithm, BadKeyName, Verifier
from custody.ledger.report import Report
from custody.ledger.source import RowsSource, Source
from custody.ledger.verify import Progress, Trust, verify
from custody.record import keyring
from custody.record.create import NoLedger, stores_of
from custody.record.keyring import Keyring
from custody.store import identity, schema
from custody.store.database import Database
from custody.store.identity import Identity
from custody.store.plane import PlaneStore
from custody.verifying.accounts import check_accounts
from custody.verifying.heads import check_heads, check_name
from custody.verifying.rows import StoredRows
from custody.verifying.soundness import check_soundness
from custody.verifying.tables import check_tables


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
    with database.inspecting() as connection:
        if schema.version(connection) is None:
            message = f"{database.url!r} holds no ledger"
            raise NoLedger(message)
        schema.expect(connection)
        beside = Report()
        sound = check_soundness(connection, beside, thorough=wanted.replayed)
    try:
        report = _verify(database, keys, wanted, progress)
        check_accounts(database, beside)
    except DatabaseError as wrong:
        if sound:
            raise
        report = Report(not_covered=[f"The logs: the database cannot be read, {wrong.orig}."])
    return report.take(beside).finish()


def _verify(database: Database, keys: Path, wanted: Wanted, progress: Progress | None) -> Report:
    """Verify the logs, and hold against them what stands beside them."""
    with database.reading(Plane.SEALED) as connection:
        try:
            known = identity.read_anyhow(connection)
            ring = keyring.load(keys, known.origin)
        except (NoResultFound, BadKeyName) as wrong:
            return _unnamed(wrong)
        stores = stores_of(ring)
        report = _verify_logs(connection, stores, _trust(known, ring, wanted), progress)
        check_name(connection, known, stores[Plane.OPEN], report)
        check_heads(connection, known.origin, stores, report)
        if wanted.replayed:
            check_tables(connection, stores, report, progress)
        else:
            report.not_covered.append("Whether pages show what the logs hold: --replay makes it all anew and compares.")
    if wanted.vkeys is None:
        report.not_covered.append("The keys are the server's own: give a copy from another source with --vkeys.")
    report.not_covered.append("ML-DSA-44: a commit is signed by Ed25519 alone, what is published by both.")
    report.not_covered.append(
        "Accounts: whether a password is its person's own. The protocol's file name, which no entry holds."
    )
    return report


def _unnamed(wrong: NoResultFound | BadKeyName) -> Report:
    """Report a ledger whose name is gone, by which keys and logs are called."""
    report = Report(not_covered=["The logs: their keys are called by the ledger's name."])
    if isinstance(wrong, BadKeyName):
        report.add_wrong("ledger", "origin", "the ledger's name", wrong)
    else:
        report.add("ledger", "row", "a row", "none")
    return report


def _verify_logs(
    connection: Connection, stores: Mapping[Plane, PlaneStore], trust: Trust, progress: Progress | None
) -> Report:
    logs: dict[str, Source] = {str(plane): RowsSource(StoredRows(store, connection)) for plane, store in stores.items()}
    return verify(logs, trust, progress)


def _trust(known: Identity, ring: Keyring, wanted: Wanted) -> Trust:
    verifiers, protocol = _verifiers(ring, wanted.vkeys), sha256(known.protocol).hexdigest()
    return Trust(verifiers, protocol, wanted.older, given=wanted.vkeys is not None)


def _verifiers(ring: Keyring, vkeys: Sequence[str] | None) -> list[Verifier]:
    """Give the keys that sign each commit: those of Ed25519."""
    if vkeys is not None:
        known = [Verifier.from_vkey(vkey) for vkey in vkeys]
        return [key for key in known if key.algorithm is Algorithm.ED25519]
    signers = [signer for pair in ring.signers.values() for signer in pair]
    return [signer.verifier for signer in signers if signer.algorithm is Algorithm.ED25519]
