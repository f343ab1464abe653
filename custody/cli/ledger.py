"""Make a ledger, bring it to a new version, verify it, export it or, at its end, the arms."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from custody.cli.failing import Refused, Wrong
from custody.cli.opening import (
    Commands,
    add_place,
    database_of,
    opened,
    protocol_file,
    refuse_existing,
    settings,
    sqlite_file,
    warn_of_readers,
)
from custody.cli.saying import counting, say, say_json
from custody.cli.writing import write_new
from custody.config import Config
from custody.folders import made

if TYPE_CHECKING:
    from custody.ledger.report import Report


def add(commands: Commands) -> None:
    """Add the family's commands."""
    init = commands.add_parser("init", help="make a new ledger and its keys")
    init.add_argument("--protocol", required=True, metavar="FILE", help="the trial's protocol file, or `chocmsc`")
    init.add_argument("--origin", help="name of the ledger, as on each checkpoint: HOST/PATH")
    add_place(init)
    init.set_defaults(do=_init)
    verify = commands.add_parser("verify", help="verify the ledger in use, or an exported one")
    verify.add_argument(
        "path", nargs="?", metavar="PATH", help="an exported ledger's folder; without it the one in use"
    )
    verify.add_argument(
        "--replay",
        action="store_true",
        help="make every thing, list and index anew from the logs, and compare with the tables that pages read",
    )
    verify.add_argument("--vkeys", metavar="FILE", help="keys that you trust, one a line, from another source")
    verify.add_argument(
        "--older",
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint kept from an earlier day; more than one may be given",
    )
    verify.add_argument("--json", action="store_true", help="answer in JSON")
    add_place(verify)
    verify.set_defaults(do=_verify)
    export = commands.add_parser("export", help="write what the ledger holds as files").add_subparsers(
        title="what", metavar="WHAT", required=True
    )
    ledger = export.add_parser("ledger", help="the open log in a folder that verifies without us")
    ledger.add_argument("--out", required=True, metavar="DIR", help="an empty or new folder")
    ledger.add_argument("--sealed", action="store_true", help="the sealed log as well: in clear, it tells the arms")
    add_place(ledger)
    ledger.set_defaults(do=_export)
    arms = export.add_parser("arms", help="each participant's arm, as CSV, once the codes are open (`custody unseal`)")
    arms.add_argument("--out", required=True, metavar="FILE", help="a new file")
    add_place(arms)
    arms.set_defaults(do=_arms)
    checkpoint = export.add_parser("checkpoint", help="a log's present checkpoint, to be kept outside")
    checkpoint.add_argument("--out", required=True, metavar="FILE", help="a new file")
    checkpoint.add_argument(
        "--sealed",
        action="store_true",
        help="of the sealed log: its size counts the bench's records, so let somebody unblinded keep it",
    )
    add_place(checkpoint)
    checkpoint.set_defaults(do=_checkpoint)
    upgrade = commands.add_parser("upgrade", help="bring the database's tables to this program's version")
    add_place(upgrade)
    upgrade.set_defaults(do=_upgrade)


# --- init -------------------------------------------------------------------------------------


def _init(given: argparse.Namespace) -> int:
    from custody import protocols

    config, path = settings(given), protocol_file(given.protocol)
    protocol = protocols.load(path)
    origin = given.origin or config.origin or f"custody.example/{protocol.id.lower()}"
    make(config, path, origin)
    warn_of_readers(config)
    say(f"made the ledger {origin} of {protocol.id}")
    say(f"  database  {config.database_url}")
    say(
        f"  keys      {config.keys}  (keep a copy elsewhere: without them the ledger can be neither read nor continued)"
    )
    say("next: `custody person add --role administrator --name NAME --login LOGIN`, then `custody run`")
    return 0


def make(config: Config, path: Path, origin: str) -> None:
    """Make a ledger where there is none; when that fails, leave nothing of it."""
    from custody.record.create import create_ledger
    from custody.store.database import Database

    check_origin(origin)
    refuse_existing(config)
    file = sqlite_file(config.database_url)
    new = [one for one in (file, config.keys) if one is not None and not one.exists()]
    with made(config.keys.parent), made(file.parent if file else config.keys.parent):
        database = Database(config.database_url)
        try:
            create_ledger(database, config.keys, origin, path)
        except BaseException:
            database.close()
            for one in new:
                shutil.rmtree(one) if one.is_dir() else one.unlink(missing_ok=True)
            raise
        database.close()


def check_origin(origin: str) -> None:
    """Raise `Wrong` for a name that no key can bear."""
    from custody.ledger.keys import BadKeyName, check_name

    try:
        check_name(f"{origin}/sealed")
    except BadKeyName as wrong:
        message = f"the ledger's name: {wrong}"
        raise Wrong(message) from wrong


def _upgrade(given: argparse.Namespace) -> int:
    from custody.store import schema

    database = database_of(settings(given))
    try:
        with database.writing() as connection:
            before = schema.version(connection)
            if before is None:
                message = f"{database.url!r} holds no ledger: make one with `custody init`"
                raise Wrong(message)
            schema.upgrade(connection)
            after = schema.version(connection)
    finally:
        database.close()
    say(f"the tables are of version {after}" + (f", they were of {before}" if before != after else " already"))
    return 0


# --- verify -----------------------------------------------------------------------------------


def _verify(given: argparse.Namespace) -> int:
    vkeys = _vkeys(given.vkeys) if given.vkeys else None
    older = [_older(file) for file in given.older]
    with counting("verifying") as progress:
        if given.path is None:
            from custody.verifying import Wanted, verify_here

            config = settings(given)
            database = database_of(config)
            try:
                report = verify_here(database, config.keys, Wanted(vkeys, older, given.replay), progress)
            finally:
                database.close()
        else:
            from custody.ledger.verify import verify_folder

            report = verify_folder(_folder(given), vkeys, older, progress)
    say_report(report, as_json=given.json)
    return 0 if report.ok else 1


def _folder(given: argparse.Namespace) -> Path:
    from custody.ledger.folder import is_exported

    if given.replay:
        message = "--replay compares tables with the logs: an exported ledger has none, leave PATH or --replay out"
        raise Wrong(message)
    path = Path(given.path)
    if not path.is_dir() or not is_exported(path):
        message = f"{path}: expected the folder of an exported ledger, with open/ and vkeys in it; this is none"
        raise Wrong(message)
    return path


def say_report(report: Report, *, as_json: bool) -> None:
    """Write what was found, what was covered, and what was not."""
    if as_json:
        names = ("findings", "covered", "not_covered")
        said = {name: getattr(report, name) for name in names}
        say_json({"ok": report.ok, "unsigned": sorted(report.unsigned), **said})
        return
    from custody.ledger.report import counted

    for finding in report.findings:
        say(f"WRONG  {finding}")
    for line in report.covered:
        say(f"checked      {line}")
    for line in report.not_covered:
        say(f"not checked  {line}")
    if not report.ok:
        say(f"NOT VERIFIED: {counted(len(report.findings), 'finding')}")
    elif report.unsigned:
        logs = " and ".join(sorted(report.unsigned))
        say(f"nothing found, but not all is verified: no key was given of the log {logs}")
    else:
        say("verified: nothing found")


def _vkeys(path: str) -> list[str]:
    """Read keys, one a line."""
    from custody.ledger.keys import BadKey, Verifier

    lines = _text(path).splitlines()
    for number, line in enumerate(lines, 1):
        try:
            Verifier.from_vkey(line)
        except BadKey as wrong:
            message = f"{path}, line {number}: {wrong}"
            raise Wrong(message) from wrong
    return lines


def _older(path: str) -> str:
    """Read a checkpoint that was kept: a file that is none says nothing of the ledger."""
    from custody.ledger.checkpoint import NoteError, read_unverified

    note = _text(path)
    try:
        read_unverified(note)
    except NoteError as wrong:
        message = f"{path}: expected a checkpoint, as `custody export checkpoint` writes it: {wrong}"
        raise Wrong(message) from wrong
    return note


def _text(path: str) -> str:
    try:
        return Path(path).read_bytes().decode()
    except UnicodeDecodeError as wrong:
        message = f"{path}: expected text in UTF-8"
        raise Wrong(message) from wrong


# --- export -----------------------------------------------------------------------------------


def _export(given: argparse.Namespace) -> int:
    from custody.export.ledger import BOTH, OPEN_ALONE, export_ledger
    from custody.ledger.report import counted

    config, out = settings(given), Path(given.out)
    planes = BOTH if given.sealed else OPEN_ALONE
    if out.exists() and not out.is_dir():
        message = f"{out}: expected an empty or new folder, found something else"
        raise Wrong(message)
    new = not out.exists()
    with opened(config) as door, made(out.parent):
        vkeys = (config.keys / "vkeys").read_text().splitlines()
        try:
            sizes = export_ledger(door, out, vkeys, planes)
        except BaseException as wrong:
            if new and out.is_dir():
                shutil.rmtree(out)
            if isinstance(wrong, OSError) and not wrong.filename:  # a full disk names no file
                message = f"{out} cannot be written: {wrong.strerror}"
                raise Wrong(message) from wrong
            raise
    for log, size in sizes.items():
        say(f"{log}: {counted(size, 'entry', 'entries')} in {out / log}")
    say(f"verify it with `custody verify {out}`, or as {out / 'README.txt'} says")
    return 0


def _arms(given: argparse.Namespace) -> int:
    from custody.chain.things import Plane
    from custody.export import arms
    from custody.ledger.report import counted
    from custody.store.open_store import OpenStore

    with opened(settings(given)) as door, door.database.reading(Plane.OPEN) as connection:
        people = arms.arms(OpenStore(), connection)
    if people is None:
        message = (
            "the randomisation codes are not open, or not all: `custody unseal` opens them at the end of the trial"
        )
        raise Refused(message)
    write_new(Path(given.out), arms.write_csv(people).encode())
    say(f"{counted(len(people), 'participant')} in {given.out}")
    return 0


def _checkpoint(given: argparse.Namespace) -> int:
    from custody.chain.things import Plane
    from custody.ledger.checkpoint import read_unverified
    from custody.ledger.report import counted

    plane, other = (Plane.SEALED, Plane.OPEN) if given.sealed else (Plane.OPEN, Plane.SEALED)
    with opened(settings(given)) as door:
        note = door.checkpoint(plane)
    write_new(Path(given.out), note.encode())
    say(f"the checkpoint of {counted(read_unverified(note)[0].size, 'entry', 'entries')} in {given.out}")
    say(f"keep it outside: `custody verify --older {given.out}` shows later that they were not cut off or rewritten")
    say(f"it says nothing of the {other} log, which needs its own{'' if given.sealed else ': --sealed'}")
    if given.sealed:
        say("its size counts the bench's records: it is for somebody unblinded to keep, and for nobody else to see")
    return 0
