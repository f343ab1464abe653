"""One transaction's worth of steps: each decided on the things as they then stand, and put on record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

import custody.chain  # noqa: F401 - registers every step and applier
from custody import codes
from custody.chain.apply import apply
from custody.chain.decide import check_role, check_signatures, decide
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role, sees_arm
from custody.chain.scene import Scene
from custody.chain.step import STEPS, Change, Recorded, Spec
from custody.chain.things import Person, Plane, code_of
from custody.ledger.commitment import SALT_BYTES, commit
from custody.ledger.entry import decode, encode
from custody.record.draft import Draft
from custody.record.entries import Entry, answer_of, digest, done, fact_of, filler, frame, refused, stamp
from custody.record.log import Log
from custody.record.request import Answer, EventReused, Request
from custody.record.world import World
from custody.store.plane import Row

TICK: Final = timedelta(microseconds=1)
LEVEL: Final = 64
"""Entries: from order to release the bench wrote 18 for a bag of cells and 9 for one of albumin alone, its
scans included (tests/browser/test_journey_wedge.py). Where these nine pass the next whole number, they still tell."""
OF_A_PASSWORD: Final = frozenset({Reason.WRONG_PASSWORD, Reason.LAST_TRY, Reason.TRIES})
LONGEST_CODE: Final = 40
"""Characters: what is longer was not scanned from any label."""
SYSTEM: Final = Person(code="system", status="active", name="system", role=Role.SYSTEM)
"""Who starts the trial and names its first administrator: nobody else is there yet."""


class Defect(AssertionError):
    """A rule that contradicts itself: a record whose things are not the ones it changes."""


class Work:
    """One transaction's worth of steps."""

    def __init__(
        self, world: World, protocol: Protocol, connection: Connection, draft: Draft, logs: dict[Plane, Log]
    ) -> None:
        """Take the door's things for one transaction."""
        self._world = world
        self._protocol = protocol
        self._connection = connection
        self._draft = draft
        self._logs = logs
        self._sizes = {plane: log.tree.size for plane, log in logs.items()}
        self._places: dict[Plane, dict[str, int]] = {plane: {} for plane in logs}

    def recall(self, events: Sequence[str]) -> None:
        """Look up which of some events came before; `take` asks for no other."""
        for plane, log in self._logs.items():
            self._places[plane] |= log.store.places_of(self._connection, events)

    def take(self, request: Request) -> Answer:
        """Do one step, or refuse it, or find what became of it before."""
        actor = SYSTEM if request.actor == SYSTEM.code else self._draft.get(Person, request.actor)
        if actor is None:
            message = f"nobody has the badge {request.actor}"
            raise LookupError(message)
        spec = STEPS[request.step].SPEC
        before = self._before(request, spec, actor)
        if before is not None:
            return before
        times = self._times(request)
        outcome = self._decide(request, spec, actor, times[Plane.OPEN if spec.both else spec.plane])
        shared = frame(request, actor, self._protocol.hash)
        frames = {plane: shared | {"recorded_at": stamp(at)} for plane, at in times.items()}
        if isinstance(outcome, Recorded):
            if spec.plane is Plane.SEALED:  # a hash of it in the open log could be guessed at, field by field
                del frames[Plane.OPEN]["request"]
            return self._record(request, outcome, frames)
        plane = Plane.SEALED if _kept_sealed(spec, actor) else Plane.OPEN
        return self._refuse(request, plane, outcome, frames[plane])

    def finish(self) -> None:
        """Write the heads of the logs that grew."""
        for plane, log in self._logs.items():
            if log.tree.size > self._sizes[plane]:
                log.store.write_head(self._connection, log.sign())

    # --- one step

    def _times(self, request: Request) -> dict[Plane, datetime]:
        """Give when each log records this step, which is the rules' now: when it was received.

        Not when its turn came: how long it waited would tell, for ever, that the bench was at the door. Ledger time
        never goes back, even where the clock does, and runs ahead of it for nobody. The open log's time follows from
        the request, the clock and that log alone: it may not tell how much the bench wrote.
        """
        received = min(request.received_at, self._world.clock.now())
        now = max(received, self._logs[Plane.OPEN].latest + TICK)
        return {Plane.OPEN: now, Plane.SEALED: max(now, self._logs[Plane.SEALED].latest + TICK)}

    def _before(self, request: Request, spec: Spec, actor: Person) -> Answer | None:
        """Give the answer that this event got before; raise `EventReused` when it was another step.

        The sealed log is asked only where this request may be written to it. Everybody else's event is new, even if
        the bench has used its id: to refuse it would tell that the bench did. Both logs then hold the id, each of
        another request.
        """
        planes = list(Plane) if spec.both or _kept_sealed(spec, actor) else [Plane.OPEN]
        before = {
            plane: decode(self._logs[plane].store.entry(self._connection, self._places[plane][request.event]))
            for plane in planes
            if request.event in self._places[plane]
        }
        for plane, entry in before.items():
            if entry.get("request") == digest(request):
                told = Plane.OPEN if "request" not in before.get(Plane.OPEN, entry) else plane
                return answer_of(before[told], told, again=True)
        if before:
            message = f"event {request.event} came before with another step, other fields or other people"
            raise EventReused(message)
        return None

    def _decide(self, request: Request, spec: Spec, actor: Person, now: datetime) -> Recorded | tuple[Refusal, ...]:
        second = self._draft.get(Person, request.second) if request.second else None
        scene = Scene(
            actor=actor,
            now=now,
            occurred_at=request.occurred_at,
            protocol=self._protocol,
            things=self._draft,
            mint=lambda kind: codes.mint(codes.Kind(kind), self._world.random_bytes),
            signatures=request.signatures,
            second=second,
            sealed=spec.plane is Plane.SEALED or spec.both,
            event=request.event,
            downtime=request.downtime,
        )
        faults = request.faults
        if request.second and second is None:
            faults = (*faults, refuse(Reason.UNKNOWN, code=request.second))
        wrong_role = tuple(check_role(spec, scene))
        if wrong_role:
            return wrong_role
        if request.command is None:
            return (*faults, *_besides(faults, scene, check_signatures(spec, scene)))
        outcome = decide(request.command, scene)
        failed = () if isinstance(outcome, Recorded) else outcome
        return (*faults, *_besides(faults, scene, failed)) if faults else outcome

    def _record(self, request: Request, recorded: Recorded, frames: dict[Plane, Entry]) -> Answer:
        """Put a step that is done into the logs and the things."""
        link = self._commitment(recorded)
        halves = [(Plane.OPEN, recorded.open), (Plane.SEALED, recorded.sealed)]
        entries = {
            plane: self._draw(plane, change, frames[plane], request) | link[plane] for plane, change in halves if change
        }
        for plane, entry in entries.items():
            self._apply(plane, entry)
        self._append(request.event, entries)
        if recorded.level:
            self._level(frames[Plane.SEALED])
        plane = Plane.OPEN if recorded.open else Plane.SEALED
        return answer_of(entries[plane], plane, again=False)

    def _level(self, shared: Entry) -> None:
        """Fill the sealed log up, so that at each release it has grown alike whatever the bench had to do.

        A bag with cells takes some more steps than one of albumin alone. Who has no key can count entries, in the
        database or in two copies of it; between one release and the next they find a whole number of `LEVEL` ones.
        """
        while self._logs[Plane.SEALED].tree.size % LEVEL:
            entry = filler(shared, str(UUID(bytes=self._world.random_bytes(16), version=4)))
            self._append(entry["event"], {Plane.SEALED: entry | self._salt(Plane.SEALED)})

    def _draw(self, plane: Plane, change: Change, shared: Entry, request: Request) -> Entry:
        """Build one half of a step's entry."""
        versions = {code: self._next(plane, code) for code in change.things}
        mentioned = dict.fromkeys((*change.about, *self._about(request, plane)))
        return done(shared, change, versions, tuple(code for code in mentioned if code not in versions))

    def _refuse(self, request: Request, plane: Plane, refusals: tuple[Refusal, ...], shared: Entry) -> Answer:
        """Put a refused step on record: openly when its person is blinded and it is no code break, else sealed.

        What the bench tries, when, and in which words is the bench's own; what a blinded person tries follows from
        what they know.
        """
        entry = refused(shared, request, self._about(request, plane), refusals) | self._salt(plane)
        self._append(request.event, {plane: entry})
        return answer_of(entry, plane, again=False)

    def _commitment(self, recorded: Recorded) -> dict[Plane, Entry]:
        """Give what links the halves: the open commitment, and the sealed value and salt that open it."""
        link: dict[Plane, Entry] = {Plane.OPEN: {}, Plane.SEALED: self._salt(Plane.SEALED)}
        value = recorded.sealed.commits if recorded.sealed else None
        if value is not None:
            salt = self._world.random_bytes(SALT_BYTES)
            link[Plane.OPEN] = {"commitment": commit(salt, value)}
            link[Plane.SEALED] |= {"commits": dict(value), "commitment_salt": salt.hex()}
        return link

    def _salt(self, plane: Plane) -> Entry:
        return {"salt": self._world.random_bytes(SALT_BYTES).hex()} if plane is Plane.SEALED else {}

    def _append(self, event: str, entries: dict[Plane, Entry]) -> None:
        """Put the halves of one entry into their logs; nothing that can fail on its own comes after this."""
        encoded = {plane: encode(entry) for plane, entry in entries.items()}
        rows = {}
        for plane, data in encoded.items():
            log, entry = self._logs[plane], entries[plane]
            rows[plane] = Row(log.tree.size, event, data, entry["things"], tuple(entry["about"]))
            log.store.write_tiles(self._connection, log.append(data))
            log.latest = datetime.fromisoformat(entry["recorded_at"])
        self._draft.keep(rows)

    def _apply(self, plane: Plane, entry: Entry) -> None:
        """Let the things stand as the entry says; they have to be the ones it names."""
        changed = set()
        for thing in list(apply(self._draft, fact_of(entry, plane))):  # from what stood before, as in a replay
            if thing.code not in entry["things"] or thing.PLANE is not plane:
                message = f"{entry['type']} changes {thing.KIND} {thing.code}, which it does not name"
                raise Defect(message)
            changed.add(thing.code)
            self._draft.stage(plane, thing, entry["things"][thing.code])
        if changed != set(entry["things"]):
            message = f"{entry['type']} names {sorted(set(entry['things']) - changed)}, which it does not change"
            raise Defect(message)

    def _next(self, plane: Plane, code: str) -> int:
        kept = self._draft.kept(plane, code)
        return kept.version + 1 if kept else 1

    def _about(self, request: Request, plane: Plane) -> tuple[str, ...]:
        """Give the code that the step was asked of, as its plane knows it; an open record names nothing sealed."""
        spec = STEPS[request.step].SPEC
        if not spec.key or (plane is Plane.OPEN and spec.plane is Plane.SEALED):
            return ()
        code = str(getattr(request.command, spec.key)) if request.command else request.given.get(spec.key, "")
        return (code_of(spec.thing, code),) if 0 < len(code) <= LONGEST_CODE and code.isprintable() else ()


def _besides(faults: tuple[Refusal, ...], scene: Scene, failed: Iterable[Refusal]) -> Iterator[Refusal]:
    """Yield what fails besides the faults, all in one answer: not that a signature is missing whose password was wrong.

    It tells no more than the same form without a password does: that one asks for the same conditions.
    """
    wrong = {fault.facts["person"] for fault in faults if fault.reason in OF_A_PASSWORD}
    told = {Reason.SIGNATURE} if scene.actor.name in wrong else set()
    if any(fault.reason is Reason.UNKNOWN for fault in faults) or (scene.second and scene.second.name in wrong):
        told.add(Reason.SECOND_PERSON)
    yield from (refusal for refusal in failed if refusal.reason not in told)


def _kept_sealed(spec: Spec, actor: Person) -> bool:
    """Say whether what somebody asks is sealed whatever comes of it: of the unblinded all, of others a code break."""
    return sees_arm(actor.role) or (spec.plane is Plane.SEALED and not all(sees_arm(role) for role in spec.by))
