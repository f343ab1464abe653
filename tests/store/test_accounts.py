"""Accounts: found by login and by badge; another password ends older sessions."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from custody.store import accounts
from custody.store.accounts import Account


def keep(database, *account):
    with database.writing() as connection:
        accounts.keep(connection, *account)


def test_an_account_is_found_by_login_and_by_badge(made):
    keep(made, "BADGE1", "nina", "hash")
    keep(made, "BADGE2", "noel", "other")
    assert accounts.by_login(made, "nina") == accounts.by_person(made, "BADGE1") == Account("BADGE1", "hash", 0)
    assert accounts.by_login(made, "BADGE1") is None
    assert accounts.by_person(made, "nina") is None


def test_another_password_raises_the_epoch(made):
    keep(made, "BADGE1", "nina", "hash")
    keep(made, "BADGE1", "nina", "new")
    keep(made, "BADGE1", "nina.b", "newer")
    assert accounts.by_login(made, "nina.b") == Account("BADGE1", "newer", 2)
    assert accounts.by_login(made, "nina") is None


def test_nobody_gets_the_login_of_someone_else(made):
    keep(made, "BADGE1", "nina", "hash")
    with pytest.raises(IntegrityError):
        keep(made, "BADGE2", "nina", "hash")
    assert accounts.by_person(made, "BADGE2") is None


def test_a_login_is_kept_without_capitals(made):
    keep(made, "BADGE1", "Nina.B", "hash")
    assert accounts.by_login(made, "nina.b") == Account("BADGE1", "hash", 0)
    with pytest.raises(IntegrityError):
        keep(made, "BADGE2", "NINA.b", "hash")


def test_what_cannot_be_printed_is_nobodys(made):
    for text in ("\x00", "nina\x00", "\ud800"):
        assert accounts.by_login(made, text) is None
        assert accounts.by_person(made, text) is None
