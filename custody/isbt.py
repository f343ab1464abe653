"""ISBT 128 by its syntax (ICCBBA ST-001 v6.2.2; its tables are licensed and not shipped).

- 001, the Donation Identification Number (DIN): alone, typed with or without its check character K, or in 023.
- 023, a compound message: several structures without separators. What is no DIN there is a field beside it.
- 040, the Chain of Identity identifier, and the other structures: recognised, and never taken for a DIN.

The identifier comes first, then length and form (2.2): a DIN is never read from a part of something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from custody.misread import Misread, Reason

_MOD37: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_FACILITY: Final = "[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}"
_DIN: Final = re.compile(_FACILITY + "[0-9]{8}")
_FLAGGED: Final = re.compile(_DIN.pattern + "[0-9A-HJ-NPR-Y]{2}")
_BEGUN: Final = "A99990000000000"
"""What a beginning of a flagged DIN is filled up with, to see whether it is one."""
_LENGTH: Final = 13
_SHORTEST_BEGUN: Final = 8
"""Fewer typed characters may be anything."""
_DATE: Final = re.compile("[0-9]{6}")
_MOMENT: Final = re.compile("[0-9]{10}")
_STRUCTURES: Final[Mapping[str, tuple[int, re.Pattern[str]]]] = {
    "=": (15, _FLAGGED),
    "=<": (8, re.compile("[A-Za-z][A-Za-z0-9]{7}")),  # 003 product code
    "=,": (6, re.compile("[A-Z0-9]{6}")),  # 032 product divisions
    "=>": (6, _DATE),  # 004 expiry date
    "&>": (10, _MOMENT),  # 005 expiry date and time
    "=*": (6, _DATE),  # 006, 007 collection
    "&*": (10, _MOMENT),
    "=}": (6, _DATE),  # 008, 009 production
    "&}": (10, _MOMENT),
    "=(": (16, re.compile("[0-9]{16}")),  # 031 flexible date and time
    "=%": (4, re.compile("[A-Za-z0-9]{4}")),  # 002 blood groups
    "&/": (15, re.compile("CH" + _FACILITY + "[0-9]{2}[A-Z0-9]{6}")),  # 040 Chain of Identity
}
"""Per identifier, how many characters follow, and their form."""
_COMPOUND: Final = 7
"""Characters of `=+aabbb`."""


def check_character(din: str) -> str:
    """Give K of a 13-character DIN: ISO/IEC 7064 mod 37-2 (ST-001 appendix A)."""
    total = 0
    for symbol in din:
        total = (total + _MOD37.index(symbol)) * 2 % 37
    return _MOD37[(38 - total) % 37]


def moment(data: str) -> str:
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
    found = start + timedelta(days=day - 1)
    if found.year != start.year:
        message = f"the year has no day {day}"
        raise ValueError(message)
    return found.isoformat(timespec="minutes")


def scanned_fields(body: str) -> dict[str, str]:
    """Give the DIN, and what a compound message says beside it; raise `Misread`."""
    if body.startswith("=+"):
        structures = _compound(body)
        if "=" not in structures:
            raise Misread(Reason.NOT_A_DIN)
        return _din_fields(structures["="]) | _other_fields(structures)
    name, data = _identified(body)
    if name == "=":
        return _din_fields(data)
    raise Misread(Reason.CHAIN_OF_IDENTITY if name == "&/" else Reason.OTHER_STRUCTURE)


def is_typed(text: str) -> bool:
    """Say whether a typed text is meant as a DIN: it has its form, or its length and a digit, or is its beginning."""
    if _DIN.match(text) or (len(text) in {_LENGTH, _LENGTH + 1} and any(map(str.isdigit, text))):
        return True
    return not text.isdigit() and _SHORTEST_BEGUN <= len(text) < _LENGTH and _is_begun(text)


def typed_fields(typed: str) -> dict[str, str]:
    """Read a typed DIN. Digits alone are refused: they may be an article number (EAN-13)."""
    din, given = typed[:_LENGTH], typed[_LENGTH:]
    if len(din) < _LENGTH:
        raise Misread(Reason.TRUNCATED)
    if len(given) > 1 or not _DIN.fullmatch(din):
        raise Misread(Reason.NOT_A_DIN)
    if typed.isdigit():
        expected = "Digits alone may be an article number: scan the donation number with its '='."
        raise Misread(Reason.NOT_A_DIN, expected)
    check = check_character(din)
    if given and given != check:
        raise Misread(Reason.WRONG_CHECK_CHARACTER)
    return {"din": din, "flag": "", "check": check}


def _is_begun(text: str) -> bool:
    """Say whether a text is the beginning of a flagged DIN."""
    return bool(_FLAGGED.fullmatch(text + _BEGUN[len(text) :]))


def _identified(body: str) -> tuple[str, str]:
    """Give identifier and data of a text that is one structure and no more."""
    name = _name(body)
    length, form = _STRUCTURES[name]
    data = body[len(name) :]
    if len(data) < length and (_is_begun(data) if name == "=" else data.isalnum() or not data):
        raise Misread(Reason.TRUNCATED)
    if not form.fullmatch(data):
        raise Misread(Reason.NOT_A_DIN)
    return name, data


def _name(body: str) -> str:
    """Give the identifier at the beginning of a text: a DIN's is `=` alone, with a letter or digit after it."""
    if body[:2] in _STRUCTURES:
        return body[:2]
    if body[0] == "=" and (body[1:2].isalnum() or len(body) == 1):
        return "="
    if body == "&":
        raise Misread(Reason.TRUNCATED)
    raise Misread(Reason.NOT_A_DIN)


def _compound(body: str) -> dict[str, str]:
    """Take a compound message 023 apart: `=+aabbb`, then `aa` structures without separators."""
    if len(body) <= _COMPOUND and f"{body[2:]}0".isdigit():
        raise Misread(Reason.TRUNCATED)
    head = re.match(r"=\+([0-9]{2})[0-9]{3}", body)
    if head is None:
        raise Misread(Reason.NOT_A_DIN)
    structures: dict[str, str] = {}
    place = _COMPOUND
    while place < len(body):
        name = _name(body[place:])
        end = place + len(name) + _STRUCTURES[name][0]
        _, data = _identified(body[place:end])
        if name in structures:
            raise Misread(Reason.NOT_A_DIN)
        structures[name] = data
        place = end
    if len(structures) < int(head[1]):
        raise Misread(Reason.TRUNCATED)
    if len(structures) > int(head[1]):
        raise Misread(Reason.NOT_A_DIN, "A compound message holds as many structures as it says.")
    return structures


def _din_fields(data: str) -> dict[str, str]:
    """Check data structure 001 (without `=`): 13 characters and 2 flags that are no part of it."""
    din, flag = data[:_LENGTH], data[_LENGTH:]
    check = check_character(din)
    checksum = int(flag) - 60 if flag.isdigit() else -1  # flags 60 to 96 repeat K (RT004)
    if checksum in range(37) and _MOD37[checksum] != check:
        raise Misread(Reason.WRONG_CHECK_CHARACTER)
    return {"din": din, "flag": flag, "check": check}


def _other_fields(structures: Mapping[str, str]) -> dict[str, str]:
    """Give 003 (five-character product, type, division), 032, the expiry and 040, when there."""
    fields: dict[str, str] = {}
    if product := structures.get("=<"):
        fields |= {"product_code": product[:5], "collection_type": product[5]}
        fields["division"] = structures.get("=,", product[6:])
    if expiry := structures.get("&>") or structures.get("=>"):
        try:
            fields["expiry"] = moment(expiry)
        except ValueError as wrong:
            raise Misread(Reason.NOT_A_DIN, "The compound message holds a date that does not exist.") from wrong
    if chain := structures.get("&/"):
        fields["chain_of_identity"] = chain
    return fields
