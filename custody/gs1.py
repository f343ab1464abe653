"""What a vial's GS1 code says: element strings and Digital Link, through biip, which knows every identifier.

- A vial is named by (01) article and (10) batch, and (21) serial number when there. When it expires, (17) says, or
  (7003) to the minute; (7240) names the trial that it is for.
- A wristband or badge of a hospital (8018, 8017) and a carrier's label (00) are recognised, and never a vial.
- biip reads what it can and leaves the rest; here nothing may be left: a text is read whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from biip import BiipException
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString

from custody.misread import Misread, Reason

SEPARATORS: Final = ("<GS>", "{GS}", "^]", "\u241d")
"""How scanners and programs write FNC1 when they do not send ASCII 29."""
_FNC1: Final = "\x1d"
_LINKED: Final = re.compile(r"https?://[^?#]*/(?:01|gtin|00|8017|8018)/[0-9]", re.IGNORECASE | re.ASCII)
_URL: Final = re.compile(r"https?://", re.IGNORECASE | re.ASCII)
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BLANK: Final = re.compile(r"[\x00-\x20\x7f]")
_BRACKETED: Final = re.compile(r"\(([0-9]{2,4})\)([^(]+)")
_VALUE: Final = re.compile(r"[!\"%-?A-Z_a-z]{1,20}")
_SWALLOWED: Final = re.compile(r".(?:21.|17[0-9]{6}|7003[0-9]{10}|7240.)")
"""A serial number, an expiry or a trial behind a batch, had the separator between them been lost."""
_PRINTED: Final = re.compile(r"([0-9]{14})/([^/]+)(?:/([^/]*))?")
_OTHERS: Final[Mapping[str, Reason]] = {
    "00": Reason.SSCC,
    "8017": Reason.PROVIDER_GSRN,
    "8018": Reason.RECIPIENT_GSRN,
}
_VIAL: Final[Mapping[str, str]] = {
    "01": "gtin",
    "10": "batch",
    "17": "expiry",
    "21": "serial",
    "7003": "expiry_time",
    "7240": "protocol",
}
_DIGITS: Final[Mapping[str, int]] = {"00": 18, "01": 14, "11": 6, "17": 6, "7003": 10, "8017": 18, "8018": 18}
"""How many follow; a text that ends before is cut off."""


def is_link(body: str) -> bool:
    """Say whether an address names an article, a parcel or a person, as a GS1 Digital Link does."""
    return bool(_LINKED.match(body))


def printed(fields: Mapping[str, str]) -> str:
    """Give a vial's code as the record, pages and commands print it: article/batch/serial."""
    parts = (fields["gtin"], fields["batch"], fields.get("serial", ""))
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)


def printed_fields(body: str) -> dict[str, str]:
    """Read a code as `printed` gives it; raise `Misread`. It does not say when the vial expires."""
    match = _PRINTED.fullmatch(body)
    if match is None:
        raise Misread(Reason.NOT_GS1)
    parts = (part.replace("%2F", "/").replace("%25", "%") for part in match.groups(""))
    fields = {name: part for name, part in zip(("gtin", "batch", "serial"), parts, strict=True) if part}
    if not all(_VALUE.fullmatch(part) for part in fields.values()) or printed(fields) not in {body, f"{body}/"}:
        raise Misread(Reason.NOT_GS1)
    return _checked(fields)


def vial_fields(body: str) -> dict[str, str]:
    """Give what a vial's code says, with article and batch at least; raise `Misread`."""
    if not body.isascii():
        body = body.replace(SEPARATORS[-1], _FNC1)
    try:
        return _fields(_elements(body))
    except (BiipException, ValueError) as wrong:
        if isinstance(wrong, Misread) and wrong.reason is not Reason.NOT_GS1:
            raise
        raise Misread(Reason.TRUNCATED if _is_cut(body) else Reason.NOT_GS1) from wrong


def may_lack_separator(fields: Mapping[str, str], raw: str) -> bool:
    """Say whether a raw string's batch, its last value, may hold the element that follows it.

    A scanner that loses FNC1 runs the two together, and what comes of it is a valid code of another batch.
    """
    marked = any(mark in raw for mark in (_FNC1, *SEPARATORS))
    apart = marked or "(" in raw or _URL.match(raw.strip()) or _PRINTED.fullmatch(raw.strip())
    return not apart and "serial" not in fields and bool(_SWALLOWED.search(fields.get("batch", "")))


# --- a text taken apart ------------------------------------------------------------------------


def _elements(body: str) -> list[GS1ElementString]:
    if not body.isascii():
        raise Misread(Reason.NOT_GS1)
    if _URL.match(body):
        return _linked(body)
    return _bracketed(body) if body.startswith("(") else [*_strung(_plain(body))]


def _plain(body: str) -> str:
    for mark in SEPARATORS:
        body = body.replace(mark, _FNC1)
    return body.strip(_FNC1)


def _linked(body: str) -> list[GS1ElementString]:
    """Read a Digital Link. biip skips blanks and names without a value, and takes the last of two equal names."""
    said = parse_qsl(urlsplit(body).query, keep_blank_values=True)
    if _BAD_ESCAPE.search(body) or _BLANK.search(body) or len(dict(said)) < len(said):
        raise Misread(Reason.NOT_GS1)
    if any(name.isdigit() and not value for name, value in said):
        raise Misread(Reason.NOT_GS1)
    return list(GS1DigitalLinkURI.parse(body).element_strings)


def _bracketed(body: str) -> list[GS1ElementString]:
    """Read `(01)...(10)...` as people read it. A bracket inside a value would leave open where it ends."""
    text = body.replace(" ", "")
    pairs = _BRACKETED.findall(text)
    if "".join(f"({name}){value}" for name, value in pairs) != text:
        raise Misread(Reason.NOT_GS1)
    elements = [GS1ElementString.parse(name + value) for name, value in pairs]
    if [element.ai.ai for element in elements] != [name for name, _ in pairs]:
        raise Misread(Reason.NOT_GS1)
    return elements


def _strung(text: str) -> Iterator[GS1ElementString]:
    """Yield the elements of a raw string: one of variable length ends at a separator, and nowhere else."""
    while text:
        element = GS1ElementString.extract(text)
        text = text[len(element) :]
        if text and element.ai.separator_required and not text.startswith(_FNC1):
            raise Misread(Reason.NOT_GS1)
        yield element
        text = text.lstrip(_FNC1)


def _is_cut(body: str) -> bool:
    """Say whether the last element of a text lacks its end, or all but its identifier."""
    if _URL.match(body):
        *_, name, value = re.split("[/?&=]", body.rstrip("/"))
        return _ends_within(value) or (name in _DIGITS and _ends_within(name + value))
    if body.startswith("("):
        return _ends_within(body[body.rfind("(") + 1 :].replace(")", ""))
    return _ends_within(_last_of(_plain(body)))


def _ends_within(last: str) -> bool:
    """Say whether the last of a text is an identifier, or a part of one, or has fewer digits than it asks for."""
    return any(
        name.startswith(last) or (last.startswith(name) and last.isdigit() and len(last) < len(name) + length)
        for name, length in (*_DIGITS.items(), ("10", 0), ("21", 0), ("7240", 0))
    )


def _last_of(text: str) -> str:
    """Give what is left of a raw string where biip reads no further."""
    while text:
        try:
            element = GS1ElementString.extract(text)
        except BiipException:
            return text
        text = text[len(element) :].lstrip(_FNC1)
    return "-"


# --- what the elements say ---------------------------------------------------------------------


def _fields(elements: Iterable[GS1ElementString]) -> dict[str, str]:
    said: dict[str, str] = {}
    for element in elements:
        name, value = element.ai.ai, element.value
        if name in said:
            raise Misread(Reason.NOT_GS1)
        said[name] = value
    _refuse_others(said)
    fields = {field: said[name] for name, field in _VIAL.items() if name in said}
    if not all(_VALUE.fullmatch(value) for value in fields.values()):
        raise Misread(Reason.NOT_GS1)
    fields = _checked(fields)
    if not {"gtin", "batch"} <= fields.keys():
        raise Misread(Reason.NOT_GS1)
    return _dated(fields, {element.ai.ai: element for element in elements})


def _refuse_others(said: Mapping[str, str]) -> None:
    """Raise what a code is that names no article of trade: a person in a hospital, or a parcel."""
    for name, reason in _OTHERS.items():
        if name in said:
            raise Misread(reason if _check_digit_fits(said[name]) else Reason.WRONG_CHECK_DIGIT)


def _dated(fields: dict[str, str], elements: Mapping[str, GS1ElementString]) -> dict[str, str]:
    """Give the expiry as ISO 8601: the day, or to the minute at the place where the vial is, where (7003) says it."""
    day = elements["17"].date if "17" in elements else None
    moment = _moment(fields.pop("expiry_time")) if "expiry_time" in fields else None
    if day and moment and day != moment.date():
        raise Misread(Reason.TWO_EXPIRIES)
    if moment:
        fields["expiry"] = moment.isoformat(timespec="minutes")
    elif day:
        fields["expiry"] = day.isoformat()
    return fields


def _moment(value: str) -> datetime:
    """Read (7003) `yymmddhhmm`. Unlike (17) it has no day 00, which biip would take for the month's last."""
    day = GS1ElementString.parse(f"17{value[:6]}").date
    if day is None or value[4:6] == "00":
        raise Misread(Reason.NOT_GS1)
    return datetime.combine(day, time(int(value[6:8]), int(value[8:])))


def _checked(fields: dict[str, str]) -> dict[str, str]:
    """Give the fields back, the article with 14 digits; raise `Misread` when its check digit does not fit."""
    if "gtin" in fields:
        fields["gtin"] = fields["gtin"].zfill(14)
    if not _check_digit_fits(fields.get("gtin", "0")):
        raise Misread(Reason.WRONG_ARTICLE)
    return fields


def _check_digit_fits(number: str) -> bool:
    """Say whether the last digit fits the others: weights 3, 1, 3 from the right (GS1 General Specifications, 7.9)."""
    digits = [int(digit) for digit in reversed(number)]
    return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0
