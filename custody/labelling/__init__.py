"""Fills the designs of `labels/` and reads every printed symbol back before handing it out.

- `design`: one label's layout in mm, from its TOML file.
- `symbols`, `fonts`: the modules of a QR or Code 128; the real widths of the shipped font.
- `place`: a design and its fields, as a list of inked things in mm.
- `svg`, `pdf`, `raster`: renderings of that one list; `zpl` packs the raster's dots for a label printer.
- `paper`: labels page by page, on a roll or on sheets of A4: what a PDF holds, and what is shown before it is printed.
- `label`: `fill` and what it gives.  `scan`: reads pictures.

A label that does not fit, lacks a field or does not read back is refused, never cut.
"""

from custody.labelling.design import Design, design_folder, designs
from custody.labelling.errors import (
    DesignError,
    FieldError,
    LabelError,
    LabelOverflow,
    NotAnImage,
    SymbolUnreadable,
    UnknownDesign,
)
from custody.labelling.label import Label, fill, roll
from custody.labelling.paper import Page, roll_pages, sheet_pages
from custody.labelling.pdf import of_pages, pdf, sheet
from custody.labelling.scan import Read, decode, read_back

__all__ = [
    "Design",
    "DesignError",
    "FieldError",
    "Label",
    "LabelError",
    "LabelOverflow",
    "NotAnImage",
    "Page",
    "Read",
    "SymbolUnreadable",
    "UnknownDesign",
    "decode",
    "design_folder",
    "designs",
    "fill",
    "of_pages",
    "pdf",
    "read_back",
    "roll",
    "roll_pages",
    "sheet",
    "sheet_pages",
]
