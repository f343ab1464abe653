"""An answer is shown once, to the sign-in that asked for it, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from custody.people import telling
from custody.people.telling import LASTS, Tellings

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


def test_an_answer_is_taken_once_and_by_its_sign_in_alone() -> None:
    tellings = Tellings()
    tellings.begin("event", "mine", NOW)
    assert not tellings.take("event", "another", NOW)
    assert not tellings.take("other", "mine", NOW)
    assert tellings.take("event", "mine", NOW)
    assert not tellings.take("event", "mine", NOW)


def test_after_five_minutes_it_is_taken_no_more() -> None:
    tellings = Tellings()
    for late, shown in ((LASTS - timedelta(seconds=1), True), (LASTS, False)):
        tellings.begin("event", "mine", NOW)
        assert tellings.take("event", "mine", NOW + late) is shown
    assert timedelta(minutes=5) == LASTS


def test_of_too_many_that_wait_the_oldest_go(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(telling, "MOST", 2)
    tellings = Tellings()
    for event in ("first", "second", "third"):
        tellings.begin(event, "mine", NOW)
    assert [tellings.take(event, "mine", NOW) for event in ("first", "second", "third")] == [False, True, True]
