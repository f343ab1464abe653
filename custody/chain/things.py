"""The state of each thing, as the events made it. Frozen: an event gives a new one.

Every thing has a `code` (what is scanned), a `status` (see `transitions`) and lives in one plane.
Fields end in their unit. Times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class Plane(StrEnum):
    """Where a fact may be known: `open` to everybody with the right, `sealed` to the unblinded."""

    OPEN = "open"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What all things have."""

    KIND: ClassVar[str]
    PLANE: ClassVar[Plane]
    code: str
    status: str
    site: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot(Thing):
    """A batch of cryopreserved cells from one donor, named by its DIN."""

    KIND: ClassVar[str] = "lot"
    PLANE: ClassVar[Plane] = Plane.SEALED
    product_code: str = ""
    donor: str = ""
    tissue: str = ""
    manufactured_on: str = ""
    expires_at: datetime
    cells_per_cryobag: int = 0
    expected_viability_permille: int = 0
    cryobags: tuple[str, ...] = ()
    qc: tuple[tuple[str, str, bool], ...] = ()
    """(test, result as entered, within specification), the last entry of each test."""
    qc_by: tuple[str, ...] = ()
    released_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cryobag(Thing):
    """One frozen bag of a lot."""

    KIND: ClassVar[str] = "cryobag"
    PLANE: ClassVar[Plane] = Plane.SEALED
    lot: str
    expires_at: datetime
    location: str = ""
    treatment_bag: str = ""
    reserved_at: datetime | None = None
    thawed_at: datetime | None = None
    counted_at: datetime | None = None
    viable_cells_per_ml: int = 0
    volume_ul: int = 0
    viability_permille: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Location(Thing):
    """A place in a tank or freezer that holds one cryobag."""

    KIND: ClassVar[str] = "location"
    PLANE: ClassVar[Plane] = Plane.SEALED
    name: str = ""
    temperature_class: str = ""
    cryobag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbuminVial(Thing):
    """A vial of albumin that was used; it exists here from its use on."""

    KIND: ClassVar[str] = "albumin_vial"
    PLANE: ClassVar[Plane] = Plane.SEALED
    gtin: str = ""
    """Article number."""
    batch: str = ""
    expiry: str = ""
    treatment_bag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum(Thing):
    """The randomisation list of one site: arms in their order, and how many places are taken."""

    KIND: ClassVar[str] = "stratum"
    PLANE: ClassVar[Plane] = Plane.SEALED
    arms: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    """The code of each place's emergency sheet, on which its arm is printed."""
    taken: int = 0
    printings: int = 0
    """How often its sheets were printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation(Thing):
    """The arm of one participant; its code is the participant's."""

    KIND: ClassVar[str] = "allocation"
    PLANE: ClassVar[Plane] = Plane.SEALED
    arm: str
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBreak(Thing):
    """That the code of one participant was broken, how often, and whether the sponsor was told."""

    KIND: ClassVar[str] = "code_break"
    PLANE: ClassVar[Plane] = Plane.SEALED
    participant: str
    breaks: tuple[tuple[str, ...], ...] = ()
    """(badge of who learnt the arm, when, why by its code, in words, code of an opened sheet that was another's)."""
    told: int = 0
    """Of how many of them the sponsor was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation(Thing):
    """The sealed half of a treatment bag; its code is the treatment bag's."""

    KIND: ClassVar[str] = "preparation"
    PLANE: ClassVar[Plane] = Plane.SEALED
    participant: str
    arm: str
    weight_g: int
    ready_at: datetime
    prescribed_cells: int
    cryobags: tuple[str, ...] = ()
    expected_cells: int = 0
    """Viable cells of its cryobags: as counted, or before that as the lot promises."""
    actual_cells: int = 0
    drawn_ul: int = 0
    albumin_ul: int = 0
    vials: tuple[str, ...] = ()
    dilution_ended_at: datetime | None = None
    preparers: tuple[str, ...] = ()
    """Who diluted, verified, covered and read back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant(Thing):
    """A person in the trial, by trial number and wristband code; no name, no birth date."""

    KIND: ClassVar[str] = "participant"
    PLANE: ClassVar[Plane] = Plane.OPEN
    number: str
    weight_g: int
    treatment_bags: tuple[str, ...] = ()
    code_sheet: str = ""
    enrolled_by: str = ""
    unsealed_arm: str = ""
    """Empty until the codes are opened at the end of the trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSheet(Thing):
    """The sealed sheet on which the arm of one participant is printed, from the order on; its arm is nowhere here."""

    KIND: ClassVar[str] = "code_sheet"
    PLANE: ClassVar[Plane] = Plane.OPEN
    participant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentBag(Thing):
    """What is ordered, prepared, carried and infused; the same in both arms."""

    KIND: ClassVar[str] = "treatment_bag"
    PLANE: ClassVar[Plane] = Plane.OPEN
    participant: str
    weight_g: int
    """The participant's at the order."""
    ready_at: datetime
    expires_at: datetime
    code_sheet: str = ""
    custodian: str = ""
    refused: tuple[str, ...] = ()
    """(badge of who did not take it over, why by its code, in words, when), until it is handed over after all."""
    shipper: str = ""
    checked_at: datetime | None = None
    started_at: datetime | None = None
    paused_at: datetime | None = None
    paused_s: int = 0
    stopped_at: datetime | None = None
    given_ul: int = 0
    observations: tuple[tuple[int, str], ...] = ()
    """(minute after the start, when it was observed as ISO 8601), of the vital signs recorded as due."""
    reaction: str = "none"
    """The worst that was observed: `none`, `mild`, `serious`."""
    reaction_at: datetime | None = None
    """When it was observed first."""
    unsealed_arm: str = ""
    """Empty until the codes are opened at the end of the trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipper(Thing):
    """A transport box with its seal and temperature logger."""

    KIND: ClassVar[str] = "shipper"
    PLANE: ClassVar[Plane] = Plane.OPEN
    seal: str = ""
    logger: str = ""
    bags: tuple[str, ...] = ()
    destination: str = ""
    custodian: str = ""
    given_by: str = ""
    """Badge of who handed it over last."""
    refused: tuple[str, ...] = ()
    """(badge of who did not take it over, why by its code, in words, when), until it is handed over after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff(Thing):
    """One handoff that both signed: what the slip of paper refers to."""

    KIND: ClassVar[str] = "handoff"
    PLANE: ClassVar[Plane] = Plane.OPEN
    item: str
    giver: str
    receiver: str
    at: datetime
    temperature_dc: int = 0
    sound: bool = True
    """Whether seal or cover, and condition, were stated to be good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation(Thing):
    """Something that went otherwise than the protocol says, in the open plane."""

    KIND: ClassVar[str] = "deviation"
    PLANE: ClassVar[Plane] = Plane.OPEN
    about: str
    """Code of the thing that it is about; the trial's own when it is about none."""
    what: str = ""
    """Empty where a step raised it by itself: then `out` says."""
    out: tuple[tuple[str, ...], ...] = ()
    """(reason, name of a fact, fact, ...) of each limit that was passed."""
    cause: str = ""
    action: str = ""
    raised_by: str = ""
    closed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedDeviation(Deviation):
    """A deviation of the bench."""

    KIND: ClassVar[str] = "sealed_deviation"
    PLANE: ClassVar[Plane] = Plane.SEALED


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing(Thing):
    """That the label of a code was printed by somebody blinded; how often and why, the log says."""

    KIND: ClassVar[str] = "printing"
    PLANE: ClassVar[Plane] = Plane.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPrinting(Printing):
    """That it was printed by somebody who sees the arm."""

    KIND: ClassVar[str] = "sealed_printing"
    PLANE: ClassVar[Plane] = Plane.SEALED


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Thing):
    """Somebody with a badge and a role; the secret they sign in with is elsewhere."""

    KIND: ClassVar[str] = "person"
    PLANE: ClassVar[Plane] = Plane.OPEN
    name: str
    role: str
    login: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial(Thing):
    """The trial as a whole, open half: counters and reconciliation."""

    KIND: ClassVar[str] = "trial"
    PLANE: ClassVar[Plane] = Plane.OPEN
    protocol: str = ""
    """Id, SHA-256 and title of the protocol under which it started."""
    protocol_hash: str = ""
    title: str = ""
    origin: str = ""
    """Name of the ledger."""
    enrolled: tuple[tuple[str, int], ...] = ()
    """(site, participants enrolled)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTrial(Thing):
    """The trial as a whole, sealed half."""

    KIND: ClassVar[str] = "sealed_trial"
    PLANE: ClassVar[Plane] = Plane.SEALED


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealing(Thing):
    """The planned unblinding, from its first opening on: how much is open."""

    KIND: ClassVar[str] = "unsealing"
    PLANE: ClassVar[Plane] = Plane.OPEN
    orders: int = 0
    lists: tuple[str, ...] = ()
    """Sites whose randomisation list is open."""


TRIAL = "trial"
"""The code of the trial itself, in the open plane."""
SEALED_TRIAL = "sealed_trial"
"""The code of its sealed half."""
UNSEALING = "unsealing"
"""The code of the planned unblinding."""


def stratum_code(site: str) -> str:
    """Return the code of a site's randomisation list."""
    return f"stratum/{site}"


def allocation_code(participant: str) -> str:
    """Return the code under which a participant's arm is sealed."""
    return f"allocation/{participant}"


def code_break_code(participant: str) -> str:
    """Return the code under which it is sealed that a participant's code was broken."""
    return f"code_break/{participant}"


def preparation_code(treatment_bag: str) -> str:
    """Return the code of the sealed half of a treatment bag."""
    return f"preparation/{treatment_bag}"


def printing_code(labelled: str) -> str:
    """Return the code under which it is kept that a label was printed."""
    return f"printing/{labelled}"


def sealed_printing_code(labelled: str) -> str:
    """Return the code under which it is sealed that a label was printed."""
    return f"sealed_printing/{labelled}"


def code_of(kind: str, scanned: str) -> str:
    """Return the code under which a thing is kept, from the code that was scanned."""
    of_kind = {
        Preparation.KIND: preparation_code,
        Stratum.KIND: stratum_code,
        CodeBreak.KIND: code_break_code,
    }
    return of_kind[kind](scanned) if kind in of_kind else scanned


KINDS: dict[str, type[Thing]] = {
    cls.KIND: cls
    for cls in (
        Lot,
        Cryobag,
        Location,
        AlbuminVial,
        Stratum,
        Allocation,
        CodeBreak,
        Preparation,
        Participant,
        CodeSheet,
        TreatmentBag,
        Shipper,
        Handoff,
        Deviation,
        SealedDeviation,
        Printing,
        SealedPrinting,
        Person,
        Trial,
        SealedTrial,
        Unsealing,
    )
}
