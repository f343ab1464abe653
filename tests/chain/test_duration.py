"""A span of time is said in one way."""

from datetime import timedelta

import pytest

from custody.chain.duration import spoken, spoken_min


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(0), "0 min"),
        (timedelta(seconds=5), "0 min 05 s"),
        (timedelta(minutes=15), "15 min"),
        (timedelta(hours=24), "24 h"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(hours=11, minutes=59, seconds=59, microseconds=999_999), "11 h 59 min 59 s"),
        (timedelta(days=4, seconds=1), "96 h 00 min 01 s"),
    ],
)
def test_a_span_is_said_to_the_second_without_what_is_nothing_at_its_end(span, said):
    assert spoken(span) == said


def test_minutes_are_said_in_hours_from_an_hour_on():
    assert [spoken_min(minutes) for minutes in (0, 59, 60, 360, 1440)] == ["0 min", "59 min", "1 h", "6 h", "24 h"]
