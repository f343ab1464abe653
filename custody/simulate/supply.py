"""People, places, lists and lots: what is there before a participant, and what is added as it is used up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from custody.chain.administration import AddLocation, AddPerson, LoadRandomisation
from custody.chain.bench import expected_viable
from custody.chain.bench_disposal import DestroyCryobag
from custody.chain.lot import RecordQc, RegisterLot, RejectLot, ReleaseLot
from custody.chain.protocol import Protocol, QcTest
from custody.chain.roles import Role
from custody.chain.storage import Store
from custody.chain.things import Cryobag, Location, Lot, Person
from custody.randomisation import RandomBytes, lists_for
from custody.record.work import SYSTEM
from custody.simulate.asking import Asker
from custody.simulate.cast import Cast, members
from custody.simulate.play import Play, Waits

DOSES_IN_STOCK = 12
"""Largest doses that a new lot holds, where the protocol lets it; below half of it the next lot comes."""
SHELF_YEARS = 2


def people(asker: Asker, protocol: Protocol) -> Cast:
    """Add everybody: the system the administrator, and that one all others."""
    added: list[Person] = []
    for member in members(protocol):
        actor = next((one for one in added if one.role == Role.ADMINISTRATOR), SYSTEM)
        command = AddPerson(name=member.name, role=member.role, site=member.site, login=member.login)
        code = asker.ask(actor, command).things[0]
        added.append(Person(code=code, status="active", **member._asdict()))
    return Cast(tuple(added))


def randomisation(play: Play, random_bytes: RandomBytes) -> None:
    """Draw and load a list for each ward, in blocks of two and of three times the smallest."""
    protocol, least = play.protocol, len(play.protocol.smallest_block)
    sizes = (2 * least, 3 * least)
    for site, arms in lists_for(protocol, sizes, protocol.participants, random_bytes).items():
        command = LoadRandomisation(site=site, arms=arms, blocks=tuple(map(str, sizes)))
        play.asker.ask(play.cast.one(Role.STATISTICIAN), command)


def free_location(play: Play) -> str:
    """Give a location for a cryobag, a new one when all are taken."""
    free = play.find(Location, "free")
    if free:
        return free[0].code
    number = len(play.find(Location, "occupied"))
    name = f"Tank {number // 60 + 1}, rack {number // 12 % 5 + 1}, place {number % 12 + 1}"
    command = AddLocation(name=name, temperature_class=play.protocol.storage_class)
    return play.asker.ask(play.cast.one(Role.CELL_TECHNICIAN), command).things[0]


# --- lots -------------------------------------------------------------------------------------


def largest_dose(protocol: Protocol) -> int:
    """Give the viable cells of the heaviest participant's bag in the arm with most."""
    return max(arm.cells_per_kg for arm in protocol.arms) * protocol.weight_max // 1000


def expected_viability(protocol: Protocol) -> int:
    """Give the viability that a lot promises: above the warning limit."""
    return min(1000, protocol.viability_warn + 30)


def cells_per_cryobag(protocol: Protocol) -> int:
    """Give the cells of a cryobag, so that two make the largest dose: a round number, as on a label."""
    least = -(-largest_dose(protocol) * 1000 // (2 * expected_viability(protocol))) + 1
    rough = 10 ** max(len(str(least)) - 2, 0)
    return int(-(-least // rough) * rough)


def register(play: Play, serial: int, expires_at: datetime, cryobags: int) -> str:
    """Have a lot arrive; give its donation number, of a facility that ICCBBA keeps for tests."""
    din = f"A9999{play.now.year % 100:02d}{serial:06d}"
    command = RegisterLot(
        lot=din,
        product_code="S1234",
        donor=f"D-{serial:03d}",
        tissue="umbilical cord",
        manufactured_on=(play.now - timedelta(days=30)).date().isoformat(),
        expires_at=expires_at,
        cryobags=cryobags,
        cells_per_cryobag=cells_per_cryobag(play.protocol),
        expected_viability_permille=expected_viability(play.protocol),
    )
    play.asker.ask(play.cast.one(Role.CELL_TECHNICIAN), command)
    return din


def enter_qc(play: Play, din: str, *, good: bool = True) -> None:
    """Enter every QC result of the specification; the last of a bad lot is out of it."""
    tests = play.protocol.qc
    for test in tests:
        result = within(test) if good or test is not tests[-1] else outside(test)
        play.asker.ask(play.cast.one(Role.CELL_TECHNICIAN), RecordQc(lot=din, test=test.code, result=result))


def within(test: QcTest) -> str:
    """Give a result in specification."""
    if test.expected:
        return test.expected
    low, high = test.minimum, test.maximum
    value = (low + high) // 2 if low is not None and high is not None else low if low is not None else high
    return _decimal(value or 0, test.scale)


def outside(test: QcTest) -> str:
    """Give a result out of specification; the expected one where there is no other."""
    if test.expected:
        return next((code for code, _ in test.results if code != test.expected), test.expected)
    value = test.minimum - 1 if test.minimum is not None else (test.maximum or 0) + 1
    return _decimal(value, test.scale)


def _decimal(value: int, scale: int) -> str:
    digits = len(str(scale)) - 1
    return f"{float(Fraction(value, scale)):.{digits}f}"


def release(play: Play, din: str) -> None:
    """Release a lot and store its cryobags."""
    play.asker.ask(play.cast.one(Role.RESPONSIBLE_PERSON), ReleaseLot(lot=din))
    store(play, din)


def store(play: Play, din: str) -> None:
    """Store the cryobags of a lot."""
    technician = play.cast.one(Role.CELL_TECHNICIAN)
    for cryobag in play.get(Lot, din).cryobags:
        play.asker.ask(technician, Store(cryobag=cryobag, location=free_location(play)))


def lot_size(protocol: Protocol) -> int:
    """Give the cryobags of a lot."""
    return min(protocol.cryobags_per_lot_max, 2 * DOSES_IN_STOCK)


def lot(play: Play, serial: int) -> Waits:
    """Have a lot arrive, be tested over a day, be released and stored."""
    expires_at = play.now + timedelta(days=365 * SHELF_YEARS)
    din = register(play, serial, expires_at, lot_size(play.protocol))
    yield play.after(60 * 24)
    enter_qc(play, din)
    yield play.after(90)
    release(play, din)


def bad_lot(play: Play, serial: int) -> Waits:
    """Have a lot fail its QC: its release is refused, it is rejected, and its cryobags are destroyed."""
    din = register(
        play, serial, play.now + timedelta(days=365 * SHELF_YEARS), min(2, play.protocol.cryobags_per_lot_max)
    )
    yield play.after(60 * 24)
    responsible = play.cast.one(Role.RESPONSIBLE_PERSON)
    play.asker.refused(responsible, ReleaseLot(lot=din))
    enter_qc(play, din, good=False)
    yield play.after(90)
    play.asker.refused(responsible, ReleaseLot(lot=din))
    play.asker.ask(responsible, RejectLot(lot=din, reason="out of specification"))
    for cryobag in play.get(Lot, din).cryobags:
        destroy(play, cryobag, "lot rejected")


def stock(play: Play) -> list[Cryobag]:
    """Give the cryobags that may be reserved, in the order in which they have to be."""
    lots = sorted(play.find(Lot, "released"), key=lambda one: (one.expires_at, one.code))
    fresh = [one for one in lots if one.expires_at > play.now]
    bags = [play.get(Cryobag, code) for one in fresh for code in one.cryobags]
    return [bag for bag in bags if bag.status == "stored"]


def promised(play: Play, bags: Sequence[Cryobag]) -> int:
    """Give the viable cells that the lots of some cryobags promise."""
    return sum(expected_viable(play.get(Lot, bag.lot)) for bag in bags)


def supplies(play: Play) -> Waits:
    """Have lots arrive for ever, whenever few doses are left."""
    serial = 100
    enough = largest_dose(play.protocol) * DOSES_IN_STOCK // 2
    while True:
        while promised(play, stock(play)) < enough:
            serial += 1
            yield from lot(play, serial)
        yield play.after(60 * 12)


def destroy(play: Play, cryobag: str, reason: str) -> None:
    """Destroy a cryobag before a witness."""
    technician = play.cast.one(Role.CELL_TECHNICIAN)
    play.asker.ask(technician, DestroyCryobag(cryobag=cryobag, reason=reason), play.cast.other(technician))
