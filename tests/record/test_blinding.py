"""What the open plane, a blinded person's answers, and the bytes on disk tell: the same in both arms, or nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from custody.chain.roles import sees_arm
from custody.chain.step import STEPS
from custody.chain.things import Plane
from custody.ledger.commitment import opens
from custody.ledger.entry import encode
from custody.record.entries import FILLER
from custody.record.work import LEVEL
from tests.chain.journey import DIN, STAGES
from tests.chain.people import CAST

ARMS = ("MSC", "PLACEBO")
BENCH = ("diluted", "covered")
BLINDED = {person.code for person in CAST if not sees_arm(person.role)}


def test_the_open_log_has_the_same_shape_in_both_arms(begin):
    logs = []
    for arm in ARMS:
        journey = begin(arm).to("destroyed")
        logs.append(journey.world.entries(Plane.OPEN))
    cells, albumin = logs
    assert len(cells) == len(albumin)
    for one, other in zip(cells, albumin, strict=True):
        assert shape(one) == shape(other)
        assert len(encode(one)) == len(encode(other))
        assert one["recorded_at"] == other["recorded_at"]


@pytest.mark.parametrize("arm", ARMS)
def test_who_counts_sealed_entries_finds_the_same_number_of_each_release(begin, arm):
    """A bag with cells takes some more steps: entries that say nothing make up for them."""
    journey = begin(arm).to("covered")
    written = journey.world.size(Plane.SEALED) + 1
    journey.released()
    entries = journey.world.entries(Plane.SEALED)
    assert len(entries) % LEVEL == 0
    fillers = [entry for entry in entries if entry["type"] == FILLER]
    assert len(fillers) == -written % LEVEL > 0
    assert not [entry for entry in fillers if entry["things"] or entry["about"] or entry["payload"] or entry["scan"]]
    assert not journey.world.differences()


def shape(value):
    """Give an entry without its texts: their lengths alone."""
    if isinstance(value, dict):
        return [(len(name), shape(item)) for name, item in value.items()]
    if isinstance(value, list):
        return [shape(item) for item in value]
    return len(value) if isinstance(value, str) else value


@pytest.mark.parametrize("arm", ARMS)
def test_the_bench_leaves_no_open_record(begin, arm):
    journey = begin(arm).to("ordered")
    world = journey.world
    before, head = world.size(Plane.OPEN), world.checkpoints()[Plane.OPEN]
    for stage in BENCH:
        getattr(journey, stage)()
    assert world.size(Plane.OPEN) == before
    assert world.checkpoints()[Plane.OPEN] == head
    assert world.size(Plane.SEALED) > 0


@pytest.mark.parametrize("arm", ARMS)
def test_what_an_open_entry_commits_to_is_opened_by_its_sealed_half(begin, arm):
    world = begin(arm).to("destroyed").world
    sealed = {entry["event"]: entry for entry in world.entries(Plane.SEALED)}
    committed = [entry for entry in world.entries(Plane.OPEN) if "commitment" in entry]
    assert [entry["step"] for entry in committed] == ["load_randomisation", "load_randomisation", "order"]
    for entry in committed:
        half = sealed[entry["event"]]
        salt = bytes.fromhex(half["commitment_salt"])
        assert opens(entry["commitment"], salt, half["commits"])
        assert not opens(entry["commitment"], salt, half["commits"] | {"arm": "OTHER"})
    salts = [entry["salt"] for entry in sealed.values()] + [sealed[e["event"]]["commitment_salt"] for e in committed]
    assert len(set(salts)) == len(salts), "no salt is used twice"


@pytest.mark.parametrize("arm", ARMS)
def test_no_hash_of_what_a_sealed_step_was_asked_stands_in_the_open_log(begin, arm):
    """A list has so few possible orders that its hash would give it away."""
    world = begin(arm).to("released").world
    opened = {entry["event"]: entry for entry in world.entries(Plane.OPEN)}
    asked = {entry["event"]: entry for entry in world.entries(Plane.SEALED) if entry["event"] in opened}
    of_sealed = [event for event, half in asked.items() if STEPS[half["step"]].SPEC.plane is Plane.SEALED]
    assert {asked[event]["step"] for event in of_sealed} == {"load_randomisation", "release_for_dispatch"}
    assert not [event for event in of_sealed if "request" in opened[event]]
    assert not [half for half in asked.values() if "request" not in half]


def secrets_of(journey):
    """Give what only the unblinded may know: codes of the sealed plane, and what is written of them."""
    world = journey.world
    codes = {code for entry in world.entries(Plane.SEALED) for code in entry["things"]}
    with world.reading(Plane.OPEN) as connection:
        known = {kept.thing.code for kept in world.store(Plane.OPEN).everything(connection)}
    words = {'"arm"', "umbilical cord", "S1234", "cells_per_cryobag", "03205000004004"}
    return {code for code in codes - known if len(code) > 4} | words


@pytest.mark.parametrize("arm", ARMS)
def test_a_blinded_person_is_answered_with_open_codes_alone(begin, arm):
    journey = begin(arm)
    answers, submit = [], journey.world.door.submit

    def watch(request):
        answers.append((request, submit(request)))
        return answers[-1][1]

    journey.world.door.submit = watch
    for stage in STAGES[1:]:
        getattr(journey, stage)()
    journey.world.reasons(journey.checking(), *CAST[7:9])
    blinded = [answer for request, answer in answers if request.actor in BLINDED]
    assert len(blinded) > 8
    with journey.world.reading(Plane.OPEN) as connection:
        known = {kept.thing.code for kept in journey.world.store(Plane.OPEN).everything(connection)}
    assert {code for answer in blinded for code in answer.things} <= known
    said = " ".join(str(answer) for answer in blinded)
    assert not [secret for secret in secrets_of(journey) if secret in said]


@pytest.mark.parametrize("arm", ARMS)
def test_nothing_of_the_sealed_plane_can_be_read_from_the_disk_or_the_rows(begin, server, arm):
    journey = begin(arm).to("released")
    world, secrets = journey.world, secrets_of(journey)
    assert DIN in secrets
    assert journey.cryobags[0] in secrets
    places = {"disk": server.bytes_of(world.url), "rows": rows(world)}
    for place, data in places.items():
        assert journey.bag.encode() in data, f"the {place} that was searched is the right one"
        wanted = [ON_DISK.get(secret, secret) if place == "disk" else secret for secret in secrets]
        assert not [secret for secret in wanted if secret.encode() in data], place


ON_DISK = {'"arm"': '"arm":"', "S1234": '"S1234"'}
"""Five bytes may stand by chance among the millions of random ones of a disk: there they are looked for with more."""


def rows(world):
    """Give all values of all rows, one after the other."""
    with world.database.writing() as connection:
        tables = [name for name in SQLModel.metadata.tables if name != "ledger"]
        found = [row for name in tables for row in connection.execute(text(f"SELECT * FROM {name}"))]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for row in found for value in row)


def test_the_sealed_rows_of_two_ledgers_share_nothing_though_they_are_of_the_same_things(begin):
    contents = []
    for arm in ARMS:
        with begin(arm).world.database.writing() as connection:
            tables = [f"sealed_{name}" for name in ("event", "mention", "thing")]
            found = [row for name in tables for row in connection.execute(text(f"SELECT * FROM {name}"))]
        contents.append({value for row in found for value in row if isinstance(value, bytes)})
    assert contents[0]
    assert not contents[0] & contents[1]
