"""Passwords: kept as a hash that fits no other, whatever is typed, and never too many worked out at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from custody.people import passwords
from custody.people.passwords import LONGEST, SHORTEST, BadPassword

SECRET = passwords.keep("correct horse")


def test_a_password_fits_what_was_kept_of_it_and_no_other_does():
    assert passwords.fits(SECRET, "correct horse")
    for wrong in ("correct horsf", "Correct horse", "correct horse ", "", "correct horse\x00", "x" * 10_000, "\ud800"):
        assert not passwords.fits(SECRET, wrong)


def test_what_is_kept_of_a_password_is_an_argon2id_hash_with_a_salt_of_its_own():
    assert SECRET.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "horse" not in SECRET
    assert passwords.keep("correct horse") != SECRET


def test_a_password_has_8_to_200_characters():
    for right in ("x" * SHORTEST, "é" * LONGEST):
        assert passwords.fits(passwords.keep(right), right)
    for wrong in ("", "x" * (SHORTEST - 1), "x" * (LONGEST + 1)):
        with pytest.raises(BadPassword, match=f"8 to 200 characters, this one {len(wrong)}"):
            passwords.keep(wrong)


def test_nothing_is_added_beyond_the_longest_password():
    assert not passwords.fits(passwords.keep("x" * LONGEST), "x" * (LONGEST + 1))


def test_an_accent_may_be_typed_as_one_character_or_as_two():
    assert passwords.fits(passwords.keep("caf\u00e9 serr\u00e9"), "cafe\u0301 serre\u0301")


@pytest.mark.parametrize("secret", [None, ""])
def test_nobodys_password_fits_nothing(secret):
    for guess in ("a password that nobody has", "", "anything else"):
        assert not passwords.fits(secret, guess)


@pytest.mark.parametrize(
    "secret", ["plain text", "$argon2id$", SECRET[:-5], "$2b$12$" + "x" * 53], ids=["text", "head", "cut", "bcrypt"]
)
def test_a_secret_that_is_no_hash_fits_nothing(secret):
    assert not passwords.fits(secret, "correct horse")
    assert not passwords.fits(secret, secret)


class Counting:
    """The real hasher, and how many were in it at once."""

    def __init__(self):
        self._real = passwords._hasher
        self._lock = threading.Lock()
        self.inside = self.most = self.calls = 0

    def verify(self, secret, password):
        with self._lock:
            self.inside, self.calls = self.inside + 1, self.calls + 1
            self.most = max(self.most, self.inside)
        try:
            return self._real.verify(secret, password)
        finally:
            with self._lock:
                self.inside -= 1


@pytest.fixture
def counting(monkeypatch):
    counted = Counting()
    monkeypatch.setattr(passwords, "_hasher", counted)
    return counted


def test_at_most_four_are_worked_out_at_once(counting):
    with ThreadPoolExecutor(24) as pool:
        results = list(pool.map(lambda number: passwords.fits(SECRET, f"guess {number}"), range(48)))
    assert not any(results)
    assert 1 < counting.most <= 4


def test_after_a_wrong_secret_as_many_are_let_in_as_before(counting):
    for _ in range(10):
        passwords.fits("no hash", "guess")
    assert passwords.fits(SECRET, "correct horse")


def test_somebody_unknown_costs_as_much_as_somebody_known(counting):
    passwords.fits(None, "guess")
    assert counting.calls == 1
