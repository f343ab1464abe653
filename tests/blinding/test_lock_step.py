"""A few of the random runs of `make prove-blinding`: two copies, two lists, and not one byte that differs."""

from __future__ import annotations

import pytest

from tests.blinding.walk import walk

STEPS = 40


@pytest.mark.parametrize("seed", range(6))
def test_two_copies_with_other_arms_give_the_blinded_the_same_bytes(sqlite_ground, seed):
    ran = walk(sqlite_ground, seed, STEPS)
    assert ran.done > 8
    assert ran.responses > 200


def test_so_they_do_on_postgresql(postgresql_ground):
    assert walk(postgresql_ground, 7, STEPS).done > 8


def test_a_run_looks_at_every_route_as_every_blinded_role(sqlite_ground):
    ran = walk(sqlite_ground, 101, 2)
    assert ran.roles == {"administrator", "courier", "icu_nurse", "inspector", "investigator", "monitor", "nobody"}
    assert len(ran.routes) > 25
