"""What the proof's figures rest on: a permutation test and a classifier that find what is there, and nothing else."""

from __future__ import annotations

from random import Random

import numpy as np

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
