"""How a thing that a table shows differs from the one that the log makes, in words for the reader of a report."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from custody.ledger.report import Finding
from custody.store.plane import Kept


def differing(where: str, expected: Kept | None, found: Kept | None) -> Iterator[Finding]:
    """Yield a finding for each field that differs, or one for a row that is missing or too many."""
    if expected is None or found is None:
        yield Finding(where, "row", _row(expected), _row(found))
    elif expected.thing.KIND != found.thing.KIND:
        yield Finding(where, "state", _kind(expected), _kind(found))
    else:
        for name, wanted, shown in _fields(expected, found):
            if wanted != shown:
                yield Finding(where, "state", *_values(name, wanted, shown))


def _row(kept: Kept | None) -> str:
    return f"a row: {_kind(kept)}, {kept.thing.status}" if kept else "no row"


def _kind(kept: Kept) -> str:
    return kept.thing.KIND.replace("_", " ")


def _fields(expected: Kept, found: Kept) -> Iterator[tuple[str, Any, Any]]:
    for field in dataclasses.fields(expected.thing):
        yield field.name, getattr(expected.thing, field.name), getattr(found.thing, field.name)
    yield "version", expected.version, found.version


def _values(name: str, expected: Any, found: Any) -> tuple[str, str]:
    """Say two values; of long lists only the items by which they differ, for the end of a line may be cut off."""
    if isinstance(expected, tuple) and isinstance(found, tuple):
        missing = tuple(item for item in expected if item not in found)
        surplus = tuple(item for item in found if item not in expected)
        if missing and surplus:
            return f"{name} with {_said(missing)}", f"{_said(surplus)} instead"
        if missing or surplus:
            here, there = ("with", "without") if missing else ("without", "with")
            return f"{name} {here} {_said(missing or surplus)}", f"{name} {there} it"
    return f"{name} {_said(expected)}", _said(found)


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(" ".join(map(_said, item)) if isinstance(item, tuple) else _said(item) for item in value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "empty" if value in {"", None} else str(value)
