"""Wrong passwords: counted by account and device, and more of them by account alone."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest

from custody.people.tries import ANYWHERE, ON_A_DEVICE, Counts, Tries, Wait


@pytest.fixture
def tries() -> Tries:
    return Tries()


def wrong(tries: Tries, device: str, account: str = "tess", times: int = 1) -> list[Any]:
    """Give what came of some wrong passwords: None where they were looked at, else the wait."""
    return [tries.tried(account, device, lambda: None) for _number in range(times)]


def right(tries: Tries, device: str, account: str = "tess") -> Any:
    return tries.tried(account, device, lambda: "in")


def test_after_five_in_five_minutes_one_waits_on_that_device_and_nowhere_else(tries: Tries) -> None:
    assert wrong(tries, "ward", times=5) == [None] * 5
    waits = [*wrong(tries, "ward"), right(tries, "ward")]
    assert all(isinstance(wait, Wait) and 290 <= wait.seconds <= 301 for wait in waits), waits
    assert right(tries, "bench") == "in"
    assert right(tries, "ward", "theo") == "in"


def test_a_password_that_has_to_wait_is_not_looked_at(tries: Tries) -> None:
    wrong(tries, "ward", times=5)
    looked: list[str] = []
    assert isinstance(tries.tried("tess", "ward", lambda: looked.append("at")), Wait)
    assert looked == []


def test_a_right_password_ends_the_count_of_its_own_device_alone(tries: Tries) -> None:
    wrong(tries, "ward", times=4)
    assert right(tries, "bench") == "in"
    assert [isinstance(found, Wait) for found in wrong(tries, "ward", times=2)] == [False, True], "as if she was away"
    for _number in range(3):
        assert wrong(tries, "bench", times=4) == [None] * 4
        assert right(tries, "bench") == "in"


def test_who_goes_from_device_to_device_waits_too_and_keeps_nobody_out_who_is_at_their_own(tries: Tries) -> None:
    assert right(tries, "bench") == "in"
    for number in range(ANYWHERE.amount // ON_A_DEVICE.amount):
        assert wrong(tries, f"address {number}", times=ON_A_DEVICE.amount) == [None] * ON_A_DEVICE.amount
    (wait,) = wrong(tries, "one more")
    assert isinstance(wait, Wait)
    assert 3500 <= wait.seconds <= 3601
    assert isinstance(right(tries, "one more"), Wait)
    assert right(tries, "bench") == "in"
    assert right(tries, "one more", "theo") == "in"


def test_of_many_at_once_no_more_are_looked_at(tries: Tries) -> None:
    barrier = Barrier(20)
    looks: list[int] = []
    found: list[Any] = []

    def come() -> None:
        barrier.wait()
        found.append(tries.tried("tess", "ward", lambda: looks.append(1)))

    threads = [Thread(target=come) for _number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looks) == 5
    assert sum(isinstance(one, Wait) for one in found) == 15


def test_a_count_is_not_ended_while_the_timer_looks_at_it() -> None:
    counts = Counts()
    counts.acquire_entry("nurse", limit=5, expiry=300)
    ends = Thread(target=counts.clear, args=("nurse",))
    with counts.locks["nurse"]:
        ends.start()
        ends.join(0.1)
        assert ends.is_alive()
        assert counts.events["nurse"]
    ends.join()
    assert "nurse" not in counts.events
