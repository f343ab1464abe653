"""What a printed sheet says to a scanner."""

from __future__ import annotations

from io import BytesIO

import pypdfium2

from custody import codes
from custody.labelling import decode


def codes_on(paper: bytes) -> set[str]:
    """Give the codes on the pages of a PDF, drawn in printer's dots."""
    document = pypdfium2.PdfDocument(paper)
    found = set()
    for page in document:
        out = BytesIO()
        page.render(scale=203 / 72).to_pil().save(out, "PNG")
        found |= {codes.read(read.text).code for read in decode(out.getvalue())}
    document.close()
    return found
