"""What a step of the ward shows beside its form, the same in all arms: nothing that the open plane does not hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask_babel import gettext as _

from custody.chain.things import Participant, Plane
from custody.web import last_check, reactions, unblinding, words
from custody.web.amounts import amount
from custody.web.panels.panel import Figure, Panel, open_bag
from custody.web.seen import name_of, number_of, showing_here, visible
from custody.web.who import connection, door, person, stores


def _order(code: str) -> Panel:
    """Show for whom, of what weight and where something is ordered, and what: the same in all arms."""
    kept = stores()[Plane.OPEN].thing(connection(), code)
    if kept is None or not isinstance(kept.thing, Participant):
        return Panel()
    participant, protocol = kept.thing, door().protocol
    either = _(" or ").join(words.of(arm.name) for arm in protocol.arms)
    return Panel(
        [
            Figure(_("Participant"), participant.number),
            Figure(_("Weight"), amount("kg", participant.weight_g)),
            Figure(_("Site"), participant.site, words.site(protocol, participant.site)),
            Figure(_("What is ordered"), amount("ml", protocol.volume), either),
        ]
    )


def _bedside(code: str) -> Panel:
    """Show the two codes that have to meet at the bed."""
    bag = open_bag(code)
    if bag is None:
        return Panel()
    kept = stores()[Plane.OPEN].thing(connection(), bag.participant)
    number = getattr(kept.thing, "number", "") if kept else ""
    volume = amount("ml", door().protocol.volume)
    return Panel([Figure(_("Participant"), number), Figure(_("Volume"), volume)])


def _reacted(code: str) -> list[str]:
    """Say that a serious reaction was seen: whoever goes on may come from a page that was open before it."""
    bag = open_bag(code)
    reacted = bag and bag.status == "paused" and reactions.of(bag)
    return [reactions.said(reacted, showing_here())] if reacted else []


def _stop(_code: str) -> Panel:
    """Show the volume and the minutes that the protocol expects, the same in all arms."""
    protocol = door().protocol
    minutes = f"{protocol.infusion_short}–{protocol.infusion_long} min"
    return Panel(
        [Figure(_("Volume"), amount("ml", protocol.volume)), Figure(_("Duration"), minutes, _("without pauses"))]
    )


def _end(code: str) -> Panel:
    """Show what the bag held and what was given of it: the rest is to be accounted for."""
    bag = open_bag(code)
    if bag is None:
        return Panel()
    held, given = (amount("ml", volume) for volume in (door().protocol.volume, bag.given_ul))
    return Panel([Figure(_("Volume"), held), Figure(_("Volume given"), given)])


def _unblinding(code: str) -> Panel:
    """Show whose code it is, of another site's participant which, and that nobody else is told."""
    number = number_of(code)
    kept = stores()[Plane.OPEN].thing(connection(), code)
    site = kept.thing.site if kept else ""
    away = site and site != person().site
    elsewhere = [_("This participant is of %(site)s.", site=words.site(door().protocol, site))] if away else []
    notes = [
        *elsewhere,
        _("You alone are told. It is recorded, the sponsor is told afterwards, and everybody else stays blind."),
    ]
    return Panel([Figure(_("Participant"), number)] if number else [], notes=notes)


def _break_code(code: str) -> Panel:
    """Say besides what else there is when nothing answers: this page stays open without a connection."""
    panel = _unblinding(code)
    panel.notes.append(unblinding.without_answer(code))
    return panel


def _take_over(code: str) -> Panel:
    """Say from whom it is taken over, and what follows."""
    holder = next((held for thing in visible(code) if (held := getattr(thing, "custodian", ""))), "")
    said = _("%(holder)s holds it. A deviation is raised, which the monitor closes.", holder=name_of(holder))
    return Panel(notes=[said] if holder else [])


WARNINGS: Final[dict[str, Callable[[str], list[str]]]] = {"resume_infusion": _reacted}
PANELS: Final[dict[str, Callable[[str], Panel]]] = {
    "order": _order,
    "bedside_check": _bedside,
    "start_infusion": lambda code: Panel(facts=[*last_check.facts(code)], facts_again=True),
    "stop_infusion": _stop,
    "return_bag": _end,
    "destroy_bag": _end,
    "break_code": _break_code,
    "record_opened_sheet": _unblinding,
    "take_over": _take_over,
    "take_over_bag": _take_over,
}
