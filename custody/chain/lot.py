"""Lots: registered (step 1), tested (step 3), released or rejected (step 4).

- A lot comes with its cryobags: each gets an opaque code of its own.
- Every test of the protocol's specification has to be there and within it before the release.
- QC entry and release are two people.
- A test that is repeated needs a reason, for a result out of specification is not tested away (EU GMP, part I,
  chapter 6): the last result is the one that counts, and the former stays on record beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from custody import codes
from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.entry_value import NUMERAL
from custody.chain.field_check import amount
from custody.chain.fields import day, instant, quantity, scan, text
from custody.chain.protocol import Protocol, QcTest
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, SO_IT_WAS, Command, Recorded, Spec, step, unless_signed
from custody.chain.step import parse_time as at
from custody.chain.things import Cryobag, Lot, Plane, Thing

CELLS: Final = N_("Cells in each cryobag")
PRODUCT: Final = N_("Product code")
CELLS_SCALE: Final = 1_000_000
CELLS_STEP: Final = 100_000
MOST_CELLS: Final = 9_999_900_000
"""What the cryobag's label has room for: up to 9999.9 × 10⁶ cells, 250 ml at 40 × 10⁶ each, in steps of 0.1 × 10⁶."""
LONGEST_PRODUCT_CODE: Final = 8
"""Characters of an ISBT 128 product code, collection type and division included (data structure 003)."""
WHOLE: Final = 100
"""Of a share in per cent."""


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLot(Command):
    """Step 1: a lot arrives, named by its DIN (ISBT 128 data structure 001)."""

    SPEC = Spec(
        1,
        "register_lot",
        N_("Register a lot"),
        frozenset({Role.CELL_TECHNICIAN}),
        "lot",
        "lot",
        Plane.SEALED,
        creates=True,
        beyond=SO_IT_WAS,
    )
    BEYOND = frozenset({Reason.EXPIRED})
    lot: str = scan("lot", N_("DIN on the lot's label"))
    product_code: str = text(PRODUCT)
    donor: str = text(N_("Donor (code, no name)"))
    tissue: str = text(N_("Tissue source"))
    manufactured_on: str = day(N_("Manufactured on"))
    expires_at: datetime = instant(N_("Expires"), past=False)
    cryobags: int = quantity(N_("Cryobags"), "", minimum=1, maximum=999, fixed=True)
    cells_per_cryobag: int = quantity(CELLS, "10^6", scale=CELLS_SCALE, minimum=CELLS_STEP, maximum=MOST_CELLS)
    expected_viability_permille: int = quantity(
        N_("Viability expected after thaw"), "%", scale=10, minimum=1, maximum=1000
    )

    @classmethod
    def impossible(cls, values: Mapping[str, Any], protocol: Protocol) -> Iterator[Refusal]:  # noqa: ARG003
        """Yield an expiry that is not after the manufacture, and what the cryobag's label has no room for."""
        if at(values["expires_at"]).date().isoformat() <= values["manufactured_on"]:
            yield refuse(Reason.ORDER_OF_TIMES, later="expiry", earlier="manufacture")
        cells, product = values["cells_per_cryobag"], values["product_code"]
        if cells % CELLS_STEP:
            text, least = amount(cells, CELLS_SCALE), amount(CELLS_STEP, CELLS_SCALE)
            yield refuse(Reason.TOO_EXACT, label=CELLS, text=text, least=least, unit="10^6")
        if len(product) > LONGEST_PRODUCT_CODE:
            yield refuse(Reason.TOO_LONG, label=PRODUCT, maximum=LONGEST_PRODUCT_CODE, found=len(product))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield too many cryobags, a lot of tomorrow, and one that is expired unless it is signed to be so."""
        maximum = scene.protocol.cryobags_per_lot_max
        if not 1 <= self.cryobags <= maximum:
            yield refuse(Reason.CRYOBAG_COUNT, maximum=maximum)
        if self.manufactured_on > scene.at.date().isoformat():
            yield refuse(Reason.IN_FUTURE, what="manufacture")
        if self.expires_at <= scene.at:
            expired = refuse(Reason.EXPIRED, code=self.lot, expiry=scene.local(self.expires_at))
            yield from unless_signed(scene, self.SPEC, iter((expired,)))

    def record(self, scene: Scene) -> Recorded:
        """Record the lot and its cryobags, each with a fresh code."""
        bags = tuple(scene.mint(codes.Kind.CRYOBAG) for _ in range(self.cryobags))
        return Recorded(sealed=self.change(self.lot, *bags, type="lot_registered", cryobag_codes=bags))


@when("lot_registered")
def lot_registered(_: Lookup, fact: Fact) -> Iterator[Thing]:
    """Make the lot and its cryobags."""
    p = fact.payload
    lot = Lot(
        code=p["lot"],
        status="registered",
        site=fact.site,
        product_code=p["product_code"],
        donor=p["donor"],
        tissue=p["tissue"],
        manufactured_on=p["manufactured_on"],
        expires_at=at(p["expires_at"]),
        cells_per_cryobag=p["cells_per_cryobag"],
        expected_viability_permille=p["expected_viability_permille"],
        cryobags=tuple(p["cryobag_codes"]),
    )
    yield lot
    for code in lot.cryobags:
        yield Cryobag(
            code=code,
            status="received",
            site=fact.site,
            lot=lot.code,
            expires_at=lot.expires_at,
        )


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordQc(Command):
    """Step 3: one test result of the lot; a later result of the same test counts instead, and says why there is one."""

    SPEC = Spec(
        3,
        "record_qc",
        N_("Record QC"),
        frozenset({Role.CELL_TECHNICIAN}),
        "lot",
        "lot",
        Plane.SEALED,
    )
    lot: str = scan("lot", N_("Lot"))
    test: str = text(N_("Test"), fixed=True)
    result: str = text(N_("Result"), fixed=True)
    reason: str = text(
        N_("Reason"), required=False, fixed=True, help=N_("Where the test has a result already: why there is another.")
    )

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a test that is not in the specification, a result that it cannot give, a second one without reason."""
        test = next((test for test in scene.protocol.qc if test.code == self.test), None)
        if test is None:
            yield refuse(Reason.UNKNOWN_TEST, test=self.test)
        elif not test.expected and not NUMERAL.fullmatch(self.result):
            yield refuse(Reason.NOT_A_NUMBER, label=test.name.en, text=self.result)
        elif not test.expected and not _possible(test, self.result):
            yield refuse(Reason.IMPOSSIBLE_RESULT, label=test.name.en, text=self.result, unit=test.unit)
        elif test.results and self.result not in dict(test.results):
            choices = ", ".join(code for code, _ in test.results)
            yield refuse(Reason.NOT_A_CHOICE, label=test.name.en, text=self.result, choices=choices)
        tested = {code for code, _, _ in scene.need(Lot, self.lot).qc}
        if self.test in tested and not self.reason:
            yield refuse(Reason.RETEST, test=self.test)

    def record(self, scene: Scene) -> Recorded:
        """Record the result, and whether it is within specification."""
        test = next(test for test in scene.protocol.qc if test.code == self.test)
        passed = test.passes(self.result)
        return Recorded(sealed=self.change(self.lot, type="qc_recorded", passed=passed))


def _possible(test: QcTest, result: str) -> bool:
    """Return whether a number can be what its unit says: no share is above the whole, and nothing is below nothing."""
    value = Fraction(result.replace(",", "."))
    return 0 <= value <= (WHOLE if test.unit == "%" else value)


@when("qc_recorded")
def qc_recorded(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Put the result with the others; the log alone keeps one that it replaces."""
    p = fact.payload
    lot = stood(things, Lot, p["lot"])
    others = tuple(entry for entry in lot.qc if entry[0] != p["test"])
    qc = tuple(sorted((*others, (p["test"], p["result"], p["passed"]))))
    yield replace(lot, qc=qc, qc_by=tuple(sorted({*lot.qc_by, fact.actor})))


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLot(Command):
    """Step 4: the responsible person certifies the lot."""

    SPEC = Spec(
        4,
        "release_lot",
        N_("Release the lot"),
        frozenset({Role.RESPONSIBLE_PERSON}),
        "lot",
        "lot",
        Plane.SEALED,
        signed=N_("I certify that this lot meets its specification"),
    )
    lot: str = scan("lot", N_("Lot"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield missing or failing QC, an expired lot, and a QC entry by the same person."""
        lot = scene.need(Lot, self.lot)
        entered = {test for test, _, _ in lot.qc}
        missing = [test.code for test in scene.protocol.qc if test.code not in entered]
        if missing:
            yield refuse(Reason.QC_MISSING, tests=", ".join(missing))
        out = [test for test, _, passed in lot.qc if not passed]
        if out:
            yield refuse(Reason.QC_OUT, tests=", ".join(out))
        if scene.actor.code in lot.qc_by:
            yield refuse(Reason.OWN_ENTRY)
        if lot.expires_at <= scene.at:
            yield refuse(Reason.EXPIRED, code=lot.code, expiry=scene.local(lot.expires_at))

    def record(self, scene: Scene) -> Recorded:
        """Record the release."""
        return Recorded(sealed=self.change(self.lot, type="lot_released"))


@when("lot_released")
def lot_released(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Let the lot be used."""
    lot = stood(things, Lot, fact.payload["lot"])
    yield replace(lot, status="released", released_by=fact.actor)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class RejectLot(Command):
    """Step 4: the responsible person rejects the lot."""

    SPEC = Spec(
        4,
        "reject_lot",
        N_("Reject the lot"),
        frozenset({Role.RESPONSIBLE_PERSON}),
        "lot",
        "lot",
        Plane.SEALED,
        signed=N_("I reject this lot"),
    )
    lot: str = scan("lot", N_("Lot"))
    reason: str = text(N_("Reason"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield when the same person entered the QC."""
        if scene.actor.code in scene.need(Lot, self.lot).qc_by:
            yield refuse(Reason.OWN_ENTRY)

    def record(self, scene: Scene) -> Recorded:
        """Record the rejection."""
        return Recorded(sealed=self.change(self.lot, type="lot_rejected"))


@when("lot_rejected")
def lot_rejected(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Bar the lot from use."""
    yield replace(stood(things, Lot, fact.payload["lot"]), status="rejected")
