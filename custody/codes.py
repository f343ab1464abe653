"""What a scanned or typed code is: our own codes, ISBT 128 lots, GS1 albumin vials.

Everything that is scanned, typed or decoded from a picture passes `read`, which answers what kind
of thing it names and the one spelling of its identity, or raises `CodeError` with the reason.

- Our own codes: a prefix letter per kind, ten random symbols, a check symbol. Never sequential,
  never derived from a lot or an arm.
- ISBT 128 donation numbers, alone, with their check character, or in a compound message: `custody.isbt`.
- GS1 element strings and Digital Link, and what we print of them (article/batch/serial): `custody.gs1`.

A reading is believed only when its check symbol holds, *and* the caller knows the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from operator import getitem
from types import MappingProxyType
from typing import Final

from custody import isbt
from custody.misread import LONGEST_TEXT, RECOGNISED, CodeError, Garbled, Misread, Reason

__all__ = [
    "ALPHABET",
    "LENGTH",
    "PREFIXES",
    "CodeError",
    "Garbled",
    "Kind",
    "Reason",
    "Scanned",
    "begins_link",
    "group",
    "mint",
    "read",
    "url",
]

ALPHABET: Final = "BCDEFGHJKNPRSTUVX"
"""Letters that a US-layout scanner types the same on AZERTY, QWERTZ and QWERTY hosts, without
look-alikes (O/Q/I/L). Seventeen of them: a prime, so that the check symbol needs no 18th."""

LENGTH: Final = 12
LONGEST_URL: Final = 47
"""Upper-case characters that a QR of version 3, level Q, holds: what survives a cold bag."""


class Kind(StrEnum):
    """What a code names."""

    LOT = "lot"
    CRYOBAG = "cryobag"
    ALBUMIN_VIAL = "albumin_vial"
    TREATMENT_BAG = "treatment_bag"
    SHIPPER = "shipper"
    SEAL = "seal"
    LOGGER = "logger"
    PARTICIPANT = "participant"
    PERSON = "person"
    LOCATION = "location"
    DEVICE = "device"
    DEVIATION = "deviation"
    HANDOFF = "handoff"
    CODE_SHEET = "code_sheet"
    DOWNTIME_FORM = "downtime_form"


PREFIXES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.LOT: "N",
        Kind.CRYOBAG: "C",
        Kind.ALBUMIN_VIAL: "F",
        Kind.TREATMENT_BAG: "T",
        Kind.SHIPPER: "S",
        Kind.SEAL: "E",
        Kind.LOGGER: "G",
        Kind.PARTICIPANT: "P",
        Kind.PERSON: "B",
        Kind.LOCATION: "R",
        Kind.DEVICE: "D",
        Kind.DEVIATION: "V",
        Kind.HANDOFF: "H",
        Kind.CODE_SHEET: "K",
        Kind.DOWNTIME_FORM: "J",
    }
)
_KINDS: Final[Mapping[str, Kind]] = {letter: kind for kind, letter in PREFIXES.items()}


_NO_FIELDS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scanned:
    """One reading: `code` is the identity under which the ledger knows the thing."""

    kind: Kind
    code: str
    fields: Mapping[str, str] = field(hash=False)
    raw: str
    host: str = ""
    """Where the link leads that held it, if one did: the caller knows whether that is here."""


def read(text: str) -> Scanned:
    """Say what a scanned or typed text names, or raise `CodeError`."""
    tidy = text.translate(_TIDY)
    if len(tidy) == LENGTH and tidy.isascii():
        own = tidy.upper()
        if _SYMBOLS.issuperset(own):
            return Scanned(_own_kind(own, text), own, _NO_FIELDS, text)
    try:
        return _read_other(text)
    except CodeError as wrong:
        garbled = None if wrong.reason in RECOGNISED or _AIM.match(text) else _garbled(text)
        if garbled is None:
            raise
        raise CodeError(Reason.WRONG_KEYBOARD, text, garbled=garbled) from wrong


def mint(kind: Kind, random_bytes: Callable[[int], bytes]) -> str:
    """Make a new code from the caller's randomness (`secrets.token_bytes`); every one as likely."""
    while (number := int.from_bytes(random_bytes(8))) >= _UNBIASED:
        pass
    symbols = [PREFIXES[kind]]
    for _ in range(5):
        number, pair = divmod(number, 289)
        symbols.append(_PAIRS[pair])
    body = "".join(symbols)
    return body + ALPHABET[-_weighted(body) % 17]


def group(code: str) -> str:
    """Set one of our codes in groups of four, for eyes; leave any other as it is."""
    if len(code) != LENGTH or not _SYMBOLS.issuperset(code):
        return code
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def url(code: str, base: str = "https://custody.example") -> str:
    """Give what a printed QR holds: upper case, so that a symbol of version 2 or 3 suffices."""
    text = f"{base.rstrip('/')}/S/{code}".upper()
    if len(text) > LONGEST_URL:
        message = f"a label's QR holds at most {LONGEST_URL} characters, not {len(text)}: {text}"
        raise ValueError(message)
    return text


def begins_link(text: str, base: str) -> bool:
    """Say whether a text is the beginning of a link as our labels hold it, cut off before its code."""
    return f"{base.rstrip('/')}/S/".upper().startswith(text.strip().upper())


# --- our own codes ----------------------------------------------------------------------------

_BLANKS_AND_HYPHENS: Final = " \t\r\n\v\f\u00a0\u2007\u2009\u200a\u200b\u202f\ufeff-" + "".join(
    map(chr, range(0x2010, 0x2016))
)
_TIDY: Final = dict.fromkeys(map(ord, _BLANKS_AND_HYPHENS))
_SYMBOLS: Final = frozenset(ALPHABET)
_PAIRS: Final = tuple(first + second for first in ALPHABET for second in ALPHABET)
_UNBIASED: Final = 2**64 // 17**10 * 17**10
_WEIGHTED: Final = tuple(
    {symbol: value * (LENGTH - place) for value, symbol in enumerate(ALPHABET)} for place in range(LENGTH)
)
"""Weights 12 to 1, all different and none 0 modulo the prime 17: so every wrong symbol and every
swap of two symbols, prefix included, leaves a remainder."""


def _weighted(symbols: str) -> int:
    return sum(map(getitem, _WEIGHTED, symbols))


def _own_kind(code: str, text: str) -> Kind:
    kind = _KINDS.get(code[0])
    if kind is None:
        raise CodeError(Reason.UNKNOWN_PREFIX, text)
    if _weighted(code) % 17:
        raise CodeError(Reason.WRONG_CHECK_SYMBOL, text)
    return kind


def _garbled(text: str) -> Garbled | None:
    """Say what a text that is no code would be, had it been typed on another keyboard; None when nothing."""
    from custody import keyboards  # noqa: PLC0415 - most scans are read as they are

    found: list[Garbled] = []
    for keyboard, meant in keyboards.meant(text):
        with suppress(CodeError):
            found.append(Garbled(keyboard, _read_other(meant).code))
    if len({one.code for one in found}) > 1:  # a batch in letters, with or without caps lock
        return Garbled(found[0].keyboard, "")
    return found[0] if found else None


# --- which family a text belongs to -----------------------------------------------------------

_GS1_AIM: Final = frozenset({"]d2", "]C1", "]Q3", "]e0"})
_AIM: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_OWN_URL: Final = re.compile(r"https?://([^/\s]+)/s/([^/?#]*)/?", re.IGNORECASE | re.ASCII)
_OWN_URL_CUT: Final = re.compile(r"https?://(?:[^/\s]+/s)?", re.IGNORECASE | re.ASCII)
_SCHEME: Final = re.compile(r"https?:/?", re.IGNORECASE | re.ASCII)
_ANY_URL: Final = re.compile(r"https?://", re.IGNORECASE | re.ASCII)
_GARBLED: Final = re.compile(r"https(m[!:/]|[^a-z0-9:/.])", re.IGNORECASE | re.ASCII)
"""`https://` of a US-layout scanner on an AZERTY (`HTTPSM!!`) or QWERTZ (`HTTPSÖ--`) host."""
_OTHER_LAYOUT: Final = frozenset("éèçàùÉÈÇÀÙöäüÖÄÜß§²µ£")
_PRINTED_VIAL: Final = re.compile(r"[0-9]{14}/")
_SEPARATORS: Final = ("<GS>", "{GS}", "^]", "\u241d")


def _read_other(text: str) -> Scanned:
    if len(text) > LONGEST_TEXT:
        raise CodeError(Reason.TOO_LONG, text)
    body = text.strip(" \t\r\n")
    aim = _AIM.match(body)
    body = body[3:] if aim else body
    if not body.translate(_TIDY):
        raise CodeError(Reason.EMPTY, text)
    if (aim and aim[0] in _GS1_AIM) or _PRINTED_VIAL.match(body) or _looks_gs1(body):
        return _read_gs1(body, text)
    if _ANY_URL.match(body):
        return _read_url(body, text)
    if body[0] in "=&" and body.isascii():
        return _read_isbt(isbt.scanned_fields, body, text)
    return _read_typed(_upper(body.translate(_TIDY)), text)


def _upper(text: str) -> str:
    """Fold ASCII alone: other letters may fold into two, or into one of ours."""
    return text.upper() if text.isascii() else text


def _read_url(body: str, text: str) -> Scanned:
    own = _OWN_URL.fullmatch(body)
    if own:
        return _read_own(_upper(own[2].translate(_TIDY)), text, own[1].lower())
    if _OWN_URL_CUT.fullmatch(body):
        raise CodeError(Reason.TRUNCATED, text)
    return _read_gs1(body, text)


def _read_typed(typed: str, text: str) -> Scanned:
    if _OTHER_LAYOUT.intersection(text) or _GARBLED.match(typed):
        raise CodeError(Reason.WRONG_KEYBOARD, text)
    if _SCHEME.fullmatch(typed):
        raise CodeError(Reason.TRUNCATED, text)
    return _read_isbt(isbt.typed_fields, typed, text) if isbt.is_typed(typed) else _read_own(typed, text)


def _read_own(code: str, text: str, host: str = "") -> Scanned:
    if not _SYMBOLS.issuperset(code):
        raise CodeError(Reason.FOREIGN_SYMBOL, text)
    if len(code) < LENGTH and (host or code[0] in _KINDS):
        raise CodeError(Reason.TRUNCATED, text)
    if len(code) != LENGTH:
        raise CodeError(Reason.WRONG_LENGTH, text)
    return Scanned(_own_kind(code, text), code, _NO_FIELDS, text, host)


def _read_isbt(fields_of: Callable[[str], dict[str, str]], body: str, text: str) -> Scanned:
    try:
        fields = fields_of(body)
    except Misread as wrong:
        raise CodeError(wrong.reason, text, wrong.expected) from wrong
    return Scanned(Kind.LOT, fields["din"], MappingProxyType(fields), text)


# --- GS1 --------------------------------------------------------------------------------------

_RAW_GS1: Final = re.compile(r"01[0-9]{14}|00[0-9]{18}|801[78][0-9]{18}")


def _looks_gs1(body: str) -> bool:
    separated = "\x1d" in body or any(mark in body for mark in _SEPARATORS)
    return body.startswith("(") or separated or bool(_RAW_GS1.match(body))


def _read_gs1(body: str, text: str) -> Scanned:
    """Read an albumin vial's code: the article, the batch, and the serial number when there."""
    from custody import gs1  # noqa: PLC0415 - biip's tables are 16 MB, and most scans need none of them

    if _ANY_URL.match(body) and not gs1.is_link(body):
        raise CodeError(Reason.FOREIGN_LINK, text)
    try:
        fields = gs1.printed_fields(body) if _PRINTED_VIAL.match(body) else gs1.vial_fields(body)
    except Misread as wrong:
        raise CodeError(wrong.reason, text, wrong.expected) from wrong
    return Scanned(Kind.ALBUMIN_VIAL, gs1.printed(fields), MappingProxyType(fields), text)
