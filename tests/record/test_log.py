"""Opening a ledger: a tail that is not what its signed head says is refused, and the message says where."""

from __future__ import annotations

import shutil

import pytest

from custody.chain.things import Plane
from custody.ledger.checkpoint import Checkpoint
from custody.ledger.checkpoint import sign as sign_note
from custody.ledger.entry import leaf_hash
from custody.ledger.tiles import Place, places
from custody.ledger.tree import Tree
from custody.record import keyring
from custody.record.create import NoLedger, open_door
from custody.record.keyring import KeysMissing
from custody.record.log import TailBroken, read_hashes
from custody.store.schema import WrongSchema
from tests.record.tamper import tamper, tampered
from tests.record.world import ORIGIN

SIZES = (255, 256, 257)
"""A bundle that is almost full, full, and begun anew."""


def broken(world, plane, *statements):
    """Give what is said of logs that somebody changed; they have to be refused."""
    with tampered(world.database, *statements) as connection, pytest.raises(TailBroken) as caught:
        world.door._open_log(plane, connection)
    said = str(caught.value)
    assert said.startswith(f"{ORIGIN}/{plane}, {world.size(plane)} entries: "), said
    return said


def an_entry(world, plane, place):
    with world.reading(Plane.SEALED) as connection:
        return world.store(plane).entry(connection, place)


def boxed(world, plane, entry, place):
    """Give an entry as it stands in its row, as one who holds the vault's key could write it."""
    return entry if plane is Plane.OPEN else world.store(plane)._vault.close(entry, b"event %d" % place)


def added(world, plane, entry, place):
    values = {"key": "event" if plane is Plane.OPEN else b"event", "data": boxed(world, plane, entry, place)}
    return f"INSERT INTO {plane}_event VALUES ({place}, :key, :data)", values


def rewritten(world, plane, entry, place):
    column = "entry" if plane is Plane.OPEN else "box"
    statement = f"UPDATE {plane}_event SET {column} = :data WHERE place = {place}"
    return statement, {"data": boxed(world, plane, entry, place)}


@pytest.mark.parametrize("plane", Plane)
def test_a_tail_that_was_changed_is_refused(world, plane):
    for size in SIZES:
        world.grow(plane, size)
        last = an_entry(world, plane, size - 1)
        changed = last.replace(b'"v":1', b'"v":2')
        gone = f"DELETE FROM {plane}_event WHERE place = {size - 1}", {}
        tail_gone = f"DELETE FROM {plane}_event WHERE place > {size - 9}", {}
        assert "from" in broken(world, plane, gone)
        assert "from" in broken(world, plane, tail_gone)
        assert "found" in broken(world, plane, added(world, plane, last, size))
        assert "found" in broken(world, plane, added(world, plane, last, size + 1000))
        broken(world, plane, rewritten(world, plane, changed, size - 1))
        broken(world, plane, rewritten(world, plane, changed, (size - 1) // 256 * 256))
        broken(world, plane, rewritten(world, plane, b"{}", size - 1))
        broken(world, plane, *swapped(world, plane, size - 1, size - 2 if size != 257 else 255))
        with tampered(world.database) as connection:
            assert world.door._open_log(plane, connection).tree.size == size


def swapped(world, plane, one, other):
    first, second = (an_entry(world, plane, place) for place in (one, other))
    return rewritten(world, plane, second, one), rewritten(world, plane, first, other)


@pytest.mark.parametrize("plane", Plane)
def test_tiles_that_were_changed_are_refused(world, plane):
    world.grow(plane, 257)
    table = f"{plane}_tile"
    assert "hashes" in broken(world, plane, (f"DELETE FROM {table}", {}))
    broken(world, plane, (f"UPDATE {table} SET hashes = :hashes", {"hashes": bytes(8192)}))
    broken(world, plane, (f"INSERT INTO {table} SELECT level, 1, hashes FROM {table}", {}))


@pytest.mark.parametrize("plane", Plane)
def test_a_head_that_was_changed_is_refused(world, plane):
    table = f"{plane}_head"
    size = world.size(plane)
    older = bytes(range(32))
    assert "found none" in broken_without_a_head(world, plane)
    assert "the one that was signed" in broken_at(world, plane, size - 1, (f"UPDATE {table} SET size = size - 1", {}))
    assert "the one that was signed" in broken_at(world, plane, size + 1, (f"UPDATE {table} SET size = size + 1", {}))
    assert "signed" in broken(world, plane, (f"UPDATE {table} SET root = :root", {"root": older}))
    assert "blank line" in broken(world, plane, (f"UPDATE {table} SET note = 'x'", {}))
    other = sign_note(Checkpoint(f"{ORIGIN}/{plane}", size, older), keyring_of(world).signers[plane][:1])
    forged = other.split("\n\n")[0] + "\n\n" + note_of(world, plane).split("\n\n")[1]
    assert "does not fit" in broken(world, plane, (f"UPDATE {table} SET note = :note", {"note": forged}))
    both = f"UPDATE {table} SET note = :note, root = :root"
    assert "expected root" in broken(world, plane, (both, {"note": other, "root": older}))


def broken_without_a_head(world, plane):
    with tampered(world.database, (f"DELETE FROM {plane}_head", {})) as connection, pytest.raises(TailBroken) as caught:
        world.door._open_log(plane, connection)
    return str(caught.value)


def broken_at(world, plane, size, statement):
    with tampered(world.database, statement) as connection, pytest.raises(TailBroken) as caught:
        world.door._open_log(plane, connection)
    assert f"{ORIGIN}/{plane}, {size} entries" in str(caught.value)
    return str(caught.value)


def keyring_of(world):
    return keyring.load(world.keys, ORIGIN)


def note_of(world, plane):
    with world.reading(plane) as connection:
        return world.store(plane).head(connection).note


def test_the_other_logs_entries_and_keys_are_not_this_logs(world):
    moved = "UPDATE open_head SET size = s.size, root = s.root, note = s.note FROM sealed_head AS s"
    with (
        tampered(world.database, (moved, {})) as connection,
        pytest.raises(TailBroken, match="expected a signature by"),
    ):
        world.door._open_log(Plane.OPEN, connection)


# --- the keys


def with_keys(world, folder, change):
    shutil.copytree(world.keys, folder)
    change(folder)
    return lambda: open_door(world.database, folder, world.outside)


def test_another_vault_key_is_refused(world, tmp_path):
    opening = with_keys(world, tmp_path / "k", lambda folder: (folder / "vault.key").write_text("00" * 32))
    with pytest.raises(TailBroken, match=f"{ORIGIN}/sealed, .* does not open"):
        opening()


def test_another_signing_key_is_refused(world, tmp_path):
    other = keyring.create(tmp_path / "other", ORIGIN)
    assert other.vkeys != keyring_of(world).vkeys
    for plane in Plane:
        name = f"{plane}.ed25519.pem"
        opening = with_keys(
            world, tmp_path / plane, lambda folder, name=name: shutil.copy(tmp_path / "other" / name, folder / name)
        )
        with pytest.raises(TailBroken, match=f"{ORIGIN}/{plane}, .*expected a signature by"):
            opening()


def test_each_missing_key_is_named(world, tmp_path):
    for name in ("vault.key", "open.ed25519.pem", "open.ml-dsa-44.pem", "sealed.ed25519.pem", "sealed.ml-dsa-44.pem"):
        opening = with_keys(world, tmp_path / name, lambda folder, name=name: (folder / name).unlink())
        with pytest.raises(KeysMissing, match=name):
            opening()


# --- a door


def test_a_door_does_not_open_on_a_broken_tail_and_opens_again_on_a_mended_one(world):
    tamper(world.database, "UPDATE open_head SET size = size + 1")
    with pytest.raises(TailBroken):
        world.another_door()
    tamper(world.database, "UPDATE open_head SET size = size - 1")
    before = world.checkpoints()
    world.reopen()
    assert world.checkpoints() == before


def test_a_door_does_not_open_without_a_ledger(database, tmp_path):
    with pytest.raises(NoLedger, match="custody init"):
        open_door(database, tmp_path)


def test_a_door_does_not_open_on_tables_of_another_version(world):
    tamper(world.database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WrongSchema):
        world.another_door()


def test_a_ledger_opens_anew_as_it_was(journey):
    world = journey.to("infused").world
    before = world.checkpoints()
    bag = journey.thing()
    world.reopen()
    assert world.checkpoints() == before
    assert journey.thing() == bag
    journey.returned()
    assert world.differences() == []


# --- tiles


@pytest.mark.parametrize("plane", Plane)
def test_every_tile_of_hashes_is_that_of_the_entries(world, plane):
    world.grow(plane, 513)
    with world.reading(Plane.SEALED) as connection:
        store = world.store(plane)
        leaves = [leaf_hash(data) for data in store.entries(connection, 0, 513)]
        for place in places(513):
            if place.level is None:
                continue
            width = 256**place.level
            start = place.number * 256 * width
            expected = b"".join(
                root(leaves[at : at + width]) for at in range(start, start + place.width * width, width)
            )
            assert read_hashes(store, connection, place) == expected, place
        assert read_hashes(store, connection, Place(0, 2, 2)) is None, "the log is shorter"
        assert read_hashes(store, connection, Place(0, 2, 256)) is None


def root(leaves):
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()
