"""Who may be enrolled, on the clock (step 5).

- Time since the catecholamine counts real elapsed time, so that a night with a change of clocks is
  neither an hour longer nor shorter; it has to be strictly less than the limit.
- The week's window is read on the wall clock of the site where the participant lies. Its start
  belongs to it, its end does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from custody.chain.duration import spoken
from custody.chain.protocol import Protocol, Site
from custody.chain.refusals import Reason, Refusal, refuse


def on_the_clock(protocol: Protocol, site: Site, onset: datetime, now: datetime) -> Iterator[Refusal]:
    """Yield what is wrong with the time of onset.

    >>> # onset Monday 08:00:00 local, asked at 19:59:59: eligible; asked at 20:00:00: too late.
    """
    limit = timedelta(minutes=protocol.onset)
    elapsed = now - onset
    if elapsed < timedelta(0):
        yield refuse(Reason.IN_FUTURE, what="onset")
    elif elapsed >= limit:
        yield refuse(Reason.ONSET, elapsed=spoken(elapsed), limit=spoken(limit))
    local = site.local(onset)
    if not protocol.window.contains(local):
        found = f"{local:%a %Y-%m-%d %H:%M} {local.tzname()}"
        yield refuse(Reason.WINDOW, found=found, window=protocol.window)


def criteria(protocol: Protocol, answers: Mapping[str, str]) -> Iterator[Refusal]:
    """Yield each criterion that is not answered or not fulfilled."""
    for criterion in protocol.inclusion:
        if answers.get(criterion.code) not in {"yes", "no"}:
            yield refuse(Reason.UNKNOWN_CRITERION, criterion=criterion.text.en)
        elif answers[criterion.code] == "no":
            yield refuse(Reason.INCLUSION, criterion=criterion.text.en)
    for criterion in protocol.exclusion:
        if answers.get(criterion.code) not in {"yes", "no"}:
            yield refuse(Reason.UNKNOWN_CRITERION, criterion=criterion.text.en)
        elif answers[criterion.code] == "yes":
            yield refuse(Reason.EXCLUSION, criterion=criterion.text.en)
