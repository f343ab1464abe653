"""How far the trial is, for who oversees it: the same in both arms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from custody.chain.blocks import site_share
from custody.web.who import connection, door, open_store
from custody.web.worklist import alerts, waiting
from custody.web.worklist.card import Section, plain_item


def lists() -> Iterator[Section]:
    """Give serious reactions, counts per site, and open deviations."""
    yield from alerts.reacted()
    yield Section(_("Progress"), (), "", bars=bars())
    deviations = [plain_item(one) for one in waiting.things("deviation", "open")]
    yield Section(_("Open deviations"), deviations, _("No deviation is open."))


@dataclass(frozen=True, slots=True)
class Bar:
    """How far one site is."""

    site: str
    enrolled: int
    infused: int
    planned: int


def bars() -> list[Bar]:
    """Count participants and infusions per site: the same in both arms."""
    counts = open_store().counts(connection(), "participant")
    wards = [site for site in door().protocol.sites if site.kind == "icu"]
    planned = site_share(door().protocol)
    return [
        Bar(
            site=site.name,
            enrolled=sum(count for (at, _status), count in counts.items() if at == site.code),
            infused=counts.get((site.code, "infused"), 0),
            planned=planned,
        )
        for site in wards
    ]
