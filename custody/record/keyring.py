"""The keys of a ledger: files in a folder that is no part of the database.

open.ed25519.pem  open.ml-dsa-44.pem  sealed.ed25519.pem  sealed.ml-dsa-44.pem    sign the logs
vault.key                                                  opens the sealed plane
vkeys                                                      the public keys, for the world
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from custody.chain.things import Plane
from custody.folders import private
from custody.ledger.keys import Algorithm, BadKey, BadKeyName, Signer, generate
from custody.store.vault import KEY_BYTES, Vault

_FILES: Final = {Algorithm.ED25519: "ed25519", Algorithm.ML_DSA_44: "ml-dsa-44"}


class KeysMissing(FileNotFoundError):
    """A key file that is not there: without it the ledger can neither be read nor go on."""


def origin_of(ledger: str, plane: Plane) -> str:
    """Give the name of a log, which is also the name of its keys."""
    return f"{ledger}/{plane}"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The private keys of both logs, and the vault's."""

    signers: dict[Plane, list[Signer]]
    vault: Vault

    @property
    def vkeys(self) -> list[str]:
        """Give the public keys, one line each."""
        return [signer.vkey for plane in Plane for signer in self.signers[plane]]


def create(folder: Path, ledger: str) -> Keyring:
    """Make new keys; raise `FileExistsError` rather than overwrite any."""
    private(folder)
    signers = {plane: generate(origin_of(ledger, plane)) for plane in Plane}
    for plane, pair in signers.items():
        for signer in pair:
            _write(_path(folder, plane, signer.algorithm), signer.to_pem())
    key = secrets.token_bytes(KEY_BYTES)
    _write(folder / "vault.key", key.hex().encode() + b"\n")
    keyring = Keyring(signers, Vault(key))
    _write(folder / "vkeys", "".join(f"{vkey}\n" for vkey in keyring.vkeys).encode(), mode=0o644)
    return keyring


def load(folder: Path, ledger: str) -> Keyring:
    """Read the keys; raise `KeysMissing`, `BadKey` for a file that is none, `BadKeyName` for a ledger's name."""
    signers = {
        plane: [_signer(_path(folder, plane, algorithm), origin_of(ledger, plane), algorithm) for algorithm in _FILES]
        for plane in Plane
    }
    return Keyring(signers, Vault(_vault_key(folder / "vault.key")))


def _signer(path: Path, name: str, algorithm: Algorithm) -> Signer:
    try:
        signer = Signer.from_pem(name, _read(path))
    except BadKeyName:
        raise
    except BadKey as wrong:
        raise _broken(path, "a private key in PEM") from wrong
    if signer.algorithm is not algorithm:
        raise _broken(path, f"a key of {algorithm.name}")
    return signer


def _broken(path: Path, expected: str) -> BadKey:
    return BadKey(f"{path} is broken: expected {expected}. Put the file back from your copy of the keys")


def _vault_key(path: Path) -> bytes:
    text = _read(path).strip()
    try:
        key = bytes.fromhex(text.decode())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise _broken(path, f"{2 * KEY_BYTES} hex digits")
    return key


def _path(folder: Path, plane: Plane, algorithm: Algorithm) -> Path:
    return folder / f"{plane}.{_FILES[algorithm]}.pem"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as wrong:
        message = f"the key {path.name} is not in {path.parent}"
        raise KeysMissing(message) from wrong


def _write(path: Path, data: bytes, mode: int = 0o600) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(file, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(file)
