"""The world of tests/chain, through the door: things in tables, records in logs, one ledger on either database."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from custody import codes
from custody.chain.administration import LoadRandomisation
from custody.chain.deviation import RaiseBenchDeviation, RaiseDeviation
from custody.chain.things import Plane
from custody.clock import SetClock
from custody.ledger.entry import decode
from custody.record.create import create_ledger, open_door
from custody.record.door import Door
from custody.record.replay import replay
from custody.record.request import Request
from custody.record.world import World as Outside
from custody.store.database import Database
from tests.chain import journey, people
from tests.chain.world import MONDAY, sign

ORIGIN = "custody.example/trial"
PROTOCOL_FILE = Path(__file__).with_name("trial.toml")
_FILLERS = {Plane.OPEN: (RaiseDeviation, people.MONITOR), Plane.SEALED: (RaiseBenchDeviation, people.TECHNICIAN)}


@dataclass
class World:
    """A ledger, and a clock that only the test moves. Does what `tests.chain.world.World` does."""

    url: str
    keys: Path
    seed: int = 0
    database: Database = field(init=False)
    door: Door = field(init=False)
    clock: SetClock = field(default_factory=lambda: SetClock(MONDAY))

    def __post_init__(self) -> None:
        self.database = Database(self.url)
        self.bytes = random.Random(self.seed).randbytes

    def create(self) -> World:
        self.door = create_ledger(self.database, self.keys, ORIGIN, PROTOCOL_FILE, self.outside)
        return self

    def open(self) -> World:
        self.door = self.another_door()
        return self

    def reopen(self) -> None:
        """Forget all that is in memory."""
        self.database.close()
        self.database = Database(self.url)
        self.open()

    def another_door(self, database: Database | None = None) -> Door:
        return open_door(database or self.database, self.keys, self.outside)

    @property
    def outside(self) -> Outside:
        return Outside(self.clock, self.bytes)

    # --- what a journey does

    @property
    def now(self):
        return self.clock.now()

    @now.setter
    def now(self, instant):
        self.clock.set(instant)

    def wait(self, minutes):
        self.clock.advance(minutes=minutes)

    def mint(self, kind):
        return codes.mint(codes.Kind(kind), self.bytes)

    def get(self, kind, code):
        with self.reading(kind.PLANE) as connection:
            kept = self.store(kind.PLANE).thing(connection, code)
        return kept.thing if kept and isinstance(kept.thing, kind) else None

    def find(self, kind, status):
        with self.reading(kind.PLANE) as connection:
            return [kept.thing for kept in self.store(kind.PLANE).find(connection, kind.KIND, status)]

    def request(self, command, actor, second=None, *, event="", signed=True, **more):
        spec = command.SPEC
        signers = [(actor, spec.signed), (actor, spec.may_sign), (second, spec.second_meaning)]
        signatures = tuple(sign(who, what, self.now) for who, what in signers if signed and who and what)
        fields = {"occurred_at": self.now, "received_at": self.now, "signatures": signatures}
        return Request(
            event=event or self.event(),
            step=spec.name,
            actor=actor.code,
            command=command,
            second=second.code if second else "",
            **fields | more,
        )

    def event(self):
        return str(UUID(bytes=self.bytes(16), version=4))

    def ask(self, command, actor, second=None, **more):
        return self.door.submit(self.request(command, actor, second, **more))

    def do(self, command, actor, second=None, **more):
        """Do a step that has to be right; give its event."""
        answer = self.ask(command, actor, second, **more)
        assert answer.done, [refusal.text for refusal in answer.refusals]
        return answer.event

    def reasons(self, command, actor, second=None, **more):
        """Give the reasons for which a step is refused; it has to be."""
        answer = self.ask(command, actor, second, **more)
        assert not answer.done, "this step was not refused"
        return {refusal.reason for refusal in answer.refusals}

    def grow(self, plane, size):
        """Let a log have so many entries."""
        command, person = _FILLERS[plane]
        missing = range(self.size(plane), size)
        with ThreadPoolExecutor(16) as pool:
            for answer in pool.map(lambda number: self.ask(command(what=f"thing {number}"), person), missing):
                assert answer.done

    # --- what a test looks at

    def checkpoints(self):
        """Give what the signatures of both heads are about: name, size and root."""
        return {plane: self.door.checkpoint(plane).partition("\n\n")[0] for plane in Plane}

    def size(self, plane):
        with self.reading(plane) as connection:
            return self.store(plane).head(connection).size

    def store(self, plane):
        return self.door.stores[plane]

    def reading(self, plane):
        return self.database.reading(plane)

    def entries(self, plane):
        with self.reading(plane) as connection:
            size = self.store(plane).head(connection).size
            return [decode(data) for data in self.store(plane).entries(connection, 0, size)]

    def entries_of(self, event):
        """Give each plane's entries of an event."""
        return {plane: [e for e in self.entries(plane) if e["event"] == event] for plane in Plane}

    def differences(self):
        """Give what a replay finds."""
        with self.reading(Plane.SEALED) as connection:
            return list(replay(connection, self.door.stores))

    def close(self):
        self.database.close()


class Journey(journey.Journey):
    """One bag's way through the door, in a trial that `create_ledger` has started."""

    def __init__(self, world, arm="MSC"):
        self.arm = arm
        self.world = world
        self.din = journey.DIN
        self.cryobags = ()
        self.bag = ""
        self.again()

    def again(self):
        """Begin with another participant and shipper."""
        self.wristband = self.world.mint(codes.Kind.PARTICIPANT)
        self.shipper = self.world.mint(codes.Kind.SHIPPER)
        return self

    def beside(self):
        """Give another way in the same trial, with other cryobags and vials."""
        other = Journey(self.world, self.arm)
        other.cryobags = self.cryobags[1:]
        other.dilution = lambda **more: journey.Journey.dilution(other, **{"vials": (journey.vial("9"),)} | more)
        return other

    def stocked(self):
        """People, lists, and one released lot in the tank, unless they are there."""
        if self.cryobags:
            return
        do = self.world.do
        for person in people.CAST:
            adder = people.SYSTEM if person is people.ADMINISTRATOR else people.ADMINISTRATOR
            do(journey.added(person), adder)
        for site in ("NAN", "DIJ"):
            other = "PLACEBO" if self.arm == "MSC" else "MSC"
            arms = (self.arm, "PLACEBO", "MSC", self.arm, other, other)
            do(LoadRandomisation(site=site, arms=arms, blocks=("6",)), people.STATISTICIAN)
        self.cryobags = self.lot(self.din)
