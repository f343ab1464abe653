"""One event of a log: canonical JSON (RFC 8785, JCS) and its leaf hash (RFC 6962, section 2.1).

- An entry is a JSON object of plain `dict`, `list`, `tuple`, `str`, `int`, `bool` and `None`.
- No floats: JCS writes them as ECMAScript does, which few tools do alike. Amounts are strings.
- Integers within ±(2^53 - 1), keys in ASCII, strings without surrogates.

Under these rules `orjson` with sorted keys gives the very bytes of JCS (it sorts by code point where
JCS sorts by UTF-16 unit: the same for ASCII), at a fortieth of the price. `tests/ledger/test_entry.py`
holds it against the `rfc8785` package.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import orjson

from custody.ledger.errors import LedgerError

LONGEST_ENTRY: Final = 65_535
"""Bytes: what the uint16 length of an entry bundle can say (C2SP tlog-tiles)."""

_OPTIONS: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_SCALARS: Final = frozenset({str, int, bool, type(None)})
_ARRAYS: Final = frozenset({list, tuple})


class EntryTooLong(LedgerError):
    """An entry of more than 65,535 bytes."""


class NotCanonical(LedgerError):
    """An object without canonical form here, or bytes that are not the canonical form."""


def encode(entry: Mapping[str, object]) -> bytes:
    """Give the canonical JSON of an entry, UTF-8; raise `NotCanonical` or `EntryTooLong`."""
    data = canonical(entry)
    if len(data) > LONGEST_ENTRY:
        message = f"expected an entry of at most {LONGEST_ENTRY} bytes, found {len(data)}"
        raise EntryTooLong(message)
    return data


def canonical(value: Mapping[str, object]) -> bytes:
    """Give the canonical JSON of an object of any length; raise `NotCanonical`."""
    try:
        data = orjson.dumps(value if type(value) is dict else dict(value), option=_OPTIONS)
    except TypeError as wrong:
        message = f"not canonical: {wrong}"
        raise NotCanonical(message) from wrong
    _check_object(value, "")
    return data


def decode(data: bytes) -> dict[str, Any]:
    """Read an entry; raise `NotCanonical` unless encoding it again gives the same bytes."""
    try:
        value = orjson.loads(data)
    except ValueError as wrong:
        message = f"expected a JSON object, found {data[:40]!r}: {wrong}"
        raise NotCanonical(message) from wrong
    if type(value) is not dict:
        message = f"expected a JSON object, found {data[:40]!r}"
        raise NotCanonical(message)
    again = encode(value)
    if again != data:
        place = next((i for i, (a, b) in enumerate(zip(again, data, strict=False)) if a != b), len(again))
        near = slice(max(place - 10, 0), place + 30)
        message = f"expected canonical JSON, at byte {place} {again[near]!r}, found {data[near]!r}"
        raise NotCanonical(message)
    return value


def leaf_hash(data: bytes) -> bytes:
    """Give the 32-byte leaf hash of an entry's bytes: SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + data).digest()


# orjson ran before: what arrives here is of limited depth, without cycles, surrogates or large
# integers, and has only string keys. What it would still write, but not as JCS does, is refused.


def _check_object(value: Mapping[str, object], path: str) -> None:
    for key, item in value.items():
        if not key.isascii():
            message = f"expected keys in ASCII, found {path}/{key}"
            raise NotCanonical(message)
        if (kind := type(item)) not in _SCALARS:
            _check_other(item, kind, path, key)


def _check_array(value: list[object] | tuple[object, ...], path: str) -> None:
    for place, item in enumerate(value):
        if (kind := type(item)) not in _SCALARS:
            _check_other(item, kind, path, place)


def _check_other(item: Any, kind: type, path: str, key: str | int) -> None:
    path = f"{path}/{key}"
    if kind is dict:
        _check_object(item, path)
    elif kind in _ARRAYS:
        _check_array(item, path)
    elif not issubclass(kind, str):
        message = f"expected no {kind.__name__} in an entry, found {item!r} at {path}"
        raise NotCanonical(message)
