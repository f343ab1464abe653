"""What the open log's commitments come to: opened from the sealed log, or in the open log after the unsealing.

- An open entry's `commitment` is that of its event. The sealed entry of the same event opens it with `commits` and
  `commitment_salt`.
- An open entry of type `commitments_opened` opens others: `payload.openings` is a list of `event`, `salt` and `value`.
  The one with `payload.complete` says that none is left; whatever is closed then, or made after it, is missing.
- What two kinds of values mean is known here. A list is `site` and `arms`; an order is `participant`, `site`, `place`
  (from 1), `arm`. The participants of a site, as their orders stand in the log, have the places 1, 2, 3 and so on of
  its list, and the arms that stand there: none was forced, skipped or used twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from custody.ledger.commitment import opens
from custody.ledger.errors import LedgerError
from custody.ledger.report import Report, said
from custody.ledger.rules import OPEN, SEALED, is_hex64

OPENED: Final = "commitments_opened"

Entry = Mapping[str, Any]


@dataclass(slots=True)
class _Made:
    """One commitment, and what became of it."""

    where: str
    commitment: str
    codes: str
    """Of what its entry changed, or what it says where it changed nothing, for people."""
    value: Entry | None = None
    """As it was opened in the open log."""
    from_sealed: bool = False


@dataclass(slots=True)
class Commitments:
    """Keeps the commitments of the open log, and tries every opening on the one it is for.

    Keeps about 500 bytes for each commitment.
    """

    report: Report
    complete: str = ""
    """Where the log says that all is open."""
    _made: dict[str, _Made] = field(default_factory=dict)

    @property
    def made(self) -> int:
        """Count the commitments."""
        return len(self._made)

    @property
    def from_sealed(self) -> int:
        """Count those that the sealed log opened."""
        return sum(one.from_sealed for one in self._made.values())

    @property
    def in_the_open(self) -> int:
        """Count those that the open log opened."""
        return sum(one.value is not None for one in self._made.values())

    @property
    def closed(self) -> int:
        """Count those that neither log opened."""
        return sum(one.value is None and not one.from_sealed for one in self._made.values())

    def take(self, log: str, where: str, entry: Entry) -> None:
        """Note an open entry's commitment, or try its openings, or those of a sealed one; open entries come first."""
        event = entry.get("event")
        if not isinstance(event, str):
            return
        if log == OPEN:
            if "commitment" in entry:
                self._note(where, event, entry)
            if entry.get("type") == OPENED:
                self._open_all(where, entry.get("payload"))
        elif log == SEALED and "commits" in entry and event in self._made:
            self._open_sealed(where, self._made[event], entry)

    def finish(self) -> None:
        """Report what is missing after the unsealing, and orders that do not follow their list."""
        if not self.complete:
            return
        missing = [(event, one) for event, one in self._made.items() if one.value is None]
        for event, one in missing:
            expected = f"an opening of the commitment of {event} ({one.codes}), as all are since {self.complete}"
            self.report.add(one.where, "opening", expected, "none")
        for where, expected, found in _allocations(self._made.values()) if not missing else ():
            self.report.add(where, "allocation", expected, found)

    def _note(self, where: str, event: str, entry: Entry) -> None:
        things = entry.get("things")
        codes = ", ".join(map(str, things)) if isinstance(things, dict) and things else said(entry.get("payload"))
        if is_hex64(entry["commitment"]):
            self._made[event] = _Made(where, entry["commitment"], codes)
        else:
            self.report.add(where, "commitment", "64 hex digits", said(entry["commitment"]))

    def _open_sealed(self, where: str, made: _Made, entry: Entry) -> None:
        """Try the sealed half of an event; what it holds is told nowhere: it may be an arm or a list."""
        salt, value = entry.get("commitment_salt"), entry["commits"]
        if not is_hex64(salt) or not isinstance(value, dict):
            expected = "an object `commits` and a `commitment_salt` of 64 hex digits"
            self.report.add(where, "commitment", expected, "something else")
        elif _fits(made.commitment, salt, value):
            made.from_sealed = True
        else:
            self.report.add(where, "commitment", f"what opens {made.commitment}", "a salt or a value that does not")

    def _open_all(self, where: str, payload: object) -> None:
        openings = payload.get("openings") if isinstance(payload, dict) else None
        if not isinstance(openings, list):
            self.report.add(where, "opening", "a list `openings`", said(openings))
            return
        for number, opening in enumerate(openings):
            self._open(f"{where}, opening {number}", opening)
        if isinstance(payload, dict) and payload.get("complete") is True:
            self.complete = where

    def _open(self, where: str, opening: object) -> None:
        given = opening if isinstance(opening, dict) else {}
        event, salt, value = given.get("event"), given.get("salt"), given.get("value")
        if not isinstance(event, str) or not is_hex64(salt) or not isinstance(value, dict):
            expected = "an `event`, a `salt` of 64 hex digits and an object `value`"
            self.report.add(where, "opening", expected, said(opening))
            return
        made = self._made.get(event)
        if made is None:
            self.report.add(where, "opening", "an event that made a commitment before", f"{event}, {value}")
        elif made.value is not None:
            self.report.add(where, "opening", f"one opening of each commitment, {event} is open", "another of it")
        elif _fits(made.commitment, salt, value):
            made.value = value
        else:
            expected = f"what opens {made.commitment[:16]}… of {event} ({made.codes})"
            self.report.add(where, "opening", expected, f"{value}")


def _fits(commitment: str, salt: str, value: Entry) -> bool:
    try:
        return opens(commitment, bytes.fromhex(salt), value)
    except LedgerError:
        return False


def _allocations(made: Iterable[_Made]) -> Iterator[tuple[str, str, str]]:
    """Yield (where, expected, found) of each order that has not the next place of its list, or not its first order's.

    What is no list and no order of the form above is left alone: its commitment held all the same.
    """
    opened = [(one.where, one.value) for one in made if one.value is not None]
    lists = {value["site"]: value["arms"] for _, value in opened if _is_list(value)}
    taken: Counter[str] = Counter()
    had: dict[str, tuple[int, str]] = {}
    for where, value in opened:
        if not _is_order(value) or value["site"] not in lists:
            continue
        site, participant, arms = value["site"], value["participant"], lists[value["site"]]
        if participant not in had:
            taken[site] += 1
            had[participant] = taken[site], arms[taken[site] - 1] if taken[site] <= len(arms) else "none"
        place, arm = had[participant]
        if (value["place"], value["arm"]) != (place, arm):
            found = f"place {value['place']}, {value['arm']}, for {participant}"
            yield where, f"place {place} of the list of {site}, {arm}", found


def _is_list(value: Entry) -> bool:
    return isinstance(value.get("site"), str) and isinstance(value.get("arms"), list)


def _is_order(value: Entry) -> bool:
    return type(value.get("place")) is int and all(
        isinstance(value.get(name), str) for name in ("participant", "site", "arm")
    )
