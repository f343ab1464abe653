"""A thing as JSON and back: the fields of its dataclass, times in UTC, tuples as arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import orjson

from custody.chain.things import KINDS, Thing

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_SORT_KEYS

Reader = Callable[[Any], Any]


class BadBody(ValueError):
    """A row that holds no thing: what it ought to hold, and what it does; never its content, which may be sealed."""

    def __init__(self, expected: str, found: str) -> None:
        """Take both in words."""
        super().__init__(f"expected {expected}, found {found}")
        self.expected = expected
        self.found = found
        self.code = ""
        """Of the row, where it is known."""


def pack(thing: Thing) -> bytes:
    """Give all fields of a thing as JSON with sorted keys: equal things, equal bytes."""
    fields = {name: getattr(thing, name) for name, _ in _readers(thing.KIND)}
    return orjson.dumps(fields, option=_OPTIONS)


def unpack(kind: str, body: bytes) -> Thing:
    """Give the thing that `pack` wrote; raise `BadBody`."""
    try:
        values = orjson.loads(body)
        return KINDS[kind](**{name: read(values[name]) if read else values[name] for name, read in _readers(kind)})
    except (KeyError, TypeError, ValueError) as wrong:
        raise BadBody(*_wrong(kind, body)) from wrong


def _wrong(kind: str, body: bytes) -> tuple[str, str]:
    """Say what a row ought to hold, and what it does."""
    if kind not in KINDS:
        return "a kind of thing", repr(kind)
    expected = f"the fields of a thing of kind {kind.replace('_', ' ')}"
    try:
        values = orjson.loads(body)
    except (TypeError, ValueError):
        return expected, "no JSON"
    if not isinstance(values, dict):
        return expected, "JSON without fields"
    missing = [name for name, _ in _readers(kind) if name not in values]
    return expected, f"none called {', '.join(missing)}" if missing else "a value of another type"


@cache
def _readers(kind: str) -> tuple[tuple[str, Reader | None], ...]:
    """Give each field's name and what JSON's value of it needs, None when nothing."""
    cls = KINDS[kind]
    hints = get_type_hints(cls)
    return tuple((f.name, _reader(hints[f.name])) for f in dataclasses.fields(cls))


def _reader(hint: Any) -> Reader | None:
    """Give the function that turns JSON's value into the type, None when it is the type already."""
    if get_origin(hint) is tuple:
        return _frozen
    if hint is datetime:
        return datetime.fromisoformat
    if datetime in get_args(hint):
        return lambda text: None if text is None else datetime.fromisoformat(text)
    return None


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
