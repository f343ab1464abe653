"""Replay: all things anew from the logs, held against the tables that pages read, and these against their indexes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from custody.chain.things import Plane, Thing
from custody.ledger.entry import decode
from custody.ledger.report import Report, counted
from custody.ledger.verify import Progress
from custody.record.replay import CHUNK, replay
from custody.store.open_store import OpenStore
from custody.store.plane import PlaneStore
from custody.store.typed import Mistyped
from custody.store.vault import WrongKey

UNCHANGED: Final = -1
"""In place of a version, where an entry speaks of a code and changes nothing."""


def check_tables(
    connection: Connection, stores: Mapping[Plane, PlaneStore], report: Report, progress: Progress | None
) -> None:
    """Hold tables and indexes against the logs; a log that does not verify is not replayed."""
    if not report.ok:
        report.not_covered.append("Tables and indexes were not held against the logs: not all is in order.")
        return
    for finding in replay(connection, stores, progress):
        report.add(finding.where, finding.what, finding.expected, finding.found)
    if not report.ok:
        report.not_covered.append("Lists and indexes were not held against the things: these are not in order.")
        return
    report.covered.append("Replay: every thing that pages show is, field by field, what the logs make it.")
    for plane, store in stores.items():
        _check_indexes(connection, plane, store, report)
        _check_lists(connection, plane, store, report)
    if report.ok:
        report.covered.append(
            "Replay: the indexes by event and code, against the entries; the lists by kind, state, site and holder, "
            "against the things."
        )


def _check_indexes(connection: Connection, plane: Plane, store: PlaneStore, report: Report) -> None:
    """Hold the index by event, and the one by code, against what the entries say."""
    spoken: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, entry in _entries(connection, store):
        found = store.place_of(connection, entry["event"])
        if found != place:
            at = "nowhere" if found is None else f"at {found}"
            report.add(f"{plane}_event, entry {place}", "index", f"{entry['event']} at {place}", at)
        for code, number in (*entry["things"].items(), *((code, UNCHANGED) for code in entry["about"])):
            spoken[code].append((place, number))
    for code, expected in spoken.items():
        _check_mentions(connection, store, code, expected, report)
    rows = sum(map(len, spoken.values()))
    if (found := store.mention_count(connection)) != rows:
        report.add(f"{plane}_mention", "index", counted(rows, "row"), f"{found}")


def _check_mentions(
    connection: Connection, store: PlaneStore, code: str, expected: Sequence[tuple[int, int]], report: Report
) -> None:
    """Hold the rows of a code against the entries that speak of it, and the version that each of these made."""
    where = f"{store.plane}_mention, {code}"
    try:
        found = sorted((place, max(number, UNCHANGED)) for place, number in store.mention_rows(connection, code))
    except Mistyped as wrong:
        report.add(wrong.where, wrong.column, wrong.expected, wrong.found)
    except WrongKey as wrong:
        report.add_wrong(where, "index", "rows that can be read", wrong)
    else:
        if found != expected:
            report.add(where, "index", _places(expected), _places(found))


def _places(rows: Sequence[tuple[int, int]]) -> str:
    """Say which entries, and which versions they made."""
    said = (f"{place} (version {number})" if number != UNCHANGED else str(place) for place, number in rows)
    return f"entries {', '.join(said)}" if rows else "no entry"


def _entries(connection: Connection, store: PlaneStore) -> Iterator[tuple[int, dict[str, Any]]]:
    size = store.size(connection)
    for start in range(0, size, CHUNK):
        chunk = list(store.entries(connection, start, min(start + CHUNK, size)))
        yield from ((place, decode(data)) for place, data in enumerate(chunk, start))


def _check_lists(connection: Connection, plane: Plane, store: PlaneStore, report: Report) -> None:
    """Hold the lists by kind and state, site and holder against the things themselves."""
    things = [kept.thing for kept in store.everything(connection)]
    for kind, status in sorted({(thing.KIND, thing.status) for thing in things}):
        listed = [kept.thing.code for kept in store.find(connection, kind, status)]
        found = sorted(thing.code for thing in things if (thing.KIND, thing.status) == (kind, status))
        _compare(f"{plane}_thing, {kind} {status}", found, listed, report)
    if isinstance(store, OpenStore):
        _check_holders(connection, store, things, report)


def _check_holders(connection: Connection, store: OpenStore, things: Sequence[Thing], report: Report) -> None:
    """Hold the lists by site and by holder, which the open plane alone has, against the things."""
    for key in sorted({(thing.KIND, thing.status, thing.site) for thing in things}):
        here = [thing.code for thing in store.at_site(connection, *key)]
        found = sorted(thing.code for thing in things if (thing.KIND, thing.status, thing.site) == key)
        _compare(f"open_thing, {' '.join(key)}", found, here, report)
    for holder in sorted({getattr(thing, "custodian", "") for thing in things}):
        held = [thing.code for thing in store.held_by(connection, holder)]
        found = sorted(thing.code for thing in things if getattr(thing, "custodian", "") == holder)
        _compare(f"open_thing, held by {holder or 'nobody'}", found, held, report)


def _compare(where: str, expected: list[str], found: list[str], report: Report) -> None:
    missing, surplus = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    if missing:
        report.add(where, "list", f"one with {', '.join(missing)}", "one without")
    if surplus:
        report.add(where, "list", f"one without {', '.join(surplus)}", "one with")
    if not missing and not surplus and len(found) != len(expected):
        report.add(where, "list", f"{len(expected)} different codes", f"{len(found)}, some of them twice")
