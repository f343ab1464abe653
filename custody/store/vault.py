"""The sealed plane at rest: boxes (AES-256-GCM) and tokens (HMAC-SHA-256) under a key outside the database.

- A box holds JSON or bytes, padded so that its length tells nothing, bound to the place it stands in: a box
  moved to another row does not open.
- A token is the keyed hash by which a row is found; without the key it names nothing.
- Salted leaf hashes are made from the plaintext before it goes into the box, so a new key changes no hash.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
SMALLEST: Final = 2048
"""Bytes to which contents are padded at least; above, to the next power of two."""


class WrongKey(ValueError):
    """A box that does not open: another key, another place, or changed bytes."""


class Vault:
    """Opens and closes boxes; makes tokens."""

    def __init__(self, key: bytes) -> None:
        """Take the 32-byte key; raise `ValueError` for another length."""
        if len(key) != KEY_BYTES:
            message = f"the vault's key has {KEY_BYTES} bytes, found {len(key)}"
            raise ValueError(message)
        self._cipher = AESGCM(_derive(key, b"box"))
        self._token_key = _derive(key, b"token")

    def close(self, data: bytes, place: bytes, smallest: int = SMALLEST) -> bytes:
        """Give the box of some bytes, bound to `place`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, _pad(data, smallest), place)

    def open(self, box: bytes, place: bytes) -> bytes:
        """Give what is in a box; raise `WrongKey`."""
        try:
            padded = self._cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], place)
        except (InvalidTag, ValueError) as wrong:
            message = "a sealed row does not open: another key, another place, or changed bytes"
            raise WrongKey(message) from wrong
        return padded[4 : 4 + int.from_bytes(padded[:4])]

    def token(self, kind: str, name: str) -> bytes:
        """Give the keyed hash of a name; `kind` keeps the tokens of different uses apart."""
        return hmac.digest(self._token_key, f"{kind}\x00{name}".encode(), sha256)


def _derive(key: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"custody-vault-v1 " + use).derive(key)


def _pad(data: bytes, smallest: int) -> bytes:
    length = len(data) + 4
    size = max(smallest, 1 << (length - 1).bit_length())
    return len(data).to_bytes(4) + data + bytes(size - length)
