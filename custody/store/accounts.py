"""How people sign in: login, password hash, and the epoch that ends older sessions. No part of the record."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from custody.chain.things import Person
from custody.store.body import BadBody, unpack
from custody.store.database import Database
from custody.store.plane import run


class Account(NamedTuple):
    """One person's way in."""

    person: str
    secret: str
    epoch: int


def by_login(database: Database, login: str) -> Account | None:
    """Give the account of a login, or None."""
    return _one(database, "SELECT person, secret, epoch FROM account WHERE login = :value", login)


def by_person(database: Database, person: str) -> Account | None:
    """Give the account of a badge code, or None."""
    return _one(database, "SELECT person, secret, epoch FROM account WHERE person = :value", person)


def signed_in(database: Database, person: str, epoch: int) -> Person | None:
    """Give whoever a session is of; None when the account is gone, closed, or has another password since.

    One statement: it runs before every page.
    """
    query = (
        "SELECT open_thing.body FROM account JOIN open_thing ON open_thing.code = account.person "
        "WHERE account.person = :person AND account.epoch = :epoch AND open_thing.kind = 'person' "
        "AND open_thing.status = 'active'"
    )
    with database.signing_in() as connection:
        row = run(connection, query, {"person": person, "epoch": epoch}).first()
    found = unpack(Person.KIND, row[0]) if row else None
    return found if isinstance(found, Person) else None


def count(database: Database) -> int:
    """Count whoever may sign in, by reading them all from the file itself; raise what the database raises."""
    query = (
        "SELECT count(open_thing.body), max(account.secret) FROM account "
        "JOIN open_thing ON open_thing.code = account.person"
    )
    with database.afresh() as connection:
        return int(run(connection, query).one()[0])


def _one(database: Database, query: str, value: str) -> Account | None:
    if not value.isprintable():
        return None
    with database.signing_in() as connection:
        row = run(connection, query, {"value": value}).first()
    return Account(*row) if row else None


def logins(database: Database) -> list[tuple[str, str, str | None]]:
    """Give each account's badge code and login, and the login that its person has on record; None for nobody's."""
    query = (
        "SELECT account.person, account.login, open_thing.kind, open_thing.body FROM account "
        "LEFT JOIN open_thing ON open_thing.code = account.person ORDER BY account.login"
    )
    with database.signing_in() as connection:
        rows = run(connection, query).all()
    return [(person, login, _login_of(kind, body)) for person, login, kind, body in rows]


def without(database: Database) -> list[str]:
    """Give the logins of the active people who have no account."""
    query = (
        "SELECT open_thing.kind, open_thing.body FROM open_thing LEFT JOIN account ON account.person = open_thing.code "
        "WHERE open_thing.kind = 'person' AND open_thing.status = 'active' AND account.person IS NULL"
    )
    with database.signing_in() as connection:
        found = [_login_of(kind, body) for kind, body in run(connection, query)]
    return sorted(login for login in found if login)


def _login_of(kind: str | None, body: bytes) -> str | None:
    try:
        found = unpack(kind, body) if kind == Person.KIND else None
    except BadBody:
        return None
    return found.login if isinstance(found, Person) else None


def keep(connection: Connection, person: str, login: str, secret: str) -> None:
    """Make an account, or give it another password; older sessions end. A login has no capitals."""
    insert = (
        "INSERT INTO account VALUES (:person, :login, :secret, 0) ON CONFLICT (person) DO UPDATE SET "
        "login = excluded.login, secret = excluded.secret, epoch = account.epoch + 1"
    )
    run(connection, insert, {"person": person, "login": login.lower(), "secret": secret})
