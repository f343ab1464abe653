"""Simulate a whole trial."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import argparse
from pathlib import Path

from custody.cli.failing import Wrong
from custody.cli.opening import Commands, opened, protocol_file
from custody.cli.saying import progress, say, say_json


def add(commands: Commands) -> None:
    """Add the family's command."""
    simulate = commands.add_parser("simulate", help="run a whole trial on a simulated clock, and report")
    simulate.add_argument("--participants", type=_count, default=66, metavar="N", help="how many (66)")
    simulate.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, another trial (1)")
    simulate.add_argument("--faults", action="store_true", help="let things go wrong")
    simulate.add_argument("--protocol", default="chocmsc", metavar="FILE", help="another trial's protocol file")
    simulate.add_argument(
        "--keep", action="store_true", help="keep the trial in DIR/data, with accounts, to rehearse its end"
    )
    simulate.add_argument("--out", required=True, metavar="DIR", help="for report.json, report.pdf and ledger/")
    simulate.add_argument("--json", action="store_true", help="answer in JSON")
    simulate.set_defaults(do=_simulate)


def _count(text: str) -> int:
    if not text.isdigit() or not 0 < int(text[:9]) <= 100_000:
        message = f"expected a number from 1 to 100000, found {text!r}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _simulate(given: argparse.Namespace) -> int:
    from custody import demo
    from custody.ledger.report import counted
    from custody.simulate.run import KEPT, simulate
    from custody.simulate.trial import Plan

    plan, out = Plan(given.participants, given.seed, given.faults), Path(given.out)
    if out.exists() and not out.is_dir():
        message = f"{out}: expected a folder, found something else"
        raise Wrong(message)
    password = demo.PASSWORD if given.keep else ""
    with progress("participants", plan.participants) as ended:
        report = simulate(out, protocol_file(given.protocol), plan, ended, password=password)
    if given.json:
        say_json(report)
    else:
        say(f"{counted(report.participants, 'participant')}: {report.infused} infused, {report.not_infused} not")
        refused, deviations = counted(report.refusals, "step"), counted(report.deviations, "deviation")
        say(f"{refused} refused, {deviations}, {report.unreconciled} not reconciled")
        say(f"{report.events_open} events in the open log, {report.events_sealed} in the sealed one")
        say(f"verified and replayed: {counted(report.findings, 'finding') if report.findings else 'nothing found'}")
        say(f"{report.steps} steps in {report.seconds:.1f} s: {report.steps_per_second:.0f} a second")
        say(f"read {out / 'report.pdf'}")
        if given.keep:
            _introduce(out / KEPT)
    return 1 if report.unreconciled or report.findings else 0


def _introduce(data: Path) -> None:
    """Say who can sign in to the trial that was kept, and what is left to rehearse."""
    from custody import demo
    from custody.cli.people import say_logins
    from custody.config import Config

    say()
    say(f"the trial is kept in {data}, before its reconciliation: all people, codes and values are invented")
    with opened(Config.read({"CUSTODY_DATA": str(data)})) as door:
        say_logins(door, demo.logins(door.protocol))
    say(f"  everybody's password: {demo.PASSWORD}")
    say("  1. the monitor and the responsible person sign `Reconcile` and `Reconcile the bench` on their pages:")
    say(f"     CUSTODY_DATA={data} custody run")
    say(f"  2. custody unseal --data {data} --signed-by statistician --signed-by responsible")
    say(f"  3. custody verify --data {data}; custody export arms --data {data} --out arms.csv; the page /arms")
