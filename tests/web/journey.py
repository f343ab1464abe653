"""One bag's whole way, page by page, as people would do it."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from custody import codes
from custody.chain.protocol import QcTest
from custody.chain.things import Plane, preparation_code
from tests.web.house import House

DIN = "A999926000123"
VIAL = "(01)03205000004004(17)271231(10)ALB77(21)S{number}"
WITHIN = {
    "viability": "92",
    "identity_cd73": "97",
    "identity_cd90": "98",
    "identity_cd105": "99",
}


def lot_facts(house: House, cryobags: int = 2) -> dict[str, object]:
    """Give what is entered to register a lot."""
    return {
        "product_code": "S1295",
        "donor": "D-17",
        "tissue": "bone marrow",
        "manufactured_on": "2026-01-12",
        "expires_at": house.clock.now() + timedelta(days=400),
        "cryobags": str(cryobags),
        "cells_per_cryobag": "120",
        "expected_viability_permille": "85",
    }


def good(test: QcTest) -> str:
    """Give a result that is within the specification."""
    return test.expected or str((test.minimum if test.minimum is not None else test.maximum or 0) / test.scale)


def lot(house: House, din: str = DIN, cryobags: int = 2, facts: dict[str, object] | None = None) -> list[str]:
    """Register, store, test and release a lot; give its cryobags."""
    tech = house.browser("tech")
    tech.did(din, "register_lot", **(facts or lot_facts(house, cryobags)))
    with house.door.database.reading(Plane.SEALED) as connection:
        kept = house.door.stores[Plane.SEALED].thing(connection, din)
    assert kept is not None
    bags: list[str] = list(kept.thing.cryobags)  # type: ignore[attr-defined]
    for bag in bags:
        with house.door.database.reading(Plane.SEALED) as connection:
            free = house.door.stores[Plane.SEALED].find(connection, "location", "free")
        tech.did(bag, "store", location=free[0].thing.code)
    for test in house.door.protocol.qc:
        tech.did(din, f"record_qc?test={test.code}", result=good(test))
    house.browser("resp").did(din, "release_lot")
    return bags


def enrolled(house: House, weight: str = "70") -> str:
    """Enrol a participant; give the wristband's code."""
    doctor = house.browser("doctor")
    wristband = house.fresh(codes.Kind.PARTICIPANT)
    protocol = house.door.protocol
    answers = {f"answers.{item.code}": "yes" for item in protocol.inclusion}
    answers |= {f"answers.{item.code}": "no" for item in protocol.exclusion}
    onset = (house.clock.now() - timedelta(hours=3)).isoformat()
    doctor.did(wristband, "enrol", weight_g=weight, onset_at=onset, consent="relative", **answers)
    return wristband


def ordered(house: House, wristband: str) -> str:
    """Order; give the treatment code."""
    house.browser("doctor").did(wristband, "order")
    with house.door.database.reading(Plane.OPEN) as connection:
        kept = house.door.stores[Plane.OPEN].thing(connection, wristband)
    assert kept is not None
    return str(kept.thing.treatment_bags[-1])  # type: ignore[attr-defined]


SIGNS = {"heart_rate_bpm": "110", "mean_pressure_mmhg": "68", "spo2_percent": "96", "temperature_dc": "38.2"}


def prepared(house: House, bag: str, cryobags: list[str]) -> None:
    """Do the bench: reserve, thaw, count, dilute, label and cover, whichever the arm asks for."""
    tech, protocol = house.browser("tech"), house.door.protocol
    with house.door.database.reading(Plane.SEALED) as connection:
        kept = house.door.stores[Plane.SEALED].thing(connection, preparation_code(bag))
    assert kept is not None
    cells = kept.thing.prescribed_cells  # type: ignore[attr-defined]
    drawn = "0"
    if cells:
        cryobag = cryobags.pop(0)
        tech.did(bag, "reserve", cryobags=cryobag)
        house.clock.advance(minutes=60)
        end = house.clock.now()
        tech.did(cryobag, "thaw", started_at=end - timedelta(minutes=4), ended_at=end, bath_dc="37")
        tech.did(cryobag, "count", viable_cells_per_ml="10", volume_ul="11", viability_permille="91")
        drawn = f"{cells / 10_000_000:g}"
    else:
        house.clock.advance(minutes=60)
    house.clock.advance(minutes=20)
    vial = VIAL.format(number=bag[:6])
    tech.did(
        bag,
        "dilute",
        "tech2",
        vials=vial,
        drawn_ul=drawn,
        albumin_ul=f"{protocol.volume / 1000 - float(drawn):g}",
        ended_at=house.clock.now(),
    )
    tech.did(bag, "label_and_cover", "tech2", label_read=bag, cover_on="yes")


def released(house: House, bag: str) -> None:
    """Wait for the hold, release."""
    house.clock.advance(minutes=45)
    house.browser("resp").did(bag, "release_for_dispatch")


def delivered(house: House, bag: str) -> str:
    """Pack, hand over to the courier, and on to the nurse; give the shipper."""
    shipper = house.fresh(codes.Kind.SHIPPER)
    house.browser("tech").did(shipper, "pack", bags=bag, seal="0042", logger="TL-7", logger_running="yes")
    stated = {"seal_intact": "yes", "condition_good": "yes", "temperature_dc": "5"}
    house.browser("tech").did(shipper, "hand_over", "courier", **stated)
    house.clock.advance(minutes=25)
    house.browser("courier").did(shipper, "hand_over", "nurse", **stated)
    return shipper


def infused(house: House, bag: str, wristband: str) -> None:
    """Check at the bedside, infuse with its observations, stop after 30 minutes."""
    nurse = house.browser("nurse")
    checked(house, bag, wristband)
    nurse.did(bag, "start_infusion")
    for minute in (0, 15, 30):
        nurse.did(bag, "observe", due_min=str(minute), reaction="none", **SIGNS)
        house.clock.advance(minutes=15)
    nurse.did(bag, "stop_infusion", given_ul="248", reason="complete")


class OnWard(NamedTuple):
    """A bag that a nurse holds, by its codes."""

    bag: str
    wristband: str
    shipper: str


def brought(house: House, cryobags: list[str], wristband: str) -> OnWard:
    """Order a bag and take it to the ward."""
    bag = ordered(house, wristband)
    prepared(house, bag, cryobags)
    released(house, bag)
    return OnWard(bag, wristband, delivered(house, bag))


def on_ward(house: House) -> OnWard:
    """Take a bag from its lot, of two cryobags, to the ward."""
    return brought(house, lot(house), enrolled(house))


def checked(house: House, bag: str, wristband: str) -> None:
    """Check at the bedside."""
    nurse = house.browser("nurse")
    nurse.did(bag, "bedside_check", "nurse2", wristband=wristband, cover_on="yes", central_line="yes")


def whole(house: House, cryobags: list[str]) -> str:
    """Take one bag the whole way; give its code."""
    bag, wristband, _shipper = brought(house, cryobags, enrolled(house))
    infused(house, bag, wristband)
    house.browser("nurse").did(bag, "destroy_bag", "nurse2", left_ul="2", lost_ul="0", reason="empty")
    return bag


def infusing(house: House) -> str:
    """Take a bag from the lot to its infusion, which begins; give its code."""
    bag, wristband, _shipper = on_ward(house)
    checked(house, bag, wristband)
    house.browser("nurse").did(bag, "start_infusion")
    return bag
