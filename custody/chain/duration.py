"""How a span of time is said, in refusals and on pages alike: `15 min`, `24 h`, `11 h 59 min 59 s`."""

from __future__ import annotations

from datetime import timedelta


def spoken(span: timedelta) -> str:
    """Say a span in hours, minutes and seconds; what is nothing at its end is left out, parts of a second always."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    said = [f"{hours} h"] if hours else []
    if minutes or seconds or not hours:
        said.append(f"{minutes:02d} min" if hours else f"{minutes} min")
    if seconds:
        said.append(f"{seconds:02d} s")
    return " ".join(said)


def spoken_min(minutes: int) -> str:
    """Say a span of whole minutes."""
    return spoken(timedelta(minutes=minutes))
