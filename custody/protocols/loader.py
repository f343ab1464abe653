"""Reads a whole protocol file: a `Protocol`, or every problem with its line."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from custody.chain.protocol import Protocol
from custody.protocols import checks, sections
from custody.protocols.limits import LIMITS, quantities
from custody.protocols.lines import Where, locate
from custody.protocols.problems import Book, ProtocolError
from custody.protocols.quality import quality
from custody.protocols.table import Table

_LONGEST_LINE: Final = 1000
_ID: Final = "[A-Z][A-Z0-9-]{1,19}", "a code of 2 to 20 capital letters, digits and -"


def builtin() -> dict[str, Path]:
    """Return the protocol files that are shipped, by name: `chocmsc`."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.toml"))}


def load(path: Path) -> Protocol:
    """Read a protocol file; `ProtocolError` says all that is wrong with it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ProtocolError(path.name, [(1, f"cannot be read: {error.strerror}")]) from error
    return loads(data, path.name)


def loads(data: bytes, name: str) -> Protocol:
    """Read the bytes of a protocol file, called `name` in what is said about it."""
    content, lines = _parse(data, name)
    book = Book(lines)
    top = Table(book, (), content)
    facts = _read(book, top)
    top.end()
    if book.problems:
        raise ProtocolError(name, book.problems)
    return Protocol(
        hash=hashlib.sha256(data).hexdigest(),
        unconfirmed=tuple(name for _, name in sorted(book.unconfirmed)),
        sources=tuple((name, source) for _, name, source in sorted(book.sources)),
        **facts,
    )


def _parse(data: bytes, name: str) -> tuple[dict[str, Any], dict[Where, int]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ProtocolError(name, [(line, f"not UTF-8 text: {error.reason}")]) from error
    for number, line_text in enumerate(text.split("\n"), 1):
        if len(line_text) > _LONGEST_LINE:
            raise ProtocolError(name, [(number, f"longer than {_LONGEST_LINE} characters")])
    try:
        return tomllib.loads(text, parse_float=_decimal), locate(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(name, [_syntax(text, str(error))]) from error
    except RecursionError as error:
        raise ProtocolError(name, [(1, "tables or lists nested too deeply to be read")]) from error


def _decimal(text: str) -> Decimal:
    """Read a number exactly; one beyond all reason as none."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def _syntax(text: str, message: str) -> tuple[int, str]:
    """Give the line and words of the parser's `Invalid value (at line 3, column 5)`."""
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    last = text.rstrip().count("\n") + 1
    line = int(place[1]) if place and place[1] else last
    return line, f"not TOML: {message[: place.start()] if place else message}"


def _read(book: Book, top: Table) -> dict[str, Any]:
    """Read every section; what comes back makes a protocol only if no problem was noted."""
    part = {name: top.table(name) for name in dict.fromkeys(limit.section for limit in LIMITS)}
    part["randomisation"].choice("stratified_by", ["site"])
    values = _limits(part)
    facts = _trial(part["trial"]) | _sections(top) | _inside(part)
    for limit in LIMITS:
        found = values.get(limit.attribute, (0,))
        facts[limit.attribute] = found if limit.many else found[0]
    checks.agree(book, values)
    checks.ratio(book, values, facts["arms"])
    checks.trial(book, facts["arms"], facts["sites"])
    return facts


def _limits(part: Mapping[str, Table]) -> dict[str, tuple[int, ...]]:
    """Read every limit; those that are wrong are left out."""
    read = {limit.attribute: quantities(part[limit.section], limit, limit.name) for limit in LIMITS}
    return {attribute: values for attribute, values in read.items() if values is not None}


def _sections(top: Table) -> dict[str, Any]:
    inclusion, exclusion = sections.criteria(top.table("eligibility"))
    return {
        "arms": sections.arms(top.tables("arms")),
        "sites": sections.sites(top.tables("sites")),
        "inclusion": inclusion,
        "exclusion": exclusion,
        "qc": quality(top.tables("qc")),
        "outcomes": sections.outcomes(top.tables("outcomes")),
        "contact": sections.contact(top.table("contact")),
    }


def _inside(part: Mapping[str, Table]) -> dict[str, Any]:
    """Read what stands among the limits of a section without being a number."""
    storage = part["storage"].table("class")
    return {
        "window": sections.window(part["window"].table("week")),
        "route": sections.fact(part["dose"].table("route"), "dose.route"),
        "storage_class": storage.text("value"),
        "storage_name": sections.fact(storage, "storage.class"),
    }


def _trial(table: Table) -> dict[str, Any]:
    table.vouched("trial")
    texts = {key: table.text(key) for key in ("short_title", "registry", "reference", "sponsor")}
    words = {key: table.table(key).words() for key in ("title", "condition", "design")}
    return {"id": table.text("id", *_ID), **texts, **words}
