"""The database by itself: its tables, the triggers that keep them append-only, its values' types, and its file."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from custody.ledger.report import Report
from custody.store import declared, integrity, triggers


def check_soundness(connection: Connection, report: Report, *, thorough: bool) -> bool:
    """Report tables, triggers and values that are not as they were made, and what the database finds wrong with itself.

    Say whether the database finds nothing; only SQLite looks, and goes through its indexes when `thorough`.
    """
    whole = _check_tables(connection, report)
    before = report.count
    for differing in triggers.differing(connection):
        report.add(f"triggers, {differing.name}", "trigger", differing.expected, differing.found)
    if report.count == before:
        report.covered.append("The triggers that keep the logs append-only: each as it was made, and no others.")
    looked = integrity.look_through(connection, thorough=thorough)
    if looked is None:
        report.not_covered.append("Whether the files of PostgreSQL are sound: ask it by pg_amcheck.")
        return whole
    for damage in looked.damages:
        report.add("database", "file", "a sound one", damage)
    if not looked.damages:
        report.covered.append(f"The database's file is sound, by {looked.name} of SQLite.")
    with suppress(DatabaseError):  # a table that is not there, or cannot be read, is told of already
        _check_types(connection, report)
    return whole and not looked.damages


def _check_tables(connection: Connection, report: Report) -> bool:
    """Report each table or view that is missing or not ours; say whether all of ours are there."""
    differing = list(declared.differing_tables(connection))
    for name, expected, found in differing:
        report.add(name, "table", expected, found)
    if not differing:
        report.covered.append("The tables: those that this program made, and no others.")
    return not any(found == "none" for _name, _expected, found in differing)


def _check_types(connection: Connection, report: Report) -> None:
    """Report each value of another type than its column's."""
    before = report.count
    for wrong in declared.mistyped(connection):
        report.add(wrong.where, wrong.column, wrong.expected, wrong.found)
    if report.count == before:
        report.covered.append("The values of each column: of its type.")
