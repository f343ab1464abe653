"""A commitment: a salted hash that stands in the open log and is opened by a sealed entry.

Hiding rests on the salt (32 random bytes of the caller, never used twice), binding on SHA-256.
The prefix keeps these hashes apart from every other hash of the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from custody.ledger.entry import canonical
from custody.ledger.errors import LedgerError

PREFIX: Final = b"custody-commit-v1"
SALT_BYTES: Final = 32


class SaltLengthError(LedgerError):
    """A salt that has not 32 bytes."""


def commit(salt: bytes, value: Mapping[str, object]) -> str:
    """Give SHA-256("custody-commit-v1" || salt || JCS(value)) as 64 hex digits.

    Raises `SaltLengthError`, or `NotCanonical` for a value without canonical form.
    """
    if len(salt) != SALT_BYTES:
        message = f"a salt has {SALT_BYTES} bytes, found {len(salt)}"
        raise SaltLengthError(message)
    return sha256(PREFIX + salt + canonical(value)).hexdigest()


def opens(commitment: str, salt: bytes, value: Mapping[str, object]) -> bool:
    """Say whether salt and value open a commitment of 64 lower-case hex digits."""
    return compare_digest(commit(salt, value).encode(), commitment.encode())
