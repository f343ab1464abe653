"""Ledgers with a trial in them: made once for each arm and database, copied for each test."""

from __future__ import annotations

import pytest

from tests.record.world import Journey, World


@pytest.fixture
def begin(server, tmp_path_factory):
    """Give journeys in ledgers of their own, each at the stage "stocked"."""
    begun = []

    def journey(arm="MSC", seed=1):
        if arm not in server.stocked:
            keys = tmp_path_factory.mktemp(f"keys-{arm}")
            made = Journey(World(server.fresh(), keys).create(), arm).to("stocked")
            made.world.close()
            server.stocked[arm] = made
        template = server.stocked[arm]
        world = World(server.copy(template.world.url), template.world.keys, seed).open()
        begun.append(world)
        copy = Journey(world, arm)
        copy.cryobags = template.cryobags
        return copy

    yield journey
    for world in begun:
        world.close()
        server.drop(world.url)


@pytest.fixture
def journey(begin):
    return begin()


@pytest.fixture
def world(journey):
    return journey.world
