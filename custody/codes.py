"""What a scanned or typed code is: our own codes, ISBT 128 lots, GS1 albumin vials.

Everything that is scanned, typed or decoded from a picture passes `read`, which answers what kind
of thing it names and the one spelling of its identity, or raises `CodeError` with the reason.

- Our own codes: a prefix letter per kind, ten random symbols, a check symbol. Never sequential,
  never derived from a lot or an arm.
- ISBT 128 (ICCBBA ST-001 v6.2.2, syntax only; its tables are licensed and not shipped): the
  Donation Identification Number, alone, with its check character K, or in a compound message.
- GS1 element strings and Digital Link, and what we print of them (article/batch/serial), through `custody.gs1`.

A reading is believed only when its check symbol holds, *and* the caller knows the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from operator import getitem
from types import MappingProxyType
from typing import Final

ALPHABET: Final = "BCDEFGHJKNPRSTUVX"
"""Letters that a US-layout scanner types the same on AZERTY, QWERTZ and QWERTY hosts, without
look-alikes (O/Q/I/L). Seventeen of them: a prime, so that the check symbol needs no 18th."""

LENGTH: Final = 12
LONGEST_TEXT: Final = 400
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


class Reason(StrEnum):
    """Why a text is no code of ours to use."""

    EMPTY = "empty"
    UNKNOWN_PREFIX = "unknown_prefix"
    WRONG_CHECK_SYMBOL = "wrong_check_symbol"
    WRONG_LENGTH = "wrong_length"
    FOREIGN_SYMBOL = "foreign_symbol"
    WRONG_KEYBOARD = "wrong_keyboard"
    NOT_A_DIN = "not_a_din"
    WRONG_CHECK_CHARACTER = "wrong_check_character"
    NOT_GS1 = "not_gs1"
    WRONG_ARTICLE = "wrong_article"
    FOREIGN_LINK = "foreign_link"
    TOO_LONG = "too_long"


_EXPECTED: Final[Mapping[Reason, str]] = {
    Reason.EMPTY: "Scan or type a code.",
    Reason.UNKNOWN_PREFIX: "The first letter of our codes is one of " + " ".join(sorted(_KINDS)) + ".",
    Reason.WRONG_CHECK_SYMBOL: "The check symbol does not fit: scan again, or type again what is "
    "printed under the symbol.",
    Reason.WRONG_LENGTH: f"Our codes have {LENGTH} letters, as TBXK-JHRE-NPUD.",
    Reason.FOREIGN_SYMBOL: f"Our codes use only the letters {ALPHABET}.",
    Reason.WRONG_KEYBOARD: "The scanner types for another keyboard layout than this computer's: "
    "set both to the same layout, or type the 12 letters.",
    Reason.NOT_A_DIN: "A donation number is '=' and 15 characters, or 13 characters as "
    "A9999 21 123456 with or without its check character.",
    Reason.WRONG_CHECK_CHARACTER: "The check character does not fit the donation number: compare with the label.",
    Reason.NOT_GS1: "A vial's code is a GS1 element string or Digital Link with at least "
    "(01) article number and (10) batch.",
    Reason.WRONG_ARTICLE: "The check digit of the article number (01) does not fit: scan again, or compare with the "
    "vial.",
    Reason.FOREIGN_LINK: "The link is none of ours: our labels' end with /S/ and 12 letters, a vial's holds /01/ and "
    "its article number.",
    Reason.TOO_LONG: f"A code has at most {LONGEST_TEXT} characters.",
}


@dataclass(frozen=True, slots=True)
class Garbled:
    """What a text would say had another keyboard typed it: to be shown, and never to be taken."""

    keyboard: str
    """What the computer is set to, as `custody.keyboards` calls it."""
    code: str
    """Empty where several would fit."""


class CodeError(ValueError):
    """A text that is no usable code: why, what was found, and what was expected."""

    def __init__(self, reason: Reason, text: str, expected: str = "", garbled: Garbled | None = None) -> None:
        """Keep the reason and the raw text; `expected` is an English sentence."""
        self.reason = reason
        self.text = text
        self.garbled = garbled
        self.expected = expected or _EXPECTED[reason]
        super().__init__(f"{self.expected} Found: {text[:60]!r}.")


_NO_FIELDS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scanned:
    """One reading: `code` is the identity under which the ledger knows the thing."""

    kind: Kind
    code: str
    fields: Mapping[str, str] = field(hash=False)
    raw: str


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
        garbled = None if wrong.reason in {Reason.EMPTY, Reason.TOO_LONG} or _AIM.match(text) else _garbled(text)
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


def check_character(din: str) -> str:
    """Give K of a 13-character DIN: ISO/IEC 7064 mod 37-2 (ST-001 appendix A)."""
    total = 0
    for symbol in din:
        total = (total + _MOD37.index(symbol)) * 2 % 37
    return _MOD37[(38 - total) % 37]


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
_OWN_URL: Final = re.compile(r"https?://[^/\s]+/s/([^/?#]*)/?", re.IGNORECASE)
_ANY_URL: Final = re.compile(r"https?://", re.IGNORECASE)
_GARBLED: Final = re.compile(r"https(m[!:/]|[^a-z0-9:/.])", re.IGNORECASE)
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
        return _read_isbt(body, text)
    return _read_typed(_upper(body.translate(_TIDY)), text)


def _upper(text: str) -> str:
    """Fold ASCII alone: other letters may fold into two, or into one of ours."""
    return text.upper() if text.isascii() else text


def _read_url(body: str, text: str) -> Scanned:
    own = _OWN_URL.fullmatch(body)
    if own is None:
        return _read_gs1(body, text)
    return _read_own(_upper(own[1].translate(_TIDY)), text)


def _read_typed(typed: str, text: str) -> Scanned:
    if _OTHER_LAYOUT.intersection(text) or _GARBLED.match(typed):
        raise CodeError(Reason.WRONG_KEYBOARD, text)
    if _DIN.match(typed) or (len(typed) in {13, 14} and any(map(str.isdigit, typed))):
        return _read_eye_readable(typed, text)
    return _read_own(typed, text)


def _read_own(code: str, text: str) -> Scanned:
    if not _SYMBOLS.issuperset(code):
        raise CodeError(Reason.FOREIGN_SYMBOL, text)
    if len(code) != LENGTH:
        raise CodeError(Reason.WRONG_LENGTH, text)
    return Scanned(_own_kind(code, text), code, _NO_FIELDS, text)


# --- ISBT 128 (ST-001: 2.2 check the identifier first, then length and format) ------------------

_MOD37: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_DIN: Final = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}")
_FLAGS: Final = re.compile(r"[0-9A-HJ-NPR-Y]{2}")
_LENGTHS: Final[Mapping[str, int]] = {
    "=<": 8,  # 003 product code
    "=,": 6,  # 032 product divisions
    "=>": 6,  # 004 expiry date
    "&>": 10,  # 005 expiry date and time
    "=*": 6,  # 006, 007 collection
    "&*": 10,
    "=}": 6,  # 008, 009 production
    "&}": 10,
    "=(": 16,  # 031 flexible date and time
    "=%": 4,  # 002 blood groups
}


def _read_isbt(body: str, text: str) -> Scanned:
    structures = _compound(body, text) if body.startswith("=+") else {"=": body[1:]}
    if "=" not in structures or body[0] == "&":
        raise CodeError(Reason.NOT_A_DIN, text)
    fields = _din_fields(structures["="], text)
    try:
        fields |= _product_fields(structures)
    except ValueError as wrong:
        expected = "The compound message holds a date that does not exist."
        raise CodeError(Reason.NOT_A_DIN, text, expected) from wrong
    return Scanned(Kind.LOT, fields["din"], MappingProxyType(fields), text)


def _compound(body: str, text: str) -> dict[str, str]:
    """Take a compound message 023 apart: `=+aabbb`, then `aa` structures without separators."""
    structures: dict[str, str] = {}
    place = 7
    while place < len(body):
        name = body[place : place + 2]
        if name not in _LENGTHS:
            name = "="
        end = place + len(name) + _LENGTHS.get(name, 15)
        if body[place] not in "=&" or end > len(body) or name in structures:
            raise CodeError(Reason.NOT_A_DIN, text)
        structures[name] = body[place + len(name) : end]
        place = end
    if body[2:4] != f"{len(structures):02d}" or not re.fullmatch(r"[0-9]{3}", body[4:7]):
        expected = "A compound message holds as many structures as it says."
        raise CodeError(Reason.NOT_A_DIN, text, expected)
    return structures


def _din_fields(data: str, text: str) -> dict[str, str]:
    """Check data structure 001 (without `=`): 13 characters and 2 flags that are no part of it."""
    din, flag = data[:13], data[13:]
    if not _DIN.fullmatch(din) or not _FLAGS.fullmatch(flag):
        raise CodeError(Reason.NOT_A_DIN, text)
    check = check_character(din)
    checksum = int(flag) - 60 if flag.isdigit() else -1  # flags 60 to 96 repeat K (RT004)
    if checksum in range(37) and _MOD37[checksum] != check:
        raise CodeError(Reason.WRONG_CHECK_CHARACTER, text)
    return {"din": din, "flag": flag, "check": check}


def _read_eye_readable(typed: str, text: str) -> Scanned:
    """Read a typed DIN. Digits alone are refused: they may be an article number (EAN-13)."""
    din, given = typed[:13], typed[13:]
    if len(given) > 1 or not _DIN.fullmatch(din):
        raise CodeError(Reason.NOT_A_DIN, text)
    if typed.isdigit():
        expected = "Digits alone may be an article number: scan the donation number with its '='."
        raise CodeError(Reason.NOT_A_DIN, text, expected)
    check = check_character(din)
    if given and given != check:
        raise CodeError(Reason.WRONG_CHECK_CHARACTER, text)
    fields = {"din": din, "flag": "", "check": check}
    return Scanned(Kind.LOT, din, MappingProxyType(fields), text)


def _product_fields(structures: Mapping[str, str]) -> dict[str, str]:
    """Give 003 (five-character product, type, division), 032 and the expiry, when there."""
    fields: dict[str, str] = {}
    if product := structures.get("=<"):
        fields |= {"product_code": product[:5], "collection_type": product[5]}
        fields["division"] = structures.get("=,", product[6:])
    if expiry := structures.get("&>") or structures.get("=>"):
        fields["expiry"] = isbt_moment(expiry)
    return fields


def isbt_moment(data: str) -> str:
    """Turn `cyyjjj` or `cyyjjjhhmm` into ISO 8601 local time; no time given means 23:59.

    `c` is the year's second digit from the left, 0 for 20xx and 9 for 19xx. The structure's
    identifier (`&>`, `=>`) may still be there. Raises `ValueError`.
    """
    match = re.fullmatch(r"(?:[=&][>*}])?([0-9])([0-9]{2})([0-9]{3})([0-9]{4})?", data)
    if match is None:
        message = f"expected cyyjjj or cyyjjjhhmm, found {data!r}"
        raise ValueError(message)
    century, year, day, time = match[1], match[2], int(match[3]), match[4] or "2359"
    start = datetime(  # noqa: DTZ001 - ISBT 128 gives the time of the label's place, without zone
        (1900 if century == "9" else 2000 + 100 * int(century)) + int(year),
        1,
        1,
        int(time[:2]),
        int(time[2:]),
    )
    moment = start + timedelta(days=day - 1)
    if moment.year != start.year:
        message = f"the year has no day {day}"
        raise ValueError(message)
    return moment.isoformat(timespec="minutes")


# --- GS1 --------------------------------------------------------------------------------------

_RAW_GS1: Final = re.compile(r"01[0-9]{14}[0-9]{2}")


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
    except gs1.WrongArticle as wrong:
        raise CodeError(Reason.WRONG_ARTICLE, text) from wrong
    except ValueError as wrong:
        raise CodeError(Reason.NOT_GS1, text) from wrong
    if not {"gtin", "batch"} <= fields.keys():
        raise CodeError(Reason.NOT_GS1, text)
    return Scanned(Kind.ALBUMIN_VIAL, gs1.printed(fields), MappingProxyType(fields), text)
