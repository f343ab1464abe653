"""One card of a list, and how a thing is shown on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from custody import codes
from custody.chain.expiry import TO_GIVE, expired
from custody.chain.infusion import pause_s
from custody.chain.things import Deviation, Shipper, Thing, TreatmentBag
from custody.web import last_check, reasons, taken_over, words
from custody.web.seen import name_of
from custody.web.who import connection, door, open_store


@dataclass(frozen=True, slots=True)
class Item:
    """One card of a list."""

    code: str
    title: str
    state: str
    lines: tuple[str, ...] = ()
    until: datetime | None = None
    """What is counted down to."""
    until_label: str = ""
    hoped: bool = False
    """Whether it is a plan, that may be later without being wrong."""
    since: datetime | None = None
    """Start of an infusion that runs or rests."""
    paused_s: int = 0
    """A pause that still lasts included."""
    running: bool = False
    expired: bool = False
    lapsed: bool = False
    """Whether its bedside check holds no more."""


@dataclass(frozen=True, slots=True)
class Section:
    """One list with its heading."""

    title: str
    items: Sequence[Item]
    nothing: str
    bars: Sequence[Any] = field(default_factory=tuple)


def bag_item(bag: TreatmentBag, until: str = "expires_at") -> Item:
    """Show a treatment bag with what it counts down to."""
    label = {"ready_at": _("Ready"), "expires_at": _("Expires")}[until]
    now = door().world.clock.now()
    return Item(
        code=bag.code,
        title=codes.group(bag.code),
        state=bag.status,
        lines=(words.site(door().protocol, bag.site), _participant(bag.participant)),
        until=getattr(bag, until) if bag.status in {"ordered", *TO_GIVE} else None,
        until_label=label,
        hoped=until == "ready_at",
        since=bag.started_at if not bag.stopped_at else None,
        paused_s=pause_s(bag, now),
        running=bag.status == "infusing",
        expired=expired(bag, now),
        lapsed=last_check.lapsed(bag),
    )


def shipper_item(shipper: Shipper) -> Item:
    """Show a shipper: where it goes, and until when its bags can be given."""
    inside = [kept.thing for code in shipper.bags if (kept := open_store().thing(connection(), code))]
    expiries = [bag.expires_at for bag in inside if isinstance(bag, TreatmentBag)]
    return Item(
        shipper.code,
        codes.group(shipper.code),
        shipper.status,
        lines=(_("For %(site)s", site=words.site(door().protocol, shipper.destination)),),
        until=min(expiries, default=None),
        until_label=_("Expires"),
    )


def plain_item(thing: Thing) -> Item:
    """Show any other thing."""
    if isinstance(thing, Shipper) and thing.destination:
        return shipper_item(thing)
    lines = [words.site(door().protocol, thing.site)] if thing.site else []
    lines += [str(value) for name in ("number", "name") if (value := getattr(thing, name, ""))]
    if isinstance(thing, Deviation):
        lines += [told for told in (taken_over.said(thing), reasons.happened(thing, door().protocol)) if told]
    at_end = expired(thing, door().world.clock.now())
    return Item(thing.code, codes.group(thing.code), thing.status, tuple(lines), expired=at_end)


def item_of(thing: Thing) -> Item:
    """Show anything."""
    return bag_item(thing) if isinstance(thing, TreatmentBag) else plain_item(thing)


def with_holder(bag: TreatmentBag) -> Item:
    """Show a bag and who holds it, as its own page says too."""
    item = bag_item(bag)
    return replace(item, lines=(*item.lines, _("with %(holder)s", holder=name_of(bag.custodian))))


def _participant(code: str) -> str:
    kept = open_store().thing(connection(), code)
    return str(getattr(kept.thing, "number", "")) if kept else ""
