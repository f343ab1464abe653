"""One bag of each arm, the whole way: who does what before which page. Both ways to use a page walk it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from custody import codes
from custody.chain.things import Plane

from . import paper
from .ward import Tablet, Ward

DIN = "A999926000123"
QC = {
    "viability": "92",
    "cd73": "97",
    "cd90": "98",
    "cd105": "99",
    "negative_markers": "0.4",
    "endotoxin": "0.1",
    "cfu_f": "24",
}
"""Results that are numbers; the others are chosen."""
SIGNS = {"heart_rate_bpm": "110", "mean_pressure_mmhg": "68", "spo2_percent": "96", "temperature_dc": "38.2"}


@dataclass
class Way:
    """What is carried along: codes, and the labels that were printed."""

    ward: Ward
    cryobags: list[str] = field(default_factory=list)
    labels: dict[str, bytes] = field(default_factory=dict)

    def tablet(self, login: str) -> Tablet:
        return self.ward.tablet(login)

    def label(self, login: str, code: str) -> bytes:
        """Give a label, printed by this person if nobody has yet."""
        if code not in self.labels:
            self.labels[code] = paper.printed(self.tablet(login).page, code)
        return self.labels[code]

    def badge(self, login: str) -> bytes:
        """Give a person's badge."""
        return self.label("tech", self.ward.house.people[login])

    def scan(self, login: str, code: str) -> Tablet:
        """Let somebody scan a thing's label."""
        tablet = self.tablet(login)
        tablet.scan(code, self.label(login, code))
        return tablet

    # --- steps 1 to 4

    def supply(self) -> None:
        """Register a lot, store its cryobags, test and release it."""
        self.register()
        for cryobag, place in zip(self.cryobags, self.ward.house.locations, strict=False):
            tech = self.scan("tech", cryobag)
            tech.begin("store")
            tech.read(location=self.label("tech", place))
            tech.confirm()
        self.test()
        resp = self.scan("resp", DIN)
        resp.begin("release_lot")
        resp.sign()
        resp.confirm()

    def register(self) -> None:
        """Register the lot under the number on its maker's label."""
        self.labels[DIN] = paper.lot(DIN)
        tech, now = self.scan("tech", DIN), self.ward.house.clock.now()
        tech.begin("register_lot")
        tech.write(product_code="S1295", donor="D-17", tissue="bone marrow")
        tech.hands.set_time(tech.at("manufactured_on"), now - timedelta(days=57))
        tech.hands.set_time(tech.at("expires_at"), now + timedelta(days=400))
        tech.write(cryobags="2", cells_per_cryobag="120", expected_viability_permille="85")
        tech.confirm()
        self.cryobags = tech.linked("C")

    def test(self) -> None:
        """Enter every result of the specification: another person than who releases."""
        tech = self.scan("tech2", DIN)
        for test in self.ward.house.door.protocol.qc:
            tech.open(f"a[href$='record_qc?test={test.code}']")
            if test.expected:
                tech.tick(result=test.expected)
            else:
                tech.write(result=QC[test.code])
            tech.confirm()
        assert tech.page.locator(".cards .badge.good").count() == len(self.ward.house.door.protocol.qc)

    # --- steps 5 and 6

    def order(self, weight: str) -> tuple[str, str]:
        """Enrol a participant and order; give wristband and treatment code."""
        wristband = self.ward.house.fresh(codes.Kind.PARTICIPANT)
        doctor = self.tablet("doctor")
        doctor.scan(wristband, paper.blank(codes.Kind.PARTICIPANT, wristband))
        doctor.begin("enrol")
        doctor.write(weight_g=weight)
        doctor.hands.set_time(doctor.at("onset_at"), self.ward.house.clock.now() - timedelta(hours=3))
        doctor.tick(consent="relative")
        protocol = self.ward.house.door.protocol
        doctor.tick(**{f"answers.{item.code}": "yes" for item in protocol.inclusion})
        doctor.tick(**{f"answers.{item.code}": "no" for item in protocol.exclusion})
        doctor.sign()
        doctor.confirm()
        doctor.begin("order")
        doctor.confirm()
        return wristband, doctor.linked("T")[-1]

    # --- steps 7 to 12

    def thaw(self, bag: str) -> None:
        """Reserve, thaw and count a cryobag."""
        cryobag = self.cryobags.pop(0)
        tech = self.scan("tech", bag)
        tech.begin("reserve")
        tech.read(cryobags=self.label("tech", cryobag))
        tech.confirm()
        self.ward.advance(minutes=60)
        tech.scan(cryobag, self.label("tech", cryobag))
        tech.begin("thaw")
        tech.hands.set_time(tech.at("started_at"), self.ward.house.clock.now() - timedelta(minutes=4))
        tech.hands.press(tech.page.locator("[data-now=f-ended_at]"))
        tech.write(bath_dc="37")
        tech.confirm()
        tech.begin("count")
        tech.write(viable_cells_per_ml="10", volume_ul="11", viability_permille="91")
        tech.confirm()

    def prepare(self, bag: str, *, cells: bool) -> None:
        """Dilute, label and cover, with a second person."""
        tech = self.scan("tech", bag)
        tech.begin("dilute")
        worked_out = (tech.figure("Draw"), tech.figure("Top up with albumin")) if cells else ("0", "250")
        tech.read(vials=paper.vial(f"S{bag[:6]}"), second_badge=self.badge("tech2"))
        tech.write(drawn_ul=worked_out[0], albumin_ul=worked_out[1])
        tech.hands.press(tech.page.locator("[data-now=f-ended_at]"))
        tech.sign(second=True)
        tech.confirm()
        tech.begin("label_and_cover")
        tech.read(label_read=self.label("tech", bag), second_badge=self.badge("tech2"))
        tech.tick("cover_on")
        tech.sign(second=True)
        tech.confirm()

    def release(self, bag: str) -> None:
        """Release for dispatch once the hold is over."""
        resp = self.scan("resp", bag)
        resp.begin("release_for_dispatch")
        resp.sign()
        resp.confirm()

    # --- steps 13 and 14

    def deliver(self, bag: str) -> None:
        """Pack; hand over to the courier, and on to the nurse."""
        shipper = self.ward.house.fresh(codes.Kind.SHIPPER)
        tech = self.tablet("tech")
        tech.scan(shipper, paper.blank(codes.Kind.SHIPPER, shipper))
        tech.begin("pack")
        tech.read(bags=self.label("tech", bag))
        tech.write(seal="0042", logger="TL-7")
        tech.tick("logger_running")
        tech.confirm()
        self.hand_over(shipper, "tech", "courier")
        self.ward.advance(minutes=25)
        self.hand_over(shipper, "courier", "nurse")

    def hand_over(self, shipper: str, giver: str, receiver: str) -> None:
        """Sign both on the giver's device."""
        tablet = self.scan(giver, shipper)
        tablet.begin("hand_over")
        tablet.read(second_badge=self.badge(receiver))
        tablet.tick("seal_intact", "condition_good")
        tablet.write(temperature_dc="5")
        tablet.sign(second=True)
        tablet.confirm()

    # --- steps 15 to 17

    def check(self, bag: str, wristband: str) -> None:
        """Check bag and wristband at the bedside, by two."""
        nurse = self.scan("nurse", bag)
        nurse.begin("bedside_check")
        nurse.read(wristband=self.label("doctor", wristband), second_badge=self.badge("nurse2"))
        nurse.tick("cover_on", "central_line")
        nurse.sign(second=True)
        nurse.confirm()

    def infuse(self, bag: str) -> None:
        """Start, observe, pause and resume once, stop."""
        nurse = self.tablet("nurse")
        nurse.begin("start_infusion")
        nurse.sign()
        nurse.confirm()
        self.observe(0)
        self.ward.advance(minutes=12)
        self.brief("pause_infusion")
        self.ward.advance(minutes=3)
        self.brief("resume_infusion")
        self.ward.advance(minutes=3)
        self.observe(15)
        self.ward.advance(minutes=15)
        self.observe(30)
        nurse.begin("stop_infusion")
        nurse.write(given_ul="248")
        nurse.tick(reason="complete")
        nurse.sign()
        nurse.confirm()

    def observe(self, minute: int) -> None:
        nurse = self.tablet("nurse")
        nurse.begin("observe")
        nurse.tick(due_min=str(minute), reaction="none")
        nurse.write(**SIGNS)
        nurse.confirm()

    def brief(self, step: str) -> None:
        """Do a step that asks for nothing."""
        nurse = self.tablet("nurse")
        nurse.begin(step)
        nurse.confirm()

    def finish(self, bag: str, step: str) -> None:
        """Return or destroy what is left, before a witness."""
        nurse = self.scan("nurse", bag)
        nurse.begin(step)
        nurse.read(second_badge=self.badge("nurse2"))
        nurse.write(left_ul="2", lost_ul="0")
        if step == "destroy_bag":
            nurse.write(reason="empty")
        nurse.sign(second=True)
        nurse.confirm()

    # --- step 18

    def reconcile(self, login: str, step: str) -> Tablet:
        """Open the reconciliation, which needs no scan, and sign."""
        tablet = self.tablet(login)
        tablet.home()
        tablet.hands.press(tablet.page.locator(f"details:has(a[href='/do/{step}']) summary"))
        tablet.open(f"a.action[href='/do/{step}']")
        tablet.sign()
        return tablet

    def destroy_cryobag(self, cryobag: str) -> None:
        """Destroy what is left of the stock."""
        tech = self.scan("tech", cryobag)
        tech.begin("destroy_cryobag")
        tech.read(second_badge=self.badge("tech2"))
        tech.write(reason="left over")
        tech.sign(second=True)
        tech.confirm()

    # --- all of it

    def bag_of_cells(self) -> str:
        """Take a bag of cells from order to destruction; the next shift's nurse observes once more."""
        wristband, bag = self.order("70")
        self.thaw(bag)
        self.ward.advance(minutes=20)
        self.prepare(bag, cells=True)
        self.give(bag, wristband, "destroy_bag")
        self.ward.advance(minutes=30)
        nurse = self.tablet("nurse")
        nurse.pass_on("nurse2")
        nurse.scan(bag, self.label("nurse", bag))
        self.observe(60)
        nurse.pass_on("nurse")
        return bag

    def bag_of_albumin(self) -> str:
        """Take a bag of albumin alone from order to return."""
        wristband, bag = self.order("58")
        self.ward.advance(minutes=80)
        self.prepare(bag, cells=False)
        self.give(bag, wristband, "return_bag")
        return bag

    def give(self, bag: str, wristband: str, end: str) -> None:
        """Take a prepared bag to the bed, give it, and account for what is left."""
        self.ward.advance(minutes=45)
        self.release(bag)
        self.deliver(bag)
        self.check(bag, wristband)
        self.infuse(bag)
        self.finish(bag, end)


def walk(way: Way) -> None:
    """Take one bag of each arm the whole way, account for all, and hold every page against the ledger."""
    way.supply()
    way.bag_of_cells()
    way.bag_of_albumin()
    way.reconcile("monitor", "reconcile").confirm()
    [left] = way.cryobags
    [words] = way.reconcile("resp", "reconcile_sealed").refused()
    assert codes.group(left) in words
    way.destroy_cryobag(left)
    way.reconcile("resp", "reconcile_sealed").confirm()
    way.ward.check_ledger()
    seen = way.ward.check_pages("inspector", Plane.OPEN)
    assert way.ward.check_pages("inspector_unblinded", Plane.OPEN, Plane.SEALED) > seen > 0
