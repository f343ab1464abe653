"""What is shown beside a step that answers for the trial: what is corrected, closed, reconciled, opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask_babel import gettext as _

from custody.chain.reconciliation import OPEN_KINDS, SEALED_KINDS
from custody.chain.refusals import Reason
from custody.chain.things import UNSEALING, CodeBreak, Deviation, Person, Plane, Unsealing, code_break_code
from custody.chain.unsealing import Unseal
from custody.web import ends, reasons, taken_over, unblinding
from custody.web.look_ahead import in_the_way
from custody.web.panels.panel import Panel, sealed
from custody.web.seen import showing_here, visible
from custody.web.values import named
from custody.web.who import connection, door, locked, stores


def _notice(code: str) -> Panel:
    """Say what the sponsor is to be told of."""
    broken = sealed(CodeBreak, code_break_code(code))
    return Panel(notes=unblinding.said(broken, broken.told) if broken else [])


def _correct(event: str) -> Panel:
    """Name the record that is corrected: its step, its things, and when it was recorded."""
    called = named(event, showing_here())
    notes = [called.words] if called else []
    if locked():
        notes.append(
            _("The codes are open: the correction is marked as made after that, and listed on the page of the arms.")
        )
    return Panel(notes=notes)


def _close(code: str) -> Panel:
    """Show the deviation that is signed for: what happened, to what, and who says so."""
    showing = showing_here()
    found = [fact for thing in visible(code) if isinstance(thing, Deviation) for fact in showing.facts(thing)]
    asked = {_("Cause"), _("Action")}
    told = [taken_over.said(thing) for thing in visible(code) if isinstance(thing, Deviation)]
    return Panel(facts=[fact for fact in found if fact.label not in asked], notes=[text for text in told if text])


def _account(code: str) -> Panel:
    """Show whose account is closed: an account that was closed is never opened again."""
    showing = showing_here()
    return Panel(facts=[fact for one in visible(code) if isinstance(one, Person) for fact in showing.facts(one)])


def _reconcile(_code: str) -> Panel:
    return Panel(ends=ends.of(Plane.OPEN, OPEN_KINDS))


def _reconcile_sealed(_code: str) -> Panel:
    return Panel(ends=ends.of(Plane.SEALED, SEALED_KINDS))


def _unseal(_code: str) -> Panel:
    """Say what is missing before it can begin; how much is open, where it began and is not at its end."""
    kept = stores()[Plane.OPEN].thing(connection(), UNSEALING)
    if kept is None:
        missing = [item for item in in_the_way(Unseal, "") if item.reason is not Reason.UNFINISHED]
        unended = [*ends.of(Plane.OPEN, OPEN_KINDS), *ends.of(Plane.SEALED, SEALED_KINDS)]
        return Panel(
            notes=[_("Not possible yet: %(why)s", why=reasons.say(item, door().protocol)) for item in missing],
            ends=[end for end in unended if not end.final],
            ends_title=_("Has not ended yet"),
        )
    if not isinstance(kept.thing, Unsealing) or kept.thing.status == "complete":
        return Panel()
    done = {"lists": len(kept.thing.lists), "orders": kept.thing.orders}
    return Panel(notes=[_("Open so far: %(lists)s lists, %(orders)s orders. Confirm until none is left.", **done)])


PANELS: Final[dict[str, Callable[[str], Panel]]] = {
    "notify_sponsor": _notice,
    "correct": _correct,
    "correct_sealed": _correct,
    "close_person": _account,
    "close_deviation": _close,
    "close_bench_deviation": _close,
    "reconcile": _reconcile,
    "reconcile_sealed": _reconcile_sealed,
    "unseal": _unseal,
}
