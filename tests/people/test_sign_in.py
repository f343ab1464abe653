"""Sign-in by login or badge; signatures by password. Wrong ones all get the same answer."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest

from custody import codes
from custody.chain.scene import Signature
from custody.people import passwords
from custody.people.sign_in import find, sign_in
from custody.people.signature import sign
from custody.store import accounts
from tests.chain.people import MONITOR, NURSE, SECOND_NURSE

PASSWORD = "correct horse"
SECRET = passwords.keep(PASSWORD)
OTHER_SECRET = passwords.keep("battery staple")
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def people(made):
    """Give a database in which two nurses have accounts."""
    with made.writing() as connection:
        accounts.keep(connection, NURSE.code, "nina", SECRET)
        accounts.keep(connection, SECOND_NURSE.code, "noel", OTHER_SECRET)
    return made


@pytest.mark.parametrize(
    "name",
    [
        "nina",
        " Nina\n",
        NURSE.code,
        NURSE.code.lower(),
        codes.group(NURSE.code),
        f"https://custody.example/s/{NURSE.code}",
    ],
)
def test_somebody_signs_in_by_login_or_badge(people, name):
    account = sign_in(people, name, PASSWORD)
    assert account is not None
    assert account.person == NURSE.code


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("nina", "battery staple"),
        ("noel", PASSWORD),
        (NURSE.code, "battery staple"),
        (NURSE.code[:-1], PASSWORD),
        (MONITOR.code, PASSWORD),
        ("nobody", PASSWORD),
        ("", ""),
        ("nina", ""),
        pytest.param("nina", SECRET, id="the secret itself"),
        ("' OR 1=1 --", PASSWORD),
        ("nina\x00", PASSWORD),
        ("\ud800", PASSWORD),
        ("%", PASSWORD),
    ],
)
def test_a_wrong_login_badge_or_password_gets_the_same_nothing(people, name, password):
    assert sign_in(people, name, password) is None


def test_a_bags_code_is_no_badge(people):
    assert find(people, codes.mint(codes.Kind.TREATMENT_BAG, bytes)) is None


def test_a_signature_says_who_what_and_when(people):
    assert sign(people, NURSE, PASSWORD, "I checked this bag", AT) == Signature(
        person=NURSE.code, name="Nina", role="icu_nurse", meaning="I checked this bag", signed_at=AT, method="password"
    )


def test_nobody_signs_with_the_password_of_someone_else_or_without_an_account(people):
    assert sign(people, NURSE, "battery staple", "I checked this bag", AT) is None
    assert sign(people, SECOND_NURSE, PASSWORD, "I checked this bag", AT) is None
    assert sign(people, MONITOR, PASSWORD, "I checked this bag", AT) is None
    assert sign(people, MONITOR, "a password that nobody has", "I checked this bag", AT) is None


def test_many_sign_in_at_once(people):
    barrier, found = Barrier(12), []

    def come(name, password):
        barrier.wait()
        found.append((name, sign_in(people, name, password)))

    pairs = [("nina", PASSWORD), ("noel", "battery staple"), ("nina", "wrong guess")] * 4
    threads = [Thread(target=come, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    persons = sorted(account.person if account else "" for _, account in found)
    assert persons == sorted(["", NURSE.code, SECOND_NURSE.code] * 4)
