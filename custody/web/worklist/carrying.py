"""The list of a courier, and what anybody holds."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from custody.web.who import connection, open_store, person
from custody.web.worklist import waiting
from custody.web.worklist.card import Section, item_of, plain_item


def lists() -> Iterator[Section]:
    """Give the shippers to collect, and what is carried."""
    packed = [
        thing for thing in waiting.things("shipper", "packed") if getattr(thing, "custodian", "") != person().code
    ]
    yield Section(_("Shippers to collect"), [plain_item(one) for one in packed], _("Nothing to collect."))
    yield held()


def held() -> Section:
    """Give what a person holds; not what lies in something that they hold."""
    found = open_store().held_by(connection(), person().code)
    inside = {code for thing in found for code in getattr(thing, "bags", ())}
    shown = [thing for thing in found if thing.code not in inside]
    ended = {"destroyed", "cancelled"}
    items = [
        item_of(thing)
        for thing in shown
        if thing.status not in ended and not (thing.KIND == "shipper" and thing.status == "opened")
    ]
    return Section(_("In my hands"), items, _("You hold nothing."))
