"""Fill an empty ledger with the demonstration."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import argparse
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from custody.cli.failing import Refused
from custody.cli.opening import Commands, add_place, protocol_file, refuse_existing, settings, sqlite_file
from custody.cli.saying import progress, say
from custody.config import Config
from custody.folders import made

if TYPE_CHECKING:
    from custody.demo import Filled


def add(commands: Commands) -> None:
    """Add the family's command."""
    demo = commands.add_parser("demo", help="fill an empty ledger with the demonstration trial")
    demo.add_argument("--if-empty", action="store_true", help="do nothing when there is a ledger already")
    demo.add_argument("--protocol", default="chocmsc", metavar="FILE", help="another trial's protocol file")
    add_place(demo)
    demo.set_defaults(do=_demo)


def _demo(given: argparse.Namespace) -> int:
    config, path = settings(given), protocol_file(given.protocol)
    if given.if_empty and _has_ledger(config):
        return 0
    try:
        refuse_existing(config)
    except Refused as wrong:
        message = f"{wrong}. The demonstration needs a new ledger: name another folder with --data"
        raise Refused(message) from wrong
    filled = _fill(config, path)
    say(f"filled a new ledger with the demonstration: {filled.participants} participants, {filled.steps} steps")
    if not filled.enrols_now:
        say(
            "The trial's week is closed at this moment, so enrolling somebody new is refused, as in the trial itself. "
            "Participants who are enrolled already wait for their order."
        )
    return 0


def _has_ledger(config: Config) -> bool:
    """Say whether there is a ledger already, on any database."""
    from custody.store import schema
    from custody.store.database import Database

    file = sqlite_file(config.database_url)
    if file is not None:
        return file.exists()
    database = Database(config.database_url)
    try:
        with database.writing() as connection:
            return schema.version(connection) is not None
    finally:
        database.close()


def _fill(config: Config, path: Path) -> Filled:
    """Fill a database; one in a file is made beside its place and moved there when it is whole."""
    from custody import demo, protocols
    from custody.store.database import Database

    protocols.load(path)
    file, now = sqlite_file(config.database_url), datetime.now(UTC)
    with progress("demonstration", len(demo.HISTORY) + len(demo.NOW)) as ended:
        if file is None:
            database = Database(config.database_url)
            try:
                return demo.fill(database, config.keys, path, now, ended)
            finally:
                database.close()
        with (
            made(file.parent),
            made(config.keys.parent),
            tempfile.TemporaryDirectory(prefix=".demonstration-", dir=file.parent) as name,
        ):
            work = Path(name)
            database = Database(f"sqlite:///{work / 'custody.db'}")
            try:
                filled = demo.fill(database, work / "keys", path, now, ended)
            finally:
                database.close()
            shutil.move(work / "keys", config.keys)
            shutil.move(work / "custody.db", file)
    return filled
