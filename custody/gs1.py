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
_URL: Final = re.compile(r"https?://", re.IGNORECASE)
_BATCH_AND_SERIAL: Final = re.compile(r"[!-z]{1,20}")
_VIAL: Final[Mapping[str, str]] = {"01": "gtin", "10": "batch", "17": "expiry", "21": "serial"}


def vial_fields(body: str) -> dict[str, str]:
    """Give article, batch, expiry and serial number, those that are there; raise `ValueError` for no GS1."""
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
        if name == "gtin" and element.gtin is None:
            raise ValueError(value)
        if name == "expiry" and element.date is not None:
            value = element.date.isoformat()
        fields[name] = value.zfill(14) if name == "gtin" else value
    return fields
