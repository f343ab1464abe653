"""THE DOOR: every step of every person passes here, and nowhere else.

    request -> who is it -> the things as they stand -> decide -> entries, things -> one commit -> answer

- The record and the fact are one transaction: open and sealed log, who they speak of, and the things.
- Steps that wait share one transaction and one fsync: the first to come leads, those that come meanwhile are
  committed together, each is answered after its commit.
- The same event id is the same step: it gets the same answer for ever, and is never done twice.
- A refused step is recorded as well, with all its reasons.
- What a step tells a person of more than their plane (a code break) they hear here, and may hear again; nobody else.
- A step is recorded as of when it was received, not of when its turn came: the record does not tell how busy the door
  was. The live answer does, a little: there is one writer, so a step that comes while the bench's is being committed
  is answered some milliseconds later. Who sends many steps can tell that the bench is at work, though not on what.
- When a commit fails its outcome is unknown: the door forgets all it remembered, reads the log anew and verifies
  its tail; whoever asks again with the same event id learns what became of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from custody.chain.protocol import Protocol
from custody.chain.things import Plane
from custody.ledger.entry import decode
from custody.record.draft import Draft, Memory
from custody.record.entries import answer_of
from custody.record.log import Log
from custody.record.request import Answer, OutcomeUnknown, Request
from custody.record.work import Defect, Work
from custody.record.world import World
from custody.store.database import Database
from custody.store.plane import PlaneStore, notes

MOST_AT_ONCE: Final = 64
"""Steps in one transaction."""
MOST_REMEMBERED: Final = 20_000
"""Things kept in memory between transactions."""


class _Waiting:
    """One request in the queue, and its caller's turn."""

    __slots__ = ("answer", "error", "finished", "request", "turn")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.turn = threading.Lock()
        self.turn.acquire()
        self.finished = False
        self.answer: Answer | None = None
        self.error: BaseException | None = None

    def result(self) -> Answer:
        if self.error is not None:
            raise self.error
        if self.answer is None:
            message = "a request left the queue without an answer"
            raise Defect(message)
        return self.answer


class Door:
    """The only way to the record. Made by `custody.record.open_door`."""

    def __init__(
        self,
        database: Database,
        open_log: Callable[[Plane, Connection], Log],
        stores: Mapping[Plane, PlaneStore],
        protocol: Protocol,
        world: World,
    ) -> None:
        """Take the database, what opens (and so verifies) a log, the planes' stores, and the trial."""
        self.database = database
        self.protocol = protocol
        self.world = world
        self._open_log = open_log
        self.stores = stores
        self._logs: dict[Plane, Log] = {}
        self._memory: Memory = {}
        self._gate = threading.Lock()
        self._queue: list[_Waiting] = []
        self._led = False

    def submit(self, request: Request) -> Answer:
        """Do, or refuse, one step; return after it is on record.

        Raises `EventReused` for an event id that came before with something else, `OutcomeUnknown` when the
        commit failed (ask again), `Defect` for an error in a rule (nothing was recorded then).
        """
        waiting = _Waiting(request)
        with self._gate:
            self._queue.append(waiting)
            leads, self._led = not self._led, True
        if not leads:
            waiting.turn.acquire()
        if not waiting.finished:
            self._lead()
        return waiting.result()

    def told(self, event: str, actor: str) -> Answer | None:
        """Give again what a step told the person who did it; None for any other event, and for anybody else."""
        store = self.stores[Plane.SEALED]
        with self.database.reading(Plane.SEALED) as connection:
            place = store.place_of(connection, event)
            entry = decode(store.entry(connection, place)) if place is not None else {}
        if not entry or entry["actor"]["person"] != actor:
            return None
        answer = answer_of(entry, Plane.SEALED, again=True)
        return answer if answer.told else None

    def tellings(self, code: str, actor: str) -> list[str]:
        """Give the events by which a person was told something of a sealed thing, oldest first; nobody else's."""
        store = self.stores[Plane.SEALED]
        with self.database.reading(Plane.SEALED) as connection:
            entries = [decode(store.entry(connection, place)) for place in store.mentions(connection, code)]
        mine = (entry for entry in entries if entry["actor"]["person"] == actor)
        return [entry["event"] for entry in mine if answer_of(entry, Plane.SEALED, again=True).told]

    def start(self) -> None:
        """Open both logs and verify their tails, before anybody has the door; raise `TailBroken`."""
        with self.database.writing() as connection:
            self._refresh(connection)

    def tail(self, plane: Plane) -> Log:
        """Open one log as the database has it now, and so verify its tail; raise `TailBroken`.

        Read anew each time, on a connection of its plane, without the writer's lock and without what the door
        remembers: how long it takes follows from this log alone, never from what was written to the other.
        """
        with self.database.reading(plane) as connection:
            return self._open_log(plane, connection)

    def checkpoint(self, plane: Plane) -> str:
        """Give the log's present checkpoint with both signatures."""
        return self.tail(plane).published()

    # --- the queue

    def _lead(self) -> None:
        """Commit what waits, answer it, and hand the lead on."""
        with self._gate:
            batch, self._queue = self._queue[:MOST_AT_ONCE], self._queue[MOST_AT_ONCE:]
        try:
            self._commit(batch)
        finally:
            with self._gate:
                following = self._queue[0] if self._queue else None
                self._led = following is not None
            for waiting in batch:
                waiting.finished = True
                waiting.turn.release()
            if following is not None:
                following.turn.release()

    def _commit(self, batch: list[_Waiting]) -> None:
        try:
            with self.database.writing() as connection:
                drafts = self._work(connection, batch, self._refresh(connection))
        except BaseException as wrong:
            self._logs, self._memory = {}, {}
            for waiting in batch:
                if waiting.error is None:
                    waiting.error = OutcomeUnknown("the step may not be on record: ask again")
                    waiting.error.__cause__ = wrong
            if isinstance(wrong, Exception):
                return
            raise  # the leading thread was told to stop: the others are answered all the same
        self._logs = drafts
        if len(self._memory) > MOST_REMEMBERED:
            self._memory = {}

    def _refresh(self, connection: Connection) -> dict[Plane, Log]:
        """Make sure that what is remembered is what the database has: others may write too.

        A plane in which nobody else wrote stays as it is. Only who leads the queue may ask for this.
        """
        there, logs = notes(connection), self._logs
        stale = [plane for plane in self.stores if plane not in logs or logs[plane].note != there.get(plane)]
        if stale:
            self._memory = {key: kept for key, kept in self._memory.items() if key[0] not in stale}
            self._logs = logs | {plane: self._open_log(plane, connection) for plane in stale}
        return self._logs

    def _work(self, connection: Connection, batch: list[_Waiting], known: dict[Plane, Log]) -> dict[Plane, Log]:
        """Do each step of a batch in turn; write all; give the logs as they are then."""
        logs = {plane: log.draft() for plane, log in known.items()}
        draft = Draft(connection, self.stores, self._memory)
        work = Work(self.world, self.protocol, connection, draft, logs)
        work.recall([waiting.request.event for waiting in batch])
        seen: set[str] = set()
        for waiting in batch:
            event = waiting.request.event
            try:
                if event in seen:
                    draft.flush()
                    work.recall([event])
                seen.add(event)
                waiting.answer = work.take(waiting.request)
            except SQLAlchemyError:
                raise
            except Exception as wrong:  # noqa: BLE001 - one step's defect is not the others': nothing of it is kept
                draft.drop()
                waiting.error = wrong
        draft.flush()
        work.finish()
        return logs
