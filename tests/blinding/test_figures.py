"""What the proof's figures rest on: a permutation test and a classifier that find what is there, and nothing else."""

from __future__ import annotations

from itertools import count
from random import Random

import numpy as np
import pytest

from custody.web import thing
from tests.blinding import timing
from tests.blinding.guess import Known, downloads, guess
from tests.blinding.timing import compared


def times(shift_us, pairs=4000):
    random = np.random.default_rng(3)
    common = 2000 + random.exponential(300, (pairs, 1))
    found = common + random.exponential(60, (pairs, 2))
    found[:, 0] += shift_us
    return found


def test_a_difference_of_some_microseconds_is_found_by_permutation():
    found = compared("page", times(8), np.random.default_rng(1))
    assert found.p < 0.001
    assert 5 < found.difference_us < 11


@pytest.mark.parametrize("cells", [True, False])
def test_the_control_is_slower_with_cells_alone_however_long_it_looks_for_them(monkeypatch, cells):
    clock = count()

    def treated(_code):
        for _microsecond in range(1000):
            next(clock)
        return cells

    monkeypatch.setattr(timing, "treated", treated)
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock) / 1e6)
    monkeypatch.setattr(thing, "visible", lambda _code: [])
    with timing.slowed():
        thing.visible("")
    assert (next(clock) > 1000 + timing.SLOW_US) == cells


def test_where_there_is_none_none_is_found():
    assert compared("page", times(0), np.random.default_rng(1)).p > 0.05


def known(telling):
    """Give participants whose features tell nothing, but one that tells a little."""
    chance = Random(5)
    for trial in range(40):
        for _ in range(20):
            arm = chance.random() < 0.5
            features = {str(number): chance.random() for number in range(6)}
            yield Known(trial, arm, features | {"told": chance.random() + telling * arm})


def test_a_classifier_is_blind_where_nothing_is_told():
    assert guess(list(known(0.0))).blind


def test_and_sees_where_a_little_is():
    guessed = guess(list(known(0.3)))
    assert guessed.low > 0.5


def test_what_can_be_downloaded_has_times_lengths_hashes_and_pages():
    [one, *_others] = downloads(1, 4)
    assert one.features["bag_released after"] > 3600
    assert {"bag_released length", "bag_ordered hash 0", "code 1 3", "/labels/{code}.svg bag"} <= one.features.keys()
