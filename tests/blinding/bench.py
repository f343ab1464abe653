"""What the unblinded do, in each copy for itself: prepare what its own arm asks for, and much besides.

Only what everybody can see is done in both at once: the bag stands ready. Until then the bench of a copy may thaw,
count, fail, discard, write deviations, take in lots, and look at pages, or do nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from custody.chain.bench_disposal import DiscardPreparation
from custody.chain.deviation import RaiseBenchDeviation
from custody.chain.labels import PrintLabelsSealed
from custody.chain.release import ReleaseForDispatch
from custody.chain.roles import Role
from custody.chain.things import Cryobag, Plane, Preparation, preparation_code
from custody.simulate import bench, supply
from custody.simulate.asking import Unexpected
from custody.simulate.play import Course
from tests.blinding.twins import Twin, Twins

PHASES = ("reserve", "thaw", "count", "dilute", "cover")
ROUNDS = 12
FAILING = 550
"""Viability in thousandths: below the limit at which nothing may be given."""


def preparation(twin: Twin, bag: str) -> Preparation | None:
    with twin.database.reading(Plane.SEALED) as connection:
        kept = twin.door.stores[Plane.SEALED].thing(connection, preparation_code(bag))
    return kept.thing if kept else None


def phase(twin: Twin, bag: str, name: str) -> None:
    """Try one phase of the bench: what is not due is refused, and what is done already left alone."""
    play, course, order = twin.play, Course(site="", bag=bag, ordered_at=twin.play.now), preparation(twin, bag)
    phases = {
        "reserve": bench.reserve,
        "thaw": bench.thaw,
        "count": bench.count_all,
        "dilute": bench.dilute,
        "cover": lambda play, course: list(bench.covered(play, course)),
    }
    if order.status in ({"diluted"} if name == "cover" else {"ordered", "reserved"}):
        with suppress(Unexpected):
            phases[name](play, course)


def preparing(twins: Twins, bag: str) -> Iterator[None]:
    """Have the bag prepared in both copies, each at its own pace, towards the end of the hold; yield in between."""
    wait_for_hold(twins, bag, before=40)
    for _round in range(ROUNDS):
        twins.each(lambda twin: some_phases(twin, bag))
        twins.wait(minutes=2)
        if covered(twins, bag):
            return
        yield


def some_phases(twin: Twin, bag: str) -> None:
    for name in PHASES:
        if twin.play.between(0, 2):
            phase(twin, bag, name)


def covered(twins: Twins, bag: str) -> bool:
    return all(preparation(twin, bag).status == "covered" for twin in twins.pair)


def wait_for_hold(twins: Twins, bag: str, before: float = 0) -> None:
    """Wait until so many minutes before the end of the hold, unless they have begun."""
    ready_at = next(thing.ready_at for thing in twins.pair[0].things() if thing.code == bag)
    left = (ready_at - twins.now) / timedelta(minutes=1)
    if left > before:
        twins.wait(minutes=left - before)


def anything(twin: Twin, orders: list[str]) -> None:
    """Do something of one's own, of which nobody blinded may learn."""
    play = twin.play
    kinds = [_look, _deviate, _take_in, _refused, _nothing]
    if orders:
        kinds += [_go_on, _go_on, _go_on, _fail, _discard, _release_early, _print]
    kinds[play.between(0, len(kinds) - 1)](twin, orders)


def _one(twin: Twin, orders: list[str]) -> str:
    return orders[twin.play.between(0, len(orders) - 1)]


def _nothing(twin: Twin, orders: list[str]) -> None:
    """Have a coffee."""


def _look(twin: Twin, orders: list[str]) -> None:
    """Look at pages as the unblinded do."""
    for login in ("technician", "responsible", "statistician"):
        twin.fetch(login, "GET", "/")
        for bag in orders[:2]:
            twin.fetch(login, "GET", f"/s/{bag}")
            twin.fetch(login, "GET", f"/s/{bag}/history")


def _deviate(twin: Twin, orders: list[str]) -> None:
    technician = twin.play.cast.one(Role.CELL_TECHNICIAN)
    twin.play.asker.ask(technician, RaiseBenchDeviation(what="bath too warm " * twin.play.between(1, 30)))


def _take_in(twin: Twin, orders: list[str]) -> None:
    """Take in a lot."""
    serial = twin.play.between(10_000, 999_999)
    supply.register(twin.play, serial, twin.play.now + timedelta(days=300), twin.play.between(1, 5))


def _go_on(twin: Twin, orders: list[str]) -> None:
    bag = _one(twin, orders)
    status = preparation(twin, bag).status
    if status in {"ordered", "reserved"}:
        phase(twin, bag, PHASES[twin.play.between(0, 2)])


def _fail(twin: Twin, orders: list[str]) -> None:
    """Count too few living cells."""
    bag = _one(twin, orders)
    phase(twin, bag, "reserve")
    phase(twin, bag, "thaw")
    for code in preparation(twin, bag).cryobags:
        if twin.play.get(Cryobag, code).status == "thawed":
            bench.count(twin.play, Course(site="", bag=bag), code, FAILING)
            return


def _discard(twin: Twin, orders: list[str]) -> None:
    """Try to discard: refused, mostly."""
    first = twin.play.cast.one(Role.CELL_TECHNICIAN)
    command = DiscardPreparation(treatment_bag=_one(twin, orders), reason="dropped")
    twin.play.asker.submit(twin.play.asker.request(first, command, twin.play.cast.other(first)))


def _print(twin: Twin, orders: list[str]) -> None:
    """Print a bag's label, once or several times, and those of its cryobags."""
    technician, bag = twin.play.cast.one(Role.CELL_TECHNICIAN), _one(twin, orders)
    for _time in range(twin.play.between(1, 3)):
        for design, codes in (("treatment_bag", (bag,)), ("cryobag", preparation(twin, bag).cryobags)):
            command = PrintLabelsSealed(labels=codes, design=design, form="roll", copies=1, reason="smudged")
            if codes:
                twin.play.asker.ask(technician, command)


def _release_early(twin: Twin, orders: list[str]) -> None:
    """Try to release before anything is ready."""
    responsible = twin.play.cast.one(Role.RESPONSIBLE_PERSON)
    command = ReleaseForDispatch(treatment_bag=_one(twin, orders))
    if preparation(twin, command.treatment_bag).status != "covered":
        twin.play.asker.refused(responsible, command)


def _refused(twin: Twin, orders: list[str]) -> None:
    """Send a form of the bench that says nothing right."""
    for step in ("store", "thaw", "record_qc"):
        twin.fetch("technician", "POST", f"/do/{step}", data={"event": _event(twin), "cryobag": "X" * 9})


def _event(twin: Twin) -> str:
    return twin.play.asker.request(twin.play.cast.one(Role.CELL_TECHNICIAN), RaiseBenchDeviation(what="x")).event
