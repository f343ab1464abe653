"""Making a ledger: once, whole, and never over another."""

from __future__ import annotations

import stat

import pytest
from sqlalchemy import inspect

from custody.chain.things import TRIAL, Plane, SealedTrial, Trial
from custody.protocols import ProtocolError
from custody.record import keyring
from custody.record.create import LedgerExists, create_ledger
from custody.store import identity
from tests.record.world import ORIGIN, PROTOCOL_FILE, World


@pytest.fixture
def fresh(server, tmp_path):
    world = World(server.fresh(), tmp_path / "keys")
    yield world
    world.close()
    server.drop(world.url)


def test_a_new_ledger_knows_its_trial_in_both_planes(fresh):
    world = fresh.create()
    trial = world.get(Trial, TRIAL)
    assert (trial.origin, trial.protocol_hash) == (ORIGIN, world.door.protocol.hash)
    assert world.get(SealedTrial, "sealed_trial").status == "running"
    assert [world.size(plane) for plane in Plane] == [1, 1]
    with world.reading(Plane.OPEN) as connection:
        assert identity.read(connection) == (ORIGIN, PROTOCOL_FILE.name, PROTOCOL_FILE.read_bytes())


def test_the_keys_are_their_owners_alone(fresh):
    fresh.create()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in fresh.keys.iterdir()}
    assert modes.pop("vkeys") == 0o644
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(fresh.keys.stat().st_mode) == 0o700
    assert len(keyring.load(fresh.keys, ORIGIN).vkeys) == 4
    assert (fresh.keys / "vkeys").read_text().split() == keyring.load(fresh.keys, ORIGIN).vkeys


def test_a_ledger_is_never_made_over_another(fresh, tmp_path):
    world = fresh.create()
    before = world.checkpoints()
    with pytest.raises(LedgerExists):
        create_ledger(world.database, tmp_path / "other", ORIGIN, PROTOCOL_FILE)
    assert not (tmp_path / "other").exists()
    assert world.checkpoints() == before


def test_a_ledger_whose_making_was_cut_short_starts_its_trial_when_it_is_opened(fresh, monkeypatch):
    def cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("custody.record.create._start", cut)
        with pytest.raises(KeyboardInterrupt):
            fresh.create()
    fresh.open()
    assert fresh.get(Trial, TRIAL).status == "running"
    fresh.reopen()
    assert [fresh.size(plane) for plane in Plane] == [1, 1]


def test_keys_are_never_overwritten(fresh):
    fresh.keys.mkdir()
    (fresh.keys / "vault.key").write_text("precious")
    with pytest.raises(LedgerExists, match="already holds keys"):
        fresh.create()
    assert (fresh.keys / "vault.key").read_text() == "precious"
    assert tables(fresh) == []


def test_with_a_wrong_protocol_nothing_is_made(fresh, tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[trial]\n")
    with pytest.raises(ProtocolError):
        create_ledger(fresh.database, fresh.keys, ORIGIN, wrong)
    assert tables(fresh) == []
    assert not fresh.keys.exists()


def tables(world):
    with world.database.writing() as connection:
        return inspect(connection).get_table_names()
