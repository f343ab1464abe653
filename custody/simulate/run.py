"""Runs a simulation from nothing: a ledger of its own in a folder that is thrown away, and a report that stays."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from custody import protocols
from custody.clock import SetClock
from custody.export.ledger import BOTH, export_ledger
from custody.folders import made, private
from custody.ledger.verify import verify_folder
from custody.randomisation import SeededBytes
from custody.record.create import create_ledger
from custody.record.world import World
from custody.simulate.cast import give_accounts
from custody.simulate.report import Report, report_on, write_json, write_pdf
from custody.simulate.trial import START, Plan, check_places, play_trial
from custody.store.database import Database
from custody.verifying import Wanted, verify_here

MADE: Final = ("report.json", "report.pdf", "ledger")
"""What a simulation leaves in its folder."""
KEPT: Final = "data"
"""The folder of database and keys, as `CUSTODY_DATA` names it, where the trial is kept to rehearse its end."""


class OutputExists(FileExistsError):
    """A folder that holds something already."""


def simulate(
    out: Path, protocol_file: Path, plan: Plan, ended: Callable[[], None] = lambda: None, *, password: str = ""
) -> Report:
    """Simulate a whole trial and write what came of it; all of it or nothing.

    With a password, everybody's, the trial itself is kept as well, up to its reconciliation.

    Raises `OutputExists`, `ProtocolError`, `TooMany`, `OSError`; `Unexpected` when the door contradicts the rules.
    """
    made_here = (*MADE, *([KEPT] if password else []))
    plan = replace(plan, reconciled=not password)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        message = f"{out}: expected an empty or new folder, found something else"
        raise OutputExists(message)
    protocol = protocols.load(protocol_file)
    check_places(protocol, plan)
    with made(out), tempfile.TemporaryDirectory(prefix=".simulation-", dir=out) as name:
        work = Path(name)
        report = _play(work, protocol_file, protocol.id, plan, ended, password)
        write_json(report, work / "report.json")
        write_pdf(report, work / "report.pdf")
        for one in made_here:
            shutil.move(work / one, out / one)
    return report


def _play(work: Path, protocol_file: Path, trial: str, plan: Plan, ended: Callable[[], None], password: str) -> Report:
    clock, kept = SetClock(START), work / KEPT
    private(kept)
    database = Database(f"sqlite:///{kept / 'custody.db'}")
    world = World(clock, SeededBytes(plan.seed, "world"))
    try:
        door = create_ledger(
            database, kept / "keys", f"custody.example/simulation/{trial.lower()}", protocol_file, world
        )
        began = time.perf_counter()
        play = play_trial(door, clock, plan, ended)
        seconds = time.perf_counter() - began
        if password:
            give_accounts(database, play.cast, password)
        vkeys = (kept / "keys" / "vkeys").read_text().splitlines()
        export_ledger(door, work / "ledger", vkeys, BOTH)
        findings = [
            *verify_folder(work / "ledger").findings,
            *verify_here(database, kept / "keys", Wanted(replayed=True)).findings,
        ]
        return report_on(play, plan, seconds, (clock.now() - START).total_seconds() / 86400, len(findings))
    finally:
        database.close()
