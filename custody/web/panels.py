"""What a bench or bedside step shows beside its form: big numbers, worked out before the eyes.

One function per step that needs more than the thing itself; each gives figures, and sometimes a list to fetch from.
A step of the open plane may show nothing here that the open plane does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from flask_babel import format_decimal
from flask_babel import gettext as _

from custody import codes
from custody.chain.bench import expected_viable
from custody.chain.dose import Suspension, to_draw
from custody.chain.reconciliation import OPEN_KINDS, SEALED_KINDS
from custody.chain.refusals import Reason
from custody.chain.things import (
    UNSEALING,
    CodeBreak,
    Cryobag,
    Deviation,
    Location,
    Lot,
    Participant,
    Person,
    Plane,
    Preparation,
    Thing,
    TreatmentBag,
    Unsealing,
    code_break_code,
    preparation_code,
)
from custody.chain.units import Cells
from custody.chain.unsealing import Unseal
from custody.web import ends, finish, last_check, overtaken, reactions, reasons, taken_over, unblinding, words
from custody.web.amounts import amount
from custody.web.look_ahead import in_the_way
from custody.web.seen import name_of, number_of, showing_here, visible
from custody.web.showing import Shown
from custody.web.values import named
from custody.web.who import connection, door, locked, person, stores


@dataclass(frozen=True, slots=True)
class Figure:
    """One big number with its name; `how` says where it comes from."""

    name: str
    value: str
    how: str = ""

    @property
    def parts(self) -> tuple[str, str]:
        """Give the number and its unit, which is set smaller; a name or a code stays whole."""
        number, _space, unit = self.value.partition(" ")
        return (number, unit) if number[:1].isdigit() else (self.value, "")


@dataclass(frozen=True, slots=True)
class Fetch:
    """A cryobag to take, and where it is."""

    code: str
    where: str
    expires: str
    cells: str


@dataclass(slots=True)
class Panel:
    """What is shown beside one step's form."""

    figures: list[Figure] = field(default_factory=list)
    fetch: list[Fetch] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ends: list[ends.End] = field(default_factory=list)
    ends_title: str = ""
    """Of the list of ends, where it is not what is signed for."""
    facts: list[Shown] = field(default_factory=list)
    """Of the thing itself, where it has to be read before it is signed."""
    facts_again: bool = False
    """Whether what is out of its limit is told with these facts: they say by how much."""


def of(step: str, code: str) -> Panel:
    """Give a step's panel; empty where there is nothing to add."""
    make = _PANELS.get(step)
    panel = make(code) if make else Panel()
    if step in overtaken.PREPARING and overtaken.order_in(visible(code)):
        panel.notes.insert(0, overtaken.said())
    return panel


def _sealed(kind: type[Thing], code: str) -> Thing | None:
    store = stores().get(Plane.SEALED)
    kept = store.thing(connection(), code) if store else None
    return kept.thing if kept and isinstance(kept.thing, kind) else None


def _preparation(bag: str) -> Preparation | None:
    return cast("Preparation | None", _sealed(Preparation, preparation_code(bag)))


def _prescription(preparation: Preparation) -> Iterator[Figure]:
    """Show how the dose follows from the weight; an arm of the diluent alone has none."""
    arm = door().protocol.arm(preparation.arm)
    yield Figure(_("Arm"), arm.code, words.of(arm.name))
    if preparation.prescribed_cells:
        weight = amount("kg", preparation.weight_g)
        per_kg = amount("cells", arm.cells_per_kg)
        how = f"{weight} × {per_kg}/kg"
        yield Figure(_("Dose prescribed"), amount("cells", preparation.prescribed_cells), how)


def _reserve(code: str) -> Panel:
    preparation = _preparation(code)
    if preparation is None:
        return Panel()
    panel = Panel([*_prescription(preparation)])
    if not preparation.prescribed_cells:
        panel.notes.append(_("This preparation takes albumin alone: no cryobag is reserved."))
        return panel
    panel.notes += _finish(preparation)
    panel.fetch = list(_stock(preparation.prescribed_cells - preparation.expected_cells))
    return panel


def _stock(missing: int) -> Iterator[Fetch]:
    """Give the cryobags to take, first-expiring first, until their expected cells are enough."""
    store = stores()[Plane.SEALED]
    lots = [kept.thing for kept in store.find(connection(), "lot", "released") if isinstance(kept.thing, Lot)]
    now = door().world.clock.now()
    for lot in sorted((lot for lot in lots if lot.expires_at > now), key=lambda lot: (lot.expires_at, lot.code)):
        for code in lot.cryobags:
            bag = cast("Cryobag | None", _sealed(Cryobag, code))
            if bag is None or bag.status != "stored":
                continue
            if missing <= 0:
                return
            expires = showing_here().time(lot.expires_at)
            yield Fetch(code, _where(bag), expires, amount("cells", expected_viable(lot)))
            missing -= expected_viable(lot)


def _where(bag: Cryobag) -> str:
    location = cast("Location | None", _sealed(Location, bag.location))
    return location.name if location else codes.group(bag.location)


def _thaw(code: str) -> Panel:
    bag = cast("Cryobag | None", _sealed(Cryobag, code))
    if bag is None:
        return Panel()
    low, high = (format_decimal(limit / 10) for limit in (door().protocol.bath_min, door().protocol.bath_max))
    return Panel(
        [
            Figure(_("Fetch from"), _where(bag)),
            Figure(_("Water bath"), f"{low}–{high} °C"),
            Figure(_("For treatment code"), codes.group(bag.treatment_bag)),
        ],
        notes=_finish(_preparation(bag.treatment_bag)),
    )


def _count(code: str) -> Panel:
    bag = cast("Cryobag | None", _sealed(Cryobag, code))
    preparation = _preparation(bag.treatment_bag) if bag else None
    protocol = door().protocol
    panel = Panel([*_prescription(preparation)] if preparation else [])
    block, warn = amount("percent", protocol.viability_block), amount("percent", protocol.viability_warn)
    panel.notes.append(_("Viability below %(block)s: not used. Below %(warn)s: sign.", block=block, warn=warn))
    return panel


def _dilute(code: str) -> Panel:
    preparation = _preparation(code)
    if preparation is None:
        return Panel()
    volume = door().protocol.volume
    panel = Panel([*_prescription(preparation)])
    if not preparation.prescribed_cells:
        panel.figures += [Figure(_("Draw"), amount("ml", 0)), Figure(_("Albumin"), amount("ml", volume))]
    else:
        bags = [cast("Cryobag", _sealed(Cryobag, bag)) for bag in preparation.cryobags]
        waiting = [codes.group(bag.code) for bag in bags if bag.status != "counted"]
        if waiting or not bags:
            listed = ", ".join(waiting) or _("none reserved")
            panel.notes.append(_("Thaw and count first: %(cryobags)s.", cryobags=listed))
        else:
            panel.figures += _mixture(preparation, bags, volume)
    panel.notes += _finish(preparation)
    return panel


STEP_UL: Final = 100
"""A syringe is read to a tenth of a millilitre."""


def _mixture(preparation: Preparation, counted: Sequence[Cryobag], volume: int) -> Iterator[Figure]:
    """Work out what to draw and to top up, to the tenth of a millilitre, and the dose that this gives."""
    draw = to_draw(Cells(preparation.prescribed_cells), cast("tuple[Suspension, ...]", tuple(counted)))
    total = cells = 0
    for bag, exact in zip(counted, draw.volumes, strict=True):
        drawn = min(round(exact / STEP_UL) * STEP_UL, bag.volume_ul)
        concentration = amount("concentration", bag.viable_cells_per_ml)
        how = _("%(bag)s holds %(concentration)s", bag=codes.group(bag.code), concentration=concentration)
        yield Figure(_("Draw"), amount("ml", drawn), how)
        total += drawn
        cells += bag.viable_cells_per_ml * drawn // 1000
    yield Figure(
        _("Top up with albumin"), amount("ml", volume - total), f"{amount('ml', volume)} − {amount('ml', total)}"
    )
    yield Figure(_("Dose that this gives"), amount("cells", cells))


def _finish(preparation: Preparation | None) -> list[str]:
    said = finish.earliest([preparation])
    return [said] if said else []


def _open_bag(code: str) -> TreatmentBag | None:
    kept = stores()[Plane.OPEN].thing(connection(), code)
    return kept.thing if kept and isinstance(kept.thing, TreatmentBag) else None


def _release(code: str) -> Panel:
    bag = _open_bag(code)
    if bag is None:
        return Panel()
    site, preparation = door().protocol.sites[0], _preparation(code)
    ready, expiry = site.local(bag.ready_at), site.local(bag.expires_at)
    return Panel(
        [
            *(_dose(preparation) if preparation else ()),
            Figure(_("Not before"), f"{ready:%H:%M} {ready.tzname()}"),
            Figure(_("Expires"), f"{expiry:%H:%M} {expiry.tzname()}", f"{expiry:%Y-%m-%d}"),
        ]
    )


def _dose(preparation: Preparation) -> Iterator[Figure]:
    """Show what was prescribed and what was prepared, side by side."""
    yield from _prescription(preparation)
    if preparation.prescribed_cells:
        yield Figure(_("Dose prepared"), amount("cells", preparation.actual_cells))
    yield Figure(_("Volume"), amount("ml", preparation.drawn_ul + preparation.albumin_ul))


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
    bag = _open_bag(code)
    if bag is None:
        return Panel()
    kept = stores()[Plane.OPEN].thing(connection(), bag.participant)
    number = getattr(kept.thing, "number", "") if kept else ""
    volume = amount("ml", door().protocol.volume)
    return Panel([Figure(_("Participant"), number), Figure(_("Volume"), volume)])


def _resume(code: str) -> Panel:
    """Say that a serious reaction was seen: whoever goes on may come from a page that was open before it."""
    reacted = next(filter(None, map(reactions.of, visible(code))), None)
    return Panel(notes=[reactions.said(reacted, showing_here())] if reacted else [])


def _stop(_code: str) -> Panel:
    """Show the volume and the minutes that the protocol expects, the same in all arms."""
    protocol = door().protocol
    minutes = f"{protocol.infusion_short}–{protocol.infusion_long} min"
    return Panel(
        [Figure(_("Volume"), amount("ml", protocol.volume)), Figure(_("Duration"), minutes, _("without pauses"))]
    )


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


def _notice(code: str) -> Panel:
    """Say what the sponsor is to be told of."""
    broken = cast("CodeBreak | None", _sealed(CodeBreak, code_break_code(code)))
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


def _lot(code: str) -> Panel:
    """Show the lot that is signed for, and each test's result."""
    showing = showing_here()
    lots = [thing for thing in visible(code) if isinstance(thing, Lot)]
    facts = [fact for lot in lots for fact in showing.facts(lot)]
    results = [Shown(result.name, result.value or _("not recorded")) for lot in lots for result in showing.qc(lot)]
    return Panel(facts=[*facts, *results])


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


def _take_over(code: str) -> Panel:
    """Say from whom it is taken over, and what follows."""
    holder = next((held for thing in visible(code) if (held := getattr(thing, "custodian", ""))), "")
    said = _("%(holder)s holds it. A deviation is raised, which the monitor closes.", holder=name_of(holder))
    return Panel(notes=[said] if holder else [])


_PANELS: Final[dict[str, Callable[[str], Panel]]] = {
    "order": _order,
    "reserve": _reserve,
    "thaw": _thaw,
    "count": _count,
    "dilute": _dilute,
    "release_for_dispatch": _release,
    "release_lot": _lot,
    "reject_lot": _lot,
    "bedside_check": _bedside,
    "start_infusion": lambda code: Panel(facts=[*last_check.facts(code)], facts_again=True),
    "resume_infusion": _resume,
    "stop_infusion": _stop,
    "reconcile": _reconcile,
    "reconcile_sealed": _reconcile_sealed,
    "break_code": _unblinding,
    "record_opened_sheet": _unblinding,
    "notify_sponsor": _notice,
    "close_person": _account,
    "close_deviation": _close,
    "close_bench_deviation": _close,
    "take_over": _take_over,
    "take_over_bag": _take_over,
    "correct": _correct,
    "correct_sealed": _correct,
    "unseal": _unseal,
}
