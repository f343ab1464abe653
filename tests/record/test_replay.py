"""Replay: the tables are what the logs make them, and every row that is not is found."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from custody.chain.things import Plane, preparation_code
from custody.record.replay import replay
from tests.chain.people import COURIER, TECHNICIAN
from tests.record.tamper import tampered

OPEN_CHANGES = {
    "status": "'released'",
    "site": "'DIJ'",
    "holder": f"'{COURIER.code}'",
    "version": "version + 1",
    "kind": "'shipper'",
}


def found(world, *statements):
    """Give what a replay finds after some changes behind the door's back."""
    with tampered(world.database, *statements) as connection:
        return [str(finding) for finding in replay(connection, world.door.stores)]


def row(world, table, code):
    """Give the row of a sealed thing."""
    token = world.store(Plane.SEALED)._vault.token("thing", code)
    with world.reading(Plane.SEALED) as connection:
        return dict(connection.execute(text(f"SELECT * FROM {table} WHERE token = :t"), {"t": token}).mappings().one())


@pytest.mark.parametrize("arm", ["MSC", "PLACEBO"])
def test_the_tables_are_what_the_logs_make_them(begin, arm):
    journey = begin(arm).to("destroyed")
    journey.again().to("ordered")
    steps = []
    with journey.world.reading(Plane.SEALED) as connection:
        assert list(replay(connection, journey.world.door.stores, lambda *step: steps.append(step))) == []
    sizes = {plane: journey.world.size(plane) for plane in Plane}
    assert steps == [(plane, size, size) for plane, size in sizes.items()]


def test_a_changed_row_of_the_open_plane_is_found(journey):
    world = journey.to("received").world
    at = "WHERE code = :code"
    for column, value in OPEN_CHANGES.items():
        (finding, *_) = found(world, (f"UPDATE open_thing SET {column} = {value} {at}", {"code": journey.bag}))
        assert finding.startswith("open_thing"), finding
        assert column == "kind" or journey.bag in finding
    (body,) = found(world, (f"UPDATE open_thing SET body = :body {at}", {"code": journey.bag, "body": b"{}"}))
    assert "rows that can be read" in body
    other = f"UPDATE open_thing SET body = (SELECT body FROM open_thing WHERE code = '{COURIER.code}') {at}"
    assert found(world, (other, {"code": TECHNICIAN.code}))


def test_a_missing_and_an_additional_row_are_found(journey):
    world = journey.to("received").world
    (gone,) = found(world, ("DELETE FROM open_thing WHERE code = :code", {"code": journey.bag}))
    assert f"open_thing, {journey.bag}" in gone
    assert "None" in gone
    columns = "kind, status, site, holder, version, body"
    more = f"INSERT INTO open_thing SELECT 'TXXX', {columns} FROM open_thing WHERE code = :code"
    assert found(world, (more, {"code": journey.bag}))


def test_a_changed_row_of_the_sealed_plane_is_found(journey):
    world = journey.to("ordered").world
    code = preparation_code(journey.bag)
    old = row(world, "sealed_thing", code)
    journey.diluted()
    token = {"token": old["token"]}
    other = row(world, "sealed_thing", journey.cryobags[0])
    at = "WHERE token = :token"
    for change, values in {
        "version = version + 1": {},
        "heap = :heap": {"heap": old["heap"]},
        "box = :box": {"box": other["box"]},
        "box = :box, version = :version": {"box": old["box"], "version": old["version"]},
        "box = :box, version = :version, heap = :heap": {name: old[name] for name in ("box", "version", "heap")},
    }.items():
        findings = found(world, (f"UPDATE sealed_thing SET {change} {at}", token | values))
        assert findings, change
        assert all(finding.startswith("sealed_thing") for finding in findings)
    (gone,) = found(world, (f"DELETE FROM sealed_thing {at}", token))
    assert code in gone
    assert world.differences() == []
