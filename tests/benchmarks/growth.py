"""Cost per step, replay and verification as the record grows; opening it; memory.

The record is filled through the door's own work, in full batches; a step's cost is then measured with one caller.
`python -m tests.benchmarks growth --most 1000000` goes on to a million events, which takes some ten minutes.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time

from custody.chain.things import Plane
from custody.record.create import open_door
from custody.record.replay import replay
from custody.store.database import Database
from custody.verifying import Wanted, verify_here
from tests.benchmarks.ground import Ground, ground

SIZES = (1_000, 100_000, 1_000_000)
MEASURED = 1_000


def run(most: int = 100_000) -> None:
    """Grow one record through the sizes."""
    with ground() as place:
        first = 0.0
        for size in (size for size in SIZES if size <= most):
            fill(place, size)
            cost = cost_us(place)
            first = first or cost
            ratio = f"ratio to the first {cost / first:5.2f}   goal 1.10"
            print(f"cost per step at {size:>9,} events {'':<10} {cost:>10,.0f} µs        {ratio}")
        size = events(place)
        per = size / 100_000
        timed(f"replay of {size:,} events", lambda: list(replay_of(place)), per)
        timed(f"verify {size:,} events in place", lambda: verified(place), per)
        opened(place)


def events(place: Ground) -> int:
    """Count the open log's entries."""
    with place.house.door.database.reading(Plane.OPEN) as connection:
        head = place.house.door.stores[Plane.OPEN].head(connection)
    return head.size if head else 0


def fill(place: Ground, size: int) -> None:
    """Let 32 callers observe until the open log has `size` entries."""
    missing = [size - events(place)]
    gate = threading.Lock()

    def call() -> None:
        while True:
            with gate:
                missing[0] -= 1
                if missing[0] < 0:
                    return
            place.house.door.submit(place.request())

    threads = [threading.Thread(target=call) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def cost_us(place: Ground) -> float:
    """Give the median cost of a step by one caller, in microseconds of this process (no waiting for the disk)."""
    costs = []
    for _ in range(MEASURED):
        start = time.thread_time_ns()
        place.house.door.submit(place.request())
        costs.append((time.thread_time_ns() - start) / 1000)
    return statistics.median(costs)


def replay_of(place: Ground) -> object:
    """Replay everything."""
    door = place.house.door
    with door.database.reading(Plane.SEALED) as connection:
        yield from replay(connection, door.stores)


def verified(place: Ground) -> None:
    """Verify both logs in the database, entry by entry."""
    report = verify_here(place.house.door.database, place.folder / "keys", Wanted())
    if report.findings:
        raise AssertionError(report.findings[:3])


def timed(name: str, work: object, per: float) -> None:
    """Print how long a piece of work takes for each 100,000 events."""
    start = time.perf_counter()
    work()  # type: ignore[operator]
    print(f"{name:<44} {(time.perf_counter() - start) / per:>10,.2f} s per 10^5")


def opened(place: Ground) -> None:
    """Measure the opening of the ledger with its tail verified, and a fresh process's memory and start.

    Its memory is its own high-water mark: what `getrusage` gives begins with that of the process it came from.
    """
    start = time.perf_counter()
    door = open_door(Database(str(place.house.door.database.url)), place.folder / "keys")
    print(f"{'open, both tails verified':<44} {time.perf_counter() - start:>10,.3f} s        goal ready within 1 s")
    door.database.close()
    program = (
        "import re, time; start = time.perf_counter()\n"
        "from pathlib import Path\n"
        "from custody.app import create_app\nfrom custody.config import Config\n"
        "from custody.record.create import open_door\nfrom custody.store.database import Database\n"
        f"door = open_door(Database({str(place.house.door.database.url)!r}), Path({str(place.folder / 'keys')!r}))\n"
        "app = create_app(door, Config.read({}), b'x' * 32)\n"
        "app.test_client().get('/readyz')\n"
        "seconds = time.perf_counter() - start\n"
        "print(seconds, int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) / 1024)\n"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    seconds, memory = map(float, out.stdout.split())
    print(f"{'a fresh process, ready':<44} {seconds:>10,.2f} s        goal 1 s")
    print(f"{'its memory, at most':<44} {memory:>10,.0f} MB       goal 100 MB")
