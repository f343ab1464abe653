"""How people sign in, as far as the open log says it: each account has the login of its person there."""

from __future__ import annotations

from custody.ledger.report import Report, counted, said
from custody.store import accounts
from custody.store.database import Database


def check_accounts(database: Database, report: Report) -> None:
    """Report each account of nobody, or with a login that is somebody else's."""
    before, logins = report.count, accounts.logins(database)
    for person, login, right in logins:
        if right is None:
            report.add(
                f"account, {person}", "account", "one of a person of the open log", f"one of nobody, {said(login)}"
            )
        elif login != right.lower():
            report.add(f"account, {person}", "login", f"{said(right)}, as in the open log", said(login))
    if none := accounts.without(database):
        named = f"{counted(len(none), 'active person has', 'active people have')} none ({', '.join(none)})"
        report.not_covered.append(f"Accounts: {named}; whether one was taken away no entry tells.")
    if report.count == before:
        report.covered.append(f"{counted(len(logins), 'account')}: each has the login of its person in the open log.")
