"""Codes and records that a sentence names, as links."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup, escape

from custody import codes
from custody.web import values
from custody.web.seen import showing_here

GROUPED: Final = re.compile(r"[A-Z]{4}-[A-Z]{4}-[A-Z]{4}")
"""One of our codes as people read it."""
LINKED: Final = re.compile(rf"\b({GROUPED.pattern}|[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})\b")
"""Such a code, or the id of a record."""


def linked(text: str) -> Markup:
    """Make each of our codes in a sentence a link to its page, and each record one to where it stands in a history.

    Everything else is text.
    """
    parts = LINKED.split(text)
    return Markup("").join(_link(part) if index % 2 else escape(part) for index, part in enumerate(parts))


def _link(grouped: str) -> Markup:
    if not GROUPED.fullmatch(grouped):
        return _record(grouped)
    try:
        code = codes.read(grouped).code
    except codes.CodeError:
        return escape(grouped)
    return Markup('<a class="code" href="/s/{}">{}</a>').format(code, grouped)


def _record(event: str) -> Markup:
    called = values.named(event, showing_here())
    if called is None or not called.code:
        return escape(called.words if called else event)
    return Markup('<a href="/s/{}/history#{}">{}</a>').format(called.code, event, called.words)
