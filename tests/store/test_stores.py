"""Both planes' stores answer alike, on both databases; what the sealed one writes reads as nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from custody.chain.things import Cryobag, Lot, Plane, Shipper, TreatmentBag
from custody.ledger.tree import Tile
from custody.store.open_store import OpenStore
from custody.store.plane import Head, Kept, Row, hashes
from custody.store.sealed_store import SealedStore
from custody.store.vault import Vault, WrongKey

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
VAULT = Vault(bytes(32))
STORES = {Plane.OPEN: OpenStore(), Plane.SEALED: SealedStore(VAULT)}
BAG = TreatmentBag(
    code="T1", status="received", site="NAN", participant="P1", weight_g=1, ready_at=AT, expires_at=AT, custodian="N"
)
CRYOBAG = Cryobag(code="C1", status="stored", site="UNIT", lot="L1", expires_at=AT)
A_THING = {Plane.OPEN: BAG, Plane.SEALED: CRYOBAG}
ROWS = [
    Row(0, "event-0", b'{"n":0}', {"T1": 1, "C1": 1}, ("P1",)),
    Row(1, "event-1", b'{"n":1}', {"T1": 2}, ("P1", "C1")),
    Row(2, "event-2", b'{"n":2}', {}, ()),
]


@pytest.fixture(params=Plane)
def store(request):
    return STORES[request.param]


@pytest.fixture
def connection(made):
    with made.writing() as opened:
        yield opened


def test_what_is_written_is_found_again(store, connection):
    thing = A_THING[store.plane]
    store.write(connection, ROWS, [Kept(thing, 2)])
    assert list(store.entries(connection, 0, 9)) == [row.entry for row in ROWS]
    assert list(store.entries(connection, 1, 2)) == [ROWS[1].entry]
    assert store.entry(connection, 2) == ROWS[2].entry
    assert [store.place_of(connection, row.event) for row in ROWS] == [0, 1, 2]
    assert store.place_of(connection, "event-9") is None
    assert store.mentions(connection, "P1") == [0, 1]
    assert store.mentions(connection, "T1") == [0, 1]
    assert store.mentions(connection, "C1") == [0, 1]
    assert store.mentions(connection, "C9") == []
    assert store.thing(connection, thing.code) == Kept(thing, 2)
    assert store.thing(connection, "C9") is None
    assert list(store.everything(connection)) == [Kept(thing, 2)]


def test_a_place_where_no_entry_stands_is_an_error(store, connection):
    with pytest.raises(IndexError, match="no entry 0"):
        store.entry(connection, 0)


def test_nothing_written_is_nothing(store, connection):
    store.write(connection, [], [Kept(A_THING[store.plane], 1)])
    assert list(store.entries(connection, 0, 9)) == []
    assert list(store.everything(connection)) == []


def test_things_are_found_by_kind_and_state_in_the_order_of_their_codes(store, connection):
    thing = A_THING[store.plane]
    codes = ["T3", "T1", "T2"]
    things = [Kept(replace(thing, code=code), number) for number, code in enumerate(codes, 1)]
    store.write(connection, ROWS, [*things, Kept(replace(thing, code="T4", status="packed"), 1)])
    found = store.find(connection, thing.KIND, thing.status)
    assert [(kept.thing.code, kept.version) for kept in found] == [("T1", 2), ("T2", 3), ("T3", 1)]
    assert store.find(connection, thing.KIND, "lost") == []
    assert store.find(connection, "shipper", thing.status) == []


def test_a_thing_that_moves_on_is_found_in_its_new_state_alone(store, connection):
    thing = A_THING[store.plane]
    moved = Kept(replace(thing, status="destroyed"), 2)
    store.write(connection, ROWS[:1], [Kept(thing, 1)])
    store.write(connection, ROWS[1:], [moved])
    assert store.find(connection, thing.KIND, thing.status) == []
    assert store.find(connection, thing.KIND, "destroyed") == [moved]
    assert store.thing(connection, thing.code) == moved


def test_the_head_and_the_tiles_are_found_again(store, connection):
    head = Head(3, b"r" * 32, "note\n", "2026-03-02T08:00:00+00:00")
    assert store.head(connection) is None
    store.write_head(connection, head)
    store.write_head(connection, head._replace(size=4))
    seen = head.recorded_at if store.plane is Plane.OPEN else ""
    assert store.head(connection) == head._replace(size=4, recorded_at=seen)
    tiles = [
        Tile(level, number, tuple(bytes([level, number]) * 16 for _ in range(256)))
        for level, number in ((0, 0), (0, 1), (1, 0))
    ]
    store.write_tiles(connection, tiles)
    assert hashes(store.tile(connection, 0, 1)) == list(tiles[1].hashes)
    assert store.tile(connection, 2, 0) is None
    assert [tile[:2] for tile in store.tiles(connection, 0, 0)] == [b"\x00\x00", b"\x00\x01"]
    assert [tile[:2] for tile in store.tiles(connection, 0, 1)] == [b"\x00\x01"]


def test_the_open_plane_is_asked_by_site_and_by_holder(connection):
    store = STORES[Plane.OPEN]
    shipper = Shipper(code="S1", status="opened", site="UNIT", custodian="N")
    things = [BAG, shipper, replace(BAG, code="T2", site="DIJ", custodian=""), replace(BAG, code="T0", status="packed")]
    store.write(connection, ROWS, [Kept(thing, 1) for thing in things])
    assert [thing.code for thing in store.held_by(connection, "N")] == ["S1", "T0", "T1"]
    assert store.held_by(connection, "M") == []
    assert store.at_site(connection, "treatment_bag", "received", "NAN") == [BAG]
    counts = {("NAN", "received"): 1, ("DIJ", "received"): 1, ("NAN", "packed"): 1}
    assert store.counts(connection, "treatment_bag") == counts


# --- the sealed plane at rest


def sealed_rows(connection, table):
    return connection.execute(text(f"SELECT * FROM sealed_{table}")).mappings().all()


def test_a_box_of_the_sealed_plane_does_not_open_in_another_row(connection):
    store = STORES[Plane.SEALED]
    things = [Kept(replace(CRYOBAG, code=code), 1) for code in ("C1", "C2")]
    store.write(connection, [Row(0, "e0", b"{}", {"C1": 1}, ()), Row(1, "e1", b"{}", {"C2": 1}, ())], things)
    for table, open_box in {
        "thing": lambda row, box: store._open(bytes(row["token"]), box),
        "event": lambda row, box: store._vault.open(box, b"event %d" % row["place"]),
        "mention": lambda row, box: store._vault.open(box, bytes(row["token"])),
    }.items():
        first, second = sealed_rows(connection, table)
        assert open_box(first, bytes(first["box"])) is not None
        with pytest.raises(WrongKey):
            open_box(first, bytes(second["box"]))


def test_the_sealed_plane_does_not_open_with_another_key(connection):
    STORES[Plane.SEALED].write(connection, ROWS, [Kept(CRYOBAG, 1)])
    other = SealedStore(Vault(b"\x01" * 32))
    assert other.thing(connection, "C1") is None, "not even found"
    assert other.mentions(connection, "C1") == []
    assert other.place_of(connection, "event-0") is None
    assert other.find(connection, "cryobag", "stored") == []
    with pytest.raises(WrongKey):
        other.entry(connection, 0)
    with pytest.raises(WrongKey):
        list(other.everything(connection))


def test_boxes_of_one_table_all_have_one_length(connection):
    lot = Lot(
        code="L1", status="released", expires_at=AT, cryobags=tuple(f"CRYOBAG{number:05}" for number in range(20))
    )
    rows = [replace(row, entry=row.entry * (1 + 90 * row.place)) for row in ROWS]
    STORES[Plane.SEALED].write(connection, rows, [Kept(CRYOBAG, 1), Kept(lot, 1)])
    for table in ("event", "thing", "mention"):
        assert len({len(row["box"]) for row in sealed_rows(connection, table)}) == 1, table


def test_a_sealed_mention_does_not_tell_which_entry_it_is_in(connection):
    STORES[Plane.SEALED].write(connection, ROWS, [])
    numbers = [row["number"] for row in sealed_rows(connection, "mention")]
    changed = [number for number in numbers if number > 0]
    assert sorted(changed) == [1, 1, 2], "the versions of the things"
    assert len(numbers) == 6
    assert all(abs(number) > 1_000_000 for number in set(numbers) - set(changed))


def test_no_token_stands_in_two_tables(connection):
    STORES[Plane.SEALED].write(connection, ROWS, [Kept(CRYOBAG, 1)])
    tokens = [
        {bytes(row["token"]) for row in sealed_rows(connection, table)} for table in ("event", "thing", "mention")
    ]
    heaps = {bytes(row["heap"]) for row in sealed_rows(connection, "thing")}
    found = [*tokens, heaps]
    assert len(set.union(*found)) == sum(map(len, found))
