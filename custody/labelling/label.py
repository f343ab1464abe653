"""`fill`: a design and its fields, checked, laid out and read back."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from PIL import Image

from custody import codes
from custody.labelling import fonts, raster
from custody.labelling import svg as svg_form
from custody.labelling import zpl as zpl_form
from custody.labelling.design import Design, find
from custody.labelling.errors import N_, FieldError
from custody.labelling.place import Item, place
from custody.labelling.scan import check

PRINTER = 203
"""Dots per inch of most label printers, and the coarsest that a label is checked at."""
COARSEST, FINEST = 150, 1200
DEMONSTRATION = "https://custody.example"


@dataclass(frozen=True, slots=True)
class Label:
    """One filled label. Made by `fill` alone, which has read its symbols back."""

    design: Design
    fields: Mapping[str, str] = field(hash=False)
    items: tuple[Item, ...] = field(repr=False)

    @property
    def code(self) -> str:
        """Give the code of the thing that this label goes on."""
        return self.fields["code"]

    @property
    def title(self) -> str:
        """Name the label for a reader who does not see it."""
        return f"{self.design.title} {codes.group(self.code)}"

    def svg(self) -> str:
        """Draw the label for a page."""
        return svg_form.svg(self.design.width, self.design.height, self.items, self.title)

    def png(self, dpi: int = PRINTER) -> bytes:
        """Draw the label in printer's dots, and read them back."""
        return raster.png(self._dots(dpi), dpi)

    def zpl(self, dpi: int = PRINTER, copies: int = 1) -> str:
        """Write the label for a Zebra printer of so many dots per inch, and read its dots back."""
        return zpl_form.zpl(self._dots(dpi), f"{self.design.name} {codes.group(self.code)}", copies)

    def _dots(self, dpi: int) -> Image.Image:
        if not COARSEST <= dpi <= FINEST:
            message = f"expected {COARSEST} to {FINEST} dpi, not {dpi}"
            raise ValueError(message)
        image = raster.draw(self.design.width, self.design.height, self.items, dpi)
        check(image, self.items)
        return image


def roll(labels: Iterable[Label], dpi: int = PRINTER, copies: int = 1) -> str:
    """Write labels for a Zebra printer, one after the other, so many copies of each."""
    return "".join(label.zpl(dpi, copies) for label in labels)


def fill(design_name: str, fields: Mapping[str, str], base: str = DEMONSTRATION, *, beforehand: bool = False) -> Label:
    """Fill a design. Fields that it does not name are left out; `base` is the QR's host.

    A label printed `beforehand`, for a thing that is not there yet, may lack what is written on it by hand.
    """
    design = find(design_name)
    values = _values(design, fields, base, design.to_write if beforehand else ())
    label = Label(design, MappingProxyType(values), place(design, values))
    check(raster.draw(design.width, design.height, label.items, PRINTER), label.items)
    return label


def _values(design: Design, fields: Mapping[str, str], base: str, to_write: Collection[str]) -> dict[str, str]:
    missing = [name for name in design.fields if not fields.get(name, "").strip() and name not in to_write]
    if missing:
        raise FieldError(N_("The label %(label)s lacks: %(fields)s."), label=design.name, fields=", ".join(missing))
    values = {name: fields.get(name, "").strip() for name in design.fields}
    for name, value in values.items():
        if value:
            _check_value(design, name, value)
    return values | _derived(design, values, base)


def _check_value(design: Design, name: str, value: str) -> None:
    if foreign := fonts.unprintable(value):
        sentence = N_("The font of the label %(label)s cannot print “%(foreign)s”, in %(field)s: “%(text)s”.")
        raise FieldError(sentence, label=design.name, foreign=foreign, field=name, text=value)
    pattern = design.patterns.get(name)
    if pattern and not re.fullmatch(pattern, value):
        sentence = N_("%(field)s of the label %(label)s has to be of the form %(pattern)s: “%(text)s”.")
        raise FieldError(sentence, field=name, label=design.name, pattern=pattern, text=value)


def _derived(design: Design, values: Mapping[str, str], base: str) -> dict[str, str]:
    scanned = codes.read(values["code"])
    if scanned.kind != design.kind:
        sentence = N_("The label is for a %(expected)s, not for a %(found)s.")
        raise FieldError(sentence, expected=design.kind, found=scanned.kind)
    derived = {
        "code": scanned.code,
        "typed_code": codes.group(scanned.code),
        "url": codes.url(scanned.code, base),
    }
    if "din" in values:
        derived |= _din(values["din"])
    return derived


def _din(text: str) -> dict[str, str]:
    """Give a donation number for eyes: in groups, its check character apart (ST-001 2.4)."""
    lot = codes.read(text)
    if lot.kind != codes.Kind.LOT or "din" not in lot.fields:
        raise FieldError(N_("“%(text)s” is no donation number."), text=text)
    din = lot.fields["din"]
    return {
        "din": din,
        "din_typed": f"{din[:5]} {din[5:7]} {din[7:]}",
        "din_check": lot.fields["check"],
    }
