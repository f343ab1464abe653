"""Sign-in: a login, or the code of a badge, and a password. Wrong ones all get the same answer."""

from __future__ import annotations

import secrets
from hashlib import blake2b
from typing import Final

from custody import codes
from custody.people import passwords
from custody.store import accounts
from custody.store.accounts import Account
from custody.store.database import Database

LONGEST_NAME = 40
_OF_THIS_PROCESS: Final = secrets.token_bytes(32)
"""So that who reads the log cannot try names until one fits."""


def sign_in(database: Database, name: str, password: str) -> Account | None:
    """Give the account of whoever this is, None when login or password is wrong."""
    account = find(database, name)
    return account if passwords.fits(account.secret if account else None, password) else None


def find(database: Database, name: str) -> Account | None:
    """Give an account by its login or by the code on the badge; None when there is none."""
    account = accounts.by_login(database, name.strip().lower())
    if account is None:
        try:
            scanned = codes.read(name)
        except codes.CodeError:
            return None
        account = accounts.by_person(database, scanned.code)
    return account


def counted_as(database: Database, name: str) -> str:
    """Give what a try is counted for: whoever it is, by login or badge; a name that nobody has, by what stands for it.

    The log, which lies in clear, names what is counted. What nobody is called may be a password in the wrong field, or
    a cryobag that was scanned there: the name itself is not told.
    """
    account = find(database, name)
    return account.person if account else f"nobody-{_stand_in(name.strip().lower()[:LONGEST_NAME])}"


def _stand_in(name: str) -> str:
    return blake2b(name.encode(errors="replace"), key=_OF_THIS_PROCESS, digest_size=6).hexdigest()
