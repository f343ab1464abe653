"""People and sites. Whoever acts is on record: an administrator signs in, but for the first, whom the system adds."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from custody.cli.failing import Refused, Wrong
from custody.cli.opening import Commands, add_place, opened, settings
from custody.cli.saying import say, say_json, say_table

if TYPE_CHECKING:
    from custody.chain.refusals import Refusal
    from custody.chain.step import Command
    from custody.chain.things import Person
    from custody.record.door import Door
    from custody.record.request import Answer

PASSWORDS = "passwords are asked for on the terminal; from a pipe they are read one a line, in the order asked"


def add(commands: Commands) -> None:
    """Add the family's commands."""
    person = commands.add_parser("person", help="add a person, close an account, give a password, list")
    acts = person.add_subparsers(title="what", metavar="WHAT", required=True)
    new = acts.add_parser("add", help="add a person with badge, role and site", epilog=PASSWORDS)
    new.add_argument("--name", required=True)
    new.add_argument("--role", required=True, metavar="ROLE", help="administrator, cell_technician, icu_nurse ...")
    new.add_argument("--site", default="", metavar="CODE", help="see `custody site list`")
    new.add_argument("--login", required=True, help="sign-in name")
    _add_actor(new, "an administrator; not needed for the first one")
    _add_second(new, "where the role sees the arm")
    new.set_defaults(do=_add)
    close = acts.add_parser("close", help="close an account: the records stay", epilog=PASSWORDS)
    close.add_argument("login", metavar="LOGIN", help="sign-in name, or badge")
    close.add_argument("--reason", required=True)
    _add_actor(close, "an administrator", required=True)
    close.set_defaults(do=_close)
    password = acts.add_parser("password", help="give a new password; older sessions end", epilog=PASSWORDS)
    password.add_argument("login", metavar="LOGIN", help="sign-in name, or badge")
    _add_actor(password, "an administrator, or whose it is; needed where who has it sees the arm")
    _add_second(password, "where somebody else has it, who sees the arm")
    password.set_defaults(do=_password)
    listing = acts.add_parser("list", help="everybody")
    listing.add_argument("--json", action="store_true", help="answer in JSON")
    add_place(listing)
    listing.set_defaults(do=_list)
    site = commands.add_parser("site", help="list the sites of the trial")
    sites = site.add_subparsers(title="what", metavar="WHAT", required=True).add_parser("list", help="every site")
    sites.add_argument("--json", action="store_true", help="answer in JSON")
    add_place(sites)
    sites.set_defaults(do=_sites)


def _add_actor(command: argparse.ArgumentParser, words: str, *, required: bool = False) -> None:
    command.add_argument("--as", dest="actor", required=required, metavar="LOGIN", help=f"who acts: {words}")
    add_place(command)


def _add_second(command: argparse.ArgumentParser, words: str) -> None:
    about = f"who agrees, {words}: a responsible person or a statistician, from the first randomisation list on"
    command.add_argument("--with", dest="second", metavar="LOGIN", help=about)


# --- who acts ---------------------------------------------------------------------------------


def ask_password(whose: str, *, new: bool = False) -> str:
    """Read a password: hidden on a terminal, where a new one is asked for twice; else a line of the input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    given = getpass.getpass(f"Password of {whose}: ")
    if new and getpass.getpass("Once more: ") != given:
        message = "the two passwords differ"
        raise Wrong(message)
    return given


def signed_in(door: Door, login: str, step: type[Command], actor: Person | None = None) -> Person:
    """Give who acts in a step, or agrees with its actor, once the password fits; a wrong one is on record."""
    from custody.people.sign_in import find, sign_in

    account = sign_in(door.database, login, ask_password(login))
    if account is None:
        known = find(door.database, login)
        if known is not None:
            whose = person_of(door, known.person)
            record_wrong_password(door, step, actor or whose, whose)
        message = f"{'--with' if actor else '--as'} {login}: login or password is wrong"
        raise Refused(message)
    return person_of(door, account.person)


def record_wrong_password(door: Door, step: type[Command], actor: Person, whose: Person) -> None:
    """Put on record that a password was wrong, of whoever acts or of the second, as a page does (21 CFR 11.300(d))."""
    from uuid import uuid4

    from custody.chain.refusals import Reason, refuse
    from custody.record.request import Request

    now = door.world.clock.now()
    door.submit(
        Request(
            event=str(uuid4()),
            step=step.SPEC.name,
            actor=actor.code,
            command=None,
            occurred_at=now,
            received_at=now,
            second=whose.code if whose.code != actor.code else "",
            device="command line",
            faults=(refuse(Reason.WRONG_PASSWORD, person=whose.name),),
        )
    )


def person_of(door: Door, code: str) -> Person:
    """Give the person of a badge."""
    from custody.chain.things import Person, Plane

    with door.database.reading(Plane.OPEN) as connection:
        kept = door.stores[Plane.OPEN].thing(connection, code)
    if kept is None or not isinstance(kept.thing, Person):
        message = f"nobody has the badge {code}"
        raise Refused(message)
    return kept.thing


def everybody(door: Door) -> list[Person]:
    """Give all people, active ones first, by role, site and sign-in name."""
    from custody.chain.things import Person, Plane

    with door.database.reading(Plane.OPEN) as connection:
        store = door.stores[Plane.OPEN]
        kept = [one.thing for state in ("active", "closed") for one in store.find(connection, Person.KIND, state)]
    people = [one for one in kept if isinstance(one, Person)]
    return sorted(people, key=lambda one: (one.status, one.role, one.site, one.login))


def say_logins(door: Door, logins: Sequence[str]) -> None:
    """Say who signs in how, in the order of some sign-in names."""
    from custody.chain.roles import in_words
    from custody.codes import group

    there = {one.login: one for one in everybody(door) if one.status == "active"}
    people = [there[login] for login in logins if login in there]
    rows = [(one.login, in_words(one.role), one.site, one.name, group(one.code)) for one in people]
    say()
    say_table(("sign in as", "role", "site", "name", "badge"), rows, indent="  ")
    say()


def named(door: Door, login: str) -> Person:
    """Give the person of a sign-in name or badge."""
    from custody.codes import group

    wanted = login.strip()
    for one in everybody(door):
        if wanted.lower() == one.login or wanted.upper().replace("-", "") == group(one.code).replace("-", ""):
            return one
    message = f"nobody signs in as {login!r}"
    raise Refused(message)


def submit(door: Door, actor: Person, command: Command, meaning: str = "", second: Person | None = None) -> Answer:
    """Bring a step to the door, signed where it has a meaning, by the second too; raise `Refused` with every reason."""
    from uuid import uuid4

    from custody.chain.scene import Signature
    from custody.record.request import Request

    now = door.world.clock.now()
    signers = [(actor, meaning), *([(second, command.SPEC.second_meaning)] if second else [])]
    answer = door.submit(
        Request(
            event=str(uuid4()),
            step=command.SPEC.name,
            actor=actor.code,
            command=command,
            occurred_at=now,
            received_at=now,
            second=second.code if second else "",
            signatures=tuple(
                Signature(one.code, one.name, one.role, means, now, "password") for one, means in signers if means
            ),
            device="command line",
        )
    )
    if not answer.done:
        raise Refused("\n".join(_said(item) for item in answer.refusals))
    return answer


def _said(refusal: Refusal) -> str:
    """Say a reason, and which option it asks for."""
    option = {"signature": " (--as LOGIN)", "second_person": " (--with LOGIN)"}.get(str(refusal.reason), "")
    return f"{refusal.text}{option}"


# --- the acts ---------------------------------------------------------------------------------


def _add(given: argparse.Namespace) -> int:
    from custody.chain.administration import AddPerson
    from custody.chain.roles import in_words
    from custody.codes import group
    from custody.people import passwords
    from custody.store import accounts

    with opened(settings(given)) as door:
        actor = _adder(door, given.actor)
        second = _second(door, given.second, AddPerson, actor)
        login = given.login.strip().lower()
        command = AddPerson(name=given.name.strip(), role=given.role, site=given.site, login=login)
        secret = passwords.keep(ask_password(login, new=True))
        badge = submit(door, actor, command, _meaning(actor, command, given.role), second).things[0]
        with door.database.writing() as connection:
            accounts.keep(connection, badge, login, secret)
    say(f"added {given.name} as {in_words(given.role)}: signs in as {login}, badge {group(badge)}")
    return 0


def _adder(door: Door, login: str | None) -> Person:
    """Give who adds: an administrator, or the system while there is none."""
    from custody.chain.administration import AddPerson
    from custody.record.work import SYSTEM

    if login:
        return signed_in(door, login, AddPerson)
    if any(one.role == "administrator" and one.status == "active" for one in everybody(door)):
        message = "--as LOGIN: there is an administrator, who has to be named"
        raise Wrong(message)
    return SYSTEM


def _second(door: Door, login: str | None, step: type[Command], actor: Person) -> Person | None:
    return signed_in(door, login, step, actor) if login else None


def _meaning(actor: Person, command: Command, role: str) -> str:
    """Give what the actor signs: access to what tells the arm; nothing where it does not, or the system acts."""
    from custody.chain.roles import sees_arm
    from custody.record.work import SYSTEM

    return command.SPEC.may_sign if sees_arm(role) and actor is not SYSTEM else ""


def _close(given: argparse.Namespace) -> int:
    from custody.chain.administration import ClosePerson

    with opened(settings(given)) as door:
        person = named(door, given.login)
        submit(door, signed_in(door, given.actor, ClosePerson), ClosePerson(person=person.code, reason=given.reason))
    say(f"closed the account of {person.name}")
    return 0


def _password(given: argparse.Namespace) -> int:
    """Who has the shell may give a password to all who are blinded; the record says that it came from there."""
    from custody.chain.administration import GivePassword
    from custody.people import passwords
    from custody.record.work import SYSTEM
    from custody.store import accounts

    with opened(settings(given)) as door:
        person = named(door, given.login)
        actor = signed_in(door, given.actor, GivePassword) if given.actor else SYSTEM
        second = _second(door, given.second, GivePassword, actor)
        secret = passwords.keep(ask_password(person.login, new=True))
        command = GivePassword(person=person.code)
        submit(door, actor, command, _meaning(actor, command, person.role), second)
        with door.database.writing() as connection:
            accounts.keep(connection, person.code, person.login, secret)
    say(f"{person.name} has a new password; older sessions have ended")
    return 0


def _list(given: argparse.Namespace) -> int:
    from custody.chain.roles import in_words
    from custody.codes import group

    with opened(settings(given)) as door:
        people = everybody(door)
    if given.json:
        say_json([_shown(one) for one in people])
    else:
        rows = [(one.login, in_words(one.role), one.site, one.status, group(one.code), one.name) for one in people]
        say_table(("login", "role", "site", "account", "badge", "name"), rows)
    return 0


def _shown(person: Person) -> dict[str, Any]:
    names = ("login", "role", "site", "status", "code", "name")
    return {name: getattr(person, name) for name in names}


def _sites(given: argparse.Namespace) -> int:
    with opened(settings(given)) as door:
        sites = door.protocol.sites
    if given.json:
        say_json(sites)
    else:
        rows = [(one.code, one.kind.replace("_", " "), one.zone, one.name) for one in sites]
        say_table(("code", "kind", "zone", "name"), rows)
    return 0
