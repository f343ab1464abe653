"""The database by itself: whether it has the triggers that keep it append-only, and whether its file is sound."""

from __future__ import annotations

from sqlalchemy import Connection

from custody.ledger.report import Report
from custody.store import integrity, triggers


def check_soundness(connection: Connection, report: Report, *, thorough: bool) -> bool:
    """Report each trigger that is not as it was made, and what the database finds wrong with itself.

    Say whether the database finds nothing; only SQLite looks, and goes through its indexes when `thorough`.
    """
    for differing in triggers.differing(connection):
        report.add(f"triggers, {differing.name}", "trigger", differing.expected, differing.found)
    if report.ok:
        report.covered.append("The triggers that keep the logs append-only: each as it was made, and no others.")
    looked = integrity.look_through(connection, thorough=thorough)
    if looked is None:
        report.not_covered.append("Whether the files of PostgreSQL are sound: ask it by pg_amcheck.")
        return True
    for damage in looked.damages:
        report.add("database", "file", "a sound one", damage)
    if not looked.damages:
        report.covered.append(f"The database's file is sound, by {looked.name} of SQLite.")
    return not looked.damages
