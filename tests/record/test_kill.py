"""Processes killed (-9) under load, again and again: what was answered is on record, once; nothing is half done.

`CUSTODY_KILLS` says how often, for each database; 6 when it is not set.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from custody.chain.things import Plane
from custody.verifying import Wanted, verify_here
from tests.chain.journey import enrolment
from tests.chain.people import INVESTIGATOR
from tests.record.victim import asked_again

KILLS = int(os.environ.get("CUSTODY_KILLS", "6"))
THREADS = 6
ROOT = Path(__file__).parents[2]


class Attack:
    """Victims of one ledger, and what they wrote down."""

    def __init__(self, world, folder, wristbands):
        self._world, self._folder, self._wristbands = world, folder, wristbands
        self.asked = {}
        self.answered = {}

    def strike(self, number, chance):
        """Start one process or two, let them work for a moment, kill them."""
        files = [self._folder / f"notes-{number}-{each}" for each in range(1 + number % 2)]
        victims = [self._start(file, number) for file in files]
        if number == 0 or chance.random() < 0.8:
            wait_for(lambda: all(file.exists() and file.stat().st_size > 5000 for file in files), victims)
        time.sleep(chance.uniform(0, 0.2))
        for victim in victims:
            victim.send_signal(signal.SIGKILL)
            assert victim.wait() == -signal.SIGKILL, "it had ended by itself"
        for file in files:
            self._read(file)

    def _start(self, file, number):
        seed = random.randrange(2**32)
        command = [sys.executable, "-m", "tests.record.victim", self._world.url, self._world.keys, file, str(seed)]
        return subprocess.Popen([*command, *self._wristbands[:THREADS]], cwd=ROOT)

    def _read(self, file):
        lines = file.read_text().split("\n")[:-1] if file.exists() else []  # the last may be torn: it was never written
        for note in map(json.loads, lines):
            if "answered" in note:
                self.answered[note["answered"]] = note["done"]
            else:
                self.asked[note["event"]] = note


def wait_for(condition, victims):
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "the victims do nothing"
        assert all(victim.poll() is None for victim in victims), "a victim ended by itself"
        time.sleep(0.005)


def check(world, attack):
    """Everything answered is there once; both halves of a step or none; the tables are what the logs say."""
    logs = {plane: world.entries(plane) for plane in Plane}
    counts = {plane: Counter(entry["event"] for entry in log) for plane, log in logs.items()}
    assert all(count == 1 for counted in counts.values() for count in counted.values())
    found = {**counts[Plane.OPEN], **counts[Plane.SEALED]}
    assert attack.answered.keys() <= found.keys()
    committed = {entry["event"] for entry in logs[Plane.OPEN] if "commitment" in entry}
    assert committed == {entry["event"] for entry in logs[Plane.SEALED] if "commits" in entry}
    refused = {entry["event"] for log in logs.values() for entry in log if entry["type"] == "step_refused"}
    assert refused.isdisjoint(event for event, done in attack.answered.items() if done)
    assert refused.issuperset(event for event, done in attack.answered.items() if not done)
    assert world.differences() == []
    return found


def test_a_killed_process_loses_nothing_that_it_answered(begin, tmp_path):
    world = begin().world
    wristbands = [world.mint("participant") for _ in range(THREADS)]
    for wristband in wristbands:
        world.do(enrolment(world, wristband), INVESTIGATOR)
    attack, chance = Attack(world, tmp_path, wristbands), random.Random()
    unanswered = 0
    for number in range(KILLS):
        attack.strike(number, chance)
        world.reopen()
        found = check(world, attack)
        open_questions = [note for event, note in attack.asked.items() if event not in attack.answered]
        unanswered += len(open_questions)
        for note in open_questions:
            request = asked_again(world, note)
            answer = world.door.submit(request)
            assert answer.again == (request.event in found)
            assert world.door.submit(request).again
            attack.answered[request.event] = answer.done
        check(world, attack)
    assert verify_here(world.database, world.keys, Wanted(replayed=True)).findings == []
    assert len(attack.answered) > KILLS
    assert unanswered, "each kill came between two steps: nothing was tried"
