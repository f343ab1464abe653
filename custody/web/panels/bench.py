"""What a step at the bench shows beside its form: the dose, what to fetch, to draw and to top up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, cast

from flask_babel import format_decimal
from flask_babel import gettext as _

from custody import codes
from custody.chain.bench import expected_viable
from custody.chain.dose import Suspension, to_draw
from custody.chain.expiry import minute_from
from custody.chain.preparation import too_few
from custody.chain.things import Cryobag, Location, Lot, Plane, Preparation, preparation_code
from custody.chain.units import Cells
from custody.web import finish, overtaken, reasons, retests, words
from custody.web.amounts import amount
from custody.web.panels.panel import Fetch, Figure, Panel, open_bag, sealed
from custody.web.seen import showing_here, visible
from custody.web.showing import Shown
from custody.web.who import connection, door, stores


def _preparation(bag: str) -> Preparation | None:
    return sealed(Preparation, preparation_code(bag))


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
            bag = sealed(Cryobag, code)
            if bag is None or bag.status != "stored":
                continue
            if missing <= 0:
                return
            expires = showing_here().time(lot.expires_at)
            yield Fetch(code, _where(bag), expires, amount("cells", expected_viable(lot)))
            missing -= expected_viable(lot)


def _where(bag: Cryobag) -> str:
    location = sealed(Location, bag.location)
    return location.name if location else codes.group(bag.location)


def _thaw(code: str) -> Panel:
    bag = sealed(Cryobag, code)
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
    bag = sealed(Cryobag, code)
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
        bags = [cast("Cryobag", sealed(Cryobag, bag)) for bag in preparation.cryobags]
        waiting = [codes.group(bag.code) for bag in bags if bag.status != "counted"]
        if waiting or not bags:
            listed = ", ".join(waiting) or _("none reserved")
            panel.notes.append(_("Thaw and count first: %(cryobags)s.", cryobags=listed))
        elif preparation.status != "ordered":  # else the warning says how many are missing
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


def _release(code: str) -> Panel:
    bag = open_bag(code)
    if bag is None:
        return Panel()
    site, preparation = door().protocol.sites[0], _preparation(code)
    ready, expiry = site.local(minute_from(bag.ready_at)), site.local(bag.expires_at)
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


def _lot(code: str) -> Panel:
    """Show the lot that is signed for, and each test's result."""
    showing = showing_here()
    lots = [thing for thing in visible(code) if isinstance(thing, Lot)]
    facts = [fact for lot in lots for fact in showing.facts(lot)]
    results = [Shown(result.name, result.value or _("not recorded")) for lot in lots for result in showing.qc(lot)]
    return Panel(facts=[*facts, *results])


def missing(bag: str) -> list[str]:
    """Say that the cryobags of an order that still stands, as they were counted, do not hold its dose."""
    order, preparation = open_bag(bag), _preparation(bag)
    stands = order and order.status == "ordered" and not overtaken.order_of(order)
    found = too_few(preparation) if preparation and stands else ()
    return [reasons.say(one, door().protocol) for one in found]


def _too_few(bag: str) -> list[str]:
    """Say so at the dilution once a cryobag was set aside: before, nothing was counted."""
    preparation = _preparation(bag)
    return missing(bag) if preparation and preparation.cryobags else []


WARNINGS: Final[dict[str, Callable[[str], list[str]]]] = {"release_lot": retests.said, "dilute": _too_few}
PANELS: Final[dict[str, Callable[[str], Panel]]] = {
    "reserve": _reserve,
    "thaw": _thaw,
    "count": _count,
    "dilute": _dilute,
    "release_for_dispatch": _release,
    "release_lot": _lot,
    "reject_lot": _lot,
}
