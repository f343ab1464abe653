"""Electronic signatures: a password re-entered for one step, with its meaning (21 CFR 11.50, 11.200).

Printed name, meaning and time become part of the signed record; the password itself goes nowhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from custody.chain.scene import Signature
from custody.chain.things import Person
from custody.people import passwords
from custody.store import accounts
from custody.store.database import Database

PASSWORD: Final = "password"  # noqa: S105 - the name of the method, on record


def fits(database: Database, person: Person, password: str) -> bool:
    """Say whether a password is a person's."""
    account = accounts.by_person(database, person.code)
    return passwords.fits(account.secret if account else None, password)


def sign(database: Database, person: Person, password: str, meaning: str, now: datetime) -> Signature | None:
    """Give a person's signature; None when the password is not theirs."""
    if not fits(database, person, password):
        return None
    return Signature(
        person=person.code, name=person.name, role=person.role, meaning=meaning, signed_at=now, method=PASSWORD
    )
