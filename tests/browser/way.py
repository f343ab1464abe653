"""One bag of each arm, the whole way: who does what before which page. All ways to use a page walk it."""

from __future__ import annotations

from datetime import timedelta

from custody import codes
from custody.chain.things import Plane

from . import paper
from .bench import Bench
from .tablet import Tablet

SIGNS = {"heart_rate_bpm": "110", "mean_pressure_mmhg": "68", "spo2_percent": "96", "temperature_dc": "38.2"}


class Way(Bench):
    """From the freezer to the last signature."""

    # --- steps 5 and 6

    def order(self, weight: str) -> tuple[str, str]:
        """Enrol a participant and order; give wristband and treatment code."""
        doctor = self.tablet("doctor")
        wristband, roll = paper.blank(doctor.page, "wristband")
        doctor.scan(wristband, roll)
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
        doctor.sign()
        doctor.confirm()
        return wristband, doctor.linked("T")[-1]

    # --- steps 13 and 14

    def deliver(self, bag: str) -> None:
        """Pack; hand over to the courier, and on to the nurse."""
        tech = self.tablet("tech")
        shipper, roll = paper.blank(tech.page, "shipper")
        tech.scan(shipper, roll)
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
        nurse.read(
            treatment_bag=self.label("nurse", bag),
            wristband=self.label("doctor", wristband),
            second_badge=self.badge("nurse2"),
        )
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
        assert nurse.page.is_checked(f"[name=due_min][value='{minute}']"), "what is due is not chosen"
        nurse.tick(reaction="none")
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
