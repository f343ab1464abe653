"""What a code or its thing says at a scan, on whatever page: expired, another trial's, another ward's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from custody import codes
from custody.chain.at_scan import at_scan
from custody.chain.refusals import Reason
from custody.chain.things import Cryobag, Lot, Participant, Shipper, Thing, TreatmentBag

from .trial import PROTOCOL

NOW = datetime(2026, 3, 10, 13, 30, tzinfo=UTC)
"""14:30 in Nancy."""
LATER = NOW + timedelta(minutes=1)
BAG, WRISTBAND = "TNRUJUDFSCVJ", "PPSXBSJVUJVU"


def said(text: str, thing: Thing | None = None, site: str = "UNIT") -> list[Reason]:
    return [refusal.reason for refusal in at_scan(codes.read(text), thing, PROTOCOL, NOW, site)]


def vial(rest: str) -> str:
    return f"(01)03205000004004(10)abc{rest}"


@pytest.mark.parametrize(
    ("expiry", "expired"),
    [
        ("(17)260309", True),
        ("(17)260310", False),
        ("(7003)2603101430", True),
        ("(7003)2603101431", False),
        ("(17)260310(7003)2603101200", True),
        ("", False),
    ],
)
def test_a_vial_expires_by_the_clock_of_the_place_where_it_is(expiry: str, expired: bool) -> None:
    assert said(vial(expiry)) == ([Reason.VIAL_EXPIRED] if expired else [])


def test_a_vial_of_another_trial_is_none_of_ours_whichever_name_it_bears() -> None:
    ours = (PROTOCOL.id, PROTOCOL.registry.lower())
    assert [said(vial(f"(7240){name}")) for name in ours] == [[], []]
    assert said(vial("(7240)NCT99999999")) == [Reason.OTHER_TRIAL]
    assert said(vial("(7240)NCT99999999(17)260309")) == [Reason.VIAL_EXPIRED, Reason.OTHER_TRIAL], "both are told"


def bag(status: str, expires_at: datetime = NOW) -> TreatmentBag:
    facts = {"participant": WRISTBAND, "weight_g": 70_000, "ready_at": NOW, "expires_at": expires_at}
    return TreatmentBag(code=BAG, status=status, site="NAN", **facts)  # type: ignore[arg-type]


def test_a_bag_past_its_expiry_says_so_while_it_is_still_to_be_given() -> None:
    assert said(BAG, bag("received")) == [Reason.EXPIRED]
    assert said(BAG, bag("received", LATER)) == said(BAG, bag("infused")) == []


def test_a_lot_and_a_cryobag_past_their_expiry_say_so_while_they_are_still_to_be_used() -> None:
    lot = Lot(code="A999926000123", status="released", expires_at=NOW)
    cryobag = Cryobag(code="CUSNGUEGPFGD", status="stored", lot=lot.code, expires_at=NOW)
    assert said("=A99992600012300", lot) == said(cryobag.code, cryobag) == [Reason.EXPIRED]
    used = Cryobag(code=cryobag.code, status="used", lot=lot.code, expires_at=NOW)
    fresh = Cryobag(code=cryobag.code, status="stored", lot=lot.code, expires_at=LATER)
    assert said(used.code, used) == said(fresh.code, fresh) == []


def test_a_ward_is_told_what_belongs_to_another_and_nobody_else_is() -> None:
    whose = Participant(code=WRISTBAND, status="enrolled", site="NAN", number="NAN-001", weight_g=70_000)
    shipper = Shipper(code=WRISTBAND, status="packed", site="UNIT", destination="NAN")
    for thing in (bag("received", LATER), whose, shipper):
        told = {site: said(BAG, thing, site) for site in ("NAN", "DIJ", "UNIT", "")}
        assert told == {"NAN": [], "DIJ": [Reason.SITE], "UNIT": [], "": []}
