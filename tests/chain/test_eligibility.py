"""Who may be enrolled, to the second, on the nights when clocks change too."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody import protocols
from custody.chain.eligibility import criteria, on_the_clock
from custody.chain.protocol import Protocol, Site
from custody.chain.refusals import Reason, Refusal
from custody.chain.week import Window

TRIAL = protocols.load(protocols.builtin()["chocmsc"])
ALWAYS = replace(TRIAL, window=Window(1, 0, 1, 0))
WARD = next(site for site in TRIAL.sites if site.kind == "icu")
PARIS = ZoneInfo("Europe/Paris")
ANSWERS = {item.code: "yes" for item in TRIAL.inclusion} | {item.code: "no" for item in TRIAL.exclusion}


def paris(text: str, fold: int = 0) -> datetime:
    """Give the instant at which clocks in Paris show this; the second time when `fold` is 1."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold).astimezone(UTC)


def refusals(onset: datetime, now: datetime, trial: Protocol = TRIAL, site: Site = WARD) -> list[Refusal]:
    return list(on_the_clock(trial, site, onset, now))


def reasons(onset: datetime, now: datetime, trial: Protocol = TRIAL) -> list[Reason]:
    return [refusal.reason for refusal in refusals(onset, now, trial)]


# The weeks: winter, summer, and the first days after each change of clocks.
WEEKS = [
    ("2026-01-12", "2026-01-16"),
    ("2026-07-13", "2026-07-17"),
    ("2026-03-30", "2026-04-03"),
    ("2026-10-26", "2026-10-30"),
]


@pytest.mark.parametrize(("monday", "friday"), WEEKS)
def test_the_window_opens_on_monday_at_8_to_the_second(monday: str, friday: str) -> None:
    at_eight = paris(f"{monday} 08:00:00")
    assert reasons(at_eight, at_eight) == []
    for early in (timedelta(seconds=1), timedelta(microseconds=1)):
        assert reasons(at_eight - early, at_eight) == [Reason.WINDOW]


@pytest.mark.parametrize(("monday", "friday"), WEEKS)
def test_the_window_closes_on_friday_at_8_to_the_second(monday: str, friday: str) -> None:
    at_eight = paris(f"{friday} 08:00:00")
    assert reasons(at_eight, at_eight) == [Reason.WINDOW]
    for early in (timedelta(seconds=1), timedelta(microseconds=1)):
        assert reasons(at_eight - early, at_eight) == []


def test_the_window_is_about_the_onset_and_not_about_the_enrolment() -> None:
    assert reasons(paris("2026-07-16 21:00"), paris("2026-07-17 08:59:59")) == []
    assert reasons(paris("2026-07-13 07:30"), paris("2026-07-13 09:00")) == [Reason.WINDOW]


@pytest.mark.parametrize("day", range(13, 20))
def test_only_the_weekend_is_outside(day: int) -> None:
    noon = paris(f"2026-07-{day} 12:00")
    assert (reasons(noon, noon) == []) == (day < 17)


def test_a_refusal_by_the_window_says_what_the_wards_clock_showed() -> None:
    onset = paris("2026-07-17 08:00")
    (refusal,) = refusals(onset, onset)
    assert refusal.text == "Onset Fri 2026-07-17 08:00 CEST: outside Mon 08:00 - Fri 08:00."


@pytest.mark.parametrize(
    ("waited", "expected"),
    [
        (timedelta(0), []),
        (timedelta(hours=12, seconds=-1), []),
        (timedelta(hours=12, microseconds=-1), []),
        (timedelta(hours=12), [Reason.ONSET]),
        (timedelta(days=3), [Reason.ONSET]),
        (timedelta(seconds=-1), [Reason.IN_FUTURE]),
    ],
)
def test_less_than_12_hours_have_passed_since_the_catecholamine(waited: timedelta, expected: list[Reason]) -> None:
    onset = paris("2026-07-14 20:00")
    assert reasons(onset, onset + waited) == expected


def test_a_refusal_by_the_hours_says_how_many() -> None:
    onset = paris("2026-07-14 20:00")
    (refusal,) = refusals(onset, onset + timedelta(hours=12, minutes=1, seconds=2))
    assert refusal.text == "Catecholamine started 12 h 01 min 02 s ago; it has to be less than 12 h."


def test_both_rules_of_the_clock_are_answered_together() -> None:
    assert reasons(paris("2026-07-18 08:00"), paris("2026-07-20 08:00")) == [Reason.ONSET, Reason.WINDOW]


# Saturday 20:00; the clocks change in the night; 12 real hours later they show another hour than 08:00.
SHORT_NIGHT = paris("2026-03-28 20:00"), paris("2026-03-29 09:00")
LONG_NIGHT = paris("2026-10-24 20:00"), paris("2026-10-25 07:00")


@pytest.mark.parametrize(("onset", "end"), [SHORT_NIGHT, LONG_NIGHT], ids=["spring", "autumn"])
def test_12_hours_are_12_real_hours_on_the_night_when_clocks_change(onset: datetime, end: datetime) -> None:
    assert end - onset == timedelta(hours=12)
    assert reasons(onset, end - timedelta(seconds=1), ALWAYS) == []
    assert reasons(onset, end, ALWAYS) == [Reason.ONSET]


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    first, second = paris("2026-10-25 02:30"), paris("2026-10-25 02:30", fold=1)
    assert second - first == timedelta(hours=1)
    end = paris("2026-10-25 13:30")
    assert reasons(first, end, ALWAYS) == [Reason.ONSET]
    assert reasons(second, end, ALWAYS) == []
    said = [refusal.facts["found"] for at in (first, second) for refusal in refusals(at, at)]
    assert said == ["Sun 2026-10-25 02:30 CEST", "Sun 2026-10-25 02:30 CET"]


def test_the_hour_that_never_comes_is_skipped() -> None:
    before, after = paris("2026-03-29 01:59:59"), paris("2026-03-29 03:00:00")
    assert after - before == timedelta(seconds=1)
    sunday = replace(TRIAL, window=Window(7, 2 * 60, 7, 3 * 60))
    assert reasons(before, before, sunday) == reasons(after, after, sunday) == [Reason.WINDOW]


def test_a_window_over_the_weekend_holds_the_nights_when_clocks_change() -> None:
    weekend = replace(TRIAL, window=Window(5, 18 * 60, 1, 6 * 60))
    for friday, monday in (("2026-03-27", "2026-03-30"), ("2026-10-23", "2026-10-26")):
        start, end = paris(f"{friday} 18:00"), paris(f"{monday} 06:00")
        second = timedelta(seconds=1)
        inside = [Reason.WINDOW not in reasons(at, at, weekend) for at in (start - second, start, end - second, end)]
        assert inside == [False, True, True, False]


@given(st.timedeltas(timedelta(0), timedelta(days=36_500)))
def test_an_onset_is_in_the_window_or_in_the_rest_of_the_week_and_never_in_both(later: timedelta) -> None:
    onset = paris("2001-01-01 00:00") + later
    rest = replace(TRIAL, window=Window(5, 8 * 60, 1, 8 * 60))
    found = reasons(onset, onset), reasons(onset, onset, rest)
    assert sorted(found) == [[], [Reason.WINDOW]]
    assert reasons(onset, onset, ALWAYS) == []


def test_each_site_reads_its_own_clock() -> None:
    far = replace(WARD, zone="Pacific/Auckland")
    onset = paris("2026-07-12 22:00")  # Monday 08:00 in Auckland
    assert refusals(onset, onset, site=far) == []
    assert [refusal.reason for refusal in refusals(onset, onset)] == [Reason.WINDOW]


def test_a_participant_who_meets_every_criterion_may_be_enrolled() -> None:
    assert list(criteria(TRIAL, ANSWERS)) == []


def wrong_answers() -> Iterator[tuple[str, str, Reason]]:
    for item in TRIAL.inclusion:
        yield item.code, "no", Reason.INCLUSION
    for item in TRIAL.exclusion:
        yield item.code, "yes", Reason.EXCLUSION
    for item in (*TRIAL.inclusion, *TRIAL.exclusion):
        yield item.code, "perhaps", Reason.UNKNOWN_CRITERION


@pytest.mark.parametrize(("code", "answer", "reason"), [*wrong_answers()])
def test_one_criterion_is_enough_to_refuse(code: str, answer: str, reason: Reason) -> None:
    (refusal,) = criteria(TRIAL, ANSWERS | {code: answer})
    text = {item.code: item.text.en for item in (*TRIAL.inclusion, *TRIAL.exclusion)}[code]
    assert (refusal.reason, refusal.facts) == (reason, {"criterion": text})


def test_every_criterion_not_answered_is_named() -> None:
    missing = list(criteria(TRIAL, {}))
    assert {refusal.reason for refusal in missing} == {Reason.UNKNOWN_CRITERION}
    assert len(missing) == len(ANSWERS)
