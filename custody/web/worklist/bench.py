"""The list of the bench."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask_babel import gettext as _

from custody.chain.step import STEPS
from custody.chain.things import Plane, Thing, TreatmentBag, preparation_code
from custody.web import finish, overtaken
from custody.web.look_ahead import in_the_way
from custody.web.who import connection, locked, person, stores
from custody.web.worklist import alerts, waiting
from custody.web.worklist.card import Item, Section, bag_item, plain_item, with_holder
from custody.web.worklist.carrying import held


def lists() -> Iterator[Section]:
    """Orders with their countdown, then what the bench is about."""
    yield from alerts.reacted()
    yield from alerts.overtaken_orders()
    orders = [_order(bag) for bag in waiting.bags("ordered") if not overtaken.order_of(bag)]
    covered = [order for order in orders if order.state == "covered"]
    if covered:
        yield Section(_("To release for dispatch"), covered, "")
    sealed = stores()[Plane.SEALED]
    lots = [kept.thing for kept in sealed.find(connection(), "lot", "registered")]
    good = [lot for lot in lots if _mine_to_release(lot)]
    if good:
        yield Section(_("Lots to release"), [plain_item(lot) for lot in good], "")
    yield Section(_("Orders to prepare"), [one for one in orders if one not in covered], _("No order waits."))
    yield Section(_("To pack"), [with_holder(bag) for bag in waiting.bags("released")], _("Nothing to pack."))
    yield held()
    yield Section(_("Lots in quarantine"), [plain_item(lot) for lot in lots if lot not in good], _("No lot waits."))
    raised = [kept.thing for kept in sealed.find(connection(), "sealed_deviation", "open")]
    deviations = [plain_item(one) for one in (*raised, *waiting.things("deviation", "open"))]
    yield Section(_("Open deviations"), deviations, _("No deviation is open."))


def _mine_to_release(lot: Thing) -> bool:
    """Say whether nothing but this person's signature is missing for a lot's release."""
    release = STEPS["release_lot"]
    return person().role in release.SPEC.by and not locked() and not in_the_way(release, lot.code)


def _order(bag: TreatmentBag) -> Item:
    """Show an order with the state of its bench."""
    kept = stores()[Plane.SEALED].thing(connection(), preparation_code(bag.code))
    item = bag_item(bag, "ready_at")
    if kept is None:
        return item
    return replace(item, state=kept.thing.status, lines=(*item.lines, finish.earliest([kept.thing])))
