"""What a vial's GS1 code says: element strings and Digital Link, through biip, which knows every identifier."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from biip import BiipException
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementStrings
from biip.gs1_messages import GS1Message

SEPARATORS: Final = ("<GS>", "{GS}", "^]", "\u241d")
"""How scanners and programs write FNC1 when they do not send ASCII 29."""
_LINKED: Final = re.compile(r"https?://[^?#]*/(?:01|gtin)/[0-9]", re.IGNORECASE)
_URL: Final = re.compile(r"https?://", re.IGNORECASE)
_BATCH_AND_SERIAL: Final = re.compile(r"[!-z]{1,20}")
_PRINTED: Final = re.compile(r"([0-9]{14})/([^/]+)(?:/([^/]*))?")
_VIAL: Final[Mapping[str, str]] = {"01": "gtin", "10": "batch", "17": "expiry", "21": "serial"}


class WrongArticle(ValueError):
    """An article number whose check digit does not fit."""


def is_link(body: str) -> bool:
    """Say whether an address names an article, as a GS1 Digital Link does."""
    return bool(_LINKED.match(body))


def printed(fields: Mapping[str, str]) -> str:
    """Give a vial's code as the record, pages and commands print it: article/batch/serial."""
    parts = (fields["gtin"], fields["batch"], fields.get("serial", ""))
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)


def printed_fields(body: str) -> dict[str, str]:
    """Read a code as `printed` gives it; raise `ValueError`. It does not say when the vial expires."""
    match = _PRINTED.fullmatch(body)
    if match is None:
        raise ValueError(body)
    parts = (part.replace("%2F", "/").replace("%25", "%") for part in match.groups(""))
    fields = {name: part for name, part in zip(("gtin", "batch", "serial"), parts, strict=True) if part}
    if not all(_BATCH_AND_SERIAL.fullmatch(part) for part in fields.values()):
        raise ValueError(body)
    return _checked(fields)


def vial_fields(body: str) -> dict[str, str]:
    """Give article, batch, expiry and serial number, as many as are there; raise `ValueError` or `WrongArticle`."""
    try:
        return _fields(_elements(body))
    except BiipException as wrong:
        raise ValueError(body) from wrong


def _elements(body: str) -> GS1ElementStrings:
    if _URL.match(body):
        return GS1DigitalLinkURI.parse(body).element_strings
    if body.startswith("("):
        return GS1Message.parse_hri(body).element_strings
    for mark in SEPARATORS:
        body = body.replace(mark, "\x1d")
    return GS1Message.parse(body.strip("\x1d")).element_strings


def _fields(elements: GS1ElementStrings) -> dict[str, str]:
    fields: dict[str, str] = {}
    for element in elements:
        name, value = _VIAL.get(element.ai.ai), element.value
        if name is None:
            continue
        if name in fields or not _BATCH_AND_SERIAL.fullmatch(value):
            raise ValueError(element.ai.ai)
        if name == "expiry" and element.date is not None:
            value = element.date.isoformat()
        fields[name] = value.zfill(14) if name == "gtin" else value
    return _checked(fields)


def _checked(fields: dict[str, str]) -> dict[str, str]:
    """Give the fields back; raise `WrongArticle` when the article's check digit does not fit."""
    *digits, check = map(int, fields.get("gtin", "0"))
    if (sum(digits) + 2 * sum(digits[::2]) + check) % 10:  # weights 3, 1, 3 (GS1 General Specifications, 7.9)
        raise WrongArticle(fields["gtin"])
    return fields
