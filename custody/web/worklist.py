"""What waits for whom: one list per role, of the open plane and, for the unblinded, of the bench.

The lists of blinded people follow from the open plane alone, so they are the same in both arms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Blueprint, render_template
from flask_babel import gettext as _

from custody import codes
from custody.chain.blocks import site_share
from custody.chain.duration import spoken_min
from custody.chain.expiry import TO_GIVE, expired
from custody.chain.infusion import pause_s
from custody.chain.observation import due_at
from custody.chain.protocol import Site
from custody.chain.roles import Role, sees_arm
from custody.chain.step import STEPS, Spec
from custody.chain.things import CodeBreak, Deviation, Plane, Shipper, Stratum, Thing, TreatmentBag, preparation_code
from custody.export import arms
from custody.web import finish, observations, overtaken, reactions, reasons, refused, taken_over, unblinding, words
from custody.web.seen import name_of, number_of, showing_here
from custody.web.who import connection, door, locked, open_store, person, stores

bp = Blueprint("worklist", __name__)


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


@dataclass(frozen=True, slots=True)
class Section:
    """One list with its heading."""

    title: str
    items: Sequence[Item]
    nothing: str
    bars: Sequence[Any] = field(default_factory=tuple)


@bp.get("/worklist")
def fragment() -> str:
    """Give the lists alone, for the page that asks again every few seconds."""
    return render_template("worklist/sections.html", sections=sections())


OVERSEERS: Final = frozenset({Role.MONITOR, Role.RESPONSIBLE_PERSON, Role.INSPECTOR, Role.UNBLINDED_INSPECTOR})
BEGINNINGS: Final = (
    "add_person",
    "load_randomisation",
    "add_location",
    "reconcile",
    "reconcile_sealed",
    "unseal",
    "raise_bench_deviation",
    "raise_deviation",
)
"""Steps that begin with no scan."""


KEEPERS: Final = frozenset({Role.MONITOR, Role.STATISTICIAN, Role.INSPECTOR, Role.UNBLINDED_INSPECTOR})
"""Who is outside the wards and the bench: a checkpoint that they keep is worth something against the others."""


def kept_checkpoints() -> list[tuple[Plane, str]]:
    """Give the logs of which this person is asked to keep a checkpoint, with the words of the button."""
    role = person().role
    if role not in KEEPERS:
        return []
    if not sees_arm(role):
        return [(Plane.OPEN, _("Keep a checkpoint"))]
    return [(Plane.OPEN, _("Checkpoint of the open log")), (Plane.SEALED, _("Checkpoint of the sealed log"))]


def beginnings() -> list[Spec]:
    """Give the steps that this person may begin without a scan."""
    specs = [STEPS[name].SPEC for name in BEGINNINGS]
    return [spec for spec in specs if person().role in spec.by and (spec.after_lock or not locked()) and _needed(spec)]


def _needed(spec: Spec) -> bool:
    """Say whether something is left of a step that ends: lists to be loaded, codes to be opened."""
    if spec.name == "load_randomisation":
        return bool(unlisted())
    return spec.name != "unseal" or not arms.are_open(open_store(), connection())


def unlisted() -> list[Site]:
    """Give the sites that enrol and have no randomisation list yet; asked by those alone who see the sealed plane."""
    found = stores()[Plane.SEALED].find(connection(), Stratum.KIND, "loaded")
    listed = {kept.thing.site for kept in found}
    return [site for site in door().protocol.sites if site.kind == "icu" and site.code not in listed]


def unconfirmed() -> tuple[str, ...]:
    """Give the limits that the sponsor has still to confirm, to those who oversee the trial."""
    return door().protocol.unconfirmed if person().role in OVERSEERS else ()


def sections() -> list[Section]:
    """Give the lists of whoever asks; first what was taken over from them, and what was refused."""
    make = _LISTS.get(person().role)
    return [*_taken_over(), *_refused(), *make()] if make else []


# --- items ------------------------------------------------------------------------------------


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


def _participant(code: str) -> str:
    kept = open_store().thing(connection(), code)
    return str(getattr(kept.thing, "number", "")) if kept else ""


def _bags(status: str, site: str = "") -> list[TreatmentBag]:
    if site:
        found = open_store().at_site(connection(), "treatment_bag", status, site)
    else:
        found = [kept.thing for kept in open_store().find(connection(), "treatment_bag", status)]
    bags = [bag for bag in found if isinstance(bag, TreatmentBag)]
    return sorted(bags, key=lambda bag: (bag.ready_at, bag.code))


def _things(kind: str, status: str, site: str = "") -> list[Thing]:
    if site:
        return open_store().at_site(connection(), kind, status, site)
    return [kept.thing for kept in open_store().find(connection(), kind, status)]


# --- lists per role ---------------------------------------------------------------------------


def _answering(beside: Callable[[], Iterator[Section]]) -> Callable[[], Iterator[Section]]:
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


def _bench() -> Iterator[Section]:
    """Orders with their countdown, then what the bench is about."""
    yield from _reacted()
    yield from _overtaken()
    orders = [_order(bag) for bag in _bags("ordered") if not overtaken.order_of(bag)]
    covered = [order for order in orders if order.state == "covered"]
    if covered:
        yield Section(_("To release for dispatch"), covered, "")
    yield Section(_("Orders to prepare"), [one for one in orders if one not in covered], _("No order waits."))
    yield Section(_("To pack"), [_with(bag) for bag in _bags("released")], _("Nothing to pack."))
    yield _held()
    sealed = stores()[Plane.SEALED]
    lots = [kept.thing for kept in sealed.find(connection(), "lot", "registered")]
    yield Section(_("Lots waiting for QC"), [plain_item(lot) for lot in lots], _("No lot waits."))
    bench = [kept.thing for kept in sealed.find(connection(), "sealed_deviation", "open")]
    deviations = [plain_item(one) for one in (*bench, *_things("deviation", "open"))]
    yield Section(_("Open deviations"), deviations, _("No deviation is open."))


def _overtaken(site: str = "") -> Iterator[Section]:
    """Give the orders that a corrected weight overtook, whose treatment is not being prepared any more."""
    found = [bag for bag in _bags("ordered", site) if overtaken.order_of(bag)]
    if found:
        items = [bag_item(bag, "ready_at") for bag in found]
        yield Section(_("Weight corrected: cancel and order again"), [replace(one, until=None) for one in items], "")


def _order(bag: TreatmentBag) -> Item:
    """Show an order with the state of its bench."""
    kept = stores()[Plane.SEALED].thing(connection(), preparation_code(bag.code))
    item = bag_item(bag, "ready_at")
    if kept is None:
        return item
    return replace(item, state=kept.thing.status, lines=(*item.lines, finish.earliest([kept.thing])))


def _carrying() -> Iterator[Section]:
    packed = [thing for thing in _things("shipper", "packed") if getattr(thing, "custodian", "") != person().code]
    yield Section(_("Shippers to collect"), [plain_item(one) for one in packed], _("Nothing to collect."))
    yield _held()


def _refused() -> Iterator[Section]:
    """Give the handoffs that were refused and are open still."""
    showing = showing_here()
    items = [
        replace(one, lines=(*one.lines, refused.said(thing, showing)))
        for thing in refused.listed()
        for one in [_item(thing)]
    ]
    if items:
        yield Section(_("Handoff refused"), items, "")


def _taken_over() -> Iterator[Section]:
    """Tell who was away what is not in their hands any more."""
    items = [
        Item(one.item, codes.group(one.item), one.status, (taken_over.to_whom(one),)) for one in taken_over.from_me()
    ]
    if items:
        yield Section(_("Taken over from you"), items, "")


def _item(thing: Thing) -> Item:
    return bag_item(thing) if isinstance(thing, TreatmentBag) else plain_item(thing)


def _held() -> Section:
    held = open_store().held_by(connection(), person().code)
    inside = {code for thing in held for code in getattr(thing, "bags", ())}
    shown = [thing for thing in held if thing.code not in inside]
    ended = {"destroyed", "cancelled"}
    items = [
        _item(thing)
        for thing in shown
        if thing.status not in ended and not (thing.KIND == "shipper" and thing.status == "opened")
    ]
    return Section(_("In my hands"), items, _("You hold nothing."))


def _ward() -> Iterator[Section]:
    """Observations due, then bags of this site, nearest to the bed first, and its participants."""
    site = person().site
    due = [_due(bag, minute) for bag in ([] if locked() else _followed(site)) for minute in observations.due(bag)[:1]]
    if due:
        yield Section(_("Observations due"), due, "")
    yield from _reacted(site)
    yield from _overtaken(site)
    running = [*_bags("infusing", site), *_bags("paused", site)]
    if running:
        yield Section(_("Infusing"), [bag_item(bag) for bag in running], "")
    here = [*_bags("checked", site), *_bags("received", site)]
    yield Section(_("Here"), [bag_item(bag) for bag in here], _("No bag is here."))
    coming = [bag for status in ("in_transit", "packed", "released") for bag in _bags(status, site)]
    yield Section(_("On their way"), [bag_item(bag) for bag in coming], _("No bag is on its way."))
    ordered = [bag_item(bag, "ready_at") for bag in _bags("ordered", site) if not overtaken.order_of(bag)]
    yield Section(_("Ordered"), ordered, _("Nothing is ordered."))
    infused = _bags("infused", site)
    mine = [bag_item(bag) for bag in infused if bag.custodian == person().code]
    if mine:
        yield Section(_("Infused: return or destroy"), mine, "")
    back = [thing for thing in open_store().held_by(connection(), person().code) if thing.status == "returned"]
    if back:
        yield Section(_("Returned, in my hands: hand over"), [_item(thing) for thing in back], "")
    others = [_with(bag) for bag in infused if bag.custodian != person().code]
    if others:
        yield Section(_("Infused"), others, "")
    waiting = [plain_item(one) for one in _things("participant", "enrolled", site)]
    yield Section(_("Enrolled, nothing ordered"), waiting, _("Nobody waits."))


def _reacted(site: str = "") -> Iterator[Section]:
    """Give the bags of the last days that a serious reaction followed."""
    showing = showing_here()
    found = [bag for bag in _followed(site) if bag.reaction == reactions.SERIOUS]
    shown = ((bag, bag_item(bag)) for bag in found)
    items = [replace(item, lines=(*item.lines, reactions.at(bag, showing))) for bag, item in shown]
    if items:
        yield Section(_("Serious reaction"), items, "")


def _with(bag: TreatmentBag) -> Item:
    """Show a bag and who holds it, as its own page says too."""
    item = bag_item(bag)
    return replace(item, lines=(*item.lines, _("with %(holder)s", holder=name_of(bag.custodian))))


def _followed(site: str) -> list[TreatmentBag]:
    """Give the bags whose participant is observed, or was until yesterday."""
    over = [bag for status in ("infusing", "paused", "infused", "returned", "destroyed") for bag in _bags(status, site)]
    ended = door().world.clock.now() - ENTERED_LATE
    last = max(door().protocol.observations, default=0)
    return [bag for bag in over if bag.started_at and due_at(bag.started_at, last) > ended]


ENTERED_LATE: Final = timedelta(days=1)
"""How long after the last observation the list still asks for one that was not entered."""


def _due(bag: TreatmentBag, minute: int) -> Item:
    """Show a bag with the observation that waits longest."""
    at = due_at(bag.started_at, minute) if bag.started_at else None
    item = bag_item(bag)
    lines = (*item.lines, spoken_min(minute))
    return replace(item, lines=lines, until=at, until_label=_("Due"), since=None)


def _progress() -> Iterator[Section]:
    """Give serious reactions, counts per site, and open deviations."""
    yield from _reacted()
    yield Section(_("Progress"), (), "", bars=progress())
    deviations = [plain_item(one) for one in _things("deviation", "open")]
    yield Section(_("Open deviations"), deviations, _("No deviation is open."))


@dataclass(frozen=True, slots=True)
class Bar:
    """How far one site is."""

    site: str
    enrolled: int
    infused: int
    planned: int


def progress() -> list[Bar]:
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


_LISTS: Final[dict[str, Callable[[], Iterator[Section]]]] = {
    Role.CELL_TECHNICIAN: _bench,
    Role.RESPONSIBLE_PERSON: _answering(_bench),
    Role.COURIER: _carrying,
    Role.ICU_NURSE: _ward,
    Role.INVESTIGATOR: _ward,
    Role.MONITOR: _progress,
    Role.STATISTICIAN: _answering(_progress),
    Role.INSPECTOR: _progress,
    Role.UNBLINDED_INSPECTOR: _answering(_progress),
}
