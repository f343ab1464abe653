"""A label's design: sizes in mm, elements bound to fields by name, one TOML file per label.

`{name}` in a text stands for a field. Texts have French (`fr`) first and English (`en`) second, or
one `text` for both.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from custody.codes import Kind
from custody.labelling import fonts
from custody.labelling.errors import N_, DesignError, UnknownDesign

_FIELD: Final = re.compile(r"\{(\w+)\}")
DERIVED: Final[Mapping[str, str]] = {
    "url": "code",
    "typed_code": "code",
    "din_typed": "din",
    "din_check": "din",
}
"""Fields that filling computes, each from the field that must be given for it."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the label, in mm from its top left corner."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Text:
    """Words in a box, wrapped at its width; `size` is the em in mm."""

    at: Box
    text: str = ""
    fr: str = ""
    en: str = ""
    join: str = "\n"
    size: float = 2.0
    bold: bool = False
    align: str = "left"
    inverse: bool = False

    def wording(self) -> str:
        """Give the text to print, French before English."""
        return self.text or self.join.join(filter(None, (self.fr, self.en)))


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR in the middle of its box, quiet zone included in the box."""

    at: Box
    holds: str
    module: float = 0.625


@dataclass(frozen=True, slots=True)
class DataMatrix:
    """A DataMatrix in the middle of its box, quiet zone included: what is left to read when a QR is stained."""

    at: Box
    holds: str
    module: float = 0.625


@dataclass(frozen=True, slots=True)
class Code128:
    """A Code 128 as high as its box, in the middle of it, quiet zones included."""

    at: Box
    holds: str
    module: float = 0.5


@dataclass(frozen=True, slots=True)
class Rule:
    """A filled line."""

    at: Box


@dataclass(frozen=True, slots=True)
class Frame:
    """An empty box with an inked edge."""

    at: Box
    edge: float = 0.25


Element = Text | Qr | DataMatrix | Code128 | Rule | Frame
_ELEMENTS: Final[Mapping[str, type[Element]]] = {
    "box": Frame,
    "line": Rule,
    "text": Text,
    "code128": Code128,
    "datamatrix": DataMatrix,
    "qr": Qr,
}


@dataclass(frozen=True, slots=True)
class Design:
    """One label: what it is, its size, who prints it, and what stands where."""

    name: str
    title: str
    width: float
    height: float
    prints: str
    kind: Kind
    elements: tuple[Element, ...]
    example: Mapping[str, str] = field(hash=False)
    patterns: Mapping[str, str] = field(hash=False)
    to_write: tuple[str, ...] = ()
    """Fields that stay empty on a label printed beforehand: they are written by hand."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Name the fields that must be given, in alphabetical order."""
        texts = (_bound_text(element) for element in self.elements)
        names = {name for text in texts for name in _FIELD.findall(text)}
        return tuple(sorted({DERIVED.get(name, name) for name in names} | {"code"}))


def design_folder() -> Path:
    """Say where the designs are: the repository's `labels/`, beside the package."""
    return Path(__file__).resolve().parents[2] / "labels"


def designs() -> dict[str, Design]:
    """Load all designs by name; a file is read again only after it changed."""
    paths = sorted(design_folder().glob("*.toml"))
    return {path.stem: _load(path, path.stat().st_mtime_ns) for path in paths}


def find(name: str) -> Design:
    """Load one design, or say which there are."""
    known = designs()
    if name not in known:
        sentence = N_("There is no label design %(name)s; there are: %(known)s.")
        raise UnknownDesign(sentence, name=name, known=", ".join(known))
    return known[name]


def substitute(text: str, fields: Mapping[str, str]) -> str:
    """Put the fields' values in the place of their names. Values are never searched again."""
    return _FIELD.sub(lambda match: fields[match[1]], text)


def _bound_text(element: Element) -> str:
    if isinstance(element, Text):
        return element.wording()
    return element.holds if isinstance(element, Qr | DataMatrix | Code128) else ""


@lru_cache(maxsize=64)
def _load(path: Path, _changed: int) -> Design:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return _design(path.stem, table)
    except (ValueError, TypeError, KeyError) as wrong:
        sentence = N_("labels/%(file)s is no label design: %(why)s")
        raise DesignError(sentence, file=path.name, why=wrong) from wrong


def _design(name: str, table: Mapping[str, Any]) -> Design:
    elements = tuple(_element(kind, entry) for kind in _ELEMENTS for entry in table.get(kind, ()))
    width, height = float(table["width"]), float(table["height"])
    for element in elements:
        at = element.at
        if min(at.x, at.y) < 0 or at.x + at.w > width or at.y + at.h > height:
            message = f"{element} lies outside the label of {width:g} x {height:g} mm"
            raise ValueError(message)
    return Design(
        name,
        table["title"],
        width,
        height,
        table["prints"],
        Kind(table["kind"]),
        elements,
        dict(table["example"]),
        dict(table.get("patterns", {})),
        tuple(table.get("to_write", ())),
    )


def _element(kind: str, entry: Mapping[str, Any]) -> Element:
    rest = {name: value for name, value in entry.items() if name != "at"}
    known = [one.name for one in fields(_ELEMENTS[kind]) if one.name != "at"]
    unknown = ", ".join(sorted(rest.keys() - set(known)))
    if unknown:
        message = f"[[{kind}]] at {entry['at']} has no key {unknown}; it may have: {', '.join(known) or 'none'}"
        raise ValueError(message)
    element = _ELEMENTS[kind](at=Box(*map(float, entry["at"])), **rest)
    foreign = fonts.unprintable(_bound_text(element))
    if foreign:
        message = f"the font cannot print “{foreign}”, in [[{kind}]] at {entry['at']}"
        raise ValueError(message)
    return element
