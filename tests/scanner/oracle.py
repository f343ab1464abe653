"""What a text names, by the standards and the documents alone: nothing of the product is imported here.

`names(text)` gives (kind, code, expiry) or None. It may be laxer than the product on what a text may look like
around a code; it is exact on what decides what the code names: symbols, check symbols, lengths, identifiers.
"""

from __future__ import annotations

import re
import string
import unicodedata
from calendar import monthrange
from datetime import UTC, datetime
from urllib.parse import unquote

Named = tuple[str, str, str]
LETTERS = "BCDEFGHJKNPRSTUVX"
KINDS = {
    "N": "lot",
    "C": "cryobag",
    "F": "albumin_vial",
    "T": "treatment_bag",
    "S": "shipper",
    "E": "seal",
    "G": "logger",
    "P": "participant",
    "B": "person",
    "R": "location",
    "D": "device",
    "V": "deviation",
    "H": "handoff",
    "K": "code_sheet",
    "J": "downtime_form",
}
FIXED = {
    **dict.fromkeys(("00",), 18),
    **dict.fromkeys(("01", "02", "03"), 14),
    "04": 16,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 6),
    "20": 2,
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 8),
    "41": 14,
}
"""GS1 General Specifications, figure 7.8.5-2: after these two digits, so many characters and no separator."""
NAMED = ("10", "21", "7240", "7003", "8017", "8018")
VALUE = re.compile(r'[!"%&\'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}')
STRUCTURE = re.compile(
    r"(=)([A-NP-Z1-9][A-NP-Z0-9]{2}\d{10})([0-9A-HJ-NPR-Y]{2})"
    r"|(=<)\w{8}|(=,)[A-Z0-9]{6}|(=>)\d{6}|(&>)(\d{10})|(=\*)\d{6}|(&\*)\d{10}|(=\})\d{6}|(&\})\d{10}|(=\()\d{16}"
    r"|(=%)\w{4}|(&/)CH[A-NP-Z1-9][A-NP-Z0-9]{2}\d{4}[A-Z0-9]{6}",
    re.ASCII,
)


def names(text: str) -> Named | None:
    """Say what a text names."""
    body = text.strip(" \t\r\n")
    aim = re.match(r"\][A-Za-z][0-9A-Za-z]", body)
    body = body[3:] if aim else body
    return _own(body) or _din(body) or _compound(body) or _vial(body, gs1=bool(aim))


def _bare(text: str) -> str:
    """Drop what people and programs put between letters."""
    kept = "".join(
        one for one in text if unicodedata.category(one) not in {"Zs", "Pd", "Cf"} and one not in "\t\r\n\v\f"
    )
    return kept.upper() if kept.isascii() else kept


def _own(body: str) -> Named | None:
    link = re.fullmatch(r"https?://[^/\s]+/s/([^/?#]+)/?", body, re.IGNORECASE | re.ASCII)
    code = _bare(link[1] if link else body)
    if len(code) != 12 or set(code) - set(LETTERS) or code[0] not in KINDS:
        return None
    total = sum((12 - place) * LETTERS.index(letter) for place, letter in enumerate(code))
    return (KINDS[code[0]], code, "") if total % 17 == 0 else None


def _k(din: str) -> str:
    table = string.digits + string.ascii_uppercase + "*"
    rest = 0
    for symbol in din:
        rest = (rest + table.index(symbol)) * 2 % 37
    return table[(38 - rest) % 37]


def _din(body: str) -> Named | None:
    flagged = re.fullmatch(r"=([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10})([0-9A-HJ-NPR-Y]{2})", body)
    typed = re.fullmatch(r"([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10})([0-9A-Z*]?)", _bare(body))
    if flagged:
        return _flagged(flagged[1], flagged[2])
    if not typed or body[0] in "=&" or typed[0].isdigit() or typed[2] not in {"", _k(typed[1])}:
        return None
    return "lot", typed[1], ""


def _flagged(din: str, flags: str) -> Named | None:
    """Flags 60 to 96 repeat K."""
    number = int(flags) if flags.isdigit() else 0
    table = string.digits + string.ascii_uppercase + "*"
    return None if 60 <= number <= 96 and table[number - 60] != _k(din) else ("lot", din, "")


def _compound(body: str) -> Named | None:
    head = re.match(r"=\+([0-9]{2})[0-9]{3}", body)
    if not head:
        return None
    place, found, named = 7, [], None
    while place < len(body):
        match = STRUCTURE.match(body, place)
        if not match:
            return None
        found.append(body[place : match.end()][: 2 if match[1] is None else 1])
        if match[1]:
            named = _flagged(match[2], match[3])
            if named is None:
                return None
        place = match.end()
    return named if len(found) == int(head[1]) == len(set(found)) else None


# --- GS1 ---------------------------------------------------------------------------------------


def _vial(body: str, *, gs1: bool) -> Named | None:
    if not re.sub("\u241d", "", body).isascii():
        return None
    for mark in ("<GS>", "{GS}", "^]", "\u241d"):
        body = body if re.match("https?://", body, re.IGNORECASE) else body.replace(mark, "\x1d")
    found = _printed(body) or _linked(body) or _bracketed(body)
    if found is None and (gs1 or "\x1d" in body or body[:2] == "01"):
        found = _strung(body.strip("\x1d"))
    return _vial_of(found) if found else None


def _printed(body: str) -> dict[str, str] | None:
    match = re.fullmatch(r"([0-9]{14})/([^/]+)(?:/([^/]*))?", body)
    if not match or re.search("%(?!25|2F)", body):
        return None
    said = {"01": match[1], "10": unquote(match[2])}
    return said | ({"21": unquote(match[3])} if match[3] else {})


def _linked(body: str) -> dict[str, str] | None:
    link = re.fullmatch(r"https?://([^?#\s]*?)/(?:01|gtin)/([^?#]*)(?:\?([^#]*))?(?:#.*)?", body, re.IGNORECASE)
    if not link or re.search("%(?![0-9A-Fa-f]{2})", body):
        return None
    parts = link[2].split("/")
    keys = {"10": "10", "lot": "10", "21": "21", "ser": "21", "22": "22", "cpv": "22"}
    said = {"01": parts[0].zfill(14)}
    for key, value in zip(map(unquote, parts[1::2]), parts[2::2], strict=False):
        if key not in keys or keys[key] in said:
            return None
        said[keys[key]] = unquote(value)
    if len(parts) % 2 == 0:
        return None
    for pair in filter(None, (link[3] or "").split("&")):
        key, _, value = pair.partition("=")
        if unquote(key) in said:
            return None
        said[unquote(key)] = unquote(value)
    return said


def _bracketed(body: str) -> dict[str, str] | None:
    body = body.replace(" ", "")
    if not re.fullmatch(r"(?:\([0-9]{2,4}\)[^(]+)+", body):
        return None
    pairs = re.findall(r"\(([0-9]{2,4})\)([^(]+)", body)
    return dict(pairs) if len(dict(pairs)) == len(pairs) else None


def _strung(text: str) -> dict[str, str] | None:
    said: dict[str, str] = {}
    while text:
        if text[:2] in FIXED:
            name, end = text[:2], 2 + FIXED[text[:2]]
            value, text = text[2:end], text[end:]
            if len(value) < FIXED[name]:
                return None
        else:
            element, _, text = text.partition("\x1d")
            name = next((one for one in NAMED if element.startswith(one)), element[:4])
            value = element[len(name) :]
        if name in said and name in {"01", "17", *NAMED}:
            return None
        said[name] = value
        text = text.lstrip("\x1d")
    return said


def _vial_of(said: dict[str, str]) -> Named | None:
    article, batch, serial = (said.get(name, "") for name in ("01", "10", "21"))
    if not re.fullmatch("[0-9]{14}", article) or {"00", "8017", "8018"} & said.keys():
        return None
    if sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(article)) % 10:
        return None
    if not VALUE.fullmatch(batch) or ("21" in said and not VALUE.fullmatch(serial)):
        return None
    expiry = _expiry(said)
    code = "/".join(part.replace("%", "%25").replace("/", "%2F") for part in (article, batch, serial))
    return None if expiry is None else ("albumin_vial", code, expiry)


def _expiry(said: dict[str, str]) -> str | None:
    """Give the day, or the minute, in ISO 8601; nothing where none is said; None where it does not exist."""
    day, minute = said.get("17"), said.get("7003")
    try:
        at = _day(day) if day is not None else ""
        if minute is None:
            return at
        if not re.fullmatch("[0-9]{10}", minute) or minute[4:6] == "00":
            return None
        then = datetime.fromisoformat(f"{_day(minute[:6])}T{minute[6:8]}:{minute[8:]}")
    except ValueError:
        return None
    return then.isoformat(timespec="minutes") if at in {"", f"{then:%Y-%m-%d}"} else None


def _day(text: str) -> str:
    if not re.fullmatch("[0-9]{6}", text):
        raise ValueError(text)
    this = datetime.now(UTC).year
    year = this - this % 100 + int(text[:2])
    year += -100 if year - this >= 51 else 100 if year - this <= -50 else 0
    month, day = int(text[2:4]), int(text[4:])
    return datetime(year, month, day or monthrange(year, month)[1], tzinfo=UTC).date().isoformat()
