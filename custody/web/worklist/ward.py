"""The list of a ward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask_babel import gettext as _

from custody.chain.duration import spoken_min
from custody.chain.observation import due_at
from custody.chain.things import TreatmentBag
from custody.web import observations, overtaken
from custody.web.who import connection, locked, open_store, person
from custody.web.worklist import alerts, waiting
from custody.web.worklist.card import Item, Section, bag_item, item_of, plain_item, with_holder


def lists() -> Iterator[Section]:
    """Observations due, then bags of this site, nearest to the bed first, and its participants."""
    site = person().site
    due = [
        _due(bag, minute)
        for bag in ([] if locked() else waiting.followed(site))
        for minute in observations.due(bag)[:1]
    ]
    if due:
        yield Section(_("Observations due"), due, "")
    yield from alerts.reacted(site)
    yield from alerts.overtaken_orders(site)
    running = [*waiting.bags("infusing", site), *waiting.bags("paused", site)]
    if running:
        yield Section(_("Infusing"), [bag_item(bag) for bag in running], "")
    here = [*waiting.bags("checked", site), *waiting.bags("received", site)]
    yield Section(_("Here"), [bag_item(bag) for bag in here], _("No bag is here."))
    coming = [bag for status in ("in_transit", "packed", "released") for bag in waiting.bags(status, site)]
    yield Section(_("On their way"), [bag_item(bag) for bag in coming], _("No bag is on its way."))
    ordered = [bag_item(bag, "ready_at") for bag in waiting.bags("ordered", site) if not overtaken.order_of(bag)]
    yield Section(_("Ordered"), ordered, _("Nothing is ordered."))
    infused = waiting.bags("infused", site)
    mine = [bag_item(bag) for bag in infused if bag.custodian == person().code]
    if mine:
        yield Section(_("Infused: return or destroy"), mine, "")
    back = [thing for thing in open_store().held_by(connection(), person().code) if thing.status == "returned"]
    if back:
        yield Section(_("Returned, in my hands: hand over"), [item_of(thing) for thing in back], "")
    others = [with_holder(bag) for bag in infused if bag.custodian != person().code]
    if others:
        yield Section(_("Infused"), others, "")
    idle = [plain_item(one) for one in waiting.things("participant", "enrolled", site)]
    yield Section(_("Enrolled, nothing ordered"), idle, _("Nobody waits."))


def _due(bag: TreatmentBag, minute: int) -> Item:
    """Show a bag with the observation that waits longest."""
    at = due_at(bag.started_at, minute) if bag.started_at else None
    item = bag_item(bag)
    lines = (*item.lines, spoken_min(minute))
    return replace(item, lines=lines, until=at, until_label=_("Due"), since=None)
