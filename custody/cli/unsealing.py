"""The planned unblinding: two people sign, and every commitment is opened in the open log."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from custody.cli.failing import Refused, Wrong
from custody.cli.opening import Commands, add_place, opened, settings
from custody.cli.people import PASSWORDS, ask_password, named, record_wrong_password, submit
from custody.cli.saying import say

if TYPE_CHECKING:
    from custody.chain.things import Person, Unsealing
    from custody.record.door import Door


def add(commands: Commands) -> None:
    """Add the command."""
    unseal = commands.add_parser(
        "unseal",
        help="at the end of the trial: open every randomisation code, for everybody",
        epilog=f"{PASSWORDS}. Stopped half way, it goes on where it was when it is called again.",
    )
    unseal.add_argument(
        "--signed-by",
        action="append",
        required=True,
        metavar="LOGIN",
        help="sign-in name or badge; twice: the statistician and the responsible person",
    )
    add_place(unseal)
    unseal.set_defaults(do=_unseal)


def _unseal(given: argparse.Namespace) -> int:
    from custody.chain.unsealing import Unseal

    if len(given.signed_by) != 2:
        message = f"--signed-by: expected two people, found {len(given.signed_by)}"
        raise Wrong(message)
    with opened(settings(given)) as door:
        actor, second = _in_turn([named(door, login) for login in given.signed_by])
        passwords = {login: ask_password(login) for login in dict.fromkeys(given.signed_by)}
        for login, word in passwords.items():
            _prove(door, login, word, actor)
        state = unsealing(door)
        if state is not None and state.status == "complete" and _may(actor, second):
            say(f"the codes are open already: {_counted(state)}; nothing was changed")
            return 0
        while state is None or state.status != "complete" or not _may(actor, second):
            submit(door, actor, Unseal(), Unseal.SPEC.signed, second)
            state = unsealing(door)
            say(_counted(state) if state else "nothing was opened")
    say("all codes are open: `custody verify` holds each against its commitment, `custody export arms` lists them")
    return 0


def unsealing(door: Door) -> Unsealing | None:
    """Give how far the planned unblinding is; None before it."""
    from custody.chain.things import UNSEALING, Plane, Unsealing

    with door.database.reading(Plane.OPEN) as connection:
        kept = door.stores[Plane.OPEN].thing(connection, UNSEALING)
    return kept.thing if kept and isinstance(kept.thing, Unsealing) else None


def _in_turn(people: list[Person]) -> list[Person]:
    """Give the statistician first, in whichever order the two were named."""
    from custody.chain.unsealing import Unseal

    return sorted(people, key=lambda person: person.role not in Unseal.SPEC.by)


def _may(actor: Person, second: Person) -> bool:
    """Say whether these two may open the codes."""
    from custody.chain.unsealing import Unseal

    spec = Unseal.SPEC
    return actor.role in spec.by and second.role in spec.second and {actor.status, second.status} == {"active"}


def _prove(door: Door, login: str, password: str, actor: Person) -> None:
    """Raise `Refused` unless the password is that of whoever signs; a wrong one is on record."""
    from custody.chain.unsealing import Unseal
    from custody.people.signature import fits

    person = named(door, login)
    if not fits(door.database, person, password):
        record_wrong_password(door, Unseal, actor, person)
        message = f"--signed-by {login}: the password is wrong"
        raise Refused(message)


def _counted(state: Unsealing) -> str:
    from custody.ledger.report import counted

    return f"{counted(len(state.lists), 'list')} and {counted(state.orders, 'order')} open"
