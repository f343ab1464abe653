"""What waits for whom: one list per role, of the open plane and, for the unblinded, of the bench.

The lists of blinded people follow from the open plane alone, so they are the same in both arms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from flask import Blueprint, render_template

from custody.chain.roles import Role
from custody.web.who import person
from custody.web.worklist import alerts, bench, carrying, progress, ward
from custody.web.worklist.card import Section

bp = Blueprint("worklist", __name__)


@bp.get("/worklist")
def fragment() -> str:
    """Give the lists alone, for the page that asks again every few seconds."""
    return render_template("worklist/sections.html", sections=sections())


def sections() -> list[Section]:
    """Give the lists of whoever asks; first what was taken over from them, and what was refused."""
    make = _LISTS.get(person().role)
    return [*alerts.taken_from_me(), *alerts.refused_handoffs(), *make()] if make else []


_LISTS: Final[dict[str, Callable[[], Iterator[Section]]]] = {
    Role.CELL_TECHNICIAN: bench.lists,
    Role.RESPONSIBLE_PERSON: alerts.answering(bench.lists),
    Role.COURIER: carrying.lists,
    Role.ICU_NURSE: ward.lists,
    Role.INVESTIGATOR: ward.lists,
    Role.MONITOR: progress.lists,
    Role.STATISTICIAN: alerts.answering(progress.lists),
    Role.INSPECTOR: progress.lists,
    Role.UNBLINDED_INSPECTOR: alerts.answering(progress.lists),
}
