"""Drives one treatment bag from the freezer to the bedside, to whatever stage a test begins at."""

from datetime import timedelta
from functools import cache

from custody import codes
from custody.chain import administration, bag_handoff, bedside, bench, disposal, handoff, infusion, lot, thaw
from custody.chain.dispatch import Pack
from custody.chain.dose import to_draw
from custody.chain.enrolment import Enrol
from custody.chain.observation import Observe
from custody.chain.ordering import Order
from custody.chain.preparation import Dilute, LabelAndCover
from custody.chain.release import ReleaseForDispatch
from custody.chain.storage import Store
from custody.chain.things import Cryobag, Lot, Participant, Preparation, TreatmentBag, preparation_code
from custody.chain.units import Cells

from . import people
from .people import COURIER, INVESTIGATOR, NURSE, RESPONSIBLE, SECOND_NURSE, SECOND_TECHNICIAN, TECHNICIAN
from .trial import PROTOCOL
from .world import World

DIN = "A999921123456"
STAGES = (
    "stocked",
    "enrolled",
    "ordered",
    "diluted",
    "covered",
    "released",
    "packed",
    "in_transit",
    "received",
    "checked",
    "infusing",
    "infused",
    "returned",
    "back",
    "destroyed",
)
VOLUME = PROTOCOL.volume
SETTLED = "settled"
"""What changed since a refusal; harmless where there was none."""


def vial(serial="1", *, batch="B1", expiry="271231"):
    """Give what is on a vial of albumin, as a scanner reads it."""
    end = f"\x1d21{serial}" if serial else ""
    return f"0103205000004004{'17' + expiry if expiry else ''}10{batch}{end}"


class Journey:
    """One bag's way; its codes are attributes, its stages methods."""

    def __init__(self, arm="MSC", protocol=PROTOCOL):
        self.arm = arm
        self.world = World(protocol)
        self.din = DIN
        self.wristband = self.world.mint(codes.Kind.PARTICIPANT)
        self.shipper = self.world.mint(codes.Kind.SHIPPER)
        self.cryobags = ()
        self.bag = ""

    def to(self, stage):
        """Go as far as a stage."""
        for name in STAGES[: STAGES.index(stage) + 1]:
            getattr(self, name)()
        return self

    def copy(self):
        """Give a second journey that has come as far as this one."""
        other = object.__new__(Journey)
        other.__dict__ |= self.__dict__
        other.world = self.world.copy()
        return other

    def thing(self, kind=TreatmentBag):
        code = {
            TreatmentBag: self.bag,
            Preparation: preparation_code(self.bag),
            Participant: self.wristband,
            Lot: self.din,
        }[kind]
        return self.world.get(kind, code)

    def cryobag(self, place=0):
        return self.world.get(Cryobag, self.cryobags[place])

    # --- the stages

    def stocked(self):
        """The trial has started, with people, lists, and one released lot in the tank."""
        do = self.world.do
        do(administration.StartTrial(origin="trial"), people.SYSTEM)
        for person in people.CAST:
            adder = people.SYSTEM if person is people.ADMINISTRATOR else people.ADMINISTRATOR
            do(added(person), adder)
        for site in ("NAN", "DIJ"):
            other = "PLACEBO" if self.arm == "MSC" else "MSC"
            arms = (self.arm, "PLACEBO", "MSC", self.arm, other, other)
            do(administration.LoadRandomisation(site=site, arms=arms, blocks=("6",)), people.STATISTICIAN)
        self.cryobags = self.lot(self.din)

    def lot(self, din, cryobags=3, *, days=365):
        """Register, test, release and store a lot; give its cryobags."""
        do = self.world.do
        do(registered(self.world, din, cryobags, days), TECHNICIAN)
        for test, result in (("viability", "85,5"), ("sterility", "no_growth")):
            do(lot.RecordQc(lot=din, test=test, result=result), TECHNICIAN)
        do(lot.ReleaseLot(lot=din), RESPONSIBLE)
        bags = self.world.get(Lot, din).cryobags
        for bag in bags:
            do(Store(cryobag=bag, location=self.location()), TECHNICIAN)
        return bags

    def location(self, temperature_class="LN2"):
        code = self.world.mint(codes.Kind.LOCATION)
        place = administration.AddLocation(location=code, name=code, temperature_class=temperature_class)
        self.world.do(place, TECHNICIAN)
        return code

    def enrolled(self):
        self.world.do(enrolment(self.world, self.wristband), INVESTIGATOR)

    def ordered(self):
        self.world.do(Order(participant=self.wristband), INVESTIGATOR)
        self.bag = self.thing(Participant).treatment_bags[-1]

    def reserved(self):
        self.world.do(bench.Reserve(treatment_bag=self.bag, cryobags=self.cryobags[:1]), TECHNICIAN)

    def thawed(self, place=0):
        self.world.wait(20)
        self.world.do(thawing(self.world, self.cryobags[place], self.bag), TECHNICIAN)

    def counted(self, place=0, **more):
        self.world.do(counting(self.cryobags[place], **more), TECHNICIAN)

    def diluted(self):
        """The bench's steps: an arm of albumin alone has only the last."""
        if self.thing(Preparation).prescribed_cells:
            self.reserved()
            self.thawed()
            self.counted()
        self.world.now = self.thing().ready_at - timedelta(minutes=20)
        self.world.do(self.dilution(), TECHNICIAN, SECOND_TECHNICIAN)

    def dilution(self, **more):
        """Give the dilution that is right for this bag."""
        preparation = self.thing(Preparation)
        bags = tuple(self.world.get(Cryobag, code) for code in preparation.cryobags)
        drawn = to_draw(Cells(preparation.prescribed_cells), bags).total
        fields = {
            "treatment_bag": self.bag,
            "vials": (vial("1"), vial("2")),
            "drawn_ul": drawn,
            "albumin_ul": VOLUME - drawn,
            "ended_at": self.world.now,
        }
        return Dilute(**fields | more)

    def covered(self):
        self.world.do(
            LabelAndCover(treatment_bag=self.bag, label_read=self.bag, cover_on=True), TECHNICIAN, SECOND_TECHNICIAN
        )

    def released(self):
        self.world.now = self.thing().ready_at
        self.world.do(ReleaseForDispatch(treatment_bag=self.bag), RESPONSIBLE)

    def packed(self):
        self.world.do(self.packing(), TECHNICIAN)

    def packing(self, **more):
        fields = {"shipper": self.shipper, "bags": (self.bag,), "seal": "S1", "logger": "L1", "logger_running": True}
        return Pack(**fields | more)

    def in_transit(self):
        self.world.do(self.handing(), TECHNICIAN, COURIER)

    def handing(self, **more):
        fields = {"shipper": self.shipper, "seal_intact": True, "condition_good": True, "temperature_dc": 50}
        fields |= {"changed": SETTLED}
        return handoff.HandOverShipper(**fields | more)

    def handing_bag(self, **more):
        fields = {"treatment_bag": self.bag, "cover_on": True, "condition_good": True, "temperature_dc": 50}
        fields |= {"changed": SETTLED}
        return bag_handoff.HandOverBag(**fields | more)

    def received(self):
        self.world.wait(30)
        self.world.do(self.handing(), COURIER, NURSE)

    def checked(self):
        self.world.wait(5)
        self.world.do(self.checking(), NURSE, SECOND_NURSE)

    def checking(self, **more):
        fields = {"treatment_bag": self.bag, "wristband": self.wristband, "cover_on": True, "central_line": True}
        return bedside.BedsideCheck(**fields | more)

    def infusing(self):
        self.world.wait(5)
        self.world.do(infusion.StartInfusion(treatment_bag=self.bag), NURSE)

    def infused(self):
        self.world.wait(30)
        self.world.do(self.stopping(), NURSE)

    def stopping(self, given_ul=VOLUME, reason="complete", words=""):
        return infusion.StopInfusion(treatment_bag=self.bag, given_ul=given_ul, reason=reason, words=words)

    def observing(self, due_min=30, **more):
        fields = {
            "treatment_bag": self.bag,
            "due_min": due_min,
            "heart_rate_bpm": 90,
            "mean_pressure_mmhg": 65,
            "spo2_percent": 96,
            "temperature_dc": 380,
            "reaction": "none",
        }
        return Observe(**fields | more)

    def returned(self):
        self.world.do(disposal.ReturnBag(treatment_bag=self.bag, left_ul=0, lost_ul=0), NURSE, SECOND_NURSE)

    def back(self):
        """The courier takes the bag to the cell therapy unit again."""
        self.world.do(self.handing_bag(), NURSE, COURIER)
        self.world.wait(30)
        self.world.do(self.handing_bag(), COURIER, TECHNICIAN)

    def destroyed(self):
        self.world.do(self.destroying(), TECHNICIAN, SECOND_TECHNICIAN)

    def destroying(self, left_ul=0, lost_ul=0):
        return disposal.DestroyBag(treatment_bag=self.bag, left_ul=left_ul, lost_ul=lost_ul, reason="used")


@cache
def _once(stage, arm):
    return Journey(arm).to(stage)


def at(stage, arm="MSC"):
    """Give a journey at a stage, of one's own."""
    return _once(stage, arm).copy()


def added(person):
    return administration.AddPerson(
        person=person.code, name=person.name, role=person.role, site=person.site, login=person.login
    )


def registered(world, din, cryobags=3, days=365, **more):
    fields = {
        "lot": din,
        "product_code": "S1234",
        "donor": "D7",
        "tissue": "umbilical cord",
        "manufactured_on": "2026-01-05",
        "expires_at": world.now + timedelta(days=days),
        "cryobags": cryobags,
        "cells_per_cryobag": 100_000_000,
        "expected_viability_permille": 850,
    }
    return lot.RegisterLot(**fields | more)


def enrolment(world, wristband, **more):
    fields = {
        "participant": wristband,
        "weight_g": 70_000,
        "onset_at": world.now - timedelta(minutes=30),
        "consent": "relative",
        "answers": (("adult", "yes"), ("shock", "yes"), ("pregnancy", "no"), ("dying", "no")),
    }
    return Enrol(**fields | more)


def thawing(world, cryobag, bag, **more):
    fields = {
        "cryobag": cryobag,
        "treatment_bag": bag,
        "started_at": world.now - timedelta(minutes=6),
        "ended_at": world.now - timedelta(minutes=2),
        "bath_dc": 370,
    }
    return thaw.Thaw(**fields | more)


def counting(cryobag, **more):
    fields = {
        "cryobag": cryobag,
        "viable_cells_per_ml": 5_000_000,
        "volume_ul": 17_000,
        "viability_permille": 850,
    }
    return thaw.Count(**fields | more)
