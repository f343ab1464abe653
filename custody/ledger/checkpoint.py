r"""The signed tree head: C2SP tlog-checkpoint on C2SP signed-note.

    example.org/trial/open
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — example.org/trial/open base64(key id[4] || signature)

The text is origin, size and root, each line ended by a newline; a blank line; signature lines.
What is signed, as published:

- Ed25519 (0x01, signed-note): the text with its last newline.
- ML-DSA-44 (0x06, C2SP tlog-cosignature v1, "ML-DSA-44 signed message"; tlog-checkpoint recommends it for
  logs too): not the text but, in TLS presentation, `"subtree/v1\n\0"`, key name and its length in one
  byte, timestamp (uint64), origin and its length, start (uint64, here 0), end (the size), root. The
  line carries timestamp (8 bytes) || signature. Timestamp 0 makes no statement about time;
  otherwise POSIX seconds, saying that then no larger tree had been signed.

Extension lines are refused: ML-DSA-44 does not sign them. So are: another spelling of a number or of
base64, bytes behind a signature, a second signature of one key, control characters. Signatures of
unknown keys are passed over (signed-note says so): witnesses may add theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from custody.ledger.b64 import decode64, encode64
from custody.ledger.errors import LedgerError
from custody.ledger.keys import (
    KEY_ID_BYTES,
    SIGNATURE_BYTES,
    Algorithm,
    BadKeyName,
    Signer,
    Verifier,
    check_name,
)
from custody.ledger.proof import EMPTY_ROOT, HASH_BYTES

LARGEST_SIZE: Final = 2**63 - 1
LATEST_TIME: Final = 2**63 - 1
MOST_SIGNATURES: Final = 64
_LABEL: Final = b"subtree/v1\n\x00"
_TIME_BYTES: Final = 8
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DASH: Final = "\N{EM DASH} "


class NoteError(LedgerError):
    """A checkpoint note that cannot be believed."""


class MalformedNote(NoteError):
    """A text that is no checkpoint note, or not in its one spelling."""


class BadSignature(NoteError):
    """A signature of a trusted key that does not fit the text."""


class MissingSignature(NoteError):
    """A trusted key that had to sign and did not."""


class UnknownSigners(NoteError):
    """A note on which no trusted key signed at all."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's head: its origin (a unique name), its number of entries, its root hash (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Refuse what no checkpoint can say."""
        _expect(_is_origin(self.origin), "an origin of 1 to 255 bytes on one line", self.origin)
        _expect(0 <= self.size <= LARGEST_SIZE, f"a size of 0 to {LARGEST_SIZE}", self.size)
        _expect(len(self.root) == HASH_BYTES, f"a root of {HASH_BYTES} bytes", self.root)
        _expect(self.size > 0 or self.root == EMPTY_ROOT, "the root of the empty tree", self.root.hex())

    def body(self) -> str:
        """Give the note's text: three lines, each ended by a newline."""
        return f"{self.origin}\n{self.size}\n{encode64(self.root)}\n"


class SignatureLine(NamedTuple):
    """One signature of a note, unverified; `data` is what follows the key id."""

    name: str
    key_id: bytes
    data: bytes

    def text(self) -> str:
        """Give the line, with its newline."""
        return f"{_DASH}{self.name} {encode64(self.key_id + self.data)}\n"


# --- signing ----------------------------------------------------------------------------------


def sign(checkpoint: Checkpoint, signers: Iterable[Signer], timestamp: int = 0) -> str:
    """Give the note of a checkpoint, signed by each signer; `timestamp` as in `signature_line`."""
    return assemble(checkpoint, [signature_line(checkpoint, signer, timestamp) for signer in signers])


def signature_line(checkpoint: Checkpoint, signer: Signer, timestamp: int = 0) -> str:
    """Sign a checkpoint with one key; give the line with its newline.

    `timestamp`: POSIX seconds that an ML-DSA-44 signature states, 0 for none; Ed25519 has no place
    for it. Lines of several signers may be made apart, in other threads or later, and `assemble`d.
    """
    algorithm = signer.algorithm
    signature = signer.sign(_message(checkpoint, signer.verifier, timestamp))
    prefix = timestamp.to_bytes(_TIME_BYTES) if algorithm is Algorithm.ML_DSA_44 else b""
    return SignatureLine(signer.name, signer.verifier.key_id, prefix + signature).text()


def assemble(checkpoint: Checkpoint, lines: Sequence[str]) -> str:
    """Put a note together from signature lines, ours or a witness's; raise `MalformedNote`."""
    note = f"{checkpoint.body()}\n{''.join(lines)}"
    read_unverified(note)
    return note


def _message(checkpoint: Checkpoint, verifier: Verifier, timestamp: int) -> bytes:
    """Give the bytes that a key signs for a checkpoint."""
    if verifier.algorithm is Algorithm.ED25519:
        return checkpoint.body().encode()
    _expect(0 <= timestamp <= LATEST_TIME, f"a timestamp of 0 to {LATEST_TIME}", timestamp)
    return b"".join(
        [
            _LABEL,
            _short(verifier.name),
            timestamp.to_bytes(8),
            _short(checkpoint.origin),
            (0).to_bytes(8),
            checkpoint.size.to_bytes(8),
            checkpoint.root,
        ]
    )


def _short(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(1) + data


# --- opening ----------------------------------------------------------------------------------


def open_note(note: str, verifiers: Sequence[Verifier], require: Literal["all", "any"] = "all") -> Checkpoint:
    """Give the checkpoint of a note that trusted keys signed.

    `require="all"`: every verifier must have signed; `"any"`: at least one. A signature of a verifier
    that does not fit is refused either way. Raises `MalformedNote`, `BadSignature`, `MissingSignature`,
    `UnknownSigners`.
    """
    checkpoint, lines = read_unverified(note)
    signed = {(line.name, line.key_id): line for line in lines}
    missing = [verifier for verifier in verifiers if (verifier.name, verifier.key_id) not in signed]
    if len(missing) == len(verifiers):
        message = f"expected a signature by {_names(verifiers) or 'a key'}, found only {_signers(lines)}"
        raise UnknownSigners(message)
    if missing and require == "all":
        message = f"expected a signature by {_names(missing)}, found only {_signers(lines)}"
        raise MissingSignature(message)
    for verifier in verifiers:
        if verifier not in missing:
            _check(checkpoint, verifier, signed[verifier.name, verifier.key_id].data)
    return checkpoint


def read_unverified(note: str) -> tuple[Checkpoint, list[SignatureLine]]:
    """Take a note apart without believing it; raise `MalformedNote` unless in its one spelling."""
    text, blank, signatures = note.rpartition("\n\n")
    _expect(bool(blank) and note.endswith("\n"), "text, a blank line and signature lines", note[-40:])
    _expect(not _CONTROL.search(note), "no control characters but newlines", note[:80])
    lines = [_signature(line) for line in signatures.split("\n")[:-1]]
    _expect(1 <= len(lines) <= MOST_SIGNATURES, f"1 to {MOST_SIGNATURES} signatures", len(lines))
    keys = {(line.name, line.key_id) for line in lines}
    _expect(len(keys) == len(lines), "one signature per key", _signers(lines))
    return _read_body(f"{text}\n"), lines


def _read_body(text: str) -> Checkpoint:
    lines = text.split("\n")
    _expect(len(lines) == 4, "three lines: origin, size, root", text[:200])
    _expect(bool(_NUMBER.fullmatch(lines[1])), "a size in decimal without leading zeros", lines[1])
    return Checkpoint(lines[0], int(lines[1]), _decode(lines[2], "root"))


def _signature(line: str) -> SignatureLine:
    parts = line.removeprefix(_DASH).split(" ")
    _expect(line.startswith(_DASH) and len(parts) == 2, f"'{_DASH}name base64'", line[:80])
    try:
        name = check_name(parts[0])
    except BadKeyName as wrong:
        raise MalformedNote(str(wrong)) from wrong
    data = _decode(parts[1], f"signature of {name}")
    _expect(len(data) > KEY_ID_BYTES, "a key id of 4 bytes and a signature", line[:80])
    return SignatureLine(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


def _check(checkpoint: Checkpoint, verifier: Verifier, data: bytes) -> None:
    """Check one signature, by its exact length first."""
    head = _TIME_BYTES if verifier.algorithm is Algorithm.ML_DSA_44 else 0
    expected = head + SIGNATURE_BYTES[verifier.algorithm]
    timestamp = int.from_bytes(data[:head])
    if len(data) != expected:
        message = f"expected a signature of {expected} bytes by {_names([verifier])}, found {len(data)}"
        raise BadSignature(message)
    if timestamp > LATEST_TIME or not verifier.accepts(data[head:], _message(checkpoint, verifier, timestamp)):
        message = (
            f"expected a signature by {_names([verifier])} of the checkpoint of size {checkpoint.size}, "
            "found one that does not fit"
        )
        raise BadSignature(message)


def _decode(text: str, what: str) -> bytes:
    try:
        return decode64(text)
    except ValueError as wrong:
        message = f"{what}: {wrong}"
        raise MalformedNote(message) from wrong


def _is_origin(origin: str) -> bool:
    try:
        length = len(origin.encode())
    except UnicodeEncodeError:
        return False
    return 1 <= length <= 255 and "\n" not in origin and not _CONTROL.search(origin)


def _names(verifiers: Iterable[Verifier]) -> str:
    return ", ".join(f"{item.name} {item.key_id.hex()} ({item.algorithm.name})" for item in verifiers)


def _signers(lines: Iterable[SignatureLine]) -> str:
    return ", ".join(f"{line.name} {line.key_id.hex()}" for line in lines)


def _expect(holds: bool, expected: str, found: object) -> None:
    if not holds:
        message = f"expected {expected}, found {found!r}"
        raise MalformedNote(message)
