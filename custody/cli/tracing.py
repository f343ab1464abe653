"""Follow a thing both ways: everything that it came from, and everything that came of it."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from custody.cli.failing import Refused, Wrong
from custody.cli.opening import Commands, add_place, database_of, looking, opened, settings
from custody.cli.saying import say, say_json, say_table

if TYPE_CHECKING:
    from custody.chain.things import Plane
    from custody.config import Config
    from custody.trace import Link, LookUp


def add(commands: Commands) -> None:
    """Add the family's command."""
    trace = commands.add_parser("trace", help="everything that a thing came from, and everything that came of it")
    trace.add_argument("code", metavar="CODE")
    trace.add_argument("--as-blinded", action="store_true", help="what a blinded person may know: the open plane only")
    trace.add_argument("--json", action="store_true", help="answer in JSON")
    add_place(trace)
    trace.set_defaults(do=_trace)


def _trace(given: argparse.Namespace) -> int:
    from custody import codes
    from custody.chain.things import Plane

    try:
        scanned = codes.read(given.code)
    except codes.CodeError as wrong:
        raise Wrong(str(wrong)) from wrong
    plane = Plane.OPEN if given.as_blinded else Plane.SEALED
    answer = _traced(settings(given), scanned.code, plane)
    if not answer["things"]:
        message = f"{codes.group(scanned.code)} is not known here"
        raise Refused(message)
    if given.json:
        say_json(answer)
    else:
        _say_trace(answer)
    return 0


def _traced(config: Config, code: str, plane: Plane) -> dict[str, Any]:
    """Follow a code both ways; the open plane alone needs no key."""
    from custody.chain.things import Plane as Planes
    from custody.store.open_store import OpenStore
    from custody.trace import carried_by

    store = OpenStore()
    if plane is Planes.SEALED:
        with (
            opened(config) as door,
            looking(door, plane) as look_up,
            door.database.reading(Planes.OPEN) as connection,
        ):
            return _both_ways(look_up, code, plane, carried_by(store, connection, code))
    database = database_of(config)
    try:
        with database.reading(plane) as connection:

            def look(one: str) -> list[Any]:
                kept = store.thing(connection, one)
                return [kept.thing] if kept else []

            return _both_ways(look, code, plane, carried_by(store, connection, code))
    finally:
        database.close()


def _both_ways(look_up: LookUp, code: str, plane: Plane, carried: Sequence[str]) -> dict[str, Any]:
    from custody import trace

    return {
        "code": code,
        "plane": str(plane),
        "things": [{"kind": thing.KIND, "status": thing.status} for thing in trace.halves(look_up, code)],
        "origins": trace.origins(look_up, code, carried),
        "outcomes": trace.outcomes(look_up, code),
    }


def _say_trace(answer: dict[str, Any]) -> None:
    from custody import codes

    for thing in answer["things"]:
        say(f"{thing['kind'].replace('_', ' ')} {codes.group(answer['code'])}: {thing['status'].replace('_', ' ')}")
    for name, title in (("origins", "came from"), ("outcomes", "became")):
        say()
        links: list[Link] = answer[name]
        if not links:
            say(f"{title}: nothing that is known{' to the blinded' if answer['plane'] == 'open' else ''}")
            continue
        rows = [
            (
                f"{'  ' * (link.depth - 1)}{link.kind.replace('_', ' ')}",
                codes.group(link.code),
                link.status.replace("_", " "),
            )
            for link in links
        ]
        say_table((title, "code", "state"), rows)
