"""Replay: the tables are what the logs make them, and every row that is not is found."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from custody.chain.things import Lot, Participant, Plane, Shipper, TreatmentBag, preparation_code
from custody.record.differing import differing
from custody.record.replay import replay
from custody.store.body import pack
from custody.store.plane import Kept
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
    expected = "expected the fields of a thing of kind treatment bag, found none called code, status, site, participant"
    assert body.startswith(f"open_thing, {journey.bag}: row: {expected}")
    other = f"UPDATE open_thing SET body = (SELECT body FROM open_thing WHERE code = '{COURIER.code}') {at}"
    assert found(world, (other, {"code": TECHNICIAN.code}))


def test_a_missing_and_an_additional_row_are_found(journey):
    world = journey.to("received").world
    (gone,) = found(world, ("DELETE FROM open_thing WHERE code = :code", {"code": journey.bag}))
    assert gone == f"open_thing, {journey.bag}: row: expected a row: treatment bag, received, found no row"
    columns = "kind, status, site, holder, version, body"
    more = f"INSERT INTO open_thing SELECT 'TXXX', {columns} FROM open_thing WHERE code = :code"
    (other,) = found(world, (more, {"code": journey.bag}))
    assert other == "open_thing, TXXX: row: expected code as the log makes it, found something else in that column"
    bag = dataclasses.replace(world.get(TreatmentBag, journey.bag), code="TXXX")
    more = (
        f"INSERT INTO open_thing SELECT 'TXXX', {columns.replace('body', ':body')} FROM open_thing WHERE code = :code"
    )
    (surplus,) = found(world, (more, {"code": journey.bag, "body": pack(bag)}))
    assert surplus == "open_thing, TXXX: row: expected no row, found a row: treatment bag, received"


def test_a_changed_thing_is_told_by_its_fields_in_words(journey):
    world = journey.to("received").world
    shipper = world.get(Shipper, journey.shipper)
    for name, value, said in (
        ("status", "released", "status opened, found released"),
        ("seal", "", f"seal {shipper.seal}, found empty"),
    ):
        where = {"code": shipper.code, "body": pack(dataclasses.replace(shipper, **{name: value}))}
        (finding, *_) = found(world, ("UPDATE open_thing SET body = :body WHERE code = :code", where))
        assert finding == f"open_thing, {shipper.code}: state: expected {said}"


@pytest.mark.parametrize(
    ("changes", "expected", "shown"),
    [
        ({"treatment_bags": ("T1", "T3")}, "treatment_bags with T2", "T3 instead"),
        ({"treatment_bags": ("T1",)}, "treatment_bags with T2", "treatment_bags without it"),
        ({"treatment_bags": ("T1", "T2", "T3")}, "treatment_bags without T3", "treatment_bags with it"),
        ({"treatment_bags": ("T2", "T1")}, "treatment_bags T1, T2", "T2, T1"),
        ({"weight_g": 71000}, "weight_g 70000", "71000"),
    ],
)
def test_of_a_list_the_items_are_told_by_which_it_differs(changes, expected, shown):
    there = Participant(code="P", status="ordered", number="NAN-001", weight_g=70000, treatment_bags=("T1", "T2"))
    (finding,) = differing("here", Kept(there, 2), Kept(dataclasses.replace(there, **changes), 2))
    assert (finding.what, finding.expected, finding.found) == ("state", expected, shown)


def test_another_version_and_another_kind_are_told():
    there, at = Participant(code="P", status="ordered", number="NAN-001", weight_g=1), datetime(2026, 3, 1, tzinfo=UTC)
    lot = Lot(code="P", status="released", expires_at=at, qc=(("viability", "92", True),))
    assert [str(one) for one in differing("here", Kept(there, 2), Kept(there, 3))] == [
        "here: state: expected version 2, found 3"
    ]
    assert [str(one) for one in differing("here", Kept(there, 2), Kept(lot, 2))] == [
        "here: state: expected participant, found lot"
    ]
    changed = dataclasses.replace(lot, expires_at=at + timedelta(days=1), qc=())
    assert [str(one) for one in differing("here", Kept(lot, 2), Kept(changed, 2))] == [
        "here: state: expected expires_at 2026-03-01T00:00:00Z, found 2026-03-02T00:00:00Z",
        "here: state: expected qc with viability 92 yes, found qc without it",
    ]


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
