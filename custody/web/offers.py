"""Which steps a thing's page offers: what leads on, apart from it what may also be done, last the emergency."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from flask_babel import gettext as _

from custody.chain.at_bench import at_bench
from custody.chain.bedside import check_holds
from custody.chain.custody import elsewhere
from custody.chain.dilution import MADE, never_released
from custody.chain.expiry import expired, expired_in_pause
from custody.chain.infusion import infused_s
from custody.chain.refusals import Refusal
from custody.chain.roles import BENCH, CARRIERS, WARD, sees_arm
from custody.chain.step import STEPS, Spec, steps_for
from custody.chain.take_over import may_stand_in
from custody.chain.things import (
    CodeSheet,
    Cryobag,
    Participant,
    Person,
    Plane,
    Preparation,
    Shipper,
    Thing,
    TreatmentBag,
)
from custody.trace import LookUp, halves
from custody.web import overtaken, reasons
from custody.web.look_ahead import Seen, in_the_way
from custody.web.reactions import SERIOUS
from custody.web.showing import GONE
from custody.web.who import door, locked, person

ASIDE: Final = frozenset(
    {
        "pause_infusion",
        "cancel_order",
        "put_back",
        "unpack",
        "hand_over_bag",
        "refuse_handoff",
        "refuse_bag_handoff",
        "take_over",
        "take_over_bag",
        "reject_lot",
        "discard_preparation",
        "return_bag",
        "destroy_bag",
        "destroy_cryobag",
        "close_person",
    }
)
"""Steps that are not what comes next: never the big button."""


HALTS: Final = frozenset({"pause_infusion", "stop_infusion"})
"""Steps that come first after a serious reaction; to go on with the infusion is then never the big button."""
TAKE_OVER: Final = frozenset({"take_over", "take_over_bag"})
"""Steps for when who holds it is away: they stand under who that is, where nothing else leads on."""
OVERTAKEN: Final = frozenset({"put_back", "discard_preparation"})
"""Steps of the bench that come next where a corrected weight overtook the order."""
PAGES: Final = {"give_password": "password"}
"""Steps that have a page of their own, by its name under the thing's."""


class Offer(NamedTuple):
    """One step that may be done next."""

    spec: Spec
    code: str
    """Of the thing whose step it is: sometimes another than the page's."""
    query: str = ""
    """What its form is filled in with, as an address says it."""

    @property
    def url(self) -> str:
        """Give the address of its form."""
        return f"/s/{self.code}/{PAGES.get(self.spec.name) or f'do/{self.spec.name}'}{self.query}"


def leading(things: list[Thing], look_up: LookUp) -> list[Offer]:
    """Give the steps that lead on, nearest first."""
    code = things[0].code
    bench = list(_bench(things, look_up))
    first = [*_overtaken(things), *_ended(things)]
    ranked = [spec for spec in _ranked(things) if spec.name not in _names(first)]
    only = [spec for spec in ranked if spec.name == _only(things)]
    own = only or [spec for spec in ranked if spec.name not in _aside(things) and not (bench and spec.name == "dilute")]
    return [*first, *bench, *(Offer(spec, code) for spec in own)]


def _names(offers: Iterable[Offer]) -> set[str]:
    return {offer.spec.name for offer in offers}


def _overtaken(things: list[Thing]) -> Iterator[Offer]:
    """Give what ends an order that a corrected weight overtook: to whoever ordered, and at the bench."""
    bag = overtaken.order_in(things)
    if bag is None:
        return
    if person().role in STEPS["cancel_order"].SPEC.by and _theirs(bag):
        yield Offer(STEPS["cancel_order"].SPEC, bag.code)
    yield from (Offer(spec, things[0].code) for spec in _ranked(things) if spec.name in OVERTAKEN)


def _ended(things: list[Thing]) -> list[Offer]:
    """Give what is left to do with a bag that expired before it was given."""
    if not outdated(things[0]):
        return []
    return [Offer(spec, things[0].code) for spec in _ranked(things) if spec.name in {"return_bag", "destroy_bag"}]


def on_paper(things: list[Thing]) -> list[Offer]:
    """Give the ward's steps that the hour alone forbids: they may have been done in time, without a network."""
    bag = things[0]
    if not isinstance(bag, TreatmentBag) or not _theirs(bag):
        return []
    known = steps_for(person().role, bag.KIND, bag.status, locked=locked())
    late = {"start_infusion", "resume_infusion"} | ({"bedside_check"} if outdated(bag) else set())
    return [Offer(spec, bag.code) for spec in known if spec.name in late and not _has_sense(spec.name, things)]


def outdated(thing: Thing) -> bool:
    """Say whether it is a bag that expired before it was given, or a lot or cryobag before it was used."""
    return expired(thing, door().world.clock.now())


def ended_in_pause(thing: Thing) -> bool:
    """Say whether it is a bag that expired while its infusion was paused: it is stopped, and goes on no more."""
    return expired_in_pause(thing, door().world.clock.now())


def others(things: list[Thing]) -> list[Offer]:
    """Give the other steps that this person may do with it."""
    aside = _aside(things) - {_only(things)} - _names([*_overtaken(things), *_ended(things)])
    return [Offer(spec, things[0].code) for spec in _ranked(things) if spec.name in aside]


def _aside(things: list[Thing]) -> frozenset[str]:
    """Name the steps that do not come next: a bag that was returned goes on by its handoff alone."""
    if _reacts(things[0]):
        return ASIDE - HALTS | {"resume_infusion"}
    return ASIDE - {"hand_over_bag"} if things[0].status == "returned" else ASIDE


def _only(things: list[Thing]) -> str:
    """Name the one step that has sense with what can only be thrown away; empty where there is more to it."""
    if spoilt(things):
        return "discard_preparation"
    return "destroy_cryobag" if isinstance(things[0], Cryobag) and things[0].status == "failed" else ""


def spoilt(things: list[Thing]) -> list[str]:
    """Say what keeps a preparation from ever being released."""
    preparation = next((thing for thing in things if isinstance(thing, Preparation)), None)
    found = never_released(door().protocol, preparation) if preparation else []
    return [reasons.say(item, door().protocol) for item in found]


def emergency(thing: Thing) -> list[Offer]:
    """Give what is apart from all else: to break the code, wherever and whatever it is, once something was ordered."""
    ordered = isinstance(thing, TreatmentBag | CodeSheet) or (isinstance(thing, Participant) and thing.treatment_bags)
    if not ordered or (isinstance(thing, TreatmentBag | Participant) and thing.unsealed_arm):
        return []
    participant = thing.code if isinstance(thing, Participant) else str(getattr(thing, "participant", ""))
    specs = [STEPS[name].SPEC for name in ("break_code", "record_opened_sheet")]
    sheet = f"?sheet={thing.code}" if isinstance(thing, CodeSheet) else ""
    queries = {"record_opened_sheet": sheet}
    return [Offer(spec, participant, queries.get(spec.name, "")) for spec in specs if person().role in spec.by]


def deviation(things: list[Thing]) -> str:
    """Name the step that raises a deviation about it: sealed where a sealed half is seen, or it is at the bench.

    Empty where they could only be refused.
    """
    unsaid = sees_arm(person().role) and at_bench(Seen(), things[0].code)
    if person().role in BENCH and (unsaid or any(thing.PLANE is Plane.SEALED for thing in things)):
        return "raise_bench_deviation"
    return "" if unsaid else "raise_deviation"


def _bench(things: list[Thing], look_up: LookUp) -> Iterator[Offer]:
    """Give what the cryobags of an order need before it is diluted; from the page of a counted one, what follows."""
    counted = isinstance(things[0], Cryobag) and things[0].status in COUNTED
    order = halves(look_up, things[0].treatment_bag) if isinstance(things[0], Cryobag) and counted else things
    preparation = next((thing for thing in order if isinstance(thing, Preparation)), None)
    if preparation is None or order[0].status != "ordered" or overtaken.order_in(order):
        return
    found = [(bag, NEEDED.get(bag.status)) for code in preparation.cryobags for bag in look_up(code)]
    waiting = [Offer(STEPS[step].SPEC, bag.code) for bag, step in found if step]
    then = THEN.get(preparation.status) if counted else None
    following = waiting or ([Offer(STEPS[then].SPEC, order[0].code)] if then else [])
    yield from (offer for offer in following if person().role in offer.spec.by)


NEEDED: Final = {"reserved": "thaw", "thawed": "count"}
"""A reserved cryobag's state and what it needs."""
COUNTED: Final = frozenset({"counted", "failed"})
"""States of a cryobag whose cells are known."""
THEN: Final = {"reserved": "dilute", "ordered": "reserve"}
"""An order's state once no cryobag of it waits, and what follows: the dilution, or more cells."""


def disposal(thing: Thing, name_of: Callable[[str], str]) -> str:
    """Say who returns or destroys an infused bag: whoever holds it; empty for anything else."""
    if not isinstance(thing, TreatmentBag) or thing.status != "infused":
        return ""
    if thing.custodian == person().code:
        return _("You hold it: return or destroy it.")
    return _("%(holder)s holds it, and returns or destroys it.", holder=name_of(thing.custodian))


def awaited(things: list[Thing], name_of: Callable[[str], str], away: Sequence[Offer] = ()) -> str:
    """Say who or what comes next, where there is nothing for this person to do; empty where the state says it.

    `away`: what they may do if who holds it is not there.
    """
    status = {thing.KIND: thing.status for thing in things}
    holder = getattr(things[0], "custodian", "")
    if status.get("preparation") == "covered" and not spoilt(things):
        return _("It waits to be released for dispatch.")
    if things[0].status == "released" and things[0].KIND == "treatment_bag" and holder == person().code:
        return _("Scan a shipper to pack it.")
    if not holder or holder == person().code or things[0].status in GONE:
        return ""
    if away and not _may_receive(things[0]):
        both = {"holder": name_of(holder)}
        return _("%(holder)s holds it. If %(holder)s is not there, take over before a witness.", **both)
    if _may_receive(things[0]):
        return _("%(holder)s hands it over to you: have your badge ready.", holder=name_of(holder))
    return _("%(holder)s holds it.", holder=name_of(holder))


def _may_receive(thing: Thing) -> bool:
    """Say whether a shipper may be handed over to this person next: not once refused, nor to whoever just gave it."""
    mine = isinstance(thing, Shipper) and not thing.refused and thing.given_by != person().code
    return mine and person().role in CARRIERS and not elsewhere(person(), getattr(thing, "destination", ""))


def _ranked(things: list[Thing]) -> list[Spec]:
    status = {thing.KIND: thing.status for thing in things}
    runs_on, reacts = _runs_on(things[0]), _reacts(things[0])

    def rank(spec: Spec) -> tuple[bool, bool, int]:
        stays = status[spec.thing] in spec.moves.get(status[spec.thing], ())
        later = stays != (runs_on and spec.name in {"observe", "stop_infusion"})
        return not (reacts and spec.name in HALTS), later, spec.number

    return sorted(_offered(things), key=rank)


def _reacts(thing: Thing) -> bool:
    """Say whether it is a bag that a serious reaction followed: its infusion is paused or stopped before all else."""
    return isinstance(thing, TreatmentBag) and thing.reaction == SERIOUS


def _runs_on(thing: Thing) -> bool:
    """Say whether an infusion still has to run: then observing comes before stopping."""
    if not isinstance(thing, TreatmentBag) or thing.status != "infusing":
        return False
    return infused_s(thing, door().world.clock.now()) < door().protocol.infusion_planned * 60


def _offered(things: list[Thing]) -> Iterator[Spec]:
    for thing in things:
        for spec in steps_for(person().role, thing.KIND, thing.status, locked=locked()):
            if _theirs(thing) and STEPS[spec.name].offered(thing, person()) and _has_sense(spec.name, things):
                yield spec


DECISIONS: Final = frozenset({"release_lot", "release_for_dispatch"})
"""Steps that ask for nothing but a signature: whether they would be refused is known before."""


def not_yet(things: list[Thing]) -> list[str]:
    """Say why a decision that is this person's cannot be taken now."""
    specs = [spec for thing in things for spec in steps_for(person().role, thing.KIND, thing.status, locked=locked())]
    waiting = [spec for spec in specs if spec.name in DECISIONS and not (spoilt(things) or cancelled(things))]
    return [reasons.say(item, door().protocol) for spec in waiting for item in _in_the_way(spec.name, things)]


def _in_the_way(step: str, things: list[Thing]) -> list[Refusal]:
    return in_the_way(STEPS[step], things[0].code)


def cancelled(things: list[Thing]) -> bool:
    """Say whether the order of a preparation was cancelled."""
    return things[0].status == "cancelled"


def _theirs(thing: Thing) -> bool:
    """Say whether a person of the ward has to do with it: it is of their site, of none, or on its way to them."""
    here = {thing.site, getattr(thing, "destination", "")}
    return person().role not in WARD or not thing.site or person().site in here


def _has_sense(step: str, things: list[Thing]) -> bool:
    """Say whether a step could be done now, beyond what the thing's state says."""
    if step in TAKE_OVER:
        holder = Seen().get(Person, getattr(things[0], "custodian", ""))
        return holder is not None and may_stand_in(person(), holder)
    if step in overtaken.PREPARING and overtaken.order_in(things):
        return False
    if step in {"bedside_check", "start_infusion"} and outdated(things[0]):
        return False
    if step == "resume_infusion" and ended_in_pause(things[0]):
        return False
    return (
        _in_time(step, things[0]) and _possible(step, things) and not (step in DECISIONS and _in_the_way(step, things))
    )


def _in_time(step: str, thing: Thing) -> bool:
    """Say whether a checked bag's step fits its check: it is started while the check holds, checked again after."""
    if (
        not isinstance(thing, TreatmentBag)
        or thing.status != "checked"
        or step not in {"bedside_check", "start_infusion"}
    ):
        return True
    return check_holds(thing, door().protocol, door().world.clock.now()) == (step == "start_infusion")


def _possible(step: str, things: list[Thing]) -> bool:
    """Say whether a step at the bench could be done: both halves together say more than each of them."""
    order = next((thing for thing in things if isinstance(thing, TreatmentBag)), None)
    preparation = next((thing for thing in things if isinstance(thing, Preparation)), None)
    if order is None or preparation is None or STEPS[step].SPEC.thing != preparation.KIND:
        return True
    if step == "discard_preparation":
        return order.status == "cancelled" or preparation.status in MADE or overtaken.order_of(order) is not None
    needs_cells = preparation.prescribed_cells > 0
    good = not never_released(door().protocol, preparation)
    possible = {
        "reserve": needs_cells,
        "dilute": preparation.status == "reserved" or not needs_cells,
        "label_and_cover": good,
        "release_for_dispatch": good,
    }
    return order.status == "ordered" and possible.get(step, True)
