"""A classifier that reads all that a blinded person can download of simulated trials, and guesses the arms.

Of each participant it gets what any reader could work out: times between the open log's entries, lengths and numbers
in them, hashes and codes by their bytes, and the sizes of every page and label. It is trained on some trials and
guesses those of others. With nothing to go by its AUC is 0.5; the interval is from resampling whole trials.
The control is a trial whose releases are a little wordier with cells: it has to be told.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from custody import protocols
from custody.chain.release import ReleaseForDispatch
from custody.chain.roles import Role
from custody.chain.things import Allocation, Participant, Plane, TreatmentBag, allocation_code
from custody.clock import SetClock
from custody.randomisation import SeededBytes
from custody.record.create import create_ledger
from custody.record.world import World
from custody.simulate.play import Play
from custody.simulate.trial import START, Plan, play_trial
from custody.store.database import Database
from tests.blinding.ground import give_accounts, pages_of, signed_in
from tests.blinding.leaks import around

FOLDS = 5
RESAMPLES = 2000
PAGES = ("/s/{code}", "/s/{code}/history", "/labels/{code}.svg", "/s/{code}/changed?seen=1")
Features = dict[str, float]


@dataclass(frozen=True)
class Known:
    """What can be downloaded of one participant, and the truth."""

    trial: int
    arm: bool
    features: Features
    late: bool = False
    """Whether its bag was released later than a bag is as a rule: the bench took longer than the hold hides."""


@dataclass(frozen=True)
class Guessed:
    """How well the arms were guessed."""

    trials: int
    participants: int
    features: int
    auc: float
    low: float
    high: float
    """Bounds of the 95 % interval."""

    @property
    def blind(self) -> bool:
        return self.low <= 0.5 <= self.high


def downloads(seed: int, participants: int, *, faults: bool = False, leaky: bool = False) -> list[Known]:
    """Simulate a trial; give what a monitor can download of each participant, sealed truth beside it."""
    clock = SetClock(START)
    with tempfile.TemporaryDirectory(prefix="custody-guess-") as folder:
        database = Database(f"sqlite:///{folder}/trial.db")
        world = World(clock, SeededBytes(seed, "guess"))
        door = create_ledger(
            database, Path(folder) / "keys", "custody.example/guess", protocols.builtin()["chocmsc"], world
        )
        with _wordier(Random(seed)) if leaky else nullcontext():
            play = play_trial(door, clock, Plan(participants, seed, faults))
        try:
            return list(_known(seed, play, _monitor(play, Path(folder))))
        finally:
            database.close()


def _wordier(chance: Random) -> AbstractContextManager[object]:
    """Let the release have some words, half a word more with cells."""

    def record(real: Any, self: Any, scene: Any) -> Any:
        made = real(self, scene)
        cells = made.sealed.things and scene.get(Allocation, _allocation(scene, self)).arm == "MSC"
        told = {**made.open.payload, "words": "w" * (chance.randint(0, 4) + cells)}
        return replace(made, open=replace(made.open, payload=told))

    return around(ReleaseForDispatch, "record", record)


def _allocation(scene: Any, step: ReleaseForDispatch) -> str:
    return allocation_code(scene.need(TreatmentBag, step.treatment_bag).participant)


def _monitor(play: Play, folder: Path) -> Any:
    """Give the monitor's browser."""
    one = play.cast.one(Role.MONITOR)
    give_accounts(play.door.database, one)
    client, _token = signed_in(pages_of(play.door, folder), one.login)
    assert client.get("/").status_code == 200
    return client


def _known(trial: int, play: Play, client: Any) -> Iterator[Known]:
    entries = _open_entries(play)
    with play.door.database.reading(Plane.SEALED) as connection:
        store = play.door.stores[Plane.SEALED]
        arms = {code: store.thing(connection, allocation_code(code)) for code in _participants(play)}
    for place, (code, kept) in enumerate(arms.items()):
        if kept is None:
            continue
        bags = play.get(Participant, code).treatment_bags
        about = [entry for entry in entries if {code, *bags} & {*entry["things"], *entry["about"]}]
        features = {"place": float(place)} | of_entries(about) | of_codes(code, *bags[:1])
        for path in PAGES:
            for name, one in (("participant", code), ("bag", bags[0])):
                answer = client.get(path.format(code=one))
                features[f"{path} {name}"] = len(answer.get_data()) + answer.status_code / 1000
        usual = play.timetable.at["released"] * 60 + 1
        yield Known(trial, kept.thing.arm == "MSC", features, features.get("bag_released after", 0) > usual)


def _participants(play: Play) -> list[str]:
    people = [one for status in ("enrolled", "ordered", "infused") for one in play.find(Participant, status)]
    return [one.code for one in sorted(people, key=lambda one: one.number)]


def _open_entries(play: Play) -> list[dict[str, Any]]:
    with play.door.database.reading(Plane.OPEN) as connection:
        store = play.door.stores[Plane.OPEN]
        found = list(store.entries(connection, 0, store.size(connection)))
    return [json.loads(data) | {"length": len(data), "place": place} for place, data in enumerate(found)]


def of_entries(entries: Sequence[Mapping[str, Any]]) -> Features:
    """Give what the entries about a participant tell: per type how many, when, how long, and every number."""
    features: Features = {"entries": float(len(entries))}
    began = next((_seconds(entry["recorded_at"]) for entry in entries if entry["type"] == "bag_ordered"), 0.0)
    previous = began
    for entry in entries:
        name, at = entry["type"], _seconds(entry["recorded_at"])
        features[f"{name} count"] = features.get(f"{name} count", 0) + 1
        if features[f"{name} count"] > 1:
            continue
        features[f"{name} after"] = at - began
        features[f"{name} since"] = at - previous
        features[f"{name} microsecond"] = at % 1
        features[f"{name} hour"] = at / 3600 % 24
        features[f"{name} waited"] = at - _seconds(entry["received_at"])
        features[f"{name} length"] = entry["length"]
        features[f"{name} place"] = entry["place"]
        features |= {f"{name} {key}": value for key, value in numbers(entry["payload"])}
        features |= of_hash(name, entry.get("commitment") or entry.get("request") or entry["event"].replace("-", ""))
        previous = at
    return features


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def numbers(payload: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Give every value of an entry as a number: itself, a text's length, a list's."""
    for key, value in payload.items():
        if isinstance(value, bool | int | float):
            yield key, float(value)
        elif isinstance(value, str | list | dict):
            yield f"{key} length", float(len(value))
            if isinstance(value, str) and value[-1:] == "Z":
                yield key, _seconds(value) % 86_400


def of_hash(name: str, digest: str) -> Features:
    """Give the first bytes of a hash."""
    return {f"{name} hash {place}": float(byte) for place, byte in enumerate(bytes.fromhex(digest)[:4])}


def of_codes(*codes: str) -> Features:
    """Give the letters of codes as numbers."""
    return {
        f"code {number} {place}": float(ord(letter))
        for number, code in enumerate(codes)
        for place, letter in enumerate(code)
    }


# --- guessing ---------------------------------------------------------------------------------


def guess(known: Sequence[Known], seed: int = 1) -> Guessed:
    """Train on some trials, guess the others; give the AUC and its 95 % interval over trials."""
    names = sorted({name for one in known for name in one.features})
    table = np.array([[one.features.get(name, np.nan) for name in names] for one in known])
    arms, trials = np.array([one.arm for one in known]), np.array([one.trial for one in known])
    chances = np.zeros(len(known))
    for train, test in GroupKFold(min(FOLDS, len(set(trials)))).split(table, arms, trials):
        model = HistGradientBoostingClassifier(random_state=seed, max_iter=80, learning_rate=0.08)
        chances[test] = model.fit(table[train], arms[train]).predict_proba(table[test])[:, 1]
    return Guessed(len(set(trials)), len(known), len(names), *area(arms, chances, trials, seed))


def area(arms: np.ndarray, chances: np.ndarray, trials: np.ndarray, seed: int = 1) -> tuple[float, float, float]:
    """Give the area under the curve (AUC) of some guesses, and the ends of its 95 % interval over trials."""
    random, by_trial = np.random.default_rng(seed), {trial: np.flatnonzero(trials == trial) for trial in set(trials)}
    drawn = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([by_trial[trial] for trial in random.choice(list(by_trial), len(by_trial))])
        drawn.append(roc_auc_score(arms[rows], chances[rows]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(roc_auc_score(arms, chances)), float(low), float(high)


def late_alone(late: Mapping[str, Sequence[int]]) -> float:
    """Give the AUC of guessing cells for a late bag, and tossing a coin for any other: (late, of all) of each arm."""
    (cells, of_cells), (albumin, of_albumin) = late["cells"], late["albumin"]
    return 0.5 + (cells / of_cells - albumin / of_albumin) / 2
