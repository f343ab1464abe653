"""A lot's test that was repeated after a result out of specification: told to whoever looks at the lot or releases it.

The last result is the one that counts; a former one is not tested away (EU GMP, part I, chapter 6): whoever certifies
the lot decides on both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from custody.chain.things import Lot
from custody.web import belonging
from custody.web.seen import showing_here, visible


def said(code: str) -> list[str]:
    """Say of each result out of specification that another replaced what it was, by whom, and why there is another."""
    lot = next((thing for thing in visible(code) if isinstance(thing, Lot)), None)
    return list(_replaced(lot)) if lot else []


def _replaced(lot: Lot) -> Iterator[str]:
    found = (entry for entry, *_where in belonging.entries(lot.code, [lot]) if entry["type"] == "qc_recorded")
    entries = sorted(found, key=lambda entry: str(entry["recorded_at"]))
    for place, entry in enumerate(entries):
        told = entry["payload"]
        later = [one for one in entries[place + 1 :] if one["payload"]["test"] == told["test"]]
        if later and not told["passed"]:
            yield _sentence(lot, entry, str(later[0]["payload"].get("reason", "")))


def _sentence(lot: Lot, entry: dict[str, Any], reason: str) -> str:
    told, showing = entry["payload"], showing_here()
    before = replace(lot, qc=((told["test"], told["result"], told["passed"]),))
    result = next(one for one in showing.qc(before) if one.value)
    return _(
        "%(test)s was %(value)s, out of specification (%(who)s, %(when)s). Why there is another result: %(reason)s",
        test=result.name,
        value=result.value,
        who=entry["actor"]["name"],
        when=showing.time(datetime.fromisoformat(entry["recorded_at"])),
        reason=reason,
    )
