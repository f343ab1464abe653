"""Response times: each kind of page, asked of a copy with cells and of a copy with albumin alone, in turn.

A pair is one question to both, in an order that is drawn. Which of the two copies has the cells changes from house to
house, so that what is peculiar to a copy cancels out. The figure is the mean difference in microseconds, each bounded
by the 99th percentile, so that one hiccup of the machine does not decide; p says how often differences whose signs are
drawn are as large (a permutation test). A control that is slower with cells by some microseconds has to be caught.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from random import Random

import numpy as np

from custody.chain.step import STEPS
from custody.web import thing
from tests.blinding import bench
from tests.blinding.ground import ARMS, PASSWORD, PLACES, Ground
from tests.blinding.leaks import around, treated
from tests.blinding.twins import Twin, Twins, begun
from tests.blinding.ward import Hand, Ward
from tests.web.house import HIDDEN

HOUSES = 4
"""How often both copies are made anew."""
FLIPS = 10_000
SLOW_US = 40
"""By how much the control is slower where there are cells."""
WARM = 30
"""Pairs that are not counted: caches fill."""


@dataclass(frozen=True)
class Kind:
    """One kind of page: who asks for what."""

    name: str
    login: str
    method: str
    path: str
    """With {bag} and {participant}."""
    raw: str = ""


KINDS = (
    Kind("front page of the ward", "nurse-nan", "GET", "/"),
    Kind("list, asked again", "nurse-nan", "GET", "/worklist"),
    Kind("front page of the monitor", "monitor", "GET", "/"),
    Kind("treatment bag", "nurse-nan", "GET", "/s/{bag}"),
    Kind("participant", "investigator-nan", "GET", "/s/{participant}"),
    Kind("history of the bag", "inspector", "GET", "/s/{bag}/history"),
    Kind("has it changed", "nurse-nan", "GET", "/s/{bag}/changed?seen=1"),
    Kind("form: cancel the order", "investigator-nan", "GET", "/s/{bag}/do/cancel_order"),
    Kind("scan of the bag", "courier", "POST", "/scan", "{bag}"),
    Kind("scan of the wristband", "nurse-nan", "POST", "/scan", "{participant}"),
    Kind("a refused step", "nurse-nan", "POST", "/s/{bag}/do/start_infusion"),
    Kind("open log, checkpoint", "monitor", "GET", "/ledger/open/checkpoint"),
    Kind("open log, entries", "inspector", "GET", "/ledger/open/tile/entries/000.p/20"),
    Kind("is it ready", "", "GET", "/readyz"),
    Kind("figures for monitoring", "", "GET", "/metrics"),
)

CONTROL = tuple(kind for kind in KINDS if kind.path.startswith("/s/"))[:1]


@dataclass(frozen=True)
class Timed:
    """What came of one kind of page."""

    name: str
    pairs: int
    median_us: float
    difference_us: float
    """Cells minus albumin."""
    within_us: float
    """Half of the 95 % interval of that difference: a smaller one would not have been noticed."""
    p: float


def measure(
    ground: Ground, pairs: int, kinds: tuple[Kind, ...] = KINDS, *, slow: bool = False, seed: int = 1
) -> Iterator[Timed]:
    """Time so many pairs of each kind; with the control in place when `slow`."""
    found: dict[str, list[tuple[float, float]]] = {kind.name: [] for kind in kinds}
    control: Callable[[], AbstractContextManager[object]] = slowed if slow else nullcontext
    with control():
        for house in range(HOUSES):
            chance = Random(f"{seed}/{house}")
            cells_first = house % 2 == 0
            lists = [
                dict.fromkeys(("NAN", "DIJ", "STR"), _beginning_with(arm))
                for arm in (ARMS if cells_first else ARMS[::-1])
            ]
            with begun(ground, lists, f"timing {seed} {house}") as twins:
                bag, participant = _under_way(twins)
                for kind in kinds:
                    for both in _pairs(twins, kind, {"bag": bag, "participant": participant}, pairs // HOUSES, chance):
                        found[kind.name].append(both if cells_first else both[::-1])
    for kind in kinds:
        yield compared(kind.name, np.array(found[kind.name]), np.random.default_rng(seed))


def _beginning_with(arm: str) -> tuple[str, ...]:
    other = ARMS[1 - ARMS.index(arm)]
    return (arm, other) * (PLACES // 2)


def slowed() -> AbstractContextManager[object]:
    """Let every look at a thing with cells take longer."""

    def visible(real: Callable[[str], list[object]], code: str) -> list[object]:
        found = real(code)
        cells = treated(code)  # which takes its time too, in both arms: before the clock is looked at
        until = time.perf_counter() + (SLOW_US / 1e6 if cells else 0)
        while time.perf_counter() < until:
            pass
        return found

    return around(thing, "visible", visible)


def _under_way(twins: Twins) -> tuple[str, str]:
    """Enrol and order in both; let each bench do all that its arm asks for. Give bag and participant."""
    ward = Ward(Random(1), twins.ground.cast, twins.pair[0].door.protocol)
    enrolment = ward.enrolment(twins.now, "NAN")
    _do(twins, enrolment)
    _do(twins, Hand(enrolment.login, "order", enrolment.code))
    bag = next(one.code for one in twins.pair[0].things() if one.KIND == "treatment_bag")
    list(bench.preparing(twins, bag))
    assert bench.covered(twins, bag)
    return bag, enrolment.code


def _do(twins: Twins, hand: Hand) -> None:
    page = twins.both(hand.login, "GET", hand.path)
    hidden = {name: value for name, value in HIDDEN.findall(page.body.decode()) if name != "csrf_token"}
    key = STEPS[hand.step].SPEC.key
    sent = {key: hand.code, **hidden, **hand.fields, "password": PASSWORD}
    assert twins.both(hand.login, "POST", hand.path, data=sent).status == 303, hand


def _pairs(
    twins: Twins, kind: Kind, codes: dict[str, str], count: int, chance: Random
) -> Iterator[tuple[float, float]]:
    path, sent = kind.path.format(**codes), {"raw": kind.raw.format(**codes), "source": "wedge"}
    for number in range(WARM + count):
        taken = {}
        for twin in chance.sample(twins.pair, 2):
            twins.turn(twin, "timing", number)
            taken[twin.name] = _took(twin, kind, path, {**sent, "event": twins.event(number)})
        if number >= WARM:
            yield taken["one"], taken["other"]


def _took(twin: Twin, kind: Kind, path: str, sent: dict[str, str]) -> float:
    """Give the microseconds until the whole answer is there."""
    client, token = twin.client(kind.login)
    more = {"data": {**sent, "csrf_token": token}} if kind.method == "POST" else {}
    start = time.perf_counter_ns()
    answer = client.open(path, method=kind.method, **more)
    answer.get_data()
    taken = (time.perf_counter_ns() - start) / 1000
    answer.close()
    return taken


def compared(name: str, times: np.ndarray, random: np.random.Generator) -> Timed:
    """Compare by permutation: the sign of each difference is as likely when the arm tells nothing."""
    differences = times[:, 0] - times[:, 1]
    bound = np.quantile(np.abs(differences), 0.99)
    differences = np.clip(differences, -bound, bound)
    observed = differences.mean()
    as_large = 0
    for _ in range(FLIPS // 100):
        signs = random.integers(0, 2, (100, len(differences)), dtype=np.int8) * 2 - 1
        as_large += int((np.abs(signs @ differences / len(differences)) >= abs(observed)).sum())
    within = 1.96 * differences.std() / len(differences) ** 0.5
    p = (as_large + 1) / (FLIPS + 1)
    return Timed(name, len(times), float(np.median(times)), float(observed), float(within), p)
