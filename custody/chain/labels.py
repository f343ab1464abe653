"""Labels on paper: each print of a thing's label is a record, the first and every other one.

- Whoever sees the arm prints on the sealed record, whatever the label: when the bench prints a bag's label, how often
  and why, would tell the ward what the bench does. Everybody else prints on the open one.
- Another print of the same label says why. Whether there was one is asked of the planes that the person may see: a
  ward that prints a bag's label does not learn that the bench did so before.
- Blank labels are of things that are not there yet; each comes on record when it is first scanned.
- No page tells a blinded person how often anything was printed (see `custody.web.belonging`, `custody.trace`).

A file is handed out for the record alone, after it: a preview is no print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from custody import codes
from custody.chain.apply import Fact, Lookup, when
from custody.chain.fields import choice, quantity, scans, sometimes, yes
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import BENCH, EVERYBODY, UNBLINDED, WARD, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.things import (
    KINDS,
    Plane,
    Printing,
    SealedPrinting,
    Thing,
    printing_code,
    sealed_printing_code,
)

DESIGN_OF: Final[Mapping[str, str]] = {
    "cryobag": "cryobag",
    "treatment_bag": "treatment_bag",
    "shipper": "shipper",
    "location": "location",
    "person": "badge",
    "participant": "wristband",
    "code_sheet": "chart",
    "handoff": "handoff_slip",
}
"""Kind of thing → the design of the label that goes on it."""
BLANK_BY: Final[Mapping[str, frozenset[Role]]] = {
    "wristband": WARD | {Role.ADMINISTRATOR},
    "shipper": BENCH | {Role.ADMINISTRATOR},
}
"""Designs that are printed beforehand, and by whom."""
DESIGNS: Final = (
    ("badge", N_("badge")),
    ("chart", N_("chart label")),
    ("cryobag", N_("cryobag")),
    ("handoff_slip", N_("handoff slip")),
    ("location", N_("location")),
    ("shipper", N_("shipper")),
    ("treatment_bag", N_("treatment bag")),
    ("wristband", N_("wristband")),
)
READERS: Final = frozenset({Role.INSPECTOR, Role.UNBLINDED_INSPECTOR})
"""They read, and print nothing."""
FORMS: Final = (
    ("sheet", N_("Sheet of A4 (PDF)")),
    ("roll", N_("Roll, one label a page (PDF)")),
    ("zpl_203", N_("Label printer, 203 dpi (ZPL)")),
    ("zpl_300", N_("Label printer, 300 dpi (ZPL)")),
    ("zpl_600", N_("Label printer, 600 dpi (ZPL)")),
)
MOST_AT_ONCE: Final = 40
"""Labels in one print: a few sheets."""
MOST_COPIES: Final = 10
LABELS: Final = N_("Labels")
WHEN_AGAIN: Final = N_("Only where it was printed before: lost, torn, not readable…")


@dataclass(frozen=True, slots=True, kw_only=True)
class Print(Command):
    """What both planes' prints have in common."""

    labels: tuple[str, ...] = scans("", LABELS)
    design: str = choice(N_("Design"), *DESIGNS, fixed=True)
    blank: bool = yes(N_("Blank, each with a new code"), fixed=True)
    form: str = choice(N_("On what"), *FORMS, fixed=True)
    copies: int = quantity(N_("Copies"), "", minimum=1, maximum=MOST_COPIES, fixed=True)
    reason: str = sometimes(N_("Why it is printed again"), help=WHEN_AGAIN, fixed=True)

    def kinds(self) -> list[type[Thing]]:
        """Give the kind of thing that the design goes on."""
        return [kind for name, kind in KINDS.items() if DESIGN_OF.get(name) == self.design]

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield what is no label that this person prints, and another print without its reason."""
        if not self.labels:
            yield refuse(Reason.MISSING, label=LABELS)
        if len(self.labels) > MOST_AT_ONCE:
            yield refuse(Reason.TOO_MANY, label=LABELS, maximum=MOST_AT_ONCE, found=len(self.labels))
        doubled = sorted({code for code in self.labels if self.labels.count(code) > 1})
        yield from (refuse(Reason.SCANNED_TWICE, code=code) for code in doubled)
        yield from self._blank(scene) if self.blank else self._known(scene)
        before = [code for code in self.labels if self.printed(scene, code)]
        if before and not self.reason:
            yield refuse(Reason.PRINTED_BEFORE, codes=", ".join(dict.fromkeys(before)))

    def _known(self, scene: Scene) -> Iterator[Refusal]:
        """Yield each code that is of no thing which the design goes on, as this person's plane knows it."""
        planes = {Plane.OPEN, self.SPEC.plane}
        for code in self.labels:
            if not any(scene.get(kind, code) for kind in self.kinds() if kind.PLANE in planes):
                yield refuse(Reason.UNKNOWN, code=code)

    def _blank(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a design that this person prints nothing of beforehand, and each code that is none for it."""
        if scene.actor.role not in BLANK_BY.get(self.design, ()):
            yield refuse(Reason.NOT_BLANK)
            return
        for code in self.labels:
            if any(scene.get(kind, code) for kind in self.kinds()):
                yield refuse(Reason.EXISTS, code=code)
            elif not _is_of(code, self.kinds()):
                yield refuse(Reason.UNKNOWN, code=code)

    def printed(self, scene: Scene, code: str) -> bool:
        """Return whether its label was printed before, as this person's plane knows it."""
        return scene.get(Printing, printing_code(code)) is not None


def _is_of(code: str, kinds: list[type[Thing]]) -> bool:
    """Return whether it is a code of ours for one of some kinds, in the spelling of the record."""
    try:
        scanned = codes.read(code)
    except codes.CodeError:
        return False
    return scanned.code == code and scanned.kind in {kind.KIND for kind in kinds}


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class PrintLabels(Print):
    """Somebody blinded prints labels."""

    SPEC = Spec(
        0,
        "print_labels",
        N_("Print labels"),
        EVERYBODY - UNBLINDED - READERS,
        "printing",
        "",
        Plane.OPEN,
        creates=True,
        after_lock=True,
    )

    def record(self, scene: Scene) -> Recorded:
        """Record it openly."""
        things = map(printing_code, self.labels)
        return Recorded(open=self.change(*things, type="labels_printed"))


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class PrintLabelsSealed(Print):
    """Somebody who sees the arm prints labels; sealed, whatever they go on."""

    SPEC = Spec(
        0,
        "print_labels_sealed",
        N_("Print labels, sealed"),
        UNBLINDED - READERS,
        "sealed_printing",
        "",
        Plane.SEALED,
        creates=True,
        after_lock=True,
    )

    def printed(self, scene: Scene, code: str) -> bool:
        """Return whether it was printed before, by anybody."""
        return Print.printed(self, scene, code) or scene.get(SealedPrinting, sealed_printing_code(code)) is not None

    def record(self, scene: Scene) -> Recorded:
        """Record it, sealed."""
        things = map(sealed_printing_code, self.labels)
        return Recorded(sealed=self.change(*things, type="labels_printed_sealed"))


@when("labels_printed")
def labels_printed(_: Lookup, fact: Fact) -> Iterator[Thing]:
    """Note that each has a label on paper."""
    for code in fact.payload["labels"]:
        yield Printing(code=printing_code(code), status="printed", site=fact.site)


@when("labels_printed_sealed")
def labels_printed_sealed(_: Lookup, fact: Fact) -> Iterator[Thing]:
    """Note it, sealed."""
    for code in fact.payload["labels"]:
        yield SealedPrinting(code=sealed_printing_code(code), status="printed", site=fact.site)
