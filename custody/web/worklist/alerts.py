"""What goes before other lists: reactions, overtaken orders, refused handoffs, what was taken over, broken codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from flask_babel import gettext as _

from custody import codes
from custody.chain.things import CodeBreak, Plane
from custody.web import overtaken, reactions, refused, taken_over, unblinding
from custody.web.seen import number_of, showing_here
from custody.web.who import connection, stores
from custody.web.worklist import waiting
from custody.web.worklist.card import Item, Section, bag_item, item_of


def reacted(site: str = "") -> Iterator[Section]:
    """Give the bags of the last days that a serious reaction followed."""
    showing = showing_here()
    found = [bag for bag in waiting.followed(site) if bag.reaction == reactions.SERIOUS]
    shown = ((bag, bag_item(bag)) for bag in found)
    items = [replace(item, lines=(*item.lines, reactions.at(bag, showing))) for bag, item in shown]
    if items:
        yield Section(_("Serious reaction"), items, "")


def overtaken_orders(site: str = "") -> Iterator[Section]:
    """Give the orders that a corrected weight overtook, whose treatment is not being prepared any more."""
    found = [bag for bag in waiting.bags("ordered", site) if overtaken.order_of(bag)]
    if found:
        items = [bag_item(bag, "ready_at") for bag in found]
        yield Section(_("Weight corrected: cancel and order again"), [replace(one, until=None) for one in items], "")


def refused_handoffs() -> Iterator[Section]:
    """Give the handoffs that were refused and are open still."""
    showing = showing_here()
    items = [
        replace(one, lines=(*one.lines, refused.said(thing, showing)))
        for thing in refused.listed()
        for one in [item_of(thing)]
    ]
    if items:
        yield Section(_("Handoff refused"), items, "")


def taken_from_me() -> Iterator[Section]:
    """Tell who was away what is not in their hands any more."""
    items = [
        Item(one.item, codes.group(one.item), one.status, (taken_over.to_whom(one),)) for one in taken_over.from_me()
    ]
    if items:
        yield Section(_("Taken over from you"), items, "")


def answering(beside: Callable[[], Iterator[Section]]) -> Callable[[], Iterator[Section]]:
    """Put first of what those who answer for the trial have to tell the sponsor: a broken code, never the arm."""

    def lists() -> Iterator[Section]:
        found = stores()[Plane.SEALED].find(connection(), CodeBreak.KIND, "broken")
        items = [_broken(kept.thing) for kept in found if isinstance(kept.thing, CodeBreak)]
        if items:
            yield Section(_("Code broken: tell the sponsor"), items, "")
        yield from beside()

    return lists


def _broken(broken: CodeBreak) -> Item:
    lines = (number_of(broken.participant), *unblinding.said(broken, broken.told))
    return Item(broken.participant, codes.group(broken.participant), broken.status, lines)
