"""The parts of the proof, each with its figures: run in some processes, with their progress on the terminal."""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from custody.simulate.asking import Unexpected
from tests.blinding import guess, kept, report, search, timing
from tests.blinding.ground import Ground, lay
from tests.blinding.leaks import LEAKS, planted
from tests.blinding.twins import Difference
from tests.blinding.walk import walk
from tests.databases import Sqlite, started

T = TypeVar("T")
STEPS = 40
COUNTED = ("steps", "done", "released", "broken", "commands", "responses", "bytes")
CONTROLS = 60
"""Trials with a leak, and trials with faults, that a classifier is tried on."""
COUNTED_TRIALS = 24
"""Trials whose sealed records are counted."""

_stack = ExitStack()
"""What a process keeps until its end: its folder, its server."""
_grounds: dict[str, Ground] = {}


def ground(dialect: str) -> Ground:
    """Give this process's ledger to copy."""
    if not _grounds:
        Finalize(None, _stack.close, exitpriority=10)  # at the end of a process that another one started, too
    if dialect not in _grounds:
        folder = Path(_stack.enter_context(tempfile.TemporaryDirectory(prefix="custody-blinding-")))
        server = Sqlite(folder) if dialect == "sqlite" else _stack.enter_context(started())
        _grounds[dialect] = lay(server, folder)
    return _grounds[dialect]


def spread(work: Callable[[Any], T], given: Iterable[Any], name: str) -> Iterator[T]:
    """Do something with each of some things, in as many processes as there are cores."""
    given = list(given)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from tqdm(pool.map(work, given), total=len(given), desc=name, unit="", mininterval=_every_s())


def _every_s() -> float:
    """Give how often progress is said: on a terminal at once, in a file once a minute."""
    return 0.1 if sys.stderr.isatty() else 60.0


# --- lock step --------------------------------------------------------------------------------


def _walk(dialect: str, seed: int) -> dict[str, Any]:
    try:
        ran = walk(ground(dialect), seed, STEPS)
    except Difference as wrong:
        return {"seed": seed, "difference": str(wrong)}
    except Unexpected as wrong:  # which proves nothing, and keeps no other walk from being walked
        return {"seed": seed, "difference": f"not walked: {wrong}", "astray": True}
    return {**asdict(ran), "routes": sorted(ran.routes), "roles": sorted(ran.roles), "difference": ""}


def lock_step(dialect: str, runs: int, out: Path) -> dict[str, Any]:
    """Run so many walks, with the seeds from 0 on; those that the same product has walked before are not run again."""
    work = partial(spread, partial(_walk, dialect), name=f"lock step, {dialect}")
    ran = [*map(_told, kept.each(out / f"{dialect}.walks.jsonl", range(runs), work))]
    whole = [one for one in ran if not one["difference"]]
    _list(whole, out / f"{dialect}.csv")
    return {
        "commits": _commits(ran),
        "dialect": dialect,
        "runs": runs,
        "differences": [one for one in ran if one["difference"]][:20],
        "holds": len(whole) == runs,
        **{name: sum(one[name] for one in whole) for name in COUNTED},
        "routes": sorted({route for one in whole for route in one["routes"]}),
        "roles": sorted({role for one in whole for role in one["roles"]}),
    }


def _list(walks: list[kept.Line], file: Path) -> None:
    """List what each walk compared: whoever walks a seed again at its commit gets the same numbers."""
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["seed", "commit", *COUNTED])
        table.writerows([one["seed"], one["commit"], *(one[name] for name in COUNTED)] for one in walks)


def _told(walked: kept.Line) -> kept.Line:
    if walked["difference"]:
        tqdm.write(f"seed {walked['seed']}: {walked['difference'][:300]}")
    return walked


def _commits(lines: Iterable[kept.Line]) -> list[str]:
    """Name the proofs that did it: all of one product."""
    return sorted({one["commit"] for one in lines})


# --- planted leaks ----------------------------------------------------------------------------


def kill(name: str, dialect: str = "sqlite", runs: int = report.RUNS_TO_KILL) -> dict[str, Any]:
    """Plant a leak, and walk until it is found: odd seeds first, whose lists are opposite."""
    one = LEAKS[name]
    told = {"name": name, "channel": one.channel, "what": one.what, "found": "", "runs": 0}
    with planted(one):
        for number in range(runs):
            told["runs"] = number + 1
            try:
                walk(ground(dialect), 2 * number + 1, STEPS)
            except Difference as wrong:
                return told | {"found": str(wrong)[:300]}
    return told


def leaks() -> dict[str, Any]:
    """Plant each of them."""
    found = list(spread(kill, LEAKS, "planted leaks"))
    return {
        "leaks": found,
        "killed": sum(bool(one["found"]) for one in found),
        "holds": all(one["found"] for one in found),
    }


# --- times ------------------------------------------------------------------------------------


def times(pairs: int, out: Path) -> dict[str, Any]:
    """Time each kind of page, and the slow control; p is held against 0.01 divided by the number of kinds.

    Kinds that the same product was timed for before are not timed again; the control is.
    """
    limit = 0.01 / len(timing.KINDS)
    kinds = list(kept.each(out / f"{pairs}.times.jsonl", range(len(timing.KINDS)), partial(_timed, pairs)))
    control = [asdict(one) for one in timing.measure(ground("sqlite"), pairs, timing.CONTROL, slow=True)]
    caught = all(one["p"] < limit for one in control)
    return {
        "commits": sorted({*_commits(kinds), report.commit()}),
        "kinds": kinds,
        "control": control,
        "limit": limit,
        "caught": caught,
        "holds": caught and all(one["p"] >= limit for one in kinds),
    }


def _timed(pairs: int, numbers: list[int]) -> Iterator[dict[str, Any]]:
    """Time kinds by their numbers, one after the other."""
    for number in tqdm(numbers, desc="times", unit="", mininterval=_every_s()):
        [one] = timing.measure(ground("sqlite"), pairs, timing.KINDS[number : number + 1])
        yield {"seed": number, **asdict(one)}


# --- guessing ---------------------------------------------------------------------------------


def _download(kind: tuple[int, bool, bool], seed: int) -> dict[str, Any]:
    participants, faults, leaky = kind
    known = guess.downloads(seed, participants, faults=faults, leaky=leaky)
    return {"seed": seed, "known": [asdict(one) for one in known]}


def guesses(trials: int, participants: int, out: Path) -> dict[str, Any]:
    """Guess the arms of simulated trials: as they should go, with faults, and with a leak.

    It holds when nothing is guessed of the first, of the second no more than late bags tell (which is told on the
    page), and the leak is found. Trials that the same product has played before are not played again.
    """
    few = min(trials, CONTROLS)
    wanted = {"plain": (trials, False, False), "faults": (few, True, False), "leaky": (few, False, True)}
    told: dict[str, Any] = {}
    commits: set[str] = set()
    for name, (count, faults, leaky) in wanted.items():
        work = partial(spread, partial(_download, (participants, faults, leaky)), name=f"trials, {name}")
        played = list(kept.each(out / f"{name}.{participants}.trials.jsonl", range(count), work))
        known = [guess.Known(**one) for trial in played for one in trial["known"]]
        guessed = guess.guess(known)
        told[name] = asdict(guessed) | {"blind": guessed.blind, "late": _late(known)}
        commits |= {*_commits(played)}
    late = told["faults"]["low"] <= guess.late_alone(told["faults"]["late"])
    holds = told["plain"]["blind"] and late and not told["leaky"]["blind"]
    return told | {"commits": sorted(commits), "holds": holds}


def _late(known: list[guess.Known]) -> dict[str, list[int]]:
    """Count the releases that came late, of how many, in each arm."""
    arms = {"cells": True, "albumin": False}
    return {
        name: [sum(one.late for one in known if one.arm is arm), sum(one.arm is arm for one in known)]
        for name, arm in arms.items()
    }


# --- bytes on disk ----------------------------------------------------------------------------


def disk(trials: int = COUNTED_TRIALS, participants: int = 66) -> dict[str, Any]:
    """Search what a whole trial leaves on disk, and count the sealed records of some: as they are, and without fillers.

    It holds when nothing sealed is found, counting tells nothing, and would tell without what hides it.
    """
    with tempfile.TemporaryDirectory(prefix="custody-search-") as folder:
        found = search.searched(Path(folder), participants)
    laid = list(spread(partial(search.counted, participants), range(1, trials + 1), "trials, counted"))
    told = {name: search.told([one[name] for one in laid]) for name in laid[0]}
    kept = not any(found["found"].values())
    hidden = told["all"]["low"] <= 0.5 <= told["all"]["high"] and told["without fillers"]["low"] > 0.5
    return found | {"told": told, "holds": kept and hidden}
