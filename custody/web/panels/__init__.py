"""What a bench or bedside step shows beside its form: big numbers, worked out before the eyes.

One function per step that needs more than the thing itself; each gives figures, and sometimes a list to fetch from.
A step of the open plane may show nothing here that the open plane does not hold.
"""

from __future__ import annotations

from typing import Final

from custody.web import overtaken
from custody.web.panels import bench, record, ward
from custody.web.panels.bench import missing
from custody.web.panels.panel import Panel, digest
from custody.web.seen import visible

__all__ = ["Panel", "digest", "missing", "of", "warnings"]

_PANELS: Final = bench.PANELS | ward.PANELS | record.PANELS
_WARNINGS: Final = bench.WARNINGS | ward.WARNINGS


def of(step: str, code: str) -> Panel:
    """Give a step's panel; empty where there is nothing to add."""
    make = _PANELS.get(step)
    panel = make(code) if make else Panel()
    panel.warnings = warnings(step, code)
    if step in overtaken.PREPARING and overtaken.order_in(visible(code)):
        panel.notes.insert(0, overtaken.said())
    return panel


def warnings(step: str, code: str) -> list[str]:
    """Give what nobody may overlook who confirms a step: a form that has not shown it is sent back once."""
    make = _WARNINGS.get(step)
    return make(code) if make else []
