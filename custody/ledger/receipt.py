"""The proof that one event is in the log, for those who hold only a sheet: C2SP tlog-proof.

    c2sp.org/tlog-proof@v1
    extra <base64, optional, not authenticated>
    index 73894
    <base64 hash, from the leaf's sibling to the root's child>
    ...

    <the checkpoint note, verbatim>

The entry itself is not in it: a verifier brings its bytes or its leaf hash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from custody.ledger.b64 import decode64, encode64
from custody.ledger.checkpoint import Checkpoint, open_note, read_unverified
from custody.ledger.errors import LedgerError
from custody.ledger.keys import Verifier
from custody.ledger.proof import HASH_BYTES, verify_inclusion

HEADER: Final = "c2sp.org/tlog-proof@v1"
MOST_HASHES: Final = 63
SHORT_BYTES: Final = 20
ROOT_BYTES: Final = 8
"""Of a root on paper: enough to tell two checkpoints of an honest log apart, not to bind a dishonest one."""
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})")


class BadReceipt(LedgerError):
    """A text that is no receipt, or not in its one spelling."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The place of an entry, its audit path (32-byte hashes) and the checkpoint note above it."""

    index: int
    path: tuple[bytes, ...]
    note: str
    extra: bytes = b""

    def text(self) -> str:
        """Give the receipt as C2SP tlog-proof writes it."""
        extra = [f"extra {encode64(self.extra)}"] if self.extra else []
        lines = [HEADER, *extra, f"index {self.index}", *map(encode64, self.path)]
        return "\n".join(lines) + "\n\n" + self.note

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """Read a receipt without believing it; raise `BadReceipt` or `MalformedNote`."""
        head, blank, note = text.partition("\n\n")
        lines = head.split("\n")
        extra = _extra(lines.pop(1)) if len(lines) > 1 and lines[1].startswith("extra ") else b""
        index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
        if lines[0] != HEADER or not blank or index is None:
            message = f"expected {HEADER!r}, an index and a checkpoint, found {text[:80]!r}"
            raise BadReceipt(message)
        read_unverified(note)
        return cls(int(index[1]), _path(lines[2:]), note, extra)

    def verify(self, leaf: bytes, verifiers: Sequence[Verifier], require: Literal["all", "any"] = "all") -> Checkpoint:
        """Check that the entry of this leaf hash is in the log; give the checkpoint it was proved under.

        Raises a `NoteError` for the checkpoint, a `ProofError` for the path.
        """
        checkpoint = open_note(self.note, verifiers, require)
        verify_inclusion(leaf, self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint


def build(index: int, leaf: bytes, path: Sequence[bytes], note: str, extra: bytes = b"") -> Receipt:
    """Make a receipt that holds: raise a `ProofError` when the path does not lead to the note's root."""
    checkpoint, _ = read_unverified(note)
    verify_inclusion(leaf, index, checkpoint.size, path, checkpoint.root)
    return Receipt(index, tuple(path), note, extra)


class ShortReceipt(NamedTuple):
    """What a slip of paper says of one event, without words, so that any language may stand around it."""

    event: str
    place: str
    """Index of the entry in the log, and number of entries under the root: `73 894/120 000`."""
    root: str
    """The first 16 hex digits of the root, in fours."""
    leaf: str
    """The `short_form` of the entry, which binds its bytes for good."""


def short_receipt(event: str, leaf: bytes, receipt: Receipt) -> ShortReceipt:
    """Give what a handoff slip prints of a receipt for the event of this leaf hash.

    Raises a `ProofError` when the receipt is not of this leaf; whoever prints it has verified the rest.
    """
    checkpoint, _ = read_unverified(receipt.note)
    verify_inclusion(leaf, receipt.index, checkpoint.size, receipt.path, checkpoint.root)
    place = f"{receipt.index:,}/{checkpoint.size:,}".replace(",", " ")
    return ShortReceipt(event, place, _fours(checkpoint.root[:ROOT_BYTES]), short_form(leaf))


def short_form(leaf: bytes) -> str:
    """Give the first 160 bits of a leaf hash for a slip, in ten groups of four hex digits.

    Enough that nobody finds a second entry, or a pair of entries, that print the same.
    """
    return _fours(leaf[:SHORT_BYTES])


def is_short_form(text: str, leaf: bytes) -> bool:
    """Say whether a printed or typed short form is that of a leaf hash; case and blanks do not count."""
    return "".join(text.split()).upper() == leaf[:SHORT_BYTES].hex().upper()


def _fours(data: bytes) -> str:
    return data.hex(" ", -2).upper()


def _extra(line: str) -> bytes:
    data = _decode(line.removeprefix("extra "))
    if not data:
        message = "expected no extra line when there is no extra data"
        raise BadReceipt(message)
    return data


def _path(lines: Sequence[str]) -> tuple[bytes, ...]:
    path = tuple(map(_decode, lines))
    if len(path) > MOST_HASHES or any(len(item) != HASH_BYTES for item in path):
        message = f"expected at most {MOST_HASHES} hashes of {HASH_BYTES} bytes, found {len(path)} lines"
        raise BadReceipt(message)
    return path


def _decode(text: str) -> bytes:
    try:
        return decode64(text)
    except ValueError as wrong:
        raise BadReceipt(str(wrong)) from wrong
