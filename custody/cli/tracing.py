"""Follow a thing both ways: everything that it came from, and everything that came of it."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from custody.cli.failing import Refused, Wrong
from custody.cli.opening import Commands, View, add_as_blinded, add_place, settings, viewing
from custody.cli.saying import say, say_json, say_table

if TYPE_CHECKING:
    from custody.trace import Link, Record


def add(commands: Commands) -> None:
    """Add the family's command."""
    trace = commands.add_parser("trace", help="everything that a thing came from, and everything that came of it")
    trace.add_argument("code", metavar="CODE", help="any code, or a participant's trial number")
    add_as_blinded(trace)
    trace.add_argument("--json", action="store_true", help="answer in JSON")
    add_place(trace)
    trace.set_defaults(do=_trace)


def _trace(given: argparse.Namespace) -> int:
    from custody import codes

    with viewing(settings(given), as_blinded=given.as_blinded) as view:
        code = _code(view, given.code)
        answer = _traced(view, code, str(view.plane))
        sites = {site.code: site.name for site in view.protocol.sites}
    if not answer["things"]:
        message = f"{codes.group(code)} is not known here"
        raise Refused(message)
    if given.json:
        say_json(answer)
    else:
        _say_trace(answer, sites)
    return 0


def _code(view: View, text: str) -> str:
    """Read a code, or a participant's trial number as pages take it; raise `Wrong` or `Refused`."""
    from custody import codes
    from custody.chain.trial_number import read_number
    from custody.store.open_store import OpenStore

    try:
        return codes.read(text).code
    except codes.CodeError as wrong:
        known = read_number(view.protocol, text)
        if known is None:
            raise Wrong(str(wrong)) from wrong
    found = OpenStore().numbered(view.connection, *known)
    if found is None:
        message = f"participant {known[1]} is not known here"
        raise Refused(message)
    return found.code


def _traced(view: View, code: str, plane: str) -> dict[str, Any]:
    """Follow a code both ways."""
    from custody import trace
    from custody.chain.things import Person

    sight = view.sight
    things = trace.halves(view.look_up, code)
    answer: dict[str, Any] = {
        "code": code,
        "plane": plane,
        "things": [{"kind": thing.KIND, "status": thing.status} for thing in things],
        "origins": trace.origins(sight, code),
        "outcomes": trace.outcomes(sight, code),
    }
    if any(isinstance(thing, Person) for thing in things):
        answer["records"] = trace.records(sight, code)
    return answer


def _say_trace(answer: dict[str, Any], sites: Mapping[str, str]) -> None:
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
                link.kind.replace("_", " "),
                codes.group(link.code),
                link.status.replace("_", " "),
                link.number,
                codes.group(link.via),
                sites.get(link.site, link.site),
            )
            for link in links
        ]
        say_table((title, "code", "state", "participant", "through", "site"), rows)
    if "records" in answer:
        _say_records(answer["records"])


def _say_records(records: list[Record]) -> None:
    """List what a person did or signed, the newest first."""
    from custody import codes
    from custody.chain.step import STEPS

    say()
    if not records:
        say("did and signed: nothing that is known")
        return
    rows = [
        (
            one.at[:19] + "Z",
            " – ".join(
                (
                    STEPS[one.step].SPEC.title,
                    *(["as the second"] if one.second else []),
                    *(["refused"] if one.refused else []),
                )
            ),
            ", ".join(map(codes.group, one.things)),
        )
        for one in records
    ]
    say_table(("did and signed", "step", "thing"), rows)
