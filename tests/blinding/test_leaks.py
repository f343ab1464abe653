"""Every planted leak is found; without one, the same runs find nothing (see `test_lock_step`)."""

from __future__ import annotations

import pytest

from tests.blinding.leaks import LEAKS, planted
from tests.blinding.report import RUNS_TO_KILL
from tests.blinding.twins import Difference
from tests.blinding.walk import walk

FEW = (
    "bench_refusals_are_open",
    "bench_steps_leave_an_empty_row",
    "order_has_a_dose_field",
    "release_names_who_counted",
    "the_commitment_has_no_salt",
    "open_time_follows_the_sealed_log",
    "the_code_follows_from_the_arm",
    "ready_later_with_cells",
    "pages_are_padded",
    "every_answer_is_counted",
    "the_session_counts",
    "each_step_is_logged",
    "the_address_tells_the_arm",
)
"""Those that are found within seconds; `make prove-blinding` plants all."""


@pytest.mark.parametrize("name", FEW)
def test_a_planted_leak_is_found(sqlite_ground, name):
    with planted(LEAKS[name]), pytest.raises(Difference):
        walks(sqlite_ground)


def walks(ground):
    for number in range(RUNS_TO_KILL):
        walk(ground, 2 * number + 1, 40)


def test_there_are_thirty_and_every_channel_has_one():
    assert len(LEAKS) >= 30
    assert len({one.what for one in LEAKS.values()}) == len(LEAKS)
    assert len({one.channel for one in LEAKS.values()}) >= 25
