"""The unit's part of the way: lot, stock, bench and release, page by page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from . import paper
from .tablet import Tablet
from .ward import Ward

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


@dataclass
class Bench:
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
        tech.read(cryobag=self.label("tech", cryobag))
        tech.hands.set_time(tech.at("started_at"), self.ward.house.clock.now() - timedelta(minutes=4))
        tech.hands.press(tech.page.locator("[data-now=f-ended_at]"))
        tech.write(bath_dc="37")
        tech.confirm()
        tech.begin("count")
        tech.read(cryobag=self.label("tech", cryobag))
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
