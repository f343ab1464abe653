"""The parts of the proof, each with its figures: run in some processes, with their progress on the terminal."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from itertools import chain
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from custody.simulate.asking import Unexpected
from tests.blinding import guess, report, search, timing
from tests.blinding.ground import Ground, lay
from tests.blinding.leaks import LEAKS, planted
from tests.blinding.twins import Difference
from tests.blinding.walk import walk
from tests.databases import Sqlite, started

T = TypeVar("T")
STEPS = 40
COUNTED = ("steps", "done", "released", "broken", "commands", "responses", "bytes")
RUNS_TO_KILL = 8
"""So many runs a leak is given to be found in."""
CONTROLS = 60
"""Trials with a leak, and trials with faults, that a classifier is tried on."""

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


def _walk(given: tuple[str, int]) -> dict[str, Any]:
    dialect, seed = given
    try:
        ran = walk(ground(dialect), seed, STEPS)
    except Difference as wrong:
        return {"seed": seed, "difference": str(wrong)}
    except Unexpected as wrong:  # which proves nothing, and keeps no other walk from being walked
        return {"seed": seed, "difference": f"not walked: {wrong}"}
    return {**asdict(ran), "routes": sorted(ran.routes), "roles": sorted(ran.roles), "difference": ""}


def lock_step(dialect: str, runs: int, out: Path) -> dict[str, Any]:
    """Run so many walks, with the seeds from 0 on; those that the same product has walked before are not run again.

    Each walk is kept in a line of its own as soon as it is done: what is stopped half way goes on from there.
    """
    kept, commit = out / f"{dialect}.walks.jsonl", report.commit()
    ran = _walked(kept, commit, runs)
    left = [(dialect, seed) for seed in range(runs) if seed not in ran]
    with kept.open("w", encoding="utf-8") as file:
        for walked in chain(list(ran.values()), spread(_walk, left, f"lock step, {dialect}")):
            one = {"commit": commit} | walked
            file.write(json.dumps(one) + "\n")
            file.flush()
            ran[one["seed"]] = one
            if one["difference"]:
                tqdm.write(f"seed {one['seed']}: {one['difference'][:300]}")
    whole = [one for one in ran.values() if not one["difference"]]
    return {
        "dialect": dialect,
        "runs": runs,
        "differences": [one for one in ran.values() if one["difference"]][:20],
        "holds": len(whole) == runs,
        **{name: sum(one[name] for one in whole) for name in COUNTED},
        "earlier": sorted({one["commit"] for one in whole} - {commit}),
        "routes": sorted({route for one in whole for route in one["routes"]}),
        "roles": sorted({role for one in whole for role in one["roles"]}),
    }


def _walked(kept: Path, commit: str, runs: int) -> dict[int, dict[str, Any]]:
    """Give the walks of this product, by seed; of a tree with changes none."""
    if not kept.exists() or commit.endswith("dirty"):
        return {}
    lines = kept.read_text(encoding="utf-8").splitlines()
    walks = [json.loads(line) for line in lines if line.endswith("}")]
    return {one["seed"]: one for one in walks if report.same_product(one["commit"], commit) and one["seed"] < runs}


# --- planted leaks ----------------------------------------------------------------------------


def kill(name: str, dialect: str = "sqlite", runs: int = RUNS_TO_KILL) -> dict[str, Any]:
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


def times(pairs: int) -> dict[str, Any]:
    """Time each kind of page, and the slow control; p is held against 0.01 divided by the number of kinds."""
    limit = 0.01 / len(timing.KINDS)
    kinds = [
        asdict(one)
        for one in tqdm(timing.measure(ground("sqlite"), pairs), desc="times", total=len(timing.KINDS), disable=None)
    ]
    control = [asdict(one) for one in timing.measure(ground("sqlite"), pairs, timing.CONTROL, slow=True)]
    caught = all(one["p"] < limit for one in control)
    return {
        "kinds": kinds,
        "control": control,
        "limit": limit,
        "caught": caught,
        "holds": caught and all(one["p"] >= limit for one in kinds),
    }


# --- guessing ---------------------------------------------------------------------------------


def _download(given: tuple[int, int, bool, bool]) -> list[guess.Known]:
    seed, participants, faults, leaky = given
    return guess.downloads(seed, participants, faults=faults, leaky=leaky)


def guesses(trials: int, participants: int) -> dict[str, Any]:
    """Guess the arms of simulated trials: as they should go, with faults, and with a leak."""
    few = min(trials, CONTROLS)
    wanted = {"plain": (trials, False, False), "faults": (few, True, False), "leaky": (few, False, True)}
    told = {}
    for name, (count, faults, leaky) in wanted.items():
        each = spread(_download, [(seed, participants, faults, leaky) for seed in range(count)], f"trials, {name}")
        known = [one for trial in each for one in trial]
        guessed = guess.guess(known)
        told[name] = asdict(guessed) | {"blind": guessed.blind, "late": _late(known)}
    return told | {"holds": told["plain"]["blind"] and not told["leaky"]["blind"]}


def _late(known: list[guess.Known]) -> dict[str, list[int]]:
    """Count the releases that came late, of how many, in each arm."""
    arms = {"cells": True, "albumin": False}
    return {
        name: [sum(one.late for one in known if one.arm is arm), sum(one.arm is arm for one in known)]
        for name, arm in arms.items()
    }


# --- bytes on disk ----------------------------------------------------------------------------


def disk() -> dict[str, Any]:
    """Search what a whole trial leaves on disk."""
    with tempfile.TemporaryDirectory(prefix="custody-search-") as folder:
        told = search.searched(Path(folder))
    return told | {"holds": not any(told["found"].values())}
