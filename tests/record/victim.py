"""A process that brings steps to the door with several threads until it is killed.

    python -m tests.record.victim URL KEYS NOTES SEED PARTICIPANT...

Before each step it writes down what it will ask, after the answer that it was answered: one line of JSON each.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
from pathlib import Path

from custody.chain.deviation import RaiseBenchDeviation, RaiseDeviation
from custody.chain.ordering import CancelOrder, Order
from custody.chain.step import STEPS
from custody.chain.things import Participant, TreatmentBag
from tests.chain.people import CAST, INVESTIGATOR, MONITOR, TECHNICIAN
from tests.record.world import World

PERSONS = {person.code: person for person in CAST}


def noted(request):
    """Give what is needed to ask the same again."""
    return {"event": request.event, "step": request.step, "actor": request.actor, "fields": request.command.payload()}


def asked_again(world, note):
    """Build the request that was noted."""
    command = STEPS[note["step"]](**note["fields"])
    return world.request(command, PERSONS[note["actor"]], event=note["event"])


class Victim:
    def __init__(self, world, notes, seed):
        self._world = world
        self._notes = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._seed = seed

    def work(self, number, wristband):
        chance = random.Random(f"{self._seed} {number}")
        while True:
            command, person = self._next(chance, wristband)
            request = self._world.request(command, person)
            self._note(noted(request))
            answer = self._world.door.submit(request)
            self._note({"answered": request.event, "done": answer.done})

    def _next(self, chance, wristband):
        """Give an order or its cancellation, or something that was seen."""
        participant = self._world.get(Participant, wristband)
        bag = participant.treatment_bags[-1] if participant.treatment_bags else ""
        ordered = bag and self._world.get(TreatmentBag, bag).status == "ordered"
        order = CancelOrder(treatment_bag=bag, reason="x") if ordered else Order(participant=wristband)
        return chance.choice(
            [
                (order, INVESTIGATOR),
                (order, INVESTIGATOR),
                (RaiseDeviation(what="late"), MONITOR),
                (RaiseBenchDeviation(what="spilt"), TECHNICIAN),
                (Order(participant="NOBODY"), INVESTIGATOR),
            ]
        )

    def _note(self, line):
        os.write(self._notes, json.dumps(line).encode() + b"\n")


def main(url, keys, notes, seed, *wristbands):
    world = World(url, Path(keys), int(seed)).open()
    victim = Victim(world, notes, seed)
    for number, wristband in enumerate(wristbands):
        threading.Thread(target=victim.work, args=(number, wristband)).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
