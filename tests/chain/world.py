"""Where the rules run without database or door: things in memory, records applied by the live code."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from custody import codes
from custody.chain.apply import Fact, apply
from custody.chain.decide import decide
from custody.chain.downtime import HOLDS_NONE_BACK
from custody.chain.scene import Opening, PastRecord, Scene, Signature
from custody.chain.step import Change, Recorded
from custody.chain.things import KINDS, Plane
from custody.chain.transitions import TABLES
from custody.ledger.entry import decode, encode

from .trial import PROTOCOL

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One record, as a log keeps it."""

    event: str
    step: str
    plane: Plane
    actor: str
    change: Change
    occurred_at: datetime

    @property
    def size(self):
        """Bytes of its facts: what an outsider could measure."""
        return len(encode({"type": self.change.type, "things": list(self.change.things), **self.change.payload}))


@dataclass
class World:
    """The things of a trial, its records, and a clock that only the test moves."""

    protocol: object = PROTOCOL
    now: datetime = MONDAY
    things: dict = field(default_factory=dict)
    entries: list = field(default_factory=list)
    moves: set = field(default_factory=set)
    """(kind, step, state before, state after) of all that moved."""
    minted: int = 0

    # --- what the rules ask (chain.scene.Things)

    def get(self, kind, code):
        found = self.things.get((kind.PLANE, code))
        return found if isinstance(found, kind) else None

    def find(self, kind, status):
        found = [thing for thing in self.things.values() if type(thing) is kind and thing.status == status]
        return sorted(found, key=lambda thing: thing.code)

    def past(self, event, plane):
        found = next((e for e in self.entries if (e.event, e.plane) == (event, plane)), None)
        corrected = any(event in e.change.about for e in self.entries)
        return found and PastRecord(
            event,
            found.change.type,
            found.step,
            plane,
            found.actor,
            found.change.things,
            found.change.payload,
            corrected,
        )

    def opening(self, code):
        made = next(e for e in self.entries if e.plane is Plane.SEALED and code in e.change.things)
        return Opening(made.event, "00" * 32, made.change.commits) if made.change.commits else None

    def changed_at(self, plane, code):
        changed = [e for e in self.entries if e.plane is plane and code in e.change.things]
        made = [e.occurred_at for e in changed if e.change.type not in HOLDS_NONE_BACK]
        return made[-1] if made else None

    # --- what the tests do

    def wait(self, minutes):
        self.now += timedelta(minutes=minutes)

    def scene(self, spec, actor, second=None, *, occurred_at=None, signed=True, beyond=False, downtime=False):
        signers = [(actor, spec.signed), (actor, spec.may_sign), (second, spec.second_meaning)]
        signers += [(actor, spec.beyond)] if beyond else []
        return Scene(
            actor=actor,
            now=self.now,
            occurred_at=occurred_at or self.now,
            protocol=self.protocol,
            things=self,
            mint=self.mint,
            signatures=tuple(
                sign(person, meaning, self.now) for person, meaning in signers if signed and person and meaning
            ),
            second=second,
            sealed=spec.plane is Plane.SEALED or spec.both,
            event=f"event-{len(self.entries)}",
            downtime=downtime,
        )

    def ask(self, command, actor, second=None, **more):
        """Give what the rules answer, and change nothing."""
        return decide(command, self.scene(command.SPEC, actor, second, **more))

    def do(self, command, actor, second=None, **more):
        """Do a step that has to be right; give its event."""
        scene = self.scene(command.SPEC, actor, second, **more)
        recorded = decide(command, scene)
        assert isinstance(recorded, Recorded), [refusal.text for refusal in recorded]
        for plane, change in ((Plane.OPEN, recorded.open), (Plane.SEALED, recorded.sealed)):
            if change is not None:
                self.record(Entry(scene.event, command.SPEC.name, plane, actor.code, change, scene.occurred_at), scene)
        return scene.event

    def reasons(self, command, actor, second=None, **more):
        """Give the reasons for which a step is refused; it has to be."""
        refusals = self.ask(command, actor, second, **more)
        assert not isinstance(refusals, Recorded), "this step was not refused"
        assert all(refusal.text for refusal in refusals)
        return {refusal.reason for refusal in refusals}

    def record(self, entry, scene):
        """Put a record in the log, by way of its bytes, and apply it as a replay would."""
        payload = decode(encode(dict(entry.change.payload)))
        second = scene.second.code if scene.second else ""
        fact = Fact(
            entry.event,
            entry.change.type,
            entry.plane,
            entry.actor,
            second,
            scene.actor.site,
            entry.occurred_at,
            payload,
        )
        changed = list(apply(self, fact))
        assert sorted(thing.code for thing in changed) == sorted(entry.change.things), entry.change.type
        for thing in changed:
            assert thing.PLANE is entry.plane
            before = self.things.get((entry.plane, thing.code))
            self.move(entry.step, thing, before.status if before else "")
            self.things[entry.plane, thing.code] = thing
        self.entries.append(replace(entry, change=replace(entry.change, payload=payload)))

    def move(self, step, thing, before):
        """Note a move; it has to be one of the thing's table, but for a correction: it moves only a lot's release."""
        if step in {"correct", "correct_sealed"}:
            assert thing.status == before or (thing.KIND, before, thing.status) == ("lot", "released", "registered")
            return
        assert thing.status in TABLES[thing.KIND][step][before], (thing.KIND, step, before, thing.status)
        self.moves.add((thing.KIND, step, before, thing.status))

    def mint(self, kind):
        self.minted += 1
        seed = f"{kind}/{self.minted}".encode()
        return codes.mint(codes.Kind(kind), lambda size: sha256(seed).digest()[:size])

    def copy(self):
        return replace(self, things=dict(self.things), entries=list(self.entries), moves=set(self.moves))

    def put(self, thing, **changes):
        """Set a thing as if its past had been another: for states that no honest way leads to."""
        thing = replace(thing, **changes)
        self.things[thing.PLANE, thing.code] = thing

    def of(self, kind) -> Iterator:
        return (thing for thing in self.things.values() if isinstance(thing, KINDS[kind]))

    def open_entries(self):
        return [entry for entry in self.entries if entry.plane is Plane.OPEN]


def sign(person, meaning, now):
    return Signature(person.code, person.name, person.role, meaning, now, "password")
