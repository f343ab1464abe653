"""Steps a second through the door, against bare commits of the same rows by as many callers.

On both databases the bare commits are shared by those who wait, as the door's are; on PostgreSQL besides against one
bare commit a caller, under the same advisory lock.
"""

from __future__ import annotations

import itertools
import subprocess
import threading
from typing import Any

from sqlalchemy import text

from custody.chain.things import Plane
from custody.store.open_store import _OPEN_THING, _open_row
from custody.store.plane import Kept
from tests.benchmarks.ground import Ground, ground, rate, said
from tests.databases import started

SECONDS = 2.0
CALLERS = (1, 8, 32)


class Bare:
    """Writes the rows that one observation makes, nothing else: callers that wait share a commit, as at the door."""

    def __init__(self, place: Ground) -> None:
        self.database = place.house.door.database
        store = place.house.door.stores[Plane.OPEN]
        with self.database.reading(Plane.OPEN) as connection:
            head = store.head(connection)
            kept = store.thing(connection, place.bag)
            assert head is not None
            assert kept is not None
            self.entry = store.entry(connection, head.size - 1)
            self.thing = _open_row(Kept(kept.thing, kept.version))
            self.head: dict[str, Any] = {"size": head.size, "root": head.root, "note": head.note}
        with self.database.writing() as connection:
            for table in ("event", "mention", "thing", "head"):
                connection.execute(text(f"CREATE TABLE IF NOT EXISTS bare_{table} AS SELECT * FROM open_{table}"))
            connection.execute(text("CREATE UNIQUE INDEX IF NOT EXISTS bare_place ON bare_event (place)"))
            connection.execute(text("CREATE UNIQUE INDEX IF NOT EXISTS bare_id ON bare_event (event)"))
            connection.execute(text("CREATE UNIQUE INDEX IF NOT EXISTS bare_code ON bare_mention (code, number)"))
            connection.execute(text("CREATE UNIQUE INDEX IF NOT EXISTS bare_thing_code ON bare_thing (code)"))
            connection.execute(text("CREATE UNIQUE INDEX IF NOT EXISTS bare_head_id ON bare_head (id)"))
        self.numbers = itertools.count(10_000_000)
        self.gate = threading.Lock()
        self.queue: list[threading.Lock] = []
        self.led = False

    def one(self) -> None:
        """Commit one step's rows, alone or with those that wait."""
        turn = threading.Lock()
        turn.acquire()
        with self.gate:
            self.queue.append(turn)
            leads, self.led = not self.led, True
        if not leads:
            turn.acquire()
        if turn in self.queue:
            self.lead()

    def alone(self) -> None:
        """Commit one step's rows, and nobody else's."""
        self.write(1)

    def lead(self) -> None:
        """Write what waits."""
        with self.gate:
            batch, self.queue = self.queue, []
        self.write(len(batch))
        with self.gate:
            following = self.queue[0] if self.queue else None
            self.led = following is not None
        for turn in batch:
            turn.release()
        if following is not None:
            following.release()

    def write(self, steps: int) -> None:
        """Write the rows of some steps in one transaction, under the writer's lock."""
        numbers = [next(self.numbers) for _ in range(steps)]
        with self.database.writing() as connection:
            connection.execute(
                text("INSERT INTO bare_event VALUES (:place, :event, :entry)"),
                [{"place": n, "event": f"{n:036d}", "entry": self.entry} for n in numbers],
            )
            connection.execute(
                text("INSERT INTO bare_mention VALUES (:code, :number, :place)"),
                [{"code": self.thing["code"], "number": n, "place": n} for n in numbers],
            )
            connection.execute(text(_OPEN_THING.replace("open_thing", "bare_thing")), [self.thing])
            connection.execute(text("UPDATE bare_head SET size = :size, root = :root, note = :note"), self.head)


def run() -> None:
    """Measure in turn, so that both see the same machine."""
    measure("SQLite")
    try:
        with started() as server:
            measure("PostgreSQL", server.fresh())
    except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as wrong:
        print(f"door, PostgreSQL: not measured, it does not start here: {wrong}")


def measure(name: str, database_url: str = "") -> None:
    """Measure one database."""
    with ground(database_url) as place:
        bare = Bare(place)
        for callers in CALLERS:
            limit = rate(bare.one, callers, SECONDS)
            figure = rate(lambda: place.house.door.submit(place.request()), callers, SECONDS)
            said(f"door, {name}, {callers} callers", figure, limit, "steps/s", "0.50")
            if database_url:
                said("  one commit a caller", figure, rate(bare.alone, callers, SECONDS), "steps/s", "1.00")
