"""Keys of a log: Ed25519 and ML-DSA-44, named as C2SP signed-note names them.

- Key id: the first 4 bytes of SHA-256(name || 0x0A || type || public key).
- vkey, one line for the world: `name+hex(key id)+base64(type || public key)`.
- Type 0x01: Ed25519 (RFC 8032), 32-byte key. Type 0x06: ML-DSA-44 (FIPS 204, pure, empty context),
  1312-byte key; what it signs is not the note's text, see `checkpoint`.
- At rest: PKCS #8 PEM (RFC 5958; ML-DSA as its seed, RFC 9881), enciphered when a password is given.

A log's keys bear the log's origin as their name (C2SP tlog-checkpoint).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from custody.ledger.b64 import decode64, encode64
from custody.ledger.errors import LedgerError

KEY_ID_BYTES: Final = 4


class Algorithm(IntEnum):
    """The signature types of C2SP signed-note that this package makes and checks."""

    ED25519 = 0x01
    ML_DSA_44 = 0x06


PUBLIC_KEY_BYTES: Final = {Algorithm.ED25519: 32, Algorithm.ML_DSA_44: 1312}
SIGNATURE_BYTES: Final = {Algorithm.ED25519: 64, Algorithm.ML_DSA_44: 2420}


class BadKey(LedgerError):
    """A text or a file that is no key of ours."""


class BadKeyName(BadKey):
    """A key name that is empty or holds spaces, plus signs or control characters."""


def check_name(name: str) -> str:
    """Give a key name back; raise `BadKeyName` unless C2SP signed-note allows it."""
    if not name or re.search(r"[\s+\x00-\x1f\x7f]", name) or len(_utf8(name)) > 255:
        message = f"expected a key name of 1 to 255 bytes without space or plus, found {name[:60]!r}"
        raise BadKeyName(message)
    return name


def _utf8(name: str) -> bytes:
    try:
        return name.encode()
    except UnicodeEncodeError as wrong:
        message = f"expected a key name in Unicode, found {name[:60]!r}"
        raise BadKeyName(message) from wrong


@dataclass(frozen=True)
class Verifier:
    """A public key under a name; equal when name, type and key are."""

    name: str
    algorithm: Algorithm
    public_key: bytes

    def __post_init__(self) -> None:
        """Refuse a name or a length that the format has not."""
        check_name(self.name)
        expected = PUBLIC_KEY_BYTES[self.algorithm]
        if len(self.public_key) != expected:
            message = f"expected a {self.algorithm.name} key of {expected} bytes, found {len(self.public_key)}"
            raise BadKey(message)

    @classmethod
    def from_vkey(cls, vkey: str) -> Verifier:
        """Read a vkey line without its newline; raise `BadKey` for any text but the one spelling."""
        try:
            name, key_id, coded = vkey.split("+", 2)
            data = decode64(coded)
            verifier = cls(name, Algorithm(data[0]), data[1:])
        except BadKey:
            raise
        except (ValueError, IndexError) as wrong:
            message = f"expected name+hex(key id)+base64(type || key), found {vkey[:80]!r}"
            raise BadKey(message) from wrong
        if verifier.key_id.hex() != key_id:
            message = f"expected key id {verifier.key_id.hex()} for {name} and its key, found {key_id[:20]!r}"
            raise BadKey(message)
        return verifier

    @cached_property
    def key_id(self) -> bytes:
        """Give the 4 bytes that say which key signed."""
        return sha256(self.name.encode() + b"\n" + self._typed_key).digest()[:KEY_ID_BYTES]

    @property
    def vkey(self) -> str:
        """Give the line by which others know this key."""
        return f"{self.name}+{self.key_id.hex()}+{encode64(self._typed_key)}"

    def accepts(self, signature: bytes, message: bytes) -> bool:
        """Say whether this key signed this message."""
        try:
            self._key.verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    @property
    def _typed_key(self) -> bytes:
        return bytes([self.algorithm]) + self.public_key

    @cached_property
    def _key(self) -> Ed25519PublicKey | MLDSA44PublicKey:
        if self.algorithm is Algorithm.ED25519:
            return Ed25519PublicKey.from_public_bytes(self.public_key)
        return MLDSA44PublicKey.from_public_bytes(self.public_key)


class Signer:
    """A private key under a name. `verifier` is its public half."""

    def __init__(self, name: str, key: Ed25519PrivateKey | MLDSA44PrivateKey) -> None:
        """Name a key; raise `BadKeyName`."""
        algorithm = Algorithm.ED25519 if isinstance(key, Ed25519PrivateKey) else Algorithm.ML_DSA_44
        self._key = key
        self.verifier: Final = Verifier(name, algorithm, key.public_key().public_bytes_raw())

    @property
    def name(self) -> str:
        """Give the key's name: the log's origin, or the witness's name."""
        return self.verifier.name

    @property
    def algorithm(self) -> Algorithm:
        """Give the signature type."""
        return self.verifier.algorithm

    @property
    def vkey(self) -> str:
        """Give the public half as a vkey line."""
        return self.verifier.vkey

    def sign(self, message: bytes) -> bytes:
        """Sign exactly these bytes: 64 bytes of Ed25519 (20 µs) or 2420 of ML-DSA-44 (about 0.5 ms)."""
        return self._key.sign(message)

    def to_pem(self, password: bytes | None = None) -> bytes:
        """Give the private key as PKCS #8 PEM, enciphered when there is a password."""
        cipher = pem.BestAvailableEncryption(password) if password else pem.NoEncryption()
        return self._key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, cipher)

    @classmethod
    def from_pem(cls, name: str, data: bytes, password: bytes | None = None) -> Signer:
        """Read a private key; raise `BadKey` for a wrong password or another kind of key."""
        try:
            key = pem.load_pem_private_key(data, password)
        except (ValueError, TypeError) as wrong:
            message = f"expected a PKCS #8 key in PEM for {name}"
            raise BadKey(message) from wrong
        if not isinstance(key, Ed25519PrivateKey | MLDSA44PrivateKey):
            message = f"expected an Ed25519 or ML-DSA-44 key for {name}, found {type(key).__name__}"
            raise BadKey(message)
        return cls(name, key)


def generate(name: str) -> list[Signer]:
    """Make a new Ed25519 and a new ML-DSA-44 key under one name: the ledger's only use of randomness."""
    return [Signer(name, Ed25519PrivateKey.generate()), Signer(name, MLDSA44PrivateKey.generate())]
