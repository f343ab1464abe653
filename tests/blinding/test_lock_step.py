"""A few of the random runs of `make prove-blinding`: two copies, two lists, and not one byte that differs."""

from __future__ import annotations

from collections import Counter
from random import Random

import psycopg
import pytest
from sqlalchemy import make_url

from custody import protocols
from custody.chain.roles import Role
from tests.blinding.twins import Difference, Twin
from tests.blinding.walk import walk
from tests.blinding.ward import Ward

STEPS = 40


@pytest.mark.parametrize("seed", range(6))
def test_two_copies_with_other_arms_give_the_blinded_the_same_bytes(sqlite_ground, seed):
    ran = walk(sqlite_ground, seed, STEPS)
    assert ran.done > 8
    assert ran.responses > 200


def test_so_they_do_on_postgresql(postgresql_ground):
    assert walk(postgresql_ground, 7, STEPS).done > 8


def test_no_answer_tells_when_postgresql_swept_a_table(postgresql_ground, monkeypatch):
    """It lays new rows where dead ones were: in the copy that was swept they lie elsewhere, and nobody is told."""
    looks, tables = Counter(), Twin.tables

    def swept(twin):
        looks[twin.name] += 1
        if twin.name == "one" and looks["one"] % 10 == 0:
            sweep(twin.url)
        return tables(twin)

    monkeypatch.setattr(Twin, "tables", swept)
    with pytest.raises(Difference, match="table open_thing"):
        walk(postgresql_ground, 7, STEPS)
    monkeypatch.setattr(Twin, "tables", lambda twin: {name: sorted(rows) for name, rows in swept(twin).items()})
    assert walk(postgresql_ground, 7, STEPS).done > 8


def sweep(url):
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(), autocommit=True) as connection:
        connection.execute("VACUUM")


def test_a_run_looks_at_every_route_as_every_blinded_role(sqlite_ground):
    ran = walk(sqlite_ground, 101, 2)
    assert ran.roles == {"administrator", "courier", "icu_nurse", "inspector", "investigator", "monitor", "nobody"}
    assert len(ran.routes) > 25


def test_no_wrong_step_closes_an_account_of_the_bench_by_chance(sqlite_ground):
    cast = sqlite_ground.cast
    bench, ward = cast.one(Role.CELL_TECHNICIAN).code, cast.one(Role.COURIER).code
    administrators = {one.login for one in cast.people if one.role == Role.ADMINISTRATOR}
    chooses = Ward(Random(0), cast, protocols.builtin()["chocmsc"])
    hands = [chooses.wrong([bench, ward], sqlite_ground.now) for _ in range(40_000)]
    tries = {(one.code, one.login in administrators) for one in hands if one.step == "close_person"}
    assert tries == {("", True), (ward, True), ("", False), (ward, False), (bench, False)}
